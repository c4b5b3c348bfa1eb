"""Plots are well-formed, named, and as long as the figures say."""

from xml.etree import ElementTree as ET

from comparison import plots

SVG = {"svg": "http://www.w3.org/2000/svg"}


def parse(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314 - made here


def test_a_bar_is_as_long_as_its_figure() -> None:
    picture = parse(plots.bars({"one & all": {"flask_api": 0.5, "drf_api": 0.25}}, {}, "of <all>"))
    assert picture.get("aria-label") == "of <all>"
    widths = [float(each.get("width", 0)) for each in picture.iter("rect")][2:]  # after the legend
    assert widths[0] == 2 * widths[1] > 0
    assert "one & all" in [each.text for each in picture.iter("text")]


def test_a_long_legend_has_several_rows() -> None:
    titles = {f"program {number}": "a title of twenty-six chars" for number in range(7)}
    picture = parse(plots.bars({"a group": dict.fromkeys(titles, 0.5)}, titles, "label"))
    words = [each for each in picture.iter("text") if each.text in titles.values()]
    assert len(words) == len(titles)
    assert all(float(each.get("x", 0)) + 27 * 6.6 <= plots.WIDTH for each in words)
    bars = [each for each in picture.iter("rect") if each.get("x") == str(plots.LEFT)]
    assert max(float(each.get("y", 0)) for each in words) < float(bars[0].get("y", 0))


def test_a_line_goes_through_all_points() -> None:
    series = {"flask_api": [(1, 0.0), (100, 2.0), (10_000, 4.0)]}
    picture = parse(plots.curves(series, {"flask_api": "Flask"}, "growth"))
    [line] = picture.iter("polyline")
    points = [tuple(map(float, each.split(","))) for each in line.get("points", "").split()]
    assert len(points) == 3
    assert points[1][0] - points[0][0] == points[2][0] - points[1][0]  # logarithmic
    assert points[0][1] > points[1][1] > points[2][1]  # upwards
    assert plots.curves({}, {}, "nothing") == ""
