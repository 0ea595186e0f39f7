"""The chain over the journal: what is hashed, and how one link follows from the one before.

Every entry is a link, and so is every closed period. A link is the SHA-256 of the link before it,
a line feed, and the body of the record in UTF-8; the first follows `GENESIS`. The body is a compact
JSON object of the columns as they are stored, in the order of the fields below. An entry's body
holds its postings, and the lot it fills first or the hold it opens, so nothing in the book can be
edited without breaking a link. The form is fixed: to change it would break every seal ever noted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from json.encoder import encode_basestring
from typing import Any, NamedTuple

GENESIS = "0" * 64
"""What the first link follows."""

ENTRY_FIELDS = ("entry_id", "event", "effective", "recorded", "official_type", "document", "note",
                "reverses", "key", "request", "line_count")
LOT_FIELDS = ("lot_id", "place", "kind", "pool", "vintage", "document", "document_date", "origin",
              "expires", "unit_cost_yuan", "uses", "note")
HOLD_FIELDS = ("hold_id", "project_id", "scenario_id", "kind", "due")
LINE_FIELDS = ("line", "lot_id", "component", "state", "amount", "hold_id")
PERIOD_FIELDS = ("number", "first_day", "last_day", "entry_id", "recorded", "note", "head")

Row = Sequence[Any]
"""The stored values of a record, in the order of its fields."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
ENTRY_KEYS, LOT_KEYS, HOLD_KEYS = (
    tuple(f'"{name}":' for name in names) for names in (ENTRY_FIELDS, LOT_FIELDS, HOLD_FIELDS))
_SOUND_ENTRY = ",".join(
    f"{key}%{'d' if key in ENTRY_KEYS[::len(ENTRY_KEYS) - 1] else 's'}" for key in ENTRY_KEYS)


class EntryRecord(NamedTuple):
    """An entry as it is stored: its columns, its lines, the lot and the hold it opens, its link."""

    fields: Row
    lines: Sequence[Row]
    lot: Row | None
    hold: Row | None
    digest: str = ""


class PeriodRecord(NamedTuple):
    """A closed period as it is stored: its columns and its link."""

    fields: Row
    digest: str = ""


Record = EntryRecord | PeriodRecord


@dataclass(frozen=True)
class Period:
    """A closed period: nothing that counts from a day up to `last_day` can be posted any more.

    It seals the book up to entry `entry_id`. `head` is the link before it, `digest` its own: noted
    down elsewhere, the digest proves what the book said. `first_day` None: from the beginning.
    """

    number: int
    first_day: date | None
    last_day: date
    entry_id: int
    recorded: datetime
    note: str
    head: str
    digest: str


def body(record: Record) -> str:
    """What of a record is hashed."""
    if isinstance(record, PeriodRecord):
        return _encode({"period": dict(zip(PERIOD_FIELDS, record.fields, strict=True))})
    lines = ",".join([_line(line) for line in record.lines])
    return (f"{{{_entry(record.fields)},\"lot\":{_object(LOT_KEYS, record.lot)},"
            f"\"hold\":{_object(HOLD_KEYS, record.hold)},\"lines\":[{lines}]}}")


def read_body(text: str) -> Record:
    """The record whose body is `text`, without its link.

    Raises ValueError, TypeError or KeyError where the text is no body of a record.
    """
    told = json.loads(text)
    if "period" in told:
        record: Record = PeriodRecord(_values(PERIOD_FIELDS, told["period"]))
    else:
        record = EntryRecord(
            _values(ENTRY_FIELDS, told), [tuple(line) for line in told["lines"]],
            None if told["lot"] is None else _values(LOT_FIELDS, told["lot"]),
            None if told["hold"] is None else _values(HOLD_FIELDS, told["hold"]))
    if body(record) != text:
        raise ValueError("the body is not written in the one form it can have")
    return record


def link(previous: str, text: str) -> str:
    """The link of a body that follows a link."""
    return sha256(f"{previous}\n{text}".encode()).hexdigest()


def _told(value: object) -> str:
    """A stored value as JSON: as the encoder would write it, without calling it for each row."""
    if type(value) is str:
        return encode_basestring(value)
    return str(value) if type(value) is int else "null" if value is None else _encode(value)


def _line(row: Row) -> str:
    """A line as JSON; a book has millions, so the form of a sound one is written out."""
    number, lot, component, state, amount, hold = row
    if type(number) is type(amount) is int and type(lot) is type(component) is type(state) is str:
        return (f"[{number},{encode_basestring(lot)},{encode_basestring(component)},"
                f"{encode_basestring(state)},{amount},{_told(hold)}]")
    return f"[{','.join(map(_told, row))}]"


def _entry(row: Row) -> str:
    """The columns of an entry as members of a JSON object; the form of a sound one written out."""
    number, event, effective, recorded, official, document, note, reverses, key, request, lines = (
        row)
    texts = event, effective, recorded, official, document, note, request
    if type(number) is type(lines) is int and {*map(type, texts)} == {str}:
        return _SOUND_ENTRY % (number, *map(encode_basestring, texts[:6]), _told(reverses),
                               _told(key), encode_basestring(request), lines)
    return _named(ENTRY_KEYS, row)


def _named(keys: Sequence[str], row: Row) -> str:
    return ",".join([key + _told(value) for key, value in zip(keys, row, strict=True)])


def _object(keys: Sequence[str], row: Row | None) -> str:
    return "null" if row is None else f"{{{_named(keys, row)}}}"


def _values(names: Sequence[str], told: dict[str, object]) -> Row:
    return tuple(told[name] for name in names)
