"""The difference of two scenarios: by project, parcel, finding, quota, year and money."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from zoning.scenario.horizon import Plan
from zoning.scenario.outcome import Outcome, ProjectOutcome, Quantity

Value = Quantity | str | int | None
Facts = Mapping[tuple[str, str, str, str], Value]
"""(subject, project, item, field) → what is said of it."""


@dataclass(frozen=True)
class Change:
    """One thing the two say differently; None where only the other one has it.

    `subject` is ``project``, ``parcel``, ``finding``, ``quota``, ``year`` or ``money``; `item` a
    parcel, a finding, or a quota component; `field` what is said of it.
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


def _plan(plan: Plan) -> Iterator[tuple[tuple[str, str, str, str], Value]]:
    for word, line in (("book", plan.book), ("expected", plan.expected)):
        for going in line.going:
            yield ("year", going.project_id, word, "first_year"), going.year
            yield ("year", going.project_id, word, "status"), going.status.value
    for done in plan.done:
        yield ("money", "", done.action_id, "cost_yuan"), done.cost_yuan
    yield ("money", "", "", "cost_yuan"), sum(done.cost_yuan or 0 for done in plan.done)


__all__ = ["SUBJECTS", "Change", "Difference", "compare"]
