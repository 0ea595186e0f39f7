"""A plan: everything that is said of a scenario's years."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from zoning.measure.facts import LayerEdition
from zoning.scenario.actions import Done
from zoning.scenario.costs import PlanCosts
from zoning.scenario.horizon import Timeline
from zoning.scenario.yearly import PromiseLine, YearEnd


def _no_costs() -> PlanCosts:
    return PlanCosts({})


@dataclass(frozen=True)
class Plan:
    """The years on the book alone, and with the quota that is expected; what was done.

    `costs`, `year_ends` and `promises` are those with what is expected.
    """

    scenario_id: str
    name: str
    decision_date: date
    place: str
    years: tuple[int, ...]
    book: Timeline
    expected: Timeline
    done: tuple[Done, ...] = ()
    sources: tuple[tuple[str, int], ...] = ()
    editions: tuple[LayerEdition, ...] = ()
    rules_sha256: str = ""
    ledger_position: int = 0
    costs: PlanCosts = field(default_factory=_no_costs)
    year_ends: tuple[YearEnd, ...] = ()
    promises: tuple[PromiseLine, ...] = ()


__all__ = ["Plan"]
