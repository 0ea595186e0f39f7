"""Findings on the standards of industrial land (工业项目建设用地控制指标).

The ministry's floor-area ratio, coverage and office shares bind; investment per mu is local. An
indicator is tested where the project states it; where the project states its industry code, what
binds and is not stated is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from zoning.errors import Message
from zoning.rules.model import Rule, exact
from zoning.scenario.design import Design
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.outcome import Finding, Quantity, Status
from zoning.scenario.words import clause, missing_attribute
from zoning.units import MU_PER_DM2, round_half_up


@dataclass(frozen=True)
class Indicator:
    """One indicator: the attribute that states it, the rule that bounds it, and on which side."""

    attribute: str
    rule_id: str
    bound: Literal["min", "max"]
    binds: bool = True
    unit: str = "1e-4"
    scale: int = 10_000


INDICATORS = (
    Indicator("far", "ind.far_min", "min"),
    Indicator("coverage", "ind.building_coef_min", "min"),
    Indicator("office_land_share", "ind.office_land_max", "max"),
    Indicator("office_floor_share", "ind.office_floor_max", "max"),
    Indicator("investment_wan", "ind.invest_intensity", "min", binds=False, unit="yuan/mu",
              scale=10_000),
)


def standard_findings(case: Case) -> tuple[Finding, ...]:
    """One finding per indicator of an industrial project that is stated or asked for."""
    design = case.project.design
    if case.project.kind != "industry":
        return ()
    return tuple(_judge(case, each) for each in INDICATORS
                 if getattr(design, each.attribute) is not None
                 or (each.binds and design.industry_code))


def _judge(case: Case, indicator: Indicator) -> Finding:
    rule = case.rule(indicator.rule_id)
    stated = _stated(case, indicator)
    limit = _limit(rule, case.project.design)
    name = Message(f"scenario.standard.{indicator.attribute}")
    params: dict[str, object] = {"indicator": name, "rule": indicator.rule_id,
                                 "place": case.place, "date": case.on.isoformat(),
                                 "code": case.project.design.industry_code or "—"}
    found = f"standard.{indicator.attribute}"
    if limit is None or rule is None:
        token = (missing_attribute("industry_code") if _asks_code(rule, case.project.design)
                 else case.missing(indicator.rule_id))
        return Finding(found, Status.UNDECIDED, Message("scenario.standard.no_limit", params),
                       _quantity(stated, indicator), citations=cite(rule), missing=(token,))
    if stated is None:
        return Finding(found, Status.UNDECIDED, Message("scenario.standard.not_stated", params),
                       limit=_quantity(limit, indicator), citations=cite(rule),
                       missing=(missing_attribute(indicator.attribute),))
    spare = stated - limit if indicator.bound == "min" else limit - stated
    status = Status.PASS if spare >= 0 else Status.FAIL
    params |= {"stated": _told(stated), "limit": _told(limit), "clause": clause(rule)}
    message = Message(f"scenario.standard.{indicator.bound}_{status.value}", params)
    return Finding(found, status, message, _quantity(stated, indicator),
                   _quantity(limit, indicator), citations=cite(rule),
                   margin=_quantity(spare, indicator))


def _stated(case: Case, indicator: Indicator) -> Fraction | None:
    value: Decimal | None = getattr(case.project.design, indicator.attribute)
    if value is None or indicator.attribute != "investment_wan":
        return None if value is None else Fraction(value)
    site_mu = case.facts.area_dm2 * MU_PER_DM2
    return Fraction(value) / site_mu if site_mu else None


def _limit(rule: Rule | None, design: Design) -> Fraction | None:
    if rule is None:
        return None
    if isinstance(rule.value, Mapping):
        return exact(rule.value.get(design.industry_code or ""))
    return exact(rule.value)


def _asks_code(rule: Rule | None, design: Design) -> bool:
    return (rule is not None and isinstance(rule.value, Mapping) and design.industry_code is None)


def _quantity(value: Fraction | None, indicator: Indicator) -> Quantity | None:
    if value is None:
        return None
    return Quantity(round_half_up(value * indicator.scale), indicator.unit)


def _told(value: Fraction) -> str:
    return format(Decimal(round_half_up(value * 10_000)).scaleb(-4).normalize(), "f")
