"""The guards of migration 0003: a lot or hold belongs to the entry that opens it; totals at once.

A lot or hold names its entry, which must be the next one and must be committed with it, so nothing
that no entry opened can stand in the way of a later one. The totals are added up in one statement.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from zoning.ledger.migrations.guards_0001 import (
    CELL,
    LAST_ENTRY,
    LINES,
    SAME_CELL,
    Rule,
)
from zoning.ledger.migrations.guards_0002 import (
    ISOLATION,
    KEY,
    KEYS_OFF_AT_FIRST,
    MOVED,
    ONE_HOLD,
    ONE_LOT,
    SAME_TOTAL,
    SPANS,
    entry_rules,
    exists_rule,
    postgres_function,
    postgres_judge,
    postgres_rule,
    posting_rules,
)

REPLACED = ("lot_insert_guard", "hold_insert_guard", "posting_insert_guard", "entry_insert_guard",
            "total_insert_guard", "total_update_guard", "entry_apply", "entry_total")
"""The triggers of a SQLite file that this migration makes anew."""

_OVERDRAFT = f"""EXISTS (
    SELECT 1 FROM (
        SELECT p.lot_id, p.component, p.state, coalesce(p.hold_id, '') AS hold_id,
               sum(p.amount) AS amount
        {LINES} GROUP BY {CELL}) AS moved
    LEFT JOIN balance AS b ON {SAME_CELL.replace("p.", "moved.").format("b").replace(
        "coalesce(moved.hold_id, '')", "moved.hold_id")}
    WHERE (moved.amount + coalesce(b.amount, 0))
        * CASE moved.state WHEN 'source' THEN -1 ELSE 1 END < 0)"""

_REVERSAL = f"""NEW.event = 'reverse' AND (
        NOT EXISTS (SELECT 1 FROM entry WHERE entry_id = NEW.reverses AND event <> 'reverse')
        OR EXISTS (SELECT 1 FROM entry WHERE reverses = NEW.reverses)
        OR EXISTS (SELECT 1 FROM posting AS p WHERE p.entry_id IN (NEW.entry_id, NEW.reverses)
                   GROUP BY {CELL} HAVING sum(p.amount) <> 0))
    OR NEW.event <> 'reverse' AND NEW.reverses IS NOT NULL"""

_POSTED = f"""(SELECT sum(p.amount) FROM entry AS e JOIN posting AS p ON p.entry_id = e.entry_id
    JOIN lot AS l ON l.lot_id = p.lot_id
    WHERE e.entry_id = NEW.entry_id AND NEW.entry_id = {LAST_ENTRY}
        AND NEW.span = CASE NEW.grain WHEN 'day' THEN e.effective
                       ELSE substr(e.effective, 1, 7) END
        AND p.state <> 'source' AND {SAME_TOTAL.format('NEW', 'l', 'p')})"""
"""What the last entry adds to a total; NULL for any other entry, and for another span."""

CONDITIONS = {
    "lot_filled": f"""(SELECT lot_id FROM lot WHERE entry_id = NEW.entry_id) IS NOT
        (CASE NEW.event WHEN 'inflow' THEN {ONE_LOT} END)
        OR NEW.event = 'inflow' AND (SELECT min(p.lot_id) <> max(p.lot_id) {LINES})""",
    "hold_filled": f"""(SELECT hold_id FROM hold WHERE entry_id = NEW.entry_id) IS NOT
        (CASE NEW.event WHEN 'hold' THEN {ONE_HOLD} END)""",
    "overdraft": _OVERDRAFT,
    "reversal": _REVERSAL,
}
"""Reason → its condition, now that lots and holds name the entry that opens them; or as in 0002,
asked in fewer steps."""


def guards(dialect: str, *, schema: str = "") -> tuple[str, ...]:
    """The statements that put the new guards in the place of the old ones."""
    made = _postgres_guards(schema) if dialect == "postgresql" else _sqlite_guards()
    return tuple(made)


def _rules() -> Mapping[tuple[str, str], tuple[Rule, ...]]:
    """Table and kind of write → what is asked before a row is written."""
    return {
        ("lot", "INSERT"): _opening_rules("lot"),
        ("hold", "INSERT"): _opening_rules("hold"),
        ("posting", "INSERT"): _posting_rules(),
        ("entry", "INSERT"): tuple((reason, CONDITIONS.get(reason, condition), sentence)
                                   for reason, condition, sentence in entry_rules()),
        ("total", "INSERT"): (_total_rule(f"NEW.amount IS NOT {_POSTED} OR {_ADDED}"),),
        ("total", "UPDATE"): (_total_rule(
            f"NEW.entry_id <= OLD.entry_id OR NEW.amount IS NOT OLD.amount + {_POSTED}"
            f" OR {' OR '.join(f'NEW.{name} <> OLD.{name}' for name in KEY.split(', '))}"),),
    }


def _opening_rules(table: str) -> tuple[Rule, ...]:
    return (
        exists_rule(table, f"{table}_id = NEW.{table}_id"),
        ("order", f"NEW.entry_id IS NOT {LAST_ENTRY} + 1",
         f"a {table} is opened by the next entry, in one transaction with it"),
    )


def _posting_rules() -> tuple[Rule, ...]:
    numbered = "(SELECT coalesce(max(line), 0) FROM posting WHERE entry_id = NEW.entry_id) + 1"
    order, _, exists = posting_rules()
    return (
        order, exists,
        ("order", f"NEW.line IS NOT {numbered}",
         "the postings of an entry are numbered one after the other"),
    )


def _total_rule(condition: str) -> Rule:
    return "total", condition, "totals follow the entries; post an entry instead"


_ADDED = f"""EXISTS (SELECT 1 FROM total AS t WHERE t.grain = NEW.grain AND t.span = NEW.span
    AND {SAME_TOTAL.format('NEW', 't', 't')} AND t.entry_id >= NEW.entry_id)"""
"""Whether the entry has been added: a total is added to only once by one entry."""


def _sqlite_guards() -> Iterator[str]:
    for name in REPLACED:
        yield f"DROP TRIGGER {name}"
    for (table, change), rules in _rules().items():
        first = (KEYS_OFF_AT_FIRST,) if table == "posting" else ()
        yield asked_at_once(table, change, *first, *rules)
    body = "".join(f"    {statement};\n" for statement in _apply())
    yield f"CREATE TRIGGER entry_apply AFTER INSERT ON entry BEGIN\n{body}END"


def asked_at_once(table: str, change: str, *rules: Rule) -> str:
    """A trigger of SQLite that asks its rules in their order, in one statement."""
    refusals = "\n".join(
        f"    WHEN {condition}\n    THEN RAISE(ABORT, 'quota book refuses ({reason}): {sentence}')"
        for reason, condition, sentence in rules)
    name = f"{table}_{change}_guard".lower()
    return (f'CREATE TRIGGER {name} BEFORE {change} ON "{table}" BEGIN\n'
            f"    SELECT CASE\n{refusals} END;\nEND")


def _postgres_guards(schema: str) -> Iterator[str]:
    for (table, change), rules in _rules().items():
        asked = rules if table == "total" else (ISOLATION, *map(postgres_rule, rules))
        name = f"{table}_{change}_guard".lower()
        yield postgres_function(name, schema, postgres_judge(asked))
    yield postgres_function("entry_apply", schema, f"{';'.join(_apply())};\nRETURN NULL;")


def _apply() -> tuple[str, ...]:
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
        f"""INSERT INTO total ({KEY}, amount, entry_id)
    SELECT s.grain, s.span, l.kind, l.place, l.pool, p.component, p.state, sum(p.amount),
        NEW.entry_id
    FROM {SPANS} AS s CROSS JOIN {MOVED.removeprefix('FROM ')}
    GROUP BY s.grain, s.span, l.kind, l.place, l.pool, p.component, p.state
    ON CONFLICT ({KEY}) DO UPDATE
    SET amount = total.amount + excluded.amount, entry_id = excluded.entry_id""",
    )


__all__ = ["CONDITIONS", "REPLACED", "asked_at_once", "guards"]
