"""The rule book of a workspace, and numbers read from it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from zoning.rules.book import RuleBook
from zoning.rules.parse import parse_rules
from zoning.rules.shipped import shipped
from zoning.workspace.folder import RULES, Workspace, read_text


def rule_book(workspace: Workspace) -> RuleBook:
    """The shipped rules with the workspace's own rule files on top; read once per content."""
    return parsed(own_texts(workspace))


def own_texts(workspace: Workspace) -> tuple[tuple[str, str], ...]:
    """Name and content of the workspace's own rule files, by name."""
    files = sorted((workspace.root / RULES).glob("*.toml"))
    return tuple((file.name, read_text(file)) for file in files)


@lru_cache(maxsize=16)
def parsed(
    own: tuple[tuple[str, str], ...], below: tuple[tuple[str, str], ...] | None = None
) -> RuleBook:
    """Rule files on top of others, by default of those that are shipped."""
    book = shipped() if below is None else parsed(below, ()) if below else RuleBook(())
    for name, text in own:
        file = parse_rules(text, source=name)
        book = book.merged(RuleBook(file.rules, file.lines))
    return book


def whole_years(rules: RuleBook, rule_id: str, *, on: date, place: str) -> int | None:
    """A term of years in force on a day at a place; None where none is, or it is not whole."""
    rule = rules.look_up(rule_id, on=on, place=place)
    value = rule.value if rule is not None else None
    return value if type(value) is int else None


__all__ = ["own_texts", "parsed", "rule_book", "whole_years"]
