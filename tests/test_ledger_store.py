"""What the database itself refuses, whoever writes to it; and that it stores what the folds say."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from ledger_books import JUNE, MARCH, bring_in, hold, open_book

from zoning.errors import LedgerError, OverdraftError, UnbalancedError
from zoning.ledger import database, store
from zoning.ledger.balances import tally
from zoning.ledger.migrations.guards_0001 import guards
from zoning.ledger.model import Entry, Event, Posting, State, Voucher
from zoning.messages import catalogue, say


@pytest.fixture
def folder(tmp_path):
    """A book of four entries: two lots, one hold of 6, of which 2 settled."""
    with open_book(tmp_path) as book:
        bring_in(book, {"area": 10, "paddy": 4}, effective=MARCH)
        bring_in(book, {"area": 10}, effective=MARCH, expires=date(2026, 12, 31), key="in-2")
        book.settle(hold(book, {"area": 6}).hold_id, {"area": 2}, Voucher(effective=JUNE))
    return tmp_path


@pytest.fixture
def raw(folder):
    """A stranger's connection, with no guard but those in the file."""
    with closing(sqlite3.connect(folder / "ledger.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        yield connection


def _content(connection: sqlite3.Connection) -> list[list[tuple[object, ...]]]:
    return [connection.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2, 3').fetchall()
            for table in ("lot", "hold", "entry", "posting", "balance")]


def _entry(event="hold", number=5, lines=2, effective="2026-06-01", recorded="2027", key="NULL",
           reverses="NULL", verb="INSERT") -> str:
    recorded += "-01-01T00:00:00.000000Z"
    return (f"{verb} INTO entry VALUES ({number}, '{event}', '{effective}', '{recorded}', "
            f"'', '', '', {reverses}, {key}, '', {lines})")


def _lines(*lines: tuple[str, str, str, int, str | None], number=5, verb="INSERT") -> str:
    rows = ", ".join(
        f"({number}, {i}, '{lot}', '{component}', '{state}', {amount}, "
        + ("NULL" if hold is None else f"'{hold}'") + ")"
        for i, (lot, component, state, amount, hold) in enumerate(lines, start=1))
    return f"{verb} INTO posting VALUES {rows}"


FREE = ("L000001", "area", "free", -3, None)
HELD = ("L000001", "area", "held", 3, "H9")
NEW_HOLD = "INSERT INTO hold VALUES ('H9', 'P9', 'S1', 'offset', NULL)"


def _run(connection: sqlite3.Connection, statements: list[str]) -> None:
    for statement in statements:
        connection.execute(statement)


def _filled(free: int, held: int, component: str = "area") -> str:
    return _lines(("L000001", "area", "free", free, None),
                  ("L000001", component, "held", held, "H9"))


ATTACKS = {
    "change an amount": (["UPDATE posting SET amount = 1"], "append_only"),
    "remove postings": (["DELETE FROM posting"], "append_only"),
    "change a date": (["UPDATE entry SET effective = '2020-01-01'"], "append_only"),
    "remove an entry": (["DELETE FROM entry WHERE entry_id = 4"], "append_only"),
    "prolong a lot": (["UPDATE lot SET expires = NULL"], "append_only"),
    "remove a lot": (["DELETE FROM lot"], "append_only"),
    "move a hold": (["UPDATE hold SET project_id = 'P2'"], "append_only"),
    "remove a hold": (["DELETE FROM hold"], "append_only"),
    "replace a lot": (["REPLACE INTO lot SELECT lot_id, place, kind, pool, vintage, document, "
                       "document_date, origin, NULL, NULL, uses, note FROM lot"], "exists"),
    "replace a hold": (["REPLACE INTO hold SELECT * FROM hold"], "exists"),
    "replace an entry": (["REPLACE INTO entry SELECT * FROM entry WHERE entry_id = 4"], "order"),
    "replace a key": ([NEW_HOLD, _lines(FREE, HELD), _entry(key="'in-2'", verb="REPLACE")],
                      "key_used"),
    "replace a posting": ([NEW_HOLD, _lines(FREE, HELD), _lines(FREE, verb="REPLACE")], "exists"),
    "post to a sealed entry": ([_lines(FREE, number=4)], "order"),
    "post ahead": ([_lines(FREE, number=6)], "order"),
    "leave out a number": ([_entry(number=6)], "order"),
    "let the database number": ([_entry(number="NULL")], "order"),
    "seal nothing": ([_entry()], "lines"),
    "seal zero lines": ([_entry(lines=0)], "lines"),
    "slip a line in": ([NEW_HOLD, _lines(FREE, HELD), _entry(lines=1)], "lines"),
    "post unbalanced": ([NEW_HOLD, _filled(-3, 4), _entry()], "unbalanced"),
    "trade components": ([NEW_HOLD, _filled(-3, 3, "paddy"), _entry()], "unbalanced"),
    "ignore the balance": ([NEW_HOLD, _filled(-3, 4), _entry(verb="INSERT OR IGNORE")],
                           "unbalanced"),
    "free from nowhere": ([_lines(("L000001", "area", "source", -3, None),
                                  ("L000001", "area", "free", 3, None)), _entry()], "move"),
    "use without a hold's settlement": ([NEW_HOLD, _lines(FREE, (*HELD[:2], "used", 3, "H9")),
                                         _entry()], "move"),
    "invent an event": ([NEW_HOLD, _lines(FREE, HELD), _entry("gift")], "move"),
    "settle from hold to hold": ([NEW_HOLD, _lines(
        ("L000002", "area", "held", -1, "H000003"), ("L000002", "area", "used", 1, "H9")),
        _entry("settle")], "holds"),
    "fill a lot again": ([_lines(("L000001", "area", "source", -3, None),
                                 ("L000001", "area", "free", 3, None)), _entry("inflow")],
                         "lot_filled"),
    "fill a hold again": ([_lines(FREE, ("L000001", "area", "held", 3, "H000003")), _entry()],
                          "hold_filled"),
    "hold an expired lot": ([NEW_HOLD, _lines(("L000002", "area", "free", -1, None),
                                              ("L000002", "area", "held", 1, "H9")),
                             _entry(effective="2027-01-01")], "expired"),
    "overdraw a lot": ([NEW_HOLD, _filled(-11, 11), _entry()], "overdraft"),
    "overdraw and ignore": ([NEW_HOLD, _filled(-11, 11), _entry(verb="INSERT OR IGNORE")],
                            "overdraft"),
    "overdraw and replace": ([NEW_HOLD, _filled(-11, 11), _entry(verb="INSERT OR REPLACE")],
                             "overdraft"),
    "overdraw a hold": ([_lines(("L000002", "area", "held", -5, "H000003"),
                                ("L000002", "area", "used", 5, "H000003")), _entry("settle")],
                        "overdraft"),
    "overdraw a day in between": ([NEW_HOLD, _lines(FREE, HELD), _entry(effective="2026-02-28")],
                                  "backdated"),
    "settle before holding": ([_lines(("L000002", "area", "held", -1, "H000003"),
                                      ("L000002", "area", "used", 1, "H000003")),
                               _entry("settle", effective="2026-05-31")], "backdated"),
    "record earlier": ([NEW_HOLD, _lines(FREE, HELD), _entry(recorded="2020")], "recorded"),
    "reverse something else": ([NEW_HOLD, _lines(FREE, HELD), _entry("reverse", reverses=4)],
                               "reversal"),
    "reverse nothing": ([NEW_HOLD, _lines(FREE, HELD), _entry("reverse", reverses=99)],
                        "reversal"),
    "reverse without saying so": ([NEW_HOLD, _lines(FREE, HELD), _entry("reverse")], "reversal"),
    "say reversal of a hold": ([NEW_HOLD, _lines(FREE, HELD), _entry(reverses=4)], "reversal"),
    "raise a balance": (["UPDATE balance SET amount = 100 WHERE state = 'free'"], "balance"),
    "raise a balance as if by the last entry": (
        ["UPDATE balance SET amount = 100, entry_id = 4 WHERE lot_id = 'L000001'"], "balance"),
    "invent a balance": (["INSERT INTO balance VALUES ('L000001', 'x', 'free', '', 5, 4)"],
                         "balance"),
    "replace a balance": (["REPLACE INTO balance SELECT lot_id, component, state, hold_id, 99, "
                           "entry_id FROM balance"], "balance"),
    "remove balances": (["DELETE FROM balance"], "append_only"),
    "switch foreign keys off": (["COMMIT", "PRAGMA foreign_keys = OFF", "BEGIN", _lines(FREE)],
                                "keys_off"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_database_refuses_to(raw, name):
    """accounting §10"""
    before = _content(raw)
    statements, reason = ATTACKS[name]
    raw.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.IntegrityError, match=rf"quota book refuses \({reason}\): \w+"):
        _run(raw, statements)
    raw.execute("ROLLBACK")
    assert _content(raw) == before


def test_every_reason_of_the_database_is_tried_and_documented():
    """accounting §10"""
    reasons = set(re.findall(r"quota book refuses \((\w+)\)", "\n".join(guards("sqlite"))))
    assert {reason for _, reason in ATTACKS.values()} == reasons


@pytest.mark.parametrize(("statements", "said"), [
    ([NEW_HOLD, _lines(FREE, HELD), "COMMIT"], "FOREIGN KEY"),
    ([_lines(("L9", "area", "free", 1, None))], "FOREIGN KEY"),
    ([_lines(FREE, ("L000001", "area", "held", 3, None))], "posting_hold"),
    ([_lines(("L000001", "area", "free", -3, "H000003"))], "posting_hold"),
    ([_lines(("L000001", "area", "lost", 3, None))], "posting_state"),
    ([_lines(("L000001", "area", "free", 0, None))], "posting_amount"),
    ([_lines(("L000001", "area", "free", 10**16, None))], "posting_amount"),
    (["INSERT INTO posting VALUES (5, 1, 'L000001', 'area', 'free', 1.5, NULL)"], "INTEGER"),
])
def test_schema_refuses_postings_that_mean_nothing(raw, statements, said):
    """accounting §10"""
    raw.execute("BEGIN IMMEDIATE")
    with pytest.raises(sqlite3.IntegrityError, match=said):
        _run(raw, statements)
    raw.execute("ROLLBACK")


def test_a_sound_entry_of_a_stranger_is_taken(raw, folder):
    """accounting §10"""
    raw.execute("BEGIN IMMEDIATE")
    _run(raw, [NEW_HOLD, _lines(FREE, HELD), _entry()])
    raw.execute("COMMIT")
    with open_book(folder) as book:
        assert [balance.free["area"] for balance in book.lots()] == [7, 4]
        assert book.position() == 5


def test_stored_balances_are_those_of_the_journal(folder):
    """accounting §4"""
    with open_book(folder) as book, database.reading(book._engine) as connection:
        assert store.tally(connection) == tally(book.journal())


def test_schema_is_the_one_the_queries_are_written_for(folder):
    engine = sa.create_engine(database.book_url(folder / "ledger.db"))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = [d for d in compare_metadata(context, store.METADATA)
                       if d[0] not in {"remove_index", "remove_constraint"}]
        strict = connection.exec_driver_sql(
            "SELECT name FROM pragma_table_list WHERE strict AND schema = 'main'").scalars().all()
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    engine.dispose()
    assert differences == []
    assert set(strict) >= {"lot", "hold", "entry", "posting", "balance"}
    assert mode == "wal"


def test_overdraft_check_reads_no_whole_table(raw):
    """accounting §9"""
    guard = next(each for each in guards("sqlite") if "refuses (overdraft)" in each)
    rule = guard.partition("refuses (overdraft)")[2].partition("WHERE ")[2].partition(";")[0]
    query = rule.replace("NEW.entry_id", "5")
    plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN SELECT {query}")]
    assert not [step for step in plan if re.match(r"SCAN (p|b|posting|balance)\b", step)], plan


def test_refusals_of_the_database_become_errors_with_sentences(folder):
    """accounting §10"""
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    lines = (Posting("L000002", "area", State.HELD, -5, "H000003"),
             Posting("L000002", "area", State.USED, 5, "H000003"))
    for postings, error in ((lines, OverdraftError), (lines[:1], UnbalancedError)):
        entry = Entry(5, Event.SETTLE, JUNE, moment, postings)
        with open_book(folder) as book:
            with pytest.raises(error) as caught, database.writing(book._engine) as connection:
                store.add_entry(connection, entry)
            assert "Nothing was written" in say(caught.value, "en")
            assert book.position() == 4


def test_busy_book_makes_a_writer_wait_and_then_say_so(folder, raw):
    """accounting §10"""
    raw.execute("BEGIN IMMEDIATE")
    with open_book(folder, wait_seconds=0.2) as book:
        assert book.position() == 4
        with pytest.raises(LedgerError) as caught:
            bring_in(book, {"area": 1})
        assert caught.value.message.key == "ledger.busy"
        assert "try again" in say(caught.value, "en")
        raw.execute("COMMIT")
        bring_in(book, {"area": 1})
        assert book.position() == 5


def test_other_databases_and_later_books_are_left_alone(tmp_path, folder, raw):
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError) as later:
        open_book(folder)
    assert later.value.message.key == "ledger.later_version"
    other = tmp_path / "other.gpkg"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE gpkg_contents (a)")
    content = other.read_bytes()
    with pytest.raises(LedgerError) as caught:
        open_book_at(other)
    assert "gpkg_contents" in say(caught.value, "en")
    assert other.read_bytes() == content


def open_book_at(path):
    from zoning.ledger.book import Book

    return Book.open(database.book_url(path))


def test_every_message_of_the_room_has_the_same_placeholders_in_both_languages():
    for key, told in catalogue().items():
        if key.startswith("ledger.") and key != "ledger.named":
            names = [sorted(re.findall(r"(?<!\{)\{(\w+)\}", told[each])) for each in ("zh", "en")]
            assert names[0] == names[1], key
