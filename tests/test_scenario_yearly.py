"""The year's end, promises, and what a plan costs."""

from __future__ import annotations

from datetime import date

import pytest
from deciding import DAY, PLACE, book, site
from planning import YEARS, all_of, branch, law, run

from zoning.errors import ScenarioError
from zoning.measure.facts import Part
from zoning.scenario.actions import apply
from zoning.scenario.costs import plan_costs
from zoning.scenario.model import parse_scenario
from zoning.scenario.outcome import Certainty, Status
from zoning.scenario.planned import BuyLot, FarmlandStatement, PromiseStatement, StartLater
from zoning.scenario.yearly import farmland_of, promise_lines, year_ends

LAW = law()
FARM = Part("F1", "0103", 1_000_000, 0, 50)
HEAD = '''[scenario]
id = "S"
name = "S"
decision_date = 2019-06-30
place = "CN"
'''


def line_of(*parts: Part):
    have = [all_of(kind, 10**9, lot_id=kind) for kind in ("plan_quota", "offset",
                                                           "boundary_increment")]
    return run(branch([site(*parts)], have))


@pytest.mark.parametrize(("gain", "status", "margin"), [
    (1_000_100, Status.PASS, 0), (1_000_099, Status.FAIL, -1),
])
def test_what_the_plan_takes_is_added_to_what_others_take(
    gain: int, status: Status, margin: int
) -> None:
    stated = FarmlandStatement(year=2019, gain=gain, construction=100, other_losses={})
    ends = year_ends(line_of(FARM), YEARS, [stated], LAW, place=PLACE)
    assert [(end.year, end.planned_dm2) for end in ends] == [(2019, 1_000_000), (2020, 0),
                                                            (2021, 0)]
    assert (ends[0].tests[0].status, ends[0].tests[0].margin) == (status, margin)
    assert [end.tests[0].missing for end in ends[1:]] == [("fact:farmland_year:2020",),
                                                         ("fact:farmland_year:2021",)]


def test_a_year_with_land_of_unknown_class_is_undecided() -> None:
    line = line_of(FARM, Part("F2", None, 5))
    assert farmland_of(line, 2019, LAW) is None
    stated = FarmlandStatement(year=2019, gain=10**9, construction=0, other_losses={})
    (end, *_) = year_ends(line, YEARS, [stated], LAW, place=PLACE)
    assert (end.tests[0].status, end.tests[0].missing) == (Status.UNDECIDED,
                                                          ("fact:land_classes",))


def test_promise_is_kept_until_its_day_and_broken_after() -> None:
    promise = PromiseStatement(id="C", project="P", promised_on=date(2019, 1, 1),
                               amounts={"area": "10mu", "capacity": "9t"},
                               redeemed={"area": "10mu"}, due=date(2020, 6, 1))
    days = (date(2018, 12, 31), DAY, date(2020, 6, 1), date(2020, 6, 2))
    lines = promise_lines([promise], days, LAW, place=PLACE)
    assert [each.test.status for each in lines] == [Status.PASS, Status.PASS, Status.FAIL]
    assert lines[0].test.taken == 9000  # the capacity is owed, area does not stand for it


def test_year_and_promise_are_read_from_the_file() -> None:
    told = parse_scenario(HEAD + '''
[[project]]
id = "P"
name = "P"
kind = "industry"
site = { parcels = ["A"] }
[[farmland]]
year = 2019
gain = "3ha"
construction = "0ha"
other_losses = { forest = "1mu" }
[[promise]]
id = "C"
project = "an older project"
promised_on = 2018-06-01
amounts = { area = "10mu" }
redeemed = { paddy = "1mu" }
''', source="s.toml")
    assert told.farmland[0].other_losses == {"forest": 66_667}
    assert told.promises[0].redeemed == {"paddy": 66_667}


@pytest.mark.parametrize("more", [
    '[[farmland]]\nyear = 2019\ngain = "1ha"\nconstruction = "1ha"\n'
    'other_losses = { desert = "1ha" }\n',
    '[[farmland]]\nyear = 2019\ngain = "-1ha"\nconstruction = "1ha"\nother_losses = {}\n',
    '[[farmland]]\nyear = 2019\ngain = "1ha"\nconstruction = "1ha"\nother_losses = {}\n' * 2,
    '[[promise]]\nid = "C"\nproject = "x"\npromised_on = 2018-06-01\nredeemed = { soil = "1" }\n',
])
def test_faulty_statements_are_refused(more: str) -> None:
    text = HEAD + '[[project]]\nid = "P"\nname = "P"\nkind = "industry"\n' \
        'site = { parcels = ["A"] }\n' + more
    with pytest.raises(ScenarioError):
        parse_scenario(text, source="s.toml")


def test_costs_count_projects_that_go_and_a_bought_lot_once() -> None:
    rules = book()
    buy = BuyLot(id="A", kind="offset", pool="county", cost_yuan=700, amounts={
        "area": 10**9, "paddy": 10**9, "capacity": 10**9})
    later = StartLater(id="B", project="P-01", start=DAY)
    have = [all_of(kind, 10**9, lot_id=kind, unit_cost_yuan=10)
            for kind in ("plan_quota", "boundary_increment")]
    at = branch([site(FARM), site(FARM, site_id="P-02", inside={"pbf": 10})], have)
    for action in (buy, later):
        at = apply(at, action, law(rules), None)  # type: ignore[arg-type]
    costs = plan_costs(run(at), (each.lot for each in at.supplies), at.done)
    assert list(costs.projects) == ["P-01"]
    assert costs.actions == (("A", 700),)
    lines = {each.id: each for each in costs.projects["P-01"].lines}
    assert (lines["quota_offset"].certainty, lines["quota_offset"].low_yuan) == (
        Certainty.KNOWN, 0)
    assert lines["quota_plan_quota"].low_yuan == 150  # 15 mu at 10 yuan
    assert costs.low_yuan == 700 + costs.projects["P-01"].low_yuan
    assert costs.open == len(costs.projects["P-01"].open)


def test_an_action_without_a_price_is_open() -> None:
    buy = BuyLot(id="A", kind="offset", pool="county", amounts={"area": 5})
    at = apply(branch([site(FARM)]), buy, LAW, None)  # type: ignore[arg-type]
    costs = plan_costs(run(at), (), at.done)
    assert (costs.actions, costs.open) == ((("A", None),), 1)
