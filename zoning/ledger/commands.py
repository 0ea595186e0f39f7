"""Commands as data: the fingerprint that tells a repeated command from another one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from datetime import datetime
from hashlib import sha256

from zoning.errors import LedgerError, Message
from zoning.ledger.model import Event, Voucher

LONGEST_NAME = 200
"""Characters of a name that is looked up: with others it must fit into a page of an index."""

_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL as JSON writes it, and no backslash of the text itself."""


def aware(moment: datetime) -> datetime:
    """A moment that has its time zone. Raises LedgerError for one that has none."""
    if moment.tzinfo is None:
        raise LedgerError("ledger.no_zone", found=moment)
    return moment


def numbered(voucher: Voucher, number: int) -> Voucher:
    """The voucher of one of several commands: the first has the key, the others a number to it."""
    if voucher.key is None or number == 0:
        return voucher
    return replace(voucher, key=f"{voucher.key}#{number + 1}")


def fingerprint(event: Event, asked: object, voucher: Voucher) -> str:
    """A digest of a command, to tell a repeated one from another under the same key.

    Raises LedgerError where a text has characters that no database and no file can keep.
    """
    told = _encode([event, asked, voucher])
    refuse_unfit(told)
    key = voucher.key or ""
    if "\0" in key or not _is_unicode(key):
        raise LedgerError("ledger.text_unfit")
    return sha256(told.encode()).hexdigest()


def refuse_unfit(encoded: str) -> None:
    """Raises LedgerError where JSON holds a NUL, or half of a surrogate pair."""
    if not encoded.isascii() and not _is_unicode(encoded):
        raise LedgerError("ledger.text_unfit")
    if "\\u0000" in encoded and _NUL.search(encoded):
        raise LedgerError("ledger.text_unfit")


def refuse_long(**names: str | None) -> None:
    """Raises LedgerError for a name, of a project or pool, longer than an index takes."""
    for name, told in names.items():
        if told is not None and len(told) > LONGEST_NAME:
            raise LedgerError("ledger.text_long", name=Message(f"ledger.name.{name}"),
                              length=len(told), limit=LONGEST_NAME, starts=told[:20])


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _plain(thing: object) -> object:
    """A record as text and numbers; what a client calls it is left out."""
    if isinstance(thing, Voucher):
        return {**vars(thing), "key": None}
    if is_dataclass(thing):
        return vars(thing)
    return dict(thing) if isinstance(thing, Mapping) else str(thing)


_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain).encode
