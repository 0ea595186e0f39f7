"""Tables and verdicts on a terminal.

Attribute text is set as plain text: neither rich's markup nor escape sequences in it do anything.
"""

from __future__ import annotations

from collections.abc import Mapping

from rich.console import Console
from rich.padding import Padding
from rich.table import Table as RichTable
from rich.text import Text

from zoning.codes.reader import QuotaKind
from zoning.errors import Message
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
    line_text,
    words,
)
from zoning.report.tables.record import Cell, Column, Table
from zoning.report.tables.scenario import clauses
from zoning.report.tables.words import component_name, quota_name
from zoning.scenario.outcome import Finding, NeedLine, Outcome, ProjectOutcome, Quantity, Status
from zoning.units import hectares, m2, mu

STYLES = {
    Status.PASS: "green", Status.FAIL: "bold red", Status.UNDECIDED: "yellow", Status.INFO: "dim",
}
GAP = 2
MIN_WIDTH = 6
MARKS = {Status.PASS: "✓", Status.FAIL: "✗", Status.UNDECIDED: "?", Status.INFO: "·"}


def print_table(table: Table, language: Language, console: Console) -> None:
    """Print a table: title, then each block under its name, with its total; then the notes.

    What a block has in common stands in its name and not in columns. The total of a single row is
    left out. 公顷 and 亩 stand beside plain areas; beside mixed amounts only the workbook has them,
    for want of width.
    """
    console.print(Text(words(table.title, language), style="bold underline"))
    shown, columns = _shown(table), fields(table)
    widths = _widths(table, shown, language, console.width)
    for number, block in enumerate(block_lines(table)):
        if table.total_by:
            console.print(Text(_block_name(table, block[0], language), style="bold cyan"))
        rich = _frame(table, shown, widths, language, with_heading=number == 0)
        for line in block[:1] if len(block) == 2 and block[1].is_total else block:
            told = line_text(table, line, language)
            rich.add_row(*(Text(told[i], style=_style(line.cells[columns[i].source]))
                           for i in shown), style="bold" if line.is_total else "")
        console.print(rich)
    if not table.rows:
        console.print(Text(text("report.no_rows", language), style="dim"))
    for note in table.notes:
        console.print(Text(words(note, language), style="dim"))


def print_outcome(
    outcome: Outcome, language: Language, console: Console, *, kinds: Mapping[str, QuotaKind]
) -> None:
    """Print the verdict on each project: headline, findings that decide, quota, what is missing.

    Findings that pass are left to `findings_table`; notes are told.
    """
    console.print(Text(text(
        "report.decided_on", language, name=clean(outcome.name), place=clean(outcome.place),
        scenario=clean(outcome.scenario_id), day=outcome.decision_date,
    ), style="bold"))
    for project in outcome.projects:
        _print_project(project, language, console, kinds)


def _shown(table: Table) -> list[int]:
    """Which shown columns a terminal has room for, as indices into `fields`."""
    hidden = {*table.total_by, "unit"} if table.total_by else set()
    return [
        i for i, field in enumerate(fields(table))
        if field.column.key not in hidden
        and not (field.is_converted and field.column.kind == "amount")
    ]


def _widths(table: Table, shown: list[int], language: Language, room: int) -> dict[int, int]:
    """A width per column for all blocks alike: numbers whole, words share what is left."""
    rows = grid(table, language)
    natural = {i: max(cells_wide(row[i]) for row in rows) for i in shown}
    texts = sorted((i for i in shown if fields(table)[i].unit is None), key=natural.__getitem__)
    left = room - GAP * len(shown) - sum(natural[i] for i in shown if i not in texts)
    for waiting, i in zip(range(len(texts), 0, -1), texts, strict=True):
        natural[i] = min(natural[i], max(MIN_WIDTH, left // waiting))
        left -= natural[i]
    return natural


def _frame(
    table: Table, shown: list[int], widths: dict[int, int], language: Language, *,
    with_heading: bool,
) -> RichTable:
    rich = RichTable(box=None, show_header=with_heading, padding=(0, GAP, 0, 0))
    for i in shown:
        field = fields(table)[i]
        rich.add_column(
            Text(heading_text(field, language)), width=widths[i], overflow="fold",
            justify="left" if field.unit is None else "right", no_wrap=field.unit is not None,
        )
    return rich


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
    for finding in project.findings:
        if finding.status is not Status.PASS:
            _print_below(_finding_text(finding, language), finding.status, console)
    for need in project.needs:
        _print_below(_need_text(need, language, kinds), need.status, console)
    if project.missing:
        missing = words(project.missing, language)
        _print_below(text("report.missing_line", language, missing=missing), Status.UNDECIDED,
                     console)


def _print_below(line: str, status: Status, console: Console) -> None:
    body = Text.assemble((f"{MARKS[status]} ", STYLES[status]), line, overflow="fold")
    console.print(Padding(body, (0, 0, 0, 2)))


def _finding_text(finding: Finding, language: Language) -> str:
    told = words(finding.message, language)
    cited = words(clauses(finding.citations), language)
    return f"{told} [{cited}]" if cited else told


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
