"""The least conflicts: those planted are those found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from deciding import book, project, site
from hypothesis import given, settings
from hypothesis import strategies as st
from planning import BOOK, EXAMINE, YEARS, all_of, branch, examining

from zoning.measure.facts import Part
from zoning.scenario.conflicts import (
    all_conflicts,
    least_conflict,
    plan_conflicts,
    project_conflicts,
    smallest_conflict,
)

FARM = Part("F1", "0102", 1_000_000, 0, 50)


def planted(*conflicts: frozenset[str]):
    def can_be_met(kept: Sequence[str]) -> bool:
        return not any(each <= set(kept) for each in conflicts)
    return can_be_met


def test_hundred_planted_conflicts_are_the_conflicts_found() -> None:
    sets = [frozenset(f"d{number}-{part}" for part in range(1 + number % 4))
            for number in range(100)]
    demands = [each for group in sets for each in sorted(group)]
    demands += [f"idle{number}" for number in range(150)]
    demands.sort(key=lambda each: each[::-1])
    found = all_conflicts(demands, planted(*sets))
    assert {frozenset(each) for each in found} == set(sets)
    assert len(found) == 100


def test_conflict_of_a_hundred_demands_is_found_whole() -> None:
    conflict = frozenset(f"d{number}" for number in range(0, 300, 3))
    found = least_conflict([f"d{number}" for number in range(300)], planted(conflict))
    assert frozenset(found) == conflict
    assert len(found) == 100


@settings(deadline=None, max_examples=100)
@given(st.lists(st.frozensets(st.integers(0, 12).map(str), min_size=1, max_size=5), max_size=5),
       st.permutations([str(number) for number in range(13)]))
def test_least_conflict_is_one_and_can_spare_nothing(
    conflicts: list[frozenset[str]], demands: list[str]
) -> None:
    met = planted(*conflicts)
    found = least_conflict(demands, met)
    assert bool(found) == bool(conflicts)
    assert not found or not met(found)
    assert all(met([each for each in found if each != spared]) for spared in found)
    left = [each for each in demands
            if not any(each in told for told in all_conflicts(demands, met))]
    assert met(left)


def test_nothing_asked_can_be_met() -> None:
    assert least_conflict([], planted()) == ()


def test_projects_with_a_planted_fault_each_are_named_one_by_one() -> None:
    sites = [site(Part(f"F{n}", "1003", 100), site_id=f"P-{n}",
                  inside={"pbf": 10} if n < 20 else {}) for n in range(40)]
    found = plan_conflicts(branch(sites), (2019,), BOOK, EXAMINE)
    assert {frozenset(each.demands) for each in found} == {
        frozenset({"line.pbf", f"must:P-{n}"}) for n in range(20)}
    assert all(len(each.findings) == 1 for each in found)


def test_hundred_conflicts_planted_in_a_plan_are_those_the_engine_finds() -> None:
    """25 on each of two lines, 25 whose last day is past, 25 short of a pool of their own."""
    line = [site(Part(f"F{n}", "1003", 100), site_id=f"P-{n:03d}",
                 inside={("pbf", "eco_redline")[n % 2]: 10}) for n in range(50)]
    late = [site(Part(f"F{n}", "1003", 100), site_id=f"P-{n:03d}") for n in range(50, 75)]
    poor = [site(Part(f"F{n}", "1202", 100), site_id=f"P-{n:03d}") for n in range(75, 100)]
    fine = [site(Part(f"F{n}", "1003", 100), site_id=f"P-{n:03d}") for n in range(100, 120)]
    asked = [
        project(each.site_id, rank=number + 1, kind="industry",
                due=date(2019, 6, 29) if each in late else None,
                pools=(each.site_id,) if each in poor else ())
        for number, each in enumerate((*line, *late, *poor, *fine))]
    at = branch((*line, *late, *poor, *fine), [], *asked)
    rules = book(eco_redline__allowed_kinds=())
    found = plan_conflicts(at, (2019,), rules, examining(rules))
    planted_ones = {frozenset({("line.pbf", "line.eco_redline")[n % 2], f"must:P-{n:03d}"})
                    for n in range(50)}
    planted_ones |= {frozenset({f"due:P-{n:03d}", f"must:P-{n:03d}"}) for n in range(50, 75)}
    planted_ones |= {frozenset({"quota.plan_quota", f"must:P-{n:03d}"}) for n in range(75, 100)}
    assert {frozenset(each.demands) for each in found} == planted_ones
    assert (len(found), len(planted_ones)) == (100, 100)


def test_plan_short_of_quota_names_the_projects_that_cannot_go_together() -> None:
    sites = [site(FARM, site_id=f"P-{n}") for n in range(3)]
    sites.append(site(Part("R", "1003", 5), site_id="P-9"))
    lots = [all_of("plan_quota", 10**9), all_of("offset", 1_500_000, lot_id="O")]
    (first, *more) = plan_conflicts(branch(sites, lots), YEARS, BOOK, EXAMINE)
    assert first.demands[0] == "quota.offset"
    assert len(first.demands) == 3
    assert all("must:P-9" not in each.demands for each in (first, *more))


def test_last_day_is_part_of_a_conflict() -> None:
    lots = [all_of("plan_quota", 10**9), all_of("offset", 10**9, date(2020, 3, 1), lot_id="O")]
    at = branch([site(FARM)], lots, project(due=date(2019, 12, 31)))
    (found,) = plan_conflicts(at, YEARS, BOOK, EXAMINE)
    assert "must:P-01" in found.demands
    assert {"due:P-01", "quota.offset"} & set(found.demands)


def test_project_that_need_not_go_is_no_demand() -> None:
    at = branch([site(FARM)], (), project(must=False))
    assert plan_conflicts(at, YEARS, BOOK, EXAMINE) == ()


def test_project_names_each_law_it_fails_and_those_that_draw_before_it() -> None:
    sites = [site(FARM, site_id="P-1"), site(FARM, site_id="P-2"),
             site(FARM, site_id="P-3", inside={"pbf": 7})]
    lots = [all_of("plan_quota", 10**9), all_of("offset", 2_500_000, lot_id="O")]
    at = branch(sites, lots)
    found = project_conflicts(at, "P-3", YEARS, BOOK, EXAMINE)
    told = {frozenset(each.demands) for each in found}
    assert frozenset({"line.pbf"}) in told
    assert frozenset({"quota.offset", "must:P-1", "must:P-2"}) in told
    assert len(told) == 2
    assert {name for each in found for name, _ in each.findings} == {"P-3"}
    assert project_conflicts(at, "P-1", YEARS, BOOK, EXAMINE) == ()


@settings(deadline=None, max_examples=100)
@given(st.lists(st.frozensets(st.integers(0, 9).map(str), min_size=1, max_size=5), min_size=1,
                max_size=5), st.permutations([str(number) for number in range(10)]))
def test_smallest_conflict_is_the_smallest_of_all(
    conflicts: list[frozenset[str]], demands: list[str]
) -> None:
    found, is_smallest = smallest_conflict(demands, planted(*conflicts))
    assert is_smallest
    assert len(found) == min(map(len, conflicts))
    told, proven = smallest_conflict(demands, planted(*conflicts), most=0)
    assert proven == (len(told) == 1)
    assert not planted(*conflicts)(told)
