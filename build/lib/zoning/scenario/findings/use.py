"""Findings on plan conformity: what the plan wants the land to be against what is to be built.

条例 Arts. 14, 23 and 24: a conversion must fit the territorial plan. Which planned uses suit a
project is the planner's to say, `Design.planned_uses`: no text read maps kinds of project to codes.
"""

from __future__ import annotations

from zoning.errors import Message
from zoning.measure.facts import FeatureHit, UsePart
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.outcome import Finding, Quantity, Status
from zoning.scenario.words import area, clause, missing_layer

ROLE = "planned_use"
RULE = "plan.conformity"


def use_findings(case: Case) -> tuple[Finding, ...]:
    """One finding where the scenario says which planned uses suit the project; else none."""
    wanted = case.project.design.planned_uses
    if not wanted:
        return ()
    parts = case.facts.planned_use
    if parts is None:
        return (_undecided(case, "not_loaded", missing_layer(ROLE)),)
    unfit = tuple(part for part in parts if not part.code.startswith(wanted))
    unfit_dm2 = sum(part.area_dm2 for part in unfit)
    unplanned_dm2 = case.facts.area_dm2 - sum(part.area_dm2 for part in parts)
    rule = case.rule(RULE)
    if rule is None or rule.value is not True:
        return (_undecided(case, "no_rule", case.missing(RULE)),)
    if unplanned_dm2 > 0 and not unfit_dm2:
        return (_undecided(case, "unplanned", missing_layer(ROLE), unplanned_dm2),)
    status = Status.FAIL if unfit_dm2 else Status.PASS
    message = Message(f"scenario.use.{status.value}", {
        "area": area(unfit_dm2), "codes": [part.code for part in unfit], "wanted": list(wanted),
        "clause": clause(rule)})
    return (Finding("plan.conformity", status, message, Quantity(unfit_dm2, "dm2"),
                    Quantity(0, "dm2"), citations=cite(rule), role=ROLE, features=_hits(unfit),
                    margin=Quantity(-unfit_dm2, "dm2")),)


def _hits(parts: tuple[UsePart, ...]) -> tuple[FeatureHit, ...]:
    return tuple(FeatureHit(part.code, part.area_dm2) for part in parts)


def _undecided(case: Case, key: str, missing: str, area_dm2: int | None = None) -> Finding:
    params = {"area": area(area_dm2 or 0), "rule": RULE, "role": ROLE, "place": case.place}
    measured = None if area_dm2 is None else Quantity(area_dm2, "dm2")
    return Finding("plan.conformity", Status.UNDECIDED, Message(f"scenario.use.{key}", params),
                   measured, missing=(missing,), role=ROLE)
