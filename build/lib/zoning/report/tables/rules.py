"""The rule book as a table, and a scenario under the rules of two days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from zoning.errors import Message
from zoning.report.tables.record import Cell, Table, Words, build, column
from zoning.report.tables.words import bilingual
from zoning.rules.model import Rule, Text
from zoning.rules.pages import RulePage
from zoning.scenario.dated import DatedDifference
from zoning.scenario.outcome import Finding


def rules_table(page: RulePage) -> Table:
    """One row per entry: the record that counts, how sure it is, how many records came with it."""
    columns = (
        column("rule"), column("place"), column("value"), column("rule_unit"),
        column("valid_from", "date"), column("valid_to", "date"), column("confidence"),
        column("citation"), column("records", "int"),
    )
    rows = ({"rule": each.id, "records": len(each.history),
             **(_cells(each.rule) if each.rule else {"value": Message("report.rule.none")})}
            for each in page.entries)
    return build("rules", columns, rows, notes=(Message("report.note.rules"),))


def rules_diff_table(found: DatedDifference) -> Table:
    """One row per finding that differs: status, sentence and clauses on both days."""
    columns = (
        column("project"), column("finding"),
        column("status", "status", group=_day(found.first)),
        column("text", group=_day(found.first)),
        column("status_2", "status", group=_day(found.second)),
        column("text_2", group=_day(found.second)),
    )
    rows = ({"project": each.project_id, "finding": each.finding_id, **_told(each.before, ""),
             **_told(each.after, "_2")} for each in found.changes)
    return build("rules_diff", columns, rows, notes=(Message("report.note.rules_diff"),))


def value_text(value: object) -> str:
    """A rule's value on one line: ``a, b``; ``a = 1, b = 2``; ``0.07``."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {value_text(each)}" for key, each in value.items())
    if isinstance(value, tuple):
        return ", ".join(map(value_text, value)) or "[]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _cells(rule: Rule) -> dict[str, Cell]:
    value: Cell = Message("report.rule.blank") if rule.is_blank else value_text(rule.value)
    return {"place": rule.place, "value": value, "rule_unit": rule.unit,
            "valid_from": rule.valid_from, "valid_to": rule.valid_to,
            "confidence": rule.confidence, "citation": _text(rule.citation)}


def _told(finding: Finding | None, suffix: str) -> dict[str, Cell]:
    if finding is None:
        return {f"text{suffix}": Message("report.rule.not_made")}
    return {f"status{suffix}": finding.status, f"text{suffix}": finding.message}


def _day(on: date) -> Words:
    return Words(on.isoformat(), on.isoformat())


def _text(text: Text) -> Message:
    return bilingual(Words(text.zh, text.en))


__all__ = ["rules_diff_table", "rules_table", "value_text"]
