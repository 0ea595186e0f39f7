"""Whether a journal is sound: every link recomputed, every rule asked again, from the first entry.

The check stops at the first record that does not fit, and names it. It needs nothing but the
records, so it works on an exported file as well as on a book.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import sqlalchemy as sa

from zoning.errors import Message
from zoning.ledger import store
from zoning.ledger.entries import MOVES, OF_A_HOLD
from zoning.ledger.model import State
from zoning.ledger.records import Journal, uncollected
from zoning.ledger.seals import GENESIS, EntryRecord, PeriodRecord, Record, body, link

Known = tuple[int, str]
"""A position and the last link of the chain there, as they were noted down."""

Place = tuple[str, str, str, str | None]
"""Where an amount lies, as it is stored: lot, component, state, hold."""

FITTING = {
    (event.value, state.value, sign)
    for event, (source, target) in MOVES.items()
    for state, sign in ((source, False), (target, True))
} | {("reverse", state.value, sign) for state in State for sign in (False, True)}
"""Event, state, whether the amount is positive: the postings there can be."""

HELD = frozenset(state.value for state in OF_A_HOLD)


@dataclass(frozen=True)
class Fault:
    """The first record that does not fit: the entry it is, or the one it stands at; and why."""

    entry_id: int
    message: Message


@dataclass(frozen=True)
class Verification:
    """What a check of the whole journal came to.

    `position` entries and `periods` closed periods fit; `head` is the last link that does.
    """

    position: int
    head: str
    periods: int = 0
    fault: Fault | None = None

    @property
    def is_sound(self) -> bool:
        """Whether everything fits."""
        return self.fault is None


class Unfit(Exception):
    """A record does not fit; carries the message."""

    def __init__(self, key: str, /, **told: object) -> None:
        super().__init__(key)
        self.message = Message(f"ledger.verify.{key}", told)


class Fold:
    """The state of a journal as it is read: add records, which raise `Unfit` where they are."""

    def __init__(self) -> None:
        self.position = 0
        self.at = 1
        self.periods = 0
        self.head = GENESIS
        self.days: dict[Place, dict[str, int]] = {}
        self.sums: dict[Place, int] = {}
        self.accounts: dict[str, tuple[str, str, str]] = {}
        self._expires: dict[str, str] = {}
        self._holds: set[str] = set()
        self._effects: dict[int, int] = {}
        self._reversed: set[int] = set()
        self._keys: set[str] = set()
        self._closed = ""
        self._recorded = ""
        self._last_day = ""

    def add(self, record: Record, *, text: str | None = None) -> None:
        """Take the next record; `text` is its body where that was read."""
        self.at = self.position + isinstance(record, EntryRecord)
        if isinstance(record, EntryRecord) and record.fields[0] != self.position + 1:
            raise Unfit("missing", entry=self.position + 1, found=record.fields[0])
        digest = link(self.head, body(record) if text is None else text)
        if digest != record.digest:
            raise Unfit("link")
        if isinstance(record, PeriodRecord):
            self._add_period(record)
        else:
            self._add_entry(record)
        self.head = digest
        self.at = self.position + 1

    def _add_period(self, record: PeriodRecord) -> None:
        number, first, last, entry_id, recorded, _, head = record.fields
        follows = (
            number == self.periods + 1 and entry_id == self.position and head == self.head
            and last > self._closed and recorded >= self._recorded
            and (first is None) == (not self._closed))
        if not follows:
            raise Unfit("period", period=number)
        self.periods, self._closed, self._recorded = number, last, recorded

    def _add_entry(self, record: EntryRecord) -> None:
        fields = record.fields
        entry_id, event, effective, recorded = fields[:4]
        reverses, key, count = fields[7], fields[8], fields[10]
        if recorded < self._recorded:
            raise Unfit("recorded")
        if effective <= self._closed:
            raise Unfit("closed", effective=effective, through=self._closed)
        if key is not None and key in self._keys:
            raise Unfit("key", key=key)
        if count != len(record.lines) or not count:
            raise Unfit("lines")
        self._open(record, event)
        net = self._net(record, event)
        self._judge_reversal(event, reverses, net)
        if event == "hold":
            self._refuse_expired(net, effective)
        self._effects[entry_id] = hash(frozenset(net.items()))
        self._apply(net, effective)
        self.position, self._recorded = entry_id, recorded
        self._last_day = max(self._last_day, effective)
        if key is not None:
            self._keys.add(key)

    def _open(self, record: EntryRecord, event: str) -> None:
        lots = {line[1] for line in record.lines}
        if event == "inflow":
            if record.lot is None or lots != {record.lot[0]} or record.lot[0] in self.accounts:
                raise Unfit("lot", lots=sorted(lots))
            place, kind, pool = map(str, record.lot[1:4])
            self.accounts[str(record.lot[0])] = place, kind, pool
            if record.lot[8] is not None:
                self._expires[str(record.lot[0])] = str(record.lot[8])
        elif not lots <= self.accounts.keys():
            raise Unfit("lot", lots=sorted(lots - self.accounts.keys()))
        holds = {line[5] for line in record.lines if line[5] is not None}
        if event == "hold":
            if record.hold is None or holds != {record.hold[0]} or holds & self._holds:
                raise Unfit("hold", holds=sorted(holds))
            self._holds |= holds
        elif len(holds) > 1 or not holds <= self._holds:
            raise Unfit("hold", holds=sorted(holds))

    def _net(
        self, record: EntryRecord, event: str
    ) -> dict[Place, int]:
        net: dict[Place, int] = {}
        balance: dict[tuple[str, str], int] = {}
        for number, line in enumerate(record.lines, start=1):
            place, lot_id, component, state, amount, hold_id = line
            if (event, state, amount > 0) not in FITTING or place != number or not amount:
                raise Unfit("move", event=Message(f"ledger.event.{event}"))
            if (hold_id is not None) != (state in HELD):
                raise Unfit("move", event=Message(f"ledger.event.{event}"))
            cell = lot_id, component, state, hold_id
            net[cell] = net.get(cell, 0) + amount
            of_lot = lot_id, component
            balance[of_lot] = balance.get(of_lot, 0) + amount
        for (lot_id, component), amount in balance.items():
            if amount:
                raise Unfit("unbalanced", lot=lot_id, component=component, difference=amount)
        return net

    def _judge_reversal(
        self, event: str, reverses: Any,
        net: Mapping[Place, int],
    ) -> None:
        if event != "reverse":
            if reverses is not None:
                raise Unfit("reversal", original=reverses)
            return
        negated = hash(frozenset((cell, -amount) for cell, amount in net.items()))
        if reverses in self._reversed or self._effects.get(reverses or 0) != negated:
            raise Unfit("reversal", original=reverses)
        self._reversed |= {reverses, self.position + 1}

    def _refuse_expired(
        self, net: Iterable[Place], effective: str
    ) -> None:
        for lot_id, *_ in net:
            if self._expires.get(lot_id, "9999") < effective:
                raise Unfit("expired", lot=lot_id)

    def _apply(
        self, net: Mapping[Place, int], effective: str
    ) -> None:
        backdated = effective < self._last_day
        for cell, amount in net.items():
            days = self.days.setdefault(cell, {})
            days[effective] = days.get(effective, 0) + amount
            left = self.sums[cell] = self.sums.get(cell, 0) + amount
            below = -left if cell[2] == "source" else left
            if below < 0 or (backdated and _dips(cell, days)):
                raise Unfit("overdraft", lot=cell[0], component=cell[1],
                            state=Message(f"ledger.state.{cell[2]}"))


def verify_records(
    fold: Fold, records: Iterable[tuple[Record, str | None]], *, known: Known | None = None
) -> Verification:
    """Add records to a fold until one does not fit."""
    met = known is None or known == (0, GENESIS)
    try:
        for record, text in records:
            fold.add(record, text=text)
            met = met or known == (fold.position, fold.head)
    except Unfit as unfit:
        return found(fold, unfit.message)
    if not met and known is not None:
        return found(fold, Message("ledger.verify.known", {"position": known[0]}),
                     entry_id=known[0])
    return found(fold)


def found(
    fold: Fold, message: Message | None = None, *, entry_id: int | None = None
) -> Verification:
    """What a fold came to, with a fault at an entry: None means where the fold is."""
    at = fold.at if entry_id is None else entry_id
    fault = None if message is None else Fault(
        at, Message("ledger.verify.fault", {"entry": at, "fact": message}))
    return Verification(fold.position, fold.head, fold.periods, fault)


def verify_book(connection: sa.Connection, *, known: Known | None = None) -> Verification:
    """Check the journal of a book, and that balances and totals are those of the journal."""
    journal, fold = Journal(connection), Fold()
    with uncollected(), closing(journal.records()) as records:
        told = verify_records(fold, ((record, None) for record in records), known=known)
    if told.fault is None:
        message = _left_over(journal) or _balances(connection, fold) or _totals(connection, fold)
        told = told if message is None else found(fold, message, entry_id=fold.position)
    return told


def _left_over(journal: Journal) -> Message | None:
    names = journal.unopened()
    return Message("ledger.verify.unopened", {"names": names[:5]}) if names else None


def _balances(connection: sa.Connection, fold: Fold) -> Message | None:
    summed = {(lot, component, state, hold or ""): amount
              for (lot, component, state, hold), amount in fold.sums.items()}
    return _difference("balance", summed, store.all_balances(connection))


def _totals(connection: sa.Connection, fold: Fold) -> Message | None:
    of_days: dict[tuple[str, str, str, str, str, str], int] = {}
    for (lot, component, state, _), days in fold.days.items():
        if state != "source":
            cell = (*fold.accounts[lot], component, state)
            for day, amount in days.items():
                key = day, *cell
                of_days[key] = of_days.get(key, 0) + amount
    summed: dict[tuple[object, ...], int] = {}
    for (day, place, kind, pool, component, state), amount in of_days.items():
        for grain, span in (("day", day), ("month", day[:7])):
            whole = grain, span, kind, place, pool, component, state
            summed[whole] = summed.get(whole, 0) + amount
    return _difference("total", summed, store.all_totals(connection))


def _difference(
    name: str, summed: Mapping[Any, int], stored: Mapping[Any, int]
) -> Message | None:
    if summed == stored:
        return None
    cell = next(key for key in (*summed, *stored) if summed.get(key) != stored.get(key))
    return Message(f"ledger.verify.{name}", {
        "cell": " ".join(str(part) for part in cell if part), "summed": summed.get(cell, "-"),
        "stored": stored.get(cell, "-")})


def _dips(cell: Place, days: Mapping[str, int]) -> bool:
    sign = -1 if cell[2] == "source" else 1
    return min(accumulate(sign * amount for _, amount in sorted(days.items()))) < 0

