"""Polygons read from well-known binary straight into arrays, and carried into the plane."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pyarrow as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from zoning.measure.carry import flat_of_parquet, to_plane_arrays
from zoning.measure.flat import flatten, oriented, shapes_of
from zoning.measure.plane import to_plane
from zoning.measure.wkb import ragged_of_wkb

HOLED = shapely.Polygon([(0, 0), (4, 0), (4, 4), (0, 4)], [[(1, 1), (2, 1), (2, 2)]])
SEVERAL = shapely.MultiPolygon([HOLED, shapely.box(10, 10, 11, 11)])
HOLLOW = shapely.from_wkt("MULTIPOLYGON (EMPTY, ((0 0, 1 0, 1 1, 0 0)))")
SHAPES = [HOLED, SEVERAL, None, shapely.Polygon(), HOLLOW]


def column(shapes: Any, flavor: str = "extended", *, large: bool = False) -> pa.ChunkedArray:
    wkb = [None if shape is None else shapely.to_wkb(shape, flavor=flavor) for shape in shapes]
    return pa.chunked_array([pa.array(wkb, pa.large_binary() if large else pa.binary())])


@pytest.mark.parametrize("flavor", ["extended", "iso"])
@pytest.mark.parametrize("large", [True, False])
@pytest.mark.parametrize("heights", [True, False])
def test_rows_of_wkb_are_the_polygons(flavor: str, large: bool, heights: bool) -> None:
    drawn = [shapely.force_3d(shape, 7.5) if heights and shape is not None else shape
             for shape in SHAPES]
    read = ragged_of_wkb(column(drawn, flavor, large=large))
    assert read is not None
    found = shapes_of(oriented(*read))
    assert [shape.area for shape in found] == [15.5, 16.5, 0.0, 0.0, 0.5]
    assert shapely.get_num_geometries(found).tolist() == [1, 2, 1, 1, 1]


def test_a_reference_system_in_the_row_is_passed_over() -> None:
    wkb = shapely.to_wkb(shapely.set_srid(HOLED, 4490), include_srid=True)
    read = ragged_of_wkb(pa.chunked_array([pa.array([wkb])]))
    assert read is not None
    assert len(read.xy) == 9


def test_rows_of_several_chunks_and_slices_are_joined() -> None:
    whole = column([HOLED, SEVERAL, HOLED, SEVERAL, HOLED])
    apart = pa.chunked_array([whole.chunk(0)[1:3], whole.chunk(0)[3:5]])
    read, expected = ragged_of_wkb(apart), ragged_of_wkb(column([SEVERAL, HOLED, SEVERAL, HOLED]))
    assert read is not None
    assert expected is not None
    for one, other in zip(read, expected, strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("wkb", [
    shapely.to_wkb(shapely.Point(1, 2)),
    shapely.to_wkb(shapely.GeometryCollection([HOLED])),
    shapely.to_wkb(HOLED, byte_order=0),
    b"", b"\x01", b"\x01\x03\x00\x00\x00\xff\xff\xff\xff",
    b"\x01\x06\x00\x00\x00\xff\xff\xff\xff\x01\x03\x00\x00\x00\x00\x00\x00\x00",
])
def test_other_rows_are_left_to_the_geometry_library(wkb: bytes) -> None:
    assert ragged_of_wkb(pa.chunked_array([pa.array([shapely.to_wkb(HOLED), wkb])])) is None


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_row_cut_anywhere_or_changed_in_one_byte_never_reads_past_its_end(data: Any) -> None:
    wkb = bytearray(shapely.to_wkb(SEVERAL))
    if data.draw(st.booleans()):
        wkb = wkb[:data.draw(st.integers(0, len(wkb) - 1))]
    else:
        wkb[data.draw(st.integers(0, len(wkb) - 1))] ^= data.draw(st.integers(1, 255))
    read = ragged_of_wkb(pa.chunked_array([pa.array([bytes(wkb)])]))
    assert read is None or len(read.xy) <= len(wkb) // 16


COORDINATES = {4549: (500_000.0, 3_580_000.0, 900.0), 4490: (121.2, 32.3, 0.01),
               4528: (40_500_000.0, 3_580_000.0, 500.0)}


def star(rng: np.random.Generator, x: float, y: float, size: float) -> shapely.Polygon:
    """A simple ring: GEOS, asked to split the edges of another, makes a new shape of it."""
    turn = np.sort(rng.uniform(0, 2 * np.pi, rng.integers(5, 12)))
    radius = size * rng.uniform(0.2, 1, len(turn))
    shape = shapely.Polygon(np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)]))
    return shape if shape.is_valid else shapely.convex_hull(shape)


@settings(max_examples=60, deadline=None)
@given(code=st.sampled_from(sorted(COORDINATES)), seed=st.integers(0, 2**32 - 1))
def test_arrays_are_carried_as_shapes_are(code: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, y, size = COORDINATES[code]
    crs = CRS.from_epsg(code)
    shapes = [star(rng, x, y, size) for _ in range(4)]
    read = ragged_of_wkb(column(shapes))
    assert read is not None
    carried = to_plane_arrays(read, crs)
    expected = flatten(to_plane(np.array(shapes, dtype=object), crs))
    assert carried is not None
    flat = oriented(*carried)
    np.testing.assert_array_equal(flat.rings, expected.rings)
    np.testing.assert_allclose(flat.xy, expected.xy, rtol=0, atol=1e-8)


def test_what_the_plane_refuses_is_left_to_it(tmp_path: Path) -> None:
    across = shapely.Polygon([(179.9, 0), (180.1, 0), (180.1, 0.1)])
    for name, shape in (("cut", across), ("far", shapely.box(0, 0, 1e12, 1)),
                        ("point", shapely.Point(1, 1))):
        file = tmp_path / f"{name}.parquet"
        crs = 4490 if name != "far" else 4549
        geopandas.GeoDataFrame(geometry=[shape], crs=crs).to_parquet(file)
        assert flat_of_parquet(file) is None


def test_a_file_is_carried_as_its_shapes_are(tmp_path: Path) -> None:
    file, shape = tmp_path / "one.parquet", shapely.box(121.0, 32.0, 121.01, 32.01)
    geopandas.GeoDataFrame(geometry=[shape, None], crs=4490).to_parquet(file)
    flat = flat_of_parquet(file)
    assert flat is not None
    assert flat.areas == pytest.approx([to_plane([shape], CRS.from_epsg(4490))[0].area, 0])
