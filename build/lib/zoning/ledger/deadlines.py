"""What falls due in the next days: holds, lots, returns of linkage quota, clocks of idle land.

A pure function of what the book and the registers say; `docs/accounting.md` §14 is the convention.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from zoning.ledger.balances import nonzero
from zoning.ledger.linkage import Loan
from zoning.ledger.model import HoldBalance, LotBalance, Vector


class Matter(StrEnum):
    """What falls due."""

    HOLD = "hold"
    LOT = "lot"
    LINKAGE = "linkage"
    IDLE = "idle"
    RECOVER = "recover"


@dataclass(frozen=True)
class IdleClock:
    """A plot of supplied land that has not been built on, and the days its clock strikes.

    `idle_on` is the day it becomes idle land, `recover_on` the day it may be taken back without
    compensation; None where the start or the rule is not known. `feature` is role and feature id.
    """

    feature: str
    name: str
    start_due: date | None
    idle_on: date | None
    recover_on: date | None
    area_dm2: int


@dataclass(frozen=True)
class Deadline:
    """One thing that falls due on a day; `day` None where the day cannot be told.

    `subject` is the hold, the lot, or the feature (``idle_land/CL-007``); `about` the project, the
    document, or the plot's name. `amounts` of the quota `kind` are at stake, or the land
    `area_dm2`.
    """

    matter: Matter
    day: date | None
    subject: str
    about: str
    kind: str = ""
    amounts: Vector = field(default_factory=dict)
    area_dm2: int | None = None

    def days_left(self, on: date) -> int | None:
        """Days from a day until it falls due; below zero where it is overdue."""
        return None if self.day is None else (self.day - on).days


def deadlines(
    *,
    on: date,
    within_days: int,
    holds: Iterable[HoldBalance] = (),
    lots: Iterable[LotBalance] = (),
    loans: Iterable[Loan] = (),
    clocks: Iterable[IdleClock] = (),
) -> tuple[Deadline, ...]:
    """Everything due by a day `within_days` after `on`, the earliest first.

    What is overdue and still open is in the list, and so is, at its end, what has no day but should
    have one: a return whose years no rule states, land whose start is not recorded. A hold or lot
    without a day never falls due.
    """
    found = (*_of_holds(holds), *_of_lots(lots), *_of_loans(loans), *_of_clocks(clocks))
    near = [each for each in found
            if each.day is None or (each.day - on).days <= within_days]
    return tuple(sorted(near, key=lambda each: (each.day or date.max, list(Matter).index(
        each.matter), each.subject)))


def _of_holds(holds: Iterable[HoldBalance]) -> Iterable[Deadline]:
    for balance in holds:
        hold = balance.hold
        if balance.is_open and hold.due is not None:
            yield Deadline(Matter.HOLD, hold.due, hold.hold_id, hold.project_id, hold.kind,
                           nonzero(balance.held))


def _of_lots(lots: Iterable[LotBalance]) -> Iterable[Deadline]:
    for balance in lots:
        lot = balance.lot
        if lot.expires is not None and any(balance.free.values()):
            yield Deadline(Matter.LOT, lot.expires, lot.lot_id, lot.document, lot.account.kind,
                           nonzero(balance.free))


def _of_loans(loans: Iterable[Loan]) -> Iterable[Deadline]:
    for loan in loans:
        if any(loan.outstanding.values()):
            yield Deadline(Matter.LINKAGE, loan.due, loan.lot.lot_id, loan.lot.document,
                           loan.lot.account.kind, nonzero(loan.outstanding))


def _of_clocks(clocks: Iterable[IdleClock]) -> Iterable[Deadline]:
    for clock in clocks:
        for matter, day in ((Matter.IDLE, clock.idle_on), (Matter.RECOVER, clock.recover_on)):
            yield Deadline(matter, day, clock.feature, clock.name, area_dm2=clock.area_dm2)


__all__ = ["Deadline", "IdleClock", "Matter", "deadlines"]
