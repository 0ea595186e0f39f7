"""The decision memo of a scenario: what is asked, what was found, on what it rests, who signs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from zoning.codes.reader import LandClasses, QuotaKind
from zoning.messages import Language, say, text
from zoning.report.layout import unit_name, words
from zoning.report.paper.grids import table_grid, tone
from zoning.report.paper.model import (
    Block,
    Code,
    Facts,
    Grid,
    GridCell,
    Heading,
    NewPage,
    Paper,
    Paragraph,
    Signatures,
    SiteMap,
    grid,
)
from zoning.report.tables import (
    Provenance,
    Table,
    classes_table,
    lines_table,
    money_table,
    needs_table,
    provenance_table,
    verdicts_table,
)
from zoning.report.tables.proof import ProofLine, before_after_table
from zoning.report.tables.scenario import missing_words
from zoning.report.tables.words import named
from zoning.scenario.outcome import Finding, Outcome, ProjectOutcome, Quantity, Status
from zoning.units import hectares, m2, mu

ROLES = ("drafted", "reviewed", "approved")


@dataclass(frozen=True)
class MemoFacts:
    """Everything a memo shows; it computes nothing but words.

    `maps` has the site of each project by id, `alternatives` the tables of what would help it,
    `proof` the lines of the proof card, `due` what falls due after the decision.
    """

    outcome: Outcome
    kinds: Mapping[str, QuotaKind]
    classes: LandClasses
    provenance: Provenance
    overview: SiteMap | None = None
    maps: Mapping[str, SiteMap] = field(default_factory=dict)
    alternatives: Mapping[str, tuple[Table, ...]] = field(default_factory=dict)
    proof: tuple[ProofLine, ...] = ()
    due: Table | None = None
    description: str = ""


def memo(facts: MemoFacts, language: Language = "zh") -> Paper:
    """The memo in one language; the same facts give the same paper."""
    outcome = facts.outcome
    return Paper(
        text("papers.memo.title", language, name=outcome.name),
        text("papers.memo.subtitle", language, place=outcome.place, day=outcome.decision_date,
             scenario=outcome.scenario_id),
        language, facts.provenance.made_on.isoformat(),
        tuple(_blocks(facts, language)), stamp=stamp_of(facts.provenance, language),
        foot=text("papers.memo.foot", language, scenario=outcome.scenario_id,
                  rules=outcome.rules_sha256[:12], position=outcome.ledger_position),
    )


def atlas(facts: MemoFacts, language: Language = "zh") -> Paper:
    """One page for each project: its map, its facts, the classes it takes, the control lines."""
    outcome = facts.outcome
    pages = [_page(project, facts, language, first=number == 0)
             for number, project in enumerate(outcome.projects)]
    return Paper(
        text("papers.atlas.title", language, name=outcome.name),
        text("papers.memo.subtitle", language, place=outcome.place, day=outcome.decision_date,
             scenario=outcome.scenario_id),
        language, facts.provenance.made_on.isoformat(),
        (*(block for page in pages for block in page), NewPage(),
         *sources(facts.provenance, language)),
        stamp=stamp_of(facts.provenance, language),
    )


def _blocks(facts: MemoFacts, language: Language) -> Iterator[Block]:
    yield from _summary(facts, language)
    for number, project in enumerate(facts.outcome.projects):
        yield NewPage()
        if number == 0:
            yield _chapter("projects", language)
        yield from _project(project, facts, language)
    yield NewPage()
    yield from _quota(facts, language)
    yield from _proof(facts, language)
    yield from _approvals(facts, language)
    yield from _clauses(facts.outcome, language)
    yield from sources(facts.provenance, language)
    yield Signatures(tuple(text(f"papers.memo.{role}", language) for role in ROLES))


def _summary(facts: MemoFacts, language: Language) -> Iterator[Block]:
    outcome = facts.outcome
    counts = {status: sum(each.verdict is status for each in outcome.projects)
              for status in (Status.PASS, Status.FAIL, Status.UNDECIDED)}
    area_dm2 = sum(each.facts.area_dm2 for each in outcome.projects)
    yield _chapter("summary", language)
    yield Paragraph(text("papers.memo.verdicts", language, count=len(outcome.projects),
                         passing=counts[Status.PASS], failing=counts[Status.FAIL],
                         undecided=counts[Status.UNDECIDED], m2=f"{m2(area_dm2):,}",
                         ha=hectares(area_dm2), mu=mu(area_dm2)))
    if facts.description:
        yield Paragraph(facts.description, "note")
    if outcome.ignored:
        yield Paragraph(text("report.ignored_line", language, ids=list(outcome.ignored)), "note")
    yield table_grid(verdicts_table(outcome), language, hide=("path",))
    if facts.overview is not None:
        yield facts.overview


def _project(project: ProjectOutcome, facts: MemoFacts, language: Language) -> Iterator[Block]:
    yield Heading(f"{project.project_id}　{project.name}", 2)
    yield Paragraph(_verdict(project, language), tone(project.verdict))
    yield _facts(project, language)
    if project.project_id in facts.maps:
        yield facts.maps[project.project_id]
    yield Heading(text("papers.memo.findings", language), 3)
    yield _findings([each for each in project.findings if not _is_approval(each)], language)
    if project.needs:
        yield Heading(text("papers.memo.needs", language), 3)
        yield table_grid(_only(needs_table(facts.outcome, kinds=facts.kinds), project), language,
                         hide=("project",))
    if project.money.lines:
        yield Heading(text("papers.memo.money", language), 3)
        yield table_grid(_only(money_table(facts.outcome), project), language,
                         hide=("project", "clauses"))
    for number, table in enumerate(facts.alternatives.get(project.project_id, ())):
        if number == 0:
            yield Heading(text("papers.memo.alternatives", language), 3)
        yield Paragraph(words(table.title, language))
        yield table_grid(table, language)


def _page(
    project: ProjectOutcome, facts: MemoFacts, language: Language, *, first: bool
) -> Iterator[Block]:
    if not first:
        yield NewPage()
    yield Heading(f"{project.project_id}　{project.name}", 1)
    if project.project_id in facts.maps:
        yield facts.maps[project.project_id]
    yield _facts(project, language)
    for table, hidden in ((classes_table(facts.outcome, classes=facts.classes), ("project",)),
                          (lines_table(facts.outcome), ("project", "clauses", "feature_sum"))):
        mine = _only(table, project, totals=table.id == "classes")
        if mine.rows:
            yield table_grid(mine, language, hide=hidden)


def _facts(project: ProjectOutcome, language: Language) -> Facts:
    area_dm2 = project.facts.area_dm2
    kind, path = named("project_kind", project.kind), named("path", project.path)
    pairs = [
        (text("report.column.project_kind", language), words(kind, language)),
        (text("report.column.path", language), words(path, language)),
        (text("report.column.area", language),
         text("papers.memo.area", language, m2=f"{m2(area_dm2):,}", ha=hectares(area_dm2),
              mu=mu(area_dm2))),
        (text("report.column.verdict", language), words(project.verdict, language)),
    ]
    if project.missing:
        pairs.append((text("report.column.missing", language),
                      words(missing_words(project.missing), language)))
    return Facts(tuple(pairs))


def _verdict(project: ProjectOutcome, language: Language) -> str:
    failing = [each for each in project.findings if each.status is Status.FAIL]
    key = f"papers.memo.verdict.{project.verdict.value}"
    return text(key, language, count=len(failing), missing=len(project.missing))


def _findings(found: Sequence[Finding], language: Language) -> Grid:
    heads = [text(f"report.column.{key}", language) for key in ("status", "text", "measured")]
    rows = [(GridCell(words(each.status, language), tone=tone(each.status)),
             GridCell(say(each.message, language), _clause_lines(each, language)),
             GridCell(_amount(each.measured, language), _limit(each, language)))
            for each in sorted(found, key=_weight)]
    return grid(heads, rows, numeric=(2,), widths=(9, 62, 22))


def _weight(finding: Finding) -> int:
    return (Status.FAIL, Status.UNDECIDED, Status.PASS, Status.INFO).index(finding.status)


def _clause_lines(finding: Finding, language: Language) -> str:
    """The rules behind a finding that its sentence does not name; chapter 6 has them in full."""
    told = say(finding.message, language)
    return text("report.list_separator", language).join(
        text("papers.memo.clause", language, rule=each.rule_id,
             source=each.source if language == "zh" else each.source_en or each.source)
        for each in finding.citations if each.rule_id not in told)


def _limit(finding: Finding, language: Language) -> str:
    if finding.limit is None:
        return ""
    return text("papers.memo.limit", language, limit=_amount(finding.limit, language))


def _amount(told: Quantity | None, language: Language) -> str:
    if told is None:
        return ""
    if told.unit == "dm2":
        return f"{m2(told.value):,} {unit_name('m2', language)}"
    if told.unit == "1e-4":
        return f"{told.value / 100:.2f}%"
    if told.unit == "dm":
        return f"{told.value / 10:.1f} m"
    return f"{told.value:,} {unit_name(told.unit, language)}"


def _quota(facts: MemoFacts, language: Language) -> Iterator[Block]:
    table = before_after_table(facts.outcome, kinds=facts.kinds)
    yield _chapter("quota", language)
    yield table_grid(table, language, hide=("unit",))
    yield from _notes(table, language)


def _proof(facts: MemoFacts, language: Language) -> Iterator[Block]:
    yield _chapter("proof", language)
    yield Paragraph(text("papers.memo.proof_note", language), "note")
    heads = [text(f"papers.memo.{key}", language) for key in ("claim", "found", "holds")]
    rows = [(say(each.claim, language), say(each.found, language),
             GridCell(words(each.status, language), tone=tone(each.status)))
            for each in facts.proof]
    yield grid(heads, rows, widths=(46, 44, 10))


def _approvals(facts: MemoFacts, language: Language) -> Iterator[Block]:
    yield _chapter("approvals", language)
    heads = [text(f"report.column.{key}", language) for key in ("project", "text")]
    rows = [(project.project_id, GridCell(say(each.message, language),
                                          _clause_lines(each, language)))
            for project in facts.outcome.projects for each in project.findings
            if _is_approval(each)]
    yield grid(heads, rows or [(text("report.no_rows", language), "")], widths=(10, 90))
    if facts.due is not None and facts.due.rows:
        yield Heading(words(facts.due.title, language), 2)
        yield table_grid(facts.due, language, hide=("unit",), converted=False)
        yield from _notes(facts.due, language)


def _is_approval(finding: Finding) -> bool:
    return finding.id.startswith("approval.")


def _clauses(outcome: Outcome, language: Language) -> Iterator[Block]:
    """Every rule that was looked up, once, with the days it holds and how sure it is."""
    cited = dict.fromkeys(c for p in outcome.projects for f in p.findings for c in f.citations)
    yield _chapter("clauses", language)
    heads = [text(f"papers.memo.{key}", language) for key in ("rule", "source", "valid", "sure")]
    rows = [(each.rule_id, each.source if language == "zh" else each.source_en or each.source,
             f"{each.valid_from or '…'} – {each.valid_to or '…'}", each.confidence)
            for each in sorted(cited, key=lambda each: (each.rule_id, each.place))]
    yield grid(heads, rows, widths=(26, 46, 20, 8))


def sources(provenance: Provenance, language: Language) -> Iterator[Block]:
    """Where everything comes from, with hashes, and the command that makes the paper again."""
    table = provenance_table(provenance)
    yield _chapter("sources", language)
    yield table_grid(table, language)
    yield from _notes(table, language)
    yield Heading(text("papers.memo.command", language), 2)
    yield Paragraph(text("papers.memo.command_note", language), "note")
    yield Code(provenance.command)


def _notes(table: Table, language: Language) -> Iterator[Block]:
    for note in table.notes:
        yield Paragraph(words(note, language), "note")


def _only(table: Table, project: ProjectOutcome, *, totals: bool = False) -> Table:
    """The rows of one project; with `totals` their sum, where there is more than one."""
    at = table.position("project")
    rows = tuple(row for row in table.rows if row[at] == project.project_id)
    summed = table.totals if totals and len(rows) > 1 else ()
    return replace(table, rows=rows, totals=summed, total_by=())


def stamp_of(provenance: Provenance, language: Language) -> str:
    """What is stamped on a paper of made-up data; nothing on others."""
    return text("papers.memo.synthetic", language) if provenance.synthetic else ""


def _chapter(key: str, language: Language) -> Heading:
    return Heading(text(f"papers.chapter.{key}", language))


__all__ = ["MemoFacts", "atlas", "memo", "sources", "stamp_of"]
