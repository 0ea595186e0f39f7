"""The quota book: what can be asked of it and what can be told to it.

A command is a record; it is posted wholly or refused with a sentence, and leaves nothing behind
when it is refused. A question sees the book at one moment. `docs/accounting.md` is the convention.
"""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from functools import partial
from hashlib import sha256
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from zoning.codes.events import LedgerEvent, ledger_events
from zoning.codes.reader import QuotaKind, quota_kinds
from zoning.errors import LedgerError
from zoning.ledger import desk, store
from zoning.ledger.balances import (
    hold_balances,
    lot_balances,
    lowest_from,
    pool_balances,
    spendable,
)
from zoning.ledger.database import make_engine, prepare, reading, writing
from zoning.ledger.entries import check_entry
from zoning.ledger.model import (
    Entry,
    Event,
    Hold,
    HoldBalance,
    Inflow,
    LotBalance,
    PoolBalance,
    Posting,
    Reservation,
    Vector,
    Voucher,
)

Clock = Callable[[], datetime]
"""Tells the moment with its time zone; the zone decides which day is today."""

TODAY = Voucher()
"""The voucher that says nothing but: effective today."""


def system_clock() -> datetime:
    """The moment now, in the machine's time zone."""
    return datetime.now(UTC).astimezone()


class Book:
    """A quota book in a database; a context manager. Any number of processes may have it open."""

    def __init__(
        self,
        engine: sa.Engine,
        *,
        clock: Clock = system_clock,
        kinds: Mapping[str, QuotaKind] | None = None,
        events: Mapping[str, LedgerEvent] | None = None,
    ) -> None:
        self._engine = engine
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
        create: bool = True,
        wait_seconds: float = 10.0,
    ) -> Self:
        """Open the book at a URL, making or upgrading its tables where needed.

        A writer waits up to `wait_seconds` for another to finish. `kinds` are the quota kinds the
        book knows, None meaning the shipped ones.

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
        return cls(engine, clock=clock, kinds=kinds)

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
        with writing(self._engine) as connection:
            return tuple(
                self._write(connection, Event.INFLOW, _plain_amounts(inflow), inflow.voucher,
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
        self, wanted: Iterable[Reservation], voucher: Voucher = TODAY
    ) -> tuple[Hold, ...]:
        """Hold quota for several requests, all of it or none; raises as `hold`.

        A key of the voucher is the first request's; the others take it with their number.
        """
        with writing(self._engine) as connection:
            return tuple(
                self._hold(connection, each, _numbered(voucher, number))
                for number, each in enumerate(wanted)
            )

    def _hold(
        self, connection: sa.Connection, wanted: Reservation, voucher: Voucher
    ) -> Hold:
        asked = replace(wanted, amounts=dict(wanted.amounts))
        entry = self._write(connection, Event.HOLD, asked, voucher,
                            lambda at: desk.fill_hold(at, asked))
        hold_id = next(line.hold_id for line in entry.postings if line.hold_id)
        return desk.find_hold(connection, hold_id)

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

    def lots(
        self, *, as_of: date | None = None, known_at: datetime | None = None
    ) -> tuple[LotBalance, ...]:
        """What is left of each lot, by lot id, on a day, as far as was known at a moment.

        None means: all that is in the book, whatever day it counts from.
        """
        with reading(self._engine) as connection:
            sums = store.tally(connection, as_of=as_of, known_at=_moment(known_at))
            return lot_balances(store.lots(connection), sums)

    def pools(
        self, *, as_of: date | None = None, known_at: datetime | None = None
    ) -> tuple[PoolBalance, ...]:
        """What came into each component of each pool and where it is, by account and component."""
        with reading(self._engine) as connection:
            sums = store.tally(connection, as_of=as_of, known_at=_moment(known_at))
            return pool_balances(store.lots(connection), sums)

    def holds(
        self, *, as_of: date | None = None, known_at: datetime | None = None,
        open_only: bool = False,
    ) -> tuple[HoldBalance, ...]:
        """What each hold still holds and has used, by hold id."""
        with reading(self._engine) as connection:
            sums = store.tally(connection, as_of=as_of, known_at=_moment(known_at))
            found = hold_balances(store.holds(connection), sums)
        return tuple(hold for hold in found if hold.is_open or not open_only)

    def spendable(self, on: date) -> tuple[LotBalance, ...]:
        """The lots of a day, with `free` lowered to what can still be held on that day.

        It is less than what was free on the day where later days have taken from it since. Lots
        that have expired are still listed: `zoning.ledger.balances.available` leaves them out.
        """
        with reading(self._engine) as connection:
            lots = lot_balances(store.lots(connection), store.tally(connection, as_of=on))
            flowing = store.flows(connection, store.in_free_lots(), on=on)
        return spendable(lots, lowest_from(flowing, on))

    def journal(
        self, *, since: int | None = None, lot_id: str | None = None, hold_id: str | None = None
    ) -> tuple[Entry, ...]:
        """The entries in the order they were recorded: after entry `since`, of a lot, of a hold."""
        conditions = []
        if since is not None:
            conditions.append(store.ENTRY.c.entry_id > since)
        if lot_id is not None:
            conditions.append(store.touching(store.POSTING.c.lot_id, lot_id))
        if hold_id is not None:
            conditions.append(store.touching(store.POSTING.c.hold_id, hold_id))
        with reading(self._engine) as connection:
            return store.entries(connection, *conditions)

    def position(self) -> int:
        """The number of the last entry; 0 for an empty book."""
        with reading(self._engine) as connection:
            return store.position(connection)

    def _post(
        self,
        event: Event,
        asked: object,
        voucher: Voucher,
        make: Callable[[desk.Desk], tuple[Posting, ...]],
        *,
        reverses: int | None = None,
    ) -> Entry:
        with writing(self._engine) as connection:
            return self._write(connection, event, asked, voucher, make, reverses=reverses)

    def _write(
        self,
        connection: sa.Connection,
        event: Event,
        asked: object,
        voucher: Voucher,
        make: Callable[[desk.Desk], tuple[Posting, ...]],
        *,
        reverses: int | None = None,
    ) -> Entry:
        request = _fingerprint(event, asked, voucher)
        if (done := _done_before(connection, voucher.key, request)) is not None:
            return done
        at = self._desk(connection, voucher)
        entry = Entry(
            at.entry_id, event, at.effective, at.recorded, make(at), voucher.document,
            voucher.note, reverses, voucher.official_type, voucher.key)
        _refuse_unsound(connection, entry)
        store.add_entry(connection, entry, request=request)
        return entry

    def _desk(self, connection: sa.Connection, voucher: Voucher) -> desk.Desk:
        """Number and date the next entry; a clock set back does not turn the order around."""
        now = _aware(self._clock())
        last = store.last_recorded(connection)
        recorded = now.astimezone(UTC) if last is None else max(now.astimezone(UTC), last)
        effective = now.date() if voucher.effective is None else voucher.effective
        if type(effective) is not date:
            raise LedgerError("ledger.day_with_time", found=effective)
        return desk.Desk(connection, self._kinds, self._events, store.position(connection) + 1,
                         effective, recorded, voucher.official_type)


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise LedgerError("ledger.no_zone", found=moment)
    return moment


def _numbered(voucher: Voucher, number: int) -> Voucher:
    if voucher.key is None or number == 0:
        return voucher
    return replace(voucher, key=f"{voucher.key}#{number + 1}")


def _moment(moment: datetime | None) -> datetime | None:
    return None if moment is None else _aware(moment)


def _fingerprint(event: Event, asked: object, voucher: Voucher) -> str:
    """A digest of a command, to tell a repeated one from another under the same key."""
    told = json.dumps([event, _record(asked), _record(replace(voucher, key=None))],
                      sort_keys=True, ensure_ascii=False, default=str)
    return sha256(told.encode()).hexdigest()


def _record(thing: object) -> object:
    if isinstance(thing, (Inflow, Reservation, Voucher)):
        return asdict(thing)
    if isinstance(thing, tuple):
        return [_record(part) for part in thing]
    return dict(thing) if isinstance(thing, Mapping) else thing


def _plain_amounts(inflow: Inflow) -> Inflow:
    return replace(inflow, amounts=dict(inflow.amounts),
                   voucher=replace(inflow.voucher, key=None))


def _done_before(connection: sa.Connection, key: str | None, request: str) -> Entry | None:
    found = None if key is None else store.request_of(connection, key)
    if found is None:
        return None
    entry_id, asked = found
    if asked != request:
        raise LedgerError("ledger.key_used", key=key, entry_id=entry_id)
    return desk.find_entry(connection, entry_id)


def _refuse_unsound(connection: sa.Connection, entry: Entry) -> None:
    journal = () if entry.reverses is None else store.entries(
        connection, sa.or_(store.ENTRY.c.entry_id == entry.reverses,
                           store.ENTRY.c.reverses == entry.reverses))
    for problem in check_entry(entry, journal):
        raise LedgerError("ledger.unsound", code=problem.code, fact=problem.message)
