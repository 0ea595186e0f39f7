"""Commands as data: the fingerprint that tells a repeated command from another one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import is_dataclass, replace
from datetime import datetime
from hashlib import sha256

from zoning.errors import LedgerError
from zoning.ledger.model import Event, Voucher


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
    """A digest of a command, to tell a repeated one from another under the same key."""
    told = _encode([event, asked, voucher])
    return sha256(told.encode(errors="surrogatepass")).hexdigest()


def _plain(thing: object) -> object:
    """A record as text and numbers; what a client calls it is left out."""
    if isinstance(thing, Voucher):
        return {**vars(thing), "key": None}
    if is_dataclass(thing):
        return vars(thing)
    return dict(thing) if isinstance(thing, Mapping) else str(thing)


_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain).encode
