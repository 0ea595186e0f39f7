"""How a book is stored: its schema, what strangers may and may not do, and who is turned away."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from ledger_books import COUNTY, JUNE, MARCH, bring_in, hold, open_book
from ledger_strangers import (
    FREE,
    HELD,
    NEW_HOLD,
    NEW_LOT,
    REFUSED,
    TABLES,
    content,
    entry_row,
    fill,
    in_sqlite,
    lines,
    run_all,
    stranger,
)

from zoning.errors import LedgerError, OverdraftError, UnbalancedError
from zoning.ledger import database, store
from zoning.ledger.balances import tally
from zoning.ledger.migrations.guards_0004 import guards
from zoning.ledger.model import Entry, Event, Inflow, Lot, Posting, State, Voucher
from zoning.ledger.records import Journal
from zoning.ledger.sums import cell_sums
from zoning.ledger.writer import Writer
from zoning.messages import catalogue, say


@pytest.mark.parametrize("book_at", ["postgresql"], indirect=True)
def test_two_strangers_cannot_slip_lines_into_each_others_entry(url, raw):
    """accounting §10"""
    with stranger(url) as other:
        raw.execute("BEGIN")
        run_all(raw, [NEW_HOLD, lines(FREE, HELD), entry_row()])
        other.execute("SET lock_timeout = '200ms'")
        other.execute("BEGIN")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("INSERT INTO posting VALUES (5, 3, 'L000001', 'area', 'free', -1, NULL)")
        other.execute("ROLLBACK")
        raw.execute("COMMIT")
        with pytest.raises(REFUSED, match="order"):
            other.execute("INSERT INTO posting VALUES (5, 3, 'L000001', 'area', 'free', -1, NULL)")


@pytest.mark.parametrize(("statements", "said"), [
    ([NEW_HOLD, lines(FREE, HELD), "COMMIT"], "(?i)foreign key"),
    ([NEW_HOLD, "COMMIT"], "(?i)foreign key"),
    ([NEW_LOT, "COMMIT"], "(?i)foreign key"),
    ([lines(("L8", "area", "free", 1, None))], "(?i)foreign key"),
    ([lines(FREE, ("L000001", "area", "held", 3, None))], "posting_hold"),
    ([lines(("L000001", "area", "free", -3, "H000003"))], "posting_hold"),
    ([lines(("L000001", "area", "lost", 3, None))], "posting_state"),
    ([lines(("L000001", "area", "free", 0, None))], "posting_amount"),
    ([lines(("L000001", "area", "free", 10**16, None))], "posting_amount"),
])
def test_schema_refuses_postings_that_mean_nothing(standing, statements, said):
    """accounting §10"""
    before = content(standing)
    standing.execute("BEGIN")
    with pytest.raises(REFUSED, match=said):
        run_all(standing, statements)
    standing.execute("ROLLBACK")
    assert content(standing) == before


@in_sqlite
def test_schema_refuses_fractions(raw):
    """accounting §1"""
    with pytest.raises(REFUSED, match="INTEGER"):
        raw.execute("INSERT INTO posting VALUES (5, 1, 'L000001', 'area', 'free', 1.5, NULL)")


def test_a_sound_entry_of_a_stranger_is_taken_but_does_not_verify(raw, url):
    """accounting §10 §11"""
    raw.execute("BEGIN")
    run_all(raw, [NEW_HOLD, lines(FREE, HELD), entry_row()])
    raw.execute("COMMIT")
    with open_book(url) as book:
        assert [balance.free["area"] for balance in book.lots()] == [7, 4]
        assert book.position() == 5
        fault = book.verify().fault
        assert fault is not None
        assert (fault.entry_id, fault.message.params["fact"].key) == (5, "ledger.verify.link")


def test_stored_balances_are_those_of_the_journal(url):
    """accounting §4"""
    with open_book(url) as book, database.reading(book._engine) as connection:
        assert cell_sums(connection) == tally(book.journal())


def test_schema_is_the_one_the_queries_are_written_for(url):
    engine = database.make_engine(url, wait_seconds=1)
    with database.reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        differences = [d for d in compare_metadata(context, store.METADATA)
                       if d[0] not in {"remove_index", "remove_constraint"}
                       and not _is_reflected_in_part(d) and not _is_of_guards(d)]
    engine.dispose()
    assert differences == []


def _is_of_guards(difference) -> bool:
    """What only the guards of a file read and write."""
    return difference[0] == "remove_table" and difference[1].name == "applied"


def _is_reflected_in_part(difference) -> bool:
    """SQLite is not asked whether a key that a column itself states is deferred."""
    return (difference[0] in {"add_fk", "remove_fk"}
            and difference[1].table.name in {"lot", "hold"}
            and difference[1].column_keys == ["entry_id"])


@in_sqlite
def test_file_is_strict_and_lets_readers_read(url):
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        strict = connection.exec_driver_sql(
            "SELECT name FROM pragma_table_list WHERE strict AND schema = 'main'").scalars().all()
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar()
    engine.dispose()
    assert set(strict) >= set(TABLES)
    assert mode == "wal"


@in_sqlite
def test_applying_an_entry_reads_no_whole_table(raw):
    """accounting §9"""
    made = next(each for each in guards("sqlite") if "CREATE TRIGGER entry_apply" in each)
    for statement in made.partition("BEGIN")[2].split(";")[:2]:
        query = statement.replace("NEW.entry_id", "5").replace("NEW.effective", "'2026-06-01'")
        plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {query}")]
        assert not [step for step in plan
                    if re.match(r"SCAN (p|b|l|t|posting|balance|lot|total)\b", step)], plan


def test_refusals_of_the_database_become_errors_with_sentences(url):
    """accounting §10"""
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    both = (Posting("L000002", "area", State.HELD, -5, "H000003"),
            Posting("L000002", "area", State.USED, 5, "H000003"))
    for postings, error in ((both, OverdraftError), (both[:1], UnbalancedError)):
        entry = Entry(5, Event.SETTLE, JUNE, moment, postings)
        with open_book(url) as book:
            with pytest.raises(error) as caught, database.writing(book._engine) as connection:
                Writer(connection).add(entry)
            assert "Nothing was written" in say(caught.value, "en")
            assert book.position() == 4


def test_busy_book_makes_a_writer_wait_and_then_say_so(url, raw):
    """accounting §10"""
    raw.execute("BEGIN IMMEDIATE" if url.startswith("sqlite") else "BEGIN")
    raw.execute(NEW_HOLD)
    with open_book(url, wait_seconds=0.2) as book:
        assert book.position() == 4
        with pytest.raises(LedgerError) as caught:
            bring_in(book, {"area": 1})
        assert caught.value.message.key == "ledger.busy"
        assert "try again" in say(caught.value, "en")
        raw.execute("ROLLBACK")
        bring_in(book, {"area": 1}, effective=MARCH)
        assert book.position() == 5


def test_books_of_a_later_version_are_left_alone(url, raw):
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError) as later:
        open_book(url)
    assert later.value.message.key == "ledger.later_version"


def test_other_databases_are_left_alone(book_at):
    with stranger(book_at) as connection:
        connection.execute("CREATE TABLE gpkg_contents (a int)")
    with pytest.raises(LedgerError) as caught:
        open_book(book_at)
    assert "gpkg_contents" in say(caught.value, "en")
    with stranger(book_at) as connection, pytest.raises((sqlite3.Error, psycopg.Error)):
        connection.execute("SELECT * FROM entry")


def test_absent_book_is_not_made_unasked(book_at):
    with pytest.raises(LedgerError) as caught:
        open_book(book_at, create=False)
    assert caught.value.message.key == "ledger.no_book"
    with stranger(book_at) as connection, pytest.raises((sqlite3.Error, psycopg.Error)):
        connection.execute("SELECT * FROM entry")


def test_absent_server_is_named_without_the_password():
    url = "postgresql://reader:secret@127.0.0.1:1/ledger"
    with pytest.raises(LedgerError) as caught:
        open_book(url, wait_seconds=1)
    assert caught.value.message.key == "ledger.unusable"
    assert "127.0.0.1" in say(caught.value, "en")
    assert "secret" not in say(caught.value, "en") + str(caught.value)


def test_every_message_of_the_room_has_the_same_placeholders_in_both_languages():
    for key, told in catalogue().items():
        if key.startswith("ledger.") and key != "ledger.named":
            names = [sorted(re.findall(r"(?<!\{)\{(\w+)\}", told[each])) for each in ("zh", "en")]
            assert names[0] == names[1], key


@pytest.mark.parametrize("stray", [NEW_HOLD, NEW_LOT])
def test_nothing_a_stranger_leaves_behind_stands_in_the_way(url, raw, stray):
    """accounting §10: a lot or hold that no entry opens is not kept."""
    with pytest.raises(REFUSED):
        raw.execute(stray.replace("'H9'", "'H000005'").replace("'L9'", "'L000005'"))
    with open_book(url) as book:
        assert hold(book, {"area": 1}, "P2").hold_id == "H000005"
        assert bring_in(book, {"area": 1}, effective=MARCH) == "L000006"
        assert book.verify().fault is None


def test_a_lot_named_like_a_later_number_does_not_stand_in_the_way(book_at):
    """accounting §5"""
    with open_book(book_at) as book:
        lot = Lot("L000002", COUNTY, 2026, "No. 1")
        book.post_inflow(Inflow(lot, {"area": 5}, Voucher(effective=MARCH)))
        assert bring_in(book, {"area": 1}) == "L000002-2"
        with pytest.raises(LedgerError, match="lot_exists"):
            book.post_inflow(Inflow(lot, {"area": 5}, Voucher(effective=MARCH)))
        assert book.verify().is_sound


def test_book_of_the_second_schema_keeps_every_entry_and_its_stray_rows(book_at):
    """accounting §10 §11: what no entry opened is named by verify, and blocks nobody."""
    _make_0002(book_at)
    with open_book(book_at) as book:
        assert [entry.entry_id for entry in book.journal()] == [1, 2, 3, 4]
        fault = book.verify().fault
        assert fault is not None
        assert fault.message.params["fact"].params["names"] == ["H000005"]
        assert hold(book, {"area": 1}, "P2").hold_id == "H000005-2"
    with stranger(book_at) as connection:
        opened = connection.execute(
            "SELECT lot_id, entry_id FROM lot UNION ALL SELECT hold_id, entry_id FROM hold "
            "ORDER BY 1, 2").fetchall()
    assert [tuple(row) for row in opened] == [
        ("H000003", 3), ("H000005", None), ("H000005-2", 5), ("L000001", 1), ("L000002", 2)]


def _make_0002(url):
    """A book as migration 0002 made it, with the four entries of `fill` and a stray hold."""
    journal = export_of_four_entries()
    engine = database.make_engine(url, wait_seconds=5)
    config = database._alembic()
    if database.is_file(engine):
        database._use_wal(engine)
    with database.writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")
        writer = WriterOf0002(connection)
        for record in journal:
            writer.add_record(record)
        connection.exec_driver_sql(
            "INSERT INTO hold VALUES ('H000005', 'P5', 'S1', 'offset', NULL)")
    engine.dispose()


def export_of_four_entries():
    with (
        tempfile.TemporaryDirectory() as folder,
        open_book(fill(database.book_url(Path(folder) / "l.db"))) as book,
        database.reading(book._engine) as connection,
    ):
        return list(Journal(connection).records())


class WriterOf0002(Writer):
    """Writes rows as they were before lots and holds named their entry."""

    def _insert(self, table, names, *rows):
        if table in ("lot", "hold"):
            names, rows = names[:-1], [row[:-1] for row in rows]
        super()._insert(table, names, *rows)
