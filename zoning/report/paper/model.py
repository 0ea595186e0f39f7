"""What a paper is made of: headings, sentences, tables, maps. Plain data, the same in every format.

A map holds its shapes in whole centimetres east and north of the lower left corner of its window,
so that nothing is rounded twice and the same land gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from zoning.messages import Language
from zoning.report.drawing import Style

Tone = Literal["", "pass", "fail", "undecided", "info", "note"]
Ring = tuple[tuple[int, int], ...]
"""East and north in cm; the last point is not repeated."""
Outline = tuple[Ring, ...]
"""The rings of one feature, filled by the even-odd rule."""


@dataclass(frozen=True)
class Heading:
    """A heading; level 1 begins a chapter."""

    text: str
    level: int = 1


@dataclass(frozen=True)
class Paragraph:
    """A sentence or several."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True)
class Facts:
    """Names and values below each other."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class GridCell:
    """A cell: its text, a smaller text below it, its tone."""

    text: str
    small: str = ""
    tone: Tone = ""


@dataclass(frozen=True)
class Grid:
    """A table: headings, rows, which columns are numbers, how wide each is by share.

    `totals` are the numbers of rows set apart.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[GridCell, ...], ...]
    numeric: frozenset[int] = frozenset()
    widths: tuple[int, ...] = ()
    totals: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ShownLayer:
    """One layer of a map: its name in the legend, its style, its features with their names.

    A layer that lies beyond the frame alone is not listed in the legend.
    """

    name: str
    style: Style
    shapes: tuple[Outline, ...]
    names: tuple[str, ...] = ()
    is_site: bool = False
    is_listed: bool = True


@dataclass(frozen=True)
class SiteMap:
    """A map window: its corner (east with zone number, north) and size in metres, its layers.

    `key` tells maps of one paper apart; `system` names the coordinate system; on paper it is at
    most `most_mm` high.
    """

    key: str
    caption: str
    corner: tuple[int, int]
    width_m: int
    height_m: int
    system: str
    layers: tuple[ShownLayer, ...] = field(default=())
    most_mm: int = 104

    @property
    def listed(self) -> tuple[ShownLayer, ...]:
        """The layers of the legend."""
        return tuple(layer for layer in self.layers if layer.is_listed)


@dataclass(frozen=True)
class Code:
    """A command line, set as it is typed."""

    text: str


@dataclass(frozen=True)
class Signatures:
    """Lines to sign on."""

    roles: tuple[str, ...]


@dataclass(frozen=True)
class NewPage:
    """What follows begins a page."""


Block = Heading | Paragraph | Facts | Grid | SiteMap | Code | Signatures | NewPage


@dataclass(frozen=True)
class Paper:
    """A paper: title, the line below it, a stamp such as 合成数据, its blocks, its foot.

    `day` is the ISO day written into the file; it is given, never taken from a clock.
    """

    title: str
    subtitle: str
    language: Language
    day: str
    blocks: tuple[Block, ...]
    stamp: str = ""
    foot: str = ""


def grid(
    heads: Sequence[str], rows: Sequence[Sequence[GridCell | str]], *,
    numeric: Sequence[int] = (), widths: Sequence[int] = (), totals: Sequence[int] = (),
) -> Grid:
    """A grid of cells or texts."""
    cells = tuple(tuple(cell if isinstance(cell, GridCell) else GridCell(cell) for cell in row)
                  for row in rows)
    return Grid(tuple(heads), cells, frozenset(numeric), tuple(widths), frozenset(totals))


__all__ = ["Block", "Code", "Facts", "Grid", "GridCell", "Heading", "NewPage", "Outline", "Paper",
           "Paragraph", "Ring", "ShownLayer", "Signatures", "SiteMap", "Tone", "grid"]
