"""A crowd of writers on one quota book: how many operations a second, and nothing lost or doubled.

Each writer brings in, holds, settles and voids at random, as its own connection. At the end every
acknowledged key must be in the journal once, nothing overdrawn, and the whole book must verify.
Run ``python -m bench.ledger_crowd --writers 64 --operations 10000 --url postgresql://…`` (an empty
schema), or without ``--url`` on a SQLite file.
``--seconds`` ends it early and says how far it came.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import resource
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from pathlib import Path

from zoning.errors import OverdraftError
from zoning.ledger.book import Book
from zoning.ledger.database import book_url
from zoning.ledger.model import Account, Inflow, Lot, Reservation, Voucher

DAY = date(2026, 6, 1)
POOL = Account("CN/32/3206/320623", "offset", "stock")


class Writer:
    """One writer of the crowd: its chance, its open holds, and the keys acknowledged to it."""

    def __init__(self, book: Book, name: int) -> None:
        self.book, self.name = book, name
        self.chance = random.Random(name)
        self.held: list[str] = []
        self.acknowledged: list[str] = []
        self.refused = 0

    def run(self, operations: int, until: float) -> None:
        for number in range(operations):
            if time.time() > until:
                return
            key = f"{self.name}-{number}"
            try:
                self.post(Voucher(effective=DAY, key=key))
                self.acknowledged.append(key)
            except OverdraftError:
                self.refused += 1

    def post(self, voucher: Voucher) -> None:
        choice = self.chance.random()
        if choice < 0.2 or (choice >= 0.6 and not self.held):
            amounts = {"area": self.chance.randint(1, 5)}
            self.book.post_inflow(Inflow(Lot("", POOL, 2026, "No. 1"), amounts, voucher))
        elif choice < 0.6:
            wish = Reservation("offset", {"area": self.chance.randint(1, 4)},
                               f"P{voucher.key}", "S1")
            self.held.append(self.book.hold(wish, voucher).hold_id)
        elif choice < 0.8:
            self.book.settle(self.held.pop(), voucher=voucher)
        else:
            self.book.void(self.held.pop(), voucher=voucher)


def write(name: int, *, url: str, operations: int, until: float) -> tuple[list[str], int]:
    with Book.open(url, wait_seconds=600) as book:
        writer = Writer(book, name)
        writer.run(operations, until)
    return writer.acknowledged, writer.refused


def work(
    names: list[int], url: str, operations: int, until: float
) -> tuple[list[tuple[list[str], int]], float]:
    """The writers of one process, each a thread with a book of its own; and processor seconds."""
    task = partial(write, url=url, operations=operations, until=until)
    with ThreadPoolExecutor(len(names)) as threads:
        told = list(threads.map(task, names))
    used = resource.getrusage(resource.RUSAGE_SELF)
    return told, used.ru_utime + used.ru_stime


def run(url: str, writers: int, processes: int, operations: int, seconds: float) -> None:
    with Book.open(url) as book:
        book.post_inflow(Inflow(Lot("", POOL, 2026, "No. 1"), {"area": 20}, Voucher(DAY)))
    shares = [list(range(number, writers, processes)) for number in range(processes)]
    load, start = os.getloadavg()[0], time.time()
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        told = pool.starmap(work, [(names, url, operations, start + seconds) for names in shares])
    wall = time.time() - start
    keys = [key for of_process, _ in told for mine, _ in of_process for key in mine]
    refused = sum(count for of_process, _ in told for _, count in of_process)
    done, cpu = len(keys) + refused, sum(used for _, used in told)
    print(f"{writers} writers in {processes} processes: {done:,} of {writers * operations:,} "
          f"operations in {wall:.0f} s, {done / wall:.0f} a second; {refused:,} refused as too "
          f"much; {cpu / done * 1000:.1f} ms processor of a client for each; "
          f"load {load:.1f} before, {os.getloadavg()[0]:.1f} after", flush=True)
    judge(url, keys)


def judge(url: str, keys: list[str]) -> None:
    with Book.open(url) as book:
        start = time.time()
        told = book.verify()
        assert told.is_sound, told.fault
        assert sorted(each.key for each in book.journal(since=1) if each.key) == sorted(keys)
        (pool,) = book.pools()
        assert pool.inflow == pool.free + pool.held + pool.used
        assert min(pool.free, pool.held, pool.used) >= 0
        print(f"{told.position:,} entries verify in {time.time() - start:.0f} s; every "
              f"acknowledged key is there once, no other; in {pool.inflow} = free {pool.free} "
              f"+ held {pool.held} + used {pool.used}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", help="an empty book to fill instead of a SQLite file")
    parser.add_argument("--writers", type=int, default=8)
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--operations", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after so long")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(told.url or book_url(Path(folder) / "book.db"), told.writers, told.processes,
            told.operations, told.seconds)


if __name__ == "__main__":
    main()
