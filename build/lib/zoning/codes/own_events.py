"""Official event types of a county's own: its file read strictly and laid after the shipped ones.

Every fault of the file is named at once. A shipped name keeps its meaning: books count on it.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from zoning.codes.events import LedgerEvent, parse_ledger_events
from zoning.errors import InputError, Message

MADE = ("inflow", "hold", "settle", "void", "expire", "reverse")
NEEDED = frozenset({"name", "en", "event"})
MAY_ADD = frozenset({"kinds", "deducts", "lent", "borrows", "repays", "reading"})
FLAGS: Mapping[str, str] = {
    "deducts": "expire", "lent": "inflow", "borrows": "inflow", "repays": "settle"}
"""Flag → the only event it has a meaning for."""

Row = Mapping[str, Any]


def own_ledger_events(
    text: str, *, source: str, shipped: Mapping[str, LedgerEvent], kinds: Collection[str]
) -> dict[str, LedgerEvent]:
    """The shipped event types with a county's own after them; `kinds` are the kinds it may name.

    Raises
    ------
    InputError
        The text is no TOML, or types are faulty: all faults are in the message, each with the
        number of its type (from 1).

    """
    rows = _rows(text, source)
    faults = [
        Message("codes.event_row", {"number": number, "fact": fact})
        for number, row in enumerate(rows, start=1) for fact in _faults(row, shipped, kinds)
    ]
    faults += [Message("codes.event_twice", {"name": name})
               for name, times in Counter(str(row.get("name")) for row in rows).items()
               if times > 1]
    if faults:
        raise InputError("codes.event_faults", file=source, count=len(faults), faults=faults)
    whole = [{"kinds": [], **row, "basis": "county"} for row in rows]
    return {**shipped, **parse_ledger_events({"event": whole})}


def _rows(text: str, source: str) -> list[Row]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError("codes.kind_toml", file=source, said=str(error)) from None
    rows = document.pop("event", None)
    if document or not isinstance(rows, list) or not rows or not all(
            isinstance(row, dict) for row in rows):
        raise InputError("codes.event_shape", file=source, others=sorted(document) or "-")
    return list(rows)


def _faults(
    row: Row, shipped: Mapping[str, LedgerEvent], kinds: Collection[str]
) -> Iterator[Message]:
    missing, unknown = sorted(NEEDED - set(row)), sorted(set(row) - NEEDED - MAY_ADD)
    if missing:
        yield Message("codes.kind_missing", {"fields": missing})
    if unknown:
        yield Message("codes.kind_unknown", {"fields": unknown,
                                             "allowed": sorted(NEEDED | MAY_ADD)})
    for name in ("name", "en", "reading"):
        if name in row and not (isinstance(row[name], str) and row[name].strip()):
            yield Message("codes.kind_name", {"field": name, "found": row[name]})
    if isinstance(row.get("name"), str) and row["name"] in shipped:
        yield Message("codes.event_shipped", {"name": row["name"]})
    if "event" in row and row["event"] not in MADE:
        yield Message("codes.kind_choice", {"field": "event", "found": row["event"],
                                            "allowed": list(MADE)})
    yield from _kind_faults(row.get("kinds", []), kinds)
    yield from _flag_faults(row)


def _kind_faults(named: object, kinds: Collection[str]) -> Iterator[Message]:
    if not isinstance(named, list):
        yield Message("codes.kind_choice", {"field": "kinds", "found": named,
                                            "allowed": list(kinds)})
        return
    for code in named:
        if not isinstance(code, str) or code not in kinds:
            yield Message("codes.kind_choice", {"field": "kinds", "found": code,
                                                "allowed": list(kinds)})


def _flag_faults(row: Row) -> Iterator[Message]:
    for flag, event in FLAGS.items():
        if type(row.get(flag, False)) is not bool:
            yield Message("codes.kind_choice", {"field": flag, "found": row[flag],
                                                "allowed": ["true", "false"]})
        elif row.get(flag) and row.get("event") != event:
            yield Message("codes.event_flag", {"field": flag, "event": event})


__all__ = ["own_ledger_events"]
