"""An opening book, as a planner writes it: a TOML file with one ``[[inflow]]`` for each lot.

Text in, records out; every fault of the file is named at once.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from hashlib import sha256
from typing import Any

from zoning.codes.events import LedgerEvent, ledger_events
from zoning.codes.reader import QuotaKind, quota_kinds
from zoning.errors import InputError, Message, ZoningError
from zoning.ledger.amounts import check_vector, component_of, read_amount
from zoning.ledger.model import MAX_AMOUNT, Account, Event, Inflow, Lot, Voucher

Row = Mapping[str, Any]


def parse_opening(
    text: str,
    *,
    kinds: Mapping[str, QuotaKind] | None = None,
    events: Mapping[str, LedgerEvent] | None = None,
) -> tuple[Inflow, ...]:
    """Read an opening book.

    An inflow without a `key` gets one made of what it says, so that the same file posted twice
    brings its lots in once.

    Raises
    ------
    InputError
        The text is no TOML, or rows are faulty: all faults are in the message, each with the number
        of its row (from 1).

    """
    known = quota_kinds() if kinds is None else kinds
    types = ledger_events() if events is None else events
    rows = _rows(text)
    faults = [
        Message("ledger.opening_row", {"row": number, "fact": fault})
        for number, row in enumerate(rows, start=1) for fault in _faults(row, known, types)
    ]
    if not faults:
        inflows = tuple(inflow_of(row, known) for row in rows)
        faults = list(_repeats(inflows))
    if faults:
        raise InputError("ledger.opening_faults", count=len(faults), faults=faults)
    return inflows


def _rows(text: str) -> list[Row]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError("ledger.opening_toml", said=str(error)) from None
    rows = document.pop("inflow", [])
    tables = isinstance(rows, list) and all(isinstance(row, dict) for row in rows)
    if document or not tables or not rows:
        raise InputError("ledger.opening_shape", others=sorted(document) or "-")
    return [dict(row) for row in rows]


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(_is_text(item) for item in value)


def _is_day(value: object) -> bool:
    return type(value) is date


def _is_year(value: object) -> bool:
    return type(value) is int and 1949 <= value <= 9999


def _is_count(value: object) -> bool:
    return type(value) is int and 0 <= value <= MAX_AMOUNT


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


FIELDS: Mapping[str, tuple[bool, str, Callable[[object], bool]]] = {
    "kind": (True, "text", _is_text),
    "place": (True, "text", _is_text),
    "pool": (True, "text", _is_text),
    "vintage": (True, "year", _is_year),
    "document": (True, "text", _is_text),
    "effective": (True, "day", _is_day),
    "amounts": (True, "table", _is_table),
    "document_date": (False, "day", _is_day),
    "expires": (False, "day", _is_day),
    "official_type": (False, "text", _is_text),
    "origin": (False, "texts", _is_texts),
    "uses": (False, "texts", _is_texts),
    "unit_cost_yuan": (False, "count", _is_count),
    "note": (False, "text", _is_text),
    "key": (False, "text", _is_text),
    "lot_id": (False, "text", _is_text),
}
"""Field of an inflow → whether it must be there, the name of its form, the test of its form."""


def _faults(
    row: Row, kinds: Mapping[str, QuotaKind], events: Mapping[str, LedgerEvent]
) -> Iterator[Message]:
    missing = [name for name, (needed, _, _) in FIELDS.items() if needed and name not in row]
    if missing:
        yield Message("ledger.opening_missing", {"fields": missing})
    unknown = [name for name in row if name not in FIELDS]
    if unknown:
        yield Message("ledger.opening_unknown", {"fields": unknown, "allowed": list(FIELDS)})
    unfit = set()
    for name, (_, form, fits) in FIELDS.items():
        if name in row and not fits(row[name]):
            unfit.add(name)
            yield Message("ledger.opening_form", {
                "field": name, "found": row[name], "form": Message(f"ledger.form.{form}")})
    if not unfit & {"kind"} and "kind" in row:
        yield from _kind_faults(row, kinds, unfit, events)
    if not unfit & {"expires", "effective"} and "expires" in row and "effective" in row:
        yield from _date_faults(row)


def _kind_faults(
    row: Row, kinds: Mapping[str, QuotaKind], unfit: set[str], events: Mapping[str, LedgerEvent]
) -> Iterator[Message]:
    kind = kinds.get(row["kind"])
    if kind is None:
        yield Message("ledger.unknown_kind", {"kind": row["kind"], "allowed": list(kinds)})
        return
    if "amounts" in row and "amounts" not in unfit:
        yield from _amount_faults(row["amounts"], kind)
    if "official_type" in row and "official_type" not in unfit:
        allowed = inflow_types(kind, events)
        if row["official_type"] not in allowed:
            yield Message("ledger.unknown_official", {
                "name": row["official_type"], "event": Message("ledger.event.inflow"),
                "allowed": allowed})


def inflow_types(kind: QuotaKind, events: Mapping[str, LedgerEvent]) -> list[str]:
    """The official types that an inflow of a kind may have."""
    return [name for name, event in events.items()
            if event.event == Event.INFLOW and (not event.kinds or kind.code in event.kinds)]


def _amount_faults(amounts: Mapping[str, object], kind: QuotaKind) -> Iterator[Message]:
    faults = []
    for code, text in amounts.items():
        try:
            read_amount(_amount_text(text), component_of(kind, code))
        except ZoningError as error:
            faults.append(error.message)
    yield from faults
    if not faults:
        try:
            check_vector(_vector(amounts, kind), kind)
        except ZoningError as error:
            yield error.message


def _date_faults(row: Row) -> Iterator[Message]:
    if row["expires"] < row["effective"]:
        yield Message("ledger.born_expired", {"expires": row["expires"],
                                              "effective": row["effective"]})


def _repeats(inflows: tuple[Inflow, ...]) -> Iterator[Message]:
    first: dict[str | None, int] = {}
    for number, inflow in enumerate(inflows, start=1):
        key = inflow.voucher.key
        if key in first:
            fact = Message("ledger.opening_repeats", {"first": first[key]})
            yield Message("ledger.opening_row", {"row": number, "fact": fact})
        first.setdefault(key, number)


def inflow_of(row: Row, kinds: Mapping[str, QuotaKind]) -> Inflow:
    """The inflow that a sound row says; without a `key` it gets one made of what it says."""
    kind = kinds[row["kind"]]
    lot = Lot(
        row.get("lot_id", ""), Account(row["place"], kind.code, row["pool"]), row["vintage"],
        row["document"], row.get("document_date"), tuple(row.get("origin", ())),
        row.get("expires"), row.get("unit_cost_yuan"), tuple(row.get("uses", ())),
        row.get("note", ""),
    )
    amounts = _vector(row["amounts"], kind)
    said = repr((lot, sorted(amounts.items()), row["effective"], row.get("official_type")))
    digest = sha256(said.encode()).hexdigest()[:16]
    return Inflow(lot, amounts, Voucher(
        effective=row["effective"], official_type=row.get("official_type", ""),
        document=row["document"], key=row.get("key", f"opening-{digest}")))


def _vector(amounts: Mapping[str, object], kind: QuotaKind) -> dict[str, int]:
    return {
        code: read_amount(_amount_text(text), kind.component(code))
        for code, text in amounts.items()
    }


def _amount_text(value: object) -> str:
    return value if isinstance(value, str) else str(value)
