"""Contrast of everything that carries meaning, in light and dark."""

import itertools
import re
from importlib.resources import files

import pytest

from fieldops.report.palette import route_colors


def luminance(color: str) -> float:
    """Return the WCAG relative luminance of ``#rrggbb``."""
    channels = [int(color[pos : pos + 2], 16) / 255 for pos in (1, 3, 5)]
    red, green, blue = (value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the WCAG contrast ratio."""
    darker, lighter = sorted((luminance(first), luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def tokens() -> dict[str, tuple[str, str]]:
    """Return the page's color names with their light and dark values."""
    css = (files("fieldops.report") / "report.css").read_text(encoding="utf-8")
    found = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", css)
    return {name: (light, dark) for name, light, dark in found}


def test_contrast_is_measured_as_wcag_does() -> None:
    """The ruler first: black on white is 21 : 1, and #767676 on white the well-known border of AA."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(
    ("text", "background"),
    [
        *itertools.product(("text", "muted", "accent", "late", "over", "ok"), ("surface", "bg")),
        ("text", "surface-2"),
        ("muted", "surface-2"),
        ("text", "map"),
        ("visit-text", "visit-bg"),
        ("late", "visit-bg"),
        ("late", "late-bg"),
        ("text", "late-bg"),
    ],
)
def test_text_has_enough_contrast_in_both_themes(text: str, background: str) -> None:
    """WCAG AA asks 4.5 : 1 of text."""
    colors = tokens()

    for theme in (0, 1):
        assert contrast(colors[text][theme], colors[background][theme]) >= 4.5


@pytest.mark.parametrize(
    ("shape", "background"),
    [
        ("drive", "surface"),
        ("promised", "surface"),
        ("preferred", "surface"),
        ("late", "surface"),
        ("visit-edge", "surface"),
    ],
)
def test_shapes_that_carry_meaning_have_enough_contrast(shape: str, background: str) -> None:
    """WCAG AA asks 3 : 1 of graphics."""
    colors = tokens()

    for theme in (0, 1):
        assert contrast(colors[shape][theme], colors[background][theme]) >= 3


def test_every_route_color_stands_out_from_the_map_and_carries_its_number() -> None:
    """The stop's number is written in the route's color, and the line lies on the map's ground."""
    colors = tokens()

    for color in route_colors(60):
        assert contrast(color.light, colors["map"][0]) >= 4.5
        assert contrast(color.light, colors["on-color"][0]) >= 4.5
        assert contrast(color.dark, colors["map"][1]) >= 4.5
        assert contrast(color.dark, colors["on-color"][1]) >= 4.5


def test_thirty_technicians_have_thirty_colors() -> None:
    """Two technicians in one color could not be told apart on the map."""
    colors = route_colors(30)

    assert len({color.light for color in colors}) == 30
    assert len({color.dark for color in colors}) == 30
