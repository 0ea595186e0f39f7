"""Boundary TXT, third step: what the fields of a plot line mean.

Lines of 4 to 13 fields are in use. The word 面 (polygon) anchors the fields: before it stand count,
area, number and name, after it sheet, use and class code.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

_GRAPHIC = ("面", "polygon")
_STANDARD_ANCHOR = 4
_OFFSET_ANCHOR = 6
_UNITS: Mapping[str, Decimal] = {
    "": Decimal(1), "公顷": Decimal(1), "ha": Decimal(1), "hm2": Decimal(1), "hm²": Decimal(1),
    "平方米": Decimal("0.0001"), "m2": Decimal("0.0001"), "m²": Decimal("0.0001"),
    "㎡": Decimal("0.0001"), "亩": Decimal(1) / Decimal(15),
}
_AREA = re.compile(r"([+-]?\d+(?:\.\d*)?|[+-]?\.\d+)\s*(\D*)")


@dataclass(frozen=True)
class PlotFields:
    """The fields of one plot line; absent ones are empty text or None.

    `declared_ha` is in 公顷, a written unit taken into account. `is_joined` says that the name had
    commas in it. `extra` holds the fields of the longer variants by their usual names.
    """

    points: int | None = None
    declared_ha: Decimal | None = None
    number: str = ""
    name: str = ""
    sheet: str = ""
    use: str = ""
    class_code: str = ""
    extra: tuple[tuple[str, str], ...] = ()
    is_joined: bool = False
    bad_area: str = ""


def plot_fields(fields: Sequence[str], *, points: int) -> PlotFields:
    """The meaning of the fields of a plot line that `points` point lines follow.

    `points` tells a point count from a plot number in the variants that have only one of them.
    """
    anchor = _anchor(fields)
    if anchor is None:
        return _without_anchor(fields)
    before, after = list(fields[:anchor]), list(fields[anchor + 1:])
    if anchor < 4:
        return _short(before, after, points)
    if anchor == _OFFSET_ANCHOR and len(after) >= 5:
        return _offset(before, after)
    return _standard(before, after)


def hectares_from(text: str) -> Decimal | None:
    """A declared area in 公顷 from text such as ``0.7655`` or ``7655平方米``; else None."""
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _AREA.fullmatch(plain)
    factor = _UNITS.get(found[2].strip().lower()) if found else None
    if found is None or factor is None:
        return None
    try:
        return Decimal(found[1]) * factor
    except InvalidOperation:
        return None


def _anchor(fields: Sequence[str]) -> int | None:
    at = [i for i, field in enumerate(fields) if field.lower() in _GRAPHIC]
    for usual in (_STANDARD_ANCHOR, _OFFSET_ANCHOR):
        if usual in at:
            return usual
    return at[-1] if at else None


def _standard(before: Sequence[str], after: Sequence[str]) -> PlotFields:
    names = ("kind", "land_class", "grade_before", "grade_after", "remark")
    extra = tuple((name, value) for name, value in zip(names, after[3:], strict=False) if value)
    return _fields(
        before[0], before[1], before[2], ",".join(before[3:]), _at(after, 0), _at(after, 1),
        _at(after, 2), extra, is_joined=len(before) > 4,
    )


def _offset(before: Sequence[str], after: Sequence[str]) -> PlotFields:
    """The 补充耕地 template: year and slope before 面; remark, class and grade behind."""
    values = (("year", before[4]), ("slope", before[5]), ("remark", after[2]), ("grade", after[4]))
    return _fields(before[0], before[1], before[2], before[3], after[0], after[1], after[3],
                   tuple((name, value) for name, value in values if value))


def _short(before: Sequence[str], after: Sequence[str], points: int) -> PlotFields:
    """Variants with fewer than four fields before 面: [count or number], name."""
    first, name = (before[0] if len(before) > 1 else ""), (before[-1] if before else "")
    if len(before) == 3:
        return _fields(before[0], before[1], "", name, "", _at(after, 0), _at(after, 1))
    is_count = first.isdigit() and abs(int(first) - points) <= 1
    return _fields(first if is_count else "", "", "" if is_count else first, name, "",
                   _at(after, 0), _at(after, 1))


def _without_anchor(fields: Sequence[str]) -> PlotFields:
    count, area, number, name, _, sheet, use, class_code = (_at(fields, i) for i in range(8))
    return _fields(count, area, number, name, sheet, use, class_code)


def _fields(
    count: str, area: str, number: str, name: str, sheet: str, use: str, class_code: str,
    extra: tuple[tuple[str, str], ...] = (), *, is_joined: bool = False,
) -> PlotFields:
    declared = hectares_from(area) if area else None
    return PlotFields(
        int(count) if count.isdecimal() else None, declared, number, name, sheet, use, class_code,
        extra, is_joined, area if area and declared is None else "",
    )


def _at(values: Sequence[str], i: int) -> str:
    return values[i] if i < len(values) else ""


__all__ = ["PlotFields", "hectares_from", "plot_fields"]
