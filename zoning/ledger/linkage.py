"""Linkage turnover quota (增减挂钩周转指标): lent, used, returned in time, never used again.

A lot is lent where the official type of its inflow says so (`zoning.codes.events`). What was used
of it is returned by reclaimed land that has been accepted: a lot of the kind `RETURNS`, which is
counted and never drawn on. Pure folds over the book; `docs/accounting.md` §13 is the convention.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from zoning.codes.events import LedgerEvent
from zoning.codes.reader import QuotaKind
from zoning.dates import add_years
from zoning.errors import LedgerError
from zoning.ledger.amounts import named
from zoning.ledger.model import Entry, Event, Inflow, Lot, LotBalance, Vector

RETURNS = "linkage_return"
"""The kind of quota that returns are counted in."""

NAMES_LOT = "lot/"
"""An origin of a return that begins so names the lot it is for."""

Years = Callable[[str, date], int | None]
"""Place and day of issue → years until the return is due; None where no rule states it."""


@dataclass(frozen=True)
class Loan:
    """One lot that was lent, on a day: where its amounts are and what of it has been returned.

    `due` is the last day to return what was used, and to use what is left; None where no rule in
    force states the years. `returns` are the lots of returned quota counted against it.
    """

    lot: Lot
    issued_on: date
    due: date | None
    issued: Vector
    free: Vector
    held: Vector
    used: Vector
    returned: Vector
    returns: tuple[str, ...] = ()

    @property
    def outstanding(self) -> dict[str, int]:
        """What was used and is not yet returned, per component."""
        return {code: amount - self.returned.get(code, 0) for code, amount in self.used.items()}

    def drawable(self, on: date) -> dict[str, int]:
        """What may still be drawn on a day: what is free, through the day the return is due."""
        last = min(filter(None, (self.due, self.lot.expires)), default=None)
        late = last is not None and on > last
        return {code: 0 if late else amount for code, amount in self.free.items()}


@dataclass(frozen=True)
class Loans:
    """The lots that were lent, and what was returned beyond all that was used."""

    loans: tuple[Loan, ...]
    surplus: Mapping[str, Vector]
    """Lot of returned quota → what of it is counted against nothing."""


def loans(
    balances: Iterable[LotBalance],
    entries: Iterable[Entry],
    *,
    events: Mapping[str, LedgerEvent],
    years: Years,
) -> Loans:
    """The lots that were lent, by due date, each with what has been returned.

    A return counts against the lots its origin names (``lot/L000012``), in that order; without a
    name, against those of its place and pool, the earliest due first. Each component counts by
    itself. `balances` and `entries` are those of one moment of the book.
    """
    balances = tuple(balances)
    lent_on = _lent(entries, events)
    found = sorted(
        (_loan(each, lent_on[each.lot.lot_id], years) for each in balances
         if each.lot.lot_id in lent_on and _issued(each)),
        key=lambda loan: (loan.due or date.max, loan.lot.vintage, loan.lot.lot_id))
    returns = [each for each in balances if each.lot.account.kind == RETURNS]
    return _count(found, sorted(returns, key=lambda each: each.lot.lot_id))


def return_due(issued_on: date, years: int | None) -> date | None:
    """The last day to return quota issued on a day; None where the years are not known."""
    return None if years is None else add_years(issued_on, years)


def good_until_return(
    inflow: Inflow, *, events: Mapping[str, LedgerEvent], years: Years, today: date
) -> Inflow:
    """A lot that is lent and states no expiry is good through the day its return is due.

    Any other inflow, and one whose years no rule states, is left as it is.
    """
    official = events.get(inflow.voucher.official_type)
    if official is None or not official.lent or inflow.lot.expires is not None:
        return inflow
    issued_on = inflow.lot.document_date or inflow.voucher.effective or today
    due = return_due(issued_on, years(inflow.lot.account.place, issued_on))
    return replace(inflow, lot=replace(inflow.lot, expires=due))


def refuse_undrawn(kind: QuotaKind) -> None:
    """Raise LedgerError for a kind that is only counted, as returned quota is."""
    if not kind.drawn:
        raise LedgerError("ledger_book.not_drawn", kind=named(kind))


def _lent(entries: Iterable[Entry], events: Mapping[str, LedgerEvent]) -> dict[str, date]:
    """Lot that was lent → the day its inflow counts from."""
    return {
        entry.postings[0].lot_id: entry.effective for entry in entries
        if entry.event is Event.INFLOW and entry.official_type in events
        and events[entry.official_type].lent
    }


def _loan(balance: LotBalance, effective: date, years: Years) -> Loan:
    lot = balance.lot
    issued_on = lot.document_date or effective
    due = return_due(issued_on, years(lot.account.place, issued_on))
    return Loan(lot, issued_on, due, _issued(balance), balance.free, balance.held, balance.used, {})


def _issued(balance: LotBalance) -> dict[str, int]:
    vectors = (balance.free, balance.held, balance.used, balance.lapsed)
    codes = dict.fromkeys(chain.from_iterable(vectors))
    whole = {code: sum(vector.get(code, 0) for vector in vectors) for code in codes}
    return whole if any(whole.values()) else {}


def _count(found: Sequence[Loan], returns: Iterable[LotBalance]) -> Loans:
    by_id = {loan.lot.lot_id: loan for loan in found}
    surplus: dict[str, Vector] = {}
    for each in returns:
        left = dict(each.free)
        for loan in _served_by(each.lot, list(by_id.values())):
            taken = {code: min(amount, loan.outstanding.get(code, 0))
                     for code, amount in left.items()}
            left = {code: amount - taken[code] for code, amount in left.items()}
            by_id[loan.lot.lot_id] = _with_return(loan, each.lot.lot_id, taken)
        if any(left.values()):
            surplus[each.lot.lot_id] = left
    return Loans(tuple(by_id.values()), surplus)


def _served_by(lot: Lot, found: Sequence[Loan]) -> list[Loan]:
    names = [each.removeprefix(NAMES_LOT) for each in lot.origin if each.startswith(NAMES_LOT)]
    if names:
        by_id = {loan.lot.lot_id: loan for loan in found}
        return [by_id[name] for name in dict.fromkeys(names) if name in by_id]
    account = lot.account
    return [loan for loan in found
            if (loan.lot.account.place, loan.lot.account.pool) == (account.place, account.pool)]


def _with_return(loan: Loan, lot_id: str, taken: Vector) -> Loan:
    if not any(taken.values()):
        return loan
    codes = {**loan.returned, **taken}
    returned = {code: loan.returned.get(code, 0) + taken.get(code, 0) for code in codes}
    return replace(loan, returned=returned, returns=(*loan.returns, lot_id))


__all__ = ["RETURNS", "Loan", "Loans", "good_until_return", "loans", "refuse_undrawn",
           "return_due"]
