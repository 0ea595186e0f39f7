"""A real PostgreSQL server for tests: started on loopback, thrown away at the end.

`ZONING_TEST_PG` names a server to use instead (a URL whose user may make schemas). Without either,
the tests that need one are skipped in a user's clone and fail in continuous integration.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa

_NUMBERS = count(1)
_SETTINGS = ("listen_addresses=127.0.0.1", "fsync=off", "max_connections=200", "timezone=UTC",
             "shared_buffers=64MB")


@contextmanager
def server() -> Iterator[str]:
    """The URL of a server that tests may fill; skips or fails where there is none."""
    if given := os.environ.get("ZONING_TEST_PG"):
        yield given
        return
    programs = _programs()
    if programs is None:
        reason = "PostgreSQL is not installed (Debian: apt-get install postgresql)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = Path(tempfile.mkdtemp(prefix="zoning-pg-"))
    try:
        yield from _running(programs, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def new_schema(url: str) -> str:
    """Make an empty schema on a server; the URL of a book in it."""
    name = f"book_{os.getpid()}_{next(_NUMBERS)}"
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    engine.dispose()
    parsed = sa.make_url(url)
    return parsed.update_query_dict(
        {"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)


def _running(programs: Path, folder: Path) -> Iterator[str]:
    data, port = folder / "data", _free_port()
    if os.getuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    _run([programs / "initdb", "--pgdata", data, "--auth", "trust", "--username", "zoning",
          "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"])
    settings = [part for each in (*_SETTINGS, f"unix_socket_directories={folder}", f"port={port}")
                for part in ("-c", each)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            _as_servant([programs / "postgres", "-D", data, *settings], "--pdeathsig=QUIT"),
            cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        _wait(programs, port, process)
        yield f"postgresql://zoning@127.0.0.1:{port}/postgres"
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(60)


def _wait(programs: Path, port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers. Raises RuntimeError where it does not start."""
    ask = [programs / "pg_isready", "--quiet", "--host=127.0.0.1", f"--port={port}"]
    for _ in range(600):
        if subprocess.run(ask, check=False).returncode == 0:
            return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError("PostgreSQL did not start")


def _run(words: Sequence[str | Path]) -> None:
    subprocess.run(_as_servant(words), check=True, cwd="/", stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _as_servant(words: Sequence[str | Path], *options: str) -> list[str]:
    """A program of the server, which refuses root: then as the system's `postgres`.

    With ``--pdeathsig`` it ends when this process does, also when this process is killed.
    """
    as_user = ["--reuid=postgres", "--regid=postgres", "--init-groups"] if os.getuid() == 0 else []
    before = ["setpriv", *as_user, *options] if as_user or options else []
    return [*before, *map(str, words)]


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"),
                   key=lambda path: int(path.parent.parent.name))
    if found:
        return found[-1].parent
    near = shutil.which("initdb")
    return Path(near).parent if near else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
