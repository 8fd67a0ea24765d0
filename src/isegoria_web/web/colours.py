"""The institution's accent, made readable: 7:1 on paper and on dark, whatever it chose."""

from __future__ import annotations

PAPER = (251, 250, 246)
DARK = (31, 31, 28)
CONTRAST = 7.0
Colour = tuple[int, int, int]


def readable(colour: str) -> tuple[str, str]:
    """Return the accent for light and for dark ground, moved towards black or white until it is readable."""
    chosen = (int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16))
    return _towards(chosen, (0, 0, 0), PAPER), _towards(chosen, (255, 255, 255), DARK)


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours after WCAG 2, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _towards(colour: Colour, end: Colour, ground: Colour) -> str:
    for step in range(101):
        mixed = tuple(round(a + (b - a) * step / 100) for a, b in zip(colour, end, strict=True))
        if contrast((mixed[0], mixed[1], mixed[2]), ground) >= CONTRAST:
            break
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _luminance(colour: Colour) -> float:
    def linear(part: int) -> float:
        value = part / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4  # noqa: PLR2004  # sRGB

    red, green, blue = (linear(part) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
