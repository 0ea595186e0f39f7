"""Amounts as people write them: ``area=3.5ha``, ``paddy=2亩``, ``capacity=1200kg``.

Areas are rounded once, to 0.01 m². Weights must be whole kilograms: the books know no other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction

from zoning.codes.reader import Component, QuotaKind
from zoning.errors import LedgerError, Message, UsageError
from zoning.ledger.model import MAX_AMOUNT, Vector
from zoning.units import AREA_UNITS, DM2_PER_HA, hectares, mu, round_half_up

UNITS: Mapping[str, Mapping[str, Fraction]] = {
    "dm2": {
        **AREA_UNITS,
        "m²": AREA_UNITS["m2"],
        "平方米": AREA_UNITS["m2"],
        "公顷": AREA_UNITS["ha"],
        "亩": AREA_UNITS["mu"],
    },
    "kg": {"kg": Fraction(1), "公斤": Fraction(1), "t": Fraction(1000), "吨": Fraction(1000)},
}
"""Unit of a component → the units people write it in, each as a multiple of it."""

SHOWN_UNITS = {"dm2": ("ha", "mu", "m2", "公顷", "亩", "平方米"), "kg": ("kg", "t", "公斤", "吨")}

_AMOUNT = re.compile(r"\s*(?P<number>[0-9]{1,16}(?:\.[0-9]{1,12})?)\s*(?P<unit>[^\s0-9.]\S*)?\s*")


def parse_amounts(texts: Iterable[str], kind: QuotaKind) -> dict[str, int]:
    """Read ``component=amount`` texts into a vector of a quota kind.

    Raises
    ------
    UsageError
        A text has no ``=``, names a component twice, or its amount cannot be read.
    LedgerError
        The kind has no such component.

    """
    vector: dict[str, int] = {}
    for text in texts:
        code, equals, amount = (part.strip() for part in text.partition("="))
        if not equals:
            raise UsageError("ledger.amount_form", text=text, example=_example(kind))
        if code in vector:
            raise UsageError("ledger.amount_twice", component=code)
        vector[code] = read_amount(amount, component_of(kind, code))
    return vector


def read_amount(text: str, component: Component) -> int:
    """Read one amount with its unit. Raises UsageError for any other text, or an unfit unit."""
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise UsageError("ledger.amount_number", text=text, component=named(component))
    factor = UNITS[component.unit].get(match["unit"] or "")
    if factor is None:
        raise UsageError("ledger.amount_unit", text=text, component=named(component),
                         units=SHOWN_UNITS[component.unit])
    exact = Fraction(match["number"]) * factor
    if component.unit == "kg" and exact.denominator != 1:
        raise UsageError("ledger.amount_whole_kg", text=text, component=named(component))
    if exact > MAX_AMOUNT:
        raise UsageError("ledger.amount_large", text=text, component=named(component))
    return round_half_up(exact)


def component_of(kind: QuotaKind, code: str) -> Component:
    """The component of a kind by its code. Raises LedgerError naming the kind's components."""
    try:
        return kind.component(code)
    except KeyError:
        raise LedgerError("ledger.unknown_component", component=code, kind=named(kind),
                         allowed=[each.code for each in kind.components]) from None


def check_vector(amounts: Vector, kind: QuotaKind) -> dict[str, int]:
    """The amounts of a command in the order of the kind's components, without zeros.

    Raises LedgerError for a component the kind does not have, for an amount that is no whole number
    from 0 to `MAX_AMOUNT`, and where nothing is left.
    """
    for code, amount in amounts.items():
        component = component_of(kind, code)
        if type(amount) is not int or not 0 <= amount <= MAX_AMOUNT:
            raise LedgerError("ledger.amount_unfit", component=named(component), amount=amount)
    vector = {each.code: amounts[each.code] for each in kind.components if amounts.get(each.code)}
    if not vector:
        raise LedgerError("ledger.nothing_asked", kind=named(kind))
    return vector


def show_amount(amount: int, component: Component) -> Message:
    """An amount for a person: 公顷 with 亩, or 公斤.

    公顷 has the four decimals of official tables, or as many as an exact small amount needs, so
    that a shortage of 0.01 m² is never shown as zero.
    """
    if component.unit == "kg":
        return Message("ledger.kg", {"kg": f"{amount:,}"})
    exact = Decimal(amount).scaleb(-6)
    shown = hectares(amount) if amount % (DM2_PER_HA // 10_000) == 0 else exact
    return Message("ledger.area", {"ha": f"{shown:f}", "mu": f"{mu(amount):f}"})


def show_vector(vector: Vector, kind: QuotaKind) -> tuple[Message, ...]:
    """The amounts of a vector for a person, in the order of the kind's components."""
    return tuple(
        Message("ledger.component_amount", {
            "component": named(component),
            "amount": show_amount(vector[component.code], component),
        })
        for component in kind.components if vector.get(component.code)
    )


def named(thing: Component | QuotaKind) -> Message:
    """The name of a kind or component, in the reader's language."""
    return Message("ledger.named", {"zh": thing.zh, "en": thing.en})


def _example(kind: QuotaKind) -> str:
    first = kind.components[0]
    return f"{first.code}=1.5{SHOWN_UNITS[first.unit][0]}"
