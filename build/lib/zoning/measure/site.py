"""Measure a site against parcels, idle land, control lines and planned use.

A site is polygons of the statutory plane or a set of whole parcels; both give the same `SiteFacts`.
Areas come from the edges (`kernel` for two layers, `sweep` for three and for unions). Integers are
shared out once, so that the parts of the site sum to it exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from zoning.measure.area import rounded_dm2
from zoning.measure.facts import LayerEdition, SiteFacts
from zoning.measure.flat import Flat, Indices, chosen, flatten
from zoning.measure.layer import PlaneLayer
from zoning.measure.lengths import road_contact_dm, width_dm
from zoning.measure.lines import line_hits, planned_use
from zoning.measure.overlay import (
    NOTHING_M2,
    TOLERANCE_M2,
    Split,
    agreed,
    integer_parts,
    local_overlaps,
)
from zoning.measure.shape import dissolved, one_feature
from zoning.measure.stock import conflict_dm2, parts
from zoning.measure.taken import Taken


@dataclass(frozen=True)
class Surroundings:
    """What a site is measured against.

    `lines` maps the role of each control line to its layer; `planned_use` has a column `use_code`;
    `roads` are the codes of the land classes that give access.
    """

    parcels: PlaneLayer
    idle_land: PlaneLayer | None = None
    lines: Mapping[str, PlaneLayer] = field(default_factory=dict)
    planned_use: PlaneLayer | None = None
    roads: frozenset[str] = frozenset()


def measure_shape(
    site_id: str, shape: shapely.Geometry, around: Surroundings, *, lengths: bool = True
) -> SiteFacts:
    """Measure a polygon of the statutory plane. An empty shape gives facts of zero area."""
    return measure_shapes(site_id, [shape], around, lengths=lengths)


def measure_shapes(
    site_id: str, shapes: Sequence[shapely.Geometry], around: Surroundings, *,
    lengths: bool = True,
) -> SiteFacts:
    """Measure polygons of the statutory plane as one site; land that two share counts once.

    Without `lengths` only areas are measured: no margins to the lines, no width, no road contact.
    Raises MeasureError where two computations of an area differ.
    """
    site = one_feature(flatten(shapes))
    total_dm2 = int(rounded_dm2(site.areas)[0])
    found = _split(site, around.parcels)
    pieces_dm2, uncovered_dm2, overlap_dm2 = integer_parts(total_dm2, found)
    cut = found.pieces_m2 < around.parcels.flat.areas[found.features] - NOTHING_M2
    taken = Taken(site, found.features, found.pieces_m2, pieces_dm2,
                  np.where(cut, np.int64(0), np.int64(-1)))
    return _facts(site_id, total_dm2, taken, uncovered_dm2, overlap_dm2, around, lengths)


def measure_parcels(
    site_id: str, parcel_ids: Sequence[str], around: Surroundings, *, lengths: bool = True
) -> SiteFacts:
    """Measure a site made of whole parcels, each with its own stored area.

    Land that two of the parcels share counts once in the site's area. Raises LayerError for ids
    that are not in the parcel layer.
    """
    parcels = around.parcels
    rows = np.array(parcels.rows(list(dict.fromkeys(parcel_ids))), dtype=np.int64)
    areas_dm2 = [int(area) for area in parcels.area_dm2[rows]]
    site = one_feature(chosen(parcels.flat, rows))
    surplus = float(parcels.flat.areas[rows].sum() - site.areas[0])
    overlap_dm2 = int(rounded_dm2(np.array([surplus]))[0]) if surplus > TOLERANCE_M2 else 0
    taken = Taken(site, rows, parcels.flat.areas[rows], areas_dm2,
                  np.full(len(rows), -1, dtype=np.int64))
    return _facts(site_id, sum(areas_dm2) - overlap_dm2, taken, 0, overlap_dm2, around, lengths)


def _facts(
    site_id: str, total_dm2: int, taken: Taken, uncovered_dm2: int, overlap_dm2: int,
    around: Surroundings, lengths: bool,
) -> SiteFacts:
    drawn = dissolved(taken.site) if lengths else None
    return SiteFacts(
        site_id, total_dm2, parts(taken, around.parcels, around.idle_land), uncovered_dm2,
        overlap_dm2, line_hits(taken, total_dm2, around.parcels, around.lines, margins=lengths),
        _editions(around),
        stock_conflict_dm2=conflict_dm2(taken.site, around.idle_land),
        planned_use=planned_use(taken.site, total_dm2, around.planned_use),
        width_dm=None if drawn is None else width_dm(drawn),
        road_contact_dm=None if drawn is None else road_contact_dm(
            drawn, taken, around.parcels, around.roads),
    )


def _split(site: Flat, layer: PlaneLayer) -> Split:
    """Divide a site by a layer; land in several features counts once in `inside_m2`."""
    from zoning.measure import index, kernel

    rows = index.near(layer.grid, site.boxes[0])
    pieces = kernel.pair_areas(site, np.zeros(len(rows), dtype=np.int64), layer.flat, rows)
    rows, pieces = rows[pieces > NOTHING_M2], pieces[pieces > NOTHING_M2]
    whole = float(site.areas[0])
    inside = float(pieces.sum()) - _twice(site, layer, rows, TOLERANCE_M2)
    if inside > whole + TOLERANCE_M2:  # overlaps too small to be named have added up
        inside = float(pieces.sum()) - _twice(site, layer, rows, NOTHING_M2)
        agreed(np.minimum(inside, site.areas), np.array([inside]))
    return Split(rows, pieces, min(inside, whole), max(whole - inside, 0.0))


def _twice(site: Flat, layer: PlaneLayer, rows: Indices, least_m2: float) -> float:
    """Land of a site that features share with earlier ones; m²."""
    from zoning.measure import sweep

    again, offsets, before = local_overlaps(layer.flat, rows, least_m2=least_m2)
    land = sweep.covered(site, layer.flat, layer.flat, sweep.Task(
        np.zeros(len(again), dtype=np.int64), again, offsets, before))
    return float(land.first.sum())


def _editions(around: Surroundings) -> tuple[LayerEdition, ...]:
    optional = (around.idle_land, around.planned_use)
    layers = [around.parcels, *around.lines.values(), *(each for each in optional if each)]
    return tuple(layer.edition for layer in sorted(layers, key=lambda each: each.edition.role))


__all__ = ["Surroundings", "measure_parcels", "measure_shape", "measure_shapes"]
