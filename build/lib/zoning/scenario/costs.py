"""What a plan costs: the account of every project that goes, and the actions, with open items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from zoning.ledger.model import Lot
from zoning.scenario.actions import EXPECTED, Done
from zoning.scenario.horizon import Timeline
from zoning.scenario.money import money_account
from zoning.scenario.outcome import MoneyAccount, Status

PRICED = ("clear_idle", "run_linkage", "buy_lot", "point_supply", "renew", "standard_floor")
"""Actions that cost something: without a stated cost they are open, the others cost nothing."""


@dataclass(frozen=True)
class PlanCosts:
    """The accounts of the projects that go, by id, and what the actions that were done cost.

    An action without a stated cost is open: it counts as nothing and is told apart.
    """

    projects: Mapping[str, MoneyAccount]
    actions: tuple[tuple[str, int | None], ...] = ()

    @property
    def low_yuan(self) -> int:
        """The least that all items which are not open come to."""
        return sum(each.low_yuan for each in self.projects.values()) + self._acts

    @property
    def high_yuan(self) -> int:
        """The most that all items which are not open come to."""
        return sum(each.high_yuan for each in self.projects.values()) + self._acts

    @property
    def open(self) -> int:
        """How many items have no amount."""
        return (sum(len(each.open) for each in self.projects.values())
                + sum(cost is None for _, cost in self.actions))

    @property
    def _acts(self) -> int:
        return sum(cost or 0 for _, cost in self.actions)


def plan_costs(line: Timeline, lots: Iterable[Lot], done: Iterable[Done]) -> PlanCosts:
    """The costs of one run through the years, each project under the law of its day.

    The price of a lot that an action brings is the action's cost and no item of a project: the lot
    would be paid twice.
    """
    acts = tuple((each.action_id, each.cost_yuan) for each in done
                 if each.status is not Status.FAIL
                 and (each.cost_yuan is not None or each.do in PRICED))
    paid = {f"{EXPECTED}:{name}" for name, cost in acts if cost is not None}
    known = tuple(replace(lot, unit_cost_yuan=0) if lot.lot_id in paid else lot for lot in lots)
    return PlanCosts({
        going.project_id: money_account(going.examined.case, going.answer.needs, known)
        for going in line.going if going.day and going.answer and going.examined}, acts)


__all__ = ["PlanCosts", "plan_costs"]
