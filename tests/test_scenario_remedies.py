"""Remedies: what is proposed passes the engine when it is applied."""

from __future__ import annotations

import math
import tomllib
from dataclasses import replace
from datetime import date
from functools import reduce

import pytest
from deciding import DAY, book, parts, project, site
from hypothesis import given, settings
from hypothesis import strategies as st
from planning import BOOK, YEARS, Ground, all_of, branch, examining, law, supply

from zoning.measure.facts import Part
from zoning.messages import LANGUAGES, say
from zoning.report.documents.plan import actions_text
from zoning.rules.book import RuleBook
from zoning.scenario.actions import Branch, apply
from zoning.scenario.horizon import horizon
from zoning.scenario.model import parse_scenario
from zoning.scenario.outcome import Status
from zoning.scenario.remedies import Search
from zoning.scenario.remedy import Remedy
from zoning.scenario.renewal import StockPlot

FARM = Part("F1", "0102", 1_000_000, 0, 50)
ROAD = Part("F2", "1003", 1_000_000)
PLENTY = (all_of("plan_quota", 10**9, lot_id="Q"), all_of("offset", 10**9, lot_id="O"))
NEXT = date(2020, 3, 1)
EARN = {"plan__earn__idle": 1}


def search(
    at: Branch, ground: Ground | None = None, rules: RuleBook = BOOK, name: str = "P-01"
) -> tuple[Remedy, ...]:
    ground = ground or Ground()
    found = Search(at, name, YEARS, law(rules), ground, examining(rules)).remedies()
    for remedy in found:
        after = reduce(lambda b, action: apply(b, action, law(rules), ground), remedy.actions, at)
        going = horizon(after, YEARS, rules, examining(rules)).of(name)
        assert (going.status, going.day) == (Status.PASS, remedy.day)
        for language in LANGUAGES:
            assert "{" not in say(remedy.message, language)
    return found


def by_family(found: tuple[Remedy, ...]) -> dict[str, Remedy]:
    assert len({each.family for each in found}) == len(found)
    return {each.family: each for each in found}


def test_project_that_passes_needs_no_remedy() -> None:
    assert search(branch([site(FARM)], PLENTY)) == ()


def test_waiting_names_the_day_and_the_lots_that_fall_due() -> None:
    lots = [PLENTY[0], all_of("offset", 10**9, NEXT, lot_id="E-1", likelihood_1e4=8000)]
    found = by_family(search(branch([site(FARM)], lots)))
    assert (found["wait"].day, found["wait"].cost.value) == (NEXT, 245)
    assert "E-1" in say(found["wait"].message)


def test_exactly_what_is_short_is_bought() -> None:
    lots = [PLENTY[0], supply("offset", {"area": 400_000, "capacity": 5}, lot_id="O")]
    found = by_family(search(branch([site(FARM)], lots)))
    (action,) = found["buy"].actions
    assert action.amounts == {"area": 600_000, "capacity": 16_495}
    less = action.model_copy(update={"amounts": {**action.amounts, "area": 599_999}})
    after = apply(branch([site(FARM)], lots), less, law(), Ground())
    assert horizon(after, YEARS, BOOK, examining()).going[0].status is Status.FAIL


def test_least_land_is_saved_by_standard_floor() -> None:
    lots = [PLENTY[0], all_of("offset", 400_000, lot_id="O")]
    found = by_family(search(branch([site(FARM)], lots)))
    assert found["floor"].actions[0].saves == 600_000


def test_parcels_on_a_line_are_left_out() -> None:
    sites = {("A",): site(ROAD, inside={"pbf": 9}), ("B",): site(ROAD), ("C",): site(ROAD),
             ("B", "C"): site(ROAD, replace(ROAD, parcel_id="F3"))}
    whole = site(ROAD, replace(ROAD, parcel_id="F3"), replace(ROAD, parcel_id="F4"),
                 inside={"pbf": 9})
    at = branch([whole], (), project(site={"parcels": ["A", "B", "C"]}))
    found = by_family(search(at, Ground(sites=sites)))
    assert list(found) == ["drop"]
    assert found["drop"].actions[0].parcels == ("A",)
    assert found["drop"].cost.value == 1_000_000


def test_line_and_quota_are_repaired_together() -> None:
    sites = {("A",): site(ROAD, inside={"pbf": 9}), ("B",): site(FARM)}
    at = branch([site(ROAD, FARM, inside={"pbf": 9})], PLENTY[:1],
                project(site={"parcels": ["A", "B"]}))
    found = by_family(search(at, Ground(sites=sites)))
    assert "drop+buy" in found
    assert [each.do for each in found["drop+buy"].actions] == ["drop_parcels", "buy_lot"]


def test_smallest_parcel_that_suffices_is_left_out_for_quota() -> None:
    small, middle, large = (Part(f"F{n}", "0102", n * 100_000, 0, 50) for n in (1, 3, 6))
    sites = {("S",): site(small), ("M",): site(middle), ("L",): site(large),
             ("M", "L"): site(middle, large), ("S", "L"): site(small, large),
             ("S", "M"): site(small, middle), ("S", "M", "L"): site(small, middle, large)}
    at = branch([sites["S", "M", "L"]], [PLENTY[0], all_of("offset", 750_000, lot_id="O")],
                project(site={"parcels": ["S", "M", "L"]}))
    found = by_family(search(at, Ground(sites=sites)))
    assert found["drop"].actions[0].parcels == ("M",)


def test_drawn_site_moves_the_least_metres_that_clear_the_line() -> None:
    drawn = project(site={"polygon": [[0, 0], [1, 0], [1, 1]], "crs": "EPSG:4528"})
    facts = site(ROAD, inside={"pbf": 9})
    ground = Ground(moved_site=facts, clear_beyond_m=33)
    found = by_family(search(branch([facts], (), drawn), ground))
    move = found["move"].actions[0]
    assert (move.east, move.north, found["move"].cost.value) == (33, 0, 33)
    assert max(math.hypot(*each) for each in ground.asked) <= 41


def test_no_move_is_proposed_where_none_helps() -> None:
    drawn = project(site={"polygon": [[0, 0], [1, 0], [1, 1]], "crs": "EPSG:4528"})
    facts = site(ROAD, inside={"pbf": 9})
    assert search(branch([facts], (), drawn), Ground(moved_site=facts, clear_beyond_m=10**6)) == ()


@pytest.mark.parametrize(("sizes", "chosen"), [((9, 4, 12), ("X1",)), ((3, 4, 5), ("X2", "X1"))])
def test_smallest_plot_or_the_largest_together_are_cleared(
    sizes: tuple[int, ...], chosen: tuple[str, ...]
) -> None:
    """A coefficient of one half: a plot of 2 ha earns the 1 ha that is short."""
    plots = {f"X{n}": StockPlot(f"X{n}", "idle", size * 250_000) for n, size in enumerate(sizes)}
    if chosen == ("X1",):
        plots["X1"] = StockPlot("X1", "idle", 2_000_000)
    at = branch([site(FARM)], PLENTY[1:], on=date(2020, 6, 30))
    at = replace(at, supplies=(all_of("offset", 10**9, date(2020, 6, 30), lot_id="O"),))
    found = by_family(Search(at, "P-01", (2020,), law(), Ground(stock=plots),
                             examining()).remedies())
    assert found["clear"].actions[0].plots == chosen
    assert found["clear"].assumes


def test_point_supply_is_offered_on_its_conditions() -> None:
    rules = book(debit__point_supply__farmland=("point_supply", "offset"))
    found = by_family(search(branch([site(FARM)], PLENTY[1:]), rules=rules))
    assert found["point_supply"].assumes
    assert found["point_supply"].actions[0].amounts == dict.fromkeys(
        ("total", "agricultural", "farmland"), 1_000_000)


def test_remedy_tells_which_other_project_it_delays() -> None:
    first = Part("F1", "0102", 2_000_000, 0, 50)
    sites = [site(first, site_id="P-1"), site(FARM, site_id="P-2")]
    lots = [PLENTY[0], all_of("offset", 1_200_000, lot_id="O")]
    found = by_family(search(branch(sites, lots), name="P-1"))
    assert found["floor"].delays == ("P-2",)
    assert found["buy"].delays == ("P-2",)


def test_remedy_can_be_pasted_into_a_scenario_file() -> None:
    lots = [PLENTY[0], all_of("offset", 400_000, lot_id="O")]
    for remedy in search(branch([site(FARM)], lots)):
        head = """[scenario]
id = "a"
name = "a"
decision_date = 2019-06-30
place = "CN"
[[project]]
id = "P-01"
name = "a"
kind = "industry"
site = { parcels = ["A"] }
"""
        text = actions_text(remedy.actions)
        assert tomllib.loads(text)["action"][0]["do"] == remedy.actions[0].do
        assert parse_scenario(head + text, source="a").actions == remedy.actions


@settings(deadline=None, max_examples=10)
@given(parts(), st.integers(0, 10**8), st.integers(0, 10**8), st.integers(0, 5 * 10**7))
def test_every_remedy_proposed_passes_the_engine(
    land: tuple[Part, ...], plan: int, offset: int, later: int
) -> None:
    lots = [all_of("plan_quota", plan, lot_id="Q"), all_of("offset", offset, lot_id="O"),
            all_of("offset", later, NEXT, lot_id="E", likelihood_1e4=1)]
    plots = {"X": StockPlot("X", "idle", 10**8)}
    rules = book(debit__point_supply__farmland=("point_supply", "offset"))
    search(branch([site(*land)], lots), Ground(stock=plots), rules)
    assert DAY.year == YEARS[0]
