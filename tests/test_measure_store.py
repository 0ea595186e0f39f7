"""The measure store: arrays on disk are the layer, or they are made again. Method §4."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import shapely

from zoning.measure.flat import Flat, flatten
from zoning.measure.store import drop_store, load_flat, save_flat, store_folder, store_key


@pytest.fixture
def parquet(tmp_path: Path) -> Path:
    file = tmp_path / "parcel@1-abc.parquet"
    file.write_bytes(b"the layer")
    return file


FLAT = flatten([shapely.box(0, 0, 2, 1), None, shapely.Point(9, 9).buffer(3, quad_segs=40)])


def same(a: Flat | None, b: Flat) -> bool:
    return a is not None and all(np.array_equal(one, other, equal_nan=True)
                                 for one, other in zip(a, b, strict=True))


def test_arrays_come_back_as_they_were(parquet: Path) -> None:
    folder, key = store_folder(parquet), store_key(parquet, "abc")
    save_flat(folder, key, FLAT)
    assert same(load_flat(folder, key), FLAT)
    assert folder.name == "parcel@1-abc.plane"
    assert [file.name for file in parquet.parent.iterdir() if file.name.startswith(".")] == []


def test_arrays_of_another_source_or_file_are_stale(parquet: Path) -> None:
    folder, key = store_folder(parquet), store_key(parquet, "abc")
    save_flat(folder, key, FLAT)
    assert load_flat(folder, store_key(parquet, "abd")) is None
    parquet.write_bytes(b"the layer, imported again")
    assert load_flat(folder, store_key(parquet, "abc")) is None
    save_flat(folder, store_key(parquet, "abc"), FLAT)
    assert same(load_flat(folder, store_key(parquet, "abc")), FLAT)


@pytest.mark.parametrize("harm", ["torn key", "no array", "torn array"])
def test_a_damaged_folder_counts_as_none(parquet: Path, harm: str) -> None:
    folder, key = store_folder(parquet), store_key(parquet, "abc")
    save_flat(folder, key, FLAT)
    if harm == "torn key":
        (folder / "key.json").write_text(json.dumps(key)[:-3])
    elif harm == "no array":
        (folder / "xy.npy").unlink()
    else:
        (folder / "xy.npy").write_bytes((folder / "xy.npy").read_bytes()[:300])
    assert load_flat(folder, key) is None


def test_a_mapped_array_can_be_changed_without_harm(parquet: Path) -> None:
    folder, key = store_folder(parquet), store_key(parquet, "abc")
    save_flat(folder, key, FLAT)
    found = load_flat(folder, key)
    assert found is not None
    found.xy[:] = 0
    assert same(load_flat(folder, key), FLAT)


def test_a_folder_that_cannot_be_written_is_left_out(parquet: Path) -> None:
    folder = parquet.parent / "absent" / "x.plane"
    save_flat(folder, {}, FLAT)
    assert load_flat(folder, {}) is None


def test_the_arrays_go_with_their_layer(parquet: Path) -> None:
    folder = store_folder(parquet)
    save_flat(folder, {}, FLAT)
    drop_store(parquet)
    assert not folder.exists()


def test_the_compiler_is_loaded_only_by_what_measures() -> None:
    """A command that measures nothing does not wait for it."""
    asked = ("import sys, zoning.cli, zoning.workspace, zoning.measure.site, zoning.measure.table;"
             "sys.exit('numba' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_compiled_code_finds_a_place_where_nothing_can_be_written(tmp_path: Path) -> None:
    asked = """if True:
        import pathlib
        def refused(*_words, **_options): raise PermissionError
        pathlib.Path.mkdir = refused
        from zoning.measure import compiled
        print(compiled.numba.config.CACHE_DIR)"""
    told = subprocess.run([sys.executable, "-c", asked], check=True, capture_output=True, text=True,
                          env={**os.environ, "TMPDIR": str(tmp_path), "NUMBA_CACHE_DIR": ""})
    assert Path(told.stdout.strip()).parent == tmp_path
