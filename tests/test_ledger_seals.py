"""The chain, closed periods, exported journals: whatever is changed is found and named."""

from __future__ import annotations

import json
import random
import sqlite3
from contextlib import closing
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from ledger_books import COUNTY, JANUARY, JUNE, MARCH, bring_in, hold, open_book

from zoning.errors import InputError, LedgerError
from zoning.ledger import database
from zoning.ledger.book import Book
from zoning.ledger.export import verify_export
from zoning.ledger.model import Inflow, Lot, Voucher
from zoning.ledger.seals import GENESIS, EntryRecord, body, link, read_body
from zoning.ledger.verify import Verification
from zoning.messages import say

JANUARY_END, MARCH_END = date(2026, 1, 31), date(2026, 3, 31)
FLIPS = 1000


def _fill(book: Book) -> None:
    """Nine entries of every event and two closed periods: after entry 3, and after entry 5."""
    first = bring_in(book, {"area": 100, "paddy": 40}, expires=date(2026, 12, 31))
    book.post_inflow(Inflow(
        Lot("", COUNTY, 2024, "苏政〔2024〕41号", date(2024, 10, 13), ("demolition/CJ-003",), None,
            150_000, ("industry",), "三年内归还"), {"area": 50}, Voucher(effective=JANUARY)))
    bring_in(book, {"capacity": 7}, key="third")
    book.close_period(JANUARY_END, note="一月")
    held = hold(book, {"area": 60, "paddy": 5}, effective=MARCH, due=date(2027, 3, 1))
    book.settle(held.hold_id, {"area": 20}, Voucher(effective=MARCH, note="部分核销"))
    book.close_period(MARCH_END)
    book.void(held.hold_id, {"area": 10}, Voucher(effective=JUNE))
    second = hold(book, {"area": 1}, "P2")
    book.reverse(int(second.hold_id[1:]), Voucher(effective=JUNE))
    book.expire(first, None, Voucher(effective=date(2027, 1, 1)))


@pytest.fixture
def filled(book_at):
    with open_book(book_at) as book:
        _fill(book)
        yield book


@pytest.fixture
def exported(tmp_path):
    with open_book(tmp_path) as book:
        _fill(book)
        book.export(tmp_path / "book.txt")
    return tmp_path / "book.txt"


def _named(told: Verification) -> tuple[int, str]:
    assert told.fault is not None
    assert f"{told.fault.entry_id}" in say(told.fault.message, "zh")
    fact = told.fault.message.params["fact"]
    return told.fault.entry_id, fact.key.removeprefix("ledger.verify.")


def test_sound_book_verifies_and_names_its_head(filled):
    """accounting §11"""
    told = filled.verify()
    assert (told.position, told.periods, told.fault) == (9, 2, None)
    assert filled.head() == (9, told.head)
    assert [period.entry_id for period in filled.periods()] == [3, 5]
    assert filled.verify(known=(5, filled.periods()[1].digest)).is_sound
    assert filled.verify(known=(0, GENESIS)).is_sound
    assert _named(filled.verify(known=(5, "0" * 64))) == (5, "known")


def test_empty_book_verifies_and_is_not_closed(book_at):
    """accounting §11 §12"""
    with open_book(book_at) as book:
        assert book.verify() == Verification(0, GENESIS)
        with pytest.raises(LedgerError, match="period_empty"):
            book.close_period(JANUARY_END)


def test_link_follows_from_what_is_stored_as_anybody_can_compute(exported):
    """accounting §11"""
    previous = GENESIS
    for line in exported.read_text(encoding="utf-8").splitlines()[1:-1]:
        digest, _, text = line.partition(" ")
        assert digest == sha256(f"{previous}\n{text}".encode()).hexdigest()
        previous = digest
    assert exported.read_text(encoding="utf-8").splitlines()[-1] == f"end 9 2 {previous}"


def test_body_of_an_entry_keeps_its_form():
    """accounting §11: a form that changed would break every link noted down."""
    record = EntryRecord(
        (1, "inflow", "2026-01-01", "2026-06-01T09:00:01.000000Z", "", "文号", "", None, None, "",
         2), [(1, "L1", "area", "source", -5, None), (2, "L1", "area", "free", 5, None)],
        ("L1", "CN", "offset", "stock", 2026, "文号", None, "[]", None, None, "[]", ""), None)
    assert link(GENESIS, body(record)) == (
        "c8159dea44dd988aeb8970f67991367b6e61f004bbdb3aa32fe940eb438abfe4")
    assert read_body(body(record)) == record._replace(digest="")


def test_closed_period_takes_nothing_more(filled):
    """accounting §12"""
    before = filled.head()
    for day in (JANUARY, MARCH_END):
        with pytest.raises(LedgerError, match="period_closed") as caught:
            bring_in(filled, {"area": 1}, effective=day)
        assert "2026-03-31" in say(caught.value, "en")
    for day, key in ((MARCH_END, "period_order"), (date(2026, 6, 1), "period_future")):
        with pytest.raises(LedgerError, match=key):
            filled.close_period(day)
    assert filled.head() == before
    bring_in(filled, {"area": 1}, effective=MARCH_END + timedelta(days=1))
    third = filled.close_period(date(2026, 4, 30))
    assert (third.number, third.first_day, third.entry_id) == (3, date(2026, 4, 1), 10)
    assert filled.verify().is_sound


def test_closed_entry_is_corrected_by_a_later_day(filled):
    """accounting §8 §12"""
    with pytest.raises(LedgerError, match="period_closed"):
        filled.reverse(3, Voucher(effective=JANUARY))
    assert filled.reverse(3, Voucher(effective=JUNE)).reverses == 3
    assert filled.verify().is_sound


FORGERIES = {
    "an amount": ("UPDATE posting SET amount = 2 * amount WHERE entry_id = 4", (4, "link")),
    "a date": ("UPDATE entry SET effective = '2026-03-02' WHERE entry_id = 5", (5, "link")),
    "a note": ("UPDATE entry SET note = 'x' WHERE entry_id = 1", (1, "link")),
    "a request": ("UPDATE entry SET request = '' WHERE entry_id = 6", (6, "link")),
    "a link": (f"UPDATE entry SET digest = '{'0' * 64}' WHERE entry_id = 7", (7, "link")),
    "a lot's expiry": ("UPDATE lot SET expires = NULL WHERE lot_id = 'L000001'", (1, "link")),
    "a lot's cost": ("UPDATE lot SET unit_cost_yuan = 1 WHERE lot_id = 'L000002'", (2, "link")),
    "a lot's origin": ("UPDATE lot SET origin = '[]' WHERE lot_id = 'L000002'", (2, "link")),
    "a hold's project": ("UPDATE hold SET project_id = 'P9' WHERE hold_id = 'H000004'",
                         (4, "link")),
    "a hold's due day": ("UPDATE hold SET due = NULL WHERE hold_id = 'H000004'", (4, "link")),
    "a removed entry": ("DELETE FROM entry WHERE entry_id = 6", (6, "missing")),
    "the removed last entry": ("DELETE FROM entry WHERE entry_id = 9", (8, "balance")),
    "a removed line": ("DELETE FROM posting WHERE entry_id = 5 AND line = 2", (5, "link")),
    "a renumbered line": ("UPDATE posting SET line = 9 WHERE entry_id = 5 AND line = 2",
                          (5, "link")),
    "swapped entries": ("UPDATE entry SET entry_id = CASE entry_id WHEN 2 THEN -3 ELSE -2 END "
                        "WHERE entry_id IN (2, 3); UPDATE entry SET entry_id = -entry_id "
                        "WHERE entry_id < 0", (2, "link")),
    "a period's end": ("UPDATE period SET last_day = '2026-02-28' WHERE number = 2", (5, "link")),
    "a removed period": ("DELETE FROM period WHERE number = 1", (4, "link")),
    "the removed last period": ("DELETE FROM period WHERE number = 2", (6, "link")),
    "a period moved on": ("UPDATE period SET entry_id = 6 WHERE number = 2", (6, "link")),
    "a balance": ("UPDATE balance SET amount = amount + 1 WHERE state = 'used'", (9, "balance")),
    "a total": ("UPDATE total SET amount = amount + 1 WHERE state = 'free'", (9, "total")),
    "a lot from nowhere": ("INSERT INTO lot SELECT 'L9', place, kind, pool, vintage, document, "
                           "document_date, origin, expires, unit_cost_yuan, uses, note, NULL "
                           "FROM lot WHERE lot_id = 'L000001'", (9, "unopened")),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_verify_names_what_a_forger_changed(filled, book_at, name, tmp_path):
    """accounting §11: the owner of the database takes the guards away and changes something."""
    statements, answer = FORGERIES[name]
    _forge(book_at, statements.split("; "))
    assert _named(filled.verify()) == answer
    if answer[1] in ("link", "missing"):
        assert _named(filled.export(tmp_path / "forged.txt")) == answer
        entry_id, _ = _named(verify_export(tmp_path / "forged.txt"))
        assert entry_id in (answer[0], answer[0] - 1)


def _forge(url: str, statements: list[str]) -> None:
    parsed = sa.make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(parsed.database)) as connection, connection:
            for (name,) in connection.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f"DROP TRIGGER {name}")
            for statement in statements:
                connection.execute(statement)
        return
    with psycopg.connect(url) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)


def _rewrite(path: Path, number: int, change) -> None:
    """Change one record and forge every link from it on."""
    first, *lines, _ = path.read_text(encoding="utf-8").splitlines()
    head, counts, out = GENESIS, [0, 0], [first]
    for at, line in enumerate(lines):
        told = json.loads(line.partition(" ")[2])
        if at == number:
            change(told)
        if "period" in told:
            told["period"]["head"] = head
        counts["period" in told] += 1
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
        head = link(head, text)
        out.append(f"{head} {text}")
    out.append(f"end {counts[0]} {counts[1]} {head}\n")
    path.write_text("\n".join(out), encoding="utf-8")


def _line(number: int, name: str, value: object):
    def change(told):
        told["lines"][number][("line", "lot_id", "component", "state", "amount",
                               "hold_id").index(name)] = value
    return change


def _set(name: str, value: object, part: str | None = None):
    def change(told):
        (told[part] if part else told)[name] = value
    return change


def _overdraw(told):
    for line in told["lines"]:
        line[4] *= 100


REWRITTEN = {
    "unbalanced": (0, _line(0, "amount", -99)),
    "move": (0, _line(0, "state", "lapsed")),
    "overdraft": (4, _overdraw),
    "recorded": (1, _set("recorded", "2020-01-01T00:00:00.000000Z")),
    "closed": (4, _set("effective", "2026-01-31")),
    "lines": (1, _set("line_count", 3)),
    "key": (4, _set("key", "third")),
    "lot": (1, _set("lot_id", "L000001", "lot")),
    "hold": (4, _set("hold_id", "H9", "hold")),
    "reversal": (9, _set("reverses", 6)),
    "expired": (0, _set("expires", "2026-02-01", "lot")),
    "missing": (2, _set("entry_id", 4)),
    "period": (3, _set("number", 2, "period")),
}


@pytest.mark.parametrize("name", REWRITTEN)
def test_forger_of_the_whole_chain_still_cannot_break_a_rule(exported, name):
    """accounting §11"""
    _rewrite(exported, *REWRITTEN[name])
    entry_id, fact = _named(verify_export(exported))
    assert fact == name
    assert entry_id <= 8


def test_forger_of_the_whole_chain_is_found_by_a_noted_link(exported):
    """accounting §11"""
    honest = verify_export(exported)
    _rewrite(exported, 0, _set("note", "forged"))
    assert verify_export(exported).is_sound
    assert _named(verify_export(exported, known=(9, honest.head))) == (9, "known")


def test_every_flipped_byte_of_an_export_is_found_and_named(exported):
    """accounting §11"""
    data = exported.read_bytes()
    starts = [0, *(i + 1 for i, byte in enumerate(data) if byte == 10)]
    chooser = random.Random(20260101)
    for _ in range(FLIPS):
        place, bit = chooser.randrange(len(data)), 1 << chooser.randrange(8)
        broken = bytearray(data)
        broken[place] ^= bit
        exported.write_bytes(bytes(broken))
        entry_id, _ = _named(verify_export(exported))
        line = sum(start <= place for start in starts) - 1
        assert entry_id in _entries_of_line(data.split(b"\n")[:-1], line), (place, bit)


def _entries_of_line(lines: list[bytes], number: int) -> set[int]:
    """The entry a line is; for one that is none, the entry it stands at."""
    if number == 0:
        return {1}
    before = sum(b'"entry_id":' in line and b'{"period"' not in line for line in lines[1:number])
    is_entry = b'{"entry_id"' in lines[number]
    return {before + 1} if is_entry else {before, before + 1}


def test_cut_off_and_absent_exports_are_refused(exported, tmp_path):
    """accounting §11"""
    data = exported.read_bytes()
    for end in (0, 5, 20, len(data) // 2, len(data) - 1, data.rindex(b"end")):
        exported.write_bytes(data[:end])
        assert not verify_export(exported).is_sound
    with pytest.raises(InputError, match="export_unread"):
        verify_export(tmp_path / "nowhere.txt")


def test_export_is_complete_or_not_there(tmp_path, exported):
    """accounting §11"""
    with open_book(tmp_path) as book, pytest.raises(InputError, match="export_failed"):
        book.export(tmp_path / "nowhere" / "book.txt")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["book.txt", "ledger.db"]


def test_restored_book_is_the_same_book(exported, book_at, tmp_path):
    """accounting §11"""
    url = book_at if "postgresql" in book_at else database.book_url(tmp_path / "other.db")
    with open_book(tmp_path) as original, open_book(url) as book:
        book.restore(exported)
        assert book.head() == original.head()
        assert book.journal() == original.journal()
        assert book.pools() == original.pools()
        assert book.holds() == original.holds()
        assert book.periods() == original.periods()
        assert book.verify().is_sound
        with pytest.raises(LedgerError, match="restore_full"):
            book.restore(exported)
        bring_in(book, {"area": 1}, effective=JUNE)


def test_damaged_export_restores_nothing(exported, tmp_path):
    """accounting §11"""
    exported.write_bytes(exported.read_bytes().replace(b"P2", b"P3", 1))
    with open_book(database.book_url(tmp_path / "other.db")) as book:
        with pytest.raises(LedgerError, match="restore_unfit") as caught:
            book.restore(exported)
        assert "entry 7" in say(caught.value, "en")
        assert (book.position(), book.lots()) == (0, ())


def test_book_of_the_first_schema_keeps_every_entry(tmp_path):
    """accounting §4 §11"""
    source = Path(__file__).parent / "data" / "ledger_schema_0001.sql"
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        connection.executescript(source.read_text(encoding="utf-8"))
        tables = {name: connection.execute(f"SELECT * FROM {name} ORDER BY 1, 2").fetchall()
                  for name in ("lot", "hold", "posting", "balance", "entry")}
    with open_book(tmp_path) as book:
        assert book.verify().is_sound
        assert book.position() == len(tables["entry"]) > 5
        bring_in(book, {"area": 1}, effective=JUNE)
        assert book.verify().is_sound
        assert sum(pool.inflow for pool in book.pools() if pool.component == "area") > 1
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as connection:
        for name, rows in tables.items():
            now = [row[:len(rows[0])] for row in connection.execute(
                f"SELECT * FROM {name} ORDER BY 1, 2")]
            assert all(row in now for row in rows), name
        with pytest.raises(sqlite3.IntegrityError, match="append_only"):
            connection.execute("UPDATE entry SET note = 'x'")
