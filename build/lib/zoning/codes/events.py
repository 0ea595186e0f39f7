"""The names of ledger events on official forms, as data: name → the entry it makes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class LedgerEvent:
    """One official event name.

    `event` is the ledger's event, `kinds` the quota kinds it may be used for (empty: any). A name
    that `deducts` takes quota away by order, before its lot has expired. `basis` says whether the
    name stands on published forms (``form``), is ours (``proposed``) or the county's (``county``);
    `reading`, why it makes this entry, where the form does not say it. Of an inflow that is `lent`,
    what is used must be returned in time; one that `borrows` is owed until a settlement `repays`.
    """

    name: str
    en: str
    event: str
    kinds: tuple[str, ...]
    basis: str
    deducts: bool = False
    reading: str = ""
    lent: bool = False
    borrows: bool = False
    repays: bool = False


@cache
def ledger_events() -> Mapping[str, LedgerEvent]:
    """The shipped event names, in the order of the file."""
    text = (files("zoning.codes") / "ledger_events.toml").read_text(encoding="utf-8")
    return parse_ledger_events(tomllib.loads(text))


def parse_ledger_events(document: Mapping[str, Any]) -> dict[str, LedgerEvent]:
    """Event names from a parsed TOML document. Raises ValueError where a name stands twice."""
    rows = [
        LedgerEvent(row["name"], row["en"], row["event"], tuple(row["kinds"]), row["basis"],
                    row.get("deducts", False), row.get("reading", ""), row.get("lent", False),
                    row.get("borrows", False), row.get("repays", False))
        for row in document["event"]
    ]
    by_name = {row.name: row for row in rows}
    if len(by_name) < len(rows):
        raise ValueError(f"{len(rows) - len(by_name)} event name(s) stand twice")
    return by_name
