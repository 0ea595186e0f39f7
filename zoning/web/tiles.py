"""Map squares of a layer: vector tiles near, pictures of the county far, each made once.

A layer lies in memory as polygons in the Web Mercator unit square with an index. It is named by its
role and its version (the start of the source file's SHA-256), and so is everything derived from it.
"""

from __future__ import annotations

import gzip
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Transformer

from zoning.report.drawing import Style
from zoning.web.mvt import BUFFER, Ints, Tile, encode, to_world
from zoning.web.pictures import County, filled, lined, square_of

CROWD = 3000
"""Above so many polygons in the fullest square a picture is drawn instead of a vector tile."""

FIRST_ZOOM, LAST_ZOOM = 8, 19
SCREEN = (2.75, 2.45)
"""The smaller of the maps of a desk screen, in squares of 256 pixels."""

CACHE_BYTES = 96 * 2**20


@dataclass(frozen=True, eq=False)
class MapLayer:
    """A layer ready to be drawn and clicked.

    `polygons` are in unit-square coordinates and lie in the order of `ids`; `numbers` holds each
    feature's class number. `vector_from` is the first zoom at which vector tiles are served.
    """

    role: str
    version: str
    ids: tuple[str, ...]
    polygons: npt.NDArray[np.object_]
    numbers: Ints
    tree: shapely.STRtree = field(repr=False)

    @property
    def first_zoom(self) -> int:
        """The first zoom at which anything of it is shown."""
        return FIRST_ZOOM

    @cached_property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, north, east, south in the unit square; the county seat of nowhere when empty."""
        if not len(self.polygons):
            return (0.5, 0.5, 0.5, 0.5)
        west, north, east, south = shapely.total_bounds(self.polygons)
        return float(west), float(north), float(east), float(south)

    @cached_property
    def county(self) -> County:
        """The ids of all features as rasters, for the pictures of zooms below `vector_from`."""
        return County(self.polygons, self.bounds, level=self.vector_from + 8)

    @cached_property
    def vector_from(self) -> int:
        """The first zoom whose fullest square holds no crowd."""
        west, north, east, south = shapely.bounds(self.polygons).T
        middles = np.column_stack([west + east, north + south]) / 2
        for zoom in range(FIRST_ZOOM, LAST_ZOOM):
            squares = np.floor(middles * 2**zoom).astype(np.int64)
            _, crowds = np.unique(squares[:, 0] << 24 | squares[:, 1], return_counts=True)
            if crowds.max(initial=0) <= CROWD:
                return zoom
        return LAST_ZOOM

    def at(self, lat: float, lng: float) -> int | None:
        """The row of the feature under a point, the smallest where several overlap."""
        point = shapely.points(to_world(np.array([[lng, lat]]))[0])
        rows = self.tree.query(point, predicate="intersects")
        if not len(rows):
            return None
        return int(rows[np.argmin(shapely.area(self.polygons[rows]))])

    def inside(self, tile: Tile, *, buffer: int) -> Ints:
        """Rows of the features that may touch a square, in the layer's order."""
        found = self.tree.query(shapely.box(*tile.bounds(buffer=buffer)))
        return np.sort(found).astype(np.int64)


def map_layer(features: geopandas.GeoDataFrame, *, role: str, version: str,
              numbers: npt.NDArray[Any]) -> MapLayer:
    """Carry a stored layer (``feature_id``, geometry with a CRS) into the unit square."""
    carry = Transformer.from_crs(CRS.from_user_input(features.crs), 4326, always_xy=True)
    polygons = shapely.transform(
        np.asarray(features.geometry.values, dtype=object),
        lambda points: to_world(np.column_stack(carry.transform(points[:, 0], points[:, 1]))),
    )
    return MapLayer(role, version, tuple(features["feature_id"].astype(str)), polygons,
                    np.asarray(numbers, dtype=np.int64), shapely.STRtree(polygons))


def vector_tile(layer: MapLayer, tile: Tile, *, is_theme: bool = False) -> bytes:
    """A vector tile, gzipped; empty where the square is empty or too crowded for one.

    Of a theme only the features with a number are drawn.

    Every feature carries ``pid``, its row in the layer, and ``c``, its class number.
    """
    if tile.z < layer.vector_from:
        return b""
    rows = layer.inside(tile, buffer=BUFFER)
    if is_theme:
        rows = rows[layer.numbers[rows] > 0]
    made = encode("layer", layer.polygons[rows], tile, {"pid": rows, "c": layer.numbers[rows]})
    return gzip.compress(made, 5, mtime=0) if made else b""


def picture_tile(
    layer: MapLayer, tile: Tile, style: Style | None, colours: tuple[str, ...]
) -> bytes:
    """A PNG of the layer: filled by class colour, or in `style` where one is given.

    What lies in a hole stays seen. A feature smaller than a pixel is drawn as one pixel.
    """
    county = layer.county if tile.z < layer.vector_from else None
    if county is not None and county.level >= tile.z + 8:
        ids, fine = county.square(tile)
    else:
        rows = layer.inside(tile, buffer=BUFFER)
        ids, fine = square_of(layer.polygons[rows], rows, tile)
    if style is not None:
        return lined(ids, style, fine)
    return filled(ids, layer.numbers, colours, fine)


class TileCache:
    """The tiles made so far, up to a number of bytes; the longest unused leave first."""

    def __init__(self, *, limit: int = CACHE_BYTES) -> None:
        self._limit = limit
        self._held = 0
        self._tiles: OrderedDict[tuple[object, ...], bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, key: tuple[object, ...], make: Callable[[], bytes]) -> bytes:
        """The tile of a key, made on first asking. Two askers at once may both make it."""
        with self._lock:
            if key in self._tiles:
                self._tiles.move_to_end(key)
                return self._tiles[key]
        made = make()
        with self._lock:
            if key not in self._tiles:
                self._tiles[key] = made
                self._held += len(made)
            while self._held > self._limit:
                self._held -= len(self._tiles.popitem(last=False)[1])
        return made


def view(layers: Mapping[str, MapLayer]) -> tuple[tuple[float, float], float]:
    """Latitude and longitude of the middle, and a zoom (in halves) that shows all parcels."""
    layer = layers.get("parcel") or next(iter(layers.values()), None)
    west, north, east, south = layer.bounds if layer else (0.5, 0.5, 0.5, 0.5)
    extent = max((east - west) / SCREEN[0], (south - north) / SCREEN[1], 2.0**-17)
    zoom = float(np.clip(np.floor(-2 * np.log2(extent)) / 2, FIRST_ZOOM, 17))
    return to_latlng((west + east) / 2, (north + south) / 2), zoom


def to_latlng(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude in degrees of a unit-square point."""
    lat = np.degrees(2 * np.arctan(np.exp((0.5 - y) * 2 * np.pi)) - np.pi / 2)
    return round(float(lat), 6), round((x - 0.5) * 360, 6)


def to_geojson(polygon: shapely.Geometry) -> dict[str, Any]:
    """A unit-square shape as GeoJSON geometry: numbers only, nothing of its attributes."""
    def back(points: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        lat = np.degrees(2 * np.arctan(np.exp((0.5 - points[:, 1]) * 2 * np.pi)) - np.pi / 2)
        return np.column_stack([(points[:, 0] - 0.5) * 360, lat]).round(7)

    return dict(shapely.geometry.mapping(shapely.transform(polygon, back)))


__all__ = ["MapLayer", "TileCache", "map_layer", "picture_tile", "to_geojson", "to_latlng",
           "vector_tile", "view"]
