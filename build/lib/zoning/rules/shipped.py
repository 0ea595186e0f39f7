"""The rules that come with the program. This module alone opens the files of ``book/``."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from zoning.rules.book import RuleBook
from zoning.rules.parse import parse_rules


@cache
def shipped() -> RuleBook:
    """The shipped rule book. Raises RuleBookError if a file of it is faulty."""
    book = RuleBook(())
    for name, text in shipped_texts():
        file = parse_rules(text, source=name)
        book = book.merged(RuleBook(file.rules, file.lines))
    return book


def shipped_texts() -> tuple[tuple[str, str], ...]:
    """Name and content of every shipped rule file, by name."""
    folder = files("zoning.rules") / "book"
    return tuple((file.name, file.read_text(encoding="utf-8"))
                 for file in sorted(folder.iterdir(), key=lambda file: file.name)
                 if file.name.endswith(".toml"))
