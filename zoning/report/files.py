"""Tables as files to take away: CSV for a spreadsheet, JSON for a program.

Both carry exact values: areas in m² with two decimals, 公顷 and 亩 beside them as in the workbook.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

from zoning.errors import Message
from zoning.messages import LANGUAGES, Language, say
from zoning.report.documents.values import Json, amount, area, day, sentence, share
from zoning.report.layout import (
    SCALED,
    Field,
    Line,
    fields,
    heading_text,
    labelled,
    lines,
    shown_number,
    words,
)
from zoning.report.tables.record import Cell, Table, Words
from zoning.scenario.outcome import Quantity, Status

ACTIVE = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so would be run as a formula by a spreadsheet."""


def table_csv(table: Table, language: Language) -> str:
    """A table as CSV: a heading, then every row and total; numbers plain, texts never a formula."""
    told = io.StringIO()
    writer = csv.writer(told, lineterminator="\r\n")
    columns = fields(table)
    writer.writerow([_harmless(heading_text(field, language)) for field in columns])
    for line in lines(table):
        writer.writerow(_row(table, line, columns, language))
    return told.getvalue()


def table_document(table: Table) -> Json:
    """A table as JSON: columns with their headings, rows of exact values in their order."""
    return {
        "document": "table", "table": table.id, "title": sentence(table.title),
        "notes": [sentence(note) for note in table.notes],
        "columns": [
            {"key": column.key, "kind": column.kind, "title": _both(column.title),
             "group": None if column.group is None else _both(column.group)}
            for column in table.columns
        ],
        "rows": [
            [_value(column.kind, cell) for column, cell in zip(table.columns, row, strict=True)]
            for row in table.rows
        ],
    }


def _row(
    table: Table, line: Line, columns: tuple[Field, ...], language: Language
) -> list[str]:
    cells = labelled(table, line, language)
    return [_told(field, cells[field.source], language) for field in columns]


def _told(field: Field, cell: Cell, language: Language) -> str:
    value = shown_number(field, cell)
    if value is not None:
        return format(value, "f")
    return "" if field.unit is not None else _harmless(words(cell, language))


def _harmless(told: str) -> str:
    return f"'{told}" if told.startswith(ACTIVE) else told


def _both(title: Message | Words) -> Json:
    return ({"zh": title.zh, "en": title.en} if isinstance(title, Words) else sentence(title))


def _value(kind: str, cell: Cell) -> object:
    if isinstance(cell, Quantity):
        return amount(cell.value, cell.unit)
    if isinstance(cell, tuple):
        return [_value(kind, each) for each in cell]
    if isinstance(cell, Status):
        return cell.value
    if isinstance(cell, (Message, Words)):
        return {language: say(cell, language) if isinstance(cell, Message)
                else getattr(cell, language) for language in LANGUAGES}
    if isinstance(cell, int):
        return _counted(kind, cell)
    return day(cell) if isinstance(cell, date) else cell


def _counted(kind: str, cell: int) -> object:
    if kind in SCALED:
        told = format(Decimal(cell).scaleb(-SCALED[kind]), "f")
        return {"m" if kind == "length" else kind: told}
    if kind == "area":
        return area(cell)
    return {"kg": cell} if kind == "kg" else share(cell) if kind == "share" else cell


__all__ = ["table_csv", "table_document"]
