"""How a table is laid out: its shown columns, one per unit, and every cell as text.

The workbook, the terminal and the golden files share this plan, so that they cannot disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from unicodedata import east_asian_width

from zoning.errors import Message
from zoning.messages import Language, say, text
from zoning.report.tables.record import Cell, Column, Table, Words, blocks, grand_total
from zoning.scenario.outcome import Quantity, Status
from zoning.units import hectares, m2, mu

UNSHOWABLE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
"""Control characters, direction overrides and half surrogates: nothing that a cell may carry."""

PLACES = {"m2": 2, "ha": 4, "mu": 4, "kg": 0, "int": 0, "share": 2, "m": 3}
"""Decimals shown per unit; a share is shown in percent."""


@dataclass(frozen=True)
class Field:
    """One shown column: a column of the table in one unit.

    `unit` is ``m2``, ``ha``, ``mu``, ``kg``, ``int``, ``share``; ``row`` where each row has its
    own; None for words and dates. `source` is the index of the column in the table.
    """

    column: Column
    source: int
    unit: str | None

    @property
    def is_converted(self) -> bool:
        """Whether it repeats the m² beside it in another unit."""
        return self.unit in {"ha", "mu"} and self.column.kind not in {"ha", "mu"}


@dataclass(frozen=True)
class Line:
    """One shown row: its cells in the table's order, and whether it is a total.

    In a total, a cell of a column that is not totalled is an empty text.
    """

    cells: tuple[Cell, ...]
    is_total: bool = False
    is_grand: bool = False


SCALED: Mapping[str, int] = {"ha": 4, "mu": 4, "length": 3}
"""Kinds that count parts of the unit they are shown in: how many decimals."""

UNIT_OF_KIND = {
    "area": "m2", "kg": "kg", "int": "int", "share": "share", "amount": "row", "quantity": "row",
    "ha": "ha", "mu": "mu", "length": "m",
}


def fields(table: Table) -> tuple[Field, ...]:
    """The shown columns of a table, left to right."""
    return tuple(
        Field(column, source, unit)
        for source, column in enumerate(table.columns)
        for unit in (UNIT_OF_KIND.get(column.kind), *column.also)
    )


def lines(table: Table) -> tuple[Line, ...]:
    """The shown rows of a table, all its blocks one after the other."""
    shown = tuple(line for block in block_lines(table) for line in block)
    return (*shown, _grand_line(table)) if table.is_grand and shown else shown


def block_lines(table: Table) -> tuple[tuple[Line, ...], ...]:
    """The shown rows of each block: its rows, then its total where the table has totals."""
    return tuple(
        (
            *(Line(row) for row in table.rows[block.start : block.stop]),
            *([_total_line(table, table.rows[block.start], block.totals)] if table.totals else ()),
        )
        for block in blocks(table)
    )


def words(cell: Cell, language: Language) -> str:
    """A cell of words, a date or a status as clean text; empty for an unknown."""
    if cell is None:
        return ""
    if isinstance(cell, tuple):
        return text("report.list_separator", language).join(words(item, language) for item in cell)
    if isinstance(cell, Status):
        return text(f"report.status.{cell.value}", language)
    if isinstance(cell, Message):
        return clean(say(cell, language))
    if isinstance(cell, Words):
        return clean(cell.zh if language == "zh" else cell.en)
    return clean(cell.isoformat() if isinstance(cell, date) else str(cell))


def clean(value: str) -> str:
    """Text without characters that act instead of being read; line feeds and tabs become spaces."""
    return UNSHOWABLE.sub("", re.sub(r"[\r\n\t]+", " ", value))


def cells_wide(value: str) -> int:
    """How many columns of type a text takes; a Chinese character takes two."""
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in value)


def unit_of(field: Field, cell: Cell) -> str | None:
    """The unit a cell is shown in; None where the field does not apply to it (mu of kilograms)."""
    if not isinstance(cell, Quantity):
        return field.unit
    own = {"dm2": "m2", "1e-4": "share"}.get(cell.unit, cell.unit)
    if field.is_converted:
        return field.unit if own == "m2" else None
    return own


def shown_number(field: Field, cell: Cell) -> Decimal | None:
    """The number a cell shows in the unit of its field, rounded once; a share as part of 1."""
    value = cell.value if isinstance(cell, Quantity) else cell
    unit = unit_of(field, cell)
    if unit is None or not isinstance(value, int):
        return None
    if field.column.kind in SCALED:
        return Decimal(value).scaleb(-SCALED[field.column.kind])
    if unit in {"ha", "mu"}:
        return hectares(value) if unit == "ha" else mu(value)
    if unit == "m2":
        return m2(value)
    return Decimal(value).scaleb(-4) if unit == "share" else Decimal(value)


def cell_text(field: Field, cell: Cell, language: Language) -> str:
    """A cell as a person reads it: a dash for an unknown number, nothing where none applies."""
    if field.unit is None:
        return words(cell, language)
    if cell is None:
        return text("report.unknown", language)
    value, unit = shown_number(field, cell), unit_of(field, cell)
    if value is None or unit is None:
        return ""
    if unit == "share":
        return f"{value * 100:.2f}%"
    if unit == "int":
        return str(value)
    told = f"{value:,.{PLACES.get(unit, 0)}f}"
    return f"{told} {unit_name(unit, language)}" if field.column.kind == "quantity" else told


def unit_name(unit: str, language: Language) -> str:
    """The name of a unit; a unit that the catalogue does not name stands for itself."""
    known = unit in {"m2", "ha", "mu", "kg", "yuan"}
    return text(f"report.unit.{unit}", language) if known else unit


def field_unit(field: Field, language: Language) -> str:
    """What the heading of a field says about its unit; empty where it has none or rows differ."""
    if field.unit in {"m2", "ha", "mu", "kg"}:
        return unit_name(field.unit, language)
    return ""


def grid(table: Table, language: Language) -> list[list[str]]:
    """The whole table as text: a heading row, then every line."""
    heading = [heading_text(field, language) for field in fields(table)]
    return [heading, *line_texts(table, lines(table), language)]


def line_texts(table: Table, shown: Iterable[Line], language: Language) -> list[list[str]]:
    """Shown rows as text, a cell per field."""
    columns = fields(table)
    return [
        [cell_text(field, cells[field.source], language) for field in columns]
        for cells in (labelled(table, line, language) for line in shown)
    ]


def labelled(table: Table, line: Line, language: Language) -> tuple[Cell, ...]:
    """The cells of a line; a total line says so in its first column of words that is free."""
    if not line.is_total:
        return line.cells
    free = [i for i, column in enumerate(table.columns)
            if line.cells[i] == "" and column.kind == "text"]
    is_part = table.total_by and not line.is_grand
    label = text("report.subtotal" if is_part else "report.total", language)
    return tuple(label if i in free[:1] else cell for i, cell in enumerate(line.cells))


def heading_text(field: Field, language: Language) -> str:
    """The heading of a field in one line: group, title, unit."""
    parts = (field.column.group, field.column.title)
    title = " ".join(words(part, language) for part in parts if part is not None)
    unit = field_unit(field, language)
    return f"{title} ({unit})" if unit else title


def _grand_line(table: Table) -> Line:
    totals = grand_total(table)
    return Line(tuple(totals.get(column.key, "") for column in table.columns), is_total=True,
                is_grand=True)


def _total_line(table: Table, first: tuple[Cell, ...], totals: Mapping[str, Cell]) -> Line:
    kept = {*table.total_by, "unit"} if table.total_by else set()
    cells = {column.key: first[i] for i, column in enumerate(table.columns) if column.key in kept}
    return Line(
        tuple({**cells, **totals}.get(column.key, "") for column in table.columns), is_total=True
    )
