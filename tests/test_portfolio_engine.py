"""What the optimiser proposes, the engine carries out: branches made in code, and errors."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from deciding import DAY, project, site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planning import EXAMINE, Ground, all_of, branch, law
from planning import scenario as scenario_of

from zoning.dates import add_years
from zoning.measure.facts import Part, SiteFacts
from zoning.portfolio.highs import SolverError, Watch
from zoning.portfolio.matrix import matrix_of
from zoning.portfolio.options import (
    Setting,
    Variant,
    annual_caps,
    changes_of,
    setting_of,
    slots_of,
)
from zoning.portfolio.plans import placed
from zoning.portfolio.realise import Carried, Chosen, carry_out, chosen_of
from zoning.portfolio.solve import solve_goals
from zoning.scenario.actions import Branch, Supply
from zoning.scenario.model import Project, Scenario
from zoning.scenario.planned import Action, BuyLot, Condition, PointSupply
from zoning.scenario.terms import Borrow, Terms

MU = 66_667
LAW = law()


def land(name: str, area: int = 10 * MU) -> SiteFacts:
    """A site of dry farmland: plan quota and offset of its whole area."""
    return site(Part(f"{name}-1", "0103", area, 0, 60), site_id=name)


def plenty(kind: str, day: date = DAY, amount: int = 10**9, **more: object) -> Supply:
    return all_of(kind, amount, day, lot_id=str(more.pop("lot_id", f"{kind}-1")), **more)


def made(
    sites: Sequence[SiteFacts], supplies: Sequence[Supply], *projects: Project,
    others: Sequence[Variant] = (), actions: Sequence[Action] = (), terms: Terms | None = None,
    years: tuple[int, ...] = (2019, 2020, 2021),
    cliques: Sequence[frozenset[tuple[str, str]]] = (),
) -> Setting:
    at: Branch = branch(sites, supplies, *projects)
    asked: Scenario = scenario_of(*at.projects, years=years, actions=tuple(actions),
                                  portfolio=terms or Terms())
    return setting_of(asked, at, others, actions, LAW, Ground(), EXAMINE, cliques=cliques)


def carried(setting: Setting) -> Carried:
    matrix = matrix_of(setting.problem)
    found = solve_goals(matrix, Watch(seconds=60))
    assert found is not None
    return carry_out(setting, chosen_of(matrix, found), LAW, Ground(), EXAMINE)


def where(setting: Setting, found: Carried) -> list[tuple[str, str, int]]:
    return [(each.task, each.site, each.year)
            for each in placed(setting.problem, found.chosen.options)]


def test_slots_end_where_something_is_lost() -> None:
    at = branch([land("A")], [plenty("offset", expires=date(2020, 3, 31))],
                project("A", due=date(2020, 9, 15)))
    slots = slots_of(at, (2019, 2020), [date(2020, 7, 1)])
    assert [each.day for each in slots] == [
        date(2019, 12, 31), date(2020, 3, 31), date(2020, 6, 30), date(2020, 9, 15),
        date(2020, 12, 31)]
    assert slots[0].first == DAY
    assert all(after.first.toordinal() == before.day.toordinal() + 1
               for before, after in itertools.pairwise(slots))


def test_two_wait_for_what_one_can_have() -> None:
    """10 mu of offset now, 10 more next year: one goes now, the other next year."""
    lots = [plenty("plan_quota"), plenty("boundary_increment"), plenty("offset", amount=10 * MU),
            plenty("offset", date(2020, 5, 1), 10 * MU, lot_id="later", likelihood_1e4=10_000)]
    setting = made([land("A"), land("B")], lots, project("A", value=5, later=1),
                   project("B", value=9, later=4))
    found = carried(setting)
    assert where(setting, found) == [("A", "own", 2020), ("B", "own", 2019)]
    assert all(each.holds for each in found.agreements)
    assert found.timeline.of("A").day == date(2020, 5, 1)
    assert found.timeline.of("A").relies_on == ("later",)


def test_a_candidate_site_that_needs_less_is_taken() -> None:
    lots = [plenty("plan_quota"), plenty("boundary_increment"), plenty("offset", amount=6 * MU)]
    other = Variant(project("A"), replace(land("small", 5 * MU), site_id="A"), "small")
    setting = made([land("A")], lots, project("A"), others=[other])
    assert where(setting, carried(setting)) == [("A", "small", 2019)]


def test_land_is_given_once() -> None:
    lots = [plenty(kind) for kind in ("plan_quota", "boundary_increment", "offset")]
    setting = made([land("A"), land("B")], lots, project("A", value=3, must=False),
                   project("B", value=4, must=False),
                   cliques=[frozenset({("A", "own"), ("B", "own")})])
    assert where(setting, carried(setting)) == [("B", "own", 2019)]


def test_quota_is_bought_only_where_it_is_needed() -> None:
    lots = [plenty("plan_quota"), plenty("boundary_increment"), plenty("offset", amount=10 * MU)]
    amounts = dict.fromkeys(("area", "paddy", "capacity"), 10 * MU)
    buys = [BuyLot(id="dear", kind="offset", pool="county", amounts=amounts,
                   cost_yuan=9_000_000),
            BuyLot(id="cheap", kind="offset", pool="county", amounts=amounts, cost_yuan=3_000_000,
                   lead_days=300)]
    setting = made([land("A"), land("B")], lots, actions=buys)
    found = carried(setting)
    assert [setting.problem.acts[each].id for each in found.chosen.acts] == ["cheap"]
    assert found.costs.actions == (("cheap", 3_000_000),)
    alone = made([land("A")], lots, actions=buys)
    assert carried(alone).chosen.acts == ()


def test_point_supply_is_one_way_for_its_project() -> None:
    lots = [plenty("boundary_increment"), plenty("offset")]
    amounts = dict.fromkeys(("total", "agricultural", "farmland"), 20 * MU)
    asked = PointSupply(id="apply", project="A", amounts=amounts, lead_days=400,
                        conditions=(Condition(name="list", met=True),))
    setting = made([land("A")], lots, project("A"), actions=[asked])
    found = carried(setting)
    assert [each[:2] for each in where(setting, found)] == [("A", "own+apply")]
    assert [setting.problem.acts[each].id for each in found.chosen.acts] == ["apply"]
    assert found.timeline.of("A").answer is not None
    assert found.timeline.of("A").answer.path == "point_supply"


def test_an_action_that_cannot_be_done_is_no_choice() -> None:
    setting = made([land("A")], [], project("A"), actions=[
        BuyLot(id="nothing", kind="offset", pool="county")])
    assert [each.action_id for each in setting.dead] == ["nothing"]
    assert setting.problem.acts == ()


def test_next_years_quota_is_borrowed_as_far_as_allowed() -> None:
    lots = [plenty("plan_quota"), plenty("boundary_increment"), plenty("offset", amount=6 * MU),
            plenty("offset", date(2020, 1, 1), 10 * MU, lot_id="next", likelihood_1e4=10_000)]
    whole = dict.fromkeys(("area", "paddy", "capacity"), 4 * MU)
    def going(limit: dict[str, int]) -> tuple[Setting, Carried]:
        setting = made([land("A")], lots, project("A", value=9, later=2), terms=Terms(borrow=(
            Borrow(kind="offset", pool="county", year=2019, amounts=limit),)))
        return setting, carried(setting)

    setting, found = going(whole)
    assert where(setting, found) == [("A", "own", 2019)]
    assert any("~" in each.lot.lot_id for each in found.branch.supplies)
    setting, found = going({**whole, "area": 4 * MU - 3})
    assert where(setting, found) == [("A", "own", 2020)]


def test_a_lot_that_ends_within_a_year_is_used_before() -> None:
    lots = [plenty("plan_quota"), plenty("boundary_increment"),
            plenty("offset", amount=10 * MU, expires=date(2020, 3, 31))]
    setting = made([land("A")], lots, project("A", start=date(2020, 2, 1)))
    found = carried(setting)
    assert found.timeline.of("A").day == date(2020, 2, 1)
    assert found.way == "early"


def test_where_going_early_takes_the_wrong_lot_they_go_late() -> None:
    """A lot that comes in May lapses in December; one that stays is wanted next year by B."""
    lots = [plenty("plan_quota"), plenty("boundary_increment"),
            plenty("offset", amount=10 * MU, lot_id="stays"),
            plenty("offset", date(2020, 5, 1), 10 * MU, lot_id="lapses", likelihood_1e4=10_000,
                   expires=date(2020, 12, 31))]
    setting = made([land("A"), land("B")], lots, project("A", start=date(2020, 1, 1),
                                                        due=date(2020, 12, 31)),
                   project("B", start=date(2021, 1, 1)))
    found = carried(setting)
    assert where(setting, found) == [("A", "own", 2020), ("B", "own", 2021)]
    assert found.way == "late"


def test_where_lots_stand_in_the_way_pools_are_named() -> None:
    """A may draw on both pools and would empty the one that B alone may use."""
    lots = [plenty("plan_quota"), plenty("boundary_increment"),
            plenty("offset", amount=10 * MU, lot_id="a-first", pool="small",
                   expires=date(2019, 12, 31)),
            plenty("offset", amount=10 * MU, lot_id="b-second", pool="large")]
    boundary = ("county", "small")
    setting = made([land("A"), land("B", 9 * MU)], lots,
                   project("A", due=date(2019, 12, 31)),
                   project("B", pools=boundary, due=date(2019, 12, 31)))
    found = carried(setting)
    assert {each.project_id for each in found.timeline.going if each.day} == {"A", "B"}


def test_what_the_engine_does_not_carry_out_is_an_error() -> None:
    setting = made([land("A")], [plenty("plan_quota")], project("A"))
    (first, *_) = range(len(setting.problem.options))
    with pytest.raises(SolverError, match="disagrees"):
        carry_out(setting, Chosen((first,), (), {}), LAW, Ground(), EXAMINE)


def test_priced_lots_count_in_the_money() -> None:
    lots = [plenty("plan_quota"), plenty("boundary_increment"),
            plenty("offset", unit_cost_yuan=1_000)]
    found = carried(made([land("A")], lots, project("A")))
    (money,) = (each for each in found.agreements if each.name == "money_yuan")
    assert money.holds
    assert money.engine >= 10_000


def test_caps_are_the_rules_where_they_are_known() -> None:
    from deciding import PLACE, book

    slots = slots_of(branch([land("A")], []), (2025,), changes_of(law().rules, PLACE))
    assert annual_caps(law().rules, PLACE, slots) == {}
    known = book(zbph__county_cap_ha=10, zbph__county_taken_ha=4)
    later = slots_of(replace(branch([land("A")], []), decision_date=date(2025, 6, 1)), (2025,), [])
    assert annual_caps(known, PLACE, later) == {2025: 6_000_000}


amounts = st.integers(0, 30 * MU)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(1, 20), st.booleans(), st.integers(1, 30)), min_size=1,
             max_size=4),
    st.lists(st.tuples(amounts, st.integers(0, 2), st.integers(0, 2)), max_size=4),
    st.lists(st.tuples(amounts, st.integers(0, 700)), max_size=2))
def test_every_proposed_plan_is_carried_out(
    asked: list[tuple[int, bool, int]], offsets: list[tuple[int, int, int]],
    bought: list[tuple[int, int]],
) -> None:
    """Projects, lots that come and lapse, lots to buy: the engine agrees on every number."""
    lots = [plenty("plan_quota"), plenty("boundary_increment")]
    for number, (amount, comes, lasts) in enumerate(offsets):
        day = DAY if not comes else date(2019 + comes, 3, 1)
        expires = None if lasts == 2 else add_years(date(day.year, 12, 31), lasts)
        lots.append(plenty("offset", day, amount, lot_id=f"O{number}", expires=expires,
                           likelihood_1e4=10_000 if comes else None))
    actions = [BuyLot(id=f"B{number}", kind="offset", pool="county", lead_days=days, cost_yuan=7,
                      amounts=dict.fromkeys(("area", "paddy", "capacity"), amount))
               for number, (amount, days) in enumerate(bought) if amount]
    sites = [land(f"P{at}", size * MU) for at, (size, _, _) in enumerate(asked)]
    projects = [project(f"P{at}", must=must, value=value, later=1)
                for at, (_, must, value) in enumerate(asked)]
    found = carried(made(sites, lots, *projects, actions=actions))
    assert all(each.holds for each in found.agreements)
