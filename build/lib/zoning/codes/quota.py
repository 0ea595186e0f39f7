"""Quota kinds of a county's own: its file read strictly and laid over the shipped kinds.

Every fault of the file is named at once. A kind that is shipped may be given other names and
further components; what it has stays, because books and rules count on it.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from zoning.codes.reader import QuotaKind, parse_quota_kinds
from zoning.errors import InputError, Message

CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
UNITS = ("dm2", "kg")
KIND_FIELDS = frozenset({"code", "zh", "en", "component"})
MAY_ADD = frozenset({"pool", "drawn"})
COMPONENT_FIELDS = frozenset({"code", "zh", "en", "unit"})
COMPONENT_MAY_ADD = frozenset({"measured"})
MEASURED = ("area_dm2", "farmland_dm2", "paddy_dm2", "capacity_kg")
POOL_FIELDS = frozenset({"code", "zh", "en"})

Row = Mapping[str, Any]


def own_quota_kinds(
    text: str, *, source: str, shipped: Mapping[str, QuotaKind]
) -> dict[str, QuotaKind]:
    """The shipped kinds with those of a county's file over them: its own kinds stand last.

    Raises
    ------
    InputError
        The text is no TOML, or kinds are faulty: all faults are in the message, each with the
        number of its kind (from 1).

    """
    rows = _rows(text, source)
    faults = [
        Message("codes.kind_row", {"number": number, "fact": fact})
        for number, row in enumerate(rows, start=1) for fact in _faults(row, shipped)
    ]
    faults += [Message("codes.kind_twice", {"code": code})
               for code, times in Counter(str(row.get("code")) for row in rows).items()
               if times > 1]
    if faults:
        raise InputError("codes.kind_faults", file=source, count=len(faults), faults=faults)
    return {**shipped, **parse_quota_kinds({"kind": rows})}


def _rows(text: str, source: str) -> list[Row]:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError("codes.kind_toml", file=source, said=str(error)) from None
    rows = document.pop("kind", [])
    if document or not _is_rows(rows):
        raise InputError("codes.kind_shape", file=source, others=sorted(document) or "-")
    return list(rows)


def _is_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)


def _faults(row: Row, shipped: Mapping[str, QuotaKind]) -> Iterator[Message]:
    yield from _field_faults(row, KIND_FIELDS, MAY_ADD)
    components = row.get("component", [])
    if not _is_rows(components):
        yield Message("codes.kind_components")
        return
    for component in components:
        yield from _field_faults(component, COMPONENT_FIELDS, COMPONENT_MAY_ADD)
        yield from _choice(component, "unit", UNITS)
        yield from _choice(component, "measured", MEASURED)
    for name in ("component", "pool"):
        yield from _repeats(row.get(name, []))
    for pool in row.get("pool", []) if _is_rows(row.get("pool")) else ():
        yield from _field_faults(pool, POOL_FIELDS)
    yield from _losses(row, shipped)
    if type(row.get("drawn", True)) is not bool:
        yield Message("codes.kind_choice", {"field": "drawn", "found": row["drawn"],
                                            "allowed": ["true", "false"]})


def _field_faults(
    row: Row, needed: frozenset[str], allowed: frozenset[str] = frozenset()
) -> Iterator[Message]:
    missing, unknown = sorted(needed - set(row)), sorted(set(row) - needed - allowed)
    if missing:
        yield Message("codes.kind_missing", {"fields": missing})
    if unknown:
        yield Message("codes.kind_unknown", {
            "fields": unknown, "allowed": sorted(needed | allowed)})
    for name in ("zh", "en"):
        if name in row and not (isinstance(row[name], str) and row[name].strip()):
            yield Message("codes.kind_name", {"field": name, "found": row[name]})
    code = row.get("code", "x")
    is_free = needed is POOL_FIELDS and code
    if not (isinstance(code, str) and (is_free or CODE.fullmatch(code))):
        yield Message("codes.kind_code", {"found": code})


def _choice(row: Row, field: str, allowed: Sequence[str]) -> Iterator[Message]:
    if field in row and row[field] not in allowed:
        yield Message("codes.kind_choice", {"field": field, "found": row[field],
                                            "allowed": list(allowed)})


def _repeats(rows: Any) -> Iterator[Message]:
    counted = Counter(str(row.get("code")) for row in rows if _is_rows(rows))
    for code, times in counted.items():
        if times > 1:
            yield Message("codes.kind_twice", {"code": code})


def _losses(row: Row, shipped: Mapping[str, QuotaKind]) -> Iterator[Message]:
    known = shipped.get(str(row.get("code")))
    units = {component.get("code"): component.get("unit") for component in row["component"]}
    lost = [c.code for c in known.components if units.get(c.code) != c.unit] if known else []
    if known and lost:
        yield Message("codes.kind_lost", {"kind": known.code, "components": lost})


__all__ = ["own_quota_kinds"]
