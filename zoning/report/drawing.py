"""How layers are drawn: the palette of land classes, the line styles, and names for the legend.

One place for both pictures: the browser gets these styles as numbers and colours, the server uses
them for picture tiles, and the legend is drawn from them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from zoning.codes.reader import LandClasses

Hatch = Literal["", "/", "\\", "x"]

UNKNOWN_COLOUR = "#c9c5bd"
"""Land whose class code is missing or not in the system."""

COLOUR = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Style:
    """How a layer of areas is drawn: its outline, and its filling as a tint or hatching."""

    colour: str
    weight: float = 1.5
    dash: str = ""
    fill: str = ""
    fill_opacity: float = 0.0
    hatch: Hatch = ""

    def as_json(self) -> dict[str, object]:
        """For the browser: plain strings and numbers."""
        return asdict(self)


STYLES: Mapping[str, Style] = {
    "pbf": Style("#2f8f3a", 1.4, hatch="/"),
    "eco_redline": Style("#d0202a", 2.0, dash="7 4", hatch="\\"),
    "ugb": Style("#c2188f", 3.0),
    "idle_land": Style("#c85a00", 1.4, fill="#ff9a1f", fill_opacity=0.72),
    "demolition": Style("#7a4a21", 1.4, dash="4 3", fill="#b98a5a", fill_opacity=0.35),
    "new_site": Style("#6a3fb5", 1.6, fill="#a98be0", fill_opacity=0.3),
    "offset": Style("#0b7a75", 1.4, fill="#63c9b8", fill_opacity=0.35),
}

OTHER_STYLES = (
    Style("#1769aa", 1.8, hatch="/"), Style("#8a5a00", 1.8, dash="6 3", hatch="\\"),
    Style("#5b3fa0", 2.2), Style("#00695c", 1.6, dash="2 4"),
)
"""For control lines that a workspace names itself, in the order of their roles."""


def line_style(role: str, roles: tuple[str, ...]) -> Style:
    """The style of a role; roles of a workspace's own take the spare styles in turn."""
    if role in STYLES:
        return STYLES[role]
    others = sorted(name for name in roles if name not in STYLES)
    return OTHER_STYLES[others.index(role) % len(OTHER_STYLES)]


def class_numbers(classes: LandClasses) -> dict[str, int]:
    """Class code → the number that tiles carry for it; 0 stands for unknown."""
    return {code: number for number, code in enumerate(classes.classes, start=1)}


def palette(classes: LandClasses) -> tuple[str, ...]:
    """The colour of each class number. A colour that is no ``#rrggbb`` is drawn as unknown."""
    return (UNKNOWN_COLOUR, *(_colour(each.colour) for each in classes.classes.values()))


def _colour(text: str) -> str:
    return text.lower() if COLOUR.fullmatch(text.lower()) else UNKNOWN_COLOUR


__all__ = ["COLOUR", "OTHER_STYLES", "STYLES", "UNKNOWN_COLOUR", "Hatch", "Style",
           "class_numbers", "line_style", "palette"]
