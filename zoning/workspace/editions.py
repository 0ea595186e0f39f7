"""Two editions of the land survey compared: what became of every class, and where.

Every feature of one edition is divided by the other in the statutory plane, so that the flows out
of a class sum to its area, and what is left over is told as land outside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import shapely
from pyproj import CRS

from zoning.codes.reader import LandClasses
from zoning.measure.layer import PlaneLayer
from zoning.measure.plane import from_plane
from zoning.measure.shape import drawn_intersection
from zoning.measure.table import OverlayTable, overlay_table
from zoning.workspace.data import measured_layer
from zoning.workspace.folder import Workspace

OUTSIDE = ""
"""The class of land that one of the editions has not."""

UNKNOWN = "?"
"""The class of a feature without a class code."""

CGCS2000 = 4490


@dataclass(frozen=True)
class Flow:
    """Land that went from a class to a class between two editions, dm²."""

    before: str
    after: str
    area_dm2: int


@dataclass(frozen=True)
class ClassChange:
    """One class, or one of the three kinds of land, in both editions, dm²."""

    code: str
    before_dm2: int
    after_dm2: int
    lost_dm2: int
    gained_dm2: int

    @property
    def net_dm2(self) -> int:
        """After less before."""
        return self.after_dm2 - self.before_dm2


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two editions of one role; `overlap_dm2` is land that the second counts more than once."""

    role: str
    a: str
    b: str
    classes: LandClasses
    flows: tuple[Flow, ...]
    overlap_dm2: int
    table: OverlayTable

    @cached_property
    def by_class(self) -> tuple[ClassChange, ...]:
        """The change of each class, in the order of the codes."""
        return changes(self.flows)

    @cached_property
    def by_kind(self) -> tuple[ClassChange, ...]:
        """The change of 农用地, 建设用地 and 未利用地."""
        return changes(tuple(Flow(self._kind(flow.before), self._kind(flow.after), flow.area_dm2)
                             for flow in self.flows))

    def _kind(self, code: str) -> str:
        found = self.classes.get(code)
        return found.kind if found else code if code == OUTSIDE else UNKNOWN


def compare_editions(workspace: Workspace, a: str, b: str, *, role: str = "parcel") -> Comparison:
    """Compare two editions of a role. Raises LayerError where the workspace lacks one of them."""
    one, other = measured_layer(workspace, role, a), measured_layer(workspace, role, b)
    table = overlay_table(one, other)
    flows = Counter(dict(_shared(table)))
    for code, rest in zip(_codes(one), (one.area_dm2 - table.inside_dm2).tolist(), strict=True):
        flows[code, OUTSIDE] += rest
    back = overlay_table(other, one)
    for code, rest in zip(_codes(other), (other.area_dm2 - back.inside_dm2).tolist(), strict=True):
        flows[OUTSIDE, code] += rest
    told = tuple(Flow(before, after, area) for (before, after), area in sorted(flows.items())
                 if area)
    return Comparison(role, a, b, workspace.classes, told, int(table.overlap_dm2.sum()), table)


def changes(flows: tuple[Flow, ...]) -> tuple[ClassChange, ...]:
    """Flows as one row for each code: before, after, lost, gained."""
    codes = sorted({code for flow in flows for code in (flow.before, flow.after)} - {OUTSIDE})
    return tuple(_change(code, flows) for code in codes)


def changed_land(found: Comparison) -> dict[str, Any]:
    """The land whose class changed as GeoJSON in CGCS2000 degrees, a feature for each pair.

    Raises MeasureError where a piece cannot be drawn with the area it has.
    """
    table = found.table
    before, after = _codes(table.a), _codes(table.b)
    features = []
    for i, j, area in zip(table.left.tolist(), table.right.tolist(), table.shared_dm2.tolist(),
                          strict=True):
        if before[i] != after[j]:
            piece = drawn_intersection(table.a.shape(i), table.b.shape(j))
            features.append(_feature(piece, before[i], after[j], area, table.a.ids[i],
                                     table.b.ids[j]))
    return {"type": "FeatureCollection", "features": features}


def _shared(table: OverlayTable) -> Iterator[tuple[tuple[str, str], int]]:
    before, after = _codes(table.a), _codes(table.b)
    sums: Counter[tuple[str, str]] = Counter()
    for i, j, area in zip(table.left.tolist(), table.right.tolist(), table.shared_dm2.tolist(),
                          strict=True):
        sums[before[i], after[j]] += area
    yield from sums.items()


def _codes(layer: PlaneLayer) -> list[str]:
    codes = layer.column("class_code")
    if codes is None:
        return [UNKNOWN] * len(layer.ids)
    return [UNKNOWN if code is None else str(code) for code in codes]


def _feature(
    piece: shapely.Geometry, before: str, after: str, area: int, a_id: str, b_id: str
) -> dict[str, Any]:
    drawn = from_plane([piece], CRS.from_epsg(CGCS2000))[0]
    return {
        "type": "Feature", "geometry": shapely.geometry.mapping(drawn),
        "properties": {"before": before, "after": after, "m2": f"{area / 100:.2f}",
                       "before_id": a_id, "after_id": b_id},
    }


def _change(code: str, flows: tuple[Flow, ...]) -> ClassChange:
    before = sum(flow.area_dm2 for flow in flows if flow.before == code)
    after = sum(flow.area_dm2 for flow in flows if flow.after == code)
    stayed = sum(flow.area_dm2 for flow in flows if flow.before == flow.after == code)
    return ClassChange(code, before, after, before - stayed, after - stayed)


__all__ = ["OUTSIDE", "UNKNOWN", "ClassChange", "Comparison", "Flow", "changed_land", "changes",
           "compare_editions"]
