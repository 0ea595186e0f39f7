"""A table as plain data: columns that know their unit, rows of raw values, blocks with totals.

A `Table` holds integers (dm², kg, ten-thousandths), dates, texts and words; nothing in it is
formatted, and nothing is added across its blocks. The workbook, the terminal and the golden files
are three renderings of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from zoning.errors import Message
from zoning.scenario.outcome import Quantity, Status

Kind = Literal["text", "area", "kg", "amount", "quantity", "int", "date", "share", "status",
               "ha", "mu", "length"]
"""What a column holds.

``area`` int dm² · ``kg`` int · ``int`` · ``share`` int in ten-thousandths · ``amount`` a `Quantity`
whose unit another column tells · ``quantity`` a `Quantity` shown with its unit · ``date`` ·
``status`` a `Status` · ``ha`` and ``mu`` int in ten-thousandths of 公顷 or 亩, for forms whose
parts have to sum as they are shown · ``length`` int in mm, shown in metres · ``text`` all else.
"""

DisplayUnit = Literal["ha", "mu"]


@dataclass(frozen=True)
class Words:
    """A name from a code list, in both languages."""

    zh: str
    en: str


Cell = (
    str | int | date | Status | Message | Words | Quantity
    | tuple["str | Message | Words", ...] | None
)
"""One value of a row; None is an unknown, never a zero. A tuple is a list of texts."""


@dataclass(frozen=True)
class Derived:
    """A column computed from others of its row: the sum of `plus` less the sum of `minus`.

    With `floor`, never below zero. Unknown as soon as one part is unknown.
    """

    plus: tuple[str, ...]
    minus: tuple[str, ...] = ()
    floor: bool = False


@dataclass(frozen=True)
class Column:
    """One column: its key, its heading, what it holds, and in which further units it is shown.

    `group` is a heading shared by neighbouring columns. `also` repeats an area in 公顷 or 亩,
    always computed from the m² beside it.
    """

    key: str
    title: Message | Words
    kind: Kind = "text"
    also: tuple[DisplayUnit, ...] = ()
    group: Message | Words | None = None
    derived: Derived | None = None


@dataclass(frozen=True)
class Table:
    """Rows under columns, with what is totalled over which blocks.

    Rows of one block stand together; a block is the rows that agree in the `total_by` columns (all
    rows where that is empty). `totals` are the keys of the columns summed per block; with
    `is_grand` the sum of all blocks closes the table.
    """

    id: str
    title: Message
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[str, ...] = ()
    total_by: tuple[str, ...] = ()
    notes: tuple[Message, ...] = ()
    is_grand: bool = False

    def position(self, key: str) -> int:
        """The index of a column. Raises KeyError for a key the table has not."""
        for index, column in enumerate(self.columns):
            if column.key == key:
                return index
        raise KeyError(key)


@dataclass(frozen=True)
class Block:
    """Rows `start` to `stop` (exclusive) of a table and their totals, one per totalled column.

    A total is None where one of its values is unknown: a sum of the known ones would pass for more
    than it is.
    """

    start: int
    stop: int
    totals: Mapping[str, Cell]


def column(
    key: str,
    kind: Kind = "text",
    *,
    title: Message | Words | None = None,
    also: tuple[DisplayUnit, ...] = (),
    group: Message | Words | None = None,
    derived: Derived | None = None,
) -> Column:
    """A column whose heading is the catalogue's word for its key, unless one is given."""
    return Column(key, title or Message(f"report.column.{key}"), kind, also, group, derived)


def build(
    table_id: str,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Cell]],
    *,
    title: Message | None = None,
    totals: tuple[str, ...] = (),
    total_by: tuple[str, ...] = (),
    notes: tuple[Message, ...] = (),
    is_grand: bool = False,
) -> Table:
    """A table from rows by key: derived columns are computed, blocks brought together.

    Blocks stand in the order of their first row, rows keep their order within. A key that a row
    lacks is unknown.

    Raises
    ------
    ValueError
        A row gives a derived column another value than its parts make.

    """
    whole = [_with_derived(row, columns) for row in rows]
    order: dict[str, int] = {}
    for row in whole:
        order.setdefault(_block_key(row, total_by), len(order))
    whole.sort(key=lambda row: order[_block_key(row, total_by)])
    cells = tuple(tuple(row.get(c.key) for c in columns) for row in whole)
    return Table(table_id, title or Message(f"report.title.{table_id}"), tuple(columns), cells,
                 totals, total_by, notes, is_grand)


def grand_total(table: Table) -> Mapping[str, Cell]:
    """The totals over all rows; None where one value is unknown."""
    return _totals(table, 0, len(table.rows))


def blocks(table: Table) -> tuple[Block, ...]:
    """The blocks of a table, in order; none for a table without rows.

    Raises ValueError where a block would add amounts of different units.
    """
    keys = [table.position(key) for key in table.total_by]
    found: list[Block] = []
    start = 0
    for stop in range(1, len(table.rows) + 1):
        if stop == len(table.rows) or _differ(table.rows[stop], table.rows[start], keys):
            found.append(Block(start, stop, _totals(table, start, stop)))
            start = stop
    return tuple(found)


def number(cell: Cell) -> int | None:
    """The integer a cell counts; None for an unknown. Raises TypeError for a cell of words."""
    if isinstance(cell, Quantity):
        return cell.value
    if cell is None or isinstance(cell, int):
        return cell
    raise TypeError(f"{cell!r} is no number")


def derive(derived: Derived, row: Mapping[str, Cell]) -> Cell:
    """The value of a derived column in one row, in the unit of its first part."""
    parts = [row.get(key) for key in (*derived.plus, *derived.minus)]
    values = [number(part) for part in parts]
    if any(value is None for value in values):
        return None
    known = [value for value in values if value is not None]
    cut = len(derived.plus)
    total = sum(known[:cut]) - sum(known[cut:])
    total = max(0, total) if derived.floor else total
    first = parts[0]
    return Quantity(total, first.unit) if isinstance(first, Quantity) else total


def _with_derived(row: Mapping[str, Cell], columns: Sequence[Column]) -> dict[str, Cell]:
    whole = dict(row)
    for col in columns:
        if col.derived is None:
            continue
        value = derive(col.derived, whole)
        if whole.get(col.key, value) != value:
            raise ValueError(f"{col.key} is given as {whole[col.key]}, its parts make {value}")
        whole[col.key] = value
    return whole


def _block_key(row: Mapping[str, Cell], total_by: tuple[str, ...]) -> str:
    return repr([row.get(key) for key in total_by])


def _differ(one: tuple[Cell, ...], other: tuple[Cell, ...], keys: Sequence[int]) -> bool:
    return any(one[key] != other[key] for key in keys)


def _totals(table: Table, start: int, stop: int) -> dict[str, Cell]:
    return {
        key: _total([row[table.position(key)] for row in table.rows[start:stop]])
        for key in table.totals
    }


def _total(cells: Sequence[Cell]) -> Cell:
    units = {cell.unit for cell in cells if isinstance(cell, Quantity)}
    if len(units) > 1:
        raise ValueError(f"amounts in {sorted(units)} cannot be added")
    values = [number(cell) for cell in cells]
    if any(value is None for value in values):
        return None
    total = sum(value for value in values if value is not None)
    return Quantity(total, units.pop()) if units else total
