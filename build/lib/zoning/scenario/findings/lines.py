"""Findings on control lines: one per line of the rule book, whatever the line is called."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from zoning.errors import Message
from zoning.measure.facts import FeatureHit, LineHit
from zoning.rules.model import ControlLine, Rule
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.outcome import Finding, Quantity, Status
from zoning.scenario.words import (
    area,
    authority,
    bilingual,
    clause,
    missing_feature,
    missing_layer,
    missing_rule,
    share,
)
from zoning.units import round_half_up


def line_findings(case: Case) -> tuple[Finding, ...]:
    """One finding per control line that counts at the place, and per layer that no rule defines."""
    lines = case.rules.lines_at(case.place)
    known = {line.role for line in lines}
    return (*(_judge(case, line) for line in lines),
            *(_unruled(case, hit) for hit in case.facts.lines if hit.role not in known))


def _unruled(case: Case, hit: LineHit) -> Finding:
    """A layer that somebody thought worth loading, and of which no rule says what it means."""
    touched = bool(hit.area_dm2 or hit.faulty)
    key = "scenario.line.unruled" if touched else "scenario.line.unruled_clear"
    told = {"role": hit.role, "area": area(hit.area_dm2), "place": case.place}
    missing = (missing_rule(f"line.{hit.role}", case.place, case.on),) if touched else ()
    return Finding(f"line.{hit.role}", Status.UNDECIDED if touched else Status.INFO,
                   Message(key, told), Quantity(hit.area_dm2, "dm2"), role=hit.role,
                   share_1e4=_share_1e4(hit.area_dm2, case.facts.area_dm2), missing=missing,
                   features=hit.features)


def _judge(case: Case, line: ControlLine) -> Finding:
    hit = case.hit(line.role)
    if hit is None:
        message = _message(line, "not_loaded", {"role": line.role})
        return Finding(f"line.{line.role}", Status.UNDECIDED, message, role=line.role,
                       missing=(missing_layer(line.role),))
    if line.relation == "avoid":
        found = _against(case, line, hit.area_dm2, f"{line.role}.allowed_kinds", hit.features)
    else:
        outside_dm2 = max(0, case.facts.area_dm2 - hit.area_dm2)
        found = _against(case, line, outside_dm2, f"{line.role}.outside_allowed_kinds", ())
    return _doubted(line, replace(found, distance=_distance(line, hit)), hit.faulty)


def _distance(line: ControlLine, hit: LineHit) -> Quantity | None:
    """How far the site is from the wrong side of a line; negative for how deep it lies there.

    Facts count metres outside the land of a line as positive, depth inside it as negative. Rounded
    towards the wrong side, to 0.1 m.
    """
    if hit.margin_mm is None:
        return None
    kept_mm = hit.margin_mm if line.relation == "avoid" else -hit.margin_mm
    return Quantity(kept_mm // 100, "dm")


def _doubted(line: ControlLine, found: Finding, faulty: tuple[str, ...]) -> Finding:
    """A finding that is no longer sure where faulty features of the line lie near the site.

    A failure stays one: more of the line can only add to it, and the rest stands measured.
    """
    if not faulty or (found.status is Status.FAIL and line.relation == "avoid"):
        return found
    message = _message(line, "faulty", {"count": len(faulty), "ids": faulty[:5]})
    more = (f"+{len(faulty) - 5}",) if len(faulty) > 5 else ()
    missing = tuple(missing_feature(line.role, name) for name in (*faulty[:5], *more))
    return replace(found, status=Status.UNDECIDED, message=message,
                   missing=(*found.missing, *missing))


def _against(
    case: Case, line: ControlLine, touched_dm2: int, rule_id: str,
    features: tuple[FeatureHit, ...],
) -> Finding:
    """Judge the land of a site on the wrong side of a line."""
    tolerance = case.rule(f"{line.role}.tolerance_dm2")
    allowed_dm2 = tolerance.value if tolerance and isinstance(tolerance.value, int) else 0
    rule, approver = case.rule(rule_id), case.rule(f"{line.role}.approver")
    status, key = _status(case, rule, touched_dm2, allowed_dm2)
    share_1e4 = _share_1e4(touched_dm2, case.facts.area_dm2)
    told = {"area": area(touched_dm2), "share": share(share_1e4), "limit": area(allowed_dm2),
            "kind": case.kind_name, "rule": rule_id, "place": case.place,
            "date": case.on.isoformat(), "clause": clause(rule) if rule else "",
            "approver": _approver(approver), "condition": _condition(rule)}
    return Finding(
        f"line.{line.role}", status, _message(line, key, told), Quantity(touched_dm2, "dm2"),
        Quantity(allowed_dm2, "dm2"), share_1e4,
        cite(rule, tolerance, approver if status is Status.INFO else None),
        (case.missing(rule_id),) if status is Status.UNDECIDED else (), line.role, features,
        Quantity(allowed_dm2 - touched_dm2, "dm2"),
    )


def _status(
    case: Case, rule: Rule | None, touched_dm2: int, allowed_dm2: int
) -> tuple[Status, str]:
    """The status of a line and the sentence that says why."""
    if touched_dm2 <= allowed_dm2:
        return Status.PASS, "tolerated" if touched_dm2 else "clear"
    if rule is None:
        return Status.UNDECIDED, "not_in_force"
    if not isinstance(rule.value, tuple):
        return Status.UNDECIDED, "blank"
    if case.project.kind in rule.value:
        return Status.INFO, "allowed"
    return Status.FAIL, "forbidden"


def _message(line: ControlLine, key: str, params: dict[str, object]) -> Message:
    return Message(f"scenario.line.{line.relation}.{key}", {"line": bilingual(line.name), **params})


def _approver(rule: Rule | None) -> Message | str:
    if rule is None or rule.is_blank:
        return Message("scenario.authority.unknown")
    return authority(str(rule.value))


def _condition(rule: Rule | None) -> Message:
    if rule is None or rule.note is None:
        return Message("scenario.line.no_condition")
    return Message("scenario.line.condition", {"note": bilingual(rule.note)})


def _share_1e4(part_dm2: int, whole_dm2: int) -> int:
    return round_half_up(Fraction(part_dm2 * 10_000, whole_dm2)) if whole_dm2 else 0
