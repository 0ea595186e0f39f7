"""What would decide an undecided project: parameters, and what follows either way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from deciding import DAY, PLENTY, book, lot, project, site
from planning import law

from zoning.ledger.model import LotBalance
from zoning.measure.facts import Part, SiteFacts
from zoning.messages import LANGUAGES, say
from zoning.rules.book import RuleBook
from zoning.rules.shipped import shipped
from zoning.scenario.availability import stock
from zoning.scenario.design import Design
from zoning.scenario.engine import case_of, examine
from zoning.scenario.model import Project
from zoning.scenario.openings import Opening, asked_in_turn, openings
from zoning.scenario.outcome import Quantity, Status

PLACE = "CN/32/3206/320623"
FARM = Part("F1", "0102", 1_000_000, 0, 50)
ROAD = Part("F2", "1003", 1_000_000)


def opened(
    facts: SiteFacts, rules: RuleBook, *, on: date = DAY, asked: Project | None = None,
    have: Sequence[LotBalance] = PLENTY,
) -> dict[str, Opening]:
    by, told = law(rules), asked or project()
    examined = [examine(case_of(told, facts, by, on=on, place=PLACE))]
    found = openings(asked_in_turn(examined, stock(have, place=PLACE, on=on), told.id), by)
    for each in found:
        for way in each.ways:
            assert all(say(way.answer, language) for language in LANGUAGES)
    return {each.token.split("@")[0]: each for each in found}


def ways(opening: Opening) -> dict[str, Status]:
    return {way.answer.key.rpartition(".")[2]: way.verdict for way in opening.ways}


def test_kinds_allowed_in_a_line_are_tried_both_ways() -> None:
    found = opened(site(ROAD, inside={"ugb": 0}), book())
    opening = found["rule:ugb.outside_allowed_kinds"]
    assert opening.findings == ("line.ugb",)
    assert ways(opening) == {"not_allowed": Status.FAIL, "allowed": Status.PASS}
    assert [way.failing for way in opening.ways] == [("line.ugb",), ()]


def test_a_capacity_table_is_tried_at_its_extremes() -> None:
    scarce = (*PLENTY[:1], lot("offset", {"area": 10**12, "paddy": 10**12, "capacity": 5}, "L2"),
              *PLENTY[2:])
    opening = opened(site(FARM), shipped(), have=scarce)["rule:zbph.capacity_per_mu"]
    assert ways(opening) == {"least": Status.PASS, "most": Status.FAIL}
    plenty = opened(site(FARM), shipped())["rule:zbph.capacity_per_mu"]
    assert ways(plenty) == {"least": Status.PASS, "most": Status.FAIL}


def test_a_debit_rule_is_tried_as_other_paths_draw() -> None:
    asked = project(path="linkage_new_site")
    opening = opened(site(FARM), book(), asked=asked)["rule:debit.linkage_new_site.farmland"]
    assert ways(opening)["draws_nothing"] is Status.PASS
    drawn = [way.answer.params["kinds"] for way in opening.ways[1:]]
    assert drawn == [["plan_quota", "offset"]]


def test_a_standard_turns_at_what_the_project_states() -> None:
    asked = project(design=Design(industry_code="27", far="0.7"))
    opening = opened(site(ROAD), book(), on=date(2023, 7, 1), asked=asked)["rule:ind.far_min"]
    assert ways(opening) == {"least": Status.UNDECIDED, "most": Status.FAIL}
    assert opening.turns_at == Quantity(7000, "1e-4")


def test_a_layer_nobody_loaded_is_tried_outside_and_inside() -> None:
    found = opened(site(ROAD, loaded=("pbf", "ugb")), book())
    assert ways(found["layer:eco_redline"]) == {"outside": Status.PASS, "inside": Status.UNDECIDED}


def test_land_of_unknown_class_is_tried_as_each_kind() -> None:
    unknown = Part("F9", None, 1_000_000)
    found = opened(site(unknown), book(), have=())["land_class:parcel=F9"]
    assert ways(found) == {"land_farmland": Status.FAIL, "land_other_agricultural": Status.FAIL,
                           "land_unused": Status.FAIL, "land_construction": Status.PASS}


def test_a_fact_of_which_nothing_can_be_said_is_named_without_ways() -> None:
    found = opened(site(FARM), book(), on=date(2026, 3, 17), asked=project(kind="housing"))
    assert found["fact:housing_exception"].ways == ()


def test_an_answer_that_leaves_others_open_says_so() -> None:
    found = opened(site(FARM, inside={"ugb": 0}), shipped())
    for opening in found.values():
        assert all((way.verdict is not Status.PASS and way.open >= 1)
                   or way.verdict is Status.FAIL for way in opening.ways)


def test_a_project_that_is_decided_waits_for_nothing() -> None:
    assert opened(site(ROAD), book()) == {}


def test_the_project_is_met_in_its_turn() -> None:
    by = law(book())
    sites = {name: site(FARM, site_id=name) for name in ("P-01", "P-02")}
    examined = [examine(case_of(project(name, rank=rank), sites[name], by, on=DAY, place=PLACE))
                for rank, name in enumerate(sites, start=1)]
    have = stock(PLENTY, place=PLACE, on=DAY)
    asked = asked_in_turn(examined, have, "P-02")
    assert asked.have.left["L1", "total"] == 10**12 - FARM.area_dm2
    with pytest.raises(KeyError):
        asked_in_turn(examined, have, "P-99")
