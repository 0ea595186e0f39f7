"""Make the demo county: the survey, the control lines, the stock land, the book.

Everything is a function of the size and the seed. The county lies around 121.2°E 32.3°N in
EPSG:4528 and is invented: no patch, village, document or amount is real.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

from zoning.demo.book import opening_book
from zoning.demo.cells import Cells, Integers, Tag
from zoning.demo.control import development_boundary, ecological_red_line, farmland_protection
from zoning.demo.layout import Layout, Use, plan
from zoning.demo.projects import demolition, new_sites, offsets, project_site
from zoning.demo.shapes import Polygons, add_spots, merge_groups, polygons
from zoning.demo.stock import DEFAULT_PARCELS, idle_land
from zoning.demo.survey import Survey, make_survey
from zoning.demo.tile import tile
from zoning.demo.warp import make_warp
from zoning.errors import UsageError

DEFAULT_SEED = 2019
SMALLEST, LARGEST = 2000, 1_500_000


@dataclass(frozen=True, eq=False)
class County:
    """A synthetic county. Every layer is in EPSG:4528 with official or customary column names.

    `site` is the land a project applies for, which follows no patch. `book` is the quota book of
    the demo year, one mapping for each inflow.
    """

    parcels: gpd.GeoDataFrame
    pbf: gpd.GeoDataFrame
    eco_redline: gpd.GeoDataFrame
    ugb: gpd.GeoDataFrame
    idle_land: gpd.GeoDataFrame
    demolition: gpd.GeoDataFrame
    new_sites: gpd.GeoDataFrame
    offsets: gpd.GeoDataFrame
    site: gpd.GeoDataFrame
    book: tuple[Mapping[str, Any], ...]
    seed: int


def generate(*, parcels: int = DEFAULT_PARCELS, seed: int = DEFAULT_SEED) -> County:
    """Make a county of about that many parcels, the same for the same size and seed.

    Raises UsageError for fewer than `SMALLEST` parcels, in which not all land uses find room, for
    more than `LARGEST`, which would leave the coordinate zone, and for a negative seed.
    """
    if not SMALLEST <= parcels <= LARGEST:
        raise UsageError("demo.size", found=parcels, smallest=SMALLEST, largest=LARGEST)
    if seed < 0:
        raise UsageError("demo.seed", found=seed)
    rng = np.random.default_rng((seed, parcels))
    survey = _survey(rng, parcels)
    plots, projects = demolition(survey), offsets(survey)
    return County(
        parcels=survey.frame,
        pbf=farmland_protection(rng, survey),
        eco_redline=ecological_red_line(survey),
        ugb=development_boundary(survey),
        idle_land=idle_land(rng, survey),
        demolition=plots,
        new_sites=new_sites(survey),
        offsets=projects,
        site=project_site(survey),
        book=opening_book(plots, projects),
        seed=seed,
    )


def _survey(rng: np.random.Generator, parcels: int) -> Survey:
    layout = plan(rng, parcels=parcels)
    warp = make_warp(rng, layout)
    cells = tile(rng, layout, scale=_scale(layout, parcels))
    cells, spots, owners = add_spots(rng, cells)
    shapes = polygons(cells, spots, owners, warp, fine=cells.tags == Tag.BANK)
    cells, shapes = _join_streets(cells, shapes)
    return make_survey(rng, cells, shapes, layout)


_STRIPS = {Use.FARM: 95, Use.PARK: 14, Use.TOWN: 4, Use.PONDS: 12, Use.SHORE: 0}
_OTHERS = {Use.FARM: 78, Use.PARK: 26, Use.TOWN: 86, Use.PONDS: 168, Use.SHORE: 4}


def _scale(layout: Layout, parcels: int) -> float:
    """How much wider than usual strips must be for the count to come out; means per block."""
    strips = sum(number * int((layout.uses == use).sum()) for use, number in _STRIPS.items())
    others = sum(number * int((layout.uses == use).sum()) for use, number in _OTHERS.items())
    return float(np.clip(strips / max(1, parcels - others), 0.75, 1.5))


def _join_streets(cells: Cells, shapes: Polygons) -> tuple[Cells, Polygons]:
    """The streets of a block are one patch, with a hole for each piece of land between them."""
    is_street = cells.tags == Tag.STREET
    streets = np.flatnonzero(is_street)
    united, first = merge_groups(shapes[streets], cells.groups[streets])
    kept: Integers = np.concatenate((np.flatnonzero(~is_street), streets[first]))
    shapes = np.concatenate((shapes[~is_street], united))
    return Cells(*(column[kept] for column in cells)), shapes
