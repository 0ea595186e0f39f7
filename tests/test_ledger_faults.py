"""Power cuts, full disks, backups under load, crowds of writers: the book stays whole.

`ZONING_KILLS` and `ZONING_OPERATIONS` make the rounds of a long run; the defaults suit every day.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from ledger_books import JUNE, bring_in, hold, open_book

from zoning.errors import LedgerError, OverdraftError
from zoning.ledger import database
from zoning.ledger.book import Book
from zoning.ledger.database import book_url
from zoning.ledger.export import verify_export
from zoning.ledger.model import State, Voucher
from zoning.messages import say

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    ["__main__", "pytest", "psycopg", "zoning.ledger.book", "ledger_books"])
KILLS = int(os.environ.get("ZONING_KILLS", "15"))
OPERATIONS = int(os.environ.get("ZONING_OPERATIONS", "4"))
PROCESSES = 8


def _clock() -> datetime:
    return datetime(2026, 6, 1, 9, tzinfo=UTC)


def _posts_until_killed(url: str, first: int, writer: Connection) -> None:
    """Hold and settle one unit again and again; tell each acknowledged entry through a pipe."""
    with Book.open(url, clock=_clock, wait_seconds=60) as book:
        number = first
        while True:
            number += 1
            held = hold(book, {"area": 1}, f"P{number}")
            writer.send(held.hold_id)
            entry = book.settle(held.hold_id, voucher=Voucher(effective=JUNE))
            writer.send(str(entry.entry_id))


def _round(url: str, first: int, seconds: float) -> list[str]:
    """Let a process post for a while, kill it, and return what it acknowledged."""
    reader, writer = SERVER.Pipe(duplex=False)
    worker = SERVER.Process(target=_posts_until_killed, args=(url, first, writer))
    worker.start()
    writer.close()
    assert worker.pid is not None
    told = [reader.recv()]
    time.sleep(seconds)
    os.kill(worker.pid, signal.SIGKILL)
    worker.join(60)
    return told + _answers(reader)


def _answers(reader: Connection) -> list[Any]:
    """All that a process told before it ended."""
    told: list[Any] = []
    with reader:
        while True:
            try:
                told.append(reader.recv())
            except (EOFError, OSError):
                return told


def test_killed_process_leaves_every_acknowledged_entry_and_no_half(book_at):
    """accounting §4 §11"""
    chooser = random.Random(KILLS)
    with open_book(book_at, _clock) as book:
        bring_in(book, {"area": 10**9})
    told: list[str] = []
    for each in range(KILLS):
        told += _round(book_at, each * 10**6, chooser.uniform(0, 0.25))
        if each % 50 == 0 or each == KILLS - 1:
            with open_book(book_at, _clock) as book:
                assert book.verify().is_sound
                entries = {str(entry.entry_id): entry for entry in book.journal()}
                holds = {balance.hold.hold_id for balance in book.holds()}
            assert {name for name in told if name.startswith("H")} <= holds
            assert {name for name in told if not name.startswith("H")} <= entries.keys()
            assert len(told) <= len(entries) - 1 <= len(told) + each + 1
            assert all(len(entry.postings) == 2 for entry in entries.values())
    assert told


def _post_with_little_room(url: str, room: int, writer: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    with Book.open(url, clock=_clock) as book:
        try:
            while True:
                bring_in(book, {"area": 1}, document="x" * 2000)
        except LedgerError as error:
            writer.send(f"{error.message.key} {say(error, 'en')}")


def test_full_disk_is_refused_in_a_sentence_and_the_book_is_whole(tmp_path):
    """accounting §10"""
    with open_book(tmp_path, _clock) as book:
        bring_in(book, {"area": 1})
    file = tmp_path / "ledger.db"
    reader, writer = SERVER.Pipe(duplex=False)
    worker = SERVER.Process(target=_post_with_little_room,
                            args=(book_url(file), file.stat().st_size + 300_000, writer))
    worker.start()
    writer.close()
    (said,) = _answers(reader)
    worker.join(60)
    assert said.startswith("ledger.disk_full ")
    assert "Nothing was written" in said
    with open_book(tmp_path, _clock) as book:
        assert book.verify().is_sound
        before = book.position()
        assert before > 1
        bring_in(book, {"area": 1})
        assert book.position() == before + 1


def _post_while(url: str, stop: Callable[[], bool]) -> None:
    with Book.open(url, clock=_clock, wait_seconds=60) as book:
        while not stop():
            bring_in(book, {"area": 1})


def test_backup_and_export_while_another_writes_are_whole_books(book_at, tmp_path):
    """accounting §11"""
    stop = SERVER.Event()
    with open_book(book_at, _clock) as book:
        bring_in(book, {"area": 1})
    worker = SERVER.Process(target=_post_while, args=(book_at, stop.is_set))
    worker.start()
    try:
        with open_book(book_at, _clock, wait_seconds=60) as book:
            _back_up_thrice(book, tmp_path)
    finally:
        stop.set()
        worker.join(60)


def _back_up_thrice(book: Book, folder: Path) -> None:
    positions = [book.position()]
    for number in range(3):
        while book.position() < positions[-1] + 2:
            time.sleep(0.01)
        path = folder / f"copy-{number}"
        if database.is_file(book._engine):
            book.backup(path)
        else:
            with pytest.raises(LedgerError, match="backup_server"):
                book.backup(path)
            assert book.export(folder / "out.txt").is_sound
            with open_book(book_url(path), _clock) as new:
                new.restore(folder / "out.txt")
        with open_book(book_url(path), _clock) as copy:
            told = copy.verify()
            assert told.is_sound
            assert told.position > positions[-1]
            positions.append(told.position)
    assert book.export(folder / "last.txt").is_sound
    assert verify_export(folder / "last.txt").is_sound


def test_backup_does_not_replace_a_file(tmp_path):
    (tmp_path / "there").write_bytes(b"x")
    with open_book(tmp_path, _clock) as book, pytest.raises(LedgerError, match="backup_exists"):
        book.backup(tmp_path / "there")
    assert (tmp_path / "there").read_bytes() == b"x"


def _crowd(url: str, names: range, operations: int, writer: Connection) -> None:
    """Several writers of one process, each with a book of its own; tell what was acknowledged."""
    with ThreadPoolExecutor(len(names)) as threads:
        for told in threads.map(lambda name: _mixes(url, name, operations), names):
            writer.send(told)


def _mixes(url: str, name: int, operations: int) -> list[str]:
    """Inflows, holds, settlements and releases at random; what was acknowledged, - for refused."""
    chooser = random.Random(name)
    held: list[str] = []
    told: list[str] = []
    with Book.open(url, clock=_clock, wait_seconds=120) as book:
        for number in range(operations):
            try:
                told.append(_mix(book, chooser, held, f"{name}-{number}"))
            except OverdraftError:
                told.append("-")
    return told


def _mix(book: Book, chooser: random.Random, held: list[str], key: str) -> str:
    choice = chooser.random()
    voucher = Voucher(effective=JUNE, key=key)
    if choice < 0.2 or (choice >= 0.6 and not held):
        bring_in(book, {"area": chooser.randint(1, 5)}, effective=JUNE, key=key)
    elif choice < 0.6:
        wanted = {"area": chooser.randint(1, 4)}
        held.append(hold(book, wanted, f"P{key}", key=key).hold_id)
    elif choice < 0.8:
        book.settle(held.pop(), voucher=voucher)
    else:
        book.void(held.pop(), voucher=voucher)
    return key


@pytest.mark.parametrize(("book_at", "writers"), [("sqlite", 8), ("postgresql", 64)],
                         indirect=["book_at"])
def test_crowd_of_writers_loses_doubles_and_overdraws_nothing(book_at, writers):
    """accounting §4 §9 §10: in eight processes, on a server with eight writers in each."""
    each = writers // PROCESSES
    with open_book(book_at, _clock) as book:
        bring_in(book, {"area": 20}, effective=JUNE)
    pipes = [SERVER.Pipe(duplex=False) for _ in range(PROCESSES)]
    workers = [
        SERVER.Process(target=_crowd, args=(
            book_at, range(number * each, (number + 1) * each), OPERATIONS, pipe[1]))
        for number, pipe in enumerate(pipes)]
    for worker in workers:
        worker.start()
    for _, writer in pipes:
        writer.close()
    told = [key for reader, _ in pipes for keys in _answers(reader) for key in keys]
    for worker in workers:
        worker.join(60)
        assert worker.exitcode == 0
    assert len(told) == writers * OPERATIONS
    posted = [key for key in told if key != "-"]
    with open_book(book_at, _clock) as book:
        assert book.verify().is_sound
        keys = [entry.key for entry in book.journal(since=1)]
        assert sorted(keys) == sorted(posted)
        (pool,) = book.pools()
        assert pool.inflow == pool.free + pool.held + pool.used
        assert min(pool.free, pool.held, pool.used) >= 0
        brought = sum(line.amount for entry in book.journal() for line in entry.postings
                      if entry.event == "inflow" and line.state is State.FREE)
        assert pool.inflow == brought
