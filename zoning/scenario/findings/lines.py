"""Findings on control lines: one per line of the rule book, whatever the line is called."""

from __future__ import annotations

from fractions import Fraction

from zoning.errors import Message
from zoning.measure.facts import FeatureHit
from zoning.rules.model import ControlLine, Rule
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.outcome import Citation, Finding, Quantity, Status
from zoning.scenario.words import area, authority, bilingual, clause, missing_layer, share
from zoning.units import round_half_up


def line_findings(case: Case) -> tuple[Finding, ...]:
    """One finding per control line that counts at the place."""
    return tuple(_judge(case, line) for line in case.rules.lines_at(case.place))


def _judge(case: Case, line: ControlLine) -> Finding:
    hit = case.hit(line.role)
    if hit is None:
        return _finding(line, Status.UNDECIDED, "not_loaded", {},
                        missing=(missing_layer(line.role),))
    if line.relation == "avoid":
        return _against(case, line, hit.area_dm2, f"{line.role}.allowed_kinds", hit.features)
    outside_dm2 = max(0, case.facts.area_dm2 - hit.area_dm2)
    return _against(case, line, outside_dm2, f"{line.role}.outside_allowed_kinds", ())


def _against(
    case: Case, line: ControlLine, touched_dm2: int, rule_id: str,
    features: tuple[FeatureHit, ...],
) -> Finding:
    """Judge the land of a site on the wrong side of a line."""
    tolerance = case.rule(f"{line.role}.tolerance_dm2")
    allowed_dm2 = tolerance.value if tolerance and isinstance(tolerance.value, int) else 0
    rule = case.rule(rule_id)
    cited = (rule, tolerance)
    if touched_dm2 <= allowed_dm2:
        key = "within_tolerance" if touched_dm2 else "clear"
        return _measured(case, line, Status.PASS, key, touched_dm2, allowed_dm2, cited, features)
    if rule is None or rule.is_blank:
        key = "not_in_force" if rule is None else "blank"
        return _measured(case, line, Status.UNDECIDED, key, touched_dm2, allowed_dm2, cited,
                         features, missing=(case.missing(rule_id),), rule_id=rule_id)
    if isinstance(rule.value, tuple) and case.project.kind in rule.value:
        approver = case.rule(f"{line.role}.approver")
        return _measured(case, line, Status.INFO, "allowed", touched_dm2, allowed_dm2,
                         (*cited, approver), features, clause=clause(rule),
                         approver=_approver(approver), condition=_condition(rule))
    return _measured(case, line, Status.FAIL, "forbidden", touched_dm2, allowed_dm2, cited,
                     features, clause=clause(rule))


def _measured(
    case: Case, line: ControlLine, status: Status, key: str, touched_dm2: int, allowed_dm2: int,
    cited: tuple[Rule | None, ...], features: tuple[FeatureHit, ...], *,
    missing: tuple[str, ...] = (), **params: object,
) -> Finding:
    share_1e4 = _share_1e4(touched_dm2, case.facts.area_dm2)
    told = {"area": area(touched_dm2), "share": share(share_1e4), "kind": case.kind_name,
            "limit": area(allowed_dm2), "place": case.place, "date": case.on.isoformat(), **params}
    return _finding(line, status, key, told, Quantity(touched_dm2, "dm2"),
                    Quantity(allowed_dm2, "dm2"), share_1e4, cite(*cited), missing, features)


def _finding(
    line: ControlLine, status: Status, key: str, params: dict[str, object],
    measured: Quantity | None = None, limit: Quantity | None = None,
    share_1e4: int | None = None, citations: tuple[Citation, ...] = (),
    missing: tuple[str, ...] = (), features: tuple[FeatureHit, ...] = (),
) -> Finding:
    message = Message(f"scenario.line.{line.relation}.{key}",
                      {"line": bilingual(line.name), "role": line.role, **params})
    return Finding(f"line.{line.role}", status, message, measured, limit, share_1e4, citations,
                   missing, line.role, features)


def _approver(rule: Rule | None) -> Message | str:
    if rule is None or rule.is_blank:
        return Message("scenario.authority.unknown")
    return authority(str(rule.value))


def _condition(rule: Rule) -> Message:
    if rule.note is None:
        return Message("scenario.line.no_condition")
    return Message("scenario.line.condition", {"note": bilingual(rule.note)})


def _share_1e4(part_dm2: int, whole_dm2: int) -> int:
    return round_half_up(Fraction(part_dm2 * 10_000, whole_dm2)) if whole_dm2 else 0
