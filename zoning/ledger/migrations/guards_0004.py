"""The guards of migration 0004: what 0003 asks, with less work for each entry.

In a SQLite file an entry's balances and totals are written by its own trigger only, which notes the
entry in `applied` when it is done: a derived row may be written between the two, and a stranger's
statement never is. Whether something is overdrawn is asked where the new balance is written.

In PostgreSQL a statement can write to several tables at once, so each row is still compared with
the postings; here they are found by the entry, whatever the planner knows of the tables, and a
total that is there is not first refused as a new one.
"""

from __future__ import annotations

from collections.abc import Iterator

from zoning.ledger.migrations.guards_0001 import (
    BELOW,
    CELL,
    LAST_ENTRY,
    LINES,
    SAME_CELL,
    Rule,
    sqlite_trigger,
)
from zoning.ledger.migrations.guards_0002 import (
    KEY,
    SAME_TOTAL,
    SPANS,
    append_only_rule,
    entry_rules,
    postgres_function,
    postgres_judge,
)
from zoning.ledger.migrations.guards_0003 import CONDITIONS, asked_at_once

REPLACED = ("entry_insert_guard", "entry_apply", "balance_insert_guard", "balance_update_guard",
            "total_insert_guard", "total_update_guard")
"""The triggers of a SQLite file that this migration makes anew."""

_IS_APPLIED = f"""NEW.entry_id IS NOT {LAST_ENTRY}
    OR EXISTS (SELECT 1 FROM applied WHERE entry_id = NEW.entry_id)"""
_SENTENCE = "{0}s follow the entries; post an entry instead"

_APPLY_IN_FILE = (
    f"""INSERT INTO balance (lot_id, component, state, hold_id, amount, entry_id)
    SELECT {CELL}, sum(p.amount) + coalesce((
        SELECT b.amount FROM balance AS b WHERE {SAME_CELL.format('b')}), 0), NEW.entry_id
    {LINES} GROUP BY {CELL}
    ON CONFLICT (lot_id, component, state, hold_id) DO UPDATE
    SET amount = excluded.amount, entry_id = excluded.entry_id""",
    f"""INSERT INTO total ({KEY}, amount, entry_id)
    SELECT s.grain, s.span, l.kind, l.place, l.pool, p.component, p.state, p.amount, NEW.entry_id
    FROM {SPANS} AS s CROSS JOIN posting AS p CROSS JOIN lot AS l
    WHERE p.entry_id = NEW.entry_id AND p.state <> 'source' AND l.lot_id = p.lot_id
    ON CONFLICT ({KEY}) DO UPDATE
    SET amount = total.amount + excluded.amount, entry_id = excluded.entry_id""",
    "INSERT INTO applied (entry_id) VALUES (NEW.entry_id)",
)

_ACCOUNT = "(SELECT (l.kind, l.place, l.pool) FROM lot AS l WHERE l.lot_id = p.lot_id)"
_POSTED = f"""(SELECT sum(p.amount) FROM posting AS p
    WHERE p.entry_id = NEW.entry_id AND NEW.entry_id = {LAST_ENTRY} AND p.state = NEW.state
        AND p.component = NEW.component AND NEW.state <> 'source'
        AND {_ACCOUNT} = (NEW.kind, NEW.place, NEW.pool)
        AND NEW.span = (SELECT CASE NEW.grain WHEN 'day' THEN e.effective
            ELSE substr(e.effective, 1, 7) END FROM entry AS e WHERE e.entry_id = NEW.entry_id))"""
"""What the last entry adds to a total; NULL for any other entry, and for another span."""

_MOVED = f"""WITH m AS MATERIALIZED (
    SELECT s.grain, s.span, a.kind, a.place, a.pool, a.component, a.state, a.amount
    FROM {SPANS} AS s CROSS JOIN (
        SELECT (m.account).kind, (m.account).place, (m.account).pool, m.component, m.state,
               sum(m.amount) AS amount
        FROM (SELECT p.component, p.state, p.amount, (
                  SELECT l FROM lot AS l WHERE l.lot_id = p.lot_id) AS account
              {LINES} AND p.state <> 'source' OFFSET 0) AS m
        GROUP BY 1, 2, 3, 4, 5) AS a)"""
_SAME = f"t.grain = m.grain AND t.span = m.span AND {SAME_TOTAL.format('m', 't', 't')}"


def guards(dialect: str, *, schema: str = "") -> tuple[str, ...]:
    """The statements that put the new guards in the place of the old ones."""
    made = _postgres_guards(schema) if dialect == "postgresql" else _sqlite_guards()
    return tuple(made)


def _sqlite_guards() -> Iterator[str]:
    for name in REPLACED:
        yield f"DROP TRIGGER {name}"
    for change in ("UPDATE", "DELETE"):
        yield sqlite_trigger("applied", change, append_only_rule("applied"))
    yield asked_at_once("applied", "INSERT", (
        "order", _IS_APPLIED, "an entry is applied once, by its own guard"))
    for table, rules in _derived_rules().items():
        for change in ("INSERT", "UPDATE"):
            yield asked_at_once(table, change, *rules[change])
    yield asked_at_once("entry", "INSERT", *_entry_rules())
    body = "".join(f"    {statement};\n" for statement in _APPLY_IN_FILE)
    yield f"CREATE TRIGGER entry_apply AFTER INSERT ON entry BEGIN\n{body}END"


def _derived_rules() -> dict[str, dict[str, tuple[Rule, ...]]]:
    """Table → kind of write → what is asked before a derived row is written to a file."""
    below: Rule = ("overdraft", BELOW.format("NEW", "NEW.amount"), "more is taken than is there")
    keys = {"balance": "lot_id, component, state, hold_id", "total": KEY}
    asked: dict[str, dict[str, tuple[Rule, ...]]] = {}
    for table, more in (("balance", (below,)), ("total", ())):
        moved = f"({_names('NEW', keys[table])}) IS NOT ({_names('OLD', keys[table])})"
        rule: Rule = (table, _IS_APPLIED, _SENTENCE.format(table))
        asked[table] = {"INSERT": (rule, *more),
                        "UPDATE": ((table, f"{_IS_APPLIED} OR {moved}", rule[2]), *more)}
    return asked


def _names(row: str, names: str) -> str:
    return ", ".join(f"{row}.{name}" for name in names.split(", "))


def _entry_rules() -> tuple[Rule, ...]:
    return tuple((reason, CONDITIONS.get(reason, condition), sentence)
                 for reason, condition, sentence in entry_rules() if reason != "overdraft")


def _postgres_guards(schema: str) -> Iterator[str]:
    there = (f"EXISTS (SELECT 1 FROM total AS t WHERE t.grain = NEW.grain AND t.span = NEW.span"
             f" AND {SAME_TOTAL.format('NEW', 't', 't')})")
    moved = " OR ".join(f"NEW.{name} <> OLD.{name}" for name in KEY.split(", "))
    conditions = {
        "insert": f"NEW.amount IS NOT {_POSTED} OR {there}",
        "update": f"NEW.entry_id <= OLD.entry_id OR {moved}"
                  f" OR NEW.amount IS NOT OLD.amount + {_POSTED}"}
    for change, condition in conditions.items():
        rule: Rule = ("total", condition, _SENTENCE.format("total"))
        yield postgres_function(f"total_{change}_guard", schema, postgres_judge((rule,)))
    yield postgres_function("entry_apply", schema,
                            f"{';'.join(_apply_on_server())};\nRETURN NULL;")
    for name in ("enable_seqscan", "enable_hashjoin", "enable_mergejoin"):
        yield f"ALTER FUNCTION entry_apply() SET {name} = off"


def _apply_on_server() -> tuple[str, ...]:
    same = SAME_CELL.replace("p.", "m.").replace(
        "coalesce(m.hold_id, '')", "m.hold_id").format("balance")
    moved = f"{CELL} AS hold_id, sum(p.amount) AS amount {LINES} GROUP BY {CELL}"
    return (
        f"""UPDATE balance SET entry_id = NEW.entry_id, amount = balance.amount + m.amount
    FROM (SELECT {moved}) AS m WHERE {same}""",
        f"""INSERT INTO balance (lot_id, component, state, hold_id, amount, entry_id)
    SELECT {CELL}, sum(p.amount), NEW.entry_id {LINES} AND NOT EXISTS (
        SELECT 1 FROM balance AS b WHERE {SAME_CELL.format('b')})
    GROUP BY {CELL}""",
        f"""{_MOVED}
    UPDATE total AS t SET entry_id = NEW.entry_id, amount = t.amount + m.amount
    FROM m WHERE {_SAME}""",
        f"""{_MOVED}
    INSERT INTO total ({KEY}, amount, entry_id)
    SELECT m.*, NEW.entry_id FROM m WHERE NOT EXISTS (
        SELECT 1 FROM total AS t WHERE {_SAME})""",
    )


__all__ = ["REPLACED", "guards"]
