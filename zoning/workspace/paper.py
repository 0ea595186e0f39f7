"""An official sheet handed in, held against the book: every cell that says something else.

A 对账单 comes from an office above, a balance sheet from last year's folder. Nothing in them could
be posted: they are sums, without the documents that made them. What a county needs of them is to
know where they and the book part, cell by cell.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from zoning.errors import InputError, Message
from zoning.messages import LANGUAGES, Language, text
from zoning.report.documents.values import Json
from zoning.report.layout import Field, fields, labelled, lines, shown_number, words
from zoning.report.tables import Table
from zoning.report.tables.record import build, column
from zoning.workspace.folder import Workspace
from zoning.workspace.papers import sheet_tables

FARTHEST = 60
"""Below so many rows no heading is looked for."""

Shown = str | Decimal
"""What a cell shows: a number or words; an empty text is nothing."""


@dataclass(frozen=True)
class Part:
    """One cell in which a paper and the book part: where, what the book says, what the paper."""

    sheet: str
    cell: str
    heading: str
    book: Shown
    paper: Shown


@dataclass(frozen=True)
class PaperCheck:
    """What came of holding a workbook against the book.

    `compared` are the sheets that were compared, `others` those that are no sheets of the book's.
    """

    compared: tuple[str, ...]
    others: tuple[str, ...]
    cells: int
    parts: tuple[Part, ...]


def check_paper(workspace: Workspace, file: Path) -> PaperCheck:
    """Compare every official sheet of a workbook with the book as it is now.

    Rows are found by their words (side and type, account, lot, project), so their order does not
    matter; a row that only one of the two has is named. Numbers are compared exactly, as shown.

    Raises
    ------
    InputError
        The file is no workbook, or none of its sheets is one of the book's.

    """
    known = {words(table.title, language): (table, language)
             for table in sheet_tables(workspace) for language in LANGUAGES}
    compared, others = [], []
    parts: list[Part] = []
    cells = 0
    for sheet in _sheets(file):
        found = known.get(_said(sheet.cell(1, 1).value))
        if found is None:
            others.append(str(sheet.title))
            continue
        count, differing = _compare(sheet, *found)
        compared.append(str(sheet.title))
        parts += differing
        cells += count
    if not compared:
        raise InputError("ledger_book.no_paper", file=file.name, sheets=others)
    return PaperCheck(tuple(compared), tuple(others), cells, tuple(parts))


def paper_document(found: PaperCheck, *, position: int) -> Json:
    """What was compared with the book, and every cell that differs."""
    return {
        "document": "paper", "ledger_position": position, "compared": list(found.compared),
        "not_compared": list(found.others), "cells": found.cells,
        "differences": [
            {"sheet": each.sheet, "cell": each.cell, "heading": each.heading,
             "book": str(each.book), "paper": str(each.paper)} for each in found.parts],
    }


def paper_table(found: PaperCheck) -> Table:
    """The cells in which a paper and the book part."""
    names = ("sheet", "cell", "heading", "book", "paper")
    columns = [column(name, title=Message(f"ledger_book.paper_column.{name}")) for name in names]
    rows: Iterable[Mapping[str, Any]] = (
        {name: str(getattr(each, name)) for name in names} for each in found.parts)
    return build("paper", columns, rows, title=Message("ledger_book.paper_title"), notes=(
        Message("ledger_book.paper_told", {
            "sheets": len(found.compared), "cells": found.cells,
            "differences": len(found.parts), "others": list(found.others)}),))


def _sheets(file: Path) -> Sequence[Any]:
    try:
        return load_workbook(io.BytesIO(file.read_bytes()), data_only=True).worksheets
    except (OSError, BadZipFile, InvalidFileException, KeyError, ValueError, TypeError,
            AttributeError, SyntaxError) as error:
        raise InputError("ledger_book.no_workbook", file=file.name,
                         said=type(error).__name__) from error


def _compare(sheet: Any, table: Table, language: Language) -> tuple[int, list[Part]]:
    """How many cells of a sheet were compared, and those that differ."""
    columns = fields(table)
    titles = [words(field.column.title, language) for field in columns]
    start = _below_heading(sheet, titles)
    at = _Where(str(sheet.title), titles)
    if start is None:
        return 0, [at.part(1, 0, titles[0], "")]
    mine = {key: row for key, _, row in _keyed(
        ((0, row) for row in _book_rows(table, columns, language)), columns)}
    theirs = list(_keyed(_paper_rows(sheet, start, columns), columns))
    parts = [part for key, number, row in theirs
             for part in _row_parts(at, number, row, mine.get(key))]
    there = {key for key, _, _ in theirs}
    below = start + len(theirs)
    parts += [at.part(below, 0, _row_name(row), "") for key, row in mine.items()
              if key not in there]
    return len(theirs) * len(columns), parts


@dataclass(frozen=True)
class _Where:
    sheet: str
    titles: Sequence[str]

    def part(self, row: int, col: int, book: Shown, paper: Shown) -> Part:
        return Part(self.sheet, f"{get_column_letter(col + 1)}{row}", self.titles[col], book, paper)


def _below_heading(sheet: Any, titles: Sequence[str]) -> int | None:
    """The first row below the titles; a merged title stands in its first cell, upwards of its own.

    The unit row that may follow is passed over: it has no word in the first column's place.
    """
    seen = [""] * len(titles)
    for number in range(2, min(sheet.max_row, FARTHEST) + 1):
        for col, title in enumerate(titles):
            said = _said(sheet.cell(number, col + 1).value)
            seen[col] = title if said == title or (not said and _is_merged_into(
                sheet, number, col + 1, title)) else seen[col]
        if seen == list(titles):
            return number + 1 + _unit_rows(sheet, number + 1, len(titles))
    return None


def _is_merged_into(sheet: Any, row: int, col: int, title: str) -> bool:
    return any(
        area.min_row <= row <= area.max_row and area.min_col <= col <= area.max_col
        and _said(sheet.cell(area.min_row, area.min_col).value) == title
        for area in sheet.merged_cells.ranges)


def _unit_rows(sheet: Any, row: int, width: int) -> int:
    """1 where the row holds units: words of the catalogue only."""
    units = {text(f"report.unit.{name}", language) for name in ("m2", "ha", "mu", "kg", "row")
             for language in LANGUAGES}
    said = {_said(sheet.cell(row, col).value) for col in range(1, width + 1)} - {""}
    return int(bool(said) and said <= units)


Row = tuple[Shown, ...]


def _book_rows(
    table: Table, columns: Sequence[Field], language: Language
) -> Iterator[Row]:
    for line in lines(table):
        cells = labelled(table, line, language)
        yield tuple(_shown(field, cells[field.source], language) for field in columns)


def _shown(field: Field, cell: Any, language: Language) -> Shown:
    if field.unit is None:
        return words(cell, language)
    number = shown_number(field, cell)
    return "" if number is None else number


def _paper_rows(
    sheet: Any, start: int, columns: Sequence[Field]
) -> Iterator[tuple[int, Row]]:
    for number in range(start, sheet.max_row + 1):
        row = tuple(_read(sheet.cell(number, col).value, field)
                    for col, field in enumerate(columns, start=1))
        if any(cell != "" for cell in row[1:]):
            yield number, row


def _read(value: object, field: Field) -> Shown:
    """A cell of a paper; a text where a number is due is told as it stands."""
    if field.unit is None or value is None:
        return _said(value)
    said = _said(value)
    if said in {text("report.unknown", language) for language in LANGUAGES}:
        return ""
    try:
        found = Decimal(said.replace(",", ""))
    except InvalidOperation:
        return said
    return found if found.is_finite() else said


def _said(value: object) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value).strip()


def _keyed(
    rows: Iterable[tuple[int, Row]], columns: Sequence[Field]
) -> Iterator[tuple[tuple[object, ...], int, Row]]:
    """Rows with what they are found by: their words, and their number among rows of such words."""
    met: dict[Row, int] = {}
    for number, row in rows:
        name = tuple(cell for cell, field in zip(row, columns, strict=True) if field.unit is None)
        met[name] = met.get(name, 0) + 1
        yield (*name, met[name]), number, row


def _row_name(row: Row) -> str:
    return " ".join(str(cell) for cell in row if isinstance(cell, str) and cell)


def _row_parts(
    at: _Where, number: int, row: Row, mine: Row | None
) -> Iterator[Part]:
    if mine is None:
        yield at.part(number, 0, "", _row_name(row))
        return
    for col, (book, paper) in enumerate(zip(mine, row, strict=True)):
        if not _SAME[type(book) is type(paper) is Decimal](book, paper):
            yield at.part(number, col, book, paper)


_SAME: Mapping[bool, Callable[[Any, Any], bool]] = {
    True: lambda book, paper: abs(book - paper) < Decimal("0.00000001"),
    False: lambda book, paper: book == paper,
}
"""Whether both are numbers → how they are compared; a cell of a workbook is a binary fraction."""


__all__ = ["PaperCheck", "Part", "check_paper", "paper_document", "paper_table"]
