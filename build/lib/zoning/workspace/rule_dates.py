"""A scenario of a workspace under the rules of two days."""

from __future__ import annotations

from datetime import date

from zoning.scenario.dated import DatedDifference, dated_difference, undying
from zoning.scenario.engine import run
from zoning.scenario.model import Scenario
from zoning.scenario.outcome import Outcome
from zoning.workspace.desk import Desk
from zoning.workspace.quota import book, spendable_for


def check_under_two_dates(
    desk: Desk, scenario: Scenario, first: date, second: date
) -> DatedDifference:
    """Judge the scenario by the law of either day, on the same sites and the same pools."""
    with book(desk.workspace) as quota:
        lots = undying(spendable_for(quota, scenario.id, scenario.decision_date),
                       scenario.decision_date)
    facts, law = desk.facts(scenario), desk.law

    def under(on: date) -> Outcome:
        return run(scenario.model_copy(update={"decision_date": on}), facts, lots, law.rules,
                   law.classes, law.quota_kinds, project_kinds=law.project_kinds)

    return dated_difference(under(first), under(second))
