"""Overlay on a cluster: the same bytes for any number of workers, and with workers that die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from distributed import Client, LocalCluster
from test_measure_tiles import digest, fields, write, zones

from zoning.cli.main import app
from zoning.errors import MeasureError, UsageError
from zoning.layers.pieces import open_layer
from zoning.measure import engines
from zoning.measure.engines import Cluster, Local, engine, own_cluster
from zoning.measure.large import Result, Sizes, overlay_layers

SMALL = Sizes(tile=150, batch_bytes=6_000)


@pytest.fixture(scope="module")
def county(tmp_path_factory) -> tuple[Path, Path]:
    rng, home = np.random.default_rng(5), tmp_path_factory.mktemp("county")
    return (write(home / "a.parquet", rng.permutation(fields(12, rng)), row_group_size=40),
            write(home / "b.parquet", zones(20, 480, rng), row_group_size=9))


@pytest.fixture(scope="module")
def alone(county, tmp_path_factory) -> Result:
    return made(county, Local(), tmp_path_factory.mktemp("alone"))


@contextmanager
def threads(workers: int, **options: Any) -> Iterator[Cluster]:
    """A cluster whose workers are threads of this process."""
    with LocalCluster(n_workers=workers, threads_per_worker=1, processes=False,
                      dashboard_address=None, **options) as cluster, Client(
                          cluster, set_as_default=False) as client:
        yield Cluster(client)


def made(county: tuple[Path, Path], chosen: Any, home: Path, progress: Any = None) -> Result:
    layers = [open_layer(file, piece_bytes=4_000) for file in county]
    return overlay_layers(*layers, engine=chosen, work=home / "w",
                          pairs=home / "pairs.parquet", features=home / "features.parquet",
                          sizes=SMALL, progress=progress)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_result_is_the_same_for_any_number_of_workers(county, alone, tmp_path, workers) -> None:
    with threads(workers) as chosen:
        assert digest(made(county, chosen, tmp_path)) == digest(alone)


def test_killed_workers_cost_time_and_not_the_result(county, alone, tmp_path) -> None:
    """Real processes, killed while they read either layer and while they divide."""
    killed: list[int] = []

    with own_cluster(2, tmp_path) as cluster, Client(cluster, set_as_default=False) as client:
        listening = [each.laddr.ip for process in family() for each in process.net_connections()
                     if each.status == psutil.CONN_LISTEN]
        assert listening
        assert set(listening) == {"127.0.0.1"}
        assert cluster.scheduler_address.startswith("tls://127.0.0.1:")

        def kill(step: str, done: int, of: int) -> None:
            if (step, done) in (("runs", 1), ("tiles", 2)):
                assert of > done
                pid = next(iter(client.run(os.getpid).values()))
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)

        found = made(county, Cluster(client), tmp_path, kill)
    assert len(killed) == 3
    assert not any(psutil.pid_exists(pid) for pid in killed)
    assert digest(found) == digest(alone)


def family() -> list[psutil.Process]:
    """The children of this process: scheduler threads are in this one, workers are not."""
    me = psutil.Process()
    return [me, *me.children(recursive=True)]


def test_error_of_a_worker_arrives_as_its_sentence(tmp_path) -> None:
    with threads(1) as chosen, pytest.raises(MeasureError) as told:
        list(chosen.run(refuses, [(1,)]))
    assert told.value.message.key == "measure.not_conserved"


def refuses(_number: int) -> None:
    raise MeasureError("measure.not_conserved", parts="2", area="1", features=1)


def test_command_speaks_to_a_scheduler(county, alone, tmp_path, capsys) -> None:
    with threads(1, protocol="tcp", host="127.0.0.1") as chosen:
        address = chosen.client.scheduler.address
        assert address.startswith("tcp://127.0.0.1:")
        app(["overlay", *map(str, county), "--engine", "dask", "--scheduler", address, "--tile",
             "150", "--out", str(tmp_path / "far.parquet"), "--json"], standalone_mode=False)
    told = json.loads(capsys.readouterr().out)
    files = [Path(each["path"]) for each in told["files"]]
    assert [file.name for file in files] == ["far.parquet", "far-features.parquet"]
    assert [file.read_bytes() for file in files] == [
        alone.pairs.read_bytes(), alone.features.read_bytes()]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["far-features.parquet",
                                                                "far.parquet"]


def test_command_answers_alike_by_tile_and_in_memory(county, capsys) -> None:
    answers = []
    for more in ([], ["--tile", "90"]):
        app(["overlay", *map(str, county), "--json", *more], standalone_mode=False)
        told = json.loads(capsys.readouterr().out)
        answers.append({name: told[name] for name in ("pairs", "features", "total", "left_out")})
    assert answers[0] == answers[1]
    assert len(answers[0]["pairs"]) > 144


@pytest.mark.parametrize(("name", "scheduler", "key"), [
    ("spark", None, "measure.no_such_engine"), ("local", "tcp://h:1", "measure.no_such_engine"),
    ("dask", "http://h:1", "measure.scheduler_address"),
    ("dask", "tcp://127.0.0.1:9", "measure.no_scheduler"),
])
def test_engine_that_cannot_be_is_told(monkeypatch, tmp_path, name, scheduler, key) -> None:
    monkeypatch.setattr(engines, "PATIENCE_S", 0.2)
    with pytest.raises(UsageError) as told, engine(name, scheduler=scheduler, workers=1,
                                                   folder=tmp_path):
        pass
    assert told.value.message.key == key


@pytest.mark.parametrize(("module", "absent"), [
    ("zoning.cli.main", ("dask", "distributed")),
    ("zoning.measure.large", ("dask", "distributed", "numba")),
])
def test_nothing_starts_with_a_cluster_or_a_compiler(module, absent) -> None:
    loaded = f"import sys, {module}; print([name for name in {absent} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", loaded], capture_output=True, text=True,
                          check=True)
    assert told.stdout.strip() == "[]"
