"""Import of a county with all health checks, and boundary TXT, each beside a peer in one run.

    python -m bench.importing [--parcels 300000] [--out bench-import.json]

The peer of the import reads the same shapefile with geopandas and asks some of the same questions
(validity, duplicates, the areas that neighbours share). Peak memory is that of the process alone.
The TXT has 10,000 points; its peer splits the same lines and makes the same polygons without any
tolerance.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import shapely

TXT_POINTS = 10_000


def ours(source: Path, root: Path) -> dict[str, Any]:
    """`zoning import` and `zoning health` of the parcels."""
    from zoning.workspace import Config, create_workspace, import_layer
    from zoning.workspace.care import told_health

    workspace = create_workspace(root, Config(place="CN/32/3206/320623"))
    began = time.perf_counter()
    workspace, result = import_layer(workspace, source, "parcel", edition="2019")
    imported = time.perf_counter() - began
    problems = told_health(workspace, "parcel")["parcel"]
    whole = time.perf_counter() - began
    return {"features": result.record.features, "import_s": round(imported, 2),
            "with_health_s": round(whole, 2), "processor_s": round(time.process_time(), 2),
            "problems": len(problems), "peak_gb": peak_gb()}


def peer(source: Path, _root: Path) -> dict[str, Any]:
    """The same questions to geopandas: read, validity, duplicates, overlaps of neighbours."""
    began = time.perf_counter()
    frame = gpd.read_file(source, encoding="gbk")
    shapes = frame.geometry.to_numpy()
    shapely.is_valid(shapes)
    frame.geometry.normalize().to_wkb().duplicated()
    left, right = frame.sindex.query(frame.geometry, predicate="intersects")
    once = left < right
    shapely.area(shapely.intersection(shapes[left[once]], shapes[right[once]])).sum()
    return {"features": len(frame), "with_health_s": round(time.perf_counter() - began, 2),
            "processor_s": round(time.process_time(), 2), "peak_gb": peak_gb()}


def peak_gb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2)


def txt_lines(points: int) -> list[str]:
    """One file of plots of a hundred points each."""
    lines = ["[属性描述]", "坐标系=2000国家大地坐标系", "几度分带=3", "带号=40", "[地块坐标]"]
    for plot in range(points // 100):
        angle = np.linspace(0, 2 * np.pi, 100)[:-1]
        north = 3_575_700 + 300 * plot + 100 * np.cos(angle)
        east = 40_613_000 + 100 * np.sin(angle)
        lines.append(f"100,3.1400,{plot},地块{plot},面,,,,@")
        rows = [f"J{i + 1},1,{x:.3f},{y:.3f}" for i, (x, y) in enumerate(zip(north, east,
                                                                           strict=True))]
        lines += [*rows, rows[0]]
    return lines


def txt_ours(data: bytes) -> int:
    from zoning.layers.model import Source
    from zoning.layers.txt import parse_txt
    from zoning.layers.txt_reading import txt_to_reading

    return len(txt_to_reading(parse_txt(data), source=Source("a.txt", "a", "")).features)


def txt_peer(data: bytes) -> int:
    """The shortest reader that knows the standard layout alone."""
    plots: list[list[tuple[float, float]]] = []
    for line in data.decode("gbk").splitlines()[5:]:
        if line.endswith("@"):
            plots.append([])
        else:
            _, _, north, east = line.split(",")
            plots[-1].append((float(east), float(north)))
    frame = gpd.GeoDataFrame(geometry=[shapely.Polygon(ring) for ring in plots], crs=4528)
    return len(frame)


def best(run: Callable[[bytes], int], data: bytes) -> float:
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        run(data)
        seconds.append(time.perf_counter() - began)
    return min(seconds)


def in_own_process(what: str, source: Path, root: Path) -> dict[str, Any]:
    """One side in a process of its own, so that its memory is its own."""
    told = subprocess.run([sys.executable, "-W", "ignore", "-m", "bench.importing", "--only", what,
                           "--source", str(source), "--root", str(root)],
                          check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(told.stdout)
    return found


def county(parcels: int, folder: Path) -> Path:
    from zoning.demo import generate, write_county

    write_county(generate(parcels=parcels, seed=1), folder)
    return folder / "DLTB.shp"


def measured(parcels: int, source: Path | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-import-") as scratch:
        shp = source or county(parcels, Path(scratch) / "county")
        one = in_own_process("ours", shp, Path(scratch) / "ws")
        other = in_own_process("peer", shp, Path(scratch))
    data = "\r\n".join(txt_lines(TXT_POINTS)).encode("gbk")
    own_txt, peer_txt = best(txt_ours, data), best(txt_peer, data)
    return {
        "import": {"ours": one, "geopandas": other,
                   "ratio": round(one["with_health_s"] / other["with_health_s"], 2),
                   "within": one["with_health_s"] <= 60 and one["peak_gb"] <= 3},
        "txt": {"points": TXT_POINTS, "ours_s": round(own_txt, 3), "split_s": round(peer_txt, 3),
                "ratio": round(own_txt / peer_txt, 2), "within": own_txt <= 0.2},
    }


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--parcels", type=int, default=300_000)
    words.add_argument("--source", type=Path)
    words.add_argument("--root", type=Path)
    words.add_argument("--only", choices=("ours", "peer"))
    words.add_argument("--out", type=Path)
    asked = words.parse_args()
    if asked.only:
        side = {"ours": ours, "peer": peer}[asked.only]
        print(json.dumps(side(asked.source, asked.root)))
        return
    found = json.dumps(measured(asked.parcels, asked.source), ensure_ascii=False, indent=2)
    print(found)
    if asked.out:
        asked.out.write_text(found, encoding="utf-8")


if __name__ == "__main__":
    main()
