"""An overlay of two layers that need not fit into memory, from files to files.

Three steps, each of pieces that do not know each other: carry the layers into the plane as runs,
look for features of the second that overlap each other, divide the tiles. Then the results are put
one after the other. The working set is a batch or a tile for each worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import feather

from zoning.layers.pieces import BATCH_BYTES, Layer
from zoning.measure.engines import Engine, Tasks
from zoning.measure.flat import Indices
from zoning.measure.repeats import renamed
from zoning.measure.runs import RunLayer, finish, make_runs, run_layer
from zoning.measure.tiles import VERTICES, Tile, cut, divide, doubled_file, overlapping

Progress = Callable[[str, int, int], None]
"""Told the step (``runs``, ``overlaps``, ``tiles``), how many pieces are done, of how many."""

Named = tuple[tuple[str, str], ...]
"""Features by id, and the code of the fault of each."""

ROWS = 131_072
"""Rows in a row group of a result."""


@dataclass(frozen=True)
class Sizes:
    """How much is worked on at once; no number of a result depends on it."""

    tile: int = VERTICES
    batch_bytes: int = BATCH_BYTES


@dataclass(frozen=True)
class Result:
    """Two Parquet files, in the order of the first layer along the curve; totals in dm².

    `left_out` names the features of each layer that could not be measured, with the code of the
    fault, in the order of the file: the numbers are of the rest.
    """

    pairs: Path
    features: Path
    shared_dm2: int
    area_dm2: int
    inside_dm2: int
    left_out: tuple[Named, Named]


def overlay_layers(
    a: Layer, b: Layer, *, engine: Engine, work: Path, pairs: Path, features: Path,
    sizes: Sizes = Sizes(), progress: Progress | None = None,
) -> Result:
    """Divide every feature of `a` by the features of `b`, and write both tables.

    `work` is a folder that the workers of the engine see, with room for about the coordinates of
    both layers. The numbers are those of `overlay_table`, and the files the same to the last byte
    whatever the engine, its workers and the sizes. Raises as `make_runs` and `divide`.
    """
    tell = progress or (lambda _step, _done, _of: None)
    left, faulty_a = prepare(a, work / "a", engine, sizes, tell)
    right, faulty_b = prepare(b, work / "b", engine, sizes, tell)
    mark_overlaps(right, engine, sizes, tell)
    tiles = cut(left, sizes.tile)
    found = work / "found"
    found.mkdir(parents=True, exist_ok=True)
    tasks = [(left.folder, right.folder, tile, found) for tile in tiles]
    _all(engine, divide_tile, tasks, "tiles", tell)
    totals = [_joined(found, kind, out, tiles)
              for kind, out in (("pairs", pairs), ("features", features))]
    return Result(pairs, features, totals[0]["shared_dm2"], totals[1]["area_dm2"],
                  totals[1]["inside_dm2"], (faulty_a, faulty_b))


def prepare(
    layer: Layer, folder: Path, engine: Engine, sizes: Sizes, tell: Progress
) -> tuple[RunLayer, Named]:
    """The runs of a layer, made piece by piece; and its features that cannot be measured."""
    folder.mkdir(parents=True, exist_ok=True)
    tasks = [(layer, number, folder, sizes.batch_bytes) for number in range(len(layer.pieces))]
    told = _all(engine, make_runs, tasks, "runs", tell)
    made = finish(folder, [name for names, _ in told for name in names],
                  renamed(folder) if layer.has_own_ids else {})
    faulty = sorted(each for _, faulty in told for each in faulty)
    return made, tuple((made.renamed.get(each.row, each.feature_id), each.code)
                       for each in faulty)


def mark_overlaps(layer: RunLayer, engine: Engine, sizes: Sizes, tell: Progress) -> None:
    """Write which features of a layer overlap another one of it."""
    tasks = [(layer.folder, tile) for tile in cut(layer, sizes.tile)]
    none = np.zeros(0, dtype=np.int64)
    rows = _all(engine, overlapping_rows, tasks, "overlaps", tell)
    np.save(doubled_file(layer), np.unique(np.concatenate([none, *rows])))


def overlapping_rows(folder: Path, tile: Tile) -> Indices:
    """One piece of `mark_overlaps`."""
    return overlapping(run_layer(folder), tile)


def divide_tile(a: Path, b: Path, tile: Tile, found: Path) -> None:
    """Divide one tile and leave its tables in a folder, each wholly or not at all."""
    for kind, table in zip(("pairs", "features"), divide(run_layer(a), run_layer(b), tile),
                           strict=True):
        draft = found / f".{uuid4().hex}"
        feather.write_feather(table, draft, compression="lz4")
        draft.replace(_part(found, kind, tile))


def _all(
    engine: Engine, work: Callable[..., Any], tasks: Tasks, step: str, tell: Progress
) -> list[Any]:
    """The results of all tasks in their order."""
    results: list[Any] = [None] * len(tasks)
    for done, (number, result) in enumerate(engine.run(work, tasks), start=1):
        results[number] = result
        tell(step, done, len(tasks))
    return results


def _part(found: Path, kind: str, tile: Tile) -> Path:
    return found / f"{tile.number:08d}.{kind}"


def _joined(found: Path, kind: str, out: Path, tiles: Sequence[Tile]) -> dict[str, int]:
    """Put the tables of all tiles into one file of even row groups; the sums of its areas."""
    totals: dict[str, int] = {}
    draft = out.with_name(f".{out.name}.{uuid4().hex}")
    try:
        writer = None
        for table in _even(feather.read_table(_part(found, kind, tile)) for tile in tiles):
            writer = writer or pq.ParquetWriter(draft, table.schema, compression="zstd")
            writer.write_table(table, row_group_size=ROWS)
            for name in table.column_names:
                if name.endswith("_dm2"):
                    totals[name] = totals.get(name, 0) + int(table.column(name).to_numpy().sum())
        if writer:
            writer.close()
        draft.replace(out)
    finally:
        draft.unlink(missing_ok=True)
    return totals


def _even(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in tables of `ROWS` rows each but the last."""
    held: list[pa.Table] = []
    count = 0
    for table in tables:
        held.append(table)
        count += len(table)
        while count >= ROWS:
            whole = pa.concat_tables(held).combine_chunks()
            yield whole.slice(0, ROWS).combine_chunks()
            held, count = [whole.slice(ROWS)], count - ROWS
    yield pa.concat_tables(held).combine_chunks()


__all__ = ["Progress", "Result", "Sizes", "divide_tile", "mark_overlaps", "overlapping_rows",
           "overlay_layers", "prepare"]
