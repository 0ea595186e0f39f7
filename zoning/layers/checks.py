"""CHECK: faults of a layer, one small function and one code each.

GEO001–GEO005 quarantine a feature: it cannot be measured. They exclude each other. The others are
reported and the feature stays. A fault names up to five features and the land at risk, measured in
the plane of the file: an estimate, never a statutory area.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from zoning.errors import Message, Severity
from zoning.layers.faults import (
    NAMED,
    Fault,
    Rows,
    Subject,
    area_at_risk_dm2,
    fault,
    missing,
    polygonal,
)
from zoning.layers.shape_checks import SHAPE_CHECKS
from zoning.layers.survey_checks import SURVEY_CHECKS
from zoning.layers.table import Geometries

_REASON = re.compile(r"([^\[]+)\[([^ \]]+) ([^ \]]+)\]")
_REASONS = {
    "Self-intersection": "layers.reason_self_intersection",
    "Ring Self-intersection": "layers.reason_ring_self_intersection",
    "Hole lies outside shell": "layers.reason_hole_outside",
    "Holes are nested": "layers.reason_nested_holes",
    "Nested shells": "layers.reason_nested_shells",
    "Interior is disconnected": "layers.reason_disconnected",
    "Duplicate Rings": "layers.reason_duplicate_rings",
    "Too few points in geometry component": "layers.reason_too_few_points",
}

Check = Callable[[Subject], Fault | None]


def missing_geometry(subject: Subject) -> Fault | None:
    """GEO001: no geometry, or an empty one."""
    return _quarantine(subject, "GEO001", "layers.geo001", missing(subject.geometry))


def not_a_polygon(subject: Subject) -> Fault | None:
    """GEO002: a point, a line, or a collection."""
    rows = ~missing(subject.geometry) & ~polygonal(subject.geometry)
    kinds = sorted({shape.geom_type for shape in subject.geometry[rows]})
    return _quarantine(subject, "GEO002", "layers.geo002", rows, kinds=tuple(kinds))


def invalid_polygon(subject: Subject) -> Fault | None:
    """GEO003: self-crossing or otherwise invalid, with the reason and place of the first."""
    rows = subject.measurable & ~subject.valid & ~_zero_area(subject)
    if not rows.any():
        return None
    reason = str(shapely.is_valid_reason(subject.geometry[rows][0]))
    found = _REASON.match(reason)
    told: object = reason
    if found and found[1] in _REASONS:
        told = Message(_REASONS[found[1]])
    place = f"{float(found[2]):.3f}, {float(found[3]):.3f}" if found else "-"
    return _quarantine(subject, "GEO003", "layers.geo003", rows, reason=told, place=place)


def non_finite_coordinates(subject: Subject) -> Fault | None:
    """GEO004: NaN or infinite coordinates, or such as have no place in the coordinate system."""
    rows = polygonal(subject.geometry) & ~subject.placed
    return _quarantine(subject, "GEO004", "layers.geo004", rows)


def zero_area(subject: Subject) -> Fault | None:
    """GEO005: a polygon without area: all its points on a line, or there and back."""
    return _quarantine(subject, "GEO005", "layers.geo005", _zero_area(subject))


def duplicate_geometry(subject: Subject) -> Fault | None:
    """GEO006: the same polygon as an earlier feature; kept, and counted twice in every sum."""
    rows = np.zeros(len(subject.geometry), dtype=bool)
    valid = _alike(subject)
    shapes = shapely.to_wkb(shapely.normalize(subject.geometry[valid]))
    seen: set[bytes] = set()
    for row, shape in zip(valid, shapes, strict=True):
        rows[row] = shape in seen
        seen.add(shape)
    return fault(subject, "GEO006", "layers.geo006", rows, Severity.WARNING)


def missing_or_repeated_id(subject: Subject) -> Fault | None:
    """ID001: an id that is absent or that an earlier feature has."""
    if subject.raw_ids is None:
        return None
    rows = np.array([raw is None or raw != own
                     for raw, own in zip(subject.raw_ids, subject.ids, strict=True)], dtype=bool)
    absent = sum(raw is None for raw in subject.raw_ids)
    repeated = int(rows.sum()) - absent
    return fault(subject, "ID001", "layers.id001", rows, Severity.WARNING, absent=absent,
                  repeated=repeated)


def unknown_class(subject: Subject) -> Fault | None:
    """CLS001: a class code that the survey system has not; kept as it is."""
    if subject.class_codes is None or subject.classes is None:
        return None
    known = subject.classes.classes
    unknown = Counter(code for code in subject.class_codes if code and code not in known)
    rows = np.array([code in unknown for code in subject.class_codes], dtype=bool)
    codes = tuple(f"{code} ({count})" for code, count in unknown.most_common(2 * NAMED))
    return fault(subject, "CLS001", "layers.cls001", rows, Severity.WARNING, codes=codes,
                  system=subject.classes.system, kinds=len(unknown))


def missing_class(subject: Subject) -> Fault | None:
    """CLS002: no class code although the layer has the column."""
    if subject.class_codes is None:
        return None
    rows = np.array([code is None for code in subject.class_codes], dtype=bool)
    return fault(subject, "CLS002", "layers.cls002", rows, Severity.WARNING)


def coefficient_out_of_range(subject: Subject) -> Fault | None:
    """ATT001: a deduction coefficient outside 0 ≤ k < 1; taken as 0."""
    rows = np.zeros(len(subject.geometry), dtype=bool)
    rows[list(subject.bad_coefficients)] = True
    return fault(subject, "ATT001", "layers.att001", rows, Severity.ERROR)


CHECKS: tuple[Check, ...] = (
    missing_geometry, not_a_polygon, invalid_polygon, non_finite_coordinates, zero_area,
    duplicate_geometry, missing_or_repeated_id, unknown_class, missing_class,
    coefficient_out_of_range, *SHAPE_CHECKS, *SURVEY_CHECKS,
)


QUARANTINING: tuple[Check, ...] = CHECKS[:5]
"""The checks that keep a feature from being measured; each looks at one feature by itself."""


def run_checks(subject: Subject) -> tuple[Fault, ...]:
    """The faults that the checks find, in their order."""
    with np.errstate(invalid="ignore", over="ignore"):  # GEOS meets NaN and infinity: GEO004
        found = [check(subject) for check in CHECKS]
    return tuple(each for each in found if each is not None)


def fault_codes(geometry: Geometries, crs: CRS) -> NDArray[np.object_]:
    """Why a feature is kept apart, None where it can be measured.

    The same for a layer and for any piece of it.
    """
    subject = Subject([""] * len(geometry), geometry, crs)
    codes = np.full(len(geometry), None, dtype=object)
    with np.errstate(invalid="ignore", over="ignore"):
        for check in QUARANTINING:
            found = check(subject)
            if found is not None:
                codes[found.rows] = found.problem.code
    return codes


def _quarantine(
    subject: Subject, code: str, key: str, rows: Rows, **params: object
) -> Fault | None:
    return fault(subject, code, key, rows, Severity.ERROR, quarantines=True, **params)


def _alike(subject: Subject) -> NDArray[np.intp]:
    """The valid features that have the box and the point count of another one."""
    valid = np.flatnonzero(subject.valid)
    shapes = subject.geometry[valid]
    told = np.column_stack([shapely.bounds(shapes), shapely.get_num_coordinates(shapes)])
    _, which, count = np.unique(told, axis=0, return_inverse=True, return_counts=True)
    found: NDArray[np.intp] = valid[count[which.reshape(-1)] > 1]
    return found


def _zero_area(subject: Subject) -> Rows:
    """Polygons without area; one that crosses itself counts by what lies inside its lines."""
    geometry = subject.geometry
    rows: Rows = subject.measurable & (shapely.area(geometry) == 0)
    crossing = np.flatnonzero(rows & ~subject.valid)
    rows[crossing] = shapely.area(shapely.make_valid(geometry[crossing])) == 0
    return rows


__all__ = [
    "CHECKS", "QUARANTINING", "Check", "Fault", "Subject", "area_at_risk_dm2",
    "coefficient_out_of_range", "duplicate_geometry", "fault_codes", "invalid_polygon",
    "missing_class", "missing_geometry", "missing_or_repeated_id", "non_finite_coordinates",
    "not_a_polygon", "run_checks", "unknown_class", "zero_area",
]
