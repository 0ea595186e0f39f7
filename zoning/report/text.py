"""Tables and verdicts on a terminal.

Attribute text is set as plain text: neither rich's markup nor escape sequences in it do anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from zoning.codes.reader import QuotaKind
from zoning.errors import Message
from zoning.measure.facts import ClassInLine
from zoning.messages import Language, text
from zoning.report.layout import (
    Field,
    Line,
    block_lines,
    cell_text,
    cells_wide,
    clean,
    fields,
    grid,
    heading_text,
    line_texts,
    words,
)
from zoning.report.tables.record import Cell, Column, Table
from zoning.report.tables.scenario import margin_words, missing_words
from zoning.report.tables.words import component_name, named, quota_name
from zoning.scenario.outcome import (
    Finding,
    MoneyAccount,
    NeedLine,
    Outcome,
    ProjectOutcome,
    Quantity,
    Status,
)
from zoning.units import hectares, m2, mu

STYLES = {
    Status.PASS: "green", Status.FAIL: "bold red", Status.UNDECIDED: "yellow", Status.INFO: "dim",
}
GAP = 2
MIN_WIDTH = 8
MARKS = {Status.PASS: "✓", Status.FAIL: "✗", Status.UNDECIDED: "?", Status.INFO: "·"}


def print_table(table: Table, language: Language, console: Console) -> None:
    """Print a table: title, then each block under its name, with its total; then the notes.

    What a block has in common stands in its name and not in columns. The total of a single row is
    left out. 公顷 and 亩 stand beside plain areas; beside mixed amounts only the workbook has them,
    for want of width.
    """
    console.print(Text(words(table.title, language), style="bold underline"))
    columns, widths = fields(table), _widths(table, language, console.width)
    heading = [heading_text(field, language) for field in columns]
    for number, block in enumerate(block_lines(table)):
        if table.total_by:
            console.print(Text(_block_name(table, block[0], language), style="bold cyan"))
        if number == 0:
            _print_row(columns, None, heading, widths, console)
        kept = block[:1] if len(block) == 2 and block[1].is_total else block
        for line, told in zip(kept, line_texts(table, kept, language), strict=True):
            _print_row(columns, line, told, widths, console)
    if not table.rows:
        console.print(Text(text("report.no_rows", language), style="dim"))
    for note in table.notes:
        console.print(Text(words(note, language), style="dim"))


def print_outcome(
    outcome: Outcome, language: Language, console: Console, *, kinds: Mapping[str, QuotaKind]
) -> None:
    """Print the verdict on each project: headline, findings that decide, quota, what is missing.

    Findings that pass are left to `findings_table`; those on a quota are told as its lines.
    """
    console.print(Text(text(
        "report.decided_on", language, name=clean(outcome.name), place=clean(outcome.place),
        scenario=clean(outcome.scenario_id), day=outcome.decision_date,
    ), style="bold"))
    if outcome.ignored:
        told = text("report.ignored_line", language, ids=", ".join(map(clean, outcome.ignored)))
        console.print(Text(told, style=STYLES[Status.UNDECIDED]))
    for project in outcome.projects:
        _print_project(project, language, console, kinds)


def _widths(table: Table, language: Language, room: int) -> dict[int, int]:
    """The columns a terminal has room for and their widths, by index into `fields`.

    Numbers stand whole, words share what is left. Where that is not enough, repetitions in another
    unit go first; then lines grow longer than the terminal: a number is never cut.
    """
    columns, rows = fields(table), grid(table, language)
    shown = _columns(table)
    natural = {i: max(cells_wide(row[i]) for row in rows) for i in shown}
    texts = sorted((i for i in shown if columns[i].column.kind == "text"),
                   key=natural.__getitem__)
    least = {i: min(natural[i], MIN_WIDTH) if i in texts else natural[i] for i in shown}
    spare = [i for i in shown if columns[i].is_converted]
    first = columns[spare[0]].source if spare else None
    while spare and columns[spare[-1]].source != first and _whole(least) > room:
        del natural[spare[-1]], least[spare.pop()]
    left = room - _whole({i: width for i, width in least.items() if i not in texts})
    left -= GAP * len(texts)
    for waiting, i in zip(range(len(texts), 0, -1), texts, strict=True):
        natural[i] = min(natural[i], max(MIN_WIDTH, left // waiting))
        left -= natural[i]
    return natural


def _columns(table: Table) -> list[int]:
    hidden = {*table.total_by, "unit"} if table.total_by else set()
    return [
        i for i, field in enumerate(fields(table))
        if field.column.key not in hidden
        and not (field.is_converted and field.column.kind == "amount")
    ]


def _whole(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + GAP * len(widths)


def _print_row(
    columns: Sequence[Field], line: Line | None, told: Sequence[str], widths: Mapping[int, int],
    console: Console,
) -> None:
    """Print one row, as many lines high as its words need; a heading where `line` is None."""
    style = "bold" if line is None or line.is_total else ""
    folded = {i: _folded(told[i], width, console) for i, width in widths.items()}
    for level in range(max(len(pieces) for pieces in folded.values())):
        row = Text(style=style)
        for i, width in widths.items():
            piece = folded[i][level] if level < len(folded[i]) else ""
            gap = " " * (width - cells_wide(piece))
            cell = "" if line is None else line.cells[columns[i].source]
            row.append(piece + gap if columns[i].unit is None else gap + piece, _style(cell))
            row.append(" " * GAP)
        row.rstrip()
        console.print(row, crop=False, no_wrap=True, overflow="ignore")


def _folded(told: str, width: int, console: Console) -> list[str]:
    if cells_wide(told) <= width:
        return [told]
    return [str(piece).rstrip() for piece in Text(told).wrap(console, width, overflow="fold")]


def _block_name(table: Table, line: Line, language: Language) -> str:
    keys = [key for key in (*table.total_by, "unit") if key in {c.key for c in table.columns}]
    return " · ".join(words(line.cells[table.position(key)], language) or "—" for key in keys)


def _style(cell: Cell) -> str:
    return STYLES[cell] if isinstance(cell, Status) else ""


def _print_project(
    project: ProjectOutcome, language: Language, console: Console, kinds: Mapping[str, QuotaKind]
) -> None:
    area_dm2 = project.facts.area_dm2
    headline = text(
        "report.verdict_line", language, name=clean(f"{project.project_id} {project.name}"),
        verdict=words(project.verdict, language), area=f"{m2(area_dm2):,.2f}",
        ha=hectares(area_dm2), mu=mu(area_dm2),
    )
    console.print()
    console.print(Text(f"{MARKS[project.verdict]} {headline}", style=STYLES[project.verdict]))
    told_below = {f"quota.{need.kind}" for need in project.needs}
    for finding in project.findings:
        if finding.id not in told_below and _is_told(finding):
            _print_below(words(finding.message, language), finding.status, console)
    for told in line_texts_of(project, language):
        _print_below(told, Status.INFO, console)
    for need in project.needs:
        _print_below(_need_text(need, language, kinds), need.status, console)
    if project.missing:
        missing = words(missing_words(project.missing), language)
        _print_below(text("report.missing_line", language, missing=missing), Status.UNDECIDED,
                     console)
    if project.money.lines:
        _print_below(_money_text(project.money, language), Status.INFO, console)


def line_texts_of(project: ProjectOutcome, language: Language) -> list[str]:
    """How far a site keeps from each line, and the classes of its land inside each."""
    hits = project.facts.lines
    margins = [words(told, language) for told in map(margin_words, hits) if told]
    found = [text("report.line_margins", language, margins=margins)] if margins else []
    return found + [
        text("report.line_classes", language, line=words(named("role", hit.role), language),
             classes=[_class_area(each, language) for each in hit.classes])
        for hit in hits if hit.classes]


def _class_area(cell: ClassInLine, language: Language) -> str:
    name = cell.class_code or text("report.no_class" if cell.covered else "report.uncovered",
                                   language)
    return text("report.class_area", language, name=clean(name), ha=hectares(cell.area_dm2),
                m2=f"{m2(cell.area_dm2):,.2f}")


def _money_text(account: MoneyAccount, language: Language) -> str:
    names = "、" if language == "zh" else ", "
    still_open = names.join(words(line.name, language) for line in account.open)
    items = text("report.money.items", language, names=still_open) if still_open else ""
    return text("report.money.line", language, low=f"{account.low_yuan:,}",
                high=f"{account.high_yuan:,}", count=len(account.open), items=items)


def _is_told(finding: Finding) -> bool:
    """Whether a finding stands on the terminal.

    All that do not pass do; of the others the control lines, and that no new quota is needed.
    """
    asked_for = finding.role is not None or finding.id == "quota.none_needed"
    return asked_for or finding.status is not Status.PASS


def _print_below(line: str, status: Status, console: Console) -> None:
    body = Text.assemble((f"{MARKS[status]} ", STYLES[status]), line, overflow="fold")
    console.print(Padding(body, (0, 0, 0, 2)))


def _need_text(need: NeedLine, language: Language, kinds: Mapping[str, QuotaKind]) -> str:
    def said(value: int | None) -> str:
        cell = None if value is None else Quantity(value, need.unit)
        return cell_text(QUANTITY, cell, language)

    return text(
        "report.need_line", language,
        kind=words(quota_name(kinds, need.kind), language),
        component=words(component_name(kinds, need.kind, need.component), language),
        needed=said(need.needed), available=said(need.available),
        shortfall=said(None if need.needed is None else need.shortfall),
    )


QUANTITY = Field(Column("amount", Message("report.column.needed"), "quantity"), 0, "row")
"""A field that shows an amount together with its unit."""
