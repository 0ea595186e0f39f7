"""Tables of the report room as grids of a paper."""

from __future__ import annotations

from collections.abc import Sequence

from zoning.messages import Language, text
from zoning.report.layout import (
    Field,
    cells_wide,
    fields,
    heading_text,
    line_texts,
    lines,
)
from zoning.report.paper.model import Grid, GridCell, Tone
from zoning.report.tables.record import Cell, Table
from zoning.scenario.outcome import Status

WIDEST, NARROWEST = 44, 7
"""Shares of a column's width: in cells of type."""


def table_grid(
    table: Table, language: Language, *, hide: Sequence[str] = (), converted: bool = True
) -> Grid:
    """A table as a grid, its totals set apart; columns left out by key.

    Without `converted`, areas stand in m² alone. A table without rows says so in one cell.
    """
    all_fields = fields(table)
    kept = [i for i, each in enumerate(all_fields) if each.column.key not in hide
            and (converted or not each.is_converted)]
    shown = lines(table)
    texts = line_texts(table, shown, language)
    rows = [tuple(GridCell(told[i], tone=_tone(line.cells[all_fields[i].source])) for i in kept)
            for line, told in zip(shown, texts, strict=True)]
    heads = tuple(heading_text(all_fields[i], language) for i in kept)
    if not rows:
        empty = (GridCell(text("report.no_rows", language)), *(GridCell("") for _ in heads[1:]))
        rows = [empty]
    return Grid(heads, tuple(rows), frozenset(_numeric([all_fields[i] for i in kept])),
                _widths(heads, rows),
                frozenset(i for i, line in enumerate(shown) if line.is_total))


def _numeric(kept: Sequence[Field]) -> list[int]:
    return [i for i, each in enumerate(kept) if each.unit is not None]


def _widths(heads: Sequence[str], rows: Sequence[Sequence[GridCell]]) -> tuple[int, ...]:
    return tuple(
        max(NARROWEST, min(WIDEST, max([cells_wide(head) // 2 + 1,
                                        *(cells_wide(row[i].text) + 1 for row in rows)])))
        for i, head in enumerate(heads))


def _tone(cell: Cell) -> Tone:
    return tone(cell) if isinstance(cell, Status) else ""


def tone(status: Status) -> Tone:
    """The tone of a status."""
    tones: dict[Status, Tone] = {Status.PASS: "pass", Status.FAIL: "fail",
                                 Status.UNDECIDED: "undecided", Status.INFO: "info"}
    return tones[status]


__all__ = ["table_grid", "tone"]
