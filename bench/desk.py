"""The app at county size in a real browser: first paint, tiles, clicks, findings, many sessions.

    python -m bench.desk WORKSPACE [--sessions 20]

The server and Chromium run on this machine, each in its own process. Walls are what a person
waits; beside them stands the server's processor time, which other work on the machine changes less.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
import urllib.request
from pathlib import Path

import shapely
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from visitor import Desk as Visitor
from web_county import server

from zoning.web.mvt import Tile
from zoning.web.state import Desk, open_desk
from zoning.web.tiles import to_latlng

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking",
             "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"]
SCREEN = {"width": 1366, "height": 768}


def server_process() -> int:
    """The process that serves: the first child of this one."""
    return int(Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()[0])


def busy(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_mb(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) // 1024


def told(name: str, walls: list[float], *, unit: str = "ms", more: str = "") -> None:
    scaled = sorted(wall * (1000 if unit == "ms" else 1) for wall in walls)
    p95 = scaled[min(len(scaled) - 1, int(len(scaled) * 0.95))]
    print(f"| {name} | {statistics.median(scaled):.0f} | {p95:.0f} | {scaled[-1]:.0f} | "
          f"{len(scaled)} | {more} |", flush=True)


def tiles_over(url: str, desk: Desk, pid: int) -> None:
    """Every square of a walk over the county at each zoom, asked of the server, cold then warm."""
    for role in [each for each in ("parcel", "pbf") if each in desk.layers]:
        layer = desk.layers[role]
        west, north, east, south = layer.bounds
        for zoom in (10, 11, 12, 13, 14, 15, 16):
            middle = int((west + east) / 2 * 2**zoom), int((north + south) / 2 * 2**zoom)
            squares = [Tile(zoom, middle[0] + dx, middle[1] + dy)
                       for dx in (-1, 0, 1, 2) for dy in (-1, 0, 1)]
            ending = "pbf" if zoom >= layer.vector_from else "png"
            walls, sizes, before = [], [], busy(pid)
            for tile in squares:
                address = f"{url}/tiles/{role}/{layer.version}/{tile.z}/{tile.x}/{tile.y}.{ending}"
                start = time.perf_counter()
                with urllib.request.urlopen(address) as answer:
                    sizes.append(len(answer.read()))
                walls.append(time.perf_counter() - start)
            spent = (busy(pid) - before) / len(squares) * 1000
            told(f"{role} tile, zoom {zoom}, {ending}, not cached", walls,
                 more=f"{spent:.0f} ms processor each, {max(sizes) // 1000} kB at most")


def first_view(browser: Browser, url: str, rounds: int, pid: int) -> None:
    """From the address typed to the first layer drawn; the server is warm, the browser cold."""
    paints, tiles_seen, moved, shell, spent = [], [], [], [], []
    for _ in range(rounds):
        context = browser.new_context(viewport=SCREEN, locale="zh-CN")
        page = context.new_page()
        sizes = {"tiles": 0, "rest": 0}

        def count(answer: object, sizes: dict[str, int] = sizes) -> None:
            length = int(answer.headers.get("content-length", 0))  # type: ignore[attr-defined]
            sizes["tiles" if "/tiles/" in answer.url else "rest"] += length  # type: ignore[attr-defined]

        page.on("response", count)
        before = busy(pid)
        start = time.perf_counter()
        visitor = Visitor(page, url)
        visitor.open()
        visitor.map()
        spent.append(busy(pid) - before)
        tiles_seen.append(time.perf_counter() - start)
        moved.append(sizes["tiles"])
        shell.append(sizes["rest"])
        begin = time.perf_counter()
        page.reload()
        visitor.map()
        paints.append(time.perf_counter() - begin)
        context.close()
    told("first view, cold browser", tiles_seen,
         more=f"map data {max(moved) // 1000} kB, app itself {max(shell) // 1000} kB, "
              f"{statistics.median(spent) * 1000:.0f} ms processor of the server")
    told("the same again, browser warm", paints)


def panned(page: Page, visitor: Visitor) -> None:
    """A pan of a third of the screen near, until the squares that come into view are drawn."""
    frame = visitor.map()
    for zoom in (11, 14):
        frame.evaluate(f"map.setZoom({zoom}, {{animate: false}})")
        page.wait_for_timeout(3000)
        walls = [
            frame.evaluate("""(right) => new Promise(done => {
                const start = performance.now(); const seen = map.desk.loads;
                const wait = () => map.desk.loads > seen ? done((performance.now() - start) / 1000)
                    : performance.now() - start > 8000 ? done(8) : setTimeout(wait, 10);
                map.panBy([right, 60], {animate: false}); wait(); })""", 420 if step % 2 else 300)
            for step in range(6)]
        told(f"pan at zoom {zoom} to the first layer drawn", walls)


def middle(visitor: Visitor, desk: Desk) -> None:
    """Look at the middle of the county from near."""
    layer = desk.layers["parcel"]
    point = shapely.point_on_surface(layer.polygons[len(layer.ids) // 2])
    lat, lng = to_latlng(point.x, point.y)
    visitor.map().evaluate(f"map.setView([{lat}, {lng}], 16, {{animate: false}})")


def clicks(visitor: Visitor, desk: Desk, count: int) -> list[float]:
    """A click on a parcel to its id on the page."""
    layer = desk.layers["parcel"]
    frame = visitor.map()
    bounds = frame.evaluate("[map.getBounds().getWest(), map.getBounds().getSouth(),"
                            " map.getBounds().getEast(), map.getBounds().getNorth()]")
    walls = []
    for at in range(count):
        lng = bounds[0] + (bounds[2] - bounds[0]) * (0.25 + 0.5 * ((at * 7) % 13) / 13)
        lat = bounds[1] + (bounds[3] - bounds[1]) * (0.25 + 0.5 * ((at * 5) % 11) / 11)
        row = layer.at(lat, lng)
        if row is None:
            continue
        place = visitor.place(lat, lng)
        start = time.perf_counter()
        visitor.page.mouse.click(*place)
        visitor.page.wait_for_function(
            "id => document.querySelector('.st-key-panel h3 small')?.textContent === id",
            arg=layer.ids[row], polling=10)
        walls.append(time.perf_counter() - start)
        visitor.page.wait_for_timeout(400)
    return walls


def sites(visitor: Visitor, desk: Desk) -> list[float]:
    """A rectangle drawn to the findings on the screen."""
    walls = []
    layer = desk.layers["parcel"]
    point = shapely.point_on_surface(layer.polygons[len(layer.ids) // 2])
    lat, lng = to_latlng(point.x, point.y)
    visitor.open(f"siting?form=draw&at=15/{lat}/{lng}")
    frame = visitor.map()
    for at in range(6):
        frame.locator(".leaflet-draw-draw-rectangle").click()
        x, y = visitor.place(lat, lng)
        visitor.page.mouse.move(x + 12 * at, y)
        visitor.page.mouse.down()
        visitor.page.mouse.move(x + 50 + 12 * at, y + 40 + 7 * at, steps=4)
        before = visitor.page.locator(".verdict b").all_inner_texts()
        start = time.perf_counter()
        visitor.page.mouse.up()
        visitor.page.wait_for_function(
            "before => { const now = document.querySelector('.verdict b');"
            " return now && now.textContent !== before; }", arg=(before or [""])[0], polling=10)
        walls.append(time.perf_counter() - start)
        visitor.page.wait_for_timeout(700)
    return walls


def crowd(browser: Browser, url: str, desk: Desk, sessions: int, pid: int) -> None:
    """Many sessions open at once; one after the other clicks while the others stay connected."""
    before = memory_mb(pid)
    visitors = []
    for _ in range(sessions):
        page = browser.new_context(viewport=SCREEN, locale="zh-CN").new_page()
        page.set_default_timeout(90_000)
        visitors.append(Visitor(page, url))
        visitors[-1].open("?at=16/32.30/121.20")
    for visitor in visitors:
        middle(visitor, desk)
    visitors[0].page.wait_for_timeout(4000)
    walls = [wall for visitor in visitors for wall in clicks(visitor, desk, 5)]
    told(f"a click with {sessions} sessions open", walls,
         more=f"server {before} MB before, {memory_mb(pid)} MB with them")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--short", action="store_true", help="leave out the walk over tiles")
    options = parser.parse_args()
    desk = open_desk(options.workspace)
    print(f"{len(desk.layers['parcel'].ids):,} parcels, load {os.getloadavg()[0]:.1f}", flush=True)
    print("| what | median ms | p95 | most | times | |\n|---|---|---|---|---|---|")
    log = Path(os.environ.get("TMPDIR", "/tmp")) / "bench-desk.log"
    with server(options.workspace, log=log) as url, sync_playwright() as driver:
        pid = server_process()
        path = "/usr/bin/chromium"
        browser = driver.chromium.launch(executable_path=path, args=ARGUMENTS)
        page = browser.new_context(viewport=SCREEN, locale="zh-CN").new_page()
        page.set_default_timeout(120_000)
        visitor = Visitor(page, url)
        start = time.perf_counter()
        visitor.open()
        visitor.map()
        print(f"server started to first map: {time.perf_counter() - start:.1f} s, "
              f"{memory_mb(pid)} MB", flush=True)
        if not options.short:
            tiles_over(url, desk, pid)
        first_view(browser, url, options.rounds, pid)
        panned(page, visitor)
        middle(visitor, desk)
        page.wait_for_timeout(2500)
        spent = busy(pid)
        walls = clicks(visitor, desk, 15)
        told("click to the id on the page", walls,
             more=f"{(busy(pid) - spent) / max(len(walls), 1) * 1000:.0f} ms processor each")
        spent = busy(pid)
        walls = sites(visitor, desk)
        told("site drawn to findings on the screen", walls,
             more=f"{(busy(pid) - spent) / max(len(walls), 1) * 1000:.0f} ms processor each")
        page.context.close()
        crowd(browser, url, desk, options.sessions, pid)
    print(f"load at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
