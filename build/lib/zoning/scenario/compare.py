"""The difference of two scenarios: by project, parcel, finding, quota, year and money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zoning.scenario.outcome import MoneyAccount, Outcome, ProjectOutcome, Quantity
from zoning.scenario.plans import Plan

Value = Quantity | str | int | None
Facts = Mapping[tuple[str, str, str, str], Value]
"""(subject, project, item, field) → what is said of it."""


@dataclass(frozen=True)
class Change:
    """One thing the two say differently; None where only the other one has it.

    `subject` is ``project``, ``parcel``, ``finding``, ``quota``, ``year`` or ``money``; `item` a
    parcel, a finding, a quota component, or an item of money: on the day (``decision_date``) or in
    the years with what is expected (``plan``); `field` what is said of it.
    """

    subject: str
    project: str
    item: str
    field: str
    before: Value
    after: Value


@dataclass(frozen=True)
class Difference:
    """What changes from one scenario to another. Nothing does where `changes` is empty."""

    first: str
    second: str
    changes: tuple[Change, ...]


def compare(
    first: Outcome, second: Outcome, *, plans: tuple[Plan, Plan] | None = None
) -> Difference:
    """The difference of two outcomes, and of their years where their plans are given."""
    before, after = dict(_outcome(first)), dict(_outcome(second))
    if plans:
        before |= dict(_plan(plans[0]))
        after |= dict(_plan(plans[1]))
    keys = [*before, *(key for key in after if key not in before)]
    order = {subject: number for number, subject in enumerate(SUBJECTS)}
    changed = [Change(*key, before.get(key), after.get(key)) for key in keys
               if before.get(key) != after.get(key)]
    return Difference(first.scenario_id, second.scenario_id,
                      tuple(sorted(changed, key=lambda each: order[each.subject])))


SUBJECTS = ("project", "year", "quota", "finding", "parcel", "money")
"""The order in which changes are told."""


def _outcome(outcome: Outcome) -> Iterator[tuple[tuple[str, str, str, str], Value]]:
    totals: dict[tuple[str, str], Quantity] = {}
    for each in outcome.projects:
        yield from _project(each)
        for need in each.needs:
            item = f"{need.kind}.{need.component}"
            if need.needed is not None:
                had = totals.get((item, "needed"), Quantity(0, need.unit))
                totals[item, "needed"] = Quantity(had.value + need.needed, need.unit)
            had = totals.get((item, "shortfall"), Quantity(0, need.unit))
            totals[item, "shortfall"] = Quantity(had.value + need.shortfall, need.unit)
    for (item, said), total in totals.items():
        yield ("quota", "", item, said), total
    accounts = [each.money for each in outcome.projects]
    for word in ("low_yuan", "high_yuan"):
        whole = sum(getattr(account, word) for account in accounts)
        yield ("money", "", "decision_date", word), Quantity(whole, "yuan")
    yield ("money", "", "decision_date", "open"), sum(len(each.open) for each in accounts)


def _project(each: ProjectOutcome) -> Iterator[tuple[tuple[str, str, str, str], Value]]:
    name = each.project_id
    said: dict[str, Value] = {"verdict": each.verdict.value, "kind": each.kind, "path": each.path,
                              "area": Quantity(each.facts.area_dm2, "dm2")}
    for word, value in said.items():
        yield ("project", name, "", word), value
    areas: dict[str, int] = {}
    for part in each.facts.parts:
        areas[part.parcel_id] = areas.get(part.parcel_id, 0) + part.area_dm2
    for parcel, area_dm2 in areas.items():
        yield ("parcel", name, parcel, "area"), Quantity(area_dm2, "dm2")
    for finding in each.findings:
        yield ("finding", name, finding.id, "status"), finding.status.value
        yield ("finding", name, finding.id, "measured"), finding.measured
    for need in each.needs:
        item = f"{need.kind}.{need.component}"
        if need.needed is not None:
            yield ("quota", name, item, "needed"), Quantity(need.needed, need.unit)
        yield ("quota", name, item, "shortfall"), Quantity(need.shortfall, need.unit)
    yield from _money("decision_date", name, each.money)


def _plan(plan: Plan) -> Iterator[tuple[tuple[str, str, str, str], Value]]:
    for word, line in (("book", plan.book), ("expected", plan.expected)):
        for going in line.going:
            yield ("year", going.project_id, word, "first_year"), going.year
            yield ("year", going.project_id, word, "status"), going.status.value
    for name, account in plan.costs.projects.items():
        yield from _money("plan", name, account)
    for action, cost in plan.costs.actions:
        yield ("money", "", action, "cost_yuan"), _yuan(cost)
    for word, value in (("low_yuan", plan.costs.low_yuan), ("high_yuan", plan.costs.high_yuan)):
        yield ("money", "", "plan", word), _yuan(value)
    yield ("money", "", "plan", "open"), plan.costs.open


def _money(
    when: str, project: str, account: MoneyAccount
) -> Iterator[tuple[tuple[str, str, str, str], Value]]:
    """Every item of an account and its sums; an open item says so and has no amount."""
    for line in account.lines:
        item = f"{when}.{line.id}"
        yield ("money", project, item, "certainty"), line.certainty.value
        yield ("money", project, item, "low_yuan"), _yuan(line.low_yuan)
        yield ("money", project, item, "high_yuan"), _yuan(line.high_yuan)
    yield ("money", project, when, "low_yuan"), _yuan(account.low_yuan)
    yield ("money", project, when, "high_yuan"), _yuan(account.high_yuan)
    yield ("money", project, when, "open"), len(account.open)


def _yuan(value: int | None) -> Quantity | None:
    return None if value is None else Quantity(value, "yuan")


__all__ = ["SUBJECTS", "Change", "Difference", "compare"]
