"""Plots as inline SVG, which need no script; the same figures stand in a table beside each."""

from collections.abc import Mapping, Sequence
from math import log10

from markupsafe import Markup

WIDTH = 720
LEFT = 250
RIGHT = 60
BAR = 13
GAP = 14
ROW = 18
HEIGHT = 300
# Told apart by lightness and dash as well as by hue.
COLOURS = {
    "flask_api": "light-dark(#0b6b66, #63c7bd)",
    "drf_api": "light-dark(#86305f, #e39ac4)",
    "flask_api_tuned": "light-dark(#2f9d95, #a5e5de)",
    "drf_api_tuned": "light-dark(#b8588f, #f3c8de)",
    "fastapi": "light-dark(#8d6a1c, #d8b765)",
    "fastapi_asyncpg": "light-dark(#8d6a1c, #d8b765)",
    "falcon_core": "light-dark(#4a5a8c, #9fb0e4)",
    "ninja": "light-dark(#4a5a8c, #9fb0e4)",
    "floor": "light-dark(#565c64, #a9adb3)",
}
DASHES = {
    "flask_api": "",
    "drf_api": "7 3",
    "flask_api_tuned": "14 2",
    "drf_api_tuned": "7 3 1 3",
    "fastapi": "2 3",
    "fastapi_asyncpg": "2 3",
    "falcon_core": "9 3 2 3",
    "ninja": "9 3 2 3",
    "floor": "1 4",
}

Bars = Mapping[str, Mapping[str, float]]
Points = Sequence[tuple[float, float]]


def colour(name: str) -> str:
    """Return the colour of a program."""
    return COLOURS.get(name, COLOURS["floor"])


def svg(height: int, label: str, parts: Sequence[str]) -> Markup:
    """Wrap shapes into a picture with a name."""
    head = Markup('<svg class="plot" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
        WIDTH, height, label
    )
    return head + Markup("\n").join(parts) + Markup("</svg>")


def text(x: float, y: float, words: object, anchor: str = "start", kind: str = "") -> Markup:
    """Write words at a place."""
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}" class="{}">{}</text>').format(
        x, y, anchor, kind, words
    )


def bars(groups: Bars, titles: Mapping[str, str], label: str) -> Markup:
    """Draw a bar for each program in each group, longer for more."""
    top = max((value for group in groups.values() for value in group.values()), default=1)
    scale = (WIDTH - LEFT - RIGHT) / top
    names = list(dict.fromkeys(name for group in groups.values() for name in group))
    parts, y = legend(names, titles)
    for group, values in groups.items():
        parts.append(text(LEFT - 8, y + BAR * len(values) / 2 + 4, group, "end"))
        for name, value in values.items():
            parts.append(
                Markup(
                    '<rect x="{}" y="{:.1f}" width="{:.1f}" height="{}" style="fill:{}"/>'
                ).format(LEFT, y, value * scale, BAR - 2, colour(name))
            )
            parts.append(text(LEFT + value * scale + 5, y + BAR - 3, f"{value:.2f}", kind="soft"))
            y += BAR
        y += GAP
    return svg(round(y), label, parts)


def legend(names: Sequence[str], titles: Mapping[str, str]) -> tuple[list[str], float]:
    """Name the colours in as many rows at the top as they need; return where the rows end."""
    parts: list[str] = []
    x, y = 0.0, 2.0
    for name in names:
        title = titles.get(name, name)
        width = 30 + 6.6 * len(title)
        if x + width > WIDTH:
            x, y = 0.0, y + ROW
        parts.append(
            Markup('<rect x="{:.1f}" y="{}" width="11" height="11" style="fill:{}"/>').format(
                x, y, colour(name)
            )
        )
        parts.append(text(x + 15, y + 10, title))
        x += width
    return parts, y + ROW + 4


def curves(series: Mapping[str, Points], titles: Mapping[str, str], label: str) -> Markup:
    """Draw a line for each program over a logarithmic x axis."""
    points = [point for line in series.values() for point in line]
    if not points:
        return Markup("")
    parts, legend_end = legend(list(series), titles)
    left, right, top, bottom = 60.0, WIDTH - 20.0, legend_end + 16, HEIGHT - 30.0
    low, high = (log10(pick(x for x, _ in points)) for pick in (min, max))
    highest = max(y for _, y in points) or 1

    def place(x: float, y: float) -> tuple[float, float]:
        share = (log10(x) - low) / ((high - low) or 1)
        return left + share * (right - left), bottom - y / highest * (bottom - top)

    for tick in (0, highest / 2, highest):
        _, y = place(points[0][0], tick)
        parts.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{y:.1f}" y2="{y:.1f}"/>').format(
                left, right, y=y
            )
        )
        parts.append(text(left - 6, y + 4, f"{tick:.2g}", "end", "soft"))
    parts += [
        text(place(x, 0)[0], bottom + 18, f"{x:,.0f}", "middle", "soft")
        for x in sorted({x for x, _ in points})
    ]
    for name, line in series.items():
        path = " ".join("{:.1f},{:.1f}".format(*place(x, y)) for x, y in line)
        parts.append(
            Markup(
                '<polyline points="{}" fill="none" stroke-width="2" stroke-dasharray="{}" '
                'style="stroke:{}"/>'
            ).format(path, DASHES.get(name, ""), colour(name))
        )
    return svg(HEIGHT, label, parts)
