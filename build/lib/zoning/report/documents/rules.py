"""The documents of the rule book: its page, and a scenario under the rules of two days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from zoning.report.documents.scenario import finding_document
from zoning.report.documents.values import Json, day
from zoning.rules.model import Rule, Text
from zoning.rules.pages import RuleEntry, RulePage
from zoning.scenario.dated import DatedDifference, FindingChange


def rules_document(page: RulePage) -> Json:
    """A page of the rule book; `rule` is null where no record counts there on that day."""
    return {
        "document": "rules", "at": day(page.on), "place": page.place, "topic": page.topic,
        "entries": [_entry(each) for each in page.entries],
    }


def rules_diff_document(found: DatedDifference, *, scenario_id: str) -> Json:
    """The findings of a scenario that differ between the rules of two days."""
    return {
        "document": "rules_diff", "scenario": scenario_id,
        "at": [found.first.isoformat(), found.second.isoformat()],
        "verdicts": [{"project": project, "first": one.value, "second": two.value}
                     for project, one, two in found.verdicts],
        "changes": [_change(each) for each in found.changes],
    }


def _entry(entry: RuleEntry) -> Json:
    return {"id": entry.id, "topic": entry.topic,
            "rule": _rule(entry.rule) if entry.rule else None,
            "history": [_rule(each) for each in entry.history]}


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.id, "place": rule.place, "value": value_json(rule.value), "unit": rule.unit,
        "valid_from": day(rule.valid_from), "valid_to": day(rule.valid_to),
        "confidence": rule.confidence, "citation": _text(rule.citation),
        "note": _text(rule.note) if rule.note else None,
    }


def value_json(value: object) -> Any:
    """A rule's value for JSON: decimals as strings, so that they stay exact; null for a blank."""
    if isinstance(value, Mapping):
        return {str(key): value_json(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [value_json(each) for each in value]
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def _text(text: Text) -> Json:
    return {"zh": text.zh, "en": text.en}


def _change(change: FindingChange) -> Json:
    return {"project": change.project_id, "finding": change.finding_id,
            "first": finding_document(change.before) if change.before else None,
            "second": finding_document(change.after) if change.after else None}


__all__ = ["rules_diff_document", "rules_document", "value_json"]
