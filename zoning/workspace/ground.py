"""The land as papers draw it: windows of a workspace's layers, cut out in one zone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import geopandas
import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon

from zoning.layers.crs import Zone
from zoning.messages import Language, text
from zoning.report.drawing import Style, class_numbers, line_style, palette
from zoning.report.layout import words
from zoning.report.paper.model import Outline, Ring, ShownLayer, SiteMap
from zoning.report.tables.words import named
from zoning.workspace.data import read_features
from zoning.workspace.folder import Workspace
from zoning.workspace.projects import layers_in_order
from zoning.workspace.sites import Shapes, ShownSite, in_zone

MANY = 3000
"""So many parcels in a window are not drawn one by one: a page would show a blot."""
LEAST_M = 240
BEYOND = 0.4
"""Land is drawn so far beyond a window, by its size."""
WIDEST = 1.6
"""A window is never wider than so many times its height, nor higher than wide."""
SITE = Style("#111111", 2.2, fill="#ffe14d", fill_opacity=0.35)
PARCEL = "parcel"
Box = tuple[int, int, int, int]
Flags = NDArray[np.bool_]


@dataclass(eq=False)
class Ground:
    """The layers of a workspace in one zone, each read once."""

    workspace: Workspace
    zone: Zone
    language: Language
    _read: dict[str, tuple[geopandas.GeoDataFrame, Shapes, shapely.STRtree]] = field(
        default_factory=dict, repr=False)

    def site_map(self, sites: Sequence[ShownSite], *, key: str, caption: str) -> SiteMap:
        """A window around some sites with every layer in it; parcels by class where not too many.

        `caption` stands below; where parcels are too many to be drawn, it says so.
        """
        box = window([site.shape.bounds for site in sites])
        layers = list(self._layers(box, BEYOND if len(sites) == 1 else BEYOND / 2))
        count = int(self._met(PARCEL, box, 0)[2].sum()) if self._has(PARCEL) else 0
        told = caption if count <= MANY else text("papers.map.many", self.language, count=count)
        site_layer = ShownLayer(
            text("papers.map.site", self.language), SITE,
            tuple(each for site in sites for each in [outline(site.shape, box)]),
            tuple(site.id for site in sites), is_site=True)
        return SiteMap(key, told, (box[0], box[1]), box[2] - box[0], box[3] - box[1],
                       text("papers.map.system", self.language, width=self.zone.width,
                            zone=self.zone.number),
                       (*layers, site_layer), most_mm=104 if len(sites) == 1 else 165)

    def _layers(self, box: Box, beyond: float) -> Iterator[ShownLayer]:
        """Every layer that has something in the window, drawn some way beyond it on each side.

        So no border that a cut makes is seen inside the frame, and a live map can be moved.
        """
        own = tuple(role for role in self.workspace.config.roles() if role != PARCEL)
        for role in layers_in_order(self.workspace):
            features, shapes, seen = self._met(role, box, beyond)
            if role == PARCEL:
                yield from self._classes(features, shapes, seen, box)
            elif len(features):
                outlines = tuple(outline(shape, box) for shape in shapes)
                yield ShownLayer(words(named("role", role), self.language), line_style(role, own),
                                 outlines, tuple(map(str, features["feature_id"])),
                                 is_listed=bool(seen.any()))

    def _classes(
        self, features: geopandas.GeoDataFrame, shapes: Shapes, seen: Flags, box: Box
    ) -> Iterator[ShownLayer]:
        """A layer for each land class that occurs, in the order of the code list."""
        if seen.sum() > MANY:
            return
        classes = self.workspace.classes
        colours, numbers = palette(classes), class_numbers(classes)
        codes = np.array([numbers.get(code, 0) for code in features["class_code"].astype(object)])
        ids = features["feature_id"].astype(str).to_numpy()
        known = (None, *classes.classes.values())
        for number in np.unique(codes).tolist():
            each, rows = known[number], np.flatnonzero(codes == number)
            name = text("report.no_class", self.language) if each is None else (
                f"{each.code} {each.zh if self.language == 'zh' else each.en}")
            yield ShownLayer(name, Style("#ffffff", 0.4, fill=colours[number], fill_opacity=1.0),
                             tuple(outline(shapes[row], box) for row in rows),
                             tuple(f"{name} {ids[row]}" for row in rows),
                             is_listed=bool(seen[rows].any()))

    def _met(
        self, role: str, box: Box, beyond: float
    ) -> tuple[geopandas.GeoDataFrame, Shapes, Flags]:
        """The features in and around a window, in their order, cut; and which are in it."""
        features, shapes, tree = self._layer(role)
        wide = wider(box, beyond)
        rows = np.sort(tree.query(shapely.box(*wide), predicate="intersects"))
        cut = shapely.clip_by_rect(shapes[rows], *wide)
        kept = shapely.area(cut) > 0.01
        rows, cut = rows[kept], cut[kept]
        return features.iloc[rows], cut, shapely.intersects(cut, shapely.box(*box))

    def _layer(self, role: str) -> tuple[geopandas.GeoDataFrame, Shapes, shapely.STRtree]:
        if role not in self._read:
            features = read_features(self.workspace, role)
            shapes = in_zone(features, self.zone)
            self._read[role] = features, shapes, shapely.STRtree(shapes)
        return self._read[role]

    def _has(self, role: str) -> bool:
        return self.workspace.config.current(role) is not None


def window(boxes: Sequence[tuple[float, float, float, float]]) -> Box:
    """A window around boxes in whole metres: half as much again on each side, never too narrow."""
    west, south = (min(box[i] for box in boxes) for i in (0, 1))
    east, north = (max(box[i] for box in boxes) for i in (2, 3))
    margin = 0.4 if len(boxes) == 1 else 0.06
    wide = max((east - west) * (1 + 2 * margin), LEAST_M)
    high = max((north - south) * (1 + 2 * margin), LEAST_M / WIDEST, wide / WIDEST)
    wide = max(wide, high * 1.2)
    x, y = (west + east) / 2, (south + north) / 2
    return (round(x - wide / 2), round(y - high / 2), round(x + wide / 2), round(y + high / 2))


def wider(box: Box, beyond: float) -> Box:
    """A window grown on each side by a part of its size."""
    wide, high = (box[2] - box[0]) * beyond, (box[3] - box[1]) * beyond
    return (round(box[0] - wide), round(box[1] - high), round(box[2] + wide), round(box[3] + high))


def outline(shape: Polygon | MultiPolygon, box: Box) -> Outline:
    """The rings of a shape in whole cm from the corner of a window."""
    rings = [ring for part in shapely.get_parts(shape) if part.geom_type == "Polygon"
             for ring in (part.exterior, *part.interiors)]
    return tuple(told for ring in rings if len(told := _ring(ring, box)) > 2)


def _ring(ring: shapely.LinearRing, box: Box) -> Ring:
    at = np.rint((shapely.get_coordinates(ring)[:-1] - box[:2]) * 100).astype(int).tolist()
    return tuple((x, y) for i, (x, y) in enumerate(at) if [x, y] != at[i - 1])


__all__ = ["Ground", "outline", "wider", "window"]
