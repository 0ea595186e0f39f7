"""Damaged files by the thousand: nothing but an answer or a sentence may come of them.

    python -m bench.fuzz --cases 1000000 --workers 2      a long run
    python -m bench.fuzz --cases 600 --seed 7             the short run of the tests

Every case is a sound file of some kind with bytes, numbers, lines or header fields changed. It is
read and normalised (a TOML file: parsed) in a process with a limit on memory and a clock on every
case. A case fails when anything but a `ZoningError` comes out, when the clock runs out, when the
process dies, or when a file beside the input has been written. A failing input is kept in
``out/fuzz`` with its seed, and the run ends with exit code 1.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import multiprocessing
import random
import resource
import shutil
import signal
import struct
import sys
import tempfile
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
from shapely.geometry import Polygon, box

from zoning.codes.quota import own_quota_kinds
from zoning.codes.reader import quota_kinds
from zoning.errors import ZoningError
from zoning.layers.normalise import normalise
from zoning.layers.read import read_layer
from zoning.ledger.opening import parse_opening
from zoning.ledger.opening_xlsx import read_opening
from zoning.messages import say
from zoning.rules.parse import parse_rules
from zoning.scenario.model import parse_scenario
from zoning.workspace.config import parse_config

KEPT = Path("out/fuzz")
MEMORY = 4 * 1024**3
SECONDS = 30
ROOT = Path(__file__).parents[1]
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 10 * 1024**3 // 2)
WORDS = (b"@", b",", b"-", b"nan", b"1e308", b"inf", b"\x00", b"\xff\xfe", b"[", b"]", b"=", b"J1",
         "面".encode(), "面".encode("gbk"), b"\r", b"99999999999999999999", b"<!ENTITY a 'b'>",
         b"{")


class OutOfTimeError(BaseException):
    """A case took longer than it may."""


def frame() -> gpd.GeoDataFrame:
    """A small survey layer."""
    e, n = 40_613_000.0, 3_575_700.0
    shapes = [box(e + 100 * i, n, e + 100 * i + 90, n + 90) for i in range(8)]
    shapes.append(Polygon(box(e, n + 200, e + 90, n + 290).exterior.coords,
                          [box(e + 10, n + 210, e + 20, n + 220).exterior.coords]))
    count = len(shapes)
    return gpd.GeoDataFrame({
        "BSM": [str(i) for i in range(count)], "DLBM": ["0101", "0601", "1101"] * 3,
        "TBMJ": [8100.0] * count, "ZLDWMC": ["城东村"] * count,
    }, geometry=shapes, crs="EPSG:4528")


TXT = """[属性描述]
格式版本号=1.01
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=40
精度=0.001
转换参数=,,,,,,
[地块坐标]
9,1.0000,1,地块1,面,,,,@
J1,1,3575700.000,40613000.000
J2,1,3575800.000,40613000.000
J3,1,3575800.000,40613100.000
J4,1,3575700.000,40613100.000
J1,1,3575700.000,40613000.000
J5,2,3575720.000,40613020.000
J6,2,3575740.000,40613020.000
J7,2,3575740.000,40613040.000
J5,2,3575720.000,40613020.000
"""


def seeds(folder: Path) -> dict[str, list[Path]]:
    """Sound files by kind."""
    land = frame()
    degrees = land.to_crs(4490)
    (folder / "a.txt").write_text(TXT, encoding="gbk", newline="\r\n")
    (folder / "b.txt").write_text(TXT, encoding="utf-8-sig")
    (folder / "c.txt").write_text(TXT, encoding="utf-16")
    shp = folder / "shp"
    shp.mkdir()
    land.to_file(shp / "a.shp", encoding="gbk")
    land.to_file(folder / "a.gpkg", layer="DLTB")
    degrees.to_file(folder / "a.geojson")
    degrees.to_file(folder / "a.kml", driver="KML")
    degrees.to_file(folder / "a.gml", driver="GML")
    land.to_file(folder / "a.fgb", driver="FlatGeobuf")
    land.to_parquet(folder / "a.parquet")
    land[["geometry"]].to_file(folder / "a.dxf", driver="DXF")
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in shp.iterdir():
            archive.write(file, f"某县/{file.name}")
    book = openpyxl.Workbook()
    book.active.append(["点号", "圈号", "X(m)", "Y(m)"])
    for x, y in ((0, 0), (100, 0), (100, 100), (0, 0)):
        book.active.append(["J1", 1, 3_575_700 + x, 40_613_000 + y])
    book.save(folder / "a.xlsx")
    (folder / "a.csv").write_text("点号,X,Y\nJ1,3575700,40613000\nJ2,3575800,40613000\n"
                                  "J3,3575800,40613100\n", encoding="gbk")
    found = {file.suffix[1:]: [file] for file in folder.iterdir() if file.is_file()}
    found.pop("xsd", None)
    found["txt"] = sorted(folder.glob("*.txt"))
    found["shp"] = [shp / "a.shp"]
    found["toml"] = [*sorted((ROOT / "scenarios").glob("*.toml")),
                     *sorted((ROOT / "zoning/rules/book").glob("*.toml"))[:4],
                     *sorted((ROOT / "data/parcels").rglob("*.toml"))]
    return found


def mutated(data: bytes, draw: random.Random) -> bytes:
    """A file with a few things wrong."""
    raw = bytearray(data)
    for _ in range(draw.choice((1, 1, 2, 3, 8, 30))):
        draw.choice(DAMAGES)(raw, draw)
    return bytes(raw)


def _flip(raw: bytearray, draw: random.Random) -> None:
    if raw:
        raw[draw.randrange(len(raw))] = draw.randrange(256)


def _number(raw: bytearray, draw: random.Random) -> None:
    """A number of a header, or anywhere, made absurd."""
    end = draw.choice((120, len(raw)))
    if len(raw) >= 8:
        at = draw.randrange(min(end, len(raw) - 4))
        order = draw.choice("<>")
        struct.pack_into(f"{order}I", raw, at, draw.choice(NUMBERS) & 0xFFFFFFFF)


def _cut(raw: bytearray, draw: random.Random) -> None:
    if raw:
        del raw[draw.randrange(len(raw)):]


def _drop(raw: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(raw) + 1)
    del raw[at:at + draw.choice((1, 2, 7, 60, 512))]


def _repeat(raw: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(raw) + 1)
    raw[at:at] = raw[at:at + draw.choice((1, 8, 100))] * draw.choice((1, 2, 50))


def _word(raw: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(raw) + 1)
    raw[at:at + draw.choice((0, 1, 4))] = draw.choice(WORDS)


def _lines(raw: bytearray, draw: random.Random) -> None:
    lines = bytes(raw).split(b"\n")
    draw.shuffle(lines)
    raw[:] = b"\n".join(lines)


DAMAGES: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _flip, _flip, _number, _number, _cut, _drop, _repeat, _word, _word, _lines,
)


def write_case(kind: str, files: list[Path], folder: Path, draw: random.Random) -> Path:
    """One damaged input in an empty folder."""
    seed = draw.choice(files)
    target = folder / seed.name
    if kind == "shp":
        hurt = draw.choice((".shp", ".dbf", ".shx", ".prj", ".dbf", ".shp"))
        for file in seed.parent.iterdir():
            data = file.read_bytes()
            (folder / file.name).write_bytes(mutated(data, draw) if file.suffix == hurt else data)
        return target
    if kind in ("zip", "xlsx") and draw.random() < 0.7:
        _write_member(seed, target, draw)
    else:
        target.write_bytes(mutated(seed.read_bytes(), draw))
    return target


def _write_member(seed: Path, target: Path, draw: random.Random) -> None:
    """An archive that opens, with one member damaged."""
    with zipfile.ZipFile(seed) as sound, zipfile.ZipFile(target, "w") as made:
        members = sound.infolist()
        hurt = draw.choice(members).filename
        for member in members:
            data = sound.read(member)
            made.writestr(member.filename, mutated(data, draw) if member.filename == hurt else data)


def attempt(kind: str, file: Path) -> str:
    """Read one input: what came of it."""
    try:
        if kind == "toml":
            _parse(file)
        else:
            reading = read_layer(file, role="parcel")
            found = normalise(reading, "site")
            for problem in (*reading.problems, *found.problems):
                say(problem.message, "zh")
    except ZoningError as error:
        say(error, "en")
        return "refused"
    return "read"


def _parse(file: Path) -> None:
    """A text read as each of the files it may stand for."""
    text = file.read_bytes().decode("utf-8", errors="replace")
    refusals = 0
    for parse in (
        lambda: parse_scenario(text, source=file.name),
        lambda: parse_rules(text, source=file.name),
        lambda: parse_config(text, source=file.name),
        lambda: own_quota_kinds(text, source=file.name, shipped=quota_kinds()),
        lambda: parse_opening(text, kinds=quota_kinds()),
        lambda: read_opening(file.read_bytes(), source=file.name, kinds=quota_kinds()),
    ):
        try:
            parse()
        except ZoningError as error:
            say(error, "en")
            refusals += 1
    if refusals == 6:
        raise ZoningError("layers.nothing_inside", file=file.name)


@contextlib.contextmanager
def clock(seconds: int) -> Iterator[None]:
    def ring(*_: object) -> None:
        raise OutOfTimeError

    signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)


def one_case(kind: str, files: list[Path], seed: int, folder: Path) -> tuple[str, str]:
    """The outcome of one case, and what was wrong with it."""
    for old in folder.iterdir():
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    target = write_case(kind, files, folder, random.Random(seed))
    before = {file.name: file.stat().st_size for file in folder.iterdir()}
    try:
        with clock(SECONDS):
            outcome = attempt(kind, target)
    except OutOfTimeError:
        return "failed", f"more than {SECONDS} s"
    except BaseException:  # whatever else comes out is what is looked for
        return "failed", traceback.format_exc()
    after = {file.name: file.stat().st_size for file in folder.iterdir()}
    return ("failed", f"written beside: {sorted(set(after) ^ set(before))}") \
        if after != before else (outcome, "")


def work(job: dict[str, Any], report: Any) -> None:
    """Run the cases of one worker; each is announced first, so that a death can be traced."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    files = {kind: [Path(file) for file in given] for kind, given in job["seeds"].items()}
    with tempfile.TemporaryDirectory(prefix="fuzz-") as scratch:
        for seed in job["cases"]:
            kind = job["kinds"][seed % len(job["kinds"])]
            report.send(("begun", kind, seed, ""))
            outcome, detail = one_case(kind, files[kind], seed, Path(scratch))
            if outcome == "failed":
                _keep(kind, seed, Path(scratch), detail)
            report.send((outcome, kind, seed, detail))
    report.send(("done", "", 0, ""))


def _keep(kind: str, seed: int, folder: Path, detail: str) -> None:
    target = KEPT / f"{kind}-{seed}"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(folder, target)
    (target / "why.log").write_text(detail, encoding="utf-8")


def run(cases: int, seed: int, workers: int, kinds: list[str]) -> dict[str, Any]:
    """Run the cases in processes; a process that dies is a failure and is begun again."""
    began = time.monotonic()
    counts: Counter[str] = Counter()
    failures: list[dict[str, Any]] = []
    context = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory(prefix="fuzz-seeds-") as scratch:
        found = seeds(Path(scratch))
        kinds = kinds or sorted(found)
        shares = [list(range(seed + i, seed + cases, workers)) for i in range(workers)]
        job = {"seeds": {kind: [str(file) for file in found[kind]] for kind in kinds},
               "kinds": kinds}
        running = [_begin(context, {**job, "cases": share}) for share in shares]
        while running:
            for each in list(running):
                _listen(each, counts, failures)
                if each["state"] == "done":
                    running.remove(each)
                elif not each["process"].is_alive() and not each["pipe"].poll():
                    running.remove(each)
                    kind, case = each["at"]
                    failures.append({"kind": kind, "seed": case, "detail": "the process died"})
                    counts[f"{kind} failed"] += 1
                    rest = [other for other in each["cases"] if other > case]
                    running.append(_begin(context, {**job, "cases": rest}))
    seconds = time.monotonic() - began
    return {"cases": cases, "seed": seed, "seconds": round(seconds, 1),
            "per_second": round(cases / seconds, 1), "outcomes": dict(sorted(counts.items())),
            "failures": failures[:20]}


def _begin(context: Any, job: dict[str, Any]) -> dict[str, Any]:
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=work, args=(job, there), daemon=True)
    process.start()
    there.close()
    return {"process": process, "pipe": here, "at": ("", -1), "state": "", "cases": job["cases"]}


def _listen(each: dict[str, Any], counts: Counter[str], failures: list[dict[str, Any]]) -> None:
    try:
        while each["pipe"].poll(0.05):
            outcome, kind, case, detail = each["pipe"].recv()
            if outcome == "done":
                each["state"] = "done"
                return
            if outcome == "begun":
                each["at"] = (kind, case)
                continue
            counts[f"{kind} {outcome}"] += 1
            if outcome == "failed":
                failures.append({"kind": kind, "seed": case, "detail": detail[-1500:]})
    except EOFError:
        return


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    words.add_argument("--cases", type=int, default=10_000)
    words.add_argument("--seed", type=int, default=0)
    words.add_argument("--workers", type=int, default=1)
    words.add_argument("--kind", action="append", default=[])
    asked = words.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    found = run(asked.cases, asked.seed, asked.workers, asked.kind)
    print(json.dumps(found, ensure_ascii=False, indent=2))
    sys.exit(1 if found["failures"] else 0)


if __name__ == "__main__":
    main()
