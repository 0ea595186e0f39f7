"""What the database itself refuses, whoever writes to it; and that it stores what the folds say."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from ledger_books import JUNE, MARCH, bring_in, hold, open_book
from postgres_server import new_schema

from zoning.errors import LedgerError, OverdraftError, UnbalancedError
from zoning.ledger import database, store
from zoning.ledger.balances import tally
from zoning.ledger.migrations.guards_0001 import guards as guards_0001
from zoning.ledger.migrations.guards_0002 import guards as guards_0002
from zoning.ledger.migrations.guards_0003 import guards
from zoning.ledger.model import Entry, Event, Posting, State, Voucher
from zoning.ledger.sums import cell_sums
from zoning.ledger.writer import Writer
from zoning.messages import catalogue, say

TABLES = ("lot", "hold", "entry", "posting", "balance", "period", "total")
REFUSED = (sqlite3.IntegrityError, psycopg.errors.IntegrityError)


def _fill(url: str) -> str:
    """A book of four entries, closed through January: two lots, one hold of 6, 2 of it settled."""
    with open_book(url) as book:
        bring_in(book, {"area": 10, "paddy": 4}, effective=MARCH)
        bring_in(book, {"area": 10}, effective=MARCH, expires=date(2026, 12, 31), key="in-2")
        book.settle(hold(book, {"area": 6}).hold_id, {"area": 2}, Voucher(effective=JUNE))
        book.close_period(date(2026, 1, 31))
    return url


@pytest.fixture
def url(book_at):
    return _fill(book_at)


@pytest.fixture(scope="module")
def standing_sqlite(tmp_path_factory):
    """A stranger's connection to a book that outlasts the attacks on it, as every attack fails."""
    with stranger(_fill(database.book_url(tmp_path_factory.mktemp("standing") / "l.db"))) as raw:
        yield raw


@pytest.fixture(scope="module")
def standing_postgresql(postgres):
    with stranger(_fill(new_schema(postgres))) as raw:
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


def _content(connection) -> list[list[tuple[object, ...]]]:
    return [connection.execute(f'SELECT * FROM "{table}" ORDER BY 1, 2, 3').fetchall()
            for table in TABLES]


def _entry(event="hold", *, number=5, lines=2, effective="2026-06-01", recorded="2027", key="NULL",
           reverses="NULL", verb="INSERT", digest="d" * 64, after="") -> str:
    recorded += "-01-01T00:00:00.000000Z"
    return (f"{verb} INTO entry VALUES ({number}, '{event}', '{effective}', '{recorded}', "
            f"'', '', '', {reverses}, {key}, '', {lines}, '{digest}') {after}")


def _period(number=2, last="2026-02-28", entry=4, recorded="2027", digest="d" * 64,
            head="(SELECT digest FROM period)") -> str:
    return (f"INSERT INTO period VALUES ({number}, '2026-02-01', '{last}', {entry}, "
            f"'{recorded}-01-01T00:00:00.000000Z', '', {head}, '{digest}')")


def _lines(*lines: tuple[str, str, str, int, str | None], number=5, verb="INSERT") -> str:
    rows = ", ".join(
        f"({number}, {i}, '{lot}', '{component}', '{state}', {amount}, "
        + ("NULL" if hold is None else f"'{hold}'") + ")"
        for i, (lot, component, state, amount, hold) in enumerate(lines, start=1))
    return f"{verb} INTO posting VALUES {rows}"


FREE = ("L000001", "area", "free", -3, None)
HELD, HELD_3 = (("L000001", "area", "held", 3, name) for name in ("H9", "H000003"))
NEW_HOLD = "INSERT INTO hold VALUES ('H9', 'P9', 'S1', 'offset', NULL, 5)"
NEW_LOT = ("INSERT INTO lot VALUES ('L9', 'CN', 'offset', 'stock', 2026, '', NULL, '[]', NULL, "
           "NULL, '[]', '', 5)")


def _run(connection, statements: list[str]) -> None:
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
                       "document_date, origin, NULL, NULL, uses, note, entry_id FROM lot"],
                      "exists"),
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
    "open a hold for a later entry": ([NEW_HOLD.replace("NULL, 5)", "NULL, 6)")], "order"),
    "open a hold of no entry": ([NEW_HOLD.replace("NULL, 5)", "NULL, NULL)")], "order"),
    "open a lot for an earlier entry": ([NEW_LOT.replace(", 5)", ", 2)")], "order"),
    "open a hold beside a settlement": ([NEW_HOLD, _lines(
        ("L000002", "area", "held", -1, "H000003"), ("L000002", "area", "used", 1, "H000003")),
        _entry("settle")], "hold_filled"),
    "open a lot beside a settlement": ([NEW_LOT, _lines(
        ("L000002", "area", "held", -1, "H000003"), ("L000002", "area", "used", 1, "H000003")),
        _entry("settle")], "lot_filled"),
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
    "reverse something else": ([_lines(FREE, HELD_3), _entry("reverse", reverses=4)],
                               "reversal"),
    "reverse nothing": ([_lines(FREE, HELD_3), _entry("reverse", reverses=99)],
                        "reversal"),
    "reverse without saying so": ([_lines(FREE, HELD_3), _entry("reverse")], "reversal"),
    "say reversal of a hold": ([NEW_HOLD, _lines(FREE, HELD), _entry(reverses=4)], "reversal"),
    "raise a balance": (["UPDATE balance SET amount = 100 WHERE state = 'free'"], "balance"),
    "raise a balance as if by the last entry": (
        ["UPDATE balance SET amount = 100, entry_id = 4 WHERE lot_id = 'L000001'"], "balance"),
    "invent a balance": (["INSERT INTO balance VALUES ('L000001', 'x', 'free', '', 5, 4)"],
                         "balance"),
    "replace a balance": (["REPLACE INTO balance SELECT lot_id, component, state, hold_id, 99, "
                           "entry_id FROM balance"], "balance"),
    "remove balances": (["DELETE FROM balance"], "append_only"),
    "raise a total": (["UPDATE total SET amount = amount + 1 WHERE state = 'free'"], "total"),
    "invent a total": (["INSERT INTO total VALUES ('day', '2026-06-01', 'offset', 'CN', 'stock', "
                        "'area', 'free', 5, 4)"], "total"),
    "raise a total as if by the last entry": (
        ["UPDATE total SET amount = 9, entry_id = 4 WHERE grain = 'month'"], "total"),
    "remove totals": (["DELETE FROM total"], "append_only"),
    "post into a closed period": ([NEW_HOLD, _lines(FREE, HELD), _entry(effective="2026-01-31")],
                                  "closed"),
    "post without a link": ([NEW_HOLD, _lines(FREE, HELD), _entry(digest="")], "link"),
    "open a period again": (["DELETE FROM period"], "append_only"),
    "move a period's end": (["UPDATE period SET last_day = '2025-12-31'"], "append_only"),
    "close the same period": ([_period(last="2026-01-31")], "period"),
    "leave out a period": ([_period(number=3)], "period"),
    "close an earlier book": ([_period(entry=3)], "period"),
    "close upon another link": ([_period(head="'" + "e" * 64 + "'")], "period"),
    "close before the last entry": ([_period(recorded="2020")], "period"),
    "close without a link": ([_period(digest="")], "period"),
}
SQLITE_ATTACKS = {
    "switch foreign keys off": (["COMMIT", "PRAGMA foreign_keys = OFF", "BEGIN", _lines(FREE)],
                                "keys_off"),
    "replace a period": (["REPLACE INTO period SELECT * FROM period"], "period"),
    "replace a total": (["REPLACE INTO total SELECT grain, span, kind, place, pool, component, "
                         "state, 99, entry_id FROM total"], "total"),
    **{name: attack for name, attack in ATTACKS.items()
       if re.search(r"REPLACE|OR IGNORE", " ".join(attack[0]))},
}
ATTACKS = {name: attack for name, attack in ATTACKS.items() if name not in SQLITE_ATTACKS}
POSTGRES_ATTACKS = {
    **{f"empty {table}": ([f"TRUNCATE {table} CASCADE"], "append_only") for table in TABLES},
    "update on conflict": (["INSERT INTO lot SELECT * FROM lot ON CONFLICT (lot_id) "
                            "DO UPDATE SET expires = NULL"], "append_only"),
    "replace a balance on conflict": (
        ["INSERT INTO balance SELECT * FROM balance ON CONFLICT (lot_id, component, state, hold_id)"
         " DO UPDATE SET amount = 99"], "balance"),
    "overdraw and ignore": ([NEW_HOLD, _filled(-11, 11), _entry(after="ON CONFLICT DO NOTHING")],
                            "overdraft"),
    "see an older moment": (["ROLLBACK", "BEGIN ISOLATION LEVEL REPEATABLE READ", NEW_HOLD],
                            "isolation"),
    "put another table in front": (
        ["CREATE TEMP TABLE balance (lot_id text, component text, state text, hold_id text, "
         "amount bigint, entry_id int) ON COMMIT DROP",
         "INSERT INTO balance VALUES ('L000001', 'area', 'free', '', 1000, 4)",
         NEW_HOLD, _filled(-11, 11), _entry()], "overdraft"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_database_refuses_to(standing, name):
    """accounting §10"""
    _refuses(standing, *ATTACKS[name])


@pytest.mark.parametrize("name", SQLITE_ATTACKS)
def test_sqlite_refuses_to(standing_sqlite, name):
    """accounting §10"""
    _refuses(standing_sqlite, *SQLITE_ATTACKS[name])
    standing_sqlite.execute("PRAGMA foreign_keys = ON")


@pytest.mark.parametrize("name", POSTGRES_ATTACKS)
def test_postgresql_refuses_to(standing_postgresql, name):
    """accounting §10"""
    _refuses(standing_postgresql, *POSTGRES_ATTACKS[name])


def _refuses(raw, statements: list[str], reason: str) -> None:
    before = _content(raw)
    raw.execute("BEGIN")
    with pytest.raises(REFUSED, match=rf"quota book refuses \({reason}\): \w+"):
        _run(raw, statements)
    raw.execute("ROLLBACK")
    assert _content(raw) == before


def test_every_reason_of_the_database_is_tried_and_documented():
    """accounting §10"""
    tried = {reason for attacks in (ATTACKS, SQLITE_ATTACKS, POSTGRES_ATTACKS)
             for _, reason in attacks.values()}
    asked = "".join([*guards_0001("sqlite"), *guards_0002("sqlite"), *guards_0002("postgresql"),
                     *guards("sqlite"), *guards("postgresql")])
    assert set(re.findall(r"quota book refuses \((\w+)\)", asked)) == tried
    table = (Path(__file__).parents[1] / "docs" / "accounting.md").read_text(encoding="utf-8")
    assert all(f"`{reason}`" in table for reason in tried)


@pytest.mark.parametrize("book_at", ["postgresql"], indirect=True)
def test_two_strangers_cannot_slip_lines_into_each_others_entry(url, raw):
    """accounting §10"""
    with stranger(url) as other:
        raw.execute("BEGIN")
        _run(raw, [NEW_HOLD, _lines(FREE, HELD), _entry()])
        other.execute("SET lock_timeout = '200ms'")
        other.execute("BEGIN")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("INSERT INTO posting VALUES (5, 3, 'L000001', 'area', 'free', -1, NULL)")
        other.execute("ROLLBACK")
        raw.execute("COMMIT")
        with pytest.raises(REFUSED, match="order"):
            other.execute("INSERT INTO posting VALUES (5, 3, 'L000001', 'area', 'free', -1, NULL)")


@pytest.mark.parametrize(("statements", "said"), [
    ([NEW_HOLD, _lines(FREE, HELD), "COMMIT"], "(?i)foreign key"),
    ([NEW_HOLD, "COMMIT"], "(?i)foreign key"),
    ([NEW_LOT, "COMMIT"], "(?i)foreign key"),
    ([_lines(("L8", "area", "free", 1, None))], "(?i)foreign key"),
    ([_lines(FREE, ("L000001", "area", "held", 3, None))], "posting_hold"),
    ([_lines(("L000001", "area", "free", -3, "H000003"))], "posting_hold"),
    ([_lines(("L000001", "area", "lost", 3, None))], "posting_state"),
    ([_lines(("L000001", "area", "free", 0, None))], "posting_amount"),
    ([_lines(("L000001", "area", "free", 10**16, None))], "posting_amount"),
])
def test_schema_refuses_postings_that_mean_nothing(standing, statements, said):
    """accounting §10"""
    before = _content(standing)
    standing.execute("BEGIN")
    with pytest.raises(REFUSED, match=said):
        _run(standing, statements)
    standing.execute("ROLLBACK")
    assert _content(standing) == before


@in_sqlite
def test_schema_refuses_fractions(raw):
    """accounting §1"""
    with pytest.raises(REFUSED, match="INTEGER"):
        raw.execute("INSERT INTO posting VALUES (5, 1, 'L000001', 'area', 'free', 1.5, NULL)")


def test_a_sound_entry_of_a_stranger_is_taken_but_does_not_verify(raw, url):
    """accounting §10 §11"""
    raw.execute("BEGIN")
    _run(raw, [NEW_HOLD, _lines(FREE, HELD), _entry()])
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
                       and not _is_reflected_in_part(d)]
    engine.dispose()
    assert differences == []


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
def test_overdraft_check_reads_no_whole_table(raw):
    """accounting §9"""
    guard = next(each for each in guards("sqlite") if "refuses (overdraft)" in each)
    rule = guard.partition("refuses (reversal)")[2].partition("WHEN ")[2].partition("THEN RAISE")[0]
    query = rule.replace("NEW.entry_id", "5")
    plan = [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN SELECT {query}")]
    assert not [step for step in plan if re.match(r"SCAN (p|b|posting|balance)\b", step)], plan


def test_refusals_of_the_database_become_errors_with_sentences(url):
    """accounting §10"""
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    lines = (Posting("L000002", "area", State.HELD, -5, "H000003"),
             Posting("L000002", "area", State.USED, 5, "H000003"))
    for postings, error in ((lines, OverdraftError), (lines[:1], UnbalancedError)):
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
