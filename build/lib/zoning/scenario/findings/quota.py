"""Findings on quota: which land draws which quota, how much, and whether the pools have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from zoning.codes.reader import QuotaKind
from zoning.errors import Message, RuleBookError
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.findings.site import land_gaps
from zoning.scenario.land import LANDS, NEW_LANDS, Land, capacity_kg
from zoning.scenario.outcome import Finding, NeedLine, Quantity, Status
from zoning.scenario.words import (
    amount,
    area,
    bilingual,
    clause,
    missing_class,
    missing_grade,
    missing_layer,
)

BOUNDARY = "boundary_increment"
BOUNDARY_LINE = "ugb"
AGRICULTURAL = ("farmland", "other_agricultural")
CAPACITY = "zbph.capacity_per_mu"
BETWEEN = "zbph.capacity_between_grades"


@dataclass(frozen=True)
class Need:
    """The vector a project needs of one quota kind.

    An amount is None where it is not known; then `missing` names the parameters it waits for.
    """

    kind: QuotaKind
    amounts: Mapping[str, int | None]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needs:
    """Everything a project needs, and the findings that led there."""

    needs: tuple[Need, ...]
    findings: tuple[Finding, ...]


def quota_needs(case: Case) -> Needs:
    """The quota a project draws by its approval path and the land it takes.

    Stock land draws by the rule of construction land only; where the class of some of it is not
    known, that is told with the site.
    """
    if case.project.path == "stock" and case.taken.area_dm2(*NEW_LANDS):
        return Needs((), (_not_stock(case),))
    if case.project.path == "stock" and not case.taken.is_certain:
        return Needs((), ())
    drawing = _drawing_lands(case)
    blank = tuple(land for land in drawing if _is_open(case, land))
    kinds = _kinds(case, drawing)
    if not blank and not kinds:
        return Needs((), (_none_needed(case),))
    if not case.taken.is_certain or blank:
        return _unknown(case, drawing, blank, kinds)
    return _computed(case, drawing, kinds)


def quota_findings(
    case: Case, needs: tuple[Need, ...], lines: tuple[NeedLine, ...]
) -> tuple[Finding, ...]:
    """One finding per quota kind: each component needed against what the pools have."""
    return tuple(_sufficiency(case, need, tuple(line for line in lines
                                                if line.kind == need.kind.code))
                 for need in needs)


# ── which land draws which quota ─────────────────────────────────────────────────────────────


def _drawing_lands(case: Case) -> tuple[Land, ...]:
    """The kinds of land whose debit rule counts: those taken, or any where the class is unknown."""
    if not case.taken.is_certain:
        return LANDS
    return tuple(land for land in LANDS if case.taken.area_dm2(land))


def _is_open(case: Case, land: Land) -> bool:
    rule = case.debits[land]
    return rule is None or rule.is_blank


def _kinds(case: Case, lands: tuple[Land, ...]) -> tuple[QuotaKind, ...]:
    codes = dict.fromkeys(code for land in lands for code in _codes(case, land))
    unknown = [code for code in codes if code not in case.quota_kinds]
    if unknown:
        raise RuleBookError("scenario.unknown_quota", path=case.project.path, found=unknown,
                            kinds=sorted(case.quota_kinds))
    return tuple(case.quota_kinds[code] for code in case.quota_kinds if code in codes)


def _codes(case: Case, land: Land) -> tuple[str, ...]:
    rule = case.debits[land]
    return tuple(map(str, rule.value)) if rule and isinstance(rule.value, tuple) else ()


def _not_stock(case: Case) -> Finding:
    total = case.taken.area_dm2(*NEW_LANDS)
    rule = case.debits["construction"]
    return Finding("quota.stock_path", Status.FAIL,
                   Message("scenario.quota.stock_path", {"area": area(total)}),
                   Quantity(total, "dm2"), Quantity(0, "dm2"), citations=cite(rule))


def _none_needed(case: Case) -> Finding:
    rules = [case.debits[land] for land in LANDS if case.debits[land]]
    drawn = case.debits["construction"]
    if case.taken.is_certain and not case.taken.area_dm2(*NEW_LANDS) and drawn:
        key = "none_needed_stock" if case.taken.converted_dm2 else "none_needed"
        params = {"area": area(case.facts.area_dm2), "clause": clause(drawn),
                  "converted": area(case.taken.converted_dm2)}
        return Finding("quota.none_needed", Status.PASS,
                       Message(f"scenario.quota.{key}", params),
                       Quantity(0, "dm2"), citations=cite(drawn))
    return Finding("quota.none_needed", Status.PASS,
                   Message("scenario.quota.none_by_rule", {"place": case.place}),
                   Quantity(0, "dm2"), citations=cite(*rules))


def _debits(
    case: Case, drawing: tuple[Land, ...], blank: tuple[Land, ...], kinds: tuple[QuotaKind, ...]
) -> Finding:
    citations = cite(*(case.debits[land] for land in drawing))
    names = [bilingual(kind) for kind in kinds]
    path = Message(f"scenario.path.{case.project.path}")
    if blank:
        lands = [Message(f"scenario.land.{land}") for land in blank]
        return Finding("quota.debit", Status.UNDECIDED,
                       Message("scenario.quota.debit_open",
                               {"path": path, "lands": lands, "place": case.place,
                                "date": case.on.isoformat()}),
                       citations=citations,
                       missing=tuple(case.missing(case.debit_id(land)) for land in blank))
    key = "debit" if case.taken.is_certain else "debit_uncertain"
    return Finding("quota.debit", Status.INFO,
                   Message(f"scenario.quota.{key}", {"path": path, "kinds": names}),
                   citations=citations)


# ── how much ─────────────────────────────────────────────────────────────────────────────────


def _unknown(
    case: Case, drawing: tuple[Land, ...], blank: tuple[Land, ...], kinds: tuple[QuotaKind, ...]
) -> Needs:
    finding = _debits(case, drawing, blank, kinds)
    waits = (*finding.missing, *(token for gap in land_gaps(case) for token in gap.missing))
    needs = tuple(Need(kind, {c.code: None for c in kind.components}, waits) for kind in kinds)
    return Needs(needs, (finding,))


def _computed(case: Case, drawing: tuple[Land, ...], kinds: tuple[QuotaKind, ...]) -> Needs:
    """Every vector, with one finding for each amount that cannot be computed."""
    findings = [_debits(case, drawing, (), kinds)]
    asks_capacity = any(c.code == "capacity" for kind in kinds for c in kind.components)
    capacity, finding = _capacity(case) if asks_capacity else (0, None)
    findings += [finding] if finding else []
    needs = []
    for kind in kinds:
        lands = tuple(land for land in drawing if kind.code in _codes(case, land))
        if kind.code == BOUNDARY:
            both, beside = _inside_boundary(case, lands)
            amounts = dict.fromkeys((component.code for component in kind.components), both)
        else:
            amounts = {c.code: _amount(case, c.code, lands, capacity) for c in kind.components}
            beside = _uncounted(kind)
        findings += [beside] if beside else []
        needs.append(_need(kind, amounts, (beside, finding)))
    return Needs(tuple(needs), tuple(findings))


def _need(
    kind: QuotaKind, amounts: Mapping[str, int | None], why: tuple[Finding | None, ...]
) -> Need:
    waits = [token for finding in why if finding for token in finding.missing]
    return Need(kind, amounts, tuple(waits) if None in amounts.values() else ())


def _amount(
    case: Case, component: str, lands: tuple[Land, ...], capacity: int | None
) -> int | None:
    """One component over the kinds of land that draw it; None for one this engine cannot count."""
    if component == "capacity":
        return capacity if "farmland" in lands else 0
    count = COMPONENTS.get(component)
    return count(case, lands) if count else None


def _uncounted(kind: QuotaKind) -> Finding | None:
    unknown = [c for c in kind.components if c.code not in (*COMPONENTS, "capacity")]
    if not unknown:
        return None
    message = Message("scenario.quota.component_unknown",
                      {"kind": bilingual(kind), "components": [bilingual(c) for c in unknown]})
    return Finding("quota.component", Status.UNDECIDED, message,
                   missing=tuple(f"component:{kind.code}.{c.code}" for c in unknown))


def _agricultural(case: Case, lands: tuple[Land, ...]) -> int:
    return sum(case.taken.area_dm2(land) for land in lands if land in AGRICULTURAL)


COMPONENTS: Mapping[str, Callable[[Case, tuple[Land, ...]], int]] = {
    "total": lambda case, lands: case.taken.area_dm2(*lands),
    "area": lambda case, lands: case.taken.area_dm2(*lands),
    "agricultural": _agricultural,
    "farmland": lambda case, lands: case.taken.area_dm2("farmland") if "farmland" in lands else 0,
    "paddy": lambda case, lands: case.taken.paddy_dm2 if "farmland" in lands else 0,
}
"""How each component of a quota vector is counted from the land that draws it."""


def _capacity(case: Case) -> tuple[int | None, Finding | None]:
    pieces = case.taken.farmland
    if not pieces:
        return 0, None
    rule, between = case.rule(CAPACITY), case.rule(BETWEEN)
    if rule is None or not isinstance(rule.value, Mapping):
        return None, Finding("quota.capacity", Status.UNDECIDED,
                             Message("scenario.quota.capacity_open", {"rule": CAPACITY}),
                             citations=cite(rule), missing=(case.missing(CAPACITY),))
    linear = between is not None and between.value == "linear"
    capacity, without = capacity_kg(pieces, rule.value, linear=linear)
    if capacity is None:
        params = {"count": len(without), "parcels": list(without[:5])}
        return None, Finding("quota.capacity", Status.UNDECIDED,
                             Message("scenario.quota.grade_unknown", params),
                             citations=cite(rule, between),
                             missing=tuple(map(missing_grade, without)))
    return capacity, Finding("quota.capacity", Status.INFO,
                             Message("scenario.quota.capacity", {"mass": amount(capacity, "kg"),
                                                                 "clause": clause(rule)}),
                             Quantity(capacity, "kg"), citations=cite(rule, between))


def _inside_boundary(
    case: Case, lands: tuple[Land, ...]
) -> tuple[int | None, Finding | None]:
    """New construction land inside the development boundary, where it can be told.

    The facts know how much of the site lies inside and how much becomes new construction land, not
    how much is both; that is certain where one of them is all of the site or nothing.
    """
    hit, new_dm2, site_dm2 = (case.hit(BOUNDARY_LINE), case.taken.area_dm2(*lands),
                              case.facts.area_dm2)
    inside_dm2 = hit.area_dm2 if hit else None
    both: int | None = None
    if new_dm2 == 0 or inside_dm2 == 0:
        both = 0
    elif inside_dm2 is not None and site_dm2 in (inside_dm2, new_dm2):
        both = min(inside_dm2, new_dm2)
    if both is not None:
        return both, None
    token = missing_layer(BOUNDARY_LINE) if hit is None else missing_class("inside_ugb")
    return None, Finding("quota.inside_boundary", Status.UNDECIDED,
                            Message("scenario.quota.inside_boundary"), missing=(token,))


# ── whether the pools have it ────────────────────────────────────────────────────────────────


def _sufficiency(case: Case, need: Need, lines: tuple[NeedLine, ...]) -> Finding:
    kind = need.kind
    states = {line.status for line in lines}
    status = next((s for s in (Status.FAIL, Status.UNDECIDED) if s in states), Status.PASS)
    worst = max(lines, key=lambda line: (line.status == status, line.shortfall))
    rules = [case.debits[land] for land in LANDS if kind.code in _codes(case, land)]
    message = Message(f"scenario.quota.{status.value}",
                      {"kind": bilingual(kind), "lines": [_told(kind, line) for line in lines]})
    return Finding(f"quota.{kind.code}", status, message,
                   None if worst.needed is None else Quantity(worst.needed, worst.unit),
                   Quantity(worst.available, worst.unit), citations=cite(*rules),
                   missing=need.missing, margin=_spare(worst))


def _spare(line: NeedLine) -> Quantity | None:
    return None if line.needed is None else Quantity(line.available - line.needed, line.unit)


def _told(kind: QuotaKind, line: NeedLine) -> Message:
    params = {"component": bilingual(kind.component(line.component)),
              "available": amount(line.available, line.unit)}
    if line.needed is None:
        return Message("scenario.quota.line_unknown", params)
    params["needed"] = amount(line.needed, line.unit)
    params["shortfall"] = amount(line.shortfall, line.unit)
    return Message("scenario.quota.line_short" if line.shortfall else "scenario.quota.line", params)


__all__ = ["Need", "Needs", "quota_findings", "quota_needs"]
