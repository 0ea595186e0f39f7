"""Findings on approvals: what a site must be submitted for, and to whom. They decide nothing."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from zoning.errors import Message
from zoning.rules.model import Rule
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.outcome import Finding, Quantity, Status
from zoning.scenario.words import area, authority, clause
from zoning.units import DM2_PER_HA


def approval_findings(case: Case) -> tuple[Finding, ...]:
    """Conversion of agricultural land, and who would approve a taking of collective land."""
    found = (_conversion(case), _taking(case))
    return tuple(each for each in found if each is not None)


def _conversion(case: Case) -> Finding | None:
    rule = case.rule("appr.conversion_required")
    agricultural_dm2 = case.taken.area_dm2("farmland", "other_agricultural")
    if rule is None or rule.value is not True or not (agricultural_dm2 or case.taken.is_certain):
        return None
    key = "conversion" if agricultural_dm2 else "no_conversion"
    return Finding("approval.conversion", Status.INFO,
                   Message(f"scenario.approval.{key}",
                           {"area": area(agricultural_dm2), "clause": clause(rule)}),
                   Quantity(agricultural_dm2, "dm2"), citations=cite(rule))


def _taking(case: Case) -> Finding | None:
    """Basic farmland, much farmland or much other land: the State Council; else the province.

    Nothing is said where the land or its overlap with basic farmland is not known.
    """
    farmland, other = case.rule("appr.sc_farmland_ha"), case.rule("appr.sc_other_ha")
    limits, hit = (_limit_dm2(farmland), _limit_dm2(other)), case.hit("pbf")
    if hit is None or None in limits or not case.taken.is_certain:
        return None
    farmland_dm2 = case.taken.area_dm2("farmland")
    is_large = any(limit is not None and area_dm2 > limit for area_dm2, limit in
                   zip((farmland_dm2, case.facts.area_dm2 - farmland_dm2), limits, strict=True))
    approver = "state_council" if is_large or hit.area_dm2 else "province"
    pbf = case.rule("pbf.approver") if hit.area_dm2 else None
    return Finding("approval.taking", Status.INFO,
                   Message("scenario.approval.taking",
                           {"approver": authority(approver), "farmland": area(farmland_dm2),
                            "other": area(case.facts.area_dm2 - farmland_dm2)}),
                   citations=cite(farmland, other, pbf))


def _limit_dm2(rule: Rule | None) -> Fraction | None:
    if rule is None or not isinstance(rule.value, int | Decimal):
        return None
    return Fraction(rule.value) * DM2_PER_HA
