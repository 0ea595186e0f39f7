"""The journal as it is stored, record by record, in the order of the chain."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any

import sqlalchemy as sa

from zoning.ledger import store
from zoning.ledger.seals import (
    ENTRY_FIELDS,
    HOLD_FIELDS,
    LINE_FIELDS,
    LOT_FIELDS,
    PERIOD_FIELDS,
    EntryRecord,
    PeriodRecord,
    Record,
    Row,
)

CHUNK = 20_000
LOT_OF_LINE, HOLD_OF_LINE = LINE_FIELDS.index("lot_id"), LINE_FIELDS.index("hold_id")
ENTRY_OF_PERIOD = PERIOD_FIELDS.index("entry_id")


class Journal:
    """The records of a book; read them once, then `unopened` names lots and holds left over."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._is_file = connection.dialect.name == "sqlite"
        self._lots = {row[0]: row for row in self._rows(store.LOT, LOT_FIELDS)}
        self._holds = {row[0]: row for row in self._rows(store.HOLD, HOLD_FIELDS)}

    def records(self) -> Generator[Record, None, None]:
        """Every entry with its lines and what it opens, each period after the entry it seals.

        Close the generator where it is not read to its end: it holds cursors of the database.
        """
        periods = [PeriodRecord(row[:-1], row[-1])
                   for row in self._rows(store.PERIOD, (*PERIOD_FIELDS, "digest"))]
        with (
            closing(self._rows(store.POSTING, ("entry_id", *LINE_FIELDS))) as postings,
            closing(self._rows(store.ENTRY, (*ENTRY_FIELDS, "digest"))) as entries,
        ):
            lines = groupby(postings, itemgetter(0))
            waiting = next(lines, None)
            for row in entries:
                while periods and int(str(periods[0].fields[ENTRY_OF_PERIOD])) < row[0]:
                    yield periods.pop(0)
                mine: Sequence[Row] = ()
                if waiting is not None and waiting[0] == row[0]:
                    mine = [line[1:] for line in waiting[1]]
                    waiting = next(lines, None)
                yield self._record(row, mine)
            yield from periods

    def unopened(self) -> list[str]:
        """The ids of lots and holds that no entry of those read so far has opened."""
        return [*self._lots, *self._holds]

    def _record(self, row: tuple[Any, ...], lines: Sequence[Row]) -> EntryRecord:
        lot = hold = None
        if lines and row[1] == "inflow":
            lot = self._lots.pop(lines[0][LOT_OF_LINE], None)
        elif row[1] == "hold":
            name = next((line[HOLD_OF_LINE] for line in lines if line[HOLD_OF_LINE]), None)
            hold = self._holds.pop(name, None)
        return EntryRecord(row[:-1], lines, lot, hold, row[-1])

    def _rows(
        self, table: sa.Table, names: Sequence[str]
    ) -> Generator[tuple[Any, ...], None, None]:
        columns, order = ", ".join(names), ", ".join(each.name for each in table.primary_key)
        with closing(self._cursor(table.name)) as cursor:
            cursor.execute(f'SELECT {columns} FROM "{table.name}" ORDER BY {order}')
            while part := cursor.fetchmany(CHUNK):
                yield from part

    def _cursor(self, name: str) -> Any:
        """A cursor of the driver, which gives plain tuples; on a server, one that reads in parts.

        The columns are text and integers, so no row needs conversion.
        """
        driver: Any = self._connection.connection
        return driver.cursor() if self._is_file else driver.cursor(f"journal_{name}")


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the search for reference cycles while very many records are made.

    There are none among records, and each search walks all of them again: a fifth of the time.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
