"""CHECK and normalise: a layer as read to the columns of its role.

Nothing is lost without a word: features that cannot be measured go to a second frame with the
reason, a value that cannot be read keeps its source column, ids are made unique by rule, and
columns the role does not use stay under their own names. Only personal data is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from zoning.codes.reader import LandClasses, land_classes
from zoning.codes.roles import Role, RoleField, personal
from zoning.codes.roles import role as role_of
from zoning.errors import Message, Problem, Severity
from zoning.layers.checks import run_checks
from zoning.layers.columns import (
    Pick,
    personal_columns,
    pick_columns,
    require_columns,
    survey_columns,
)
from zoning.layers.faults import Fault, Subject
from zoning.layers.model import GEOMETRY, REASON, Normalised, Reading
from zoning.layers.table import unique_names
from zoning.layers.values import Converted, convert, plain

_INTEGERS = ("area", "coefficient", "grade", "integer", "number")
_CONVERTED = "converted"
_NAMED = 5
_BLANKS = " \t\u3000/\\-—–_.,，。、*()（）0"
_NO_DOCUMENT = ("", "无", "没有", "暂无", "未批", "未批准", "未办理", "待批", "否", "不详", "none",
                "null", "nil", "no", "n/a", "na", "nan")


@dataclass(frozen=True, eq=False)
class _Filled:
    """The columns of a role filled from a reading, and the values that could not be read."""

    columns: Mapping[str, Sequence[Any]]
    bad: Mapping[str, tuple[int, ...]]
    examples: Mapping[str, tuple[str, ...]]
    problems: tuple[Problem, ...] = ()


def normalise(
    reading: Reading,
    role: str,
    *,
    mapping: Mapping[str, str] | None = None,
    classes: LandClasses | None = None,
) -> Normalised:
    """A reading in the columns of its role; geometries keep the CRS of the source.

    Every role has `feature_id` (unique text), `name` (text), `declared_dm2` (Int64) and `geometry`
    (valid 2D Polygon or MultiPolygon); the further columns are those of the role. `mapping` goes
    from source columns to columns of the role and wins over the official names. `classes` is the
    land-class system that codes are checked against, by default the third national survey.

    Raises
    ------
    LayerError
        Columns that the role needs are missing, or the mapping names what is not there.

    """
    known, wanted = role_of(role), classes or land_classes()
    names = [str(name) for name in reading.features.columns if name != GEOMETRY]
    picks = pick_columns(names, known, mapping)
    require_columns(names, known, picks, file=reading.source.name)
    values = {name: plain(reading.features[name]) for name in names}
    as_read = _filled(values, known, picks, rows=len(reading.features))
    filled = _class_codes(as_read, reading, picks, wanted)
    raw_ids = filled.columns["feature_id"] if "feature_id" in picks else None
    ids = unique_ids(raw_ids if raw_ids is not None else [None] * len(reading.features))
    official = {name.upper(): values[name] for name in survey_columns(names, known)}
    faults = run_checks(_subject(reading, ids, raw_ids, filled, picks, wanted, official))
    dropped = personal_columns(values, personal(), keep=_used(picks))
    columns = {**_typed(filled, known), "feature_id": pd.array(ids, dtype="str")}
    columns |= _kept(reading, names, picks, filled, dropped, taken=columns)
    frame = gpd.GeoDataFrame({**columns, GEOMETRY: reading.features.geometry.to_numpy()},
                             geometry=GEOMETRY, crs=reading.crs)
    problems = (*filled.problems, *_unread(filled, ids), *_role_notes(known, picks, len(ids)),
                *(fault.problem for fault in faults), *_dropped_note(dropped))
    return _split(frame, faults, problems, dropped)


def unique_ids(
    raw: Sequence[str | None], *, records: Sequence[int] | None = None
) -> list[str]:
    """Ids without repetition, by rule: ``X``, ``X#2``, ``X#3`` …; null becomes ``row-<n>``.

    An id that stands in the file once is never changed, and the result depends on the order of the
    file only. `records` are the numbers of the records where these are not all from 1 on.
    """
    taken = {identity for identity in raw if identity is not None}
    seen: set[str] = set()
    counts: dict[str, int] = {}
    found = []
    numbers = range(1, len(raw) + 1) if records is None else records
    for row, identity in zip(numbers, raw, strict=True):
        wanted = identity if identity is not None else f"row-{row}"
        own = wanted
        while own in seen or (own in taken and own != identity):
            counts[wanted] = counts.get(wanted, 1) + 1
            own = f"{wanted}#{counts[wanted]}"
        seen.add(own)
        found.append(own)
    return found


def _filled(
    values: Mapping[str, Sequence[Any]], role: Role, picks: Mapping[str, Pick], *, rows: int
) -> _Filled:
    columns: dict[str, Sequence[Any]] = {}
    bad: dict[str, tuple[int, ...]] = {}
    examples: dict[str, tuple[str, ...]] = {}
    for field in role.fields:
        pick = picks.get(field.column)
        found = Converted((None,) * rows)
        if pick is not None:
            found = convert(values[pick.source], field, alias=pick.alias)
        columns[field.column] = found.values
        if found.bad and pick is not None:
            bad[field.column] = found.bad
            told = dict.fromkeys(str(values[pick.source][row]) for row in found.bad)
            examples[field.column] = tuple(told)[:_NAMED]
    return _Filled(columns, bad, examples)


def _class_codes(
    filled: _Filled, reading: Reading, picks: Mapping[str, Pick], classes: LandClasses
) -> _Filled:
    """Give numeric class codes their leading zero back, where only one system can be meant.

    A numeric column lost the zero of ``0101``. Old surveys have three-digit codes of their own (101
    is a railway there), so the zero is put back only where every code is then known and at least
    one has four digits without it.
    """
    pick = picks.get("class_code")
    if pick is None or not pd.api.types.is_numeric_dtype(reading.features[pick.source]):
        return filled
    codes = filled.columns["class_code"]
    padded = [None if code is None else _padded(code) for code in codes]
    present = [code for code in padded if code is not None]
    is_sure = all(code in classes.classes for code in present)
    is_sure &= any(code is not None and len(code) == 4 for code in codes)
    if not is_sure or padded == list(codes):
        return filled
    count = sum(new != old for new, old in zip(padded, codes, strict=True))
    message = Message("layers.codes_padded", {"count": count, "column": pick.source})
    problem = Problem("CLS004", message, Severity.WARNING, count)
    columns = {**filled.columns, "class_code": tuple(padded)}
    return _Filled(columns, filled.bad, filled.examples, (*filled.problems, problem))


def _padded(code: str) -> str:
    return f"0{code}" if code.isdecimal() and len(code) in (1, 3) else code


def _subject(
    reading: Reading, ids: Sequence[str], raw_ids: Sequence[str | None] | None, filled: _Filled,
    picks: Mapping[str, Pick], classes: LandClasses, official: Mapping[str, Sequence[Any]],
) -> Subject:
    codes = filled.columns["class_code"] if "class_code" in picks else None
    return Subject(ids, reading.features.geometry.to_numpy(), reading.crs, raw_ids, codes,
                   classes, filled.bad.get("deduct_1e4", ()), official)


def is_document(text: str | None) -> bool:
    """Whether a text names a document, and is not a word for there being none."""
    return text is not None and text.strip(_BLANKS).casefold() not in _NO_DOCUMENT


def _typed(filled: _Filled, role: Role) -> dict[str, Any]:
    columns = {field.column: _array(filled.columns[field.column], field) for field in role.fields}
    if "approval" in columns:
        present = [is_document(approval) for approval in filled.columns["approval"]]
        columns[_CONVERTED] = np.array(present, dtype=bool)
    return columns


def _array(values: Sequence[Any], field: RoleField) -> Any:
    if field.type == "coefficient":
        values = [0 if value is None else value for value in values]
    return pd.array(list(values), dtype="Int64" if field.type in _INTEGERS else "str")


def _kept(
    reading: Reading, names: Sequence[str], picks: Mapping[str, Pick], filled: _Filled,
    dropped: Sequence[str], *, taken: Mapping[str, Any],
) -> dict[str, Any]:
    """The source columns the role does not use, and those with a value that could not be read."""
    unread = {picks[column].source for column in filled.bad}
    used = _used(picks) - unread
    kept = [name for name in names
            if name not in used and name not in dropped and name not in (_CONVERTED, REASON)]
    new = unique_names(kept, taken=(*taken, GEOMETRY, REASON))
    return {own: reading.features[name].array for own, name in zip(new, kept, strict=True)}


def _used(picks: Mapping[str, Pick]) -> set[str]:
    return {pick.source for pick in picks.values()}


def _unread(filled: _Filled, ids: Sequence[str]) -> tuple[Problem, ...]:
    """One problem per column with values that could not be read; ATT001 tells of coefficients."""
    return tuple(
        Problem(
            "VAL001",
            Message("layers.values_unread", {
                "column": column, "count": len(rows), "examples": filled.examples[column],
                "where": tuple(ids[row] for row in rows[:_NAMED]),
            }),
            Severity.WARNING, len(rows), tuple(ids[row] for row in rows[:_NAMED]),
        )
        for column, rows in filled.bad.items() if column != "deduct_1e4"
    )


def _role_notes(role: Role, picks: Mapping[str, Pick], rows: int) -> tuple[Problem, ...]:
    notes = []
    if "feature_id" not in picks:
        notes.append(Problem("ID002", Message("layers.ids_from_rows", {"count": rows}),
                             Severity.NOTE, rows))
    if any(field.column == "class_code" for field in role.fields) and "class_code" not in picks:
        notes.append(Problem("CLS003", Message("layers.no_classes"), Severity.WARNING, rows))
    return tuple(notes)


def _dropped_note(dropped: Sequence[str]) -> tuple[Problem, ...]:
    if not dropped:
        return ()
    message = Message("layers.personal_dropped", {"columns": tuple(dropped), "count": len(dropped)})
    return (Problem("PRV001", message, Severity.NOTE, len(dropped)),)


def _split(
    frame: gpd.GeoDataFrame, faults: Sequence[Fault], problems: tuple[Problem, ...],
    dropped: tuple[str, ...],
) -> Normalised:
    reasons = np.full(len(frame), None, dtype=object)
    for fault in faults:
        if fault.quarantines:
            reasons[fault.rows] = fault.problem.code
    apart = np.array([reason is not None for reason in reasons], dtype=bool)
    quarantined = frame[apart].assign(**{REASON: pd.array(reasons[apart], dtype="str")})
    return Normalised(frame[~apart].reset_index(drop=True), quarantined.reset_index(drop=True),
                      problems, dropped)


__all__ = ["normalise", "unique_ids"]
