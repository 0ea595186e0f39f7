"""Connections to a quota book: opening, migrating, transactions, and refusals in plain words.

A book lies in a SQLite file or in a schema of a PostgreSQL database. Its one writer takes the write
lock when the transaction begins (``BEGIN IMMEDIATE``, or an advisory lock that the guards ask for
too), so what it reads inside cannot be spent by another process before it has written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from zoning.errors import LedgerError, OverdraftError, UnbalancedError
from zoning.ledger.migrations.guards_0002 import WRITE_LOCK

MIGRATIONS = Path(__file__).parent / "migrations"
WRITE = {"zoning_write": True}
BACKENDS = ("sqlite", "postgresql")
CACHE_KIB = 64 * 1024
"""Memory for the pages of a SQLite file; a large import rereads what does not fit."""

_REFUSAL = re.compile(r"quota book refuses \((\w+)\): (.*)")
_ERRORS: Mapping[str, type[LedgerError]] = {
    "overdraft": OverdraftError, "backdated": OverdraftError, "unbalanced": UnbalancedError,
}
_SAID = (
    (("locked", "busy", "lock timeout", "deadlock", "could not serialize"), "ledger.busy"),
    (("out of range", "cannot contain nul"), "ledger.value_unfit"),
    (("is full", "disk i/o error", "no space left"), "ledger.disk_full"),
)
"""What a database says, in lower case → the message for it."""


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
    if parsed.get_backend_name() not in BACKENDS or parsed.database in (None, "", ":memory:"):
        shown = parsed.render_as_string(hide_password=True)
        raise LedgerError("ledger.unsupported_url", url=shown)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(parsed, wait_seconds)
    return _postgres_engine(parsed, wait_seconds)


def book_name(engine: sa.Engine) -> str:
    """The name by which people know a book: its file, or the database on its server."""
    url = engine.url
    if is_file(engine):
        return Path(str(url.database)).name
    return f"{url.host}/{url.database}" if url.host else str(url.database)


def is_file(engine: sa.Engine) -> bool:
    """Whether the book is a file of its own."""
    return engine.dialect.name == "sqlite"


def prepare(engine: sa.Engine, *, create: bool = True) -> None:
    """Bring a book's schema up to date; make the book where there is none, if `create`.

    Raises LedgerError where there is no book, where the file is some other database, and where the
    book was written by a later version of this program.
    """
    if is_file(engine) and not create and not Path(str(engine.url.database)).exists():
        raise LedgerError("ledger.no_book", file=book_name(engine))
    scripts = _scripts()
    with reading(engine) as connection:
        current = MigrationContext.configure(connection).get_current_revision()
        if current == scripts.get_current_head():
            return
        tables = sa.inspect(connection).get_table_names()
    _refuse_others(engine, current, tables, scripts)
    if current is None and not create:
        raise LedgerError("ledger.no_book", file=book_name(engine))
    if is_file(engine):
        _use_wal(engine)
    config = _alembic()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _refuse_others(
    engine: sa.Engine, current: str | None, tables: list[str], scripts: ScriptDirectory
) -> None:
    if current is None and tables:
        raise LedgerError("ledger.other_database", file=book_name(engine), tables=tables[:5])
    if current is not None and current not in {each.revision for each in scripts.walk_revisions()}:
        raise LedgerError("ledger.later_version", file=book_name(engine), found=current)


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
        raise refusal(str(error.orig), file=book_name(engine)) from error
    except engine.dialect.loaded_dbapi.Error as error:
        raise refusal(str(error), file=book_name(engine)) from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise LedgerError("ledger.value_unfit", said=str(error)) from error


def refusal(said: str, *, file: str) -> LedgerError:
    """What the database said, as an error with a sentence."""
    said = said.strip().partition("\n")[0]
    if match := _REFUSAL.search(said):
        reason, sentence = match.groups()
        return _ERRORS.get(reason, LedgerError)("ledger.refused", reason=reason, sentence=sentence)
    for words, key in _SAID:
        if any(word in said.lower() for word in words):
            return LedgerError(key, file=file, said=said)
    return LedgerError("ledger.unusable", file=file, said=said)


def _sqlite_engine(url: sa.URL, wait_seconds: float) -> sa.Engine:
    engine = sa.create_engine(url, connect_args={"timeout": wait_seconds})
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgres_engine(url: sa.URL, wait_seconds: float) -> sa.Engine:
    lock = f"SET LOCAL lock_timeout = {max(1, round(wait_seconds * 1000))}; SELECT {WRITE_LOCK}"

    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get("zoning_write")
        connection.exec_driver_sql(
            lock if writes else "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    engine = sa.create_engine(
        url.set(drivername="postgresql+psycopg"), pool_pre_ping=True,
        connect_args={"connect_timeout": max(2, round(wait_seconds)),
                      "options": _options(url)})
    sa.event.listen(engine, "begin", begin)
    return engine


def _options(url: sa.URL) -> str:
    """The session settings of a URL, and those a book needs."""
    given = url.query.get("options", "")
    own = "-c default_transaction_isolation=read\\ committed -c timezone=UTC"
    return f"{given if isinstance(given, str) else ' '.join(given)} {own}".strip()


def _use_wal(engine: sa.Engine) -> None:
    """Let readers read while one writes. Stays with the file; set outside transactions."""
    with _in_words(engine):
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode = WAL").close()
        finally:
            connection.close()


@cache
def _scripts() -> ScriptDirectory:
    """The steps of the schema: read once, as opening a book asks for the last of them."""
    return ScriptDirectory.from_config(_alembic())


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
        cursor.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    finally:
        cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("zoning_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
