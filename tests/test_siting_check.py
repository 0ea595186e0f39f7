"""The check of a site from its polygons: right answers pass, every lie is named."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from zoning.measure.recheck import Chosen, Claim, Limits, faults, pieces
from zoning.siting.search import search
from zoning.siting.synthetic import county, usual_demand


def squares(*at: tuple[int, int]) -> np.ndarray:
    return np.array([shapely.box(x * 10, y * 10, x * 10 + 10, y * 10 + 10) for x, y in at],
                    dtype=object)


SITE = Chosen(squares((0, 0), (1, 0)), [10_000, 10_000], [5, 6], [[1], [2]], [True, True])
CLAIM = Claim(20_000, 600, 611, (3,))
LIMITS = Limits(20_000, 20_000, 1, (3,), 12.0)


def test_true_claim_has_no_faults() -> None:
    assert faults(SITE, CLAIM, LIMITS) == {}


@pytest.mark.parametrize(("name", "site", "claim", "limits"), [
    ("pieces", replace(SITE, shapes=squares((0, 0), (1, 1))), CLAIM, LIMITS),
    ("pieces", replace(SITE, shapes=squares((0, 0), (3, 0))), CLAIM, LIMITS),
    ("area", SITE, CLAIM, replace(LIMITS, area_min_dm2=20_001, area_max_dm2=30_000)),
    ("area_claim", SITE, replace(CLAIM, area_dm2=20_001), LIMITS),
    ("value", SITE, replace(CLAIM, value=610), LIMITS),
    ("perimeter", SITE, replace(CLAIM, perimeter_dm=400, value=411), LIMITS),
    ("budget_0", SITE, CLAIM, replace(LIMITS, budgets=(2,))),
    ("forbidden", replace(SITE, is_open=[True, False]), CLAIM, LIMITS),
    ("circle", SITE, CLAIM, replace(LIMITS, radius_m=11.0)),
])
def test_lie_is_named(name: str, site: Chosen, claim: Claim, limits: Limits) -> None:
    assert name in faults(site, claim, limits)


def test_corner_does_not_join_but_a_partial_side_does() -> None:
    assert pieces(squares((0, 0), (1, 1))) == 2
    assert pieces(np.array([shapely.box(0, 0, 10, 10), shapely.box(10, 5, 20, 15)])) == 1


@pytest.mark.parametrize("seed", range(5))
def test_answers_of_the_search_pass(seed: int) -> None:
    made = county(900, seed, rings=True)
    asked = replace(usual_demand(), budgets=(14_000_000, 9_000_000), needs_access=True)
    shapes = np.array([shapely.Polygon(ring) for ring in made.rings], dtype=object)
    found = search(made.land, asked, count=2, seconds=60)
    assert found.sites
    for site in found.sites:
        rows = np.array(site.parcels)
        land = made.land
        areas = np.rint(shapely.area(shapes[rows]) * 100).astype(int).tolist()
        chosen = Chosen(shapes[rows], areas, land.cost[rows].tolist(),
                        land.quota[rows].tolist(), land.open[rows].tolist())
        claim = Claim(site.area_dm2, site.perimeter_dm, site.value, site.used)
        limits = Limits(asked.area_min_dm2, asked.area_max_dm2, asked.per_dm, asked.budgets,
                        asked.radius_m)
        assert faults(chosen, claim, limits) == {}
        assert land.access[rows].any()
