"""Look the rule book up as a page: what is in force, what it replaced, how sure it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from zoning.rules.book import RuleBook
from zoning.rules.model import Rule, contains


@dataclass(frozen=True)
class RuleEntry:
    """One id of the rule book as seen from a day and a place.

    `rule` is the record that counts there, None where none is in force: then `history` says when
    and where one was or will be. `history` holds the records of the id that apply at the place,
    widest place first, then oldest first; without a place, all of them.
    """

    id: str
    rule: Rule | None
    history: tuple[Rule, ...]

    @property
    def topic(self) -> str:
        """The first part of the id, as ``pbf`` or ``idle``."""
        return self.id.split(".", maxsplit=1)[0]


@dataclass(frozen=True)
class RulePage:
    """The entries asked for, by id, and the question. A date or place of None means any."""

    on: date | None
    place: str | None
    topic: str | None
    entries: tuple[RuleEntry, ...]


def rule_page(
    book: RuleBook, *, on: date | None = None, place: str | None = None, topic: str | None = None
) -> RulePage:
    """The ids of a topic (or all) with the record that counts on a day at a place.

    A topic is the beginning of an id by whole parts: ``idle``, ``plan.earn``, ``pbf.approver``.
    Without a day or a place no single record counts, so every record is listed as an entry of its
    own, with the others of its id as history.
    """
    ids = sorted({rule.id for rule in book.rules if topic is None or _belongs(rule.id, topic)})
    found = (entry for rule_id in ids for entry in _entries(book, rule_id, on, place))
    return RulePage(on, place, topic, tuple(found))


def topics(book: RuleBook) -> tuple[str, ...]:
    """The first parts of all ids, in order."""
    return tuple(sorted({rule.id.split(".", maxsplit=1)[0] for rule in book.rules}))


def _entries(
    book: RuleBook, rule_id: str, on: date | None, place: str | None
) -> Iterable[RuleEntry]:
    history = tuple(rule for rule in book.history(rule_id)
                    if place is None or contains(rule.place, place))
    if not history:
        return []
    if on is not None and place is not None:
        return [RuleEntry(rule_id, book.look_up(rule_id, on=on, place=place), history)]
    chosen = [rule for rule in history if on is None or rule.is_in_force(on)]
    return [RuleEntry(rule_id, rule, history) for rule in chosen]


def _belongs(rule_id: str, topic: str) -> bool:
    return f"{rule_id}.".startswith(f"{topic}.")


__all__ = ["RuleEntry", "RulePage", "rule_page", "topics"]
