"""Strangers at a book: connections with no guard but those in the database, and what they write."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from datetime import date

import psycopg
import pytest
import sqlalchemy as sa
from ledger_books import JUNE, MARCH, bring_in, hold, open_book
from postgres_server import new_schema

from zoning.ledger import database
from zoning.ledger.model import Voucher

TABLES = ("lot", "hold", "entry", "posting", "balance", "period", "total")
REFUSED = (sqlite3.IntegrityError, psycopg.errors.IntegrityError)


def fill(url: str) -> str:
    """A book of four entries, closed through January: two lots, one hold of 6, 2 of it settled."""
    with open_book(url) as book:
        bring_in(book, {"area": 10, "paddy": 4}, effective=MARCH)
        bring_in(book, {"area": 10}, effective=MARCH, expires=date(2026, 12, 31), key="in-2")
        book.settle(hold(book, {"area": 6}).hold_id, {"area": 2}, Voucher(effective=JUNE))
        book.close_period(date(2026, 1, 31))
    return url


@pytest.fixture
def url(book_at):
    return fill(book_at)


@pytest.fixture(scope="module")
def standing_sqlite(tmp_path_factory):
    """A stranger's connection to a book that outlasts the attacks on it, as every attack fails."""
    with stranger(fill(database.book_url(tmp_path_factory.mktemp("standing") / "l.db"))) as raw:
        yield raw


@pytest.fixture(scope="module")
def standing_postgresql(postgres):
    with stranger(fill(new_schema(postgres))) as raw:
        yield raw


@pytest.fixture(params=["sqlite", "postgresql"])
def standing(request):
    return request.getfixturevalue(f"standing_{request.param}")


@pytest.fixture
def raw(url):
    """A stranger's connection, with no guard but those in the database."""
    with stranger(url) as connection:
        yield connection


in_sqlite = pytest.mark.parametrize("book_at", ["sqlite"], indirect=True)


@contextmanager
def stranger(url):
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(parsed.database, isolation_level=None)) as connection:
            connection.execute("PRAGMA foreign_keys = ON")
            yield connection
    else:
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection


def content(connection) -> list[list[tuple[object, ...]]]:
    return [connection.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2, 3').fetchall()
            for table in TABLES]


def entry_row(event="hold", *, number=5, count=2, effective="2026-06-01", recorded="2027",
              key="NULL", reverses="NULL", verb="INSERT", digest="d" * 64, after="") -> str:
    recorded += "-01-01T00:00:00.000000Z"
    return (f"{verb} INTO entry VALUES ({number}, '{event}', '{effective}', '{recorded}', "
            f"'', '', '', {reverses}, {key}, '', {count}, '{digest}') {after}")


def period_row(number=2, last="2026-02-28", entry=4, recorded="2027", digest="d" * 64,
            head="(SELECT digest FROM period)") -> str:
    return (f"INSERT INTO period VALUES ({number}, '2026-02-01', '{last}', {entry}, "
            f"'{recorded}-01-01T00:00:00.000000Z', '', {head}, '{digest}')")


def lines(*told: tuple[str, str, str, int, str | None], number=5, verb="INSERT") -> str:
    rows = ", ".join(
        f"({number}, {i}, '{lot}', '{component}', '{state}', {amount}, "
        + ("NULL" if hold is None else f"'{hold}'") + ")"
        for i, (lot, component, state, amount, hold) in enumerate(told, start=1))
    return f"{verb} INTO posting VALUES {rows}"


FREE = ("L000001", "area", "free", -3, None)
HELD, HELD_3 = (("L000001", "area", "held", 3, name) for name in ("H9", "H000003"))
NEW_HOLD = "INSERT INTO hold VALUES ('H9', 'P9', 'S1', 'offset', NULL, 5)"
NEW_LOT = ("INSERT INTO lot VALUES ('L9', 'CN', 'offset', 'stock', 2026, '', NULL, '[]', NULL, "
           "NULL, '[]', '', 5)")


def run_all(connection, statements: list[str]) -> None:
    for statement in statements:
        connection.execute(statement)


def filled(free: int, held: int, component: str = "area") -> str:
    return lines(("L000001", "area", "free", free, None),
                  ("L000001", component, "held", held, "H9"))


