"""Overlay of roles or files that need not fit into memory: by tile, here or on a cluster."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from zoning.errors import Problem, UsageError
from zoning.layers.model import left_out
from zoning.layers.pieces import Layer, open_layer
from zoning.measure.engines import engine as engine_of
from zoning.measure.large import Named, Progress, Result, Sizes, overlay_layers
from zoning.measure.table import LeftRow, PairRow
from zoning.measure.tiles import VERTICES
from zoning.workspace.data import read_quarantine
from zoning.workspace.folder import Workspace
from zoning.workspace.problems import read_problems

LARGE_BYTES = 256 * 1024**2
"""Files from this size on are divided by tile without being asked: about 300,000 parcels."""


@dataclass(frozen=True)
class Places:
    """Who works and where: the engine and its scheduler, workers, a folder that all of them see.

    Without `work` the folder of the results serves, or that of the system for temporary files.
    `tile` is about how many vertices of the first layer are worked on at once.
    """

    engine: str = "local"
    scheduler: str | None = None
    workers: int | None = None
    work: Path | None = None
    tile: int | None = None


@dataclass(frozen=True)
class TiledOverlay:
    """The records of an overlay made by tile, in the order of the first layer's source."""

    pairs: tuple[PairRow, ...]
    features: tuple[LeftRow, ...]
    left_out: tuple[Named, Named]


def is_large(workspace: Workspace | None, *names: str) -> bool:
    """Whether layers are so large that they are better divided by tile."""
    return sum(_file(workspace, name).stat().st_size for name in names
               if _file(workspace, name).is_file()) >= LARGE_BYTES


def problems_of(
    workspace: Workspace | None, a: str, b: str
) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """What was found wrong with two layers at their import; a file read by tile is not told of."""
    found = [_problems(workspace, name) for name in (a, b)]
    return found[0], found[1]


def overlay_by_tile(
    workspace: Workspace | None, a: str, b: str, places: Places = Places(), *,
    crs: str | None = None, progress: Progress | None = None,
) -> TiledOverlay:
    """What `overlay` answers, computed by tile. Raises UsageError where a name is no layer."""
    with _folder(places, None) as folder:
        made = _made(workspace, a, b, places, folder, folder / "pairs.parquet", crs, progress)
        return _collected(made)


def overlay_to_files(
    workspace: Workspace | None, a: str, b: str, out: Path, places: Places = Places(), *,
    crs: str | None = None, progress: Progress | None = None,
) -> Result:
    """The same into two Parquet files, ``out`` and beside it ``<out>-features.parquet``.

    Nothing is held in memory but tiles. Rows run along the Hilbert curve; ``a_row`` and ``b_row``
    are positions in the sources, from 0.
    """
    with _folder(places, out.absolute().parent) as folder:
        return _made(workspace, a, b, places, folder, out, crs, progress)


def _made(
    workspace: Workspace | None, a: str, b: str, places: Places, folder: Path, out: Path,
    crs: str | None, progress: Progress | None,
) -> Result:
    layers = [_layer(workspace, name, crs) for name in (a, b)]
    apart = tuple(_apart(workspace, name) for name in (a, b))
    with engine_of(places.engine, scheduler=places.scheduler, workers=places.workers,
                   folder=folder) as engine:
        made = overlay_layers(*layers, engine=engine, work=folder, pairs=out,
                              features=out.with_name(f"{out.stem}-features.parquet"),
                              sizes=Sizes(places.tile or VERTICES), progress=progress)
    one, two = (old + new for old, new in zip(apart, made.left_out, strict=True))
    return replace(made, left_out=(one, two))


def _apart(workspace: Workspace | None, name: str) -> Named:
    """What a stored layer put in quarantine at import."""
    if workspace is None or workspace.config.current(name) is None:
        return ()
    return left_out(read_quarantine(workspace, name))


def _problems(workspace: Workspace | None, name: str) -> tuple[Problem, ...]:
    record = workspace.config.current(name) if workspace is not None else None
    if workspace is None or record is None or not record.problems_file:
        return ()
    return read_problems(workspace.root / record.problems_file)


@contextmanager
def _folder(places: Places, beside: Path | None) -> Iterator[Path]:
    """A folder for what lies between input and answer, gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix=".zoning-", dir=places.work or beside) as name:
        yield Path(name).absolute()


def _file(workspace: Workspace | None, name: str) -> Path:
    record = workspace.config.current(name) if workspace is not None else None
    return workspace.root / record.file if workspace is not None and record else Path(name)


def _layer(workspace: Workspace | None, name: str, crs: str | None) -> Layer:
    stored = workspace is not None and workspace.config.current(name) is not None
    file = _file(workspace, name)
    if not file.exists():
        have = workspace.config.roles() if workspace else []
        raise UsageError("workspace.neither", name=name, have=have or ["-"])
    return open_layer(file.absolute(), crs=None if stored else crs, stored=stored)


def _collected(made: Result) -> TiledOverlay:
    pairs, features = (pq.read_table(file) for file in (made.pairs, made.features))
    by_pair = np.lexsort((pairs["b_row"].to_numpy(), pairs["a_row"].to_numpy()))
    by_row = np.argsort(features["a_row"].to_numpy())
    told = [pairs.take(by_pair).select(["a_id", "b_id", "shared_dm2"]),
            features.take(by_row).select(["a_id", "area_dm2", "inside_dm2", "outside_dm2",
                                          "overlap_dm2"])]
    rows = [zip(*(column.to_pylist() for column in table.columns), strict=True) for table in told]
    return TiledOverlay(tuple(PairRow(*row) for row in rows[0]),
                        tuple(LeftRow(*row) for row in rows[1]), made.left_out)


__all__ = ["LARGE_BYTES", "Places", "TiledOverlay", "is_large", "overlay_by_tile",
           "overlay_to_files", "problems_of"]
