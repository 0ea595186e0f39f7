"""Layers larger than memory: time, memory and workers from 10,000 parcels to ten million.

    python -m bench.scale [--sizes 10000,30000,...] [--peer-up-to 300000] [--workers 1,2]
                          [--tiles 2000000] [--folder DIR] [--out FILE]

A county grows by blocks of 10,000 parcels of 44 vertices with 467 farmland polygons of 160 vertices
each, written block by block in EPSG:4528, so that the maker needs no memory either. Every answer is
a process of its own and starts from GeoParquet: reading, checking, the statutory plane, tiles, and
two result files. Processor seconds are those of all processes of an answer; memory is the most that
one of them has held. The peer computes plane areas of the same pairs and checks nothing.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from bench import measure

SIDE = 100
BLOCK = SIDE * SIDE
STARS = 467
ORIGIN = (40_420_000.0, 3_450_000.0)


def write_county(folder: Path, blocks: int) -> None:
    """Blocks side by side in a square, each a batch of rows of both files."""
    across = int(np.ceil(np.sqrt(blocks)))
    size = SIDE * measure.STEP
    with Writer(folder / "parcel.parquet") as parcels, Writer(folder / "farmland.parquet") as lines:
        for block in range(blocks):
            rng = np.random.default_rng(2019 + block)
            measure.ORIGIN = tuple(ORIGIN[axis] + divmod(block, across)[axis] * size
                                   for axis in range(2))
            parcels.add(measure.parcels(BLOCK, rng))
            lines.add(measure.stars(STARS, 160, size, rng))


class Writer:
    """A GeoParquet file written batch by batch."""

    def __init__(self, path: Path) -> None:
        self.path, self.rows, self.file = path, 0, None

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def add(self, shapes: Any) -> None:
        ids = np.arange(self.rows, self.rows + len(shapes)).astype(str)
        frame = gpd.GeoDataFrame({"feature_id": ids}, geometry=shapes, crs="EPSG:4528")
        table = gpd.io.arrow._geopandas_to_arrow(frame, index=False)
        self.file = self.file or pq.ParquetWriter(self.path, table.schema)
        self.file.write_table(table.replace_schema_metadata(self.file.schema.metadata))
        self.rows += len(shapes)


# ── One answer, in a process of its own ──────────────────────────────────────────────────────


def ours(folder: Path, workers: int, tile: int) -> dict[str, Any]:
    """This program; 0 workers are the local engine."""
    from zoning.layers.pieces import open_layer
    from zoning.measure.engines import engine
    from zoning.measure.large import Sizes, overlay_layers

    steps: dict[str, float] = {}
    start = time.perf_counter()
    work = folder / "work"
    with engine("dask" if workers else "local", scheduler=None, workers=workers or None,
                folder=work) as chosen:
        begun = time.perf_counter()
        result = overlay_layers(
            *(open_layer(folder / f"{name}.parquet") for name in ("parcel", "farmland")),
            engine=chosen, work=work, pairs=folder / "pairs.parquet",
            features=folder / "features.parquet", sizes=Sizes(tile=tile),
            progress=lambda step, *_: steps.update({step: time.perf_counter() - begun}))
        seconds = time.perf_counter() - begun
        spent = [cost()] + (list(chosen.client.run(cost).values()) if workers else [])
    return {"seconds": seconds, "with_start": time.perf_counter() - start,
            "cpu": sum(each[0] for each in spent), "peak_mb": max(each[1] for each in spent),
            "area": result.shared_dm2 / 100, **steps}


def cost() -> tuple[float, float]:
    """Processor seconds of a process, and the most memory it has held."""
    return sum(os.times()[:2]), measure.peak_mb()


def peer(folder: Path, workers: int, _tile: int) -> dict[str, Any]:
    """dask-geopandas: partitions of parcels, each overlaid with the lines that meet it."""
    import dask_geopandas
    from distributed import Client, LocalCluster

    with LocalCluster(n_workers=max(workers, 1), threads_per_worker=1, host="127.0.0.1",
                      dashboard_address=None, memory_limit=0) as cluster, Client(cluster) as client:
        start = time.perf_counter()
        left = dask_geopandas.read_parquet(folder / "parcel.parquet", split_row_groups=8)
        lines = client.scatter(gpd.read_parquet(folder / "farmland.parquet"), broadcast=True)
        tasks = [client.submit(overlaid, client.compute(part), lines)
                 for part in left.to_delayed()]
        area = sum(client.gather(tasks))
        seconds = time.perf_counter() - start
        spent = [cost(), *client.run(cost).values()]
    return {"seconds": seconds, "cpu": sum(each[0] for each in spent),
            "peak_mb": max(each[1] for each in spent), "area": area}


def overlaid(part: Any, lines: Any) -> float:
    """The shared area of a partition, from the shapes that geopandas makes."""
    near = lines.iloc[lines.sindex.query(part.union_all().envelope)]
    return float(gpd.overlay(part, near, how="intersection").area.sum())


ANSWERS = {"zoning": ours, "dask-geopandas": peer}


def answered(engine: str, folder: Path, workers: int, tile: int) -> dict[str, Any]:
    """An answer of a fresh process; how loaded the machine was."""
    told = subprocess.run([sys.executable, "-m", "bench.scale", "--answer", engine, "--folder",
                           str(folder), "--workers", str(workers), "--tiles", str(tile)],
                          capture_output=True, text=True, check=False)
    shutil.rmtree(folder / "work", ignore_errors=True)
    row = {"engine": engine, "workers": workers, "tile": tile, "load": os.getloadavg()[0]}
    if told.returncode:
        return row | {"failed": told.stderr.strip().splitlines()[-1:]}
    return row | json.loads(told.stdout.splitlines()[-1])


# ── Many sizes ───────────────────────────────────────────────────────────────────────────────


def grown(asked: argparse.Namespace, home: Path) -> pd.DataFrame:
    rows = []
    for size in map(int, asked.sizes.split(",")):
        with tempfile.TemporaryDirectory(dir=home) as name:
            folder = Path(name)
            write_county(folder, size // BLOCK)
            held = sum(file.stat().st_size for file in folder.iterdir()) / 2**20
            for tile in map(int, asked.tiles.split(",")):
                for workers in map(int, asked.workers.split(",")):
                    rows.append({"parcels": size // BLOCK * BLOCK, "file_mb": held,
                                 **answered("zoning", folder, workers, tile)})
                    print(rows[-1], flush=True)
            if size <= asked.peer_up_to:
                rows.append({"parcels": size // BLOCK * BLOCK, "file_mb": held,
                             **answered("dask-geopandas", folder, 2, 0)})
                print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--sizes", default="10000,30000,100000,300000,1000000")
    told.add_argument("--tiles", default="2000000")
    told.add_argument("--workers", default="0,1,2")
    told.add_argument("--peer-up-to", type=int, default=300_000)
    told.add_argument("--folder", type=Path, default=None)
    told.add_argument("--out", type=Path, default=None)
    told.add_argument("--answer", choices=list(ANSWERS))
    asked = told.parse_args()
    if asked.answer:
        print(json.dumps(ANSWERS[asked.answer](asked.folder, int(asked.workers),
                                               int(asked.tiles))))
        return
    rows = grown(asked, asked.folder or Path(tempfile.gettempdir()))
    print(rows.to_string())
    if asked.out:
        rows.to_csv(asked.out, index=False)
    for workers, own in rows[rows["engine"] == "zoning"].groupby("workers"):
        large = own[own["parcels"] >= 100_000]
        if len(large) > 1:
            slope = [np.polyfit(np.log(large["parcels"]), np.log(large[of]), 1)[0]
                     for of in ("seconds", "cpu")]
            print(f"{workers} workers: time exponent {slope[0]:.3f} wall, {slope[1]:.3f} processor")
    names = ("numpy", "numba", "shapely", "pyarrow", "dask", "distributed", "dask-geopandas")
    print(platform.platform(), os.cpu_count(), sys.version.split()[0],
          {name: importlib.metadata.version(name) for name in names})


if __name__ == "__main__":
    main()
