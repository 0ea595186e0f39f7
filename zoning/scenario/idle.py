"""Idle land as a state machine on dates: 《闲置土地处置办法》 (国土资源部令第53号), by article.

Normal → near → suspected → under investigation → confirmed → disposed. Where a state follows from
dates alone it is computed; a confirmation or a disposal is an act and must be stated. All clocks
are rules of the book for the day asked about: without them nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from typing import Literal, get_args

from zoning.dates import add_years
from zoning.rules.book import RuleBook
from zoning.rules.model import exact
from zoning.scenario.words import missing_fact, missing_rule
from zoning.units import round_half_up

Definition = Literal["not_started", "stopped"]
"""Art. 2(1): not started for a year; Art. 2(2): started, little built or invested, and stopped."""
Cause = Literal["government", "holder"]
Counting = Literal["anniversary", "day_after"]
"""Whether a year is full from its corresponding day on, or from the day after it."""
COUNTINGS: tuple[Counting, ...] = get_args(Counting)
FULL_YEAR = "idle.full_year_from"
GOVERNMENT_WAYS = ("extend", "change_use", "temporary_use", "paid_recovery", "swap", "local_other")
RESETS = tuple(way for way in GOVERNMENT_WAYS if way != "paid_recovery")


class IdleState(StrEnum):
    """Where a plot stands. UNDECIDED where a date or a rule is missing."""

    NORMAL = "normal"
    NEAR = "near"
    SUSPECTED = "suspected"
    INVESTIGATED = "under_investigation"
    CONFIRMED = "confirmed"
    DISPOSED = "disposed"
    UNDECIDED = "undecided"


@dataclass(frozen=True)
class IdlePlot:
    """One supplied plot and what happened to it; None for what is not known or did not happen.

    `start_due` is the agreed or prescribed day of starting, `delivered_on` the actual delivery
    (交地确认书). `extended_to` is the last start agreed anew (Art. 12). A plot is started by the
    works of Art. 30, not by a fence. Shares are of the land to be developed and of total investment
    without land price and taxes. `price_yuan` is the price of supply.
    `is_monitored` says whether it is in the monitoring system (Art. 25).
    """

    plot_id: str
    area_dm2: int
    start_due: date | None = None
    delivered_on: date | None = None
    extended_to: date | None = None
    started_on: date | None = None
    stopped_on: date | None = None
    built: Fraction | None = None
    invested: Fraction | None = None
    cause: Cause | None = None
    investigated_on: date | None = None
    confirmed_on: date | None = None
    disposed_on: date | None = None
    price_yuan: int | None = None
    is_monitored: bool | None = None


@dataclass(frozen=True)
class IdleClock:
    """The state of a plot on a day and the days that matter; None where there is none.

    `base` is the day from which idleness counts, `idle_on` the first day it is idle by date,
    `recover_on` the first day it may be recovered without compensation. `answer_by` is when the
    holder must have answered an investigation. `missing` are tokens for what is not known.
    """

    state: IdleState
    definition: Definition | None = None
    base: date | None = None
    idle_on: date | None = None
    recover_on: date | None = None
    investigate_by: date | None = None
    answer_by: date | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Disposal:
    """What may lawfully be done with a confirmed plot.

    `ways` are codes of Art. 12 or ``fee`` and ``recover`` of Art. 14. `fee_yuan` is the idle-land
    fee, None where the price is not known or no fee is due. `latest_start` is the furthest a start
    may be put off by ``extend``, `temporary_until` how long a temporary use may last.
    """

    ways: tuple[str, ...]
    fee_yuan: int | None = None
    latest_start: date | None = None
    temporary_until: date | None = None
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class IdleLaw:
    """The clocks of the order in force on a day at a place."""

    rules: RuleBook
    on: date
    place: str

    def number(self, name: str) -> Fraction | None:
        """The number of rule ``idle.<name>``; None where it is blank or not in force."""
        rule = self.rules.look_up(f"idle.{name}", on=self.on, place=self.place)
        return exact(rule.value) if rule else None

    @property
    def counting(self) -> Counting | None:
        """From which day a year is full; None where no rule says."""
        rule = self.rules.look_up(FULL_YEAR, on=self.on, place=self.place)
        return next((each for each in COUNTINGS if rule and rule.value == each), None)

    def missing(self, *names: str) -> tuple[str, ...]:
        """Tokens of those rules that have no number."""
        return tuple(missing_rule(f"idle.{name}", self.place, self.on)
                     for name in names if self.number(name) is None)

    def years(self, day: date, name: str) -> date | None:
        """A day so many years later."""
        number = self.number(name)
        return None if number is None else add_years(day, int(number))

    def full(self, day: date, name: str) -> date | None:
        """The first day on which so many years are full (满)."""
        number = self.number(name)
        return None if number is None else full_years(day, int(number), self.counting)

    def days(self, day: date, name: str) -> date | None:
        """A day so many calendar days later."""
        number = self.number(name)
        return None if number is None else day + timedelta(days=int(number))


CLOCKS = ("not_started_years", "stop_years", "recover_years", "default_start", "area_share",
          "invest_share", "investigate_days", "answer_days")


def idle_clock(plot: IdlePlot, law: IdleLaw) -> IdleClock:
    """The state of a plot on the law's day.

    A plot within the year before it would be idle is *near* (临近); idle by date alone it is
    *suspected* and must be investigated within 30 days (Art. 5).
    """
    missing = law.missing(*CLOCKS)
    if law.counting is None:
        missing += (missing_rule(FULL_YEAR, law.place, law.on),)
    if missing:
        return IdleClock(IdleState.UNDECIDED, missing=missing)
    if plot.disposed_on and plot.disposed_on <= law.on:
        return IdleClock(IdleState.DISPOSED)
    if plot.started_on and plot.started_on <= law.on:
        return _stopped(plot, law)
    base = base_date(plot, law)
    if base is None:
        return IdleClock(IdleState.UNDECIDED, missing=(missing_fact(f"start_due:{plot.plot_id}"),))
    idle_on = law.full(base, "not_started_years")
    return _on_the_way(plot, law, "not_started", base, idle_on)


def base_date(plot: IdlePlot, law: IdleLaw) -> date | None:
    """The day from which idleness counts: the start agreed last, else delivery and one year.

    Art. 22; an extension under Art. 12 moves it.
    """
    if plot.extended_to:
        return plot.extended_to
    if plot.start_due:
        return plot.start_due
    return law.years(plot.delivered_on, "default_start") if plot.delivered_on else None


def _stopped(plot: IdlePlot, law: IdleLaw) -> IdleClock:
    """Definition B: started, under a third built or a quarter invested, stopped for a year.

    One share below its limit is enough; where neither is, it is not idle, and where none is known
    to be, an unknown one leaves it undecided.
    """
    if plot.stopped_on is None or plot.stopped_on > law.on:
        return IdleClock(IdleState.NORMAL)
    known = [(share, law.number(name)) for share, name in
             ((plot.built, "area_share"), (plot.invested, "invest_share"))]
    below = [None if share is None or limit is None else share < limit
             for share, limit in known]
    if True in below:
        idle_on = law.full(plot.stopped_on, "stop_years")
        return _on_the_way(plot, law, "stopped", plot.stopped_on, idle_on)
    if None in below:
        names = (name for name, state in zip(("built", "invested"), below, strict=True)
                 if state is None)
        return IdleClock(IdleState.UNDECIDED, "stopped", plot.stopped_on,
                         missing=tuple(missing_fact(f"{name}:{plot.plot_id}") for name in names))
    return IdleClock(IdleState.NORMAL)


def _on_the_way(
    plot: IdlePlot, law: IdleLaw, definition: Definition, base: date, idle_on: date | None
) -> IdleClock:
    if idle_on is None or law.on < idle_on:
        state = IdleState.NORMAL if law.on < base else IdleState.NEAR
        return IdleClock(state, definition, base, idle_on)
    recover = law.full(base, "recover_years") if definition == "not_started" else None
    answer_by = law.days(plot.investigated_on, "answer_days") if plot.investigated_on else None
    return IdleClock(_acted(plot, law.on), definition, base, idle_on, recover,
                     law.days(idle_on, "investigate_days"), answer_by)


def _acted(plot: IdlePlot, on: date) -> IdleState:
    if plot.confirmed_on and plot.confirmed_on <= on:
        return IdleState.CONFIRMED
    if plot.investigated_on and plot.investigated_on <= on:
        return IdleState.INVESTIGATED
    return IdleState.SUSPECTED


# ── disposal ─────────────────────────────────────────────────────────────────────────────────


def lawful_disposal(plot: IdlePlot, law: IdleLaw) -> Disposal:
    """What may be done with a plot: nothing before it is confirmed.

    Causes of the government, and land started and stopped, go the ways of Art. 12, open only to
    land in the monitoring system (Art. 25). Land that its holder did not start pays a fee from one
    year and is recovered from two (Art. 14).
    """
    clock = idle_clock(plot, law)
    if clock.state is not IdleState.CONFIRMED:
        return Disposal((), missing=clock.missing)
    if clock.definition == "stopped" or plot.cause == "government":
        return _by_agreement(plot, law)
    if plot.cause is None:
        return Disposal((), missing=(missing_fact(f"cause:{plot.plot_id}"),))
    if clock.recover_on and law.on >= clock.recover_on:
        return Disposal(("recover",))
    return _fee(plot, law)


def _by_agreement(plot: IdlePlot, law: IdleLaw) -> Disposal:
    if not plot.is_monitored:
        return Disposal((), missing=(missing_fact(f"monitored:{plot.plot_id}"),))
    return Disposal(GOVERNMENT_WAYS, latest_start=law.years(law.on, "extend_max"),
                    temporary_until=law.years(law.on, "temp_use_max"),
                    missing=law.missing("extend_max", "temp_use_max"))


def _fee(plot: IdlePlot, law: IdleLaw) -> Disposal:
    rate = law.number("fee_rate")
    if rate is None:
        return Disposal(("fee",), missing=law.missing("fee_rate"))
    if plot.price_yuan is None:
        return Disposal(("fee",), missing=(missing_fact(f"price:{plot.plot_id}"),))
    return Disposal(("fee",), round_half_up(rate * plot.price_yuan))


def full_years(day: date, years: int, counting: Counting | None) -> date:
    """The first day on which so many years since a day are full.

    By ``anniversary`` the day that `add_years` gives, by ``day_after`` the one after it: Civil
    Code Arts. 201 to 203, by which the corresponding day, or the last of February where there is
    none, is the last day of the term and ends at midnight.
    """
    last = add_years(day, years)
    return last + timedelta(days=1) if counting == "day_after" and last < date.max else last


__all__ = [
    "GOVERNMENT_WAYS", "RESETS", "Cause", "Definition", "Disposal", "IdleClock", "IdleLaw",
    "IdlePlot", "IdleState", "base_date", "full_years", "idle_clock", "lawful_disposal",
]
