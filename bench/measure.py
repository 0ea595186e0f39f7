"""Areas at county speed: this program and its peers on the same files, in one run.

    python bench/measure.py [--parcels 300000] [--sites 1000] [--rounds 3] [--growth] [--out FILE]

Layers are made here in the statutory plane, so that every engine answers the same question: the
area of parcel ∩ line per parcel. *Cold* is from GeoParquet files to areas; *stored* starts from
arrays already on disk (this program only). Peers that are not installed are left out.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

ORIGIN = (13_490_000.0, 3_390_000.0)
STEP = 50.0
LINES = {"farmland": (14_000, 160), "redline": (40, 4_000), "boundary": (25, 2_500)}
"""Features and vertices of each line."""


def parcels(count: int, rng: np.random.Generator) -> Any:
    """A coverage of about `count` cells of 44 vertices with common borders, none straight."""
    across = int(np.sqrt(count))
    nodes = rng.uniform(-12, 12, (across + 1, across + 1, 2))
    grid = np.stack(np.meshgrid(np.arange(across + 1), np.arange(across + 1), indexing="ij"), -1)
    corners = np.array(ORIGIN) + grid * STEP + nodes
    east = borders(corners[:-1], corners[1:], rng)
    north = borders(corners[:, :-1], corners[:, 1:], rng)
    rings = np.concatenate([
        east[:, :-1], north[1:, :], east[:, 1:][..., ::-1, :], north[:-1, :][..., ::-1, :]
    ], axis=2)
    closed = np.concatenate([rings, rings[:, :, :1]], axis=2).reshape(across * across, -1, 2)
    return shapely.polygons(closed)


def borders(start: Any, end: Any, rng: np.random.Generator) -> Any:
    """Eleven steps from every node to the next, the last one left to the border that follows."""
    share = np.linspace(0, 1, 12)[:-1, None]
    line = start[..., None, :] + share * (end - start)[..., None, :]
    wobble = rng.uniform(-1.2, 1.2, line.shape)
    wobble[..., 0, :] = 0
    return line + wobble


def stars(count: int, vertices: int, size: float, rng: np.random.Generator) -> Any:
    """Features side by side in a square, each in its own cell, so that none overlaps another."""
    across = int(np.ceil(np.sqrt(count)))
    cell = size / across
    turn = np.linspace(0, 2 * np.pi, vertices, endpoint=False)
    made = []
    for at in range(count):
        wave = sum(rng.uniform(0, 0.12) * np.sin(k * turn + rng.uniform(0, 6.3))
                   for k in (2, 3, 5, 9, 17))
        radius = cell * 0.28 * (1 + wave + rng.uniform(-0.01, 0.01, vertices))
        x, y = (ORIGIN[i] + (divmod(at, across)[i] + 0.5) * cell for i in range(2))
        made.append(np.column_stack([x + radius * np.cos(turn), y + radius * np.sin(turn)]))
    return np.array([shapely.Polygon(ring) for ring in made])


def write_layers(folder: Path, count: int) -> None:
    rng = np.random.default_rng(2019)
    size = STEP * int(np.sqrt(count))
    save(folder / "parcel.parquet", parcels(count, rng))
    for name, (features, vertices) in LINES.items():
        save(folder / f"{name}.parquet", stars(max(1, features * count // 300_000)
                                               if name == "farmland" else features,
                                               vertices, size, rng))


def save(file: Path, shapes: Any) -> None:
    frame = gpd.GeoDataFrame({"id": np.arange(len(shapes))}, geometry=shapes, crs=None)
    frame.to_parquet(file)


# ── Engines: each reads its files and gives the land inside a line, in all ───────────────────


def ours_cold(folder: Path, line: str) -> float:
    return per_parcel(flat_of(folder / "parcel.parquet"), flat_of(folder / f"{line}.parquet"))


def per_parcel(a: Any, b: Any) -> float:
    from zoning.measure.overlay import pairs_of, summed

    found = pairs_of(a, b)
    return float(summed(found.left, found.shared_m2, len(a.areas)).sum())


@cache
def flat_of(file: Path) -> Any:
    """A layer of the plane as arrays."""
    import pyarrow.parquet as pq

    from zoning.measure.flat import oriented
    from zoning.measure.wkb import ragged_of_wkb

    read = ragged_of_wkb(pq.read_table(file, columns=["geometry"]).column(0))
    assert read is not None
    return oriented(*read)


def ours_stored(folder: Path, line: str) -> float:
    return per_parcel(stored(folder, "parcel"), stored(folder, line))


@cache
def stored(folder: Path, name: str) -> Any:
    from zoning.measure.store import load_flat

    flat = load_flat(folder / f"{name}.plane", {})
    assert flat is not None
    return flat


def build_store(folder: Path) -> None:
    from zoning.measure.store import save_flat

    for name in ("parcel", *LINES):
        save_flat(folder / f"{name}.plane", {}, flat_of(folder / f"{name}.parquet"))


def geopandas_overlay(folder: Path, line: str) -> float:
    a, b = (gpd.read_parquet(folder / f"{name}.parquet") for name in ("parcel", line))
    pieces = a.overlay(b, how="intersection", make_valid=False)
    return float(pieces.area.groupby(pieces["id_1"]).sum().sum())


def duckdb_spatial(folder: Path, line: str) -> float:
    import duckdb
    from duckdb_extensions import import_extension  # type: ignore[import-not-found]

    import_extension("spatial")
    with duckdb.connect() as base:
        base.execute("LOAD spatial")
        return float(base.execute(f"""
            SELECT sum(area) FROM (
            SELECT a.id, sum(ST_Area(ST_Intersection(a.geometry, b.geometry))) AS area
            FROM '{folder}/parcel.parquet' a JOIN '{folder}/{line}.parquet' b
            ON ST_Intersects(a.geometry, b.geometry) GROUP BY a.id)""").fetchall()[0][0])


def sedona(folder: Path, line: str) -> float:
    import sedonadb  # type: ignore[import-not-found]

    base = sedonadb.connect()
    for name in ("parcel", line):
        base.read_parquet(str(folder / f"{name}.parquet")).to_view(name, overwrite=True)
    found = base.sql(f"""
        SELECT a.id, sum(ST_Area(ST_Intersection(a.geometry, b.geometry))) AS area
        FROM parcel a JOIN {line} b ON ST_Intersects(a.geometry, b.geometry)
        GROUP BY a.id""").to_pandas()
    return float(found["area"].sum())


ENGINES: dict[str, Callable[[Path, str], float]] = {
    "zoning, stored": ours_stored, "zoning, cold": ours_cold, "geopandas": geopandas_overlay,
    "duckdb": duckdb_spatial, "sedonadb": sedona,
}


def timed(folder: Path, engine: str, lines: Sequence[str]) -> list[dict[str, Any]]:
    """Area per parcel and line, one engine in a process of its own, and all lines together.

    Seconds without the start of Python and of the libraries; peak memory of the process.
    """
    code = (f"import json, sys, time; sys.path[:0] = {[str(Path(__file__).parent)]!r}\n"
            f"import measure; from pathlib import Path\n"
            f"print(json.dumps(measure.asked({engine!r}, Path({str(folder)!r}), {list(lines)!r})))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    if done.returncode:
        return [{"engine": engine, "failed": done.stderr.strip().splitlines()[-1:]}]
    return list(json.loads(done.stdout.splitlines()[-1]))


def asked(engine: str, folder: Path, lines: Sequence[str]) -> list[dict[str, Any]]:
    """In the process of the engine: what each line took, and all of them."""
    READY[engine]()
    rows: list[dict[str, Any]] = []
    for line in lines:
        start, busy = time.perf_counter(), sum(os.times()[:2])
        area = ENGINES[engine](folder, line)
        rows.append({"engine": engine, "line": line, "seconds": time.perf_counter() - start,
                     "processor": sum(os.times()[:2]) - busy, "area": area})
    whole = {name: sum(row[name] for row in rows) for name in ("seconds", "processor", "area")}
    rows.append({"engine": engine, "line": "all", **whole})
    return [{**row, "peak_mb": peak_mb()} for row in rows]


def ready_ours() -> None:
    """Load the compiled code: one small question."""
    from zoning.measure.flat import flatten
    from zoning.measure.overlay import pairs_of

    square = flatten([shapely.box(0, 0, 1, 1)])
    pairs_of(square, square)


def ready_peer() -> None:
    """Peers load their own code with the first import, which is made here."""
    for name in ("duckdb", "sedonadb", "geopandas"):
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


READY: dict[str, Callable[[], None]] = {
    name: ready_ours if name.startswith("zoning") else ready_peer for name in ENGINES}


def peak_mb() -> float:
    """The most memory this process has held, MB; Linux only."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def compare(folder: Path, rounds: int, slow_rounds: int) -> pd.DataFrame:
    rows = []
    for turn in range(rounds):
        for engine in ENGINES:
            if turn < slow_rounds or engine.startswith("zoning"):
                rows += timed(folder, engine, list(LINES))
                print(*rows[-len(LINES) - 1:], sep="\n", flush=True)
    return pd.DataFrame(rows)


# ── One site against everything ──────────────────────────────────────────────────────────────


def sites(folder: Path, count: int) -> dict[str, Any]:
    """Sites of about 500 mu (333,000 m²) at random: facts of this program, areas of geopandas."""
    from zoning.measure.facts import LayerEdition
    from zoning.measure.layer import layer_of
    from zoning.measure.site import Surroundings, measure_shape
    from zoning.measure.store import load_flat

    layers = {}
    for name in ("parcel", *LINES):
        flat = load_flat(folder / f"{name}.plane", {})
        assert flat is not None
        table = pd.DataFrame({"feature_id": np.arange(len(flat.areas)).astype(str),
                              "area_dm2": np.round(flat.areas * 100).astype(np.int64),
                              "class_code": "0101"})
        layers[name] = layer_of(flat, table, LayerEdition(name, "1", ""), faulty={})
    around = Surroundings(layers["parcel"], layers["farmland"],
                          {name: layers[name] for name in LINES} | {"again": layers["redline"]})
    frames = {name: gpd.read_parquet(folder / f"{name}.parquet") for name in layers}
    for frame in frames.values():
        frame.sindex  # noqa: B018
    rng = np.random.default_rng(7)
    west, south, east, north = np.add(frames["parcel"].total_bounds, [500, 500, -500, -500])
    drawn = [shapely.Point(rng.uniform(west, east), rng.uniform(south, north))
             .buffer(326, quad_segs=12) for _ in range(count)]
    measure_shape("warm", drawn[0], around)
    areas = [clock(lambda site=site: measure_shape("s", site, around, lengths=False))
             for site in drawn]
    every = [clock(lambda site=site: measure_shape("s", site, around)) for site in drawn]
    plain = [clock(lambda site=site: peer_site(frames, site)) for site in drawn[:50]]
    return {name: np.percentile(np.array(times) * 1000, [50, 95, 99]).round(2).tolist()
            for name, times in (("areas", areas), ("all facts", every), ("geopandas", plain))}


def peer_site(frames: dict[str, Any], site: Any) -> None:
    for name in ("parcel", "farmland", *LINES, "redline"):
        near = frames[name].iloc[frames[name].sindex.query(site, predicate="intersects")]
        near.geometry.intersection(site).area.sum()


def clock(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def growth(sizes: list[int]) -> pd.DataFrame:
    """Seconds of the farmland question, stored, for ever more parcels."""
    rows = []
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            write_layers(folder, size)
            build_store(folder)
            best = min((timed(folder, "zoning, stored", ["farmland"])[0] for _ in range(3)),
                       key=lambda row: row["seconds"])
            rows.append({"parcels": int(np.sqrt(size)) ** 2, **best})
            print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--parcels", type=int, default=300_000)
    asked.add_argument("--sites", type=int, default=1000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--slow-rounds", type=int, default=1)
    asked.add_argument("--growth", action="store_true")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_layers(folder, told.parcels)
        print("store", clock(lambda: build_store(folder)), "s")
        frame = compare(folder, told.rounds, told.slow_rounds)
        print(frame.groupby(["line", "engine"]).agg(
            {"seconds": ["min", "median", "max"], "processor": "median", "peak_mb": "max",
             "area": "first"}).to_string())
        print("sites, ms p50/p95/p99:", sites(folder, told.sites))
    if told.growth:
        rows = growth([10_000, 30_000, 100_000, 300_000, 1_000_000])
        slope = np.polyfit(np.log(rows["parcels"]), np.log(rows["seconds"]), 1)[0]
        print(rows.to_string(), f"\ntime exponent {slope:.3f}")
    names = ("numpy", "numba", "shapely", "geopandas", "duckdb", "sedonadb")
    print(platform.platform(), os.cpu_count(), sys.version.split()[0], shapely.geos_version,
          {each: version(each) for each in names},
          f"{peak_mb():.0f} MB")


def version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "-"


if __name__ == "__main__":
    main()
