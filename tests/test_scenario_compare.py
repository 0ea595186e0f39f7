"""The difference of two scenarios, and margins before a verdict flips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
from deciding import DAY, PLACE, judge, lot, lots, parts, project, site
from hypothesis import given, settings
from hypothesis import strategies as st
from planning import BOOK, EXAMINE, all_of, branch, examining, run

from zoning.ledger.model import LotBalance
from zoning.measure.facts import Part
from zoning.scenario.availability import stock
from zoning.scenario.compare import compare
from zoning.scenario.engine import turns
from zoning.scenario.outcome import Quantity, Status
from zoning.scenario.planned import Confusion, likelihood_1e4
from zoning.scenario.plans import Plan
from zoning.scenario.sensitivity import Margin, Sample, margins, odds, reclassed
from zoning.workspace.plan import _drawn_class, _samples

FARM = Part("F1", "0102", 1_000_000, 0, 50)
a_law = settings(deadline=None, max_examples=40)


def plan_of(at, scenario_id: str = "S") -> Plan:
    line = run(at)
    return Plan(scenario_id, "方案", DAY, PLACE, (2019, 2020, 2021), run(at.book_only()), line)


def examined_of(*sites):
    at = branch(sites)
    return [EXAMINE(each, at.sites[each.id], DAY, PLACE) for each in at.projects]


@a_law
@given(st.lists(parts(), min_size=1, max_size=3), lots)
def test_scenario_compared_with_itself_has_no_difference(
    lands: Sequence[tuple[Part, ...]], have: tuple[LotBalance, ...]
) -> None:
    sites = [site(*land, site_id=f"P-{n}") for n, land in enumerate(lands)]
    outcome = judge(sites, have, BOOK)
    plan = plan_of(branch(sites))
    assert compare(outcome, outcome, plans=(plan, plan)).changes == ()


@a_law
@given(parts(), parts())
def test_difference_is_the_same_back_and_forth(
    one: tuple[Part, ...], two: tuple[Part, ...]
) -> None:
    first, second = judge(site(*one), (), BOOK), judge(site(*two), (), BOOK)
    there, back = compare(first, second), compare(second, first)
    assert {(c.subject, c.project, c.item, c.field, c.before, c.after) for c in there.changes} == {
        (c.subject, c.project, c.item, c.field, c.after, c.before) for c in back.changes}


def test_difference_names_project_parcel_finding_quota_and_year() -> None:
    more = Part("F2", "0102", 500_000, 0, 50)
    rich = [lot("plan_quota", dict.fromkeys(("total", "agricultural", "farmland"), 10**9)),
            lot("offset", dict.fromkeys(("area", "paddy", "capacity"), 1_200_000), "L2")]
    first, second = judge(site(FARM), rich, BOOK), judge(site(FARM, more), rich, BOOK)
    lots_then = [all_of("plan_quota", 10**9, lot_id="Q"),
                 all_of("offset", 1_200_000, lot_id="O"),
                 all_of("offset", 10**9, date(2020, 5, 1), lot_id="E", likelihood_1e4=1)]
    plans = plan_of(branch([site(FARM)], lots_then)), plan_of(branch([site(FARM, more)], lots_then))
    told = {(c.subject, c.item, c.field): (c.before, c.after)
            for c in compare(first, second, plans=plans).changes}
    assert told["project", "", "verdict"] == ("pass", "fail")
    assert told["project", "", "area"] == (Quantity(1_000_000, "dm2"), Quantity(1_500_000, "dm2"))
    assert told["parcel", "F2", "area"] == (None, Quantity(500_000, "dm2"))
    assert told["finding", "quota.offset", "status"] == ("pass", "fail")
    assert told["quota", "offset.area", "shortfall"] == (
        Quantity(0, "dm2"), Quantity(300_000, "dm2"))
    assert told["year", "expected", "first_year"] == (2019, 2020)
    assert told["year", "book", "first_year"] == (2019, None)


def test_projects_of_one_only_are_told() -> None:
    first = judge([site(FARM, site_id="P-1")], (), BOOK)
    second = judge([site(FARM, site_id="P-1"), site(FARM, site_id="P-2")], (), BOOK)
    told = {(c.project, c.field): (c.before, c.after) for c in compare(first, second).changes
            if c.subject == "project"}
    assert told["P-2", "verdict"] == (None, "fail")
    assert not any(name == "P-1" for name, _ in told)


# ── margins ──────────────────────────────────────────────────────────────────────────────────


def margin(found: Sequence[Margin], kind: str, component: str) -> Margin:
    (only,) = (each for each in found if (each.kind, each.component) == (kind, component))
    return only


def test_margin_of_a_pass_is_what_is_left() -> None:
    have = stock([lot("plan_quota", dict.fromkeys(("total", "agricultural", "farmland"), 10**9)),
                  lot("offset", {"area": 1_000_001, "paddy": 5, "capacity": 10**9}, "L2")],
                 place=PLACE, on=DAY)
    found = margins(examined_of(site(FARM)), have)
    area = margin(found, "offset", "area")
    assert (area.spare, area.loses, area.wanting) == (1, ("P-01",), None)
    assert margin(found, "offset", "paddy").spare is None


def test_margin_of_a_failure_is_what_is_short() -> None:
    have = stock([lot("plan_quota", dict.fromkeys(("total", "agricultural", "farmland"), 10**9)),
                  lot("offset", {"area": 400_000, "paddy": 0, "capacity": 10**9}, "L2")],
                 place=PLACE, on=DAY)
    area = margin(margins(examined_of(site(FARM)), have), "offset", "area")
    assert (area.wanting, area.gains, area.spare) == (600_000, ("P-01",), None)


@a_law
@given(parts(), st.integers(1, 10**8))
def test_margin_is_exact_by_asking_the_engine_again(land: tuple[Part, ...], there: int) -> None:
    balances = [lot(kind, dict.fromkeys(codes, there), kind) for kind, codes in (
        ("plan_quota", ("total", "agricultural", "farmland")),
        ("offset", ("area", "paddy", "capacity")))]
    have, examined = stock(balances, place=PLACE, on=DAY), examined_of(site(*land))

    def verdict(kind: str, component: str, change: int) -> Status:
        after = have.after({(kind, component): -change})
        return turns(examined, after)[0].answer.verdict

    for each in margins(examined, have):
        now = verdict(each.kind, each.component, 0)
        if each.spare is not None:
            assert verdict(each.kind, each.component, -each.spare) is now
            assert verdict(each.kind, each.component, -each.spare - 1) is not now
        if each.wanting is not None:
            assert verdict(each.kind, each.component, each.wanting - 1) is now
            assert verdict(each.kind, each.component, each.wanting) is not now


# ── simulation ───────────────────────────────────────────────────────────────────────────────


def test_odds_count_what_comes_in_each_sample() -> None:
    at = branch([site(FARM)], [all_of("plan_quota", 10**9, lot_id="Q"), all_of(
        "offset", 10**9, date(2020, 5, 1), lot_id="E", likelihood_1e4=5000)])
    samples = [Sample(frozenset({"E"}), {}), Sample(frozenset(), {}), Sample(frozenset({"E"}), {})]
    (found,) = odds(at, (2019, 2020, 2021), BOOK, examining(), samples)
    assert (found.samples, found.years, found.never) == (3, ((2019, 0), (2020, 2), (2021, 0)), 1)
    assert dict(found.statuses) == {"pass": 2, "undecided": 0, "fail": 1}


def test_a_wrong_class_may_need_other_quota() -> None:
    at = branch([site(FARM)], [])
    samples = [Sample(frozenset(), {"F1": "1003"}), Sample(frozenset(), {})]
    (found,) = odds(at, (2019,), BOOK, examining(), samples)
    assert (found.years, found.never) == (((2019, 1),), 1)


def test_reclassed_site_keeps_every_area() -> None:
    facts = site(FARM, Part("F2", "1003", 7))
    changed = reclassed(facts, {"F2": "0101", "F9": "0101"})
    assert [part.class_code for part in changed.parts] == ["0102", "0101"]
    assert replace(changed, parts=facts.parts) == facts
    assert reclassed(facts, {"F9": "0101"}) is facts


def test_samples_follow_the_stated_shares_and_the_seed() -> None:
    confusion = Confusion(mapped="0101", truly={"0101": 0.75, "0102": 0.25})
    sources = (("E", 4000), ("never", 0), ("surely", 10_000))

    def drawn(seed: int) -> list[Sample]:
        return list(_samples(sources, {"F1": confusion}, 4000, np.random.default_rng(seed)))

    found = drawn(7)
    assert found == drawn(7)
    assert found != drawn(8)
    assert abs(sum("E" in each.came for each in found) - 1600) < 130
    assert abs(sum(each.classes["F1"] == "0102" for each in found) - 1000) < 120
    assert all("surely" in each.came and "never" not in each.came for each in found)
    assert [_drawn_class(confusion, n) for n in (0, 7499, 7500, 9999)] == [
        "0101", "0101", "0102", "0102"]
    assert likelihood_1e4(0.3) == 3000


def test_empty_pools_have_no_margin() -> None:
    asked = project(rank=3)
    at = branch([site(FARM)], (), asked)
    found = margins([EXAMINE(asked, at.sites["P-01"], DAY, PLACE)],
                    stock((), place=PLACE, on=DAY))
    assert all(each.wanting is None and each.available == 0 for each in found)
