"""Findings on approvals: what a site must be submitted for, to whom, with what, and how long it is.

They decide nothing: a site that needs an approval may still have it. What is not known is left out
or told as unknown, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from zoning.errors import Message
from zoning.rules.model import Rule, exact
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.findings.permits import permit_findings
from zoning.scenario.land import NEW_LANDS
from zoning.scenario.outcome import Finding, Quantity, Status
from zoning.scenario.words import area, authority, clause
from zoning.units import DM2_PER_HA

DELEGATE = "appr.jiangsu_city_delegate"
CLOCKS = ("pre_notice", "plan_notice", "post_notice")
DOCUMENTS = (
    "report", "conversion_plan", "offset_plan", "taking_plan", "supply_plan", "pre_examination",
    "site_opinion", "project_approval", "area_development_plan", "annual_economic_plan",
)


def approval_findings(case: Case) -> tuple[Finding, ...]:
    """Conversion, taking, delegation, permits of other desks, documents and statutory clocks."""
    taking = _taking(case)
    found = (_conversion(case), _authority(case), taking, _delegate(case, taking),
             *permit_findings(case), _documents(case), _clocks(case))
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


def _authority(case: Case) -> Finding | None:
    """Who approves the conversion: the State Council on basic farmland, else by the path.

    土地管理法 (2019) Art. 44. Nothing is said of paths whose approval was not read.
    """
    hit = case.hit("pbf")
    if hit is None or not case.taken.area_dm2("farmland", "other_agricultural"):
        return None
    rule = case.rule("pbf.approver" if hit.area_dm2 else f"appr.conversion.{case.project.path}")
    if rule is None or rule.is_blank:
        return None
    return Finding("approval.authority", Status.INFO,
                   Message("scenario.approval.authority",
                           {"approver": authority(str(rule.value)), "clause": clause(rule)}),
                   citations=cite(rule))


def _taking(case: Case) -> Finding | None:
    """Basic farmland, much farmland or much other land: the State Council; else the province.

    Nothing is said where the land or its overlap with basic farmland is not known, or where the
    project says that no collective land is taken.
    """
    farmland, other = case.rule("appr.sc_farmland_ha"), case.rule("appr.sc_other_ha")
    limits, hit = (_limit_dm2(farmland), _limit_dm2(other)), case.hit("pbf")
    if hit is None or None in limits or not case.taken.is_certain:
        return None
    if case.project.design.takes_collective is False:
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


def _delegate(case: Case, taking: Finding | None) -> Finding | None:
    """The city that approves in the province's name, and how it numbers its approvals."""
    rule = case.rule(DELEGATE)
    province = authority("province")
    if (rule is None or rule.is_blank or case.project.path not in ("batch", "linkage_new_site")
            or taking is None or taking.message.params["approver"] != province):
        return None
    number = f"{rule.value}〔{case.on.year}〕×号"
    return Finding("approval.delegate", Status.INFO,
                   Message("scenario.approval.delegate",
                           {"number": number, "clause": clause(rule)}),
                   citations=cite(rule))


def _documents(case: Case) -> Finding | None:
    """The papers of the dossier, as far as rules of the place name them."""
    if case.project.path == "stock" or not case.taken.area_dm2(*NEW_LANDS):
        return None
    rules = [case.rule(f"appr.dossier.{case.project.path}")]
    if case.project.path == "separate":
        rules.append(case.rule("appr.separate_needs"))
    if case.project.design.is_park and case.project.design.takes_collective is not False:
        rules.append(case.rule("appr.area_development_needs"))
    codes = dict.fromkeys(code for rule in rules for code in _names(rule))
    if not codes:
        return None
    return Finding("approval.documents", Status.INFO,
                   Message("scenario.approval.documents", {"documents": [_document(code)
                                                                         for code in codes]}),
                   citations=cite(*rules))


def _clocks(case: Case) -> Finding | None:
    """The notices of a taking (条例 Arts. 26, 28 and 31); nothing before they were law."""
    rules = [case.rule(f"appr.{clock}") for clock in CLOCKS]
    if (case.project.path == "stock" or case.project.design.takes_collective is False
            or not case.taken.area_dm2(*NEW_LANDS) or any(rule is None for rule in rules)):
        return None
    told = [Message(f"scenario.clock.{clock}", {"number": str(rule.value)})
            for clock, rule in zip(CLOCKS, rules, strict=True) if rule is not None]
    return Finding("approval.clocks", Status.INFO,
                   Message("scenario.approval.clocks", {"clocks": told}), citations=cite(*rules))


def _names(rule: Rule | None) -> Iterable[str]:
    return map(str, rule.value) if rule and isinstance(rule.value, tuple) else ()


def _document(code: str) -> Message | str:
    return Message(f"scenario.document.{code}") if code in DOCUMENTS else code


def _limit_dm2(rule: Rule | None) -> Fraction | None:
    limit = exact(rule.value) if rule else None
    return None if limit is None else limit * DM2_PER_HA


__all__ = ["DOCUMENTS", "approval_findings"]
