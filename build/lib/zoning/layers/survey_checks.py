"""CHECK: the attribute rules that survey checkers apply to land-survey patches.

They follow the fields of the survey database (DLBM, KCDLBM, GDPDJB …) and run only where the layer
has the fields concerned. Each names the features that break it; nothing is changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from zoning.errors import Severity
from zoning.layers.faults import Fault, Rows, Subject, fault
from zoning.layers.values import text_of

RIDGE = "1203"
LINEAR = ("1001", "1002", "1003", "1004", "1006", "1009", "1101", "1107", "1107A")
"""Classes that may carry the width of a linear feature (XZDWKD)."""

SETTLED_GROUPS = ("05", "06", "07", "08", "09")
SETTLED = ("1004", "1005", "1201")
"""Classes that must carry a settlement code (CZCSXM), with those of the groups 05–09."""

ROUNDED_M2 = 0.011
"""Areas are written in 0.01 m²: one unit of it is rounding."""

WETLAND = ("0303", "0304", "0306", "0402", "0603")
PLANTING = ("LS", "FLS", "LYFL", "XG", "LLJZ", "WG")
RESTORING = ("JKHF", "GCHF")
RESTORABLE_GROUPS, RESTORABLE = ("02", "03"), ("0404", "1104")

Values = Sequence[str | None]


def deducted_class(subject: Subject) -> Fault | None:
    """SUR001: a deducted class (KCDLBM) other than 1203, or on land that is no farmland."""
    return _each(subject, "SUR001", "layers.sur001", ("KCDLBM", "DLBM"),
                 lambda deducted, code: bool(deducted) and (
                     deducted != RIDGE or not _is_farmland(code)))


def slope_off_farmland(subject: Subject) -> Fault | None:
    """SUR002: a slope grade (GDPDJB) on land that is no farmland."""
    return _each(subject, "SUR002", "layers.sur002", ("GDPDJB", "DLBM"),
                 lambda slope, code: _is_given(slope) and not _is_farmland(code))


def terrace_on_flat_land(subject: Subject) -> Fault | None:
    """SUR003: a farmland type (GDLX, TT or PD) that is neither, or without a slope of 2 to 5."""
    return _each(subject, "SUR003", "layers.sur003", ("GDLX", "GDPDJB"),
                 lambda kind, slope: bool(kind) and (
                     kind not in ("TT", "PD") or slope not in ("2", "3", "4", "5")))


def width_of_no_line(subject: Subject) -> Fault | None:
    """SUR004: a width of a linear feature on a class that is none."""
    column = "XZDWKD" if "XZDWKD" in subject.fields else "XXTBKD"
    return _each(subject, "SUR004", "layers.sur004", (column, "DLBM"),
                 lambda width, code: _is_given(width) and code not in LINEAR)


def missing_settlement(subject: Subject) -> Fault | None:
    """SUR005: no settlement code (CZCSXM) on a class that must have one."""
    return _each(subject, "SUR005", "layers.sur005", ("CZCSXM", "DLBM"),
                 lambda settled, code: not settled and bool(code) and (
                     code in SETTLED or (str(code)[:2] in SETTLED_GROUPS
                                         and str(code) not in WETLAND)))


def planting_off_farmland(subject: Subject) -> Fault | None:
    """SUR006: a planting property (ZZSXDM) that the class cannot have."""
    return _each(subject, "SUR006", "layers.sur006", ("ZZSXDM", "DLBM"),
                 lambda planting, code: bool(planting) and not _may_have(str(planting), code))


def deduction_does_not_add_up(subject: Subject) -> Fault | None:
    """SUR007: KCMJ is not TBMJ × KCXS to 0.01 m², or TBDLMJ not TBMJ − KCMJ."""
    columns = ("TBMJ", "KCXS", "KCMJ", "TBDLMJ")
    if not _has(subject, columns):
        return None
    rows = _is_wrong_deduction(*(_numbers(subject.fields[name]) for name in columns))
    return fault(subject, "SUR007", "layers.sur007", rows, Severity.WARNING)


def wrong_unit_code(subject: Subject) -> Fault | None:
    """SUR008: an owner or place code (QSDWDM, ZLDWDM) that is not of 19 characters."""
    return _each(subject, "SUR008", "layers.sur008", ("QSDWDM", "ZLDWDM"),
                 lambda owner, place: any(code and len(code) != 19 for code in (owner, place)))


def uneven_deduction(subject: Subject) -> Fault | None:
    """SUR009: a coefficient (KCXS) unlike that of most farmland of the same slope grade."""
    if not _has(subject, ("KCXS", "GDPDJB", "DLBM")):
        return None
    pairs = list(zip(_column(subject, "KCXS"), _column(subject, "GDPDJB"),
                     _column(subject, "DLBM"), strict=True))
    usual = _usual([(slope, value) for value, slope, code in pairs
                    if _is_given(value) and _is_farmland(code)])
    rows = np.array([_is_given(value) and _is_farmland(code) and value != usual.get(slope)
                     for value, slope, code in pairs], dtype=bool)
    return fault(subject, "SUR009", "layers.sur009", rows, Severity.NOTE)


def grade_off_farmland(subject: Subject) -> Fault | None:
    """SUR010: a farmland grade (GDDB) on land that is no farmland."""
    return _each(subject, "SUR010", "layers.sur010", ("GDDB", "DLBM"),
                 lambda grade, code: _is_given(grade) and not _is_farmland(code))


SURVEY_CHECKS = (
    deducted_class, slope_off_farmland, terrace_on_flat_land, width_of_no_line, missing_settlement,
    planting_off_farmland, deduction_does_not_add_up, wrong_unit_code, uneven_deduction,
    grade_off_farmland,
)


def _each(
    subject: Subject, code: str, key: str, columns: tuple[str, ...],
    is_wrong: Callable[..., bool],
) -> Fault | None:
    """The fault of the rows for whose values `is_wrong` holds; None where a column is absent.

    Rows repeat: every combination of values is looked at once.
    """
    if not _has(subject, columns):
        return None
    known: dict[tuple[str | None, ...], bool] = {}
    found = []
    for values in zip(*(_column(subject, name) for name in columns), strict=True):
        if values not in known:
            known[values] = is_wrong(*values)
        found.append(known[values])
    rows: Rows = np.array(found, dtype=bool)
    return fault(subject, code, key, rows, Severity.WARNING)


def _has(subject: Subject, columns: tuple[str, ...]) -> bool:
    return all(name in subject.fields for name in columns)


def _column(subject: Subject, name: str) -> Values:
    if name == "DLBM" and subject.class_codes is not None:
        return subject.class_codes
    return [text_of(value) for value in subject.fields[name]]


def _is_given(value: str | None) -> bool:
    """Whether a value says something: 0 stands for nothing in these fields."""
    return bool(value) and value not in ("0", "0.0", "00")


def _is_farmland(code: str | None) -> bool:
    return bool(code) and str(code)[:2] == "01"


def _may_have(planting: str, code: str | None) -> bool:
    if planting in RESTORING:
        return bool(code) and (str(code)[:2] in RESTORABLE_GROUPS or str(code)[:4] in RESTORABLE)
    return planting in PLANTING and _is_farmland(code)


def _is_wrong_deduction(
    patch: NDArray[np.float64], share: NDArray[np.float64], less: NDArray[np.float64],
    rest: NDArray[np.float64],
) -> Rows:
    """Rows whose deduction is off by more than a rounding; those without numbers are not."""
    share, less = np.nan_to_num(share), np.nan_to_num(less)
    known = np.isfinite(patch) & np.isfinite(rest) & (share >= 0) & (share < 1)
    with np.errstate(invalid="ignore"):
        off = (np.abs(less - patch * share) > ROUNDED_M2) | (
            np.abs(patch - less - rest) > ROUNDED_M2)
    found: Rows = known & off
    return found


def _numbers(values: Sequence[object]) -> NDArray[np.float64]:
    return np.asarray(pd.to_numeric(pd.Series(list(values), dtype=object), errors="coerce"),
                      dtype=np.float64)


def _usual(pairs: Sequence[tuple[str | None, str | None]]) -> dict[str | None, str | None]:
    """The coefficient of most rows of each slope grade."""
    counts: dict[str | None, dict[str | None, int]] = {}
    for slope, value in pairs:
        own = counts.setdefault(slope, {})
        own[value] = own.get(value, 0) + 1
    return {slope: max(own, key=lambda value: own[value]) for slope, own in counts.items()}


__all__ = [
    "SURVEY_CHECKS", "deducted_class", "deduction_does_not_add_up", "grade_off_farmland",
    "missing_settlement", "planting_off_farmland", "slope_off_farmland", "terrace_on_flat_land",
    "uneven_deduction", "width_of_no_line", "wrong_unit_code",
]
