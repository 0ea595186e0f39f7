"""Findings on what other desks must agree to: forest land, sea, the red line, unused land."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from zoning.errors import Message
from zoning.rules.model import exact
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.outcome import Finding, Quantity, Status
from zoning.scenario.words import area, authority, clause
from zoning.units import DM2_PER_HA, round_half_up

FOREST_GROUP = "03"
FOREST = "appr.forest_national_ha"
SEA = "appr.sea_state_ha"


def permit_findings(case: Case) -> tuple[Finding, ...]:
    """One finding per desk that the site concerns."""
    found = (_forest(case), *_sea(case), _redline(case), _unused(case))
    return tuple(each for each in found if each is not None)


def _forest(case: Case) -> Finding | None:
    """Who agrees to the use of forest land: by its kind, 森林法实施条例 Art. 16."""
    taken_dm2 = sum(piece.area_dm2 for piece in case.taken.pieces
                    if piece.land == "other_agricultural"
                    and (piece.class_code or "").startswith(FOREST_GROUP))
    rule = case.rule(FOREST)
    if not taken_dm2 or rule is None or not isinstance(rule.value, Mapping):
        return None
    limits = _limits_dm2(rule.value)
    kind = case.project.design.forest_kind
    asked = [limits[kind]] if kind in limits else list(limits.values())
    national = {taken_dm2 >= limit for limit in asked}
    key = "unknown" if len(national) > 1 else "national" if True in national else "province"
    return Finding("approval.forest", Status.INFO,
                   Message("scenario.approval.forest",
                           {"area": area(taken_dm2), "clause": clause(rule),
                            "approver": Message(f"scenario.forest.{key}")}),
                   Quantity(taken_dm2, "dm2"), _nearest(limits, kind),
                   citations=cite(rule, case.rule("appr.forest_permit_first")))


def _nearest(limits: Mapping[str, Fraction], kind: str | None) -> Quantity | None:
    limit = limits.get(kind or "")
    return None if limit is None else Quantity(round_half_up(limit), "dm2")


def _sea(case: Case) -> tuple[Finding, ...]:
    """Who approves the use of the sea: by its manner, 海域使用管理法 Art. 18."""
    sea, rule = case.project.design.sea, case.rule(SEA)
    if sea is None or rule is None or not isinstance(rule.value, Mapping):
        return ()
    uses = {"fill": sea.fill_ha, "enclose": sea.enclose_ha, "other": sea.other_ha}
    limits = _limits_dm2(rule.value)
    found = []
    for use, taken_ha in uses.items():
        taken_dm2 = Fraction(taken_ha) * DM2_PER_HA
        if taken_dm2 and use in limits:
            approver = "state_council" if taken_dm2 >= limits[use] else "province"
            found.append(Finding(
                f"approval.sea_{use}", Status.INFO,
                Message("scenario.approval.sea",
                        {"use": Message(f"scenario.sea.{use}"), "clause": clause(rule),
                         "area": area(round_half_up(taken_dm2)), "approver": authority(approver)}),
                Quantity(round_half_up(taken_dm2), "dm2"),
                Quantity(round_half_up(limits[use]), "dm2"), citations=cite(rule)))
    return tuple(found)


def _redline(case: Case) -> Finding | None:
    hit, rule = case.hit("eco_redline"), case.rule("eco_redline.opinion")
    if hit is None or not hit.area_dm2 or rule is None or rule.is_blank:
        return None
    return Finding("approval.redline", Status.INFO,
                   Message("scenario.approval.redline",
                           {"area": area(hit.area_dm2), "approver": authority(str(rule.value)),
                            "clause": clause(rule)}),
                   Quantity(hit.area_dm2, "dm2"), citations=cite(rule), role="eco_redline",
                   features=hit.features)


def _unused(case: Case) -> Finding | None:
    unused_dm2, rule = case.taken.area_dm2("unused"), case.rule("appr.unused_land")
    if not unused_dm2 or rule is None:
        return None
    approver = authority("unknown" if rule.is_blank else str(rule.value))
    return Finding("approval.unused_land", Status.INFO,
                   Message("scenario.approval.unused_land",
                           {"area": area(unused_dm2), "approver": approver,
                            "clause": clause(rule)}),
                   Quantity(unused_dm2, "dm2"), citations=cite(rule))


def _limits_dm2(table: Mapping[str, object]) -> dict[str, Fraction]:
    found = {name: exact(value) for name, value in table.items()}
    return {name: value * DM2_PER_HA for name, value in found.items() if value is not None}
