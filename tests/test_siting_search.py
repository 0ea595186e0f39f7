"""The search against brute force, planted optima, and laws that any optimum obeys."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from siting_cases import every_site, squares

from zoning.siting.branch import solve
from zoning.siting.greedy import first_site, sweep
from zoning.siting.model import Demand, Status, Watch, perimeter_dm, value_of
from zoning.siting.search import ready, search
from zoning.siting.synthetic import county, plant, usual_demand, without_budgets

CELL_DM2 = 250_000


def demand(least: int, most: int, **more) -> Demand:
    return Demand(least * CELL_DM2, most * CELL_DM2, **more)


@st.composite
def cases(draw):
    across, down = draw(st.sampled_from([(3, 3), (4, 3), (2, 5)]))
    n = across * down
    cost = draw(st.lists(st.integers(-40_000, 90_000), min_size=n, max_size=n))
    quota = draw(st.lists(st.lists(st.integers(0, 9), min_size=2, max_size=2),
                          min_size=n, max_size=n))
    shut = draw(st.sets(st.integers(0, n - 1), max_size=3))
    access = draw(st.sets(st.integers(0, n - 1), max_size=4))
    least = draw(st.integers(1, 5))
    asked = demand(least, least + draw(st.integers(0, 2)), per_dm=draw(st.sampled_from([0, 3, 40])),
                   budgets=tuple(draw(st.lists(st.integers(0, 30), min_size=2, max_size=2))),
                   shape=draw(st.sampled_from([1.1, 1.4, 1.8, 2.6])),
                   needs_access=draw(st.booleans()))
    return squares(across, down, cost, quota=quota, shut=tuple(shut), access=tuple(access)), asked


@settings(max_examples=60)
@given(cases())
def test_brute_force_finds_nothing_better(case) -> None:
    land, asked = case
    best = min(every_site(land, asked), default=None)
    found = search(land, asked, seconds=60)
    if best is None:
        assert found.status is Status.INFEASIBLE
        assert not found.sites
        return
    (site,) = found.sites
    assert site.status is Status.OPTIMAL
    assert (site.value, site.bound) == (best[0], best[0])
    assert value_of(land, asked, site.parcels) == site.value
    assert (site.value, site.parcels) in set(every_site(land, asked))


@settings(max_examples=25)
@given(cases(), st.sampled_from([0.0, 0.5]))
def test_different_sites_are_the_best_that_keep_apart(case, overlap: float) -> None:
    land, asked = case
    everything = sorted(every_site(land, asked))
    taken: list[tuple[int, ...]] = []
    for site in search(land, asked, count=3, overlap=overlap, seconds=60).sites:
        apart = [value for value, chosen in everything
                 if all(_shared(land, chosen, other) <= int(overlap * asked.area_min_dm2)
                        for other in taken)]
        assert site.value == apart[0]
        taken.append(site.parcels)


def _shared(land, a, b) -> int:
    return int(land.area_dm2[list(set(a) & set(b))].sum())


@settings(max_examples=25)
@given(cases(), st.integers(0, 10))
def test_more_quota_never_costs_more(case, more: int) -> None:
    land, asked = case
    rich = replace(asked, budgets=tuple(b + more for b in asked.budgets))
    poor_sites, rich_sites = (search(land, d, seconds=60).sites for d in (asked, rich))
    if poor_sites:
        assert rich_sites[0].value <= poor_sites[0].value


def test_other_labels_change_labels_only() -> None:
    first = county(300, 5)
    land, asked = first.land, replace(usual_demand(), budgets=(12_000_000, 6_000_000))
    order = np.random.default_rng(1).permutation(len(land))
    again = search(relabelled(land, order), asked, seconds=60).sites[0]
    known = search(land, asked, seconds=60).sites[0]
    assert known.status is again.status is Status.OPTIMAL
    assert again.value == known.value
    assert sorted(order[list(again.parcels)].tolist()) == list(known.parcels)


def relabelled(land, order):
    """Parcel k of the result is parcel ``order[k]``."""
    from zoning.siting.model import Borders

    place = np.argsort(order)
    rows = [slice(land.borders.start[i], land.borders.start[i + 1]) for i in order]
    borders = Borders(
        np.concatenate(([0], np.cumsum([r.stop - r.start for r in rows]))).astype(np.int64),
        np.concatenate([place[land.borders.neighbour[r]] for r in rows]),
        np.concatenate([land.borders.length_dm[r] for r in rows]), land.borders.perimeter_dm[order])
    corners = [land.corner[land.corner_start[i]:land.corner_start[i + 1]] for i in order]
    start = np.concatenate(([0], np.cumsum([len(c) for c in corners]))).astype(np.int64)
    return replace(land, cost=land.cost[order], area_dm2=land.area_dm2[order],
                   quota=land.quota[order], borders=borders, x=land.x[order], y=land.y[order],
                   radius=land.radius[order], corner_start=start, corner=np.concatenate(corners),
                   open=land.open[order], access=land.access[order])


@pytest.mark.parametrize("seed", range(25))
def test_planted_optimum_is_found(seed: int) -> None:
    base = without_budgets(county(1000, seed % 10).land)
    land, asked, site = plant(base, usual_demand(), seed)
    (found,) = search(land, asked, seconds=60).sites
    assert found.status is Status.OPTIMAL
    assert found.parcels == site


def test_one_thread_and_two_give_the_same_answer() -> None:
    """To the last line of the certificate, where no limit cut the search short."""
    land, asked = county(500, 1).land, replace(usual_demand(), budgets=(14_000_000, 9_000_000))
    one, two = (search(land, asked, gap=0.02, seconds=60, threads=t).sites[0] for t in (1, 2))
    assert one.status is Status.WITHIN_GAP
    assert (one.parcels, one.value, one.bound, one.certificate) == (
        two.parcels, two.value, two.bound, two.certificate)


def test_time_limit_is_never_called_an_optimum() -> None:
    found = search(county(3000, 2).land, replace(usual_demand(), budgets=(8_000_000, 4_000_000)),
                   seconds=0.0)
    assert found.status in (Status.FEASIBLE_AT_LIMIT, Status.NONE_AT_LIMIT)
    assert all(site.bound < site.value and site.gap > 0 for site in found.sites)


def test_search_that_is_stopped_answers_with_its_bound() -> None:
    watch = Watch(stopped=True)
    found = search(county(3000, 2).land, replace(usual_demand(), budgets=(8_000_000, 4_000_000)),
                   seconds=60, watch=watch)
    assert found.status in (Status.FEASIBLE_AT_LIMIT, Status.NONE_AT_LIMIT)
    assert found.seconds < 30
    assert all(site.bound < site.value for site in found.sites)


def test_nothing_is_compiled_again_for_read_only_columns() -> None:
    land = county(300, 5).land
    for name in ("cost", "area_dm2", "corner", "corner_start", "x"):
        getattr(land, name).flags.writeable = False
    ready()
    before = [len(kernel.signatures) for kernel in (sweep, first_site, solve)]
    search(land, usual_demand(budgets=(1 << 40, 1 << 40)), seconds=60)
    assert [len(kernel.signatures) for kernel in (sweep, first_site, solve)] == before


def test_watch_tells_value_and_bound() -> None:
    watch = Watch()
    (site,) = search(county(300, 5).land, usual_demand(budgets=(1 << 40, 1 << 40)), seconds=60,
                     watch=watch).sites
    assert watch.value == site.value
    assert watch.bound is not None
    assert watch.bound <= site.value


def test_refused_site_is_passed_over_for_the_next_best() -> None:
    land = squares(4, 3, [5, 5, 9, 9, 5, 5, 9, 9, 9, 9, 9, 9])
    asked = demand(2, 2)
    refused = {(0, 1), (0, 4), (1, 5), (4, 5)}
    found = search(land, asked, seconds=60, accept=lambda site: site not in refused).sites[0]
    assert found.status is Status.OPTIMAL
    assert found.value == 14


def test_perimeter_counts_each_outline_once() -> None:
    land = squares(3, 3, [0] * 9)
    assert perimeter_dm(land.borders, [0]) == 2000
    assert perimeter_dm(land.borders, [0, 1, 3, 4]) == 4000
    assert perimeter_dm(land.borders, [0, 4]) == 4000
