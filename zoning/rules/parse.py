"""Read a rule file: TOML text → rules, control lines, and everything that is wrong with them.

The format is described in ``docs/rules.md``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar, cast

from zoning.errors import Message, Problem, RuleBookError
from zoning.rules.book import conflicts, repeated
from zoning.rules.model import (
    BLANK_MARKS,
    SHIPPED_MARKS,
    ControlLine,
    Rule,
    Scalar,
    Text,
    Value,
    exact,
    is_usable,
)

ID = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+")
PLACE = re.compile(r"[A-Z]{2}(/[0-9A-Za-z_-]+)*")
ROLE = re.compile(r"[a-z][a-z0-9_]*")
RULE_KEYS = ("id", "place", "value", "unit", "valid_from", "valid_to", "citation", "confidence",
             "note")
LINE_KEYS = ("role", "place", "zh", "en", "relation")

LARGEST = 15
"""Numbers of rules have at most this many digits before and after the point."""

Row = Mapping[str, Any]
Fault = tuple[str, Message]
Record = TypeVar("Record")


@dataclass(frozen=True)
class RuleFile:
    """What a rule file holds; the faulty records are left out and named in `problems`."""

    rules: tuple[Rule, ...]
    lines: tuple[ControlLine, ...]
    problems: tuple[Problem, ...] = ()


def parse_rules(text: str, *, source: str) -> RuleFile:
    """Rules and control lines of a TOML text, all of them sound.

    Raises RuleBookError naming every fault: a rule left out would change verdicts silently.
    """
    file = read_rules(text, source=source)
    if file.problems:
        faults = [Message("rules.at", {"where": each.where[0], "fault": each.message})
                  for each in file.problems]
        raise RuleBookError("rules.invalid", source=source, faults=faults)
    return file


def read_rules(text: str, *, source: str) -> RuleFile:
    """Rules and control lines of a TOML text, with the faults as problems.

    Raises RuleBookError where the text is no TOML.
    """
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise RuleBookError("rules.not_toml", source=source, reason=str(error)) from error
    problems = [_problem("RUL001", Message("rules.unknown_key", {"key": key}), source)
                for key in document if key not in ("rule", "line")]
    rules, rule_problems = _read_all(document, "rule", RULE_CHECKS, _rule)
    lines, line_problems = _read_all(document, "line", LINE_CHECKS, _line)
    twice = [_problem("RUL009", message, source)
             for message in (*conflicts(rules), *repeated(lines))]
    return RuleFile(rules, lines, (*problems, *rule_problems, *line_problems, *twice))


def _read_all(
    document: Row, table: str, checks: tuple[Callable[[Row], list[Fault]], ...],
    make: Callable[[Row], Record],
) -> tuple[tuple[Record, ...], list[Problem]]:
    rows = document.get(table, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        return (), [_problem("RUL001", Message("rules.no_tables", {"table": table}), table)]
    made, problems = [], []
    for number, row in enumerate(rows, start=1):
        where = f"[[{table}]] {number} {row.get('id', row.get('role', ''))}".rstrip()
        faults = [fault for check in checks for fault in check(row)]
        problems += [_problem(code, message, where) for code, message in faults]
        if not faults:
            made.append(make(row))
    return tuple(made), problems


def _problem(code: str, message: Message, where: str) -> Problem:
    return Problem(code, message, where=(where,))


# ── one check, one code ──────────────────────────────────────────────────────────────────────


def _unknown_keys(keys: tuple[str, ...]) -> Callable[[Row], list[Fault]]:
    return lambda row: [("RUL001", Message("rules.unknown_key", {"key": key}))
                        for key in row if key not in keys]


def _missing_keys(keys: tuple[str, ...]) -> Callable[[Row], list[Fault]]:
    return lambda row: [("RUL002", Message("rules.missing_key", {"key": key}))
                        for key in keys if key not in row]


def _pattern(key: str, pattern: re.Pattern[str]) -> Callable[[Row], list[Fault]]:
    def check(row: Row) -> list[Fault]:
        found = row.get(key)
        if key not in row or (isinstance(found, str) and pattern.fullmatch(found)):
            return []
        return [("RUL003", Message("rules.bad_name", {"key": key, "found": str(found)}))]
    return check


def _dates(row: Row) -> list[Fault]:
    faults = [("RUL004", Message("rules.bad_date", {"key": key, "found": str(row[key])}))
              for key in ("valid_from", "valid_to") if key in row and not _is_date(row[key])]
    if not faults and "valid_from" in row and "valid_to" in row:
        start, end = row["valid_from"], row["valid_to"]
        if start > end:
            params = {"start": str(start), "end": str(end)}
            faults.append(("RUL004", Message("rules.ends_before_start", params)))
    return faults


def _texts(row: Row) -> list[Fault]:
    return [("RUL005", Message("rules.bad_text", {"key": key}))
            for key in ("citation", "note") if key in row and not _is_text(row[key])]


def _unit(row: Row) -> list[Fault]:
    if "unit" not in row or (isinstance(row["unit"], str) and row["unit"].strip()):
        return []
    return [("RUL005", Message("rules.bad_unit", {"found": str(row["unit"])}))]


def _confidence(row: Row) -> list[Fault]:
    if "confidence" not in row:
        return []
    marks = str(row["confidence"]).split("/")
    unknown = [mark for mark in marks if mark not in (*SHIPPED_MARKS, *BLANK_MARKS)]
    if unknown:
        return [("RUL006", Message("rules.bad_mark", {"found": unknown}))]
    if is_usable(row["confidence"]) == ("value" in row):
        return []
    key = "rules.value_unverified" if "value" in row else "rules.value_missing"
    return [("RUL007", Message(key, {"confidence": row["confidence"]}))]


def _value(row: Row) -> list[Fault]:
    if "value" not in row or not isinstance(row.get("id"), str):
        return []
    value = row["value"]
    wanted = next((shape for shape in SHAPES if shape[0].fullmatch(row["id"])), None)
    if wanted is None:
        return [] if _is_value(value) else [_bad_value(value, Message("rules.shape.any"))]
    return [] if wanted[1](value) else [_bad_value(value, Message(wanted[2]))]


def _bad_value(value: object, wanted: Message) -> Fault:
    return "RUL008", Message("rules.bad_value", {"found": str(value), "wanted": wanted})


def _relation(row: Row) -> list[Fault]:
    if row.get("relation") in ("avoid", "within") or "relation" not in row:
        return []
    return [("RUL008", Message("rules.bad_relation", {"found": str(row["relation"])}))]


def _names(row: Row) -> list[Fault]:
    return [("RUL005", Message("rules.bad_text", {"key": key})) for key in ("zh", "en")
            if key in row and not (isinstance(row[key], str) and row[key].strip())]


# ── what a value may be ──────────────────────────────────────────────────────────────────────


def _is_date(value: object) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_text(value: object) -> bool:
    return (isinstance(value, dict) and "zh" in value and set(value) <= {"zh", "en"}
            and all(isinstance(each, str) and each.strip() for each in value.values()))


def _is_scalar(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite() and _is_sane(value)
    return isinstance(value, (bool, int, str)) or _is_date(value)


def _is_value(value: object) -> bool:
    if isinstance(value, dict):
        return bool(value) and all(_is_scalar(each) for each in value.values())
    if isinstance(value, list):
        return all(_is_scalar(each) for each in value)
    return _is_scalar(value)


def _is_list_of_names(value: object) -> bool:
    return (isinstance(value, list) and all(isinstance(each, str) for each in value)
            and len(set(value)) == len(value))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_number(value: object) -> bool:
    return (isinstance(value, int | Decimal) and not isinstance(value, bool)
            and Decimal(value).is_finite() and value >= 0 and _is_sane(value))


def _is_sane(value: int | Decimal) -> bool:
    """Whether a number has a size that land, money or a share can have."""
    number = Decimal(value)
    return number == 0 or (number.adjusted() <= LARGEST
                           and number.adjusted() - len(number.as_tuple().digits) >= -LARGEST)


def _is_grade_table(value: object) -> bool:
    return (isinstance(value, dict) and bool(value)
            and all(re.fullmatch(r"[0-9]{1,2}(\.[0-9])?", key) for key in value)
            and all(_is_number(each) for each in value.values()))


def _is_list_of_numbers(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_number, value))


def _is_number_table(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(_is_number, value.values()))


def _is_share(value: object) -> bool:
    share = exact(value)
    return share is not None and 0 <= share <= 1


SHAPES: tuple[tuple[re.Pattern[str], Callable[[object], bool], str], ...] = (
    (re.compile(r"debit\..*|.*\.(outside_)?allowed_kinds"), _is_list_of_names,
     "rules.shape.names"),
    (re.compile(r".*\.tolerance_dm2"), _is_count, "rules.shape.count"),
    (re.compile(r"appr\.sc_(farmland|other)_ha"), _is_number, "rules.shape.number"),
    (re.compile(r"zbph\.capacity_per_mu"), _is_grade_table, "rules.shape.grades"),
    (re.compile(r"zbph\.capacity_between_grades"), lambda value: value == "linear",
     "rules.shape.linear"),
    (re.compile(r"idle\.full_year_from"), lambda value: value in ("anniversary", "day_after"),
     "rules.shape.full_year"),
    (re.compile(r"ind\.far_min|appr\.(forest_national|sea_state)_ha"), _is_number_table,
     "rules.shape.number_table"),
    (re.compile(r"ind\.office_(land|floor)_max|ind\.building_coef_min|idle\.(area|invest)_share"
                r"|idle\.fee_rate|plan\.earn\.(pewg_old|pewg_new|idle)"), _is_share,
     "rules.shape.share"),
    (re.compile(r"ind\.invest_intensity|fee\.(tax_rate|tax_transport|tax_pbf_mult|reclaim|qupian"
                r"|social_security|tax_other_agricultural_min|xzjs_grade)|zjgg\.return_years"
                r"|idle\.(not_started|stop|recover|extend_max|temp_use_max|default_start)_?(years)?"
                r"|idle\.(investigate|answer|pay)_days|zbph\.county_(cap|taken)_ha|zbph\.commit_years|appr\.(pre|plan|post)_notice"),
     _is_number, "rules.shape.number"),
    (re.compile(r"fee\.xzjs"), _is_list_of_numbers, "rules.shape.numbers"),
    (re.compile(r".*\.approver"), lambda value: isinstance(value, str), "rules.shape.authority"),
)
"""The rules the engine computes with, and what their values must be."""

RULE_CHECKS = (
    _unknown_keys(RULE_KEYS),
    _missing_keys(("id", "place", "unit", "citation", "confidence")),
    _pattern("id", ID), _pattern("place", PLACE), _dates, _texts, _unit, _confidence, _value,
)
LINE_CHECKS = (
    _unknown_keys(LINE_KEYS), _missing_keys(LINE_KEYS),
    _pattern("role", ROLE), _pattern("place", PLACE), _relation, _names,
)


# ── records ──────────────────────────────────────────────────────────────────────────────────


def _rule(row: Row) -> Rule:
    return Rule(
        row["id"], row["place"], _frozen(row.get("value")), row["unit"], _text(row["citation"]),
        row["confidence"], row.get("valid_from"), row.get("valid_to"),
        _text(row["note"]) if "note" in row else None,
    )


def _line(row: Row) -> ControlLine:
    return ControlLine(row["role"], row["place"], Text(row["zh"], row["en"]), row["relation"])


def _text(row: Mapping[str, str]) -> Text:
    return Text(row["zh"], row.get("en", row["zh"]))


def _frozen(value: Any) -> Value | None:
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return dict(value)
    return cast("Scalar | None", value)


__all__ = ["RuleFile", "parse_rules", "read_rules"]
