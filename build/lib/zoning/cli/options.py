"""Options that commands on the quota book share, and their texts read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import typer

from zoning.errors import UsageError
from zoning.ledger.model import Voucher

Amounts = Annotated[
    list[str] | None, typer.Argument(metavar="[AMOUNT]...", help="As area=3.5ha capacity=1200kg")
]
Day = Annotated[str | None, typer.Option("--effective", help="From which day it counts, ISO.")]
Document = Annotated[str, typer.Option("--document", help="Number of the document.")]
Note = Annotated[str, typer.Option("--note")]
Official = Annotated[str, typer.Option("--type", help="Official event type, as 项目入库指标.")]
Key = Annotated[str | None, typer.Option("--key", help="A repeated command posts once.")]
AsOf = Annotated[str | None, typer.Option("--as-of", help="Count up to this day, ISO.")]
KnownAt = Annotated[
    str | None, typer.Option("--known-at", help="As recorded up to this moment, ISO.")
]
Polygons = Annotated[
    list[str] | None, typer.Option("--polygon", help="role/feature id it is used on. Repeatable.")
]


def voucher(
    effective: str | None, official_type: str, document: str, note: str, key: str | None
) -> Voucher:
    """What a person says about an entry besides the amounts."""
    return Voucher(day(effective), official_type, document, note, key)


def day(text: str | None) -> date | None:
    """An ISO date; None where none is given. Raises UsageError for anything else."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise UsageError("cli.day", found=text) from error


def moment(text: str | None) -> datetime | None:
    """An ISO moment, in the machine's zone where it names none. Raises UsageError otherwise."""
    try:
        found = None if text is None else datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError("cli.moment", found=text) from error
    return found.astimezone() if found is not None and found.tzinfo is None else found
