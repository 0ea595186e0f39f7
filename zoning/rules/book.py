"""The rule book: look-up by id, decision date and nearest place."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property

from zoning.errors import Message, RuleBookError
from zoning.rules.model import ControlLine, Rule, contains


@dataclass(frozen=True)
class RuleBook:
    """Rules and control lines, in no particular order; equal content has an equal digest."""

    rules: tuple[Rule, ...]
    lines: tuple[ControlLine, ...] = ()

    def look_up(self, rule_id: str, *, on: date, place: str) -> Rule | None:
        """The record in force on a day at the nearest place.

        None where no record is in force. A record without value is returned too (`Rule.is_blank`):
        that somebody looked and could not verify it is another answer than silence. The longest
        place wins even when it is blank; at one and the same place a value wins over a blank.
        """
        asked = rule_id, on, place
        if asked not in self._answers:
            found = [rule for rule in self._by_id.get(rule_id, ())
                     if rule.is_in_force(on) and contains(rule.place, place)]
            self._answers[asked] = max(found, key=_nearness, default=None)
        return self._answers[asked]

    def lines_at(self, place: str) -> tuple[ControlLine, ...]:
        """The control lines that count at a place, one per role (the nearest), by role."""
        nearest = {
            line.role: line
            for line in sorted(self.lines, key=lambda line: line.place.count("/"))
            if contains(line.place, place)
        }
        return tuple(nearest[role] for role in sorted(nearest))

    def history(self, rule_id: str) -> tuple[Rule, ...]:
        """All records of an id, by place, then oldest first."""
        return self._by_id.get(rule_id, ())

    def merged(self, other: RuleBook) -> RuleBook:
        """Add the records of another book.

        A value of one may fill a blank of the other at the same place. Raises RuleBookError where
        both state a value for the same id, place and day, or the same line at the same place.
        """
        rules = self.rules + other.rules
        require_consistent(rules, self.lines + other.lines, fill_blanks=True)
        return RuleBook(rules, self.lines + other.lines)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the content, independent of order."""
        records = [asdict(rule) for rule in self.rules] + [asdict(line) for line in self.lines]
        rows = [json.dumps(each, sort_keys=True, default=repr) for each in records]
        return hashlib.sha256("\n".join(sorted(rows)).encode()).hexdigest()

    @cached_property
    def _answers(self) -> dict[tuple[str, date, str], Rule | None]:
        """Look-ups made before: a plan asks the same of every project on every day."""
        return {}

    @cached_property
    def _by_id(self) -> Mapping[str, tuple[Rule, ...]]:
        grouped: dict[str, list[Rule]] = defaultdict(list)
        for rule in sorted(self.rules, key=_age):
            grouped[rule.id].append(rule)
        return {rule_id: tuple(rules) for rule_id, rules in grouped.items()}


def require_consistent(
    rules: Sequence[Rule], lines: Iterable[ControlLine], *, fill_blanks: bool = False
) -> None:
    """Raise RuleBookError where records contradict each other, naming all pairs."""
    found = [*conflicts(rules, fill_blanks=fill_blanks), *repeated(lines)]
    if found:
        raise RuleBookError("rules.contradiction", faults=found)


def conflicts(rules: Sequence[Rule], *, fill_blanks: bool = False) -> tuple[Message, ...]:
    """One message per pair of records of one id and place that share a day.

    With `fill_blanks` a pair of which exactly one has a value is no conflict.
    """
    grouped: dict[tuple[str, str], list[Rule]] = defaultdict(list)
    for rule in rules:
        grouped[rule.id, rule.place].append(rule)
    return tuple(
        Message("rules.overlap", {"id": one.id, "place": one.place, "first": _period(one),
                                  "second": _period(two)})
        for group in grouped.values()
        for i, one in enumerate(group)
        for two in group[i + 1:]
        if one.overlaps(two) and not (fill_blanks and one.is_blank != two.is_blank)
    )


def repeated(lines: Iterable[ControlLine]) -> tuple[Message, ...]:
    """One message per control line that is described more than once at a place."""
    counted = Counter((line.role, line.place) for line in lines)
    return tuple(Message("rules.line_twice", {"role": role, "place": place})
                 for (role, place), times in counted.items() if times > 1)


def _nearness(rule: Rule) -> tuple[int, bool]:
    return rule.place.count("/"), not rule.is_blank


def _age(rule: Rule) -> tuple[str, date, bool]:
    return rule.place, rule.valid_from or date.min, rule.is_blank


def _period(rule: Rule) -> str:
    return f"{rule.valid_from or '…'} – {rule.valid_to or '…'} ({rule.citation.zh})"


__all__ = ["RuleBook", "conflicts", "repeated", "require_consistent"]
