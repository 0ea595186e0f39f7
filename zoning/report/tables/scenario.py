"""A scenario's answer as tables: verdicts, needs, pools, classes taken, control lines, findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from zoning.codes.reader import LandClasses, QuotaKind
from zoning.errors import Message
from zoning.measure.facts import ClassInLine, LineHit
from zoning.report.tables.areas import HA_AND_MU
from zoning.report.tables.record import Cell, Derived, Table, Words, build, column
from zoning.report.tables.words import class_name, component_name, named, quota_name
from zoning.scenario.outcome import (
    Citation,
    Finding,
    NeedLine,
    Outcome,
    ProjectOutcome,
    Quantity,
    Status,
)
from zoning.scenario.words import say_missing
from zoning.units import round_half_up

Kinds = Mapping[str, QuotaKind]


def verdicts_table(outcome: Outcome) -> Table:
    """One row per project: what it is, how large, the verdict, and what it lacks for one."""
    columns = (
        column("project"), column("name"), column("project_kind"), column("path"),
        column("area", "area", also=HA_AND_MU), column("verdict", "status"), column("missing"),
    )
    rows = (
        {"project": p.project_id, "name": p.name, "project_kind": named("project_kind", p.kind),
         "path": named("path", p.path), "area": p.facts.area_dm2, "verdict": p.verdict,
         "missing": missing_words(p.missing)}
        for p in outcome.projects
    )
    return build("verdicts", columns, rows, totals=("area",),
                 notes=(Message("report.note.statutory"),))


def needs_table(outcome: Outcome, *, kinds: Kinds) -> Table:
    """Quota needed, available and short, per project, kind and component.

    Raises ValueError where a shortfall is not what need and availability make.
    """
    columns = (
        column("project"), column("kind"), column("component"), column("unit"),
        column("needed", "amount", also=("ha", "mu")), column("available", "amount"),
        column("shortfall", "amount", derived=Derived(("needed",), ("available",), floor=True)),
        column("status", "status"),
    )
    rows = (_need_cells(p, need, kinds) for p in outcome.projects for need in p.needs)
    return build("needs", columns, rows, totals=("needed", "shortfall"),
                 total_by=("kind", "component"),
                 notes=(Message("report.note.vector"), Message("report.note.needs")))


def pools_table(outcome: Outcome, *, kinds: Kinds) -> Table:
    """What each pool had free when a project's turn came, and what the project would draw."""
    columns = (
        column("project"), column("kind"), column("component"), column("unit"), column("pool"),
        column("available", "amount"), column("drawn", "amount", also=("ha", "mu")),
    )
    rows = (
        {"project": p.project_id, **_component_cells(need, kinds), "pool": line.pool,
         "available": Quantity(line.available, need.unit), "drawn": Quantity(line.drawn, need.unit)}
        for p in outcome.projects for need in p.needs for line in need.pools
    )
    return build("pools", columns, rows, totals=("drawn",), total_by=("kind", "component"),
                 notes=(Message("report.note.turn"),))


def classes_table(outcome: Outcome, *, classes: LandClasses) -> Table:
    """The land classes each site takes, with the statutory kind they count as."""
    columns = (
        column("project"), column("class_code"), column("class_name"), column("land_kind"),
        column("converted"), column("area", "area", also=HA_AND_MU), column("share", "share"),
    )
    rows = (
        {"project": p.project_id, "class_code": line.class_code,
         "class_name": class_name(classes, line.class_code),
         "land_kind": named("land_kind", line.kind),
         "converted": Message("report.yes" if line.converted else "report.no"),
         "area": line.area_dm2, "share": line.share_1e4}
        for p in outcome.projects for line in p.classes
    )
    return build("classes", columns, rows, totals=("area",), total_by=("project",),
                 notes=(Message("report.note.statutory"), Message("report.note.converted")))


def lines_table(outcome: Outcome) -> Table:
    """Each control line against each site: the land inside, its share, the clauses that apply."""
    columns = (
        column("project"), column("line"), column("inside", "area", also=HA_AND_MU),
        column("feature_sum", "area"), column("share", "share"), column("hits", "int"),
        column("status", "status"), column("clauses"),
    )
    rows = (row for p in outcome.projects for row in _line_rows(p))
    return build("lines", columns, rows,
                 notes=(Message("report.note.statutory"), Message("report.note.line_sum")))


def class_in_line(cell: ClassInLine, classes: LandClasses) -> Words | Message | str:
    """The name of a class inside a line; land under no parcel says so."""
    return class_name(classes, cell.class_code) if cell.covered else Message("report.uncovered")


def margin_words(hit: LineHit) -> Message | None:
    """How far a site keeps from a line, as words; None where it was not measured."""
    if hit.margin_mm is None:
        return None
    side = "border" if not hit.margin_mm else "outside" if hit.margin_mm > 0 else "inside"
    return Message(f"report.line_{side}", {"line": named("role", hit.role),
                                           "m": metres(abs(hit.margin_mm))})


def metres(length_mm: int) -> str:
    """A length in metres with one decimal, rounded towards nothing."""
    sign = "-" if length_mm < 0 and abs(length_mm) >= 100 else ""
    return f"{sign}{abs(length_mm) // 1000:,}.{abs(length_mm) % 1000 // 100}"


def findings_table(outcome: Outcome) -> Table:
    """Every finding of every project, with what was measured, the limit and the clauses."""
    columns = (
        column("project"), column("finding"), column("status", "status"), column("text"),
        column("measured", "quantity"), column("limit", "quantity"), column("share", "share"),
        column("clauses"), column("missing"),
    )
    rows = (
        {"project": p.project_id, "finding": f.id, "status": f.status, "text": f.message,
         "measured": f.measured or "", "limit": f.limit or "",
         "share": "" if f.share_1e4 is None else f.share_1e4,
         "clauses": clauses(f.citations), "missing": missing_words(f.missing)}
        for p in outcome.projects for f in p.findings
    )
    return build("findings", columns, rows)


def scenario_tables(
    outcome: Outcome, *, kinds: Kinds, classes: LandClasses
) -> tuple[Table, ...]:
    """All tables of a scenario, in the order in which a person reads them."""
    return (
        verdicts_table(outcome), findings_table(outcome), needs_table(outcome, kinds=kinds),
        pools_table(outcome, kinds=kinds), classes_table(outcome, classes=classes),
        lines_table(outcome),
    )


def clauses(citations: Iterable[Citation]) -> tuple[Message, ...]:
    """Citations as words: rule, place, source, the dates it holds, how sure we are of it."""
    return tuple(
        Message("report.clause", {
            "rule": c.rule_id, "place": c.place, "source": _source(c), "confidence": c.confidence,
            "start": c.valid_from or "…", "end": c.valid_to or "…",
        })
        for c in citations
    )


def _source(citation: Citation) -> Message:
    return Message("report.words",
                   {"zh": citation.source, "en": citation.source_en or citation.source})


def missing_words(tokens: Iterable[str]) -> tuple[Message, ...]:
    """Missing parameters as words, from their tokens."""
    return tuple(say_missing(token) for token in tokens)


def _component_cells(need: NeedLine, kinds: Kinds) -> dict[str, Cell]:
    return {
        "kind": quota_name(kinds, need.kind),
        "component": component_name(kinds, need.kind, need.component),
        "unit": named("unit", need.unit),
    }


def _need_cells(project: ProjectOutcome, need: NeedLine, kinds: Kinds) -> dict[str, Cell]:
    needed = need.needed
    return {
        "project": project.project_id, **_component_cells(need, kinds),
        "needed": None if needed is None else Quantity(needed, need.unit),
        "available": Quantity(need.available, need.unit),
        "shortfall": None if needed is None else Quantity(need.shortfall, need.unit),
        "status": need.status,
    }


def _line_rows(project: ProjectOutcome) -> Iterable[dict[str, Cell]]:
    site_dm2 = project.facts.area_dm2
    for hit in project.facts.lines:
        findings = [finding for finding in project.findings if finding.role == hit.role]
        yield {
            "project": project.project_id, "line": named("role", hit.role),
            "inside": hit.area_dm2, "feature_sum": hit.sum_dm2,
            "share": _share_1e4(hit.area_dm2, site_dm2), "hits": len(hit.features),
            "status": _worst(findings),
            "clauses": clauses(dict.fromkeys(c for f in findings for c in f.citations)),
        }


def _share_1e4(part_dm2: int, whole_dm2: int) -> int | None:
    return round_half_up(Fraction(part_dm2 * 10_000, whole_dm2)) if whole_dm2 else None


def _worst(findings: Iterable[Finding]) -> Status | None:
    found = {finding.status for finding in findings}
    order = (Status.FAIL, Status.UNDECIDED, Status.PASS, Status.INFO)
    return next((status for status in order if status in found), None)
