"""A real PostgreSQL server for tests: started on loopback, thrown away at the end.

`ZONING_TEST_PG` names a server to use instead (a URL whose user may make schemas). Without either,
the tests that need one are skipped in a user's clone and fail in continuous integration.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
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
    settings = [part for each in _SETTINGS for part in ("-c", each)]
    options = " ".join([*settings, "-c", f"unix_socket_directories={folder}", "-p", str(port)])
    control = [programs / "pg_ctl", "--pgdata", data, "--wait"]
    _run([*control, "--log", folder / "log", "--options", options, "start"])
    try:
        yield f"postgresql://zoning@127.0.0.1:{port}/postgres"
    finally:
        _run([*control, "--mode", "immediate", "stop"])


def _run(words: Sequence[str | Path]) -> None:
    """Run a program of the server, which refuses root: then as the system's `postgres`."""
    before = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"]
    command = [*(before if os.getuid() == 0 else ()), *map(str, words)]
    subprocess.run(command, check=True, cwd="/", stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


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
