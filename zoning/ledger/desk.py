"""What happens at the desk: inside the write lock, from what is asked to the postings that do it.

Each function reads the book as it is at that moment, and refuses in words or answers with postings
and the lot or hold they open. Nothing is written here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from itertools import count

import sqlalchemy as sa

from zoning.codes.events import LedgerEvent
from zoning.codes.reader import QuotaKind
from zoning.errors import LedgerError, Message, OverdraftError
from zoning.ledger import store, sums
from zoning.ledger.amounts import check_vector, named, show_amount, show_vector
from zoning.ledger.balances import available, bar, cell_of, lot_balances, lowest_from
from zoning.ledger.commands import refuse_long
from zoning.ledger.entries import (
    event_name,
    expire_postings,
    hold_postings,
    inflow_postings,
    reverse_postings,
    settle_postings,
    void_postings,
)
from zoning.ledger.linkage import refuse_undrawn
from zoning.ledger.model import (
    MAX_AMOUNT,
    Draw,
    Entry,
    Event,
    Hold,
    Inflow,
    Lot,
    LotBalance,
    Posting,
    Reservation,
    State,
    Vector,
)
from zoning.ledger.picking import Stock, drawn, free_stock, pick, pick_order

PAGE = 32
"""Lots read at first for a hold; each further page is eight times as large."""


@dataclass(frozen=True)
class Made:
    """What a command comes to: the postings, and the lot or the hold they open."""

    postings: tuple[Posting, ...]
    lot: Lot | None = None
    hold: Hold | None = None


@dataclass(frozen=True)
class Desk:
    """The book under the write lock, with the number and dates of the entry being made."""

    connection: sa.Connection
    kinds: Mapping[str, QuotaKind]
    events: Mapping[str, LedgerEvent]
    entry_id: int
    effective: date
    recorded: datetime
    official_type: str
    has_lot: Callable[[str], bool]


def fill_lot(desk: Desk, inflow: Inflow) -> Made:
    """Open a lot and fill it."""
    lot = inflow.lot
    kind = find_kind(desk.kinds, lot.account.kind)
    amounts = check_vector(inflow.amounts, kind)
    _check_official(desk, Event.INFLOW, kind.code)
    refuse_long(lot=lot.lot_id, place=lot.account.place, pool=lot.account.pool)
    for name, found, least, most in (("vintage", lot.vintage, 1, 9999),
                                     ("unit_cost_yuan", lot.unit_cost_yuan or 0, 0, MAX_AMOUNT)):
        if type(found) is not int or not least <= found <= most:
            raise LedgerError("ledger.lot_number", name=Message(f"ledger.name.{name}"),
                              found=found, least=least, most=most)
    if not lot.account.place or not lot.account.pool:
        raise LedgerError("ledger.no_account", place=lot.account.place, pool=lot.account.pool)
    if lot.expires is not None and lot.expires < desk.effective:
        raise LedgerError("ledger.born_expired", expires=lot.expires, effective=desk.effective)
    if lot.lot_id and desk.has_lot(lot.lot_id):
        raise LedgerError("ledger.lot_exists", lot=lot.lot_id)
    lot_id = lot.lot_id or first_unused(lot_number(desk.entry_id), desk.has_lot)
    named_lot = lot if lot.lot_id else replace(lot, lot_id=lot_id)
    return Made(inflow_postings(lot_id, amounts), lot=named_lot)


def fill_hold(desk: Desk, wanted: Reservation) -> Made:
    """Open a hold and fill it from the lots that may serve the project."""
    kind = find_kind(desk.kinds, wanted.kind)
    need = check_vector(wanted.amounts, kind)
    refuse_undrawn(kind)
    refuse_long(project=wanted.project_id, scenario=wanted.scenario_id)
    _check_official(desk, Event.HOLD, kind.code)
    hold_id = first_unused(f"H{desk.entry_id:06d}", partial(store.has_hold, desk.connection))
    hold = Hold(hold_id, wanted.project_id, wanted.scenario_id, wanted.due,
                kind.code)
    _refuse_second(desk, hold)
    if wanted.due is not None and wanted.due < desk.effective:
        raise LedgerError("ledger.due_early", due=wanted.due, effective=desk.effective)
    stock = _stock_for(desk, wanted)
    draws = pick(stock, need, kind=kind, on=desk.effective, project=wanted.project_id)
    return Made(hold_postings(hold.hold_id, draws), hold=hold)


def settle_hold(desk: Desk, hold_id: str, amounts: Vector | None) -> Made:
    """Use what a hold holds, wholly (None) or in part."""
    return Made(settle_postings(hold_id, _draw_held(desk, Event.SETTLE, hold_id, amounts)))


def void_hold(desk: Desk, hold_id: str, amounts: Vector | None) -> Made:
    """Give back what a hold still holds, wholly (None) or in part."""
    return Made(void_postings(hold_id, _draw_held(desk, Event.VOID, hold_id, amounts)))


def lapse_lot(desk: Desk, lot_id: str, amounts: Vector | None) -> Made:
    """Let a lot's free quota lapse: after its expiry, or by an order that deducts it."""
    lot = find_lot(desk, lot_id)
    kind = find_kind(desk.kinds, lot.account.kind)
    official = _check_official(desk, Event.EXPIRE, kind.code)
    expired = lot.expires is not None and lot.expires < desk.effective
    if not expired and not (official is not None and official.deducts):
        raise LedgerError(
            "ledger.not_expired", lot=lot_id, on=desk.effective,
            expires=lot.expires or Message("ledger.never"),
            deductions=[name for name, event in desk.events.items() if event.deducts])
    free = _lowest(desk, [lot], State.FREE)
    need = _total(free) if amounts is None else check_vector(amounts, kind)
    if not need:
        raise LedgerError("ledger.nothing_free", lot=lot_id, on=desk.effective)
    draws = pick(free, need, kind=kind, refusal="ledger.overdraft_lot", lot=lot_id,
                 on=desk.effective)
    return Made(expire_postings(lot_id, drawn(draws)))


def undo_entry(desk: Desk, entry_id: int) -> Made:
    """Negate an entry, if what it brought is still where it brought it."""
    original = find_entry(desk.connection, entry_id)
    _check_official(desk, Event.REVERSE, None)
    if original.event is Event.REVERSE:
        raise LedgerError("ledger.reverse_reversal", entry_id=entry_id)
    for other in store.entries(desk.connection, store.ENTRY.c.reverses == entry_id):
        raise LedgerError("ledger.reverse_twice", entry_id=entry_id, by=other.entry_id)
    if desk.effective < original.effective:
        raise LedgerError("ledger.reverse_early", entry_id=entry_id, effective=desk.effective,
                          original=original.effective)
    if original.event is Event.VOID:
        _refuse_second(desk, _hold_of(desk, original))
    postings = reverse_postings(original)
    _refuse_spent(desk, original, postings)
    return Made(postings)


def lot_number(entry_id: int) -> str:
    """The id of a lot that was given none, by the number of its inflow."""
    return f"L{entry_id:06d}"


def first_unused(name: str, is_used: Callable[[str], bool]) -> str:
    """The name, with a number to it where somebody has given it away already."""
    if not is_used(name):
        return name
    return next(told for number in count(2) if not is_used(told := f"{name}-{number}"))


def find_kind(kinds: Mapping[str, QuotaKind], code: str) -> QuotaKind:
    """A quota kind by its code. Raises LedgerError naming the kinds there are."""
    if code not in kinds:
        raise LedgerError("ledger.unknown_kind", kind=code, allowed=list(kinds))
    return kinds[code]


def find_lot(desk: Desk, lot_id: str) -> Lot:
    """A lot by its id. Raises LedgerError where there is none."""
    for lot in store.lots(desk.connection, lot_id=lot_id):
        return lot
    raise LedgerError("ledger.unknown_lot", lot=lot_id)


def find_hold(connection: sa.Connection, hold_id: str) -> Hold:
    """A hold by its id. Raises LedgerError where there is none."""
    for hold in store.holds(connection, hold_id=hold_id):
        return hold
    raise LedgerError("ledger.unknown_hold", hold=hold_id)


def find_entry(connection: sa.Connection, entry_id: int) -> Entry:
    """An entry by its number. Raises LedgerError where there is none."""
    for entry in store.entries(connection, store.ENTRY.c.entry_id == entry_id):
        return entry
    raise LedgerError("ledger.unknown_entry", entry_id=entry_id,
                      last=store.position(connection))


def _stock_for(desk: Desk, wanted: Reservation) -> tuple[Stock, ...]:
    """The lots a request may draw on, in its order: as many as it needs, or all where short.

    Lots are read in the order of drawing, a page at a time, so that a book of very many lots costs
    no more than the few a project draws on.
    """
    for name in wanted.lots:
        _refuse_barred(desk, find_lot(desk, name), wanted)
    found: list[LotBalance] = []
    for lots in _pages(desk, wanted):
        names = [lot.lot_id for lot in lots]
        flowing = sums.free_flows(desk.connection, desk.effective, lots=names)
        found += available(
            lot_balances(lots, lowest_from(flowing, desk.effective)), on=desk.effective,
            kind=wanted.kind, project_kind=wanted.project_kind, place=wanted.place,
            pools=wanted.pools)
        if _covers(found, wanted.amounts):
            break
    return free_stock(found, names=wanted.lots)


def _pages(desk: Desk, wanted: Reservation) -> Iterator[tuple[Lot, ...]]:
    if wanted.lots:
        yield store.lots_named(desk.connection, set(wanted.lots))
        return
    start, size = 0, PAGE
    while lots := store.free_lots(desk.connection, wanted.kind, on=desk.effective,
                                  place=wanted.place, pools=wanted.pools, start=start, size=size):
        yield lots
        start, size = start + size, size * 8


def _covers(found: Iterable[LotBalance], need: Vector) -> bool:
    there: Counter[str] = Counter()
    for balance in found:
        there.update({code: max(amount, 0) for code, amount in balance.free.items()})
    return all(there[code] >= amount for code, amount in need.items())


def _refuse_barred(desk: Desk, lot: Lot, wanted: Reservation) -> None:
    reason = bar(lot, on=desk.effective, kind=wanted.kind, project_kind=wanted.project_kind,
                 place=wanted.place, pools=wanted.pools)
    if reason is not None:
        raise LedgerError("ledger.lot_barred", lot=lot.lot_id, project=wanted.project_id,
                          on=desk.effective, reason=Message(f"ledger.bar.{reason}"))


def _refuse_second(desk: Desk, hold: Hold) -> None:
    others = store.holds(desk.connection, project_id=hold.project_id,
                         scenario_id=hold.scenario_id, kind=hold.kind)
    for other in others:
        taken = store.taken_by(desk.connection, other.hold_id)
        if other.hold_id != hold.hold_id and taken:
            kind = desk.kinds.get(hold.kind)
            raise LedgerError(
                "ledger.held_already", hold=other.hold_id, project=hold.project_id,
                scenario=hold.scenario_id, kind=named(kind) if kind else hold.kind,
                amounts=show_vector(taken, kind) if kind else "")


def _draw_held(
    desk: Desk, event: Event, hold_id: str, amounts: Vector | None
) -> tuple[Draw, ...]:
    hold = find_hold(desk.connection, hold_id)
    kind = find_kind(desk.kinds, hold.kind)
    _check_official(desk, event, kind.code)
    lots = store.lots_of_hold(desk.connection, hold_id)
    held = _lowest(desk, lots, State.HELD, hold_id=hold_id)
    need = _total(held) if amounts is None else check_vector(amounts, kind)
    if not need:
        raise LedgerError("ledger.nothing_held", hold=hold_id, on=desk.effective)
    return pick(held, need, kind=kind, refusal="ledger.overdraft_hold", hold=hold_id,
                on=desk.effective)


def _lowest(
    desk: Desk, lots: Iterable[Lot], state: State, *, hold_id: str | None = None
) -> tuple[Stock, ...]:
    """What can be taken out of one state of lots on the entry's day, in the order of drawing.

    Of a hold only its own postings are read, however much else was drawn from its lots.
    """
    lots = sorted(lots, key=pick_order)
    posting = store.POSTING.c
    condition = posting.hold_id == hold_id if hold_id else posting.lot_id.in_(
        [lot.lot_id for lot in lots])
    lowest = lowest_from(store.flows(
        desk.connection, sa.and_(condition, posting.state == state.value), on=desk.effective),
        desk.effective)
    return tuple(
        Stock(lot.lot_id, {
            cell.component: amount for cell, amount in lowest.items() if cell.lot_id == lot.lot_id
        })
        for lot in lots
    )


def _total(stock: Iterable[Stock]) -> dict[str, int]:
    total: dict[str, int] = {}
    for _, amounts in stock:
        for component, amount in amounts.items():
            if amount > 0:
                total[component] = total.get(component, 0) + amount
    return total


def _hold_of(desk: Desk, entry: Entry) -> Hold:
    hold_id = next(line.hold_id for line in entry.postings if line.hold_id is not None)
    return find_hold(desk.connection, hold_id)


def _refuse_spent(desk: Desk, original: Entry, postings: Iterable[Posting]) -> None:
    condition = store.POSTING.c.lot_id.in_({line.lot_id for line in original.postings})
    lowest = lowest_from(store.flows(desk.connection, condition, on=desk.effective),
                         desk.effective)
    for line in postings:
        there = lowest.get(cell_of(line), 0)
        if line.state is not State.SOURCE and there + line.amount < 0:
            lot = find_lot(desk, line.lot_id)
            component = find_kind(desk.kinds, lot.account.kind).component(line.component)
            raise OverdraftError(
                "ledger.reverse_spent", entry_id=original.entry_id,
                event=event_name(original.event), lot=line.lot_id, component=named(component),
                needed=show_amount(-line.amount, component),
                available=show_amount(there, component))


def _check_official(desk: Desk, event: Event, kind: str | None) -> LedgerEvent | None:
    """The official name an entry carries; None where it carries none."""
    if not desk.official_type:
        return None
    allowed = {
        name: official for name, official in desk.events.items()
        if official.event == event and (not official.kinds or kind in official.kinds)
    }
    if desk.official_type not in allowed:
        raise LedgerError("ledger.unknown_official", name=desk.official_type,
                          event=event_name(event), allowed=list(allowed))
    return allowed[desk.official_type]
