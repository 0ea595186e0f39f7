"""The guards of migration 0001: what the database refuses, whoever writes to it.

An entry is written in this order: its lot or hold, its postings, the entry row last. Inserting the
entry row seals it: the guards on that row judge the postings, and if all agree the balances move.
Every refusal reads ``quota book refuses (<reason>): <sentence>``.

A guard is one trigger for each table and kind of write, which asks its rules in order before the
write. REPLACE would delete a row without asking the DELETE guard, so a row that
exists already is refused on INSERT too. RAISE(ABORT) is not softened by OR IGNORE, as constraints
are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

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
                yield sqlite_trigger(table, change, (
                    "append_only", "1", f"{table} is append-only; correct it by a reversing entry"))
    for table in ("lot", "hold"):
        key = f"{table}_id"
        yield sqlite_trigger(table, "INSERT", (
            "exists", f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})",
            f"this {table} exists already"))
    yield sqlite_trigger("posting", "INSERT", KEYS_OFF, ORDER, (
        "exists", "EXISTS (SELECT 1 FROM posting WHERE entry_id = NEW.entry_id"
        " AND line = NEW.line)", "this posting exists already"))
    yield sqlite_trigger("entry", "INSERT", KEYS_OFF, ORDER, *sealing_rules())
    yield APPLY
    for change, rule in balance_rules().items():
        yield sqlite_trigger("balance", change, rule)


GUARDS: Mapping[str, Callable[[], Iterator[str]]] = {
    "sqlite": sqlite_guards, "postgresql": lambda: iter(())}
"""Dialect → its guards. PostgreSQL joined with migration 0002, which makes all of its guards."""

Rule = tuple[str, str, str]
"""The reason's name, the condition under which a write is refused, the sentence."""


def sqlite_trigger(table: str, change: str, *rules: Rule) -> str:
    """One trigger that asks its rules in their order."""
    refusals = "\n".join(
        f"    SELECT RAISE(ABORT, 'quota book refuses ({reason}): {sentence}')\n"
        f"    WHERE {condition};"
        for reason, condition, sentence in rules
    )
    name = f"{table}_{change}_guard".lower()
    return f'CREATE TRIGGER {name} BEFORE {change} ON "{table}" BEGIN\n{refusals}\nEND'


def sealing_rules() -> tuple[Rule, ...]:
    """What an entry must be before it is sealed."""
    return (
        ("key_used", "EXISTS (SELECT 1 FROM entry WHERE key = NEW.key)",
         "an entry with this key exists already"),
        ("recorded", "NEW.recorded < (SELECT recorded FROM entry ORDER BY entry_id DESC LIMIT 1)",
         "an entry is not recorded before an earlier one"),
        ("lines", f"NEW.line_count < 1 OR NEW.line_count IS NOT (SELECT count(*) {LINES})",
         "the postings of the entry are missing, or more than it says"),
        ("unbalanced",
         f"EXISTS (SELECT 1 {LINES} GROUP BY p.lot_id, p.component HAVING sum(p.amount) <> 0)",
         "the postings must sum to zero for each lot and component"),
        ("move", MOVE, "a posting does not fit the event of its entry"),
        ("holds", f"(SELECT count(DISTINCT p.hold_id) {LINES}) > 1",
         "an entry concerns one hold only, and does not pass from hold to hold"),
        ("lot_filled", _LOT_FILLED, "a lot is filled by one inflow, and an inflow fills one lot"),
        ("hold_filled", _HOLD_FILLED, "a hold is filled by one entry"),
        ("expired", _EXPIRED, "the lot has expired before the hold counts"),
        ("reversal", _REVERSAL, "a reversal negates exactly one earlier entry that is none, once"),
        ("overdraft", _OVERDRAFT, "more is taken than is there"),
        ("backdated", _BACKDATED, "a day from the effective date on would be overdrawn"),
    )


def balance_rules() -> Mapping[str, Rule]:
    """Kind of write → the rule for writes of that kind to the balances."""
    posted = f"(SELECT sum(p.amount) {LINES} AND {SAME_CELL.format('NEW')})"
    sentence = "balances follow the entries; post an entry instead"
    return {
        "INSERT": ("balance", f"""
        NEW.entry_id IS NOT {LAST_ENTRY} OR NEW.amount IS NOT {posted} OR EXISTS (
            SELECT 1 FROM balance AS p WHERE {SAME_CELL.format('NEW')})""", sentence),
        "UPDATE": ("balance", f"""
        NEW.entry_id IS NOT {LAST_ENTRY} OR NEW.entry_id <= OLD.entry_id
        OR NEW.amount IS NOT OLD.amount + {posted}
        OR (NEW.lot_id, NEW.component, NEW.state, NEW.hold_id)
        IS NOT (OLD.lot_id, OLD.component, OLD.state, OLD.hold_id)""", sentence),
    }


KEYS_OFF: Rule = (
    "keys_off", "(SELECT foreign_keys FROM pragma_foreign_keys) = 0",
    "switch foreign keys on first (PRAGMA foreign_keys = ON)")
ORDER: Rule = (
    "order", f"NEW.entry_id IS NOT {LAST_ENTRY} + 1",
    "entries are sealed and numbered one after the other; write to the next one only")

MOVE = f"""NEW.event <> 'reverse' AND EXISTS (
    SELECT 1 {LINES} AND (NEW.event, p.state, p.amount > 0) NOT IN (VALUES
        ('inflow', 'source', 0), ('inflow', 'free', 1),
        ('hold', 'free', 0), ('hold', 'held', 1),
        ('settle', 'held', 0), ('settle', 'used', 1),
        ('void', 'held', 0), ('void', 'free', 1),
        ('expire', 'free', 0), ('expire', 'lapsed', 1)))"""

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

APPLY = f"""\
CREATE TRIGGER entry_apply AFTER INSERT ON entry BEGIN
    UPDATE balance SET entry_id = NEW.entry_id, amount = amount + (
        SELECT sum(p.amount) {LINES} AND {SAME_CELL.format('balance')})
    WHERE (lot_id, component, state, hold_id) IN (SELECT {CELL} {LINES});
    INSERT INTO balance (lot_id, component, state, hold_id, amount, entry_id)
    SELECT {CELL}, sum(p.amount), NEW.entry_id {LINES} AND NOT EXISTS (
        SELECT 1 FROM balance AS b WHERE {SAME_CELL.format('b')})
    GROUP BY {CELL};
END"""
