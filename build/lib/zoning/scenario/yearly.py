"""What is tested at the end of each year of a plan: all farmland, and offset that was promised.

What others take, lose and win back in a year only the county knows; it states it in the scenario
(``[[farmland]]``, ``[[promise]]``). A year that nobody stated is undecided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from zoning.scenario.engine import Law
from zoning.scenario.horizon import Timeline
from zoning.scenario.land import land_taken
from zoning.scenario.offsets import (
    FarmlandYear,
    OffsetTest,
    Promise,
    promise_test,
    year_end_tests,
)
from zoning.scenario.outcome import Status
from zoning.scenario.planned import FarmlandStatement, PromiseStatement
from zoning.scenario.words import missing_fact


@dataclass(frozen=True)
class YearEnd:
    """The farmland account of a year; `planned_dm2` is what the projects of the plan take in it.

    `planned_dm2` is None where the class of some land is not known.
    """

    year: int
    planned_dm2: int | None
    tests: tuple[OffsetTest, ...]


@dataclass(frozen=True)
class PromiseLine:
    """One promise of offset on a day."""

    promise_id: str
    project_id: str
    on: date
    test: OffsetTest


def year_ends(
    line: Timeline, years: Sequence[int], stated: Sequence[FarmlandStatement], law: Law,
    *, place: str,
) -> tuple[YearEnd, ...]:
    """The balance of every year: what was stated, and what the projects that go take besides."""
    told = {each.year: each for each in stated}
    return tuple(_year_end(year, farmland_of(line, year, law), told.get(year), law, place)
                 for year in years)


def farmland_of(line: Timeline, year: int, law: Law) -> int | None:
    """The farmland that the projects of a year take; None where some land is of unknown class."""
    total = 0
    for going in line.going:
        if going.day is None or going.year != year or going.answer is None:
            continue
        taken = land_taken(going.answer.facts, law.classes, going.day)
        if not taken.is_certain:
            return None
        total += taken.area_dm2("farmland")
    return total


def _year_end(
    year: int, planned_dm2: int | None, stated: FarmlandStatement | None, law: Law, place: str
) -> YearEnd:
    if stated is None or planned_dm2 is None:
        name = f"farmland_year:{year}" if stated is None else "land_classes"
        return YearEnd(year, planned_dm2, (OffsetTest(
            "offset.year_end", Status.UNDECIDED, None, None, missing=(missing_fact(name),)),))
    whole = FarmlandYear(year, stated.gain, stated.construction + planned_dm2,
                         stated.other_losses, stated.other_gains)
    return YearEnd(year, planned_dm2, year_end_tests(whole, law.rules, place=place))


def promise_lines(
    promises: Sequence[PromiseStatement], days: Sequence[date], law: Law, *, place: str
) -> tuple[PromiseLine, ...]:
    """Every promise on each of some days, from the day it was made."""
    return tuple(
        PromiseLine(each.id, each.project, day, promise_test(
            Promise(each.project, each.promised_on, each.amounts, each.redeemed, each.due),
            law.rules, on=day, place=place))
        for each in promises for day in days if day >= each.promised_on)


__all__ = ["PromiseLine", "YearEnd", "farmland_of", "promise_lines", "year_ends"]
