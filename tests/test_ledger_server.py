"""The PostgreSQL server of the tests: it is there for a run, and not after it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

HOLDER = """
import time
from postgres_server import server
with server() as url:
    print(url, flush=True)
    time.sleep(600)
"""


@pytest.mark.skipif("ZONING_TEST_PG" in os.environ, reason="the server named is not ours to end")
def test_server_ends_with_the_run_that_is_killed(postgres: str) -> None:
    with psycopg.connect(postgres) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    with subprocess.Popen([sys.executable, "-c", HOLDER], stdout=subprocess.PIPE, text=True,
                          cwd=Path(__file__).parent) as holder:
        assert holder.stdout is not None
        url = holder.stdout.readline().strip()
        psycopg.connect(url).close()
        holder.send_signal(signal.SIGKILL)
    assert not _answers(url)


def _answers(url: str) -> bool:
    """Whether a server still answers after it had time to end."""
    for _ in range(100):
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        time.sleep(0.1)
    return True
