"""Vector tiles say what went in: read again by a decoder written from the published format."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Transformer

from zoning.web.mvt import BUFFER, EXTENT, Tile, encode, to_world

MERCATOR = Transformer.from_crs(4326, 3857, always_xy=True)
TILE = Tile(14, 13707, 6628)


def varints(data: bytes) -> Iterator[int]:
    value = shift = 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield value
            value = shift = 0
    assert shift == 0, "the last number is cut off"


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0

    def number() -> int:
        nonlocal at
        end = next(n for n in range(at, len(data)) if data[n] < 0x80) + 1
        value = next(varints(data[at:end]))
        at = end
        return value

    while at < len(data):
        key = number()
        value: int | bytes = number()
        if key & 7 == 2:
            length, value = int(value), b""
            value = data[at : at + length]
            at += length
        else:
            assert key & 7 == 0
        yield key >> 3, value


def rings(commands: bytes) -> list[list[tuple[int, int]]]:
    numbers, found = varints(commands), []
    x = y = 0
    for word in numbers:
        for _ in range(word >> 3):
            if word & 7 == 7:
                continue
            dx, dy = next(numbers), next(numbers)
            x, y = x + ((dx >> 1) ^ -(dx & 1)), y + ((dy >> 1) ^ -(dy & 1))
            if word & 7 == 1:
                found.append([])
            found[-1].append((x, y))
    return found


def decode(tile: bytes) -> list[tuple[dict[str, int], list[list[tuple[int, int]]]]]:
    """Each feature of the only layer: its properties, its rings in tile units."""
    (number, layer), = fields(tile)
    assert number == 3
    parts = list(fields(layer))
    keys = [value.decode() for n, value in parts if n == 3]
    values = [dict(fields(value))[5] for n, value in parts if n == 4]
    assert (5, EXTENT) in parts
    assert (15, 2) in parts
    features = [dict(fields(value)) for n, value in parts if n == 2]
    assert all(feature[3] == 3 for feature in features)
    found = []
    for feature in features:
        tags = list(varints(feature[2]))
        told = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=True)}
        found.append((told, rings(feature[4])))
    return found


def signed_area(ring: list[tuple[int, int]]) -> float:
    points = np.array(ring, float)
    x, y = points.T
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def at(*points: tuple[float, float]) -> list[tuple[float, float]]:
    """Tile units as unit-square coordinates."""
    west, north, _, _ = TILE.bounds()
    return [(west + x / EXTENT / 2**TILE.z, north + y / EXTENT / 2**TILE.z) for x, y in points]


def encoded(*shapes: shapely.Geometry) -> bytes:
    count = np.arange(len(shapes))
    return encode("layer", np.array(shapes, object), TILE, {"pid": count + 40_000, "c": count % 3})


def test_a_square_comes_back_with_its_properties_and_corners() -> None:
    corners = [(10, 20), (10, 220), (300, 220), (300, 20)]
    (told, found), = decode(encoded(shapely.Polygon(at(*corners))))
    assert told == {"pid": 40_000, "c": 0}
    assert [set(ring) for ring in found] == [set(corners)]


def test_a_hole_turns_against_its_shell() -> None:
    holed = shapely.Polygon(at((0, 0), (0, 400), (400, 400), (400, 0)),
                            [at((100, 100), (200, 100), (200, 200), (100, 200))])
    (_, (shell, hole)), = decode(encoded(holed))
    assert signed_area(shell) == 160_000
    assert signed_area(hole) == -10_000


def test_parts_of_one_feature_stay_one_feature() -> None:
    two = shapely.MultiPolygon([shapely.Polygon(at((0, 0), (0, 9), (9, 9))),
                                shapely.Polygon(at((50, 50), (50, 90), (90, 90)))])
    one = shapely.Polygon(at((500, 500), (500, 900), (900, 900)))
    first, second = decode(encoded(two, one))
    assert (len(first[1]), len(second[1])) == (2, 1)
    assert second[0] == {"pid": 40_001, "c": 1}


def test_land_outside_the_square_is_cut_off_beyond_the_buffer() -> None:
    wide = shapely.Polygon(at((-9000, -9000), (-9000, 9000), (9000, 9000), (9000, -9000)))
    (_, (ring,)), = decode(encoded(wide))
    assert {x for x, _ in ring} == {-BUFFER, EXTENT + BUFFER}


@pytest.mark.parametrize("shape", [
    shapely.Polygon(at((9000, 9000), (9000, 9900), (9900, 9900))),
    shapely.Polygon(at((10, 10), (10.1, 10.2), (10.2, 10.1))),
    shapely.Polygon(),
], ids=["elsewhere", "smaller than a unit", "empty"])
def test_what_is_not_to_be_seen_makes_no_tile(shape: shapely.Geometry) -> None:
    assert encoded(shape) == b""


@given(st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 4000), st.integers(3, 90)),
                min_size=1, max_size=12))
def test_every_feature_keeps_its_area_within_the_rounding(
    discs: list[tuple[int, int, int]]
) -> None:
    scale = EXTENT * 2**TILE.z
    shapes = [shapely.Point(*at((x, y))[0]).buffer(r / scale) for x, y, r in discs]
    found = decode(encoded(*shapes))
    assert [told["pid"] - 40_000 for told, _ in found] == list(range(len(shapes)))
    for (_, (ring, *_)), shape in zip(found, shapes, strict=True):
        cut = shapely.clip_by_rect(shape, *TILE.bounds(buffer=BUFFER))
        assert signed_area(ring) == pytest.approx(cut.area * scale**2,
                                                  abs=cut.length * scale + 2)


def test_the_unit_square_has_its_middle_at_null_island() -> None:
    assert to_world(np.array([[0.0, 0.0], [180.0, 0.0]])).tolist() == [[0.5, 0.5], [1.0, 0.5]]


@given(st.floats(-180, 180), st.floats(-85, 85))
def test_the_unit_square_is_web_mercator(lon: float, lat: float) -> None:
    half = 20037508.342789244
    x, y = MERCATOR.transform(lon, lat)
    assert to_world(np.array([[lon, lat]]))[0] == pytest.approx(
        [(x + half) / (2 * half), (half - y) / (2 * half)], abs=1e-9)


def test_a_square_that_no_world_has_does_not_exist() -> None:
    assert TILE.exists()
    assert not Tile(3, 8, 0).exists()
    assert not Tile(-1, 0, 0).exists()
