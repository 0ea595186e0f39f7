"""Farmland offset beyond one project: promises, the annual cap, the year-end balance.

Until 2024 each approval writes off quota from the bank (核销制), component by component. From 2025
the province's net stable gain of the year before also caps what may be taken, and all losses of
farmland stand in one account (以补定占, 大占补). Both tests hold; neither replaces the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from zoning.dates import add_years
from zoning.ledger.model import Vector
from zoning.rules.book import RuleBook
from zoning.rules.model import exact
from zoning.scenario.outcome import Status
from zoning.scenario.planned import LOSSES
from zoning.scenario.words import missing_fact, missing_rule

CAPPED = "writeoff_and_annual_cap"
OTHER_LOSSES = LOSSES
"""Losses of farmland to other agricultural land: one account from 2025, before it by 进出平衡."""


@dataclass(frozen=True)
class OffsetTest:
    """One test: what is taken or lost against what covers it; None where it cannot be told."""

    id: str
    status: Status
    taken: int | None
    limit: int | None
    unit: str = "dm2"
    missing: tuple[str, ...] = ()

    @property
    def margin(self) -> int | None:
        """What there is to spare, negative where short."""
        return None if self.taken is None or self.limit is None else self.limit - self.taken


@dataclass(frozen=True)
class Promise:
    """Offset promised instead of provided (承诺补充); `redeemed` is what came since."""

    project_id: str
    promised_on: date
    amounts: Vector
    redeemed: Vector
    due: date | None = None


@dataclass(frozen=True)
class FarmlandYear:
    """Gains and losses of farmland in a year, in dm², by cause.

    `construction_dm2` is what non-agricultural construction took. `other_losses` are by the codes
    of `OTHER_LOSSES`; `other_gains_dm2` is farmland won back from the same land (进).
    """

    year: int
    offset_gain_dm2: int
    construction_dm2: int
    other_losses: Mapping[str, int]
    other_gains_dm2: int = 0


def vector_tests(occupied: Mapping[str, int | None], bank: Vector) -> tuple[OffsetTest, ...]:
    """Each component by itself, never traded: occupied against the bank."""
    return tuple(_component(name, taken, bank.get(name, 0)) for name, taken in occupied.items())


def _component(name: str, taken: int | None, have: int) -> OffsetTest:
    unit = "kg" if name == "capacity" else "dm2"
    if taken is None:
        return OffsetTest(f"offset.{name}", Status.UNDECIDED, None, have, unit)
    return OffsetTest(f"offset.{name}", Status.PASS if taken <= have else Status.FAIL, taken, have,
                      unit)


def promise_test(promise: Promise, rules: RuleBook, *, on: date, place: str) -> OffsetTest:
    """Whether a promise is kept: redeemed in every component, or not yet due.

    The term of a promise was not read; without a stated day or a rule it stays undecided.
    """
    owed = {name: amount - promise.redeemed.get(name, 0)
            for name, amount in promise.amounts.items()}
    worst = max(owed.values(), default=0)
    if worst <= 0:
        return OffsetTest("offset.promise", Status.PASS, 0, 0)
    due = promise.due or _term(promise, rules, place)
    if due is None:
        token = missing_rule("zbph.commit_years", place, promise.promised_on)
        return OffsetTest("offset.promise", Status.UNDECIDED, worst, None, missing=(token,))
    return OffsetTest("offset.promise", Status.FAIL if on > due else Status.PASS, worst, 0)


def _term(promise: Promise, rules: RuleBook, place: str) -> date | None:
    rule = rules.look_up("zbph.commit_years", on=promise.promised_on, place=place)
    years = exact(rule.value) if rule else None
    return None if years is None else add_years(promise.promised_on, int(years))


def cap_test(
    farmland_dm2: int | None, *, taken_before_dm2: int, county_cap_dm2: int | None,
    rules: RuleBook, on: date, place: str,
) -> OffsetTest | None:
    """The second test from 2025: what the year took and this project takes, under the county's cap.

    The cap is the county's share of last year's net stable gain of the province, never below zero;
    None where nobody stated it. Returns None where the regime of the day knows no cap.
    """
    regime = rules.look_up("zbph.regime", on=on, place=place)
    if regime is None or regime.value != CAPPED:
        return None
    taken = None if farmland_dm2 is None else taken_before_dm2 + farmland_dm2
    if taken is None or county_cap_dm2 is None:
        missing = () if county_cap_dm2 is not None else (missing_fact(f"offset_cap:{on.year}"),)
        return OffsetTest("offset.annual_cap", Status.UNDECIDED, taken, county_cap_dm2,
                          missing=missing)
    limit = max(0, county_cap_dm2)
    return OffsetTest("offset.annual_cap", Status.PASS if taken <= limit else Status.FAIL, taken,
                      limit)


def year_end_tests(year: FarmlandYear, rules: RuleBook, *, place: str) -> tuple[OffsetTest, ...]:
    """The balance at the end of a year.

    From 2025 one account: all gains against all losses. From November 2021 to 2024 two: offset
    against construction, and what goes to other agricultural land against what comes back.
    """
    on = date(year.year, 12, 31)
    other_dm2 = sum(year.other_losses.values())
    rule = rules.look_up("zbph.counts.orchard_forest_loss", on=on, place=place)
    if rule is None or rule.is_blank:
        token = missing_rule("zbph.counts.orchard_forest_loss", place, on)
        return (OffsetTest("offset.year_end", Status.UNDECIDED, None, None, missing=(token,)),)
    if rule.value is True:
        return (_covered("offset.year_end", year.construction_dm2 + other_dm2,
                         year.offset_gain_dm2 + year.other_gains_dm2),)
    tests = [_covered("offset.year_end", year.construction_dm2, year.offset_gain_dm2)]
    apart = rules.look_up("zbph.in_out_balance", on=on, place=place)
    if apart is not None and apart.value == "same_year":
        tests.append(_covered("offset.in_out", other_dm2, year.other_gains_dm2))
    return tuple(tests)


def _covered(test_id: str, taken: int, limit: int) -> OffsetTest:
    return OffsetTest(test_id, Status.PASS if taken <= limit else Status.FAIL, taken, limit)


__all__ = ["OTHER_LOSSES", "FarmlandYear", "OffsetTest", "Promise", "cap_test", "promise_test",
           "vector_tests", "year_end_tests"]
