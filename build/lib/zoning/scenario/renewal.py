"""What disposing of stock land frees and earns.

Land whose conversion was approved, or that is construction land already, takes no new quota when
it is used again. Disposing of it also earns plan quota: in 2020 half of what was approved in 2017
or before and not supplied, three tenths of what was approved later, half of idle land confirmed;
the coefficients of later years were not read and stay blank.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, get_args

from zoning.rules.book import RuleBook
from zoning.rules.model import Rule, exact
from zoning.scenario.words import missing_fact, missing_rule
from zoning.units import round_half_up

StockKind = Literal["approved_unsupplied", "supplied_unused", "idle", "low_efficiency"]
EARNS_NOTHING = ("supplied_unused", "low_efficiency")
"""Kinds of stock land that the coefficients of 2020 leave out."""
OLD_AFTER_YEARS = 3
"""The rule of 2020 counts approvals of 2017 or before as old; for other years this is derived."""


@dataclass(frozen=True)
class StockPlot:
    """One plot of stock land; `approved_on` is the day of the approval of its conversion.

    `kind` is a `StockKind`; with any other text nothing is known of what it earns.
    """

    plot_id: str
    kind: str
    area_dm2: int
    approved_on: date | None = None


@dataclass(frozen=True)
class Earned:
    """What disposing of one plot brings.

    `frees_dm2` is construction land that can be built on without new quota. `plan_dm2` is plan
    quota earned in the year of disposal, 0 for a kind that earns none, None where not known.
    """

    plot_id: str
    frees_dm2: int
    plan_dm2: int | None
    rule: Rule | None = None
    missing: tuple[str, ...] = ()


def earned(plot: StockPlot, rules: RuleBook, *, on: date, place: str) -> Earned:
    """What disposing of a plot on a day earns and frees.

    Land supplied but not used, and low-efficiency land, earn nothing by the rule of 2020, which
    leaves them out; after 2020 theirs is as unknown as the others', unless a workspace states one
    (``plan.earn.low_efficiency``, ``plan.earn.supplied_unused``).
    """
    unknown = _unknown_fact(plot)
    if unknown:
        return Earned(plot.plot_id, plot.area_dm2, None, missing=(missing_fact(unknown),))
    rule_id = _rule_id(plot, on)
    rule = rules.look_up(rule_id, on=on, place=place)
    if rule is None and plot.kind in EARNS_NOTHING:
        return _nothing(plot, rules, on, place)
    share = exact(rule.value) if rule else None
    if share is None:
        return Earned(plot.plot_id, plot.area_dm2, None, rule, (missing_rule(rule_id, place, on),))
    return Earned(plot.plot_id, plot.area_dm2, round_half_up(share * plot.area_dm2), rule)


def _nothing(plot: StockPlot, rules: RuleBook, on: date, place: str) -> Earned:
    """A kind that the coefficients of the day leave out; where those are blank, so is this."""
    known = rules.look_up("plan.earn.idle", on=on, place=place)
    if known is None or exact(known.value) is None:
        token = missing_rule(_rule_id(plot, on), place, on)
        return Earned(plot.plot_id, plot.area_dm2, None, known, (token,))
    return Earned(plot.plot_id, plot.area_dm2, 0)


def _unknown_fact(plot: StockPlot) -> str:
    """The fact without which no coefficient can be chosen; empty where none lacks."""
    if plot.kind not in get_args(StockKind):
        return f"stock_kind:{plot.plot_id}"
    if plot.kind == "approved_unsupplied" and plot.approved_on is None:
        return f"approved_on:{plot.plot_id}"
    return ""


@dataclass(frozen=True)
class DisposalTask:
    """The year's task: land to dispose of, disposed of, and whether the least share is met.

    `is_met` is None where the share asked for is not known.
    """

    stock_dm2: int
    disposed_dm2: int
    least_dm2: int | None
    is_met: bool | None


def disposal_task(
    stock_dm2: int, disposed_dm2: int, rules: RuleBook, *, on: date, place: str
) -> DisposalTask:
    """Whether enough stock land was disposed of in a year (15 per cent in 2020)."""
    rule = rules.look_up("plan.min_disposal_rate", on=on, place=place)
    share = exact(rule.value) if rule else None
    if share is None:
        return DisposalTask(stock_dm2, disposed_dm2, None, None)
    least = share * stock_dm2
    return DisposalTask(stock_dm2, disposed_dm2, round_half_up(least),
                        Fraction(disposed_dm2) >= least)


def earned_total(found: Iterable[Earned]) -> int | None:
    """Plan quota earned together; None as soon as one amount is not known."""
    amounts = [each.plan_dm2 for each in found]
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if len(known) == len(amounts) else None


def _rule_id(plot: StockPlot, on: date) -> str:
    """The coefficient of a plot's kind; a workspace may state those left out in 2020."""
    if plot.kind != "approved_unsupplied" or plot.approved_on is None:
        return f"plan.earn.{plot.kind}"
    is_old = plot.approved_on.year <= on.year - OLD_AFTER_YEARS
    return f"plan.earn.pewg_{'old' if is_old else 'new'}"


__all__ = ["DisposalTask", "Earned", "StockKind", "StockPlot", "disposal_task", "earned",
           "earned_total"]
