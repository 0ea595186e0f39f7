"""Tables as a workbook: one sheet each, live formulas with their values, and a provenance sheet.

m² is the base: an exact number with two decimals. Everything else is a formula on it, so that the
sheet shows how it was made: 公顷 = ROUND(m²/10000, 4), 亩 = ROUND(m²*3/2000, 4), totals =
ROUND(SUM(...), 2), derived columns from their parts. Each formula is written with its value, so a
viewer that does not calculate shows the same figure. Text is always written as text, never as a
formula, a number or a link. The same input gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import xlsxwriter
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from zoning.messages import Language, text
from zoning.report.layout import (
    Field,
    Line,
    cells_wide,
    clean,
    shown_number,
    unit_name,
    unit_of,
    words,
)
from zoning.report.sheet_plan import Plan, heading_spans, lay_out
from zoning.report.tables.provenance import Provenance, provenance_table
from zoning.report.tables.record import Cell, Derived, Table
from zoning.scenario.outcome import Status

MAX_TEXT = 32_767
MAX_SHEET_NAME = 31
A4, A3 = 9, 8
WIDEST_ON_A4 = 170
FORM_KINDS = frozenset({"ha", "mu"})
"""Cells of official forms: a zero is left blank, long headings wrap over narrow numbers."""
LINE_HEIGHT = 15
MAX_HEIGHT = 408
FIRST_DAY = date(1900, 3, 1)
"""Before this the calendar of spreadsheets is wrong; older dates are written as text."""

FONT = "宋体"
NUMBER_FORMATS = {
    "m2": "#,##0.00", "ha": "#,##0.0000", "mu": "#,##0.0000", "kg": "#,##0", "int": "0",
    "share": "0.00%", "m": "0.000",
}
PLACES_OF_SUM = {"m2": 2, "ha": 4, "mu": 4}
TO_UNIT = {"ha": "ROUND({m2}/10000,4)", "mu": "ROUND({m2}*3/2000,4)"}
STATUS_COLOURS = {
    Status.PASS: "#1b7837", Status.FAIL: "#b2182b", Status.UNDECIDED: "#b35806",
    Status.INFO: "#555555",
}


def write_workbook(
    tables: Sequence[Table],
    target: str | Path | BinaryIO,
    *,
    language: Language = "zh",
    provenance: Provenance,
) -> None:
    """Write tables as sheets of one workbook, the provenance sheet last.

    Raises UsageError for a table with more rows than a sheet can hold, before anything is written.
    """
    laid = [lay_out(table, language) for table in (*tables, provenance_table(provenance))]
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False}
    file = str(target) if isinstance(target, (str, Path)) else target
    with xlsxwriter.Workbook(file, options) as book:
        book.set_properties({"created": _midnight(provenance.made_on)})
        formats = Formats(book)
        names = sheet_names([words(plan.table.title, language) for plan in laid])
        for name, plan in zip(names, laid, strict=True):
            _write_sheet(Sheet(book.add_worksheet(name), formats, plan))


def workbook_bytes(
    tables: Sequence[Table], *, language: Language = "zh", provenance: Provenance
) -> bytes:
    """As `write_workbook`, in memory."""
    file = io.BytesIO()
    write_workbook(tables, file, language=language, provenance=provenance)
    return file.getvalue()


def sheet_names(titles: Sequence[str]) -> list[str]:
    r"""Names a spreadsheet accepts: at most 31 characters, none of ``[]:*?/\``, all different.

    Case does not make names different, and ``History`` is reserved.
    """
    names: list[str] = []
    for title in titles:
        base = re.sub(r"[\[\]:*?/\\]", "_", clean(title)).strip(" '")[:MAX_SHEET_NAME] or "_"
        name, count = base, 1
        while name.casefold() in {"history", *(taken.casefold() for taken in names)}:
            count += 1
            name = f"{base[: MAX_SHEET_NAME - len(f' {count}')]} {count}"
        names.append(name)
    return names


class Formats:
    """The cell formats of one workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self._book = book
        self._made: dict[tuple[tuple[str, object], ...], Any] = {}

    def get(self, **properties: object) -> Any:
        """The format with these properties."""
        key = tuple(sorted(properties.items()))
        if key not in self._made:
            self._made[key] = self._book.add_format(
                {"font_name": FONT, "font_size": 10, **properties}
            )
        return self._made[key]


@dataclass(frozen=True)
class Sheet:
    """A worksheet being written, its formats, and the plan it follows."""

    sheet: Worksheet
    formats: Formats
    plan: Plan


def _write_sheet(at: Sheet) -> None:
    _write_banner(at)
    _write_heading(at)
    start = at.plan.data
    subtotals: list[int] = []
    for row, line in enumerate(at.plan.lines, start=at.plan.data):
        _write_line(at, line, row, subtotals if line.is_grand else range(start, row))
        if line.is_total:
            start = row + 1
            subtotals.append(row)
    if not at.plan.lines:
        nothing = text("report.no_rows", at.plan.language)
        at.sheet.write_string(at.plan.data, 0, nothing, at.formats.get())
    _set_sizes(at)
    _set_page(at)


def _write_banner(at: Sheet) -> None:
    plan, last = at.plan, len(at.plan.fields) - 1
    title = at.formats.get(bold=True, font_size=14, align="center", valign="vcenter")
    note = at.formats.get(italic=True, font_color="#555555", text_wrap=True, valign="top")
    _write_span(at, (0, 0, 0, last), words(plan.table.title, plan.language), title)
    for row, message in enumerate(plan.table.notes, start=1):
        _write_span(at, (row, 0, row, last), words(message, plan.language), note)


def _write_heading(at: Sheet) -> None:
    style = at.formats.get(bold=True, align="center", valign="vcenter", text_wrap=True, border=1,
                           bg_color="#e8eef5")
    start = at.plan.top
    for top, left, bottom, right, label in heading_spans(at.plan):
        _write_span(at, (start + top, left, start + bottom, right), label, style)


def _write_line(at: Sheet, line: Line, row: int, summed: Sequence[int]) -> None:
    """Write one row; a total is the sum of the rows `summed`."""
    told = at.plan.texts[row - at.plan.data]
    look: dict[str, object] = {"border": 1, "valign": "vcenter"}
    if line.is_total:
        look |= {"bold": True, "bg_color": "#f4f4f4"}
    for col, field in enumerate(at.plan.fields):
        cell = line.cells[field.source]
        if shown_number(field, cell) is not None:
            formula = _formula(at.plan, line, (row, col), summed)
            _write_number(at, (row, col), cell, formula, look)
        elif isinstance(cell, date) and cell >= FIRST_DAY:
            style = at.formats.get(num_format="yyyy-mm-dd", **look)
            at.sheet.write_datetime(row, col, _midnight(cell), style)
        else:
            align = "left" if field.unit is None else "right"
            style = at.formats.get(text_wrap=True, align=align, **look, **_colour(cell))
            _write_text(at, (row, col), told[col], style)


def _write_number(
    at: Sheet, where: tuple[int, int], cell: Cell, formula: str | None, look: Mapping[str, object]
) -> None:
    field = at.plan.fields[where[1]]
    value = float(shown_number(field, cell) or 0)
    number_format = _number_format(field, unit_of(field, cell) or "", at.plan.language)
    style = at.formats.get(num_format=number_format, **look)
    if formula:
        at.sheet.write_formula(*where, formula, style, value)
    else:
        at.sheet.write_number(*where, value, style)


def _formula(
    plan: Plan, line: Line, where: tuple[int, int], summed: Sequence[int]
) -> str | None:
    """The formula of a cell, or None where it holds a value of its own."""
    row, col = where
    field = plan.fields[col]
    unit = unit_of(field, line.cells[field.source])
    if unit is not None and field.is_converted:
        base = xl_rowcol_to_cell(row, plan.column(field.column.key))
        return "=" + TO_UNIT[unit].format(m2=base)
    if line.is_total:
        return _rounded(f"SUM({_addresses(summed, col)})", unit)
    if field.column.derived is None:
        return None
    return _rounded(_parts(plan, field.column.derived, row), unit)


def _addresses(rows: Sequence[int], col: int) -> str:
    """Cells of one column: a range for rows that follow each other, else one by one."""
    cells = [xl_rowcol_to_cell(row, col) for row in rows]
    return f"{cells[0]}:{cells[-1]}" if isinstance(rows, range) else ",".join(cells)


def _parts(plan: Plan, derived: Derived, row: int) -> str:
    plus = [xl_rowcol_to_cell(row, plan.column(key)) for key in derived.plus]
    minus = [xl_rowcol_to_cell(row, plan.column(key)) for key in derived.minus]
    total = "-".join(["+".join(plus), *minus])
    return f"MAX(0,{total})" if derived.floor else total


def _rounded(expression: str, unit: str | None) -> str:
    """Areas are cut back to their last decimal: binary fractions must not add up."""
    places = PLACES_OF_SUM.get(unit or "")
    return f"=ROUND({expression},{places})" if places else f"={expression}"


def _number_format(field: Field, unit: str, language: Language) -> str:
    number = NUMBER_FORMATS.get(unit, "0")
    if field.column.kind in FORM_KINDS:
        return f"{number};-{number};"
    if field.column.kind != "quantity" or unit in {"share", "int"}:
        return number
    told = unit_name(unit, language).replace('"', "")
    return f'{number}" {told}"'


def _write_text(at: Sheet, where: tuple[int, int], told: str, style: Any) -> None:
    if told:
        at.sheet.write_string(*where, told[:MAX_TEXT], style)
    else:
        at.sheet.write_blank(*where, None, style)


def _colour(cell: Cell) -> dict[str, object]:
    return {"font_color": STATUS_COLOURS[cell]} if isinstance(cell, Status) else {}


def _write_span(at: Sheet, span: tuple[int, int, int, int], label: str, style: Any) -> None:
    top, left, bottom, right = span
    if (top, left) != (bottom, right):
        at.sheet.merge_range(top, left, bottom, right, "", style)
    at.sheet.write_string(top, left, label, style)


def _set_sizes(at: Sheet) -> None:
    widths = _widths(at.plan)
    for col, width in enumerate(widths):
        at.sheet.set_column(col, col, width)
    at.sheet.set_row(0, 24)
    for row, note in enumerate(at.plan.table.notes, start=1):
        _set_height(at, row, [words(note, at.plan.language)], [sum(widths)])
    for row, labels in enumerate(at.plan.heading, start=at.plan.top):
        if labels is at.plan.titles:
            _set_height(at, row, labels, widths)
    for row, told in enumerate(at.plan.texts, start=at.plan.data):
        _set_height(at, row, told, widths)


def _widths(plan: Plan) -> list[int]:
    """How wide each column is: its texts and its title, numbers of forms without the title."""
    sample = plan.texts[:200]
    return [
        min(max(3 + max([0 if field.column.kind in FORM_KINDS else cells_wide(title),
                         *(cells_wide(row[col]) for row in sample)]), 8), 48)
        for col, (field, title) in enumerate(zip(plan.fields, plan.titles, strict=True))
    ]


def _set_height(at: Sheet, row: int, told: Sequence[str], widths: Sequence[int]) -> None:
    """Room for text that wraps: not every program makes it by itself."""
    wrapped = max(-(-(cells_wide(cell) + 1) // width)
                  for cell, width in zip(told, widths, strict=True))
    if wrapped > 1:
        at.sheet.set_row(row, min(LINE_HEIGHT * wrapped, MAX_HEIGHT))


def _set_page(at: Sheet) -> None:
    plan = at.plan
    at.sheet.freeze_panes(plan.data, 1)
    at.sheet.set_landscape()
    at.sheet.set_paper(A3 if sum(_widths(plan)) > WIDEST_ON_A4 else A4)
    at.sheet.fit_to_pages(1, 0)
    at.sheet.print_area(0, 0, plan.bottom, len(plan.fields) - 1)
    at.sheet.repeat_rows(plan.top, plan.data - 1)
    at.sheet.set_footer("&C" + text("report.page", plan.language))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a spreadsheet day has no zone
