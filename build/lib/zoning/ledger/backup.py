"""A copy of a book's file, taken while others may write to it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from zoning.errors import LedgerError
from zoning.ledger.database import book_name, is_file, refusal


def copy_file(engine: sa.Engine, path: Path) -> None:
    """Copy a book in a file to another file, as it is at one moment; complete or not at all.

    Raises LedgerError for a book on a server, where the file is there already, and where it cannot
    be written.
    """
    if not is_file(engine):
        raise LedgerError("ledger.backup_server", file=book_name(engine))
    if path.exists():
        raise LedgerError("ledger.backup_exists", file=path.name)
    part = path.with_name(f"{path.name}.part")
    try:
        with (
            closing(sqlite3.connect(str(engine.url.database))) as source,
            closing(sqlite3.connect(part)) as target,
        ):
            source.backup(target)
            target.execute("PRAGMA journal_mode = DELETE").close()
        part.replace(path)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise refusal(str(error), file=path.name) from error
