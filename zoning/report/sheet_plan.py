"""Where a table stands on a sheet: its columns, rows, and a heading that covers every cell once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoning.errors import UsageError
from zoning.messages import Language, text
from zoning.report.layout import Field, Line, field_unit, fields, line_texts, lines, words
from zoning.report.tables.record import Table

MAX_ROWS = 1_048_576


def lay_out(table: Table, language: Language) -> Plan:
    """Where a table stands on a sheet. Raises UsageError for more rows than a sheet has."""
    shown = fields(table)
    groups = [words(f.column.group, language) for f in shown]
    titles = [words(f.column.title, language) for f in shown]
    units = [_unit_label(f, language) for f in shown]
    heading = [labels for labels in (groups, titles, units) if labels is titles or any(labels)]
    rows = lines(table)
    texts = line_texts(table, rows, language)
    plan = Plan(table, language, shown, rows, texts, groups, titles, heading)
    if plan.bottom >= MAX_ROWS:
        raise UsageError("report.too_many_rows", table=words(table.title, language),
                         rows=plan.bottom + 1, limit=MAX_ROWS)
    return plan


def heading_spans(plan: Plan) -> list[tuple[int, int, int, int, str]]:
    """Rectangles (top, left, bottom, right, label) that cover every cell of the heading once.

    A label reaches down over the empty cells below it, and up over empty ones above. Neighbours
    under the same group, or of the same column, share a rectangle.
    """
    spans: list[tuple[int, int, int, int, str]] = []
    owners: list[object] = []
    for col, field in enumerate(plan.fields):
        for top, bottom, label, level in _segments([labels[col] for labels in plan.heading]):
            owner: object = (label if plan.heading[level] is plan.groups else
                             field.source if plan.heading[level] is plan.titles else (col,))
            for i, (t, left, b, right, text_) in enumerate(spans):
                if (t, b, right, text_) == (top, bottom, col - 1, label) and owners[i] == owner:
                    spans[i] = (t, left, b, col, text_)
                    break
            else:
                spans.append((top, col, bottom, col, label))
                owners.append(owner)
    return spans


def _unit_label(field: Field, language: Language) -> str:
    """The unit in a heading; an amount whose rows differ in unit says so beside its conversions."""
    if field.unit == "row" and field.column.also:
        return text("report.unit.row", language)
    return field_unit(field, language)


def _segments(labels: Sequence[str]) -> list[tuple[int, int, str, int]]:
    """The labels of one column, top to bottom: (top, bottom, label, its own level)."""
    own = [level for level, label in enumerate(labels) if label]
    tops = [0, *own[1:]]
    bottoms = [*(top - 1 for top in own[1:]), len(labels) - 1]
    return [(top, bottom, labels[level], level)
            for top, bottom, level in zip(tops, bottoms, own, strict=True)]


@dataclass(frozen=True)
class Plan:
    """A table with its shown columns and rows, and where they lie; rows count from 0."""

    table: Table
    language: Language
    fields: tuple[Field, ...]
    lines: tuple[Line, ...]
    texts: list[list[str]]
    groups: list[str]
    titles: list[str]
    heading: list[list[str]]

    @property
    def top(self) -> int:
        """The first row of the heading, below title and notes."""
        return 1 + len(self.table.notes)

    @property
    def data(self) -> int:
        """The first row below the heading."""
        return self.top + len(self.heading)

    @property
    def bottom(self) -> int:
        """The last row used; a table without rows has one that says so."""
        return self.data + max(1, len(self.lines)) - 1

    def column(self, key: str) -> int:
        """The sheet column that holds the base value of a table column."""
        return next(
            i for i, f in enumerate(self.fields) if f.column.key == key and not f.is_converted
        )


__all__ = ["MAX_ROWS", "Plan", "heading_spans", "lay_out"]
