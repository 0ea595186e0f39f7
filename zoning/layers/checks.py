"""CHECK: faults of a layer, one small function and one code each.

GEO001–GEO005 quarantine a feature: it cannot be measured. They exclude each other. The others are
reported and the feature stays. A fault names up to five features and the land at risk, measured in
the plane of the file: an estimate, never a statutory area.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from zoning.codes.reader import LandClasses
from zoning.errors import Message, Problem, Severity
from zoning.layers.table import Geometries

Rows = NDArray[np.bool_]
_POLYGON, _MULTIPOLYGON = 3, 6
_NAMED = 5
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


@dataclass(frozen=True, eq=False)
class Subject:
    """What the checks look at: one entry per feature, in file order.

    `ids` are the unique ids given, `raw_ids` those of the file; `class_codes` is None where the
    layer carries none; `bad_coefficients` are the rows whose coefficient is out of range.
    """

    ids: Sequence[str]
    geometry: Geometries
    crs: CRS
    raw_ids: Sequence[str | None] | None = None
    class_codes: Sequence[str | None] | None = None
    classes: LandClasses | None = None
    bad_coefficients: Sequence[int] = ()


@dataclass(frozen=True, eq=False)
class Fault:
    """A problem and the rows it concerns; `quarantines` where they cannot go on."""

    problem: Problem
    rows: Rows
    quarantines: bool = False


Check = Callable[[Subject], Fault | None]


def missing_geometry(subject: Subject) -> Fault | None:
    """GEO001: no geometry, or an empty one."""
    return _quarantine(subject, "GEO001", "layers.geo001", _missing(subject.geometry))


def not_a_polygon(subject: Subject) -> Fault | None:
    """GEO002: a point, a line, or a collection."""
    rows = ~_missing(subject.geometry) & ~_polygonal(subject.geometry)
    kinds = sorted({shape.geom_type for shape in subject.geometry[rows]})
    return _quarantine(subject, "GEO002", "layers.geo002", rows, kinds=tuple(kinds))


def invalid_polygon(subject: Subject) -> Fault | None:
    """GEO003: self-crossing or otherwise invalid, with the reason and place of the first."""
    rows = _measurable(subject.geometry) & ~shapely.is_valid(subject.geometry)
    rows &= ~_zero_area(subject.geometry)
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
    """GEO004: NaN or infinite coordinates."""
    rows = _polygonal(subject.geometry) & ~_finite(subject.geometry)
    return _quarantine(subject, "GEO004", "layers.geo004", rows)


def zero_area(subject: Subject) -> Fault | None:
    """GEO005: a polygon without area: all its points on a line, or there and back."""
    return _quarantine(subject, "GEO005", "layers.geo005", _zero_area(subject.geometry))


def duplicate_geometry(subject: Subject) -> Fault | None:
    """GEO006: the same polygon as an earlier feature; kept, and counted twice in every sum."""
    rows = np.zeros(len(subject.geometry), dtype=bool)
    valid = np.flatnonzero(_measurable(subject.geometry) & shapely.is_valid(subject.geometry))
    shapes = shapely.to_wkb(shapely.normalize(subject.geometry[valid]))
    seen: set[bytes] = set()
    for row, shape in zip(valid, shapes, strict=True):
        rows[row] = shape in seen
        seen.add(shape)
    return _fault(subject, "GEO006", "layers.geo006", rows, Severity.WARNING)


def missing_or_repeated_id(subject: Subject) -> Fault | None:
    """ID001: an id that is absent or that an earlier feature has."""
    if subject.raw_ids is None:
        return None
    rows = np.array([raw is None or raw != own
                     for raw, own in zip(subject.raw_ids, subject.ids, strict=True)], dtype=bool)
    absent = sum(raw is None for raw in subject.raw_ids)
    repeated = int(rows.sum()) - absent
    return _fault(subject, "ID001", "layers.id001", rows, Severity.WARNING, absent=absent,
                  repeated=repeated)


def unknown_class(subject: Subject) -> Fault | None:
    """CLS001: a class code that the survey system has not; kept as it is."""
    if subject.class_codes is None or subject.classes is None:
        return None
    known = subject.classes.classes
    unknown = Counter(code for code in subject.class_codes if code and code not in known)
    rows = np.array([code in unknown for code in subject.class_codes], dtype=bool)
    codes = tuple(f"{code} ({count})" for code, count in unknown.most_common(2 * _NAMED))
    return _fault(subject, "CLS001", "layers.cls001", rows, Severity.WARNING, codes=codes,
                  system=subject.classes.system, kinds=len(unknown))


def missing_class(subject: Subject) -> Fault | None:
    """CLS002: no class code although the layer has the column."""
    if subject.class_codes is None:
        return None
    rows = np.array([code is None for code in subject.class_codes], dtype=bool)
    return _fault(subject, "CLS002", "layers.cls002", rows, Severity.WARNING)


def coefficient_out_of_range(subject: Subject) -> Fault | None:
    """ATT001: a deduction coefficient outside 0 ≤ k < 1; taken as 0."""
    rows = np.zeros(len(subject.geometry), dtype=bool)
    rows[list(subject.bad_coefficients)] = True
    return _fault(subject, "ATT001", "layers.att001", rows, Severity.ERROR)


CHECKS: tuple[Check, ...] = (
    missing_geometry, not_a_polygon, invalid_polygon, non_finite_coordinates, zero_area,
    duplicate_geometry, missing_or_repeated_id, unknown_class, missing_class,
    coefficient_out_of_range,
)


def run_checks(subject: Subject) -> tuple[Fault, ...]:
    """The faults that the checks find, in their order."""
    with np.errstate(invalid="ignore", over="ignore"):  # GEOS meets NaN and infinity: GEO004
        found = [check(subject) for check in CHECKS]
    return tuple(fault for fault in found if fault is not None)


def area_at_risk_dm2(geometry: Geometries, crs: CRS) -> int | None:
    """The plane area of polygons in dm², about right in any CRS; None where none can be measured.

    Geographic coordinates are measured in the equal-area cylinder of their ellipsoid; an invalid
    polygon as GEOS repairs it.
    """
    shapes = geometry[_measurable(geometry)]
    if not len(shapes):
        return None
    if crs.is_geographic:
        ellipsoid = crs.get_geod()
        if ellipsoid is None:
            return None
        plane = CRS.from_dict({"proj": "cea", "a": ellipsoid.a, "b": ellipsoid.b})
        to_plane = Transformer.from_crs(crs.geodetic_crs, plane, always_xy=True)
        shapes = shapely.transform(shapes, to_plane.transform, interleaved=False)
        metres = 1.0
    else:
        metres = float(crs.axis_info[0].unit_conversion_factor) if crs.axis_info else 1.0
    invalid = ~shapely.is_valid(shapes)
    shapes[invalid] = shapely.make_valid(shapes[invalid])
    total = float(shapely.area(shapes).sum()) * metres**2 * 100
    return round(total) if np.isfinite(total) else None


def _quarantine(
    subject: Subject, code: str, key: str, rows: Rows, **params: object
) -> Fault | None:
    return _fault(subject, code, key, rows, Severity.ERROR, quarantines=True, **params)


def _fault(
    subject: Subject, code: str, key: str, rows: Rows, severity: Severity, *,
    quarantines: bool = False, **params: object,
) -> Fault | None:
    found = np.flatnonzero(rows)
    if not len(found):
        return None
    where = tuple(subject.ids[row] for row in found[:_NAMED])
    risk = area_at_risk_dm2(subject.geometry[found], subject.crs)
    message = Message(key, {"count": len(found), "where": where, **params})
    return Fault(Problem(code, message, severity, len(found), where, risk), rows, quarantines)


def _missing(geometry: Geometries) -> Rows:
    found: Rows = shapely.is_missing(geometry) | shapely.is_empty(geometry)
    return found


def _polygonal(geometry: Geometries) -> Rows:
    kinds = shapely.get_type_id(geometry)
    found: Rows = ((kinds == _POLYGON) | (kinds == _MULTIPOLYGON)) & ~_missing(geometry)
    return found


def _finite(geometry: Geometries) -> Rows:
    coordinates, owner = shapely.get_coordinates(geometry, return_index=True)
    finite = np.ones(len(geometry), dtype=bool)
    finite[owner[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def _measurable(geometry: Geometries) -> Rows:
    return _polygonal(geometry) & _finite(geometry)


def _zero_area(geometry: Geometries) -> Rows:
    """Polygons without area; one that crosses itself counts by what lies inside its lines."""
    rows = _measurable(geometry)
    rows &= shapely.area(geometry) == 0
    crossing = np.flatnonzero(rows & ~shapely.is_valid(geometry))
    rows[crossing] = shapely.area(shapely.make_valid(geometry[crossing])) == 0
    return rows


__all__ = [
    "CHECKS", "Check", "Fault", "Subject", "area_at_risk_dm2", "coefficient_out_of_range",
    "duplicate_geometry", "invalid_polygon", "missing_class", "missing_geometry",
    "missing_or_repeated_id", "non_finite_coordinates", "not_a_polygon", "run_checks",
    "unknown_class", "zero_area",
]
