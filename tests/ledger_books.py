"""Books for tests: a clock one can turn, and short ways to say inflow and hold."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from zoning.ledger.book import Book
from zoning.ledger.database import book_url
from zoning.ledger.model import Account, Hold, Inflow, Lot, Reservation, Voucher

COUNTY = Account("CN/32/3206/320623", "offset", "stock")
JANUARY, MARCH, JUNE = date(2026, 1, 1), date(2026, 3, 1), date(2026, 6, 1)


class Clock:
    """Tells a moment one second later each time; turn it by setting `now`."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def open_book(where: Path | str, clock: Clock | None = None, **more: object) -> Book:
    """The book at a URL, or of a folder."""
    url = where if isinstance(where, str) else book_url(where / "ledger.db")
    return Book.open(url, clock=clock or Clock(), **more)


def bring_in(
    book: Book,
    amounts: Mapping[str, int],
    *,
    effective: date = JANUARY,
    expires: date | None = None,
    uses: tuple[str, ...] = (),
    account: Account = COUNTY,
    vintage: int = 2026,
    **voucher: object,
) -> str:
    """Post an inflow; the lot's id."""
    lot = Lot("", account, vintage, "No. 1", expires=expires, uses=uses)
    entry = book.post_inflow(Inflow(lot, amounts, Voucher(effective=effective, **voucher)))
    return entry.postings[0].lot_id


def hold(
    book: Book, amounts: Mapping[str, int], project_id: str = "P1", *,
    effective: date = JUNE, key: str | None = None, official_type: str = "", **wanted: object,
) -> Hold:
    """Hold offset quota for a project."""
    wish = Reservation("offset", amounts, project_id, "S1", **wanted)
    return book.hold(wish, Voucher(effective=effective, key=key, official_type=official_type))
