"""A site being tried: where it lies, what it is for, and the scenario that says both.

The app asks the engine with exactly the scenario file that it offers for download, so that the
command line gives the same answer.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
import tomli_w
from pyproj import CRS, Transformer

from zoning.measure.facts import SiteFacts
from zoning.scenario.model import Scenario, parse_scenario
from zoning.web.history import Ring
from zoning.web.maps import Gap
from zoning.web.mvt import to_world
from zoning.web.state import Desk
from zoning.web.tiles import to_latlng

PROJECT_ID = "P-01"
SCENARIO_ID = "site"
FARTHEST_MM = 2_000_000
"""A line farther away is not pointed at."""

UNSAFE_IN_NAME = re.compile(r"[^\w.\-]+")


@dataclass(frozen=True)
class Upload:
    """A file that a visitor handed in."""

    name: str
    content: bytes

    @property
    def safe_name(self) -> str:
        """The last part of the name in letters, digits, dot, dash and underscore."""
        plain = UNSAFE_IN_NAME.sub("_", re.split(r"[\\/]", self.name)[-1]).lstrip(".")
        return plain or "site"


@dataclass(frozen=True)
class Plan:
    """What is asked about a site: the project, its approval path, and the day of the decision."""

    name: str
    kind: str
    path: str
    decision_date: date
    place: str


def scenario_text(plan: Plan, site: Mapping[str, Any]) -> str:
    """The scenario file of one project; `site` is one of the forms a scenario knows."""
    head = {"id": SCENARIO_ID, "name": plan.name, "decision_date": plan.decision_date,
            "place": plan.place}
    project = {"id": PROJECT_ID, "name": plan.name, "kind": plan.kind, "path": plan.path,
               "site": dict(site)}
    return tomli_w.dumps({"scenario": head, "project": [project]})


def scenario(text: str) -> Scenario:
    """The scenario of a text made by `scenario_text`."""
    return parse_scenario(text, source=f"{SCENARIO_ID}.toml")


def parcel_ids(text: str) -> list[str]:
    """Ids from what a visitor typed, separated by spaces, commas or new lines; each once."""
    return list(dict.fromkeys(re.findall(r"[^\s,;，；、]+", text)))


def toggled(text: str, parcel_id: str) -> str:
    """The typed ids with one more, or without it if it was there."""
    have = parcel_ids(text)
    if parcel_id in have:
        have.remove(parcel_id)
    else:
        have.append(parcel_id)
    return " ".join(have)


def drawn_site(desk: Desk, rings: Sequence[Ring]) -> dict[str, Any] | None:
    """The ring drawn last as the site of a scenario, None where nothing is drawn.

    Its coordinates are in the system of the workspace: metres to the millimetre where that is a
    plane, so that the site can be moved, else degrees.
    """
    if not rings:
        return None
    crs = drawing_crs(desk)
    lon, lat = np.asarray(rings[-1], dtype=float).T
    carried = Transformer.from_crs(4326, crs, always_xy=True).transform(lon, lat)
    points = np.column_stack(carried).round(9 if crs.is_geographic else 3).tolist()
    return {"polygon": points, "crs": f"EPSG:{crs.to_epsg()}"}


def moved_ring(desk: Desk, ring: Ring, east: float, north: float) -> Ring:
    """A ring moved by metres in the system of the workspace."""
    crs = drawing_crs(desk)
    there = Transformer.from_crs(4326, crs, always_xy=True)
    x, y = there.transform(*np.asarray(ring, dtype=float).T)
    lon, lat = there.transform(x + east, y + north, direction="INVERSE")
    return tuple((round(float(a), 8), round(float(b), 8)) for a, b in zip(lon, lat, strict=True))


def gaps_of(desk: Desk, site: Sequence[shapely.Geometry], facts: SiteFacts) -> list[Gap]:
    """The distance to each control line that the site stays clear of, where it was measured.

    The metres are the measured ones; the ends are where the map shows them.
    """
    found = []
    whole = shapely.GeometryCollection(list(site))
    for line in facts.lines:
        layer = desk.layers.get(line.role)
        is_near = 0 < (line.margin_mm or 0) <= FARTHEST_MM  # below zero: how deep it lies inside
        if not is_near or layer is None or whole.is_empty:
            continue
        nearest = layer.polygons[layer.tree.nearest(whole)]
        (x0, y0), (x1, y1) = shapely.shortest_line(whole, nearest).coords
        (lat0, lng0), (lat1, lng1) = to_latlng(x0, y0), to_latlng(x1, y1)
        found.append(Gap(((lng0, lat0), (lng1, lat1)), round((line.margin_mm or 0) / 1000),
                         desk.styles[line.role].colour))
    return found


def drawing_crs(desk: Desk) -> CRS:
    """The system of the workspace; CGCS2000 in degrees where it has none with a number."""
    own = desk.workspace.config.crs
    found = CRS.from_user_input(own) if own else None
    return found if found is not None and found.to_epsg() else CRS.from_epsg(4490)


def on_map(shapes: Sequence[shapely.Geometry], crs: CRS) -> list[shapely.Geometry]:
    """Shapes of any system in unit-square coordinates, to be marked on the map."""
    carry = Transformer.from_crs(crs, 4326, always_xy=True)
    return [
        shapely.transform(shape, lambda points: to_world(
            np.column_stack(carry.transform(points[:, 0], points[:, 1]))))
        for shape in shapes
    ]


@contextmanager
def unpacked(upload: Upload | None) -> Iterator[Path | None]:
    """A folder of its own with the file handed in, gone afterwards; None where there is none."""
    if upload is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="zoning-site-") as folder:
        (Path(folder) / upload.safe_name).write_bytes(upload.content)
        yield Path(folder)


__all__ = ["PROJECT_ID", "SCENARIO_ID", "Plan", "Upload", "drawing_crs", "drawn_site", "gaps_of",
           "moved_ring", "on_map", "parcel_ids", "scenario", "scenario_text", "toggled", "unpacked"]
