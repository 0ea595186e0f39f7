"""Several processes on one book, and processes that die while they write."""

from __future__ import annotations

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from ledger_books import JUNE, bring_in, hold, open_book

from zoning.errors import LedgerError, OverdraftError
from zoning.ledger import database, store
from zoning.ledger.balances import tally
from zoning.ledger.book import Book
from zoning.ledger.database import book_url
from zoning.ledger.model import Reservation, Voucher
from zoning.ledger.sums import cell_sums

SPAWN = multiprocessing.get_context("spawn")
TRIES = 8


def _clock() -> datetime:
    return datetime(2026, 6, 1, 9, tzinfo=UTC)


def _spend(folder: Path, name: str, start: Barrier, answers: Connection) -> None:
    with open_book(folder) as book:
        start.wait()
        for number in range(TRIES):
            wish = Reservation("offset", {"area": 1}, f"{name}-{number}", "S1")
            try:
                answers.send(book.hold(wish, Voucher(effective=JUNE)).hold_id)
            except OverdraftError:
                answers.send(None)
    answers.close()


def _post_forever(folder: Path, answers: Connection) -> None:
    with Book.open(book_url(folder / "ledger.db"), clock=_clock) as book:
        while True:
            answers.send(bring_in(book, {"area": 1, "paddy": 1}))


def _open_new(folder: Path) -> int:
    with open_book(folder) as book:
        bring_in(book, {"area": 1})
        return book.position()


def _is_sound(book: Book) -> bool:
    with database.reading(book._engine) as connection:
        return cell_sums(connection) == tally(book.journal())


def test_two_processes_cannot_spend_the_same_quota(tmp_path):
    """accounting §9 §10"""
    with open_book(tmp_path) as book:
        bring_in(book, {"area": TRIES})
        start = SPAWN.Barrier(2)
        pipes = [SPAWN.Pipe(duplex=False) for _ in range(2)]
        workers = [SPAWN.Process(target=_spend, args=(tmp_path, f"W{i}", start, pipe[1]))
                   for i, pipe in enumerate(pipes)]
        for worker in workers:
            worker.start()
        for _, writer in pipes:
            writer.close()
        answers = [reader.recv() for reader, _ in pipes for _ in range(TRIES)]
        for worker in workers:
            worker.join(60)
        for reader, _ in pipes:
            reader.close()
        granted = [answer for answer in answers if answer is not None]
        assert len(granted) == len(set(granted)) == TRIES
        (pool,) = book.pools()
        assert (pool.free, pool.held) == (0, TRIES)
        assert _is_sound(book)


def test_acknowledged_entries_outlive_a_killed_process(tmp_path):
    """accounting §4"""
    acknowledged: list[str] = []
    for after in (1, 4, 9):
        reader, writer = SPAWN.Pipe(duplex=False)
        worker = SPAWN.Process(target=_post_forever, args=(tmp_path, writer))
        worker.start()
        writer.close()
        acknowledged += [reader.recv() for _ in range(after)]
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join(60)
        while reader.poll():
            try:
                acknowledged.append(reader.recv())
            except EOFError:
                break
        reader.close()
        with open_book(tmp_path) as book:
            lots = [balance.lot.lot_id for balance in book.lots()]
            assert set(acknowledged) <= set(lots)
            assert len(lots) == book.position()
            assert _is_sound(book)
            assert all(len(entry.postings) == 4 for entry in book.journal())


def test_book_opened_by_several_at_once_is_made_once(tmp_path):
    with ProcessPoolExecutor(3, mp_context=SPAWN) as pool:
        positions = list(pool.map(_open_new, [tmp_path] * 3))
    assert sorted(positions)[-1] == 3
    with open_book(tmp_path) as book:
        assert book.position() == 3


def test_reader_sees_one_moment_while_another_writes(tmp_path):
    """accounting §7"""
    with open_book(tmp_path) as book, open_book(tmp_path) as other:
        bring_in(book, {"area": 5})
        with database.reading(book._engine) as connection:
            before = store.position(connection)
            hold(other, {"area": 1})
            assert store.position(connection) == before
        assert book.position() == 2


def test_closed_book_leaves_no_lock_and_can_be_closed_again(tmp_path):
    book = open_book(tmp_path)
    bring_in(book, {"area": 1})
    book.close()
    book.close()
    assert not (tmp_path / "ledger.db-wal").exists()
    with open_book(tmp_path, wait_seconds=0.1) as again:
        try:
            bring_in(again, {"area": 1})
        except LedgerError as error:
            raise AssertionError("a closed book must not lock") from error
