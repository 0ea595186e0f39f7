"""Land is given once: any two sites, to the area, however they are drawn."""

from __future__ import annotations

from dataclasses import replace

import shapely
from deciding import DAY, book, finding, ids, project, scenario, site
from hypothesis import given
from hypothesis import strategies as st
from planning import EXAMINE, YEARS, Ground, all_of, branch, law, run

from zoning.codes.reader import land_classes, quota_kinds
from zoning.measure.facts import Part
from zoning.measure.flat import flatten
from zoning.measure.meeting import land_in_common
from zoning.measure.shape import one_feature
from zoning.scenario.engine import run as decide
from zoning.scenario.outcome import Outcome, Status
from zoning.scenario.remedies import Search

ROAD = Part("F2", "1003", 1_000_000)
SITES = [site(ROAD, site_id="P-01"), site(ROAD, site_id="P-02")]
ASKED = (project("P-01", rank=1), project("P-02", rank=2))
COMMON = {"P-01": {"P-02": 700}, "P-02": {"P-01": 700}}


def judged(shared=COMMON, *projects, rules=None, sites=SITES) -> Outcome:
    return decide(scenario(*(projects or ASKED)), {each.site_id: each for each in sites}, (),
                  rules or book(), land_classes(), quota_kinds(), shared=shared)


def test_second_site_on_the_same_land_fails_with_the_area() -> None:
    first, second = judged().projects
    assert (first.verdict, "site.shared" in ids(first)) == (Status.PASS, False)
    found = finding(second, "site.shared")
    assert (found.status, second.verdict) == (Status.FAIL, Status.FAIL)
    assert found.measured is not None
    assert found.measured.value == 700
    assert found.margin is not None
    assert found.margin.value == -700
    assert found.message.params["projects"] == ["P-01"]


def test_land_of_a_site_that_fails_is_free_for_the_next() -> None:
    lost = site(ROAD, site_id="P-01", inside={"pbf": 10})
    first, second = judged(sites=[lost, SITES[1]]).projects
    assert (first.verdict, second.verdict) == (Status.FAIL, Status.PASS)


def test_an_overlap_within_the_tolerance_of_the_county_is_told() -> None:
    found = finding(judged(rules=book(site__shared_tolerance_dm2=700)).projects[1], "site.shared")
    assert (found.status, found.citations[0].rule_id) == (
        Status.INFO, "site.shared_tolerance_dm2")
    over = judged(rules=book(site__shared_tolerance_dm2=699)).projects[1]
    assert over.verdict is Status.FAIL


def test_years_give_land_once() -> None:
    at = replace(branch(SITES, (), *ASKED), shared=COMMON)
    first, second = run(at).going
    assert (first.day, second.day) == (DAY, None)
    assert {each.id for each in second.waits[-1].findings} == {"site.shared"}


def test_a_site_on_the_land_of_another_is_moved_off_it() -> None:
    class Moving(Ground):
        def shared(self, sites):
            return {} if sites["P-02"].outline == "away" else COMMON

        def moved(self, *asked):
            return replace(SITES[1], outline="away" if asked[2] >= 20 else "near")

    drawn = ASKED[1].model_copy(update={"site": ASKED[1].site.model_copy(update={
        "parcels": (), "file": "a.shp"})})
    at = replace(branch(SITES, [all_of("plan_quota", 10**9)], ASKED[0], drawn), shared=COMMON)
    (remedy,) = Search(at, "P-02", YEARS, law(), Moving(), EXAMINE).remedies()
    assert (remedy.family, remedy.day) == ("move", DAY)
    assert remedy.cost.value >= 20


boxes = st.tuples(*[st.integers(0, 60)] * 2, *[st.integers(1, 30)] * 2)


@given(st.lists(boxes, min_size=1, max_size=6))
def test_land_in_common_is_that_of_the_boxes(drawn: list[tuple[int, int, int, int]]) -> None:
    shapes = {f"S{i}": shapely.box(x, y, x + w, y + h) for i, (x, y, w, h) in enumerate(drawn)}
    found = land_in_common({name: one_feature(flatten([each])) for name, each in shapes.items()})
    for one, shape in shapes.items():
        for two, other in shapes.items():
            area_dm2 = round(shape.intersection(other).area * 100) if one != two else 0
            assert found.get(one, {}).get(two, 0) == area_dm2
