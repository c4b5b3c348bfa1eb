"""The small programs find out what claims say, and fail where they can't."""

import pytest

from comparison import counts, small


@pytest.mark.parametrize("framework", ["flask", "django"])
def test_a_program_that_says_hello_is_measured(framework: str) -> None:
    found = small.hello(framework)
    assert found["cpu_ms"] > 10
    assert found["mib"] > 5
    assert found["modules"] > 50
    assert 3 < small.lines(f"hello_{framework}") < 20


def test_security_is_tried_on_both() -> None:
    flask, django = (small.tried(f"security_{each}") for each in ("flask", "django"))
    assert (flask["unknown_host"], django["unknown_host"]) == (200, 400)
    assert (flask["post_without_token"], django["post_without_token"]) == (200, 403)
    assert "X-Frame-Options" in django["headers"]
    assert "X-Frame-Options" not in flask["headers"]
    assert flask["escaped"] == django["escaped"] == "&lt;b&gt;"


def test_two_databases_hold_a_table_each() -> None:
    for framework in ("flask", "django"):
        assert [len(tables) for tables in small.tried(f"databases_{framework}")] == [1, 1]


def test_templates_are_timed_and_flask_wants_jinja() -> None:
    assert all(milliseconds > 0 for milliseconds in small.tried("templates").values())
    assert "jinja2" in small.tried("without_jinja")


def test_a_program_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match="No module named"):
        small.run("starting", "comparison.small.nobody")


def test_what_names_a_library_is_counted() -> None:
    files, lines = counts.using("flask_api", "marshmallow")
    assert 3 < files < counts.files("flask_api")
    assert files < lines < counts.lines("flask_api")
    assert counts.using("flask_api", "django") == (0, 0)
    part, whole = (
        counts.using("drf_api", name) for name in ("rest_framework.serializers", "rest_framework")
    )
    assert part < whole
    assert 1 < counts.installed_mib("flask") < 1000
