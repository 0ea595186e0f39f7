"""Connections to a quota book: opening, migrating, transactions, and refusals in plain words.

SQLite today. A writer takes the write lock when its transaction begins (``BEGIN IMMEDIATE``), so
what it reads inside cannot be spent by another process before it has written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from zoning.errors import LedgerError, OverdraftError, UnbalancedError

MIGRATIONS = Path(__file__).parent / "migrations"
WRITE = {"zoning_begin": "BEGIN IMMEDIATE"}

_REFUSAL = re.compile(r"quota book refuses \((\w+)\): (.*)")
_ERRORS: Mapping[str, type[LedgerError]] = {
    "overdraft": OverdraftError, "backdated": OverdraftError, "unbalanced": UnbalancedError,
}


def book_url(path: Path) -> str:
    """The URL of a book in a file."""
    return sa.URL.create("sqlite", database=str(path)).render_as_string()


def make_engine(url: str, *, wait_seconds: float) -> sa.Engine:
    """The engine of a book's URL; nothing is opened yet.

    Raises LedgerError for a URL that is none, or of a database that is not supported.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise LedgerError("ledger.bad_url", url=url) from None
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        shown = parsed.render_as_string(hide_password=True)
        raise LedgerError("ledger.unsupported_url", url=shown)
    engine = sa.create_engine(parsed, connect_args={"timeout": wait_seconds})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin)
    return engine


def prepare(engine: sa.Engine, *, create: bool = True) -> None:
    """Bring a book's schema up to date; make the book where there is none, if `create`.

    Raises LedgerError where there is no book, where the file is some other database, and where the
    book was written by a later version of this program.
    """
    file = Path(str(engine.url.database))
    if not file.exists() and not create:
        raise LedgerError("ledger.no_book", file=file.name)
    config = _alembic()
    scripts = ScriptDirectory.from_config(config)
    with reading(engine) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        tables = sa.inspect(connection).get_table_names()
    if current == scripts.get_current_head():
        return
    _refuse_others(file, current, tables, scripts)
    _use_wal(engine)
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _refuse_others(
    file: Path, current: str | None, tables: list[str], scripts: ScriptDirectory
) -> None:
    if current is None and tables:
        raise LedgerError("ledger.other_database", file=file.name, tables=tables[:5])
    if current is not None and current not in {each.revision for each in scripts.walk_revisions()}:
        raise LedgerError("ledger.later_version", file=file.name, found=current)


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Hold a connection that sees the book at one moment, whatever others write meanwhile."""
    with _in_words(engine), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Hold the only connection that may write; commit at the end, or leave nothing behind.

    Raises LedgerError where another process keeps the book busy for longer than the engine waits,
    and where the database refuses.
    """
    writer = engine.execution_options(**WRITE)
    with _in_words(engine), writer.connect() as connection, connection.begin():
        yield connection


@contextmanager
def _in_words(engine: sa.Engine) -> Iterator[None]:
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise refusal(str(error.orig), file=Path(str(engine.url.database)).name) from error


def refusal(said: str, *, file: str) -> LedgerError:
    """What the database said, as an error with a sentence."""
    if match := _REFUSAL.search(said):
        reason, sentence = match.groups()
        return _ERRORS.get(reason, LedgerError)("ledger.refused", reason=reason, sentence=sentence)
    if "locked" in said or "busy" in said:
        return LedgerError("ledger.busy", file=file)
    return LedgerError("ledger.unusable", file=file, said=said)


def _use_wal(engine: sa.Engine) -> None:
    """Let readers read while one writes. Stays with the file; set outside transactions."""
    with _in_words(engine):
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode = WAL").close()
        finally:
            connection.close()


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA synchronous = FULL")
    finally:
        cursor.close()


def _begin(connection: sa.Connection) -> None:
    how = connection.get_execution_options().get("zoning_begin", "BEGIN")
    connection.exec_driver_sql(str(how))
