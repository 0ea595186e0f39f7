"""Findings on what may be built in and outside the development boundary, beside the line itself.

《城镇开发边界管理办法（试行）》 (2026-02-28): no new towns, zones or parks outside.
自然资发〔2026〕38号 (2026-03-16): new construction land in principle not for commercial housing.
"""

from __future__ import annotations

from zoning.errors import Message
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.land import NEW_LANDS
from zoning.scenario.outcome import Finding, Quantity, Status
from zoning.scenario.words import area, clause, missing_attribute, missing_fact, missing_layer

LINE = "ugb"
PARK = "ugb.outside_park_allowed"
HOUSING = "plan.new_land_for_housing"
URBAN_KINDS = ("industry", "warehouse", "commerce", "housing")


def boundary_findings(case: Case) -> tuple[Finding, ...]:
    """A park outside the boundary, commercial housing on new land; each while its rule counts."""
    found = (_park(case), _housing(case))
    return tuple(each for each in found if each is not None)


def _park(case: Case) -> Finding | None:
    rule, is_park = case.rule(PARK), case.project.design.is_park
    may_be = is_park or (is_park is None and case.project.kind in URBAN_KINDS)
    if rule is None or rule.value is True or not may_be:
        return None
    if rule.value is not False:
        return _blank(case, "boundary.park", PARK)
    hit = case.hit(LINE)
    if hit is None:
        return Finding("boundary.park", Status.UNDECIDED,
                       Message("scenario.boundary.not_loaded", {"clause": clause(rule)}),
                       citations=cite(rule), missing=(missing_layer(LINE),), role=LINE)
    outside_dm2 = max(0, case.facts.area_dm2 - hit.area_dm2)
    status = Status.FAIL if is_park else Status.UNDECIDED
    status, key = (status, status.value) if outside_dm2 else (Status.PASS, "pass")
    missing = (missing_attribute("is_park"),) if status is Status.UNDECIDED else ()
    message = Message(f"scenario.boundary.park_{key}",
                      {"area": area(outside_dm2), "clause": clause(rule)})
    return Finding("boundary.park", status, message, Quantity(outside_dm2, "dm2"),
                   Quantity(0, "dm2"), citations=cite(rule), missing=missing, role=LINE,
                   margin=Quantity(-outside_dm2, "dm2"))


def _housing(case: Case) -> Finding | None:
    """The rule says "in principle": whether this is an exception is not the program's to say."""
    rule, new_dm2 = case.rule(HOUSING), case.taken.area_dm2(*NEW_LANDS)
    if rule is None or case.project.kind != "housing" or not new_dm2:
        return None
    if rule.is_blank:
        return _blank(case, "boundary.housing", HOUSING)
    return Finding("boundary.housing", Status.UNDECIDED,
                   Message("scenario.boundary.housing",
                           {"area": area(new_dm2), "clause": clause(rule)}),
                   Quantity(new_dm2, "dm2"), Quantity(0, "dm2"), citations=cite(rule),
                   missing=(missing_fact("housing_exception"),),
                   margin=Quantity(-new_dm2, "dm2"))


def _blank(case: Case, finding_id: str, rule_id: str) -> Finding:
    """A rule that is known to be in force and whose content nobody verified."""
    return Finding(finding_id, Status.UNDECIDED,
                   Message("scenario.boundary.blank", {"rule": rule_id, "place": case.place}),
                   citations=cite(case.rule(rule_id)), missing=(case.missing(rule_id),))
