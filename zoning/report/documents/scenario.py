"""The document of a scenario's answer."""

from __future__ import annotations

from collections.abc import Iterable

from zoning.measure.facts import LineHit
from zoning.report.documents.values import (
    Json,
    amount,
    area,
    day,
    editions,
    hits,
    known_share,
    quantity,
    sentence,
    share,
)
from zoning.scenario.outcome import (
    Citation,
    ClassLine,
    Finding,
    MoneyAccount,
    MoneyLine,
    NeedLine,
    Outcome,
    PoolLine,
    ProjectOutcome,
    Status,
)


def check_document(outcome: Outcome) -> Json:
    """Everything the engine answered, and what it was computed from.

    `verdict` is fail where a project fails, else undecided where one is undecided, else pass.
    """
    return {
        "document": "check",
        "scenario": {"id": outcome.scenario_id, "name": outcome.name},
        "decision_date": day(outcome.decision_date), "place": outcome.place,
        "verdict": overall(outcome).value,
        "projects": [_project(project) for project in outcome.projects],
        "editions": editions(outcome.editions), "rules_sha256": outcome.rules_sha256,
        "ledger_position": outcome.ledger_position, "ignored": list(outcome.ignored),
    }


def overall(outcome: Outcome) -> Status:
    """The verdict on a whole scenario: the worst of its projects', pass where it has none."""
    found = {project.verdict for project in outcome.projects}
    worst = (status for status in (Status.FAIL, Status.UNDECIDED) if status in found)
    return next(worst, Status.PASS)


def _project(project: ProjectOutcome) -> Json:
    facts = project.facts
    return {
        "id": project.project_id, "name": project.name, "kind": project.kind,
        "path": project.path, "verdict": project.verdict.value, "area": area(facts.area_dm2),
        "uncovered": area(facts.uncovered_dm2), "overlap": area(facts.overlap_dm2),
        "classes": [_class(line) for line in project.classes],
        "lines": [_line(hit) for hit in facts.lines],
        "findings": [finding_document(finding) for finding in project.findings],
        "needs": _needs(project.needs), "missing": list(project.missing),
        "money": money_document(project.money),
    }


def money_document(account: MoneyAccount) -> Json:
    """Whole yuan; an open item has no amount and is not in the sum."""
    return {"low_yuan": account.low_yuan, "high_yuan": account.high_yuan,
            "open": len(account.open), "lines": [_money_line(line) for line in account.lines]}


def _money_line(line: MoneyLine) -> Json:
    return {"id": line.id, "name": sentence(line.name), "certainty": line.certainty.value,
            "low_yuan": line.low_yuan, "high_yuan": line.high_yuan,
            "basis": quantity(line.basis), "missing": list(line.missing),
            "citations": [_citation(citation) for citation in line.citations]}


def _class(line: ClassLine) -> Json:
    return {"class_code": line.class_code, "land_kind": line.kind, "area": area(line.area_dm2),
            "share": share(line.share_1e4), "converted": line.converted}


def _line(hit: LineHit) -> Json:
    return {"role": hit.role, "area": area(hit.area_dm2), "feature_sum": area(hit.sum_dm2),
            "features": hits(hit.features), "margin": amount(hit.margin_mm, "mm"),
            "classes": [{"class_code": each.class_code, "covered": each.covered,
                         "area": area(each.area_dm2)} for each in hit.classes]}


def finding_document(finding: Finding) -> Json:
    """One finding with its sentence, its numbers and its clauses."""
    return {
        "id": finding.id, "status": finding.status.value, "text": sentence(finding.message),
        "measured": quantity(finding.measured), "limit": quantity(finding.limit),
        "share": known_share(finding.share_1e4),
        "citations": [_citation(citation) for citation in finding.citations],
        "missing": list(finding.missing), "role": finding.role, "features": hits(finding.features),
        "margin": quantity(finding.margin), "distance": quantity(finding.distance),
    }


def _citation(citation: Citation) -> Json:
    return {
        "rule_id": citation.rule_id, "place": citation.place,
        "source": {"zh": citation.source, "en": citation.source_en or citation.source},
        "valid_from": day(citation.valid_from), "valid_to": day(citation.valid_to),
        "confidence": citation.confidence,
    }


def _needs(needs: Iterable[NeedLine]) -> list[Json]:
    """Needs by kind, kinds in the order of their first line."""
    by_kind: dict[str, list[Json]] = {}
    for need in needs:
        by_kind.setdefault(need.kind, []).append(_need(need))
    return [{"kind": kind, "components": lines} for kind, lines in by_kind.items()]


def _need(need: NeedLine) -> Json:
    return {
        "component": need.component, "needed": amount(need.needed, need.unit),
        "available": amount(need.available, need.unit),
        "shortfall": None if need.needed is None else amount(need.shortfall, need.unit),
        "status": need.status.value, "pools": [_pool(line, need.unit) for line in need.pools],
        "lots": [{"lot_id": line.lot_id, "drawn": amount(line.drawn, need.unit)}
                 for line in need.lots],
    }


def _pool(line: PoolLine, unit: str) -> Json:
    return {"pool": line.pool, "available": amount(line.available, unit),
            "drawn": amount(line.drawn, unit)}
