"""The quota book: what can be asked of it and what can be told to it.

A command is a record; it is posted wholly or refused with a sentence, and leaves nothing behind
when it is refused. A question sees the book at one moment. `docs/accounting.md` is the convention.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from zoning.codes.events import LedgerEvent, ledger_events
from zoning.codes.reader import QuotaKind, quota_kinds
from zoning.errors import LedgerError
from zoning.ledger import desk, store
from zoning.ledger.commands import aware, fingerprint, numbered, refuse_long
from zoning.ledger.database import make_engine, prepare, writing
from zoning.ledger.entries import check_entry
from zoning.ledger.export import read_into
from zoning.ledger.model import (
    Entry,
    Event,
    Hold,
    Inflow,
    Reservation,
    Vector,
    Voucher,
)
from zoning.ledger.questions import Questions
from zoning.ledger.records import uncollected
from zoning.ledger.seals import Period
from zoning.ledger.verify import Verification
from zoning.ledger.writer import Writer

Clock = Callable[[], datetime]
"""Tells the moment with its time zone; the zone decides which day is today."""

TODAY = Voucher()
"""The voucher that says nothing but: effective today."""


def system_clock() -> datetime:
    """The moment now, in the machine's time zone."""
    return datetime.now(UTC).astimezone()


class Book(Questions):
    """A quota book in a database; a context manager. Any number of processes may have it open."""

    def __init__(
        self,
        engine: sa.Engine,
        *,
        clock: Clock = system_clock,
        kinds: Mapping[str, QuotaKind] | None = None,
        events: Mapping[str, LedgerEvent] | None = None,
    ) -> None:
        super().__init__(engine)
        self._clock = clock
        self._kinds = quota_kinds() if kinds is None else kinds
        self._events = ledger_events() if events is None else events
        self._closing = weakref.finalize(self, engine.dispose)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        clock: Clock = system_clock,
        kinds: Mapping[str, QuotaKind] | None = None,
        events: Mapping[str, LedgerEvent] | None = None,
        create: bool = True,
        wait_seconds: float = 10.0,
    ) -> Self:
        """Open the book at a URL, making or upgrading its tables where needed.

        A writer waits up to `wait_seconds` for another to finish. `kinds` and `events` are the
        quota kinds and official types the book knows, None meaning the shipped ones.

        Raises
        ------
        LedgerError
            The URL is no book's, there is none and `create` is off, or a later version wrote it.

        """
        engine = make_engine(url, wait_seconds=wait_seconds)
        try:
            prepare(engine, create=create)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine, clock=clock, kinds=kinds, events=events)

    def close(self) -> None:
        """Give all connections back; harmless when repeated."""
        self._closing()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def post_inflow(self, inflow: Inflow) -> Entry:
        """Bring a lot into the book; the lot gets an id unless it has one.

        Raises LedgerError for an unknown kind, component or official type, for amounts that are no
        positive integers, for an id in use, and for a lot that expires before it counts.
        """
        return self.post_opening((inflow,))[0]

    def post_opening(self, inflows: Iterable[Inflow]) -> tuple[Entry, ...]:
        """Bring many lots into the book, all or none."""
        inflows = tuple(inflows)
        with uncollected(), self._writing() as writer:
            first = writer.position + 1
            writer.look_up(
                keys=[each.voucher.key for each in inflows if each.voucher.key is not None],
                lots=[each.lot.lot_id or desk.lot_number(number)
                      for number, each in enumerate(inflows, start=first)])
            return tuple(
                self._write(writer, Event.INFLOW, inflow, inflow.voucher,
                            partial(desk.fill_lot, inflow=inflow))
                for inflow in inflows
            )

    def hold(self, wanted: Reservation, voucher: Voucher = TODAY) -> Hold:
        """Hold quota of one kind for a project, from the lots the book picks or the request names.

        Raises
        ------
        OverdraftError
            Less can be taken than is asked, on the effective day or on a later one.
        LedgerError
            The project of the scenario holds or has used quota of the kind already; a named lot
            cannot serve it; unknown kind, component or official type.

        """
        return self.hold_all((wanted,), voucher)[0]

    def hold_all(
        self,
        wanted: Iterable[Reservation],
        voucher: Voucher = TODAY,
        *,
        notes: Mapping[str, str] | None = None,
    ) -> tuple[Hold, ...]:
        """Hold quota for several requests, all of it or none; raises as `hold`.

        A key of the voucher is the first request's; the others take it with their number. `notes`
        are those of single projects, by their id, in the place of the voucher's.
        """
        told = notes or {}
        with self._writing() as writer:
            return tuple(
                self._hold(writer, each, replace(
                    numbered(voucher, number), note=told.get(each.project_id, voucher.note)))
                for number, each in enumerate(wanted)
            )

    def _hold(self, writer: Writer, wanted: Reservation, voucher: Voucher) -> Hold:
        asked = replace(wanted, amounts=dict(wanted.amounts))
        made: list[Hold] = []

        def fill(at: desk.Desk) -> desk.Made:
            filled = desk.fill_hold(at, asked)
            made.extend([filled.hold] if filled.hold else [])
            return filled

        entry = self._write(writer, Event.HOLD, asked, voucher, fill)
        hold_id = next(line.hold_id for line in entry.postings if line.hold_id)
        return made[0] if made else desk.find_hold(writer.connection, hold_id)

    def settle(
        self, hold_id: str, amounts: Vector | None = None, voucher: Voucher = TODAY
    ) -> Entry:
        """Use what is held, wholly (None) or in part; the rest stays held.

        Raises OverdraftError for more than is held, LedgerError for an unknown or empty hold.
        """
        return self._post(Event.SETTLE, (hold_id, amounts), voucher,
                          lambda at: desk.settle_hold(at, hold_id, amounts))

    def void(
        self, hold_id: str, amounts: Vector | None = None, voucher: Voucher = TODAY
    ) -> Entry:
        """Give back what is held, wholly (None) or in part, to the lots it came from.

        Raises OverdraftError for more than is held, LedgerError for an unknown or empty hold.
        """
        return self._post(Event.VOID, (hold_id, amounts), voucher,
                          lambda at: desk.void_hold(at, hold_id, amounts))

    def expire(
        self, lot_id: str, amounts: Vector | None = None, voucher: Voucher = TODAY
    ) -> Entry:
        """Let the free quota of a lot lapse, after its expiry or by an order that deducts it.

        Raises LedgerError for an unknown lot, one that has not expired (unless the official type
        deducts), and one with nothing free.
        """
        return self._post(Event.EXPIRE, (lot_id, amounts), voucher,
                          lambda at: desk.lapse_lot(at, lot_id, amounts))

    def reverse(self, entry_id: int, voucher: Voucher = TODAY) -> Entry:
        """Correct an entry by one that negates it. A reversal itself cannot be reversed.

        Raises OverdraftError where what the entry brought has been moved on; LedgerError for an
        unknown entry, one reversed already, and a day before the entry's own.
        """
        return self._post(Event.REVERSE, entry_id, voucher,
                          lambda at: desk.undo_entry(at, entry_id), reverses=entry_id)

    def close_period(self, last_day: date, *, note: str = "") -> Period:
        """Close the book for all days up to one: nothing can count from them any more.

        The period seals every entry there is. Raises LedgerError for a day that is not over or is
        closed already, and for an empty book.
        """
        now = aware(self._clock())
        if type(last_day) is not date:
            raise LedgerError("ledger.day_with_time", found=last_day)
        if last_day >= now.date():
            raise LedgerError("ledger.period_future", last=last_day, today=now.date())
        with self._writing() as writer:
            return writer.close_period(last_day, recorded=_in_order(now, writer), note=note)

    def restore(self, path: Path) -> Verification:
        """Bring an exported journal into this book, which must be empty: all of it, or nothing.

        Every record goes through the guards again. Raises LedgerError where the book is not empty,
        or the file does not verify.
        """
        with uncollected(), self._writing() as writer:
            return read_into(writer, path)

    @contextmanager
    def _writing(self) -> Iterator[Writer]:
        with writing(self._engine) as connection:
            yield Writer(connection)

    def _post(
        self,
        event: Event,
        asked: object,
        voucher: Voucher,
        make: Callable[[desk.Desk], desk.Made],
        *,
        reverses: int | None = None,
    ) -> Entry:
        with self._writing() as writer:
            return self._write(writer, event, asked, voucher, make, reverses=reverses)

    def _write(
        self,
        writer: Writer,
        event: Event,
        asked: object,
        voucher: Voucher,
        make: Callable[[desk.Desk], desk.Made],
        *,
        reverses: int | None = None,
    ) -> Entry:
        refuse_long(key=voucher.key)
        request = fingerprint(event, asked, voucher)
        if (done := _done_before(writer, voucher.key, request)) is not None:
            return done
        at = self._desk(writer, voucher)
        made = make(at)
        entry = Entry(
            at.entry_id, event, at.effective, at.recorded, made.postings, voucher.document,
            voucher.note, reverses, voucher.official_type, voucher.key)
        _refuse_unsound(writer.connection, entry)
        writer.add(entry, request=request, lot=made.lot, hold=made.hold)
        return entry

    def _desk(self, writer: Writer, voucher: Voucher) -> desk.Desk:
        """Number and date the next entry."""
        now = aware(self._clock())
        effective = now.date() if voucher.effective is None else voucher.effective
        if type(effective) is not date:
            raise LedgerError("ledger.day_with_time", found=effective)
        writer.refuse_closed(effective)
        return desk.Desk(writer.connection, self._kinds, self._events, writer.position + 1,
                         effective, _in_order(now, writer), voucher.official_type, writer.has_lot)


def _in_order(now: datetime, writer: Writer) -> datetime:
    """The moment of the next record; a clock set back does not turn the order around."""
    return max(now.astimezone(UTC), writer.recorded or datetime.min.replace(tzinfo=UTC))


def _done_before(writer: Writer, key: str | None, request: str) -> Entry | None:
    found = None if key is None else writer.request_of(key)
    if found is None:
        return None
    entry_id, asked = found
    if asked != request:
        raise LedgerError("ledger.key_used", key=key, entry_id=entry_id)
    return desk.find_entry(writer.connection, entry_id)


def _refuse_unsound(connection: sa.Connection, entry: Entry) -> None:
    journal = () if entry.reverses is None else store.entries(
        connection, sa.or_(store.ENTRY.c.entry_id == entry.reverses,
                           store.ENTRY.c.reverses == entry.reverses))
    for problem in check_entry(entry, journal):
        raise LedgerError("ledger.unsound", code=problem.code, fact=problem.message)
