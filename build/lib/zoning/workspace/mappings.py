"""Column mappings remembered: what a sender's columns meant last time, in ``mappings.toml``.

A mapping is kept under the role and the columns of the file, which are the sender's hand, and under
the sender's name where one was given. It is used only where nobody maps, and always told.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomli_w

from zoning.errors import Message, Problem, Severity, WorkspaceError
from zoning.layers.model import GEOMETRY, Reading
from zoning.layers.recognise import role_doubts
from zoning.workspace.folder import changing

FILE_NAME = "mappings.toml"


def settled_mapping(
    root: Path, role: str, reading: Reading, given: Mapping[str, str] | None, *,
    sender: str | None = None,
) -> tuple[Mapping[str, str] | None, tuple[Problem, ...]]:
    """The mapping to use, and what is to be said about it and about the role.

    Raises WorkspaceError where ``mappings.toml`` is damaged.
    """
    names = _columns(reading)
    doubts = role_doubts(names, reading.source.layer, role)
    if given:
        return given, ()
    kept = _fitting(_read(root), role, names, sender)
    if kept is None:
        return given, doubts
    told = tuple(f"{source}={target}" for source, target in kept.items())
    message = Message("workspace.mapping_remembered", {"mapping": told})
    return kept, (Problem("MAP001", message, Severity.NOTE, len(told)),)


def remember_mapping(
    root: Path, role: str, reading: Reading, mapping: Mapping[str, str] | None, *,
    sender: str | None = None,
) -> None:
    """Keep a mapping for the next file with these columns, or of this sender."""
    if not mapping:
        return
    row = {"role": role, "sender": sender or "", "columns": sorted(_columns(reading)),
           "mapping": dict(mapping)}
    with changing(root):
        rows = [each for each in _read(root) if not _is_same(each, row)]
        draft = root / f".{FILE_NAME}.new"
        draft.write_text(tomli_w.dumps({"mapping": [*rows, row]}), encoding="utf-8")
        os.replace(draft, root / FILE_NAME)


def _fitting(
    rows: list[dict[str, Any]], role: str, names: list[str], sender: str | None
) -> dict[str, str] | None:
    mine = [row for row in reversed(rows) if row["role"] == role
            and set(row["mapping"]) <= set(names)]
    by_sender = [row for row in mine if sender and row["sender"] == sender]
    by_columns = [row for row in mine if row["columns"] == sorted(names)]
    found = [*by_sender, *by_columns]
    return dict(found[0]["mapping"]) if found else None


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one[key] == other[key] for key in ("role", "sender", "columns"))


def _columns(reading: Reading) -> list[str]:
    return [str(name) for name in reading.features.columns if name != GEOMETRY]


def _read(root: Path) -> list[dict[str, Any]]:
    file = root / FILE_NAME
    if not file.exists():
        return []
    try:
        rows = tomllib.loads(file.read_text(encoding="utf-8"))["mapping"]
        for row in rows:
            if not ({"role", "sender", "columns"} <= set(row) and isinstance(row["mapping"], dict)):
                raise KeyError("mapping")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise WorkspaceError("workspace.damaged", file=str(file), reason=str(error)) from error
    return list(rows)
