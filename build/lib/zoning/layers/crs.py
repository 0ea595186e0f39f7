"""Coordinate systems: CGCS2000 zones, and whether coordinates can be what a file declares.

CGCS2000 Gauss-Krüger comes in 3° and 6° zones, with the zone number in front of the easting
(``zone × 1 000 000 + 500 000``) or without. A declared zone outranks the prefix of the coordinates;
where the two disagree nothing is guessed. Systems are compared by `CRS.to_epsg`, because the
definition in an ESRI .prj never equals the EPSG one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError as ProjError

from zoning.errors import CrsError, Message, Problem, Severity

CGCS2000 = 4490
_OLD_DATUMS = re.compile(
    r"xian[ _]?1980|beijing[ _]?1954|new[ _]beijing|xi'?an[ _]?80", re.IGNORECASE
)
_OLD_GEOGRAPHIC = (4214, 4555, 4610)
_FIRST_PREFIX, _LAST_PREFIX = 13_000_000, 46_000_000
_NORTHING = (1_800_000, 6_100_000)
_AREA_MARGIN_DEG = 3.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Zone:
    """A CGCS2000 Gauss-Krüger zone: number, width in degrees, and whether eastings carry it."""

    number: int
    width: int
    prefixed: bool

    @property
    def central_meridian(self) -> int:
        """The central meridian in degrees east."""
        return self.number * 3 if self.width == 3 else self.number * 6 - 3

    @property
    def epsg(self) -> int:
        """The EPSG code of this zone."""
        if self.width == 3:
            return (4488 if self.prefixed else 4509) + self.number
        return (4478 if self.prefixed else 4489) + self.number

    def crs(self) -> CRS:
        """The coordinate system of this zone."""
        return CRS.from_epsg(self.epsg)


def zone(number: int, *, prefixed: bool) -> Zone:
    """The zone of a zone number: 13-23 are 6° zones, 25-45 are 3° zones.

    Raises `CrsError` for any other number.
    """
    if 13 <= number <= 23:
        return Zone(number, 6, prefixed)
    if 25 <= number <= 45:
        return Zone(number, 3, prefixed)
    raise CrsError("layers.no_such_zone", zone=number)


def zone_of(crs: CRS) -> Zone | None:
    """The CGCS2000 zone of a coordinate system; None for any other system."""
    code = epsg_of(crs)
    if code is None:
        return None
    for first, last, offset, width, prefixed in (
        (4491, 4501, 4478, 6, True), (4502, 4512, 4489, 6, False),
        (4513, 4533, 4488, 3, True), (4534, 4554, 4509, 3, False),
    ):
        if first <= code <= last:
            return Zone(code - offset, width, prefixed)
    return None


@lru_cache(maxsize=256)
def epsg_of(crs: CRS) -> int | None:
    """The EPSG code of a system, None where it has none; kept, because the search is slow."""
    return crs.to_epsg()


def parse_crs(value: str | int | CRS) -> CRS:
    """The coordinate system of an EPSG code (``4528``, ``EPSG:4528``), WKT or name.

    Raises `CrsError` for what no system is known by, and for Xian80 and Beijing54.
    """
    text = value.strip() if isinstance(value, str) else value
    code = int(text) if isinstance(text, str) and text.isdecimal() else text
    try:
        found = CRS.from_user_input(code)
    except ProjError as error:
        raise CrsError("layers.unknown_crs", crs=str(value)) from error
    refuse_old_datum(found)
    return canonical(found)


def canonical(crs: CRS) -> CRS:
    """The horizontal part of a system: of CGCS2000 in its EPSG definition, of CRS84 as EPSG:4326.

    Plan databases come in compound systems (EPSG:4490 with heights of EPSG:5737), old .prj files
    with a transformation bound to them; neither changes where a parcel lies.
    """
    if crs.is_compound:
        return canonical(crs.sub_crs_list[0])
    if crs.is_bound and crs.source_crs is not None:
        return canonical(crs.source_crs)
    crs = crs.to_2d() if len(crs.axis_info) == 3 else crs
    code = epsg_of(crs)
    if code is not None and (code == CGCS2000 or zone_of(crs)):
        return CRS.from_epsg(code)
    if "CRS84" in crs.name and crs.to_authority() == ("OGC", "CRS84"):
        return CRS.from_epsg(4326)
    return crs


def refuse_old_datum(crs: CRS) -> None:
    """Raise `CrsError` for Xian80 and Beijing54, whose shift to CGCS2000 is not public."""
    base = crs.geodetic_crs
    names = [crs.name]
    if base is not None:
        names += [base.name, base.datum.name if base.datum is not None else ""]
    is_old = base is not None and epsg_of(base) in _OLD_GEOGRAPHIC
    if is_old or any(_OLD_DATUMS.search(name) for name in names):
        raise CrsError("layers.old_datum", found=crs.name)


def settle_crs(
    declared: CRS | None, given: str | int | CRS | None, centres: Floats, *, file: str
) -> tuple[CRS, tuple[Problem, ...]]:
    """The system of a layer: the one given by the user, else the one the file declares.

    `centres` holds a point (x, y) per feature, in the units of the file; rows that are not finite
    are left out. Raises `CrsError` where neither is there, and where the coordinates cannot be in
    the system.
    """
    if given is not None:
        crs = parse_crs(given)
        problems = _overridden(declared, crs)
    elif declared is None:
        raise CrsError("layers.no_crs", file=file, found=_looks_like(centres))
    else:
        refuse_old_datum(declared)
        crs, problems = canonical(declared), ()
    return crs, (*problems, *check_coordinates(crs, centres, file=file, given=given is not None))


def check_coordinates(
    crs: CRS, centres: Floats, *, file: str, given: bool = False
) -> tuple[Problem, ...]:
    """Raise `CrsError` where coordinates cannot be in the system; warn where they lie far off it.

    Where the user named the system (`given`), a prefix of another zone is a warning only: practice
    keeps one zone per county, and far from the zone the easting runs into the next number. A few
    features of another zone among many are no reason to refuse the rest: the checks name them.
    """
    points = centres[np.isfinite(centres).all(axis=1)]
    if not len(points):
        return ()
    east, north = (float(value) for value in np.median(points, axis=0))
    if crs.is_geographic:
        _require_degrees(crs, east, north, file)
    elif crs.is_projected:
        _require_metres(crs, east, north, file)
        _require_zone(crs, points, file=file, given=given)
    return _outside_area(crs, points)


def zone_prefixes(eastings: Iterable[float] | Floats) -> tuple[int, ...]:
    """The zone numbers in front of 8-digit eastings, sorted; empty where there is none."""
    values = np.asarray(eastings if isinstance(eastings, np.ndarray) else list(eastings), float)
    prefixed = values[(values >= _FIRST_PREFIX) & (values < _LAST_PREFIX)]
    return tuple(int(number) for number in np.unique(prefixed // 1_000_000))


def _overridden(declared: CRS | None, crs: CRS) -> tuple[Problem, ...]:
    if declared is None or canonical(declared) == crs:
        return ()
    if epsg_of(declared) is not None and epsg_of(declared) == epsg_of(crs):
        return ()
    params = {"declared": crs_name(declared), "given": crs_name(crs)}
    return (Problem("CRS002", Message("layers.crs_overridden", params), Severity.WARNING),)


def crs_name(crs: CRS) -> str:
    """A system as a person names it: ``EPSG:4528 (CGCS2000 / 3-degree Gauss-Kruger zone 40)``."""
    code = epsg_of(crs)
    return f"EPSG:{code} ({crs.name})" if code else str(crs.name)


def _require_degrees(crs: CRS, east: float, north: float, file: str) -> None:
    if abs(east) > 360 or abs(north) > 90:
        raise CrsError("layers.crs_needs_degrees", file=file, expected=crs_name(crs),
                       found=_looks_like(np.array([[east, north]])))


def _require_metres(crs: CRS, east: float, north: float, file: str) -> None:
    if abs(east) <= 180 and abs(north) <= 90:
        raise CrsError("layers.crs_needs_metres", file=file, expected=crs_name(crs),
                       found=f"{east:.6g}, {north:.6g}")


def _require_zone(crs: CRS, points: Floats, *, file: str, given: bool) -> None:
    own = zone_of(crs)
    if own is None:
        return
    east, north = (float(value) for value in np.median(points, axis=0))
    told = {"file": file, "expected": crs_name(crs), "found": f"{east:.3f}, {north:.3f}"}
    if _NORTHING[0] <= east <= _NORTHING[1] and not _NORTHING[0] <= north <= _NORTHING[1]:
        raise CrsError("layers.crs_swapped", **told)
    found = zone_prefixes(points[:, 0])
    if own.prefixed and not found:
        raise CrsError("layers.crs_no_prefix", **told,
                       remedy=Zone(own.number, own.width, False).epsg)
    if not own.prefixed and found:
        raise CrsError("layers.crs_has_prefix", **told, zone=found,
                       remedy=[zone(n, prefixed=True).epsg for n in found if n != 24])
    usual = int(np.median(points[:, 0]) // 1_000_000)
    if own.prefixed and usual != own.number and not given:
        raise CrsError("layers.zone_conflict", file=file, declared=own.number, found=found)


def _outside_area(crs: CRS, points: Floats) -> tuple[Problem, ...]:
    area = crs.area_of_use
    if area is None or crs.geodetic_crs is None or area.west > area.east:
        return ()
    to_degrees = Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True)
    lon, lat = to_degrees.transform(points[:, 0], points[:, 1])
    margin = _AREA_MARGIN_DEG
    inside = (lon >= area.west - margin) & (lon <= area.east + margin)
    inside &= (lat >= area.south - margin) & (lat <= area.north + margin)
    outside = int((~inside).sum())
    if not outside:
        return ()
    params = {"count": outside, "crs": crs_name(crs), "area": area.name}
    return (Problem("CRS001", Message("layers.outside_area", params), Severity.WARNING, outside),)


def _looks_like(centres: Floats) -> Message:
    """What coordinates look like, for the sentence that asks for their system."""
    points = centres[np.isfinite(centres).all(axis=1)] if len(centres) else centres
    if not len(points):
        return Message("layers.looks_empty")
    east, north = (float(value) for value in np.median(points, axis=0))
    told: dict[str, object] = {"east": f"{east:.6g}", "north": f"{north:.6g}"}
    prefixes = zone_prefixes(points[:, 0])
    if prefixes and prefixes[0] != 24:
        told["zone"], told["epsg"] = prefixes[0], zone(prefixes[0], prefixed=True).epsg
        return Message("layers.looks_prefixed", told)
    if abs(east) <= 180 and abs(north) <= 90:
        return Message("layers.looks_degrees", told)
    if _NORTHING[0] <= north <= _NORTHING[1] and 10_000 <= east < 1_000_000:
        return Message("layers.looks_unprefixed", told)
    return Message("layers.looks_local", told)


__all__ = [
    "CGCS2000", "Floats", "Zone", "canonical", "check_coordinates", "crs_name", "epsg_of",
    "parse_crs", "refuse_old_datum", "settle_crs", "zone", "zone_of", "zone_prefixes",
]
