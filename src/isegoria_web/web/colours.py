"""The institution's accent, made readable: 7:1 on paper and on dark, whatever it chose."""

from __future__ import annotations

import colorsys

PAPER = (241, 238, 229)
"""The darkest ground of the light design, on which an accent still must be read."""
DARK = (42, 41, 38)
"""The lightest ground of the dark design."""
CONTRAST = 7.0
SOFTEST_HUE = 0.85
"""The most saturation that a colour keeps on dark ground, where strong colours glare."""
STEPS = 200
Colour = tuple[int, int, int]


def readable(colour: str) -> tuple[str, str]:
    """Return the accent for light and for dark ground: the same hue, darker or lighter until it is readable."""
    chosen = (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))
    return _until_readable(chosen, 0.0, PAPER), _until_readable(chosen, 1.0, DARK)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours after WCAG 2, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _until_readable(colour: Colour, end: float, ground: Colour) -> str:
    """Move a colour's lightness towards an end (0 black, 1 white) in small steps, keeping its hue."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    saturation = min(saturation, SOFTEST_HUE) if end else saturation
    moved = colour
    for step in range(STEPS + 1):
        now = lightness + (end - lightness) * step / STEPS
        red, green, blue = colorsys.hls_to_rgb(hue, now, saturation)
        moved = (round(red * 255), round(green * 255), round(blue * 255))
        if contrast(moved, ground) >= CONTRAST:
            break
    return "#" + "".join(f"{part:02x}" for part in moved)


def _luminance(colour: Colour) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # sRGB

    red, green, blue = (linear(part) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
