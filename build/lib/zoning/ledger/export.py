"""A journal with its chain as a file of text, which verifies by itself and can be restored.

The first line names the form; each further line is a link, a space, and the body that is hashed;
the last line counts the entries and periods and repeats the last link. Anybody can follow it with
``sha256sum``: a link is the SHA-256 of the link before it, a line feed, and the body.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from zoning.errors import InputError, LedgerError
from zoning.ledger.records import Journal
from zoning.ledger.seals import Record, body, link, read_body
from zoning.ledger.verify import Fold, Known, Unfit, Verification, found, verify_records
from zoning.ledger.writer import Writer

FIRST_LINE = b"zoning quota book 1"


def write_export(connection: sa.Connection, path: Path) -> Verification:
    """Write the journal to a file, complete or not at all, and verify it on the way.

    A journal that does not verify is written as it is, so that it can be looked into. Raises
    InputError where the file cannot be written.
    """
    fold, part = Fold(), path.with_name(f"{path.name}.part")
    told = found(fold)
    try:
        with part.open("wb") as file, closing(Journal(connection).records()) as records:
            file.write(FIRST_LINE + b"\n")
            for record in records:
                text = body(record)
                file.write(f"{record.digest} {text}\n".encode())
                if told.is_sound:
                    told = verify_records(fold, [(record, text)])
            file.write(_last_line(fold) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise InputError("ledger.export_failed", file=path.name, said=error.strerror) from None
    return told


def verify_export(path: Path, *, known: Known | None = None) -> Verification:
    """Check an exported journal, offline; `known` is a position and link noted down earlier.

    Raises InputError where the file cannot be read.
    """
    fold = Fold()
    return verify_records(fold, _records(path, fold), known=known)


def read_into(writer: Writer, path: Path) -> Verification:
    """Bring an exported journal into an empty book, through every guard of the database.

    Raises LedgerError where the book is not empty or the file does not verify.
    """
    if writer.position:
        raise LedgerError("ledger.restore_full", position=writer.position)
    fold = Fold()
    try:
        for record, text in _records(path, fold):
            fold.add(record, text=text)
            writer.add_record(record)
    except Unfit as unfit:
        fault = found(fold, unfit.message).fault
        raise LedgerError("ledger.restore_unfit", file=path.name,
                          fact=fault.message if fault else unfit.message) from None
    return found(fold)


def _records(path: Path, fold: Fold) -> Iterator[tuple[Record, str]]:
    """The records of a file. Raises Unfit where a line is none; the fold tells what came before."""
    try:
        with path.open("rb") as file:
            if file.readline() != FIRST_LINE + b"\n":
                raise Unfit("first_line")
            last = b""
            for line in file:
                if last:
                    yield _record(last, fold)
                last = line
    except OSError as error:
        raise InputError("ledger.export_unread", file=path.name, said=error.strerror) from None
    if last != _last_line(fold) + b"\n":
        fold.at = fold.position
        raise Unfit("last_line")


def _record(line: bytes, fold: Fold) -> tuple[Record, str]:
    digest, _, rest = line.partition(b" ")
    fold.at = fold.position + (not rest.startswith(b'{"period"'))
    try:
        text = rest.decode()
        if not text.endswith("\n") or link(fold.head, text[:-1]).encode() != digest:
            raise Unfit("link")
        return read_body(text[:-1])._replace(digest=digest.decode()), text[:-1]
    except (ValueError, TypeError, KeyError):
        raise Unfit("link") from None


def _last_line(fold: Fold) -> bytes:
    return f"end {fold.position} {fold.periods} {fold.head}".encode()


