"""Balances are folds over the journal: nothing here is stored, everything is added up.

A fold takes the entries that count on a day (`as_of`: effective date not later) and that were
recorded by a moment (`known_at`: not later); None means all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from itertools import accumulate

from zoning.ledger.model import (
    Account,
    Cell,
    Entry,
    Flow,
    Hold,
    HoldBalance,
    Lot,
    LotBalance,
    PoolBalance,
    Posting,
    State,
    Vector,
)

Tally = Mapping[Cell, int]
"""Every cell the counted entries touch → the amount in it, zero included."""


def counts(entry: Entry, *, as_of: date | None = None, known_at: datetime | None = None) -> bool:
    """Whether an entry counts on the day `as_of`, as far as the book knew at `known_at`."""
    return (as_of is None or entry.effective <= as_of) and (
        known_at is None or entry.recorded <= known_at
    )


def tally(
    entries: Iterable[Entry], *, as_of: date | None = None, known_at: datetime | None = None
) -> dict[Cell, int]:
    """Add up the postings of the entries that count, per cell. The order does not matter."""
    sums: dict[Cell, int] = defaultdict(int)
    for entry in entries:
        if counts(entry, as_of=as_of, known_at=known_at):
            for posting in entry.postings:
                sums[cell_of(posting)] += posting.amount
    return dict(sums)


def cell_of(posting: Posting) -> Cell:
    """The cell a posting changes."""
    return Cell(posting.lot_id, posting.component, posting.state, posting.hold_id)


def lot_balances(lots: Iterable[Lot], sums: Tally) -> tuple[LotBalance, ...]:
    """What is left of each lot, by lot id; a lot that no counted entry touches is left out."""
    states: dict[str, dict[State, dict[str, int]]] = {}
    for cell, amount in sorted(sums.items(), key=_plain):
        vector = states.setdefault(cell.lot_id, {}).setdefault(cell.state, {})
        vector[cell.component] = vector.get(cell.component, 0) + amount
    return tuple(
        _lot_balance(lot, states[lot.lot_id])
        for lot in sorted(lots, key=lambda lot: lot.lot_id)
        if lot.lot_id in states
    )


def pool_balances(lots: Iterable[Lot], sums: Tally) -> tuple[PoolBalance, ...]:
    """What came into each component of each pool and where it is now, by account and component.

    ``inflow == free + held + used + lapsed`` always.
    """
    accounts = {lot.lot_id: lot.account for lot in lots}
    totals: dict[tuple[Account, str, State], int] = defaultdict(int)
    for cell, amount in sums.items():
        if cell.lot_id in accounts:
            totals[accounts[cell.lot_id], cell.component, cell.state] += amount
    return pools_of({key: amount for key, amount in totals.items() if key[2] is not State.SOURCE})


def pools_of(totals: Mapping[tuple[Account, str, State], int]) -> tuple[PoolBalance, ...]:
    """The balance of each component of each pool, from the sums per state but source.

    What came in is the sum of all that became of it.
    """
    pools: dict[tuple[Account, str], dict[State, int]] = {}
    for (account, component, state), amount in totals.items():
        pools.setdefault((account, component), defaultdict(int))[state] = amount
    return tuple(
        PoolBalance(account, component, sum(states.values()), states[State.FREE],
                    states[State.HELD], states[State.USED], states[State.LAPSED])
        for (account, component), states in sorted(pools.items(), key=lambda item: item[0])
    )


def hold_balances(holds: Iterable[Hold], sums: Tally) -> tuple[HoldBalance, ...]:
    """What each hold still holds and has used, by hold id; untouched holds are left out."""
    cells: dict[str, list[tuple[Cell, int]]] = {}
    for cell, amount in sorted(sums.items(), key=_plain):
        if cell.hold_id is not None:
            cells.setdefault(cell.hold_id, []).append((cell, amount))
    return tuple(
        _hold_balance(hold, cells[hold.hold_id])
        for hold in sorted(holds, key=lambda hold: hold.hold_id)
        if hold.hold_id in cells
    )


def bar(
    lot: Lot,
    *,
    on: date,
    kind: str,
    project_kind: str | None = None,
    place: str | None = None,
    pools: Iterable[str] = (),
) -> str | None:
    """Why a lot cannot serve a need on a day: the name of the reason, None where it can.

    Places are compared whole: a county's project does not draw on the province's account unasked.
    """
    if lot.account.kind != kind:
        return "other_kind"
    if place is not None and lot.account.place != place:
        return "other_place"
    if pools and lot.account.pool not in pools:
        return "other_pool"
    if lot.expires is not None and lot.expires < on:
        return "expired"
    if lot.uses and project_kind not in lot.uses:
        return "other_use"
    return None


def available(
    lots: Iterable[LotBalance],
    *,
    on: date,
    kind: str,
    project_kind: str | None = None,
    place: str | None = None,
    pools: Iterable[str] = (),
) -> tuple[LotBalance, ...]:
    """The lots that can serve a need on a day: of the kind, in the account, not expired, of use.

    An expired lot may still show a free amount; it is only not available. A lot is good through the
    whole of the day it expires on.
    """
    pools = tuple(pools)
    return tuple(
        balance for balance in lots
        if bar(balance.lot, on=on, kind=kind, project_kind=project_kind, place=place,
               pools=pools) is None
    )


def flows(entries: Iterable[Entry]) -> tuple[Flow, ...]:
    """The postings of entries as flows: cell, effective day, amount."""
    return tuple(
        Flow(cell_of(posting), entry.effective, posting.amount)
        for entry in entries for posting in entry.postings
    )


def lowest_from(flowing: Iterable[Flow], on: date) -> dict[Cell, int]:
    """The lowest amount each cell has on any day from `on` onwards.

    It is what can be taken out of the cell on that day without leaving it overdrawn on a later one,
    which is less than the amount on the day where a later day already takes from it.
    """
    days: dict[Cell, dict[date, int]] = {}
    for cell, effective, amount in flowing:
        of_cell = days.setdefault(cell, {on: 0})
        day = max(effective, on)
        of_cell[day] = of_cell.get(day, 0) + amount
    return {
        cell: min(accumulate(amount for _, amount in sorted(of_cell.items())))
        for cell, of_cell in days.items()
    }


def spendable(lots: Iterable[LotBalance], lowest: Tally) -> tuple[LotBalance, ...]:
    """The lots with `free` lowered to what may still be held without overdrawing a later day."""
    return tuple(
        replace(balance, free={
            component: lowest.get(Cell(balance.lot.lot_id, component, State.FREE), 0)
            for component in balance.free
        })
        for balance in lots
    )


def nonzero(vector: Vector) -> dict[str, int]:
    """The components of a vector that are not zero."""
    return {component: amount for component, amount in vector.items() if amount}


def _lot_balance(lot: Lot, states: Mapping[State, Vector]) -> LotBalance:
    return LotBalance(
        lot, free=states.get(State.FREE, {}), held=states.get(State.HELD, {}),
        used=states.get(State.USED, {}), lapsed=states.get(State.LAPSED, {}),
    )


def _hold_balance(hold: Hold, cells: list[tuple[Cell, int]]) -> HoldBalance:
    vectors: dict[State, dict[str, int]] = {State.HELD: {}, State.USED: {}}
    for cell, amount in cells:
        vector = vectors[cell.state]
        vector[cell.component] = vector.get(cell.component, 0) + amount
    lots = tuple(dict.fromkeys(cell.lot_id for cell, _ in cells))
    return HoldBalance(hold, vectors[State.HELD], vectors[State.USED], lots)


def _plain(item: tuple[Cell, int]) -> tuple[str, str, str, str]:
    cell, _ = item
    return cell.lot_id, cell.component, cell.state, cell.hold_id or ""
