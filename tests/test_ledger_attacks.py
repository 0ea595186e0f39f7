"""What the database itself refuses, whoever writes to it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ledger_strangers import (
    FREE,
    HELD,
    HELD_3,
    NEW_HOLD,
    NEW_LOT,
    REFUSED,
    TABLES,
    content,
    entry_row,
    filled,
    lines,
    period_row,
    run_all,
)

from zoning.ledger.migrations.guards_0001 import guards as guards_0001
from zoning.ledger.migrations.guards_0002 import guards as guards_0002
from zoning.ledger.migrations.guards_0003 import guards as guards_0003
from zoning.ledger.migrations.guards_0004 import guards

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
    "replace a key": ([NEW_HOLD, lines(FREE, HELD), entry_row(key="'in-2'", verb="REPLACE")],
                      "key_used"),
    "replace a posting": ([NEW_HOLD, lines(FREE, HELD), lines(FREE, verb="REPLACE")], "exists"),
    "post to a sealed entry": ([lines(FREE, number=4)], "order"),
    "post ahead": ([lines(FREE, number=6)], "order"),
    "leave out a number": ([entry_row(number=6)], "order"),
    "let the database number": ([entry_row(number="NULL")], "order"),
    "seal nothing": ([entry_row()], "lines"),
    "seal zero lines": ([entry_row(count=0)], "lines"),
    "slip a line in": ([NEW_HOLD, lines(FREE, HELD), entry_row(count=1)], "lines"),
    "post unbalanced": ([NEW_HOLD, filled(-3, 4), entry_row()], "unbalanced"),
    "trade components": ([NEW_HOLD, filled(-3, 3, "paddy"), entry_row()], "unbalanced"),
    "ignore the balance": ([NEW_HOLD, filled(-3, 4), entry_row(verb="INSERT OR IGNORE")],
                           "unbalanced"),
    "free from nowhere": ([lines(("L000001", "area", "source", -3, None),
                                  ("L000001", "area", "free", 3, None)), entry_row()], "move"),
    "use without a hold's settlement": ([NEW_HOLD, lines(FREE, (*HELD[:2], "used", 3, "H9")),
                                         entry_row()], "move"),
    "invent an event": ([NEW_HOLD, lines(FREE, HELD), entry_row("gift")], "move"),
    "settle from hold to hold": ([NEW_HOLD, lines(
        ("L000002", "area", "held", -1, "H000003"), ("L000002", "area", "used", 1, "H9")),
        entry_row("settle")], "holds"),
    "fill a lot again": ([lines(("L000001", "area", "source", -3, None),
                                 ("L000001", "area", "free", 3, None)), entry_row("inflow")],
                         "lot_filled"),
    "fill a hold again": ([lines(FREE, ("L000001", "area", "held", 3, "H000003")), entry_row()],
                          "hold_filled"),
    "open a hold for a later entry": ([NEW_HOLD.replace("NULL, 5)", "NULL, 6)")], "order"),
    "open a hold of no entry": ([NEW_HOLD.replace("NULL, 5)", "NULL, NULL)")], "order"),
    "open a lot for an earlier entry": ([NEW_LOT.replace(", 5)", ", 2)")], "order"),
    "open a hold beside a settlement": ([NEW_HOLD, lines(
        ("L000002", "area", "held", -1, "H000003"), ("L000002", "area", "used", 1, "H000003")),
        entry_row("settle")], "hold_filled"),
    "open a lot beside a settlement": ([NEW_LOT, lines(
        ("L000002", "area", "held", -1, "H000003"), ("L000002", "area", "used", 1, "H000003")),
        entry_row("settle")], "lot_filled"),
    "hold an expired lot": ([NEW_HOLD, lines(("L000002", "area", "free", -1, None),
                                              ("L000002", "area", "held", 1, "H9")),
                             entry_row(effective="2027-01-01")], "expired"),
    "overdraw a lot": ([NEW_HOLD, filled(-11, 11), entry_row()], "overdraft"),
    "overdraw and ignore": ([NEW_HOLD, filled(-11, 11), entry_row(verb="INSERT OR IGNORE")],
                            "overdraft"),
    "overdraw and replace": ([NEW_HOLD, filled(-11, 11), entry_row(verb="INSERT OR REPLACE")],
                             "overdraft"),
    "overdraw a hold": ([lines(("L000002", "area", "held", -5, "H000003"),
                                ("L000002", "area", "used", 5, "H000003")), entry_row("settle")],
                        "overdraft"),
    "overdraw a day in between": ([NEW_HOLD, lines(FREE, HELD), entry_row(effective="2026-02-28")],
                                  "backdated"),
    "settle before holding": ([lines(("L000002", "area", "held", -1, "H000003"),
                                      ("L000002", "area", "used", 1, "H000003")),
                               entry_row("settle", effective="2026-05-31")], "backdated"),
    "record earlier": ([NEW_HOLD, lines(FREE, HELD), entry_row(recorded="2020")], "recorded"),
    "reverse something else": ([lines(FREE, HELD_3), entry_row("reverse", reverses=4)],
                               "reversal"),
    "reverse nothing": ([lines(FREE, HELD_3), entry_row("reverse", reverses=99)],
                        "reversal"),
    "reverse without saying so": ([lines(FREE, HELD_3), entry_row("reverse")], "reversal"),
    "say reversal of a hold": ([NEW_HOLD, lines(FREE, HELD), entry_row(reverses=4)], "reversal"),
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
    "post into a closed period": ([NEW_HOLD, lines(FREE, HELD), entry_row(effective="2026-01-31")],
                                  "closed"),
    "post without a link": ([NEW_HOLD, lines(FREE, HELD), entry_row(digest="")], "link"),
    "open a period again": (["DELETE FROM period"], "append_only"),
    "move a period's end": (["UPDATE period SET last_day = '2025-12-31'"], "append_only"),
    "close the same period": ([period_row(last="2026-01-31")], "period"),
    "leave out a period": ([period_row(number=3)], "period"),
    "close an earlier book": ([period_row(entry=3)], "period"),
    "close upon another link": ([period_row(head="'" + "e" * 64 + "'")], "period"),
    "close before the last entry": ([period_row(recorded="2020")], "period"),
    "close without a link": ([period_row(digest="")], "period"),
}
SQLITE_ATTACKS = {
    "switch foreign keys off": (["COMMIT", "PRAGMA foreign_keys = OFF", "BEGIN", lines(FREE)],
                                "keys_off"),
    "apply an entry again": (["INSERT INTO applied VALUES (4)"], "order"),
    "apply an entry that is not there": (["INSERT INTO applied VALUES (5)"], "order"),
    "apply an entry anew": (["REPLACE INTO applied VALUES (4)"], "order"),
    "take back that an entry is applied": (["DELETE FROM applied"], "append_only"),
    "move what is applied": (["UPDATE applied SET entry_id = 9 WHERE entry_id = 4"],
                             "append_only"),
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
    "overdraw and ignore": ([NEW_HOLD, filled(-11, 11), entry_row(after="ON CONFLICT DO NOTHING")],
                            "overdraft"),
    "see an older moment": (["ROLLBACK", "BEGIN ISOLATION LEVEL REPEATABLE READ", NEW_HOLD],
                            "isolation"),
    "put another table in front": (
        ["CREATE TEMP TABLE balance (lot_id text, component text, state text, hold_id text, "
         "amount bigint, entry_id int) ON COMMIT DROP",
         "INSERT INTO balance VALUES ('L000001', 'area', 'free', '', 1000, 4)",
         NEW_HOLD, filled(-11, 11), entry_row()], "overdraft"),
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
    before = content(raw)
    raw.execute("BEGIN")
    with pytest.raises(REFUSED, match=rf"quota book refuses \({reason}\): \w+"):
        run_all(raw, statements)
    raw.execute("ROLLBACK")
    assert content(raw) == before


def test_every_reason_of_the_database_is_tried_and_documented():
    """accounting §10"""
    tried = {reason for attacks in (ATTACKS, SQLITE_ATTACKS, POSTGRES_ATTACKS)
             for _, reason in attacks.values()}
    asked = "".join([*guards_0001("sqlite"), *guards_0002("sqlite"), *guards_0002("postgresql"),
                     *guards_0003("sqlite"), *guards_0003("postgresql"),
                     *guards("sqlite"), *guards("postgresql")])
    assert set(re.findall(r"quota book refuses \((\w+)\)", asked)) == tried
    table = (Path(__file__).parents[1] / "docs" / "accounting.md").read_text(encoding="utf-8")
    assert all(f"`{reason}`" in table for reason in tried)


