"""Vector tiles: polygons cut to one map square and written as Mapbox Vector Tile 2.1.

Pure numpy and shapely. Coordinates are in the unit square of Web Mercator (x to the east, y to the
south, both 0 to 1 over the whole world), which makes tile arithmetic a scaling. Tiles are pictures:
they are rounded to 1/4096 of a tile and nothing is ever measured on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import shapely

Ints = npt.NDArray[np.int64]
Bytes = npt.NDArray[np.uint8]

EXTENT = 4096
BUFFER = 128
"""Polygons are cut this far outside the tile, so that the cut edges are not drawn (8 px of 256)."""

_MOVE_TO_ONE = 1 | 1 << 3
_CLOSE_PATH = 7 | 1 << 3
_POLYGON = 3


class Tile(NamedTuple):
    """A square of the map: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    def bounds(self, *, buffer: int = 0) -> tuple[float, float, float, float]:
        """West, north, east, south in the unit square, widened by `buffer` of 4096 parts."""
        size, pad = 0.5**self.z, buffer / EXTENT
        return ((self.x - pad) * size, (self.y - pad) * size,
                (self.x + 1 + pad) * size, (self.y + 1 + pad) * size)

    def exists(self) -> bool:
        """Whether a world of this zoom has such a square."""
        return 0 <= self.z <= 24 and 0 <= self.x < 2**self.z and 0 <= self.y < 2**self.z


def to_world(lonlat: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Web Mercator unit-square coordinates of longitudes and latitudes in degrees (n × 2)."""
    lon, lat = lonlat[:, 0], np.clip(lonlat[:, 1], -85.0511, 85.0511)
    sine = np.sin(np.radians(lat))
    y = 0.5 - np.log((1 + sine) / (1 - sine)) / (4 * np.pi)
    return np.column_stack([lon / 360 + 0.5, y])


def encode(name: str, polygons: npt.NDArray[np.object_], tile: Tile,
           properties: Mapping[str, Ints]) -> bytes:
    """One layer of polygons as a vector tile; empty where nothing of it lies in the tile.

    `polygons` are Polygons and MultiPolygons in unit-square coordinates; `properties` holds one
    non-negative integer per polygon under each name, and every feature carries them all. Parts that
    vanish in the rounding are left out.
    """
    pieces, owner = clipped(polygons, tile)
    rings = _rings(pieces, owner, tile)
    if not len(rings.owner):
        return b""
    owners, geometries = _geometries(rings)
    return _layer(name, geometries, {key: values[owners] for key, values in properties.items()})


class _Rings(NamedTuple):
    """Rings in tile units, points end to end: where each begins, its length, whose it is."""

    points: Ints
    length: Ints
    owner: Ints


def clipped(
    polygons: npt.NDArray[np.object_], tile: Tile
) -> tuple[npt.NDArray[np.object_], Ints]:
    """The polygons' parts inside a square and its buffer, and the position each part comes from."""
    cut = shapely.clip_by_rect(polygons, *tile.bounds(buffer=BUFFER))
    parts, owner = shapely.get_parts(cut, return_index=True)
    flat, inner = shapely.get_parts(parts, return_index=True)
    owner = owner[inner]
    keep = (shapely.get_type_id(flat) == _POLYGON) & ~shapely.is_empty(flat)
    return shapely.orient_polygons(flat[keep]), owner[keep].astype(np.int64)


def _rings(pieces: npt.NDArray[np.object_], owner: Ints, tile: Tile) -> _Rings:
    """All rings rounded to tile units; a polygon whose shell vanishes loses its holes too."""
    if not len(pieces):
        return _Rings(np.empty((0, 2), np.int64), np.empty(0, np.int64), np.empty(0, np.int64))
    _, coords, (ring_at, piece_at) = shapely.to_ragged_array(pieces)
    west, north, _, _ = tile.bounds()
    points = np.rint((coords[:, :2] - (west, north)) * (2.0**tile.z * EXTENT)).astype(np.int64)
    ring_of_point = np.repeat(np.arange(len(ring_at) - 1), np.diff(ring_at))
    keep = np.ones(len(points), bool)
    keep[:-1] = (points[1:] != points[:-1]).any(axis=1)
    keep[ring_at[1:] - 1] = False  # the closing point repeats the first
    length = np.bincount(ring_of_point[keep], minlength=len(ring_at) - 1)
    piece_of_ring = np.repeat(np.arange(len(pieces)), np.diff(piece_at))
    shell_length = length[piece_at[:-1]][piece_of_ring]
    is_kept = (length >= 3) & (shell_length >= 3)
    return _Rings(points[keep & is_kept[ring_of_point]], length[is_kept],
                  owner[piece_of_ring][is_kept])


def _geometries(rings: _Rings) -> tuple[Ints, list[bytes]]:
    """The polygons that have rings, and their command streams."""
    first_ring = np.flatnonzero(np.diff(rings.owner, prepend=-1))
    ring_start = np.cumsum(rings.length) - rings.length
    steps = np.diff(rings.points, axis=0, prepend=np.zeros((1, 2), np.int64))
    steps[ring_start[first_ring]] = rings.points[ring_start[first_ring]]
    words = _commands(steps, rings.length, ring_start)
    word_end = np.cumsum(2 * rings.length + 3)
    stream, ends = _varints(words)
    last_ring = np.append(first_ring[1:], len(rings.length)) - 1
    stop = ends[word_end[last_ring] - 1]
    start = np.append(0, stop[:-1])
    whole = stream.tobytes()
    return rings.owner[first_ring], [whole[a:b] for a, b in zip(start, stop, strict=True)]


def _commands(steps: Ints, length: Ints, ring_start: Ints) -> Ints:
    """MoveTo, LineTo and ClosePath of every ring, one word after the other."""
    words = np.empty(int((2 * length + 3).sum()), np.int64)
    begin = np.cumsum(2 * length + 3) - (2 * length + 3)
    inside = np.arange(len(steps)) - np.repeat(ring_start, length)
    at = np.repeat(begin, length) + 1 + 2 * inside + (inside > 0)
    zigzag = (steps << 1) ^ (steps >> 63)
    words[at], words[at + 1] = zigzag[:, 0], zigzag[:, 1]
    words[begin] = _MOVE_TO_ONE
    words[begin + 3] = (length - 1) << 3 | 2
    words[begin + 2 * length + 2] = _CLOSE_PATH
    return words


def _varints(words: Ints) -> tuple[Bytes, Ints]:
    """All words as protobuf varints end to end, and the byte after each."""
    size = np.ones(len(words), np.int64)
    for bits in (7, 14, 21, 28):
        size += words >= 1 << bits
    ends = np.cumsum(size)
    out = np.zeros(int(ends[-1]), np.uint8)
    start = ends - size
    for place in range(5):
        has = size > place
        more = np.where(size[has] > place + 1, 0x80, 0)
        out[start[has] + place] = (words[has] >> 7 * place & 0x7F) | more
    return out, ends


def _layer(name: str, geometries: list[bytes], properties: Mapping[str, Ints]) -> bytes:
    values, index = _value_table(properties)
    features = [
        _field(2, _field(2, b"".join(map(_varint, tags))) + b"\x18\x03" + _field(4, geometry))
        for tags, geometry in zip(index, geometries, strict=True)
    ]
    body = [_field(1, name.encode()), *features]
    body += [_field(3, key.encode()) for key in properties]
    body += [_field(4, b"\x28" + _varint(value)) for value in values]
    body += [b"\x28" + _varint(EXTENT), b"\x78\x02"]
    return _field(3, b"".join(body))


def _value_table(properties: Mapping[str, Ints]) -> tuple[list[int], list[list[int]]]:
    """The distinct values, and for each feature its alternating key and value numbers."""
    table = np.unique(np.concatenate(list(properties.values())))
    columns = []
    for key, values in enumerate(properties.values()):
        columns += [np.full(len(values), key), np.searchsorted(table, values)]
    return table.tolist(), np.column_stack(columns).tolist()


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


__all__ = ["BUFFER", "EXTENT", "Ints", "Tile", "clipped", "encode", "to_world"]
