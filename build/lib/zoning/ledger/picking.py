"""Which lots a need is drawn from.

The order: earliest expiry first (a lot without expiry last), then the older vintage, then the lot
id. Each component is drawn by itself and may span lots; components are never traded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from zoning.codes.reader import QuotaKind
from zoning.errors import Message, OverdraftError
from zoning.ledger.amounts import named, show_amount
from zoning.ledger.model import Draw, Lot, LotBalance, Vector


class Stock(NamedTuple):
    """What can be drawn from one lot."""

    lot_id: str
    amounts: Vector


def pick_order(lot: Lot) -> tuple[date, int, str]:
    """The sort key of the order in which lots are drawn on."""
    return lot.expires or date.max, lot.vintage, lot.lot_id


def free_stock(lots: Iterable[LotBalance], *, names: Sequence[str] = ()) -> tuple[Stock, ...]:
    """The free amounts of lots, in the order in which they are drawn on.

    Given `names`, of these lots only, and in the order of the names.
    """
    by_id = {balance.lot.lot_id: balance for balance in lots}
    ordered = (
        [by_id[name] for name in dict.fromkeys(names) if name in by_id] if names
        else sorted(by_id.values(), key=lambda balance: pick_order(balance.lot))
    )
    return tuple(Stock(balance.lot.lot_id, balance.free) for balance in ordered)


def pick(
    stock: Sequence[Stock],
    need: Vector,
    *,
    kind: QuotaKind,
    refusal: str = "ledger.overdraft",
    **told: object,
) -> tuple[Draw, ...]:
    """Draw exactly a need from stock.

    Raises
    ------
    OverdraftError
        A component is short: the message `refusal` with the kind, what else is `told`, and the
        `shortages` of all components at once.

    """
    short = shortages(stock, need, kind=kind)
    if short:
        raise OverdraftError(refusal, kind=named(kind), shortages=short, **told)
    return take(stock, need)


def take(stock: Sequence[Stock], need: Vector) -> tuple[Draw, ...]:
    """Draw what there is of a need, first lots first; never more than the need or the stock."""
    return tuple(draw for component in need for draw in _take(stock, component, need[component]))


def drawn(draws: Iterable[Draw]) -> dict[str, int]:
    """How much is drawn, per component."""
    total: dict[str, int] = {}
    for draw in draws:
        total[draw.component] = total.get(draw.component, 0) + draw.amount
    return total


def shortages(stock: Iterable[Stock], need: Vector, *, kind: QuotaKind) -> tuple[Message, ...]:
    """One message for each component of which less is in stock than needed.

    Beside the words, the parameters carry `code` and the integers `needed_amount`,
    `available_amount`, `short_amount`.
    """
    stock = tuple(stock)
    return tuple(
        message for component in kind.components
        if (message := _shortage(stock, component.code, need.get(component.code, 0), kind=kind))
    )


def _take(stock: Iterable[Stock], component: str, needed: int) -> Iterable[Draw]:
    for lot_id, amounts in stock:
        amount = min(needed, max(amounts.get(component, 0), 0))
        if amount > 0:
            yield Draw(lot_id, component, amount)
            needed -= amount


def _shortage(
    stock: Iterable[Stock], code: str, needed: int, *, kind: QuotaKind
) -> Message | None:
    there = sum(max(amounts.get(code, 0), 0) for _, amounts in stock)
    if there >= needed:
        return None
    component = kind.component(code)
    return Message("ledger.shortage", {
        "component": named(component),
        "needed": show_amount(needed, component),
        "available": show_amount(there, component),
        "short": show_amount(needed - there, component),
        "code": code, "needed_amount": needed, "available_amount": there,
        "short_amount": needed - there,
    })
