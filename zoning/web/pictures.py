"""Picture tiles: the raster of a layer's ids coloured by class, by theme or in a line style."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy.spatial import cKDTree

from zoning.report.drawing import Style
from zoning.web.mvt import Ints, Tile
from zoning.web.raster import Raster, Window, rasterise

SIZE = 256
FINEST, COARSEST = 4, 2
"""How many pixels of ids stand for one of the picture in each direction: far, and otherwise."""

PAD = 8
"""Pixels of ids looked at around a square, so that outlines run on from tile to tile."""

WIDEST = 8192
"""The raster of a whole layer is no wider or higher than this."""

HATCH = 8
Colours = npt.NDArray[np.uint8]


class County:
    """The ids of a layer as rasters, each level half as fine as the one before."""

    def __init__(
        self, polygons: npt.NDArray[np.object_], bounds: tuple[float, float, float, float],
        *, level: int,
    ) -> None:
        west, north, east, south = bounds
        while max(east - west, south - north) * 2.0**level > WIDEST:
            level -= 1
        step = 2 ** min(level, 8)  # the corner lies on a pixel of every coarser level
        left, top = (int(edge * 2**level) // step * step for edge in (west, north))
        wide, high = (int(edge * 2**level) + 1 - at for edge, at in ((east, left), (south, top)))
        window = Window(level, left, top, wide, high)
        self.level = level
        self._levels = {level: (window, rasterise(polygons, np.arange(len(polygons)), window))}

    def square(self, tile: Tile) -> tuple[Raster, int]:
        """The ids of a square with its padding, and how many stand for a pixel (in a row)."""
        fine = min(FINEST, 2 ** (self.level - tile.z - 8))
        return self._ids(_window(tile, fine)), fine

    def _ids(self, wanted: Window) -> Raster:
        """The ids of a window of a level that is not finer than the finest."""
        window, raster = self._at(wanted.level)
        out = np.zeros((wanted.height, wanted.width), np.uint32)
        dx, dy = wanted.left - window.left, wanted.top - window.top
        x0, y0 = max(dx, 0), max(dy, 0)
        x1, y1 = min(dx + wanted.width, window.width), min(dy + wanted.height, window.height)
        if x1 > x0 and y1 > y0:
            out[y0 - dy:y1 - dy, x0 - dx:x1 - dx] = raster[y0:y1, x0:x1]
        return out

    def _at(self, level: int) -> tuple[Window, Raster]:
        if level not in self._levels:
            window, finer = self._at(level + 1)
            coarser = np.ascontiguousarray(finer[::2, ::2])
            self._levels[level] = (
                Window(level, window.left // 2, window.top // 2, coarser.shape[1],
                       coarser.shape[0]), coarser)
        return self._levels[level]


def square_of(polygons: npt.NDArray[np.object_], rows: Ints, tile: Tile) -> tuple[Raster, int]:
    """The ids of a square drawn for itself, as `County.square`; `rows` are those of `polygons`."""
    return rasterise(polygons, rows, _window(tile, COARSEST)), COARSEST


def _window(tile: Tile, fine: int) -> Window:
    across = SIZE * fine
    return Window(tile.z + 7 + fine.bit_length(), tile.x * across - PAD, tile.y * across - PAD,
                  across + 2 * PAD, across + 2 * PAD)


def filled(ids: Raster, numbers: Ints, colours: tuple[str, ...], fine: int) -> bytes:
    """A picture of classes: each id in the colour of its number; an empty colour is not drawn."""
    table = np.array([_rgba(colour) for colour in colours], np.uint8)
    of_id = np.concatenate([np.zeros((1, 4), np.uint8), table[numbers]])
    small = _shrunk(of_id[ids[PAD:-PAD, PAD:-PAD]], fine)
    return _as_palette(np.asarray(small), colours)


def lined(ids: Raster, style: Style, fine: int) -> bytes:
    """A picture in a line style: tint or hatching, and the outline of the whole."""
    inside = ids > 0
    width = max(1, round(style.weight * fine * 0.5))
    edge = inside & ~_worn(inside, width)
    line = _rgba(style.colour)
    picture = np.zeros((*ids.shape, 4), np.uint8)
    if style.fill_opacity:
        picture[inside] = (*_rgba(style.fill or style.colour)[:3], round(style.fill_opacity * 255))
    if style.hatch:
        picture[inside & _hatching(ids.shape, style, fine)] = (*line[:3], 150)
    picture[edge] = line
    out = io.BytesIO()
    small = _shrunk(picture[PAD:-PAD, PAD:-PAD], fine)
    small.quantize(32, Image.Quantize.FASTOCTREE).save(out, "PNG", compress_level=6)
    return out.getvalue()


def _hatching(shape: tuple[int, ...], style: Style, fine: int) -> npt.NDArray[np.bool_]:
    down, right = np.indices(shape) - PAD
    runs = []
    if style.hatch != "\\":
        runs.append((right + down) % (HATCH * fine) < fine)
    if style.hatch != "/":
        runs.append((right - down) % (HATCH * fine) < fine)
    return np.asarray(np.logical_or.reduce(runs), bool)


def _worn(inside: npt.NDArray[np.bool_], width: int) -> npt.NDArray[np.bool_]:
    """What is left of an area after its rim of a width is taken away."""
    left = inside
    for _ in range(min(width, PAD - 1)):
        worn = left.copy()
        worn[1:] &= left[:-1]
        worn[:-1] &= left[1:]
        worn[:, 1:] &= left[:, :-1]
        worn[:, :-1] &= left[:, 1:]
        left = worn
    return left


def _shrunk(picture: Colours, fine: int) -> Image.Image:
    """Each pixel the mean of its `fine` × `fine` parts, colours weighed by how much they cover."""
    return Image.fromarray(np.ascontiguousarray(picture), "RGBA").reduce(fine)


def _as_palette(picture: Colours, colours: Sequence[str]) -> bytes:
    """A PNG of 256 colours at most, a quarter of the bytes; each class keeps its own exactly."""
    shades, nearest = _shades(tuple(colours))
    keys = (picture[..., :3] >> 2).astype(np.int64)
    index = nearest[keys[..., 0] << 12 | keys[..., 1] << 6 | keys[..., 2]]
    index = np.where(picture[..., 3] < 128, 0, index).astype(np.uint8)
    image = Image.fromarray(index, "P")
    image.putpalette(shades.tobytes(), "RGB")
    out = io.BytesIO()
    image.save(out, "PNG", transparency=0, compress_level=6)
    return out.getvalue()


@lru_cache(maxsize=64)
def _shades(colours: tuple[str, ...]) -> tuple[Colours, Colours]:
    """256 colours, the classes' own and blends of them, and the nearest of each colour cell."""
    own = np.array(list(dict.fromkeys(_rgba(each)[:3] for each in colours if each)), float)
    own = own[:200] if len(own) else np.zeros((1, 3))
    blends = [(a + b) / 2 for a, b in combinations(own[:12], 2)]
    shades = np.zeros((256, 3))
    known = np.concatenate([own, np.array(blends).reshape(-1, 3)])[:255]
    shades[1:len(known) + 1] = known
    steps = np.arange(64) * 4 + 2.0
    cells = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    nearest = (np.asarray(cKDTree(known).query(cells)[1]) + 1).astype(np.uint8)
    for at, shade in enumerate(own.astype(np.int64), start=1):
        red, green, blue = shade >> 2
        nearest[red << 12 | green << 6 | blue] = at
    return shades.round().astype(np.uint8), nearest


def _rgba(colour: str) -> tuple[int, int, int, int]:
    """The parts of ``#rrggbb``; nothing at all for an empty colour."""
    if not colour:
        return 0, 0, 0, 0
    red, green, blue = (int(colour[at:at + 2], 16) for at in (1, 3, 5))
    return red, green, blue, 255


__all__ = ["SIZE", "County", "filled", "lined", "square_of"]
