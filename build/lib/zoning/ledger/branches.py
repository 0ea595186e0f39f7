"""A branch of a book: a copy to try things on, with the same laws; the book is only read.

`docs/accounting.md` §17 is the convention.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from zoning.codes.events import LedgerEvent
from zoning.codes.reader import QuotaKind
from zoning.errors import LedgerError
from zoning.ledger.book import Book
from zoning.ledger.database import book_url


@contextmanager
def branch(
    book: Book,
    *,
    kinds: Mapping[str, QuotaKind] | None = None,
    events: Mapping[str, LedgerEvent] | None = None,
) -> Iterator[Book]:
    """A book with the same entries, in a file of its own that is gone afterwards.

    Whatever is posted to it is picked and refused as in the book itself, which is never written to.
    A book in a file is copied as it is at one moment; one on a server goes through its export.
    """
    with TemporaryDirectory(prefix="zoning-branch-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "branch.db"
        copied = _copied(book, file)
        with Book.open(book_url(file), kinds=kinds, events=events) as tried:
            if not copied:
                book.export(Path(folder) / "journal.jsonl")
                tried.restore(Path(folder) / "journal.jsonl")
            yield tried


def _copied(book: Book, file: Path) -> bool:
    try:
        book.backup(file)
    except LedgerError as error:
        if error.message.key == "ledger.backup_server":
            return False
        raise
    return True


__all__ = ["branch"]
