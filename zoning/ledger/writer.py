"""The end of the book, under the write lock: what the next entry follows, and how it is added.

A writer reads the tail of the book once; what it adds follows from that, record by record. Every
row goes through the guards of the database, also when a hundred thousand entries are brought in.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from zoning.errors import LedgerError
from zoning.ledger import store
from zoning.ledger.commands import refuse_unfit
from zoning.ledger.model import Entry, Hold, Lot
from zoning.ledger.seals import (
    ENTRY_FIELDS,
    HOLD_FIELDS,
    LINE_FIELDS,
    LOT_FIELDS,
    PERIOD_FIELDS,
    EntryRecord,
    Period,
    PeriodRecord,
    Record,
    Row,
    body,
    link,
)


class Writer:
    """Adds records at the end of the book; it belongs to one writing transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.position, self.recorded, self.head, last = store.tail(connection)
        self.closed = None if last is None else last.last_day
        self._periods = 0 if last is None else last.number
        driver: Any = connection.connection
        is_file = connection.dialect.name == "sqlite"
        self._cursor = driver.cursor()
        self._sent_together = nullcontext if is_file else driver.driver_connection.pipeline
        self._statements: dict[str, str] = {}
        self._requests: dict[str, tuple[int, str]] = {}
        self._lots: set[str] = set()
        self._looked_up: tuple[set[str], set[str]] = set(), set()
        self._mark = "?" if is_file else "%s"

    def look_up(self, *, keys: Iterable[str] = (), lots: Iterable[str] = ()) -> None:
        """Read many client's keys and lot ids at once, before many entries are added.

        Raises LedgerError for one that no database can keep.
        """
        new_keys, new_lots = set(keys) - self._looked_up[0], set(lots) - self._looked_up[1]
        refuse_unfit(json.dumps([*new_keys, *new_lots], ensure_ascii=False))
        if new_keys:
            self._requests |= store.requests_of(self.connection, new_keys)
            self._looked_up[0].update(new_keys)
        if new_lots:
            self._lots |= store.lot_ids(self.connection, new_lots)
            self._looked_up[1].update(new_lots)

    def request_of(self, key: str) -> tuple[int, str] | None:
        """The entry posted under a client's key, with the fingerprint of what was asked."""
        if key not in self._looked_up[0]:
            self.look_up(keys=(key,))
        return self._requests.get(key)

    def has_lot(self, lot_id: str) -> bool:
        """Whether a lot has this id."""
        if lot_id not in self._looked_up[1]:
            self.look_up(lots=(lot_id,))
        return lot_id in self._lots

    def add(
        self, entry: Entry, *, request: str = "", lot: Lot | None = None, hold: Hold | None = None
    ) -> None:
        """Write an entry with the lot or hold it opens; the entry row comes last and seals it.

        Raises LedgerError where its effective day lies in a closed period.
        """
        self.refuse_closed(entry.effective)
        self.add_record(EntryRecord(
            entry_row(entry, request), posting_rows(entry),
            None if lot is None else lot_row(lot), None if hold is None else hold_row(hold)))
        self.recorded = entry.recorded
        if entry.key is not None:
            self._requests[entry.key] = entry.entry_id, request
        if lot is not None:
            self._lots.add(lot.lot_id)

    def add_record(self, record: Record) -> str:
        """Write a record as it is, with the link that follows the last one; the link.

        Raises LedgerError where a text has characters that no database and no file can keep.
        """
        text = body(record)
        refuse_unfit(text)
        digest = link(self.head, text)
        if isinstance(record, PeriodRecord):
            self._insert("period", (*PERIOD_FIELDS, "digest"), (*record.fields, digest))
        else:
            self._add_entry(record, digest)
            self.position += 1
        self.head = digest
        return digest

    def close_period(self, last_day: date, *, recorded: datetime, note: str) -> Period:
        """Close the book for all days up to one.

        Raises LedgerError where the book is empty or is closed that far already.
        """
        if not self.position:
            raise LedgerError("ledger.period_empty", last=last_day)
        if self.closed is not None and last_day <= self.closed:
            raise LedgerError("ledger.period_order", last=last_day, through=self.closed)
        first_day = None if self.closed is None else store.day_after(self.closed)
        number, head = self._periods + 1, self.head
        digest = self.add_record(PeriodRecord((
            number, first_day and first_day.isoformat(), last_day.isoformat(), self.position,
            store.moment_text(recorded), note, head)))
        self.closed, self._periods, self.recorded = last_day, number, recorded
        return Period(number, first_day, last_day, self.position, recorded, note, head, digest)

    def refuse_closed(self, effective: date) -> None:
        """Raises LedgerError where a day lies in a closed period."""
        if self.closed is not None and effective <= self.closed:
            raise LedgerError("ledger.period_closed", effective=effective, through=self.closed)

    def _add_entry(self, record: EntryRecord, digest: str) -> None:
        entry_id = record.fields[0]
        with self._sent_together():
            if record.lot is not None:
                self._insert("lot", (*LOT_FIELDS, "entry_id"), (*record.lot, entry_id))
            if record.hold is not None:
                self._insert("hold", (*HOLD_FIELDS, "entry_id"), (*record.hold, entry_id))
            self._insert("posting", ("entry_id", *LINE_FIELDS),
                         *[(entry_id, *line) for line in record.lines])
            self._insert("entry", (*ENTRY_FIELDS, "digest"), (*record.fields, digest))

    def _insert(self, table: str, names: Sequence[str], *rows: Row) -> None:
        statement = self._statements.get(table)
        if statement is None:
            marks = ", ".join([self._mark] * len(names))
            statement = f'INSERT INTO "{table}" ({", ".join(names)}) VALUES ({marks})'
            self._statements[table] = statement
        for row in rows:
            self._cursor.execute(statement, row)


def entry_row(entry: Entry, request: str) -> Row:
    """An entry as it is stored, but for its postings and link."""
    return (entry.entry_id, entry.event.value, entry.effective.isoformat(),
            store.moment_text(entry.recorded), entry.official_type, entry.document, entry.note,
            entry.reverses, entry.key, request, len(entry.postings))


def posting_rows(entry: Entry) -> list[Row]:
    """The postings of an entry as they are stored, but for its number."""
    return [(number, line.lot_id, line.component, line.state.value, line.amount, line.hold_id)
            for number, line in enumerate(entry.postings, start=1)]


def lot_row(lot: Lot) -> Row:
    """A lot as it is stored."""
    return (lot.lot_id, lot.account.place, lot.account.kind, lot.account.pool, lot.vintage,
            lot.document, _day_text(lot.document_date), _list_text(lot.origin),
            _day_text(lot.expires), lot.unit_cost_yuan, _list_text(lot.uses), lot.note)


def hold_row(hold: Hold) -> Row:
    """A hold as it is stored."""
    return hold.hold_id, hold.project_id, hold.scenario_id, hold.kind, _day_text(hold.due)


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _list_text(items: Sequence[str]) -> str:
    return json.dumps(list(items), ensure_ascii=False) if items else "[]"
