"""The guards of migration 0001: what the database refuses, whoever writes to it.

An entry is written in this order: its lot or hold, its postings, the entry row last. Inserting the
entry row seals it: the guards on that row judge the postings, and if all agree the balances move.
Every refusal reads ``quota book refuses (<reason>): <sentence>``.

Each rule is one trigger that runs before the write, so none depends on another. REPLACE would
delete a row without asking the DELETE guards, so a row that exists already is refused on INSERT
too. Guards that RAISE(ABORT) are not softened by OR IGNORE, as constraints are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from textwrap import dedent

TABLES = ("lot", "hold", "entry", "posting", "balance")

LINES = "FROM posting AS p WHERE p.entry_id = NEW.entry_id"
CELL = "p.lot_id, p.component, p.state, coalesce(p.hold_id, '')"
SAME_CELL = (
    "p.lot_id = {0}.lot_id AND p.component = {0}.component AND p.state = {0}.state"
    " AND coalesce(p.hold_id, '') = {0}.hold_id"
)
BELOW = "CASE WHEN {0}.state = 'source' THEN {1} > 0 ELSE {1} < 0 END"
LAST_ENTRY = "(SELECT coalesce(max(entry_id), 0) FROM entry)"


def guards(dialect: str) -> tuple[str, ...]:
    """The statements that make the guards. Raises KeyError for a database without guards."""
    return tuple(GUARDS[dialect]())


def sqlite_guards() -> Iterator[str]:
    """The guards as SQLite triggers."""
    for table in TABLES:
        for change in ("UPDATE", "DELETE"):
            if (table, change) != ("balance", "UPDATE"):
                yield _refusal(table, change, "append_only", "1",
                               f"{table} is append-only; correct it by a reversing entry")
    yield from _row_guards()
    yield from _sealing_guards()
    yield from _balance_guards()


GUARDS: Mapping[str, Callable[[], Iterator[str]]] = {"sqlite": sqlite_guards}
"""Dialect → its guards. Another database joins here."""


def _row_guards() -> Iterator[str]:
    for table, key in (("lot", "lot_id"), ("hold", "hold_id")):
        yield _refusal(
            table, "INSERT", "exists", f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})",
            f"this {table} exists already")
    for table in ("posting", "entry"):
        yield _refusal(
            table, "INSERT", "keys_off", "(SELECT foreign_keys FROM pragma_foreign_keys) = 0",
            "switch foreign keys on first (PRAGMA foreign_keys = ON)")
        yield _refusal(
            table, "INSERT", "order", f"NEW.entry_id IS NOT {LAST_ENTRY} + 1",
            "entries are sealed and numbered one after the other; write to the next one only")
    yield _refusal(
        "posting", "INSERT", "exists",
        "EXISTS (SELECT 1 FROM posting WHERE entry_id = NEW.entry_id AND line = NEW.line)",
        "this posting exists already")
    yield _refusal(
        "entry", "INSERT", "key_used", "EXISTS (SELECT 1 FROM entry WHERE key = NEW.key)",
        "an entry with this key exists already")
    yield _refusal(
        "entry", "INSERT", "recorded",
        "NEW.recorded < (SELECT recorded FROM entry ORDER BY entry_id DESC LIMIT 1)",
        "an entry is not recorded before an earlier one")


def _sealing_guards() -> Iterator[str]:
    for reason, condition, sentence in (
        ("lines", f"NEW.line_count < 1 OR NEW.line_count IS NOT (SELECT count(*) {LINES})",
         "the postings of the entry are missing, or more than it says"),
        ("unbalanced", _grouped("p.lot_id, p.component", "sum(p.amount) <> 0"),
         "the postings must sum to zero for each lot and component"),
        ("move", _MOVE, "a posting does not fit the event of its entry"),
        ("holds", _HOLDS, "an entry concerns one hold only, and does not pass from hold to hold"),
        ("lot_filled", _LOT_FILLED, "a lot is filled by one inflow, and an inflow fills one lot"),
        ("hold_filled", _HOLD_FILLED, "a hold is filled by one entry"),
        ("expired", _EXPIRED, "the lot has expired before the hold counts"),
        ("reversal", _REVERSAL, "a reversal negates exactly one earlier entry that is none, once"),
        ("overdraft", _OVERDRAFT, "more is taken than is there"),
        ("backdated", _BACKDATED, "a day from the effective date on would be overdrawn"),
    ):
        yield _refusal("entry", "INSERT", reason, condition, sentence)
    yield _APPLY


def _balance_guards() -> Iterator[str]:
    posted = f"(SELECT sum(p.amount) {LINES} AND {SAME_CELL.format('NEW')})"
    sentence = "balances follow the entries; post an entry instead"
    yield _refusal("balance", "INSERT", "balance", f"""
        NEW.entry_id IS NOT {LAST_ENTRY} OR NEW.amount IS NOT {posted} OR EXISTS (
            SELECT 1 FROM balance AS p WHERE {SAME_CELL.format('NEW')})""", sentence)
    yield _refusal("balance", "UPDATE", "balance", f"""
        NEW.entry_id IS NOT {LAST_ENTRY} OR NEW.entry_id <= OLD.entry_id
        OR NEW.amount IS NOT OLD.amount + {posted}
        OR (NEW.lot_id, NEW.component, NEW.state, NEW.hold_id)
        IS NOT (OLD.lot_id, OLD.component, OLD.state, OLD.hold_id)""", sentence)


def _grouped(by: str, condition: str) -> str:
    return f"EXISTS (SELECT 1 {LINES} GROUP BY {by} HAVING {condition})"


def _refusal(table: str, change: str, reason: str, condition: str, sentence: str) -> str:
    name = f"{table}_{change}_{reason}".lower()
    return dedent(f"""\
        CREATE TRIGGER {name} BEFORE {change} ON "{table}" WHEN {condition}
        BEGIN SELECT RAISE(ABORT, 'quota book refuses ({reason}): {sentence}'); END""")


_MOVE = f"""NEW.event <> 'reverse' AND EXISTS (
    SELECT 1 {LINES} AND (NEW.event, p.state, p.amount > 0) NOT IN (VALUES
        ('inflow', 'source', 0), ('inflow', 'free', 1),
        ('hold', 'free', 0), ('hold', 'held', 1),
        ('settle', 'held', 0), ('settle', 'used', 1),
        ('void', 'held', 0), ('void', 'free', 1),
        ('expire', 'free', 0), ('expire', 'lapsed', 1)))"""

_HOLDS = f"(SELECT count(DISTINCT p.hold_id) {LINES}) > 1"

_LOT_FILLED = f"""NEW.event = 'inflow' AND (
    (SELECT count(DISTINCT p.lot_id) {LINES}) <> 1
    OR EXISTS (SELECT 1 FROM posting AS earlier WHERE earlier.entry_id <> NEW.entry_id
               AND earlier.lot_id IN (SELECT p.lot_id {LINES})))"""

_HOLD_FILLED = f"""NEW.event = 'hold' AND EXISTS (
    SELECT 1 FROM posting AS earlier WHERE earlier.entry_id <> NEW.entry_id
    AND earlier.hold_id IN (SELECT p.hold_id {LINES}))"""

_EXPIRED = """NEW.event = 'hold' AND EXISTS (
    SELECT 1 FROM posting AS p JOIN lot ON lot.lot_id = p.lot_id
    WHERE p.entry_id = NEW.entry_id AND lot.expires < NEW.effective)"""

_REVERSAL = f"""(NEW.event = 'reverse') IS NOT (NEW.reverses IS NOT NULL)
    OR NEW.event = 'reverse' AND (
        NOT EXISTS (SELECT 1 FROM entry WHERE entry_id = NEW.reverses AND event <> 'reverse')
        OR EXISTS (SELECT 1 FROM entry WHERE reverses = NEW.reverses)
        OR EXISTS (SELECT 1 FROM posting AS p WHERE p.entry_id IN (NEW.entry_id, NEW.reverses)
                   GROUP BY {CELL} HAVING sum(p.amount) <> 0))"""

_OVERDRAFT = f"""EXISTS (
    SELECT 1 FROM (
        SELECT p.state, sum(p.amount) + coalesce((
            SELECT b.amount FROM balance AS b WHERE {SAME_CELL.format('b')}), 0) AS amount
        {LINES} GROUP BY {CELL}) AS after
    WHERE {BELOW.format('after', 'after.amount')})"""

# Only a backdated entry can overdraw a day without overdrawing the last one; then the running sums
# of the lots it touches are looked at, day by day.
_BACKDATED = f"""NEW.effective < (SELECT max(effective) FROM entry) AND EXISTS (
    SELECT 1 FROM (
        SELECT state, effective, sum(amount) OVER (
            PARTITION BY lot_id, component, state, hold_id ORDER BY effective) AS running
        FROM (
            SELECT p.lot_id, p.component, p.state, coalesce(p.hold_id, '') AS hold_id,
                   coalesce(e.effective, NEW.effective) AS effective, sum(p.amount) AS amount
            FROM posting AS p LEFT JOIN entry AS e ON e.entry_id = p.entry_id
            WHERE p.lot_id IN (SELECT p.lot_id {LINES})
            GROUP BY 1, 2, 3, 4, 5)) AS day
    WHERE day.effective >= NEW.effective AND {BELOW.format('day', 'day.running')})"""

_APPLY = f"""\
CREATE TRIGGER entry_apply AFTER INSERT ON entry BEGIN
    UPDATE balance SET entry_id = NEW.entry_id, amount = amount + (
        SELECT sum(p.amount) {LINES} AND {SAME_CELL.format('balance')})
    WHERE (lot_id, component, state, hold_id) IN (SELECT {CELL} {LINES});
    INSERT INTO balance (lot_id, component, state, hold_id, amount, entry_id)
    SELECT {CELL}, sum(p.amount), NEW.entry_id {LINES} AND NOT EXISTS (
        SELECT 1 FROM balance AS b WHERE {SAME_CELL.format('b')})
    GROUP BY {CELL};
END"""
