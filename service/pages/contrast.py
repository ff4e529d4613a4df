"""Whether colours can be told apart, by WCAG 2.2's formula for the contrast of two colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_STEPS = 256


@dataclass(frozen=True)
class Colour:
    """A colour of sRGB, as `#rrggbb`."""

    hex: str

    @property
    def channels(self) -> tuple[int, int, int]:
        """Red, green and blue, 0 to 255."""
        red, green, blue = (int(self.hex[at : at + 2], 16) for at in (1, 3, 5))
        return red, green, blue

    @property
    def luminance(self) -> float:
        """Relative luminance, 0 for black to 1 for white (WCAG 2.2, "relative luminance")."""
        red, green, blue = (_linear(channel / 255) for channel in self.channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    def mixed(self, other: Colour, share: float) -> Colour:
        """This colour with a share of another in it, 0 to 1."""
        pairs = zip(self.channels, other.channels, strict=True)
        return Colour("#" + "".join(f"{round(mine + (its - mine) * share):02x}" for mine, its in pairs))


def contrast(one: Colour, other: Colour) -> float:
    """1 for equal colours to 21 for black and white (WCAG 2.2, "contrast ratio")."""
    dark, light = sorted((one.luminance, other.luminance))
    return (light + 0.05) / (dark + 0.05)


def nearest(colour: Colour, grounds: Sequence[Colour], least: float) -> Colour:
    """The colour with the least black (on light grounds) or white in it that has so much contrast with all of them."""
    is_light = grounds[0].luminance > 0.18
    towards = Colour("#000000" if is_light else "#ffffff")
    for step in range(_STEPS + 1):
        tried = colour.mixed(towards, step / _STEPS)
        if all(contrast(tried, ground) >= least for ground in grounds):
            return tried
    return towards


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
