"""The records of a rule book: rules and control lines.

A rule is never edited: it is closed (`valid_to`) and succeeded by another record of the same id.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Scalar = bool | int | Decimal | str | date
Value = Scalar | tuple[Scalar, ...] | Mapping[str, Scalar]
Relation = Literal["avoid", "within"]

SHIPPED_MARKS = ("T", "O", "N", "C", "D", "W")
"""Marks of a usable value: text read, official page, news, code, derived, workspace's own."""
BLANK_MARKS = ("M+", "M?", "none", "?")
"""Marks of what nobody verified: such a record has no value and a verdict stays undecided."""
FRACTION = re.compile(r"[0-9]+/[1-9][0-9]*")


@dataclass(frozen=True)
class Text:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Rule:
    """One record of the rule book.

    `value` is None for a blank: the rule is known to exist, what it says is not verified. `place`
    is a path of segments (``CN/32/3206/320623``); the record applies there and below. It is in
    force from `valid_from` to `valid_to`, both days included; None means open on that side.
    `confidence` is one mark or several joined by ``/``, see `SHIPPED_MARKS` and `BLANK_MARKS`.
    """

    id: str
    place: str
    value: Value | None
    unit: str
    citation: Text
    confidence: str
    valid_from: date | None = None
    valid_to: date | None = None
    note: Text | None = None

    @property
    def is_blank(self) -> bool:
        """Whether the record states no value."""
        return self.value is None

    def is_in_force(self, on: date) -> bool:
        """Whether the record counts on a day."""
        return ((self.valid_from is None or self.valid_from <= on)
                and (self.valid_to is None or on <= self.valid_to))

    def overlaps(self, other: Rule) -> bool:
        """Whether both speak of the same thing at the same place on some common day."""
        return ((self.id, self.place) == (other.id, other.place)
                and _starts(self, other) and _starts(other, self))


@dataclass(frozen=True)
class ControlLine:
    """A control line on the map, named by the role of its layer.

    ``avoid``: the land inside is protected. ``within``: the land outside is restricted.
    """

    role: str
    place: str
    name: Text
    relation: Relation


def contains(place: str, other: str) -> bool:
    """Whether `other` is `place` or lies inside it, by segments of the path."""
    return other == place or other.startswith(f"{place}/")


def exact(value: object) -> Fraction | None:
    """A number of a rule, exact: an integer, a decimal, or a text such as ``"1/3"``.

    None for anything else, so that a caller asks whether it has a number at all.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Fraction(value)
    if isinstance(value, str) and FRACTION.fullmatch(value):
        return Fraction(value)
    return None


def is_usable(confidence: str) -> bool:
    """Whether every mark of a confidence allows the value to be used."""
    return all(mark in SHIPPED_MARKS for mark in confidence.split("/"))


def _starts(early: Rule, late: Rule) -> bool:
    return early.valid_from is None or late.valid_to is None or early.valid_from <= late.valid_to


__all__ = [
    "BLANK_MARKS", "SHIPPED_MARKS", "ControlLine", "Relation", "Rule", "Scalar", "Text", "Value",
    "contains", "exact", "is_usable",
]
