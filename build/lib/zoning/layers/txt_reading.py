"""Boundary TXT to a layer: the coordinate system of the header beside the coordinates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from zoning.errors import CrsError, Message, Problem, Severity
from zoning.layers.crs import CGCS2000, Floats, check_coordinates, parse_crs, zone, zone_prefixes
from zoning.layers.model import GEOMETRY, Reading, Source
from zoning.layers.txt import Plot, TxtFile, plot_id

_DEGREES = ("lon_lat", "lat_lon")
_INT = re.compile(r"\d+")
_DATUMS = (
    ("cgcs2000", re.compile(r"2000|CGCS", re.IGNORECASE)),
    ("wgs84", re.compile(r"WGS|84", re.IGNORECASE)),
    ("old", re.compile(r"80|54|西安|北京", re.IGNORECASE)),
)


def txt_to_reading(
    txt: TxtFile, *, source: Source, crs: str | int | CRS | None = None
) -> Reading:
    """A layer of the plots of a boundary TXT.

    Columns: `feature_id` (plot number, or P1, P2 … by position), `name`, `declared_ha` (公顷, as
    text), `use`, `class_code`, `sheet`, and the further fields of the longer variants. The system
    is the one given by the user, else the one of the header (坐标系, 几度分带, 带号), which must
    agree with the zone number in the coordinates.

    Raises
    ------
    CrsError
        Header and coordinates contradict each other, or neither tells the system.

    """
    centres = _centres(txt.plots)
    problems: tuple[Problem, ...] = ()
    if crs is not None:
        system = parse_crs(crs)
    else:
        system, problems = _system(txt, source.name)
    checked = check_coordinates(system, centres, file=source.name, given=crs is not None)
    frame = gpd.GeoDataFrame(_columns(txt.plots), geometry=GEOMETRY, crs=system)
    return Reading(frame, system, txt.encoding, source, (*txt.problems, *problems, *checked))


def _columns(plots: Sequence[Plot]) -> dict[str, object]:
    columns: dict[str, object] = {
        "feature_id": [plot_id(plot, i) for i, plot in enumerate(plots, start=1)],
        "name": [plot.name or None for plot in plots],
        "declared_ha": [None if p.declared_ha is None else f"{p.declared_ha:f}" for p in plots],
        "use": [plot.use or None for plot in plots],
        "class_code": [plot.class_code or None for plot in plots],
        "sheet": [plot.sheet or None for plot in plots],
    }
    texts = {name: pd.array(values, dtype="str") for name, values in columns.items()}  # type: ignore[call-overload]
    for extra in sorted({name for plot in plots for name, _ in plot.extra}):
        texts[f"txt_{extra}"] = pd.array([dict(p.extra).get(extra) for p in plots], dtype="str")
    return {**texts, GEOMETRY: [plot.polygon for plot in plots]}


def _centres(plots: Sequence[Plot]) -> Floats:
    rings = [ring for plot in plots for ring in plot.rings]
    lines = [shapely.linestrings(np.array(ring)) for ring in rings]
    points: Floats = shapely.get_coordinates(shapely.centroid(lines)).reshape(-1, 2)
    return points


def _system(txt: TxtFile, file: str) -> tuple[CRS, tuple[Problem, ...]]:
    told = txt.attributes.get("坐标系", "").strip()
    datum = next((name for name, pattern in _DATUMS if pattern.search(told)), "")
    if datum == "old":
        raise CrsError("layers.old_datum", found=told)
    if told and not datum:
        raise CrsError("layers.txt_unknown_datum", file=file, found=told)
    with_points = [plot for plot in txt.plots if plot.rings]
    if with_points and all(plot.axes in _DEGREES for plot in with_points):
        return _degrees(datum)
    if datum == "wgs84" or any(plot.axes in (*_DEGREES, "unknown") for plot in with_points):
        raise CrsError("layers.txt_no_system", file=file, found=told or "-")
    eastings = [x for plot in with_points for ring in plot.rings for x, _ in ring]
    system, problems = _zone_system(txt.attributes, eastings, file)
    return system, problems if datum else (*problems, _assumed("layers.txt_datum_assumed"))


def _degrees(datum: str) -> tuple[CRS, tuple[Problem, ...]]:
    code = 4326 if datum == "wgs84" else CGCS2000
    return CRS.from_epsg(code), (_assumed("layers.txt_degrees", epsg=code),)


def _zone_system(
    attributes: Mapping[str, str], eastings: Sequence[float], file: str
) -> tuple[CRS, tuple[Problem, ...]]:
    declared = _declared_zone(attributes)
    found = zone_prefixes(eastings)
    if found and min(eastings, default=0) < 13_000_000:
        raise CrsError("layers.txt_mixed_prefix", file=file, found=found)
    if declared is not None and found and found != (declared,):
        raise CrsError("layers.zone_conflict", file=file, declared=declared, found=found)
    if declared is None and len(found) != 1:
        key = "layers.txt_mixed_zones" if found else "layers.txt_no_zone"
        raise CrsError(key, file=file, found=found)
    number = declared if declared is not None else found[0]
    _require_width(attributes, number, file)
    system = zone(number, prefixed=bool(found)).crs()
    if declared is not None:
        return system, ()
    return system, (_assumed("layers.txt_zone_from_prefix", zone=number),)


def _declared_zone(attributes: Mapping[str, str]) -> int | None:
    """The declared zone number; a central meridian in its place is understood by its size."""
    found = _INT.search(attributes.get("带号", ""))
    if found is None:
        told = attributes.get("中央子午线") or attributes.get("中央经线", "")
        found = _INT.search(told)
    if found is None:
        return None
    value = int(found[0])
    if value < 75:
        return value
    width = _declared_width(attributes)
    if width == 6 and value % 6 == 3:
        return (value + 3) // 6
    if width != 6 and value % 3 == 0:
        return value // 3
    raise CrsError("layers.no_such_zone", zone=value)


def _declared_width(attributes: Mapping[str, str]) -> int | None:
    found = _INT.search(attributes.get("几度分带") or attributes.get("分带", ""))
    return int(found[0]) if found else None


def _require_width(attributes: Mapping[str, str], number: int, file: str) -> None:
    declared, own = _declared_width(attributes), zone(number, prefixed=True).width
    if declared is not None and declared != own:
        raise CrsError("layers.txt_zone_width", file=file, zone=number, declared=declared,
                       expected=own)


def _assumed(key: str, **params: object) -> Problem:
    return Problem("CRS003", Message(key, params), Severity.WARNING)


__all__ = ["txt_to_reading"]
