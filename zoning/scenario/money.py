"""Money as an account: what a project costs in fees, taxes, quota and clearing, with open items.

Amounts are whole yuan. A line is *known* where every rule and fact behind it is, a *band* where the
law leaves a range, *open* where something is missing: then it names what, and counts as nothing in
the sum, which is told with the number of open lines. Rules: ``docs/method.md`` §10.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from zoning.ledger.model import Lot
from zoning.rules.model import Rule, exact
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.land import NEW_LANDS
from zoning.scenario.outcome import Certainty, MoneyAccount, MoneyLine, NeedLine, Quantity
from zoning.scenario.words import missing_attribute, missing_class, missing_fact, missing_layer
from zoning.units import DM2_PER_M2, MU_PER_DM2, round_half_up

YUAN_PER_WAN = 10_000


Range = tuple[Fraction, Fraction]
"""From, to; in yuan per m² or in yuan."""
Rates = tuple[Range | None, tuple[Rule | None, ...], tuple[str, ...]]
"""Rates of a tax, the rules they are from, and what is missing to tell them closer."""


def money_account(
    case: Case, needs: Sequence[NeedLine] = (), lots: Iterable[Lot] = ()
) -> MoneyAccount:
    """The account of a project; `needs` say which lots it would draw, `lots` what those cost."""
    return with_quota(land_account(case), needs, {each.lot_id: each for each in lots})


def with_quota(
    account: MoneyAccount, needs: Sequence[NeedLine], lots: Mapping[str, Lot]
) -> MoneyAccount:
    """An account with the price of the lots drawn, before the clearing."""
    prices = _quota(needs, lots)
    at = sum(line.id != "demolition" for line in account.lines)
    return MoneyAccount((*account.lines[:at], *prices, *account.lines[at:]))


def land_account(case: Case) -> MoneyAccount:
    """What a project costs whatever lots it draws: fees, taxes and clearing.

    Where the class of some land is not known, every item counted on land is open.
    """
    new_dm2 = case.taken.area_dm2(*NEW_LANDS)
    found = []
    if new_dm2 or not case.taken.is_certain:
        found += [_new_land_fee(case, new_dm2), _farmland_tax(case), _other_tax(case),
                  *_by_area(case, new_dm2)]
    lines = [each for each in found if each is not None]
    if not case.taken.is_certain:
        lines = [_waiting(each) for each in lines]
    return MoneyAccount((*lines, *_clearing(case)))


# ── fee for new construction land ────────────────────────────────────────────────────────────


def _new_land_fee(case: Case, new_dm2: int) -> MoneyLine | None:
    """新增建设用地土地有偿使用费: yuan/m² by the county's grade; the whole table where unknown.

    Whether a linkage new site pays was not read: open.
    """
    table, grade = case.rule("fee.xzjs"), case.rule("fee.xzjs_grade")
    basis = Quantity(new_dm2, "dm2")
    if case.project.path == "linkage_new_site":
        return _open("new_land_fee", basis, (table,), (missing_fact("linkage_new_land_fee"),))
    rates = [rate for rate in map(exact, _items(table)) if rate is not None]
    if not rates:
        return _open("new_land_fee", basis, (table,), (case.missing("fee.xzjs"),))
    number = exact(grade.value) if grade else None
    if number is None or number.denominator != 1 or not 1 <= number <= len(rates):
        return _line("new_land_fee", _times((min(rates), max(rates)), new_dm2), basis,
                     (table, grade), (case.missing("fee.xzjs_grade"),))
    rate = rates[int(number) - 1]
    return _line("new_land_fee", _times((rate, rate), new_dm2), basis, (table, grade))


# ── farmland occupation tax ──────────────────────────────────────────────────────────────────


def _farmland_tax(case: Case) -> MoneyLine | None:
    """耕地占用税 on farmland: local rate, half as much again on basic farmland (Arts. 4, 6, 7)."""
    farmland_dm2 = case.taken.area_dm2("farmland")
    if not farmland_dm2:
        return None
    basis = Quantity(farmland_dm2, "dm2")
    special = _special_rates(case)
    rates, rules, missing = special or _tax_rates(case)
    if rates is None:
        return _open("farmland_tax", basis, rules, missing)
    if special:
        return _line("farmland_tax", _times(rates, farmland_dm2), basis, rules)
    more, rule = _on_basic_farmland(case, farmland_dm2)
    if more is None:
        return _open("farmland_tax", basis, (*rules, rule), (*missing, missing_layer("pbf")))
    low, high = (rates[0] * (farmland_dm2 + more[0]), rates[1] * (farmland_dm2 + more[1]))
    unsure = (missing_class("inside_pbf"),) if more[0] != more[1] else ()
    exempt = (missing_fact("tax_exempt_use"),) if case.project.kind == "public" else ()
    found = (Fraction(0) if exempt else low / DM2_PER_M2, high / DM2_PER_M2)
    return _line("farmland_tax", found, basis, (*rules, rule), (*missing, *unsure, *exempt))


def _other_tax(case: Case) -> MoneyLine | None:
    """The same tax on other agricultural land: lower by up to half, as the province says."""
    other_dm2 = case.taken.area_dm2("other_agricultural")
    if not other_dm2:
        return None
    basis = Quantity(other_dm2, "dm2")
    rates, rules, missing = _special_rates(case) or _tax_rates(case)
    least = case.rule("fee.tax_other_agricultural_min")
    share = exact(least.value) if least else None
    if rates is None or share is None:
        return _open("other_tax", basis, (*rules, least),
                     missing or (case.missing("fee.tax_other_agricultural_min"),))
    exempt = (missing_fact("tax_exempt_use"),) if case.project.kind == "public" else ()
    low = Fraction(0) if exempt else rates[0] * share
    unsure = (case.missing("fee.tax_other_agricultural_rate"),) if rates[1] else ()
    return _line("other_tax", _times((low, rates[1]), other_dm2), basis, (*rules, least),
                 (*missing, *unsure, *exempt))


def _special_rates(case: Case) -> Rates | None:
    """Nothing for military land, a low rate for transport and water works (Art. 7)."""
    exempt, kinds = case.rule("fee.tax_exempt_kinds"), case.rule("fee.tax_transport_kinds")
    low = case.rule("fee.tax_transport")
    if exempt and case.project.kind in _items(exempt):
        return (Fraction(0), Fraction(0)), (exempt,), ()
    rate = exact(low.value) if low else None
    if low and rate is not None and kinds and case.project.kind in _items(kinds):
        return (rate, rate), (low,), ()
    return None


def _tax_rates(case: Case) -> Rates:
    """The local rate; the bands of the law, from the lowest to the highest, where it is unknown."""
    rate, band = case.rule("fee.tax_rate"), case.rule("fee.tax_band")
    known = exact(rate.value) if rate else None
    if known is not None:
        return (known, known), (rate,), ()
    missing = (case.missing("fee.tax_rate"),)
    if band is None or not isinstance(band.value, Mapping):
        return None, (rate, band), missing
    ends = [Fraction(end) for text in band.value.values() for end in str(text).split("-")]
    return (min(ends), max(ends)), (rate, band), missing


def _on_basic_farmland(
    case: Case, farmland_dm2: int
) -> tuple[tuple[Fraction, Fraction] | None, Rule | None]:
    """By how much basic farmland adds to the taxed area: from, to.

    The facts tell the land inside the line and the farmland taken, not how much is both.
    """
    hit, rule = case.hit("pbf"), case.rule("fee.tax_pbf_mult")
    times = exact(rule.value) if rule else None
    if hit is None or times is None:
        return None, rule
    rest_dm2 = max(0, case.facts.area_dm2 - farmland_dm2)
    both = max(0, hit.area_dm2 - rest_dm2), min(hit.area_dm2, farmland_dm2)
    return ((times - 1) * both[0], (times - 1) * both[1]), rule if hit.area_dm2 else None


# ── per unit of area, quota, clearing ────────────────────────────────────────────────────────

BY_AREA: tuple[tuple[str, str, Fraction], ...] = (
    ("land_compensation", "fee.qupian", MU_PER_DM2),
    ("social_security", "fee.social_security", MU_PER_DM2),
)


def _by_area(case: Case, new_dm2: int) -> list[MoneyLine]:
    """Compensation and social security of a taking, yuan per mu; the reclamation fee, yuan/m²."""
    items = [] if case.project.design.takes_collective is False else [
        _priced(case, name, rule_id, new_dm2, per) for name, rule_id, per in BY_AREA]
    farmland_dm2 = case.taken.area_dm2("farmland")
    if farmland_dm2:
        items.append(_priced(case, "reclaim_fee", "fee.reclaim", farmland_dm2,
                             Fraction(1, DM2_PER_M2)))
    return items


def _priced(case: Case, name: str, rule_id: str, area_dm2: int, per: Fraction) -> MoneyLine:
    rule, basis = case.rule(rule_id), Quantity(area_dm2, "dm2")
    rate = exact(rule.value) if rule else None
    if rate is None:
        return _open(name, basis, (rule,), (case.missing(rule_id),))
    return _line(name, (rate * per * area_dm2,) * 2, basis, (rule,))


def _quota(needs: Sequence[NeedLine], lots: Mapping[str, Lot]) -> list[MoneyLine]:
    """The price of the lots drawn, where the book has one: yuan per mu of their first component.

    A lot without a price leaves the kind open: made at home is not made for nothing.
    """
    drawn = {line.lot_id for need in needs for line in need.lots}
    price = {name: lots[name].unit_cost_yuan for name in drawn if name in lots}
    found = []
    for kind in dict.fromkeys(line.kind for line in needs):
        first = next(line for line in needs if line.kind == kind)
        if first.unit != "dm2" or not (first.needed or first.needed is None):
            continue
        basis = None if first.needed is None else Quantity(first.needed, "dm2")
        unpriced = [line.lot_id for line in first.lots if price.get(line.lot_id) is None]
        missing = tuple(missing_fact(f"price:{name}") for name in unpriced)
        if first.needed is None or first.shortfall:
            missing = (*missing, missing_fact(f"price:{kind}"))
        if missing:
            found.append(_open(f"quota_{kind}", basis, (), missing))
        else:
            total = sum((Fraction(price[line.lot_id] or 0) * line.drawn * MU_PER_DM2
                         for line in first.lots), Fraction(0))
            found.append(_line(f"quota_{kind}", (total, total), basis, ()))
    return found


def _clearing(case: Case) -> list[MoneyLine]:
    """What clearing existing construction land costs, as the project states it."""
    built_dm2, stated = case.taken.area_dm2("construction"), case.project.design.demolition_wan
    if stated is not None:
        yuan = Fraction(stated) * YUAN_PER_WAN
        return [_line("demolition", (yuan, yuan), Quantity(built_dm2, "dm2"), ())]
    if not built_dm2 - case.taken.converted_dm2:
        return []
    return [_open("demolition", Quantity(built_dm2, "dm2"), (),
                  (missing_attribute("demolition_wan"),))]


# ── lines ────────────────────────────────────────────────────────────────────────────────────


def _waiting(line: MoneyLine) -> MoneyLine:
    return MoneyLine(line.id, Certainty.OPEN, None, None, None, line.citations,
                     (*line.missing, missing_fact("land_classes")))


def _open(
    name: str, basis: Quantity | None, rules: Sequence[Rule | None], missing: tuple[str, ...]
) -> MoneyLine:
    return MoneyLine(name, Certainty.OPEN, None, None, basis, cite(*rules), missing)


def _line(
    name: str, yuan: Range, basis: Quantity | None, rules: Sequence[Rule | None],
    missing: tuple[str, ...] = (),
) -> MoneyLine:
    low, high = map(round_half_up, yuan)
    certainty = Certainty.BAND if low != high or missing else Certainty.KNOWN
    return MoneyLine(name, certainty, low, high, basis, cite(*rules), missing)


def _times(rates: Range, area_dm2: int) -> Range:
    return rates[0] * area_dm2 / DM2_PER_M2, rates[1] * area_dm2 / DM2_PER_M2


def _items(rule: Rule | None) -> tuple[object, ...]:
    return tuple(rule.value) if rule and isinstance(rule.value, tuple) else ()


__all__ = ["land_account", "money_account", "with_quota"]
