"""Attribute values to the types of a role: what cannot be read is counted, nothing guessed.

Each function takes plain values (None for null) and returns the converted ones beside the positions
of those that could not be read and became null.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

import pandas as pd

from zoning.codes.roles import RoleField
from zoning.units import dm2_from, round_half_up

_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T ].*)?")
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?")
_PLAIN_M2, _NEAR_HALF = 1e10, 1e-3
_GRADES = (Fraction(1), Fraction(15))


@dataclass(frozen=True)
class Converted:
    """Converted values, and the positions of those that could not be read."""

    values: tuple[Any, ...]
    bad: tuple[int, ...] = ()


def plain(values: Any) -> list[Any]:
    """A column as a list with None for every kind of null."""
    nulls = pd.isna(values)
    listed = values.tolist()
    return [None if null else value for value, null in zip(listed, nulls, strict=True)]


def convert(values: Sequence[Any], field: RoleField, *, alias: str) -> Converted:
    """Values of a source column known by `alias` to the type of a field.

    text: trimmed, null where empty, a whole number without decimals · area: dm² · coefficient:
    ten-thousandths, null as 0 · grade: tenths, 0 as null · date: ISO text · choice: the code.
    """
    return each(values, _reader(field, alias))


def each(values: Sequence[Any], read: Callable[[Any], Any]) -> Converted:
    """Convert each value; one for which `read` raises ValueError becomes null and is reported."""
    known: dict[tuple[type, Any], tuple[Any, bool]] = {}
    found: list[Any] = []
    bad = []
    for position, value in enumerate(values):
        key = (type(value), value)
        if key not in known:
            known[key] = _tried(value, read)
        own, is_read = known[key]
        found.append(own)
        if not is_read:
            bad.append(position)
    return Converted(tuple(found), tuple(bad))


def _tried(value: Any, read: Callable[[Any], Any]) -> tuple[Any, bool]:
    try:
        return read(value), True
    except (ValueError, InvalidOperation, OverflowError):
        return None, False


def text_of(value: Any) -> str | None:
    """A value as trimmed text; None for null and empty, a whole float without its ``.0``."""
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip() or None


def number_of(value: Any) -> Fraction | None:
    """A value as an exact number; None for null and empty. Raises ValueError for other text."""
    if isinstance(value, bool):
        raise ValueError("a truth value is no number")
    text = text_of(value if not isinstance(value, float) else repr(value))
    if text is None:
        return None
    tidy = unicodedata.normalize("NFKC", text).replace(",", "")
    found = Decimal(tidy)
    if not found.is_finite():
        raise ValueError(f"{value} is not finite")
    return Fraction(found)


def date_of(value: Any) -> str | None:
    """A value as an ISO date; None for null and empty. Raises ValueError for what is no date."""
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m-%d")
    text = text_of(value)
    if text is None:
        return None
    found = _DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no date")
    year, month, day = (int(part) for part in found.groups())
    return dt.date(year, month, day).isoformat()


def _reader(field: RoleField, alias: str) -> Callable[[Any], Any]:
    is_final = alias == field.column
    readers: dict[str, Callable[[Any], Any]] = {
        "text": text_of,
        "code": _code,
        "date": date_of,
        "area": lambda value: _area(value, field.unit_of(alias)),
        "coefficient": _whole if is_final else _coefficient,
        "grade": _whole if is_final else _grade,
        "integer": lambda value: _integer(value, field.range),
        "number": _rounded,
        "choice": lambda value: _choice(value, field),
    }
    return readers[field.type]


def _code(value: Any) -> str | None:
    text = text_of(value)
    return unicodedata.normalize("NFKC", text).upper() if text else None


def _area(value: Any, unit: str) -> int | None:
    if type(value) is float and unit == "m2" and 0 <= value < _PLAIN_M2:
        whole, part = divmod(value * 100, 1)
        if abs(part - 0.5) > _NEAR_HALF:  # elsewhere the decimal form decides which way it goes
            return int(whole) + (part > 0.5)
    found = number_of(value)
    if found is None:
        return None
    if found < 0:
        raise ValueError(f"area {value} is negative")
    return dm2_from(found * 1_000_000, "m2") if unit == "km2" else dm2_from(found, unit)


def _coefficient(value: Any) -> int | None:
    found = number_of(value)
    if found is None:
        return 0
    if not 0 <= found < 1:
        raise ValueError(f"coefficient {value} is not in 0 ≤ k < 1")
    return min(round_half_up(found * 10_000), 9_999)


def _grade(value: Any) -> int | None:
    found = number_of(value)
    if not found:
        return None
    if not _GRADES[0] <= found <= _GRADES[1]:
        raise ValueError(f"grade {value} is not in 1 to 15")
    return round_half_up(found * 10)


def _integer(value: Any, bounds: tuple[int, int] | None) -> int | None:
    whole = _whole(value)
    if whole is None or (whole == 0 and bounds and bounds[0] > 0):
        return None
    if bounds and not bounds[0] <= whole <= bounds[1]:
        raise ValueError(f"{value} is not in {bounds[0]} to {bounds[1]}")
    return whole


def _whole(value: Any) -> int | None:
    found = number_of(value)
    if found is None:
        return None
    if found != math.floor(found):
        raise ValueError(f"{value} is not whole")
    return int(found)


def _rounded(value: Any) -> int | None:
    found = number_of(value)
    if found is not None and found < 0:
        raise ValueError(f"{value} is negative")
    return None if found is None else round_half_up(found)


def _choice(value: Any, field: RoleField) -> str | None:
    text = text_of(value)
    if text is None:
        return None
    if text not in field.values:
        raise ValueError(f"{text} is none of {', '.join(field.values)}")
    return field.values[text]


__all__ = ["Converted", "convert", "date_of", "each", "number_of", "plain", "text_of"]
