"""The guards of migration 0002: links, closed periods and totals; and all guards for PostgreSQL.

The rules are those of migration 0001 with a few more, written once and said to each database in its
own words. In PostgreSQL a guard first takes the book's write lock and then judges by what is
committed, so two clients cannot both pass it; it looks its tables up in the book's own schema only,
so nobody can put another table in front of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from zoning.ledger.migrations.guards_0001 import (
    APPLY,
    BELOW,
    CELL,
    KEYS_OFF,
    LAST_ENTRY,
    LINES,
    ORDER,
    Rule,
    balance_rules,
    sealing_rules,
    sqlite_trigger,
)

WRITE_LOCK = "pg_advisory_xact_lock(1869572710, hashtext(current_schema()::text))"
"""The lock of the one writer of a book in PostgreSQL, until its transaction ends."""

APPEND_ONLY = ("lot", "hold", "entry", "posting", "period")
DERIVED = ("balance", "total")

LAST_LINK = f"""coalesce(
    (SELECT digest FROM period WHERE entry_id = {LAST_ENTRY} ORDER BY number DESC LIMIT 1),
    (SELECT digest FROM entry WHERE entry_id = {LAST_ENTRY}))"""
SPAN = """(SELECT CASE NEW.grain WHEN 'day' THEN e.effective ELSE substr(e.effective, 1, 7) END
    FROM entry AS e WHERE e.entry_id = NEW.entry_id)"""
SAME_TOTAL = (
    "{1}.kind = {0}.kind AND {1}.place = {0}.place AND {1}.pool = {0}.pool"
    " AND {2}.component = {0}.component AND {2}.state = {0}.state"
)
MOVED = ("FROM posting AS p JOIN lot AS l ON l.lot_id = p.lot_id"
         " WHERE p.entry_id = NEW.entry_id AND p.state <> 'source'")
"""The postings that totals are made of; what came in is the sum of all other states."""
SPANS = ("(SELECT 'day' AS grain, NEW.effective AS span"
         " UNION ALL SELECT 'month', substr(NEW.effective, 1, 7))")
KEY = "grain, span, kind, place, pool, component, state"

ONE_LOT, ONE_HOLD = (f"(SELECT min(p.{name}) {LINES})" for name in ("lot_id", "hold_id"))
CONDITIONS = {
    "move": f"""NEW.event <> 'reverse' AND EXISTS (SELECT 1 {LINES} AND p.state <>
        CASE NEW.event || CASE WHEN p.amount > 0 THEN '+' ELSE '-' END
        WHEN 'inflow-' THEN 'source' WHEN 'inflow+' THEN 'free'
        WHEN 'hold-' THEN 'free' WHEN 'hold+' THEN 'held'
        WHEN 'settle-' THEN 'held' WHEN 'settle+' THEN 'used'
        WHEN 'void-' THEN 'held' WHEN 'void+' THEN 'free'
        WHEN 'expire-' THEN 'free' WHEN 'expire+' THEN 'lapsed' ELSE '' END)""",
    "holds": f"(SELECT min(p.hold_id) <> max(p.hold_id) {LINES})",
    "lot_filled": f"""NEW.event = 'inflow' AND (
        (SELECT min(p.lot_id) <> max(p.lot_id) {LINES})
        OR EXISTS (SELECT 1 FROM posting AS earlier WHERE earlier.entry_id <> NEW.entry_id
                   AND earlier.lot_id = {ONE_LOT}))""",
    "hold_filled": f"""NEW.event = 'hold' AND EXISTS (
        SELECT 1 FROM posting AS earlier WHERE earlier.entry_id <> NEW.entry_id
        AND earlier.hold_id = {ONE_HOLD})""",
}
"""Reason → the condition of 0001 in a form that both databases understand and answer faster."""


def guards(dialect: str, *, schema: str = "") -> tuple[str, ...]:
    """The statements that make what is new, or everything for PostgreSQL (in a quoted schema)."""
    made = _postgres_guards(schema) if dialect == "postgresql" else _sqlite_guards()
    return tuple(made)


def opened(dialect: str) -> tuple[str, ...]:
    """The statements that take the guards of 0001 away which this migration replaces."""
    names = ("entry_update_guard", "entry_insert_guard", "posting_insert_guard")
    return tuple(f"DROP TRIGGER {name}" for name in names if dialect == "sqlite")


def entry_rules() -> tuple[Rule, ...]:
    """What an entry must be before it is sealed, in the order in which it is asked."""
    return (
        ORDER,
        ("closed", "NEW.effective <= (SELECT max(last_day) FROM period)",
         "the period of the effective date is closed"),
        *((reason, CONDITIONS.get(reason, condition), sentence)
          for reason, condition, sentence in sealing_rules()),
        ("link", "NEW.digest IS NULL OR length(NEW.digest) <> 64",
         "an entry carries its link in the chain"),
    )


def posting_rules() -> tuple[Rule, ...]:
    """What a posting must be: the next line of the next entry."""
    return (
        ORDER,
        ("order", """NEW.line < 1 OR NEW.line > 1 AND NOT EXISTS (
            SELECT 1 FROM posting WHERE entry_id = NEW.entry_id AND line = NEW.line - 1)""",
         "the postings of an entry are numbered one after the other"),
        exists_rule("posting", "entry_id = NEW.entry_id AND line = NEW.line"),
    )


def period_rule() -> Rule:
    """What a closed period must be."""
    return ("period", f"""NEW.number IS NOT (SELECT coalesce(max(number), 0) FROM period) + 1
        OR NEW.entry_id IS NOT {LAST_ENTRY} OR NEW.head IS NOT {LAST_LINK}
        OR NEW.last_day <= (SELECT max(last_day) FROM period)
        OR NEW.recorded < (SELECT max(recorded) FROM entry WHERE entry_id = NEW.entry_id)
        OR NEW.digest IS NULL OR length(NEW.digest) <> 64""",
            "a period is closed at the end of the book and follows the one before it")


def total_rules() -> Mapping[str, Rule]:
    """Kind of write → the rule for writes of that kind to the totals."""
    same = SAME_TOTAL.format("NEW", "l", "p")
    posted = f"(SELECT sum(p.amount) {MOVED} AND {same})"
    there = (f"EXISTS (SELECT 1 FROM total AS t WHERE t.grain = NEW.grain AND t.span = NEW.span"
             f" AND {SAME_TOTAL.format('NEW', 't', 't')})")
    sentence = "totals follow the entries; post an entry instead"
    due = f"NEW.entry_id IS NOT {LAST_ENTRY} OR NEW.span IS NOT {SPAN}"
    key = KEY.split(", ")
    moved = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in key)
    return {
        "INSERT": ("total", f"{due} OR NEW.amount IS NOT {posted} OR {there}", sentence),
        "UPDATE": ("total", f"{due} OR NEW.entry_id <= OLD.entry_id"
                   f" OR NEW.amount IS NOT OLD.amount + {posted} OR {moved}", sentence),
    }


def _sqlite_guards() -> Iterator[str]:
    for table, change in (("entry", "UPDATE"), ("period", "UPDATE"), ("period", "DELETE"),
                          ("total", "DELETE")):
        yield sqlite_trigger(table, change, append_only_rule(table))
    yield sqlite_trigger("posting", "INSERT", KEYS_OFF_AT_FIRST, *posting_rules())
    yield sqlite_trigger("entry", "INSERT", *entry_rules())
    yield sqlite_trigger("period", "INSERT", KEYS_OFF, period_rule())
    for change, rule in total_rules().items():
        yield sqlite_trigger("total", change, rule)
    body = "".join(f"    {statement};\n" for statement in _add_totals())
    yield f"CREATE TRIGGER entry_total AFTER INSERT ON entry BEGIN\n{body}END"


def exists_rule(table: str, condition: str) -> Rule:
    """A row that is there already is not inserted again, also not by REPLACE."""
    return ("exists", f"EXISTS (SELECT 1 FROM {table} WHERE {condition})",
            f"this {table} exists already")


def append_only_rule(table: str) -> Rule:
    """A row of the journal is not changed."""
    return ("append_only", "1", f"{table} is append-only; correct it by a reversing entry")


def _add_totals() -> tuple[str, ...]:
    theirs = f"t.grain = s.grain AND t.span = s.span AND {SAME_TOTAL.format('t', 'l', 'p')}"
    summed = f"{MOVED} AND {SAME_TOTAL.format('total', 'l', 'p')}"
    moved = "l.kind, l.place, l.pool, p.component, p.state"
    return (
        f"""UPDATE total SET entry_id = NEW.entry_id, amount = amount + (
        SELECT sum(p.amount) {summed})
    WHERE ({KEY}) IN (SELECT s.grain, s.span, {moved}
        FROM {SPANS} AS s CROSS JOIN posting AS p JOIN lot AS l ON l.lot_id = p.lot_id
        WHERE p.entry_id = NEW.entry_id AND p.state <> 'source')""",
        f"""INSERT INTO total ({KEY}, amount, entry_id)
    SELECT s.grain, s.span, {moved}, sum(p.amount), NEW.entry_id
    FROM {SPANS} AS s CROSS JOIN posting AS p JOIN lot AS l ON l.lot_id = p.lot_id
    WHERE p.entry_id = NEW.entry_id AND p.state <> 'source'
        AND NOT EXISTS (SELECT 1 FROM total AS t WHERE {theirs})
    GROUP BY s.grain, s.span, {moved}""",
    )


def _postgres_guards(schema: str) -> Iterator[str]:
    yield postgres_function("refuse_change", schema, _refusal(
        "append_only", "' || TG_TABLE_NAME || ' is append-only; correct it by a reversing entry"))
    for table in (*APPEND_ONLY, *DERIVED):
        changes = "UPDATE OR DELETE OR TRUNCATE" if table in APPEND_ONLY else "DELETE OR TRUNCATE"
        yield (f'CREATE TRIGGER {table}_change_guard BEFORE {changes} ON "{table}"'
               " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
    for (table, change), rules in _postgres_rules().items():
        name = f"{table}_{change}_guard".lower()
        yield postgres_function(name, schema, postgres_judge(rules))
        yield (f'CREATE TRIGGER {name} BEFORE {change} ON "{table}"'
               f" FOR EACH ROW EXECUTE FUNCTION {name}()")
    applied = APPLY.partition("BEGIN\n")[2].rpartition("END")[0]
    yield postgres_function("entry_apply", schema,
                    f"{applied}\n{';'.join(_add_totals())};\nRETURN NULL;")
    yield ("CREATE TRIGGER entry_apply AFTER INSERT ON entry"
           " FOR EACH ROW EXECUTE FUNCTION entry_apply()")


def _postgres_rules() -> Mapping[tuple[str, str], tuple[Rule, ...]]:
    return {
        ("lot", "INSERT"): (ISOLATION, exists_rule("lot", "lot_id = NEW.lot_id")),
        ("hold", "INSERT"): (ISOLATION, exists_rule("hold", "hold_id = NEW.hold_id")),
        ("posting", "INSERT"): (ISOLATION, *posting_rules()),
        ("entry", "INSERT"): (ISOLATION, *map(postgres_rule, entry_rules())),
        ("period", "INSERT"): (ISOLATION, period_rule()),
        **{("balance", change): (rule,) for change, rule in balance_rules().items()},
        **{("total", change): (rule,) for change, rule in total_rules().items()},
    }


def postgres_rule(rule: Rule) -> Rule:
    """The rule with a condition that PostgreSQL takes."""
    reason, condition, sentence = rule
    return reason, _POSTGRES_CONDITIONS.get(reason, condition), sentence


def postgres_judge(rules: tuple[Rule, ...]) -> str:
    """The body of a function that asks rules in their order, under the write lock if isolated."""
    lock = f"PERFORM {WRITE_LOCK};\n" if ISOLATION in rules else ""
    asked = "\n".join(
        f"IF {_distinct(condition)} THEN\n{_refusal(reason, sentence)}\nEND IF;"
        for reason, condition, sentence in rules)
    return f"{lock}{asked}\nRETURN NEW;"


def _refusal(reason: str, sentence: str) -> str:
    return (f"RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation',"
            f" MESSAGE = 'quota book refuses ({reason}): {sentence}';")


def _distinct(condition: str) -> str:
    """The condition in standard SQL: SQLite's IS NOT compares values, NULL among them."""
    return re.sub(r"\bIS NOT\b(?! NULL)", "IS DISTINCT FROM", condition)


def postgres_function(name: str, schema: str, body: str) -> str:
    """A trigger function that looks tables up in one schema only."""
    return (f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
            f" SET search_path = {schema}, pg_temp AS $guard$\nBEGIN\n{body}\nEND\n$guard$")


# The setting cannot change within a transaction, and an entry's first line can only be written in
# the transaction that seals the entry: with the keys on, an entry without a row is not committed.
KEYS_OFF_AT_FIRST: Rule = (KEYS_OFF[0], f"NEW.line = 1 AND {KEYS_OFF[1]}", KEYS_OFF[2])

ISOLATION: Rule = (
    "isolation", "current_setting('transaction_isolation') <> 'read committed'",
    "write in a transaction of isolation READ COMMITTED")

_POSTGRES_OVERDRAFT = f"""EXISTS (
    SELECT 1 FROM (
        SELECT p.lot_id, p.component, p.state, coalesce(p.hold_id, '') AS hold_id,
               sum(p.amount) AS amount
        {LINES} GROUP BY {CELL}) AS moved
    LEFT JOIN balance AS b ON (b.lot_id, b.component, b.state, b.hold_id)
        = (moved.lot_id, moved.component, moved.state, moved.hold_id)
    WHERE {BELOW.format('moved', 'moved.amount + coalesce(b.amount, 0)')})"""

_POSTGRES_BACKDATED = f"""NEW.effective < (SELECT max(effective) FROM entry) AND EXISTS (
    SELECT 1 FROM (
        SELECT moved.state, moved.effective, sum(moved.amount) OVER (
            PARTITION BY moved.lot_id, moved.component, moved.state, moved.hold_id
            ORDER BY moved.effective) AS running
        FROM (
            SELECT p.lot_id, p.component, p.state, coalesce(p.hold_id, '') AS hold_id,
                   coalesce(e.effective, NEW.effective) AS effective, sum(p.amount) AS amount
            FROM posting AS p LEFT JOIN entry AS e ON e.entry_id = p.entry_id
            WHERE p.lot_id IN (SELECT p.lot_id {LINES})
            GROUP BY 1, 2, 3, 4, 5) AS moved) AS daily
    WHERE daily.effective >= NEW.effective AND {BELOW.format('daily', 'daily.running')})"""

_POSTGRES_CONDITIONS = {
    "overdraft": _POSTGRES_OVERDRAFT, "backdated": _POSTGRES_BACKDATED,
}
"""Reason → its condition where PostgreSQL is stricter about grouping."""
