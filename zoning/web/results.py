"""The engine's answer on the page: verdict, findings with their clauses, needs, classes taken."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from zoning.codes.reader import QuotaKind
from zoning.measure.facts import LineHit
from zoning.messages import Language, text
from zoning.messages import say as said
from zoning.report.layout import unit_name, words
from zoning.report.tables.scenario import class_in_line, margin_words
from zoning.report.tables.words import component_name, named, quota_name
from zoning.scenario.outcome import (
    Citation,
    ClassLine,
    Finding,
    NeedLine,
    Outcome,
    ProjectOutcome,
)
from zoning.scenario.words import say_missing
from zoning.web import session, show
from zoning.web.show import COLOURS, Html
from zoning.web.state import Desk


def project_result(desk: Desk, project: ProjectOutcome) -> None:
    """Everything about one project, the verdict first."""
    verdict(project)
    show.heading(session.say("web.needs"))
    needs(project.needs, desk.workspace.kinds)
    show.heading(session.say("web.findings"), extra=str(len(project.findings)))
    st.html(findings(project.findings))
    show.heading(session.say("web.classes_taken"))
    st.html(classes_taken(desk, project.classes))
    if project.facts.lines:
        show.heading(session.say("web.lines_met"))
        st.html(lines_met(desk, project.facts.lines))


def verdict(project: ProjectOutcome) -> None:
    """The verdict with the area of the site, and what is missing for one."""
    language, unit = session.language(), session.unit()
    area = show.area_with_unit(project.facts.area_dm2, unit, language)
    st.html(Html(
        f'<div class="verdict {COLOURS[project.verdict]}">{show.badge(project.verdict, language)}'
        f"<span>{show.cell(project.name)}</span>"
        f"<span>{show.cell(session.say('web.site_area'))} <b>{show.cell(area)}</b></span></div>"
        f'<p class="note">{show.cell(_missing(project, language))}</p>'))


def verdicts(outcome: Outcome) -> Html:
    """All projects of a scenario: what each is, its area, its verdict, what it lacks for one."""
    language, unit = session.language(), session.unit()
    heads = [text("report.column.project", language), text("report.column.name", language),
             f"{text('report.column.area', language)} ({unit_name(unit, language)})",
             text("report.column.verdict", language)]
    rows: list[Sequence[object]] = [
        (each.project_id, Html(show.cell(each.name) + _small(_kind_and_path(each, language))
                               + _small(_missing(each, language))),
         show.area(each.facts.area_dm2, unit), show.badge(each.verdict, language))
        for each in outcome.projects
    ]
    whole = sum(each.facts.area_dm2 for each in outcome.projects)
    rows.append(("", text("report.total", language), show.area(whole, unit), ""))
    return show.grid(heads, rows, numeric=(2,), total=True)


def needs(lines: Sequence[NeedLine], kinds: Mapping[str, QuotaKind]) -> None:
    """Quota needed, available and short, component by component."""
    if not any(line.needed != 0 for line in lines):
        show.note(session.say("web.no_quota_needed"))
    if not lines:
        return
    language = session.language()
    heads = [text(f"report.column.{key}", language)
             for key in ("kind", "needed", "available", "shortfall", "status")]
    rows = [_need_row(line, kinds, language) for line in lines]
    st.html(show.grid(heads, rows, numeric=(1, 2, 3)))


def findings(found: Sequence[Finding]) -> Html:
    """Findings as a table: status, sentence with its clauses, what was measured."""
    language = session.language()
    heads = [text("report.column.status", language), text("report.column.text", language),
             session.say("web.measured")]
    rows = [
        (show.badge(each.status, language),
         Html(show.cell(said(each.message, language)) + _clauses(each.citations)),
         _measured(each, language))
        for each in found
    ]
    return show.grid(heads, rows, numeric=(2,))


def classes_taken(desk: Desk, lines: Sequence[ClassLine]) -> Html:
    """The land classes of a site, each with the colour it has on the map."""
    language, unit = session.language(), session.unit()
    heads = [session.say("web.class"), session.say("web.land_kind"),
             f"{session.say('web.area')} ({unit_name(unit, language)})",
             text("report.column.share", language)]
    rows: list[Sequence[object]] = [
        (_class(desk, line, language), _kind(line, language), show.area(line.area_dm2, unit),
         f"{line.share_1e4 / 100:.2f}%")
        for line in lines
    ]
    if len(lines) > 1:
        whole = sum(line.area_dm2 for line in lines)
        rows.append((text("report.total", language), "", show.area(whole, unit), ""))
    return show.grid(heads, rows, numeric=(2, 3), total=len(lines) > 1)


def lines_met(desk: Desk, hits: Sequence[LineHit]) -> Html:
    """Each control line: the land inside, by class of parcel, and the metres kept from it."""
    language, unit = session.language(), session.unit()
    heads = [session.say("web.line"), f"{session.say('web.area')} ({unit_name(unit, language)})",
             session.say("web.margin")]
    rows: list[Sequence[object]] = []
    for hit in hits:
        name = show.role_name(hit.role, desk.names)
        told = margin_words(hit)
        rows.append((Html(f"<strong>{show.cell(name)}</strong>"), show.area(hit.area_dm2, unit),
                     words(told, language) if told else ""))
        rows += [(words(class_in_line(each, desk.workspace.classes), language),
                  show.area(each.area_dm2, unit), "") for each in hit.classes]
    return show.grid(heads, rows, numeric=(1,))


def computed_from(outcome: Outcome) -> str:
    """The editions, rule book and ledger position behind an answer."""
    editions = [f"{show.role_name(e.role)} {e.edition} ({e.sha256[:8]})" for e in outcome.editions]
    return session.say("web.computed_from", rules=outcome.rules_sha256[:8],
                       position=outcome.ledger_position, editions=editions)


def _kind_and_path(project: ProjectOutcome, language: Language) -> str:
    told = (named("project_kind", project.kind), named("path", project.path))
    return " · ".join(words(each, language) for each in told)


def _missing(project: ProjectOutcome, language: Language) -> str:
    missing = [said(say_missing(token), language) for token in project.missing]
    return session.say("web.missing_parameters", missing=missing) if missing else ""


def _small(sentence: str) -> str:
    return f"<small>{show.cell(sentence)}</small>" if sentence else ""


def _need_row(
    line: NeedLine, kinds: Mapping[str, QuotaKind], language: Language
) -> tuple[object, ...]:
    unit = session.unit()

    def told(value: int | None) -> str:
        return (text("report.unknown", language) if value is None
                else show.amount(value, line.unit, unit, language))

    kind = words(quota_name(kinds, line.kind), language)
    component = words(component_name(kinds, line.kind, line.component), language)
    pools = "".join(f"<small>{show.cell(pool.pool)}: {show.cell(told(pool.available))}</small>"
                    for pool in line.pools)
    return (Html(f"{show.cell(kind)} · {show.cell(component)}{pools}"), told(line.needed),
            told(line.available), told(None if line.needed is None else line.shortfall),
            show.badge(line.status, language))


def _clauses(citations: Sequence[Citation]) -> str:
    return "".join(f"<small>{show.cell(_clause(each))}</small>" for each in citations)


def _clause(citation: Citation) -> str:
    """A citation as words: the source first, then the rule, the days it holds, how sure it is."""
    return session.say(
        "web.rule_line", source=citation.source, rule=citation.rule_id,
        start=citation.valid_from or "…", end=citation.valid_to or session.say("web.open_end"),
        confidence=citation.confidence)


def _measured(finding: Finding, language: Language) -> Html:
    unit = session.unit()
    parts = []
    if finding.measured is not None:
        parts.append(show.cell(show.amount(finding.measured.value, finding.measured.unit, unit,
                                           language)))
    if finding.limit is not None:
        limit = show.amount(finding.limit.value, finding.limit.unit, unit, language)
        told = session.say("web.limit", amount=limit)
        parts.append(f"<small>{show.cell(told)}</small>")
    if finding.share_1e4 is not None:
        parts.append(f"<small>{finding.share_1e4 / 100:.2f}%</small>")
    return Html("".join(parts))


def _class(desk: Desk, line: ClassLine, language: Language) -> Html:
    found = desk.workspace.classes.get(line.class_code)
    codes = list(desk.workspace.classes.classes)
    number = codes.index(found.code) + 1 if found else 0
    name = f"{found.code} {found.zh if language == 'zh' else found.en}" if found else (
        line.class_code or session.say("web.class_unknown"))
    converted = text("report.column.converted", language) if line.converted else ""
    return Html(f"{show.swatch(desk.palette[number])} {show.cell(name)}"
                f"<small>{show.cell(converted)}</small>")


def _kind(line: ClassLine, language: Language) -> str:
    return words(named("land_kind", line.kind), language)


__all__ = [
    "classes_taken", "computed_from", "findings", "lines_met", "needs", "project_result",
    "verdict", "verdicts",
]
