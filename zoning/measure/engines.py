"""Who does the work of an overlay: this process, or a cluster of others.

A piece of work is a function of small arguments that reads and writes files in a folder all
workers see. Done twice it leaves the same, so a worker that dies costs what it was at, not the
result; and no order of work, and no number of workers, is seen in the answer.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from zoning.errors import MeasureError, UsageError

Work = Callable[..., Any]
Tasks = Sequence[tuple[Any, ...]]

ATTEMPTS = 5
"""A piece of work at which so many workers died is given up: it is the work that kills them."""

PATIENCE_S = 10
"""How long a scheduler may take to answer."""

LOOPBACK = "127.0.0.1"


class Engine(Protocol):
    """Calls a function for every task."""

    def run(self, work: Work, tasks: Tasks) -> Iterator[tuple[int, Any]]:
        """The number of each task and its result, as they are done, in any order."""


class Local:
    """One task after the other in this process; the kernel uses all processors for each."""

    def run(self, work: Work, tasks: Tasks) -> Iterator[tuple[int, Any]]:
        """The tasks in order."""
        for number, task in enumerate(tasks):
            yield number, work(*task)


class Cluster:
    """Tasks on the workers of a Dask cluster."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def run(self, work: Work, tasks: Tasks) -> Iterator[tuple[int, Any]]:
        """The tasks as workers finish them. Raises MeasureError for one that kills its workers."""
        from distributed import KilledWorker, as_completed

        futures = {self.client.submit(work, *task, pure=False): number
                   for number, task in enumerate(tasks)}
        try:
            for future in as_completed(list(futures), loop=self.client.loop):
                yield futures[future], future.result()
                future.release()
        except KilledWorker as error:
            raise MeasureError("measure.workers_died", attempts=ATTEMPTS) from error
        finally:
            self.client.cancel(list(futures), force=True)


@contextmanager
def engine(
    name: str, *, scheduler: str | None, workers: int | None, folder: Path
) -> Iterator[Engine]:
    """The engine of a name: ``local``, or ``dask`` with a scheduler's address or without.

    Without an address a cluster is started here and ended with the block: the scheduler in this
    process, workers as its children, all on the loopback interface, every connection under TLS with
    a key made for this run; there is no page to look at. Raises UsageError for another name, for an
    address without dask, and for one where nobody answers.
    """
    if name not in ("local", "dask") or (scheduler and name != "dask"):
        raise UsageError("measure.no_such_engine", found=name, known=["local", "dask"])
    if name == "local":
        yield Local()
    elif scheduler:
        with _connected(scheduler) as client:
            yield Cluster(client)
    else:
        with own_cluster(workers, folder) as cluster, _client(cluster) as client:
            yield Cluster(client)


@contextmanager
def own_cluster(workers: int | None, folder: Path) -> Iterator[Any]:
    """A cluster of this machine for this process alone; a worker for each processor."""
    import dask
    from distributed import LocalCluster
    from distributed.security import Security

    from zoning.measure.compiled import processors

    workers = workers or processors()
    settings = {"distributed.scheduler.http.routes": [], "distributed.worker.http.routes": [],
                "distributed.scheduler.allowed-failures": ATTEMPTS,
                "distributed.admin.log-length": 0}
    threads = max(1, processors() // workers)
    with dask.config.set(settings), LocalCluster(
        n_workers=workers, threads_per_worker=1, processes=True, host=LOOPBACK, protocol="tls://",
        security=Security.temporary(), dashboard_address=f"{LOOPBACK}:0",
        worker_dashboard_address=f"{LOOPBACK}:0", scheduler_kwargs={"dashboard": False},
        local_directory=str(folder / "dask"), memory_limit=0, silence_logs=50,
        env={**os.environ, "ZONING_THREADS": str(threads)},
    ) as cluster:
        yield cluster


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    from distributed import Client

    if not address.startswith(("tcp://", "tls://", "inproc://")):
        raise UsageError("measure.scheduler_address", found=address)
    try:
        client = Client(address, set_as_default=False, timeout=PATIENCE_S)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError("measure.no_scheduler", found=address) from error
    with client:
        yield client


@contextmanager
def _client(cluster: Any) -> Iterator[Any]:
    from distributed import Client

    with Client(cluster, set_as_default=False) as client:
        yield client


__all__ = ["Cluster", "Engine", "Local", "engine", "own_cluster"]
