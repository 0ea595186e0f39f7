"""A small workspace for the app's tests, a server on a port of its own, and hostile texts."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas
import shapely
from starlette.applications import Starlette

from zoning.workspace import (
    Workspace,
    create_workspace,
    import_layer,
    init_demo,
    read_features,
)
from zoning.workspace.config import Config

HOSTILE = (
    "{{7*7}}", "{{ cycler.__init__.__globals__.os.getpid() }}", "{#1号地块", "{% 备注", "{{ 未闭合",
    "`+(parent.hit=1)+`", "</script><script>parent.hit=1</script>",
    "<img src=x onerror='parent.hit=1'>", "![x](http://example.invalid/x.png)", "${parent.hit=1}",
)
"""Texts that run, break a page or leave the machine where text is taken for code."""

SCENARIO = """
[scenario]
id = "small"
name = "小方案"
decision_date = 2019-06-30
place = "CN/32/3206/320623/demo"
[[project]]
id = "P-01"
name = "{{7*7}} 厂房"
kind = "industry"
[project.site]
layer = "idle_land"
features = ["%s"]
"""


def demo_county(root: Path) -> Workspace:
    """A demo county of 2,000 parcels, with one scenario on its first idle plot."""
    workspace = init_demo(root, size=2000, seed=7)
    plot = str(read_features(workspace, "idle_land")["feature_id"].iloc[0])
    (root / "scenarios").mkdir()
    (root / "scenarios" / "small.toml").write_text(SCENARIO % plot, encoding="utf-8")
    return workspace


def hostile_county(root: Path) -> Workspace:
    """Unit squares of 100 m in a row whose every text is hostile; one class code is unknown."""
    squares = [shapely.box(40519000 + 100 * n, 3573000, 40519100 + 100 * n, 3573100)
               for n in range(len(HOSTILE))]
    file = root / "hostile.gpkg"
    root.mkdir(parents=True, exist_ok=True)
    geopandas.GeoDataFrame(
        {"BSM": HOSTILE, "TBBH": HOSTILE, "ZLDWMC": HOSTILE, "TBMJ": [10_000.0] * len(HOSTILE),
         "DLBM": ["0101", "0601", "9999", *["0102"] * (len(HOSTILE) - 3)]},
        geometry=squares, crs=4528).to_file(file, layer="DLTB")
    workspace = create_workspace(root / "workspace", Config(name=HOSTILE[0], place="CN/32"))
    return import_layer(workspace, file, "parcel")[0]


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status_code: int
    headers: dict[str, str]
    content: bytes


@dataclass(frozen=True)
class Client:
    """Asks an ASGI application, without a network; content comes unpacked."""

    app: Starlette

    def get(self, path: str) -> Answer:
        """The answer to a GET."""
        told: list[Any] = []
        asked: list[bool] = []
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(),
                 "root_path": "", "query_string": b"", "http_version": "1.1",
                 "headers": [(b"host", b"127.0.0.1")],
                 "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1)}

        async def receive() -> dict[str, object]:
            if asked:
                await asyncio.Event().wait()  # the asker stays until it has its answer
            asked.append(True)
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            told.append(message)

        asyncio.run(self.app(scope, receive, send))
        headers = {key.decode(): value.decode() for key, value in told[0]["headers"]}
        body = b"".join(each.get("body", b"") for each in told[1:])
        packed = headers.get("content-encoding") == "gzip"
        return Answer(told[0]["status"], headers, gzip.decompress(body) if packed else body)


@contextlib.contextmanager
def server(workspace: Path, *, log: Path) -> Iterator[str]:
    """The app for one workspace on a free loopback port, in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = ("import sys; from pathlib import Path; from zoning.web.server import serve; "
               "serve(int(sys.argv[1]), Path(sys.argv[2]))")
    root = Path(__file__).parents[1]
    with log.open("wb") as told, subprocess.Popen(
        [sys.executable, "-c", command, str(port), str(workspace)], cwd=log.parent,
        env={**os.environ, "PYTHONPATH": str(root)}, stdout=told, stderr=told,
    ) as process:
        try:
            yield _ready(f"http://127.0.0.1:{port}", process, log)
        finally:
            process.terminate()


def _ready(url: str, process: subprocess.Popen[bytes], log: Path) -> str:
    for _ in range(300):
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health") as told:
            if told.status == 200:
                return url
        assert process.poll() is None, log.read_text(errors="replace")
        time.sleep(0.1)
    raise AssertionError("the server did not answer in 30 s: " + log.read_text(errors="replace"))
