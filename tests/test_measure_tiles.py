"""Layers larger than memory: the same numbers as in memory, wherever tiles and batches begin."""

from __future__ import annotations

import hashlib
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoning.errors import LayerError, MeasureError
from zoning.layers.normalise import unique_ids
from zoning.layers.pieces import batches, open_layer
from zoning.measure import hilbert
from zoning.measure.engines import Local
from zoning.measure.large import Result, Sizes, overlay_layers
from zoning.measure.runs import run_layer
from zoning.measure.table import OverlayTable
from zoning.measure.tiles import cut, load_tile
from zoning.workspace.answers import overlay

EAST, NORTH = 40_500_000.0, 3_500_000.0


def fields(across: int, rng: np.random.Generator) -> np.ndarray:
    """A coverage with common borders whose corners are moved about."""
    nodes = np.stack(np.meshgrid(*(np.arange(across + 1) * 40.0,) * 2, indexing="ij"), -1)
    nodes = nodes + rng.uniform(-9, 9, nodes.shape) + [EAST, NORTH]
    corners = [nodes[:-1, :-1], nodes[1:, :-1], nodes[1:, 1:], nodes[:-1, 1:]]
    return shapely.polygons(np.stack(corners, axis=2).reshape(-1, 4, 2))


def zones(count: int, size: float, rng: np.random.Generator) -> np.ndarray:
    """Circles that overlap each other, some with a hole, some of two parts, one over everything."""
    centres = shapely.points(np.array([EAST, NORTH]) + rng.uniform(0, size, (count, 2)))
    made = shapely.buffer(centres, rng.uniform(size / 60, size / 9, count), quad_segs=12)
    made[::4] = shapely.difference(made[::4], shapely.buffer(centres[::4], size / 100))
    made[1] = shapely.union_all([made[1], shapely.box(EAST - 500, NORTH, EAST - 400, NORTH + 99)])
    made[2] = shapely.box(EAST - 10, NORTH - 10, EAST + size, NORTH + size).buffer(3)
    return made


def write(path: Path, shapes: np.ndarray, ids: list[object] | None = None, **options) -> Path:
    columns = {"note": [1] * len(shapes)} if ids is None else {"BSM": np.array(ids, dtype=object)}
    gpd.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4528").to_parquet(path, **options)
    return path


def tiled(a: Path, b: Path, work: Path, sizes: Sizes) -> Result:
    work.mkdir()
    return overlay_layers(open_layer(a), open_layer(b), engine=Local(), work=work / "w",
                          pairs=work / "pairs.parquet", features=work / "features.parquet",
                          sizes=sizes)


def same(found: Result, expected: OverlayTable) -> None:
    pairs = pq.read_table(found.pairs).to_pandas().sort_values(["a_row", "b_row"])
    features = pq.read_table(found.features).to_pandas().sort_values("a_row")
    a_ids, b_ids = np.array(expected.a.ids), np.array(expected.b.ids)
    assert pairs["a_id"].tolist() == a_ids[expected.left].tolist()
    assert pairs["b_id"].tolist() == b_ids[expected.right].tolist()
    assert pairs["shared_dm2"].tolist() == expected.shared_dm2.tolist()
    assert features["a_id"].tolist() == a_ids.tolist()
    for name in ("area_dm2", "inside_dm2", "overlap_dm2"):
        told = expected.a.area_dm2 if name == "area_dm2" else getattr(expected, name)
        assert features[name].tolist() == told.tolist()
    assert (features["inside_dm2"] + features["outside_dm2"]).equals(features["area_dm2"])


def digest(found: Result) -> str:
    return hashlib.sha256(found.pairs.read_bytes() + found.features.read_bytes()).hexdigest()


@pytest.fixture(scope="module")
def county(tmp_path_factory) -> tuple[Path, Path]:
    """225 fields in no order, 30 zones that overlap: ids that repeat, ids that are missing."""
    rng, home = np.random.default_rng(11), tmp_path_factory.mktemp("county")
    shapes = rng.permutation(fields(15, rng))
    shapes[7] = shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH),
                                 (EAST, NORTH + 9)])
    shapes[9] = None
    ids: list[object] = [str(row % 200) for row in range(225)]
    ids[3], ids[4], ids[5], ids[6] = None, "row-4", "7#2", "7#2"
    return (write(home / "a.parquet", shapes, ids, row_group_size=40),
            write(home / "b.parquet", zones(30, 600, rng), row_group_size=12))


@pytest.fixture(scope="module")
def in_memory(county) -> OverlayTable:
    return overlay(None, *map(str, county)).table


@pytest.mark.parametrize("sizes", [
    Sizes(), Sizes(tile=300, batch_bytes=9_000), Sizes(tile=40, batch_bytes=3_000),
], ids=str)
def test_tiles_answer_as_memory_does(county, in_memory, tmp_path, sizes) -> None:
    found = tiled(*county, tmp_path / "t", sizes)
    same(found, in_memory)
    assert found.left_out == ((("7", "GEO003"), ("9", "GEO001")), ())
    assert in_memory.overlap_dm2.any()
    assert (np.bincount(in_memory.left) > 2).any()
    assert found.inside_dm2 == in_memory.inside_dm2.sum()
    assert found.shared_dm2 == in_memory.shared_dm2.sum()


def test_files_are_the_same_to_the_last_byte(county, tmp_path) -> None:
    told = {digest(tiled(*county, tmp_path / str(at), sizes)) for at, sizes in enumerate(
        [Sizes(), Sizes(tile=333, batch_bytes=7_000)])}
    assert len(told) == 1


@settings(max_examples=4)
@given(seed=st.integers(0, 2**32), tile=st.integers(20, 300), batch=st.integers(600, 30_000))
def test_any_tile_and_any_batch(tmp_path_factory, seed, tile, batch) -> None:
    rng, home = np.random.default_rng(seed), tmp_path_factory.mktemp("any")
    a = write(home / "a.parquet", rng.permutation(fields(9, rng)), row_group_size=30)
    b = write(home / "b.parquet", zones(12, 360, rng), row_group_size=5)
    same(tiled(a, b, home / "t", Sizes(tile, batch)), overlay(None, str(a), str(b)).table)


def test_every_feature_lies_in_one_tile(county, tmp_path) -> None:
    tiled(*county, tmp_path / "t", Sizes(batch_bytes=10_000))
    layer = run_layer(tmp_path / "t" / "w" / "a")
    for most in (60, 400, 10**9):
        tiles = cut(layer, most)
        rows = np.concatenate([load_tile(layer, tile).rows for tile in tiles])
        assert sorted(rows.tolist()) == sorted(set(range(225)) - {7, 9})
        assert len(tiles) > 1 or most == 10**9
        if most == 400:
            assert max(len(load_tile(layer, tile).flat.xy) for tile in tiles) <= most


def test_tile_is_one_feature_where_it_holds_more_than_a_tile(tmp_path) -> None:
    ring = shapely.Point(EAST, NORTH).buffer(50, quad_segs=200)
    a = write(tmp_path / "a.parquet", np.array([ring, ring, ring]))
    found = tiled(a, a, tmp_path / "t", Sizes(tile=10))
    assert len(cut(run_layer(tmp_path / "t" / "w" / "a"), 10)) == 3
    assert pq.read_table(found.pairs).num_rows == 9
    overlaps = pq.read_table(found.features)["overlap_dm2"].to_pylist()
    assert set(overlaps) == {2 * found.area_dm2 // 3}


def test_layers_apart_share_nothing(tmp_path) -> None:
    a = write(tmp_path / "a.parquet", shapely.box(EAST, NORTH, EAST + np.arange(1, 4), NORTH + 1))
    b = write(tmp_path / "b.parquet", shapely.box([EAST + 900], NORTH, EAST + 901, NORTH + 1))
    found = tiled(a, b, tmp_path / "t", Sizes())
    assert pq.read_table(found.pairs).num_rows == 0
    assert pq.read_table(found.features)["a_id"].to_pylist() == ["row-1", "row-2", "row-3"]
    assert found.inside_dm2 == 0


def test_layer_without_features_answers_with_none(tmp_path) -> None:
    a = write(tmp_path / "a.parquet", np.zeros(0, dtype=object))
    b = write(tmp_path / "b.parquet", shapely.box([EAST], NORTH, EAST + 1, NORTH + 1))
    for left, right, rows in ((a, b, 0), (b, a, 1)):
        found = tiled(left, right, tmp_path / f"t{rows}", Sizes())
        assert pq.read_table(found.pairs).num_rows == 0
        assert pq.read_table(found.features).num_rows == rows


def test_file_cut_short_is_an_error_with_its_name(tmp_path, county) -> None:
    cut_short = tmp_path / "short.parquet"
    cut_short.write_bytes(county[0].read_bytes()[:-400])
    with pytest.raises(LayerError) as told:
        open_layer(cut_short)
    assert "short.parquet" in str(told.value)


def test_batches_hold_every_row_once(county) -> None:
    layer = open_layer(county[0])
    assert len(layer.pieces) == 1  # small row groups are read together
    found = [batch.rows for batch in batches(layer, layer.pieces[0], size=3_000)]
    assert len(found) > 5
    assert np.concatenate(found).tolist() == sorted(set(range(225)) - {7, 9})


def test_hilbert_curve_steps_from_cell_to_neighbour(monkeypatch) -> None:
    monkeypatch.setattr(hilbert, "ORDER", 5)
    cells = np.stack(np.meshgrid(np.arange(32), np.arange(32), indexing="ij"), -1).reshape(-1, 2)
    centres = (cells + 0.5) * (2 * hilbert.HALF_M / 32) - hilbert.HALF_M
    keys = hilbert.hilbert_keys(np.hstack([centres, centres]))
    assert sorted(keys.tolist()) == list(range(1024))
    assert (np.abs(np.diff(cells[np.argsort(keys)], axis=0)).sum(axis=1) == 1).all()


@given(st.lists(st.sampled_from([None, "a", "b", "a#2", "row-2", "row-3#2"]), max_size=12))
def test_ids_of_some_records_as_of_all(ids) -> None:
    again = [at for at in range(len(ids)) if ids[at] is not None]
    assert unique_ids(ids) == unique_ids(ids, records=range(1, len(ids) + 1))
    if all(name is not None for name in ids):
        assert unique_ids([ids[at] for at in again]) == unique_ids(ids)


def test_error_of_another_process_keeps_its_sentence() -> None:
    import pickle

    told = pickle.loads(pickle.dumps(MeasureError("measure.workers_died", attempts=5)))
    assert type(told) is MeasureError
    assert told.message.params == {"attempts": 5}
