"""How fast the quota book answers, verifies and takes in; beside beancount and hledger.

All programs get the same book in the same run: ours in SQLite, beancount and hledger as a text file
in their own form. A peer's time for a balance query is the time to load the file and add up, since
neither keeps anything between two queries. Run ``python -m bench.ledger --postings 1000000``.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from zoning.ledger import store
from zoning.ledger.book import Book
from zoning.ledger.database import book_url, writing
from zoning.ledger.entries import hold_postings, inflow_postings, settle_postings
from zoning.ledger.model import (
    Account,
    Draw,
    Entry,
    Event,
    Hold,
    Inflow,
    Lot,
    PoolBalance,
    Voucher,
)
from zoning.ledger.writer import Writer

POOLS = 8
FIRST, DAYS = date(2024, 1, 1), 1000
FIRST_MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
QUERY_DAY = FIRST + timedelta(days=DAYS // 2)
PLACES = {"source": "Equity:Source", "free": "Assets:Free", "held": "Assets:Held",
          "used": "Expenses:Used", "lapsed": "Expenses:Lapsed"}
PEER_LOAD = """
import sys, datetime
from collections import Counter
from beancount import loader
from beancount.core.data import Transaction
entries, errors, _ = loader.load_file(sys.argv[1])
assert not errors, errors[:3]
day, sums = datetime.date.fromisoformat(sys.argv[2]), Counter()
for entry in entries:
    if isinstance(entry, Transaction) and entry.date <= day:
        for line in entry.postings:
            sums[line.account, line.units.currency] += line.units.number
for (account, unit), number in sorted(sums.items()):
    print(account, unit, number)
"""


def account(number: int) -> Account:
    return Account("CN/32/3206/320623", "offset", f"pool{number % POOLS}")


def entries(postings: int) -> Iterator[tuple[Entry, Lot | None, Hold | None]]:
    """A book of entries with four postings each: a lot comes in, three holds draw on it."""
    count = postings // 4
    for number in range(1, count + 1):
        step, of_lot = (number - 1) % 7, number - (number - 1) % 7
        lot_id = f"L{of_lot:06d}"
        day = FIRST + timedelta(days=number * DAYS // (count + 1))
        moment = FIRST_MOMENT + timedelta(days=number // (count // 2 + 1))
        lot = hold = None
        if step == 0:
            lot = Lot(lot_id, account(of_lot), 2024, f"No. {of_lot}")
            event, lines = Event.INFLOW, inflow_postings(lot_id, {"area": 9000, "paddy": 900})
        elif step % 2:
            hold = Hold(f"H{number:06d}", f"P{number}", "S1", None, "offset")
            event = Event.HOLD
            lines = hold_postings(hold.hold_id, (Draw(lot_id, "area", 2000 + step),
                                                 Draw(lot_id, "paddy", 200)))
        else:
            event = Event.SETTLE
            lines = settle_postings(f"H{number - 1:06d}", (Draw(lot_id, "area", 2000 + step - 1),
                                                           Draw(lot_id, "paddy", 200)))
        yield Entry(number, event, day, moment, lines), lot, hold


def build(book: Book, postings: int) -> None:
    with writing(book._engine) as connection:
        writer = Writer(connection)
        for entry, lot, hold in entries(postings):
            writer.add(entry, lot=lot, hold=hold)


def write_peers(folder: Path, postings: int) -> tuple[Path, Path]:
    bean, ledger = folder / "book.beancount", folder / "book.journal"
    with bean.open("w") as one, ledger.open("w") as two:
        for number in range(POOLS):
            for place in PLACES.values():
                one.write(f"{FIRST} open {place}:Pool{number}\n")
        for entry, _, _ in entries(postings):
            one.write(f'{entry.effective} * "{entry.event} {entry.entry_id}"\n')
            two.write(f"{entry.effective} * {entry.event} {entry.entry_id}\n")
            for line in entry.postings:
                pool = int(line.lot_id[1:]) % POOLS
                text = (f"  {PLACES[line.state]}:Pool{pool}  {line.amount} "
                        f"{line.component.upper()}\n")
                one.write(text)
                two.write(text)
            two.write("\n")
    return bean, ledger


class Timed:
    """Wall and processor seconds of some rounds; children count."""

    def __init__(self, action: Callable[[], object], rounds: int = 1) -> None:
        self.wall: list[float] = []
        self.cpu: list[float] = []
        for _ in range(rounds):
            wall, cpu = time.perf_counter(), sum(os.times()[:4])
            action()
            self.wall.append(time.perf_counter() - wall)
            self.cpu.append(sum(os.times()[:4]) - cpu)

    @property
    def middle(self) -> float:
        return statistics.median(self.wall)


def shown(name: str, times: Timed, goal: str = "") -> None:
    goal = f"{goal}; load {os.getloadavg()[0]:.1f}" if goal else f"load {os.getloadavg()[0]:.1f}"
    spread = f"{min(times.wall):.4f}-{max(times.wall):.4f}"
    cpu = statistics.mean(times.cpu)
    cells = name, f"{times.middle:.4f} s", spread, len(times.wall), f"{cpu:.3f} s", goal
    print("|", " | ".join(map(str, cells)), "|", flush=True)


def peer_free(text: str) -> int:
    """The free area of all pools in a peer's answer, to see that all answer the same."""
    return sum(
        int(re.findall(r"(?<!\w)-?[0-9]+(?!\w)", line)[-1])
        for line in text.splitlines() if "Assets:Free" in line and "AREA" in line)


def run_peers(
    folder: Path, postings: int, ours: tuple[PoolBalance, ...], query: float, rounds: int
) -> None:
    bean, ledger = write_peers(folder, postings)
    free = sum(pool.free for pool in ours if pool.component == "area")
    until = QUERY_DAY + timedelta(days=1)
    commands = {
        "beancount": [sys.executable, "-c", PEER_LOAD, str(bean), QUERY_DAY.isoformat()],
        "hledger": ["hledger", "-f", str(ledger), "bal", "--flat", "-e", until.isoformat(),
                    "--layout", "bare", "-O", "csv"],
    }
    for name, command in commands.items():
        if shutil.which(command[0]) is None:
            print(f"| {name}: not installed | | | | | |")
            continue
        answers: list[str] = []
        times = Timed(lambda c=command, a=answers: a.append(subprocess.run(
            c, check=True, capture_output=True, text=True).stdout), rounds)
        assert peer_free(answers[0]) == free, (name, peer_free(answers[0]), free)
        shown(f"{name}: load and balance as of a day", times,
              f"{times.middle / query:,.0f} times ours")


def copy_built(file: Path, url: str, postings: int) -> None:
    """Build the book in a file and copy its tables to a server, past the guards: as a superuser.

    So that questions can be measured where building through the guards would take too long.
    """
    with Book.open(book_url(file)) as book, Book.open(url) as other:
        build(book, postings)
        driver: Any = other._engine.raw_connection()
        source = sqlite3.connect(file)
        cursor = driver.cursor()
        cursor.execute("SET session_replication_role = replica")
        for table in store.METADATA.sorted_tables:
            names = ", ".join(column.name for column in table.columns)
            with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copying:
                for row in source.execute(f'SELECT {names} FROM "{table.name}"'):
                    copying.write_row(row)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("ANALYZE")
        driver.commit()
        driver.close()
        source.close()


def run(postings: int, imports: int, url: str | None, rounds: int, *, copied: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        print(f"{platform.platform()}, Python {platform.python_version()}, {postings:,} postings")
        print(f"load {' '.join(f'{each:.1f}' for each in os.getloadavg())} at the start")
        print("| what | median | spread | rounds | processor | |\n|---|---|---|---|---|---|")
        target = url or book_url(folder / "book.db")
        if url and copied:
            shown("build in a file", Timed(lambda: copy_built(folder / "book.db", url, postings)))
        else:
            with Book.open(target) as book:
                shown("build through all guards", Timed(lambda: build(book, postings)))

        def cold() -> None:
            with Book.open(target, create=False) as fresh:
                fresh.pools(as_of=QUERY_DAY)

        shown("open the book and ask the balance as of a day", Timed(cold, 5))
        with Book.open(target) as book:
            book.pools(as_of=QUERY_DAY)
            warm = Timed(lambda: book.pools(as_of=QUERY_DAY), 50)
            shown("balance as of a day, warm", warm, "goal 0.05 s")
            known = datetime(2026, 1, 1, 12, tzinfo=UTC)
            shown("balance as of a day as known at a moment (half the book)",
                  Timed(lambda: book.pools(as_of=QUERY_DAY, known_at=known), 3))
            shown("balance of every lot as of a day", Timed(lambda: book.lots(as_of=QUERY_DAY), 3))
            last = FIRST + timedelta(days=DAYS)
            shown("what can be drawn today", Timed(lambda: book.drawable(last), 5))
            shown("what could be drawn on a day in the middle",
                  Timed(lambda: book.drawable(QUERY_DAY), 3))
            shown("what can be drawn today, with what became of every lot",
                  Timed(lambda: book.spendable(last), 1))
            sound: list[bool] = []
            shown("verify the whole book",
                  Timed(lambda: sound.append(book.verify().is_sound), rounds),
                  "goal 20 s per 1,000,000")
            assert all(sound)
            answer = book.pools(as_of=QUERY_DAY)
        run_peers(folder, postings, answer, warm.middle, rounds)
        inflows = [Inflow(Lot("", account(n), 2026, f"No. {n}"), {"area": 1000 + n},
                          Voucher(FIRST + timedelta(days=n * DAYS // imports), key=f"k{n}"))
                   for n in range(imports)]
        targets = [new_book(url, folder, number) for number in range(rounds)]
        shown(f"import {imports:,} inflows",
              Timed(lambda: import_into(targets.pop(), inflows), rounds), "goal 30 s per 100,000")


def new_book(url: str | None, folder: Path, number: int) -> str:
    """The URL of an empty book of a round: a file, or a schema beside the one named."""
    if url is None:
        return book_url(folder / f"import-{number}.db")
    schema = f"bench_import_{os.getpid()}_{number}"
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
    engine.dispose()
    return sa.make_url(url).update_query_dict(
        {"options": f"-csearch_path={schema}"}).render_as_string(hide_password=False)


def import_into(url: str, inflows: list[Inflow]) -> None:
    with Book.open(url) as book:
        book.post_opening(inflows)
        assert sum(pool.free for pool in book.pools()) == sum(
            each.amounts["area"] for each in inflows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postings", type=int, default=100_000)
    parser.add_argument("--imports", type=int, default=10_000)
    parser.add_argument("--url", help="an empty book to fill instead of a SQLite file")
    parser.add_argument("--copy", action="store_true",
                        help="fill the book at --url by copying, not through the guards")
    parser.add_argument("--rounds", type=int, default=3, help="of verify, import and each peer")
    told = parser.parse_args()
    run(told.postings, told.imports, told.url, told.rounds, copied=told.copy)


if __name__ == "__main__":
    main()
