"""
Colors that tell routes apart, each with a light-theme and a dark-theme value.

Hues are spread by the golden angle in OKLCH, where equal lightness means equal contrast: so any number of technicians
gets colors that stand out from the map in both themes.

References
----------
.. [1] Ottosson (2020), A perceptual color space for image processing: the OKLab matrices.
"""

import math
from dataclasses import dataclass
from typing import Final

#: Degrees between the hues of neighbors in the list: 360 x (1 - 1/golden ratio).
_GOLDEN_ANGLE: Final = 137.508
_FIRST_HUE: Final = 255.0
#: Lightness steps that keep 4.5 : 1 against the map and against the number inside a stop; hues repeat more slowly
#: than the steps, so that near hues differ in lightness.
_LIGHT_STEPS: Final = (0.48, 0.40, 0.525)
_DARK_STEPS: Final = (0.74, 0.84, 0.70)
_CHROMA: Final = 0.16
_CHROMA_STEP: Final = 0.005


@dataclass(frozen=True, slots=True)
class RouteColor:
    """One technician's color as ``#rrggbb``, for light and for dark backgrounds."""

    light: str
    dark: str


def route_colors(count: int) -> tuple[RouteColor, ...]:
    """Return `count` colors, neighbors in the list far apart in hue."""
    return tuple(
        RouteColor(
            _hex(_LIGHT_STEPS[pos % len(_LIGHT_STEPS)], _hue(pos)),
            _hex(_DARK_STEPS[pos % len(_DARK_STEPS)], _hue(pos)),
        )
        for pos in range(count)
    )


def _hue(pos: int) -> float:
    """Return the hue at a position of the list, degrees."""
    return (_FIRST_HUE + pos * _GOLDEN_ANGLE) % 360


def _hex(lightness: float, hue: float) -> str:
    """Return the color at this lightness and hue, as colorful as the screen's gamut allows."""
    chroma = _CHROMA
    while True:
        channels = _linear_rgb(lightness, chroma, hue)
        if chroma <= 0 or all(0 <= value <= 1 for value in channels):
            break
        chroma -= _CHROMA_STEP
    encoded = (
        12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
        for value in (min(max(value, 0.0), 1.0) for value in channels)
    )
    return "#" + "".join(f"{round(value * 255):02x}" for value in encoded)


def _linear_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """Convert OKLCH to linear sRGB; outside 0 to 1 where the screen cannot show it."""
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
