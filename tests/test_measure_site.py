"""Sites and overlays: parts sum to the whole to 0.01 m², whatever is cut. Method §4–5."""

from __future__ import annotations

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from zoning.errors import LayerError, MeasureError
from zoning.measure import overlay
from zoning.measure.area import statutory_dm2
from zoning.measure.facts import LayerEdition
from zoning.measure.layer import PlaneLayer, plane_layer
from zoning.measure.overlap import self_overlap
from zoning.measure.plane import to_plane
from zoning.measure.site import Surroundings, measure_parcels, measure_shape
from zoning.measure.table import overlay_table

CM_120 = CRS.from_epsg(4549)
WEST, SOUTH = 613000.0, 3575000.0


def layer(role: str, shapes: list[shapely.Geometry], **columns: object) -> PlaneLayer:
    frame = geopandas.GeoDataFrame(
        {"feature_id": [f"{role}-{i}" for i in range(len(shapes))], **columns},
        geometry=shapes, crs=CM_120,
    )
    frame["area_dm2"] = statutory_dm2(frame.geometry.values, CM_120)
    return plane_layer(frame, LayerEdition(role, "2019", "0" * 64))


def grid(columns: int, rows: int, *, step: float = 50.0) -> list[shapely.Geometry]:
    cells = [(WEST + i * step, SOUTH + j * step) for j in range(rows) for i in range(columns)]
    return [shapely.box(x, y, x + step, y + step) for x, y in cells]


def plane(shape: shapely.Geometry) -> shapely.Geometry:
    return to_plane([shape], CM_120)[0]


PARCELS = layer("parcel", grid(4, 4), class_code=["0101", "0601"] * 8,
                deduct_1e4=[0] * 16, grade_tenths=[52] * 16)


def test_a_site_of_whole_parcels_has_their_stored_areas() -> None:
    facts = measure_parcels("S", ["parcel-0", "parcel-1", "parcel-1"], Surroundings(PARCELS))
    assert [part.area_dm2 for part in facts.parts] == PARCELS.area_dm2[:2].tolist()
    assert facts.area_dm2 == int(PARCELS.area_dm2[:2].sum())
    assert (facts.uncovered_dm2, facts.overlap_dm2) == (0, 0)
    assert [part.class_code for part in facts.parts] == ["0101", "0601"]


def test_a_polygon_along_parcel_borders_takes_those_parcels_only() -> None:
    drawn = shapely.box(WEST, SOUTH, WEST + 100, SOUTH + 50)
    facts = measure_shape("S", plane(drawn), Surroundings(PARCELS))
    assert [part.parcel_id for part in facts.parts] == ["parcel-0", "parcel-1"]
    assert sum(part.area_dm2 for part in facts.parts) == facts.area_dm2


coordinate = st.floats(-60, 260, allow_nan=False)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=8))
def test_parts_and_uncovered_land_sum_to_the_site(points: list[tuple[float, float]]) -> None:
    shape = shapely.MultiPoint([(WEST + x, SOUTH + y) for x, y in points]).convex_hull
    if shape.geom_type != "Polygon":
        return
    line = layer("pbf", [shapely.box(WEST + 30, SOUTH - 100, WEST + 90, SOUTH + 400)])
    stock = layer("idle_land", [shapely.box(WEST + 60, SOUTH, WEST + 140, SOUTH + 90),
                                shapely.box(WEST + 120, SOUTH, WEST + 190, SOUTH + 90)],
                  converted=[True, False])
    facts = measure_shape("S", plane(shape), Surroundings(PARCELS, stock, {"pbf": line}))
    assert sum(part.area_dm2 for part in facts.parts) + facts.uncovered_dm2 == facts.area_dm2
    assert facts.area_dm2 == statutory_dm2([shape], CM_120)[0]
    (hit,) = facts.lines
    assert 0 <= hit.area_dm2 <= facts.area_dm2
    assert sum(each.area_dm2 for each in hit.features) == hit.sum_dm2 == hit.area_dm2
    again = shapely.intersection(plane(shape), line.shapes[0]).area
    assert abs(hit.area_dm2 - again * 100) <= 1.5


def test_overlapping_idle_land_is_counted_once_and_goes_to_the_first() -> None:
    stock = layer("idle_land", [shapely.box(WEST, SOUTH, WEST + 30, SOUTH + 50),
                                shapely.box(WEST + 20, SOUTH, WEST + 50, SOUTH + 50)],
                  converted=[True, False])
    facts = measure_parcels("S", ["parcel-0"], Surroundings(PARCELS, stock))
    first, second = facts.parts
    assert (first.stock_id, first.converted) == ("idle_land-0", True)
    assert (second.stock_id, second.converted) == ("idle_land-1", False)
    assert first.area_dm2 + second.area_dm2 == facts.area_dm2
    assert abs(first.area_dm2 * 2 - second.area_dm2 * 3) < 10


def test_overlapping_parcels_are_reported_not_hidden() -> None:
    doubled = layer("parcel", [*grid(2, 1), shapely.box(WEST, SOUTH, WEST + 10, SOUTH + 50)],
                    class_code=["0101"] * 3)
    whole = measure_parcels("S", ["parcel-0", "parcel-2"], Surroundings(doubled))
    cut = measure_shape("S", plane(shapely.box(WEST, SOUTH, WEST + 50, SOUTH + 50)),
                        Surroundings(doubled))
    for facts in (whole, cut):
        assert facts.overlap_dm2 == int(doubled.area_dm2[2])
        assert (sum(part.area_dm2 for part in facts.parts) + facts.uncovered_dm2
                == facts.area_dm2 + facts.overlap_dm2)


def test_a_line_that_overlaps_itself_has_two_numbers() -> None:
    line = layer("pbf", [shapely.box(WEST, SOUTH, WEST + 30, SOUTH + 50),
                         shapely.box(WEST + 20, SOUTH, WEST + 50, SOUTH + 50)])
    facts = measure_parcels("S", ["parcel-0"], Surroundings(PARCELS, None, {"pbf": line}))
    (hit,) = facts.lines
    assert hit.area_dm2 == facts.area_dm2
    assert hit.sum_dm2 - hit.area_dm2 == pytest.approx(10 * 50 * 100, rel=1e-3)


def test_a_line_that_only_touches_is_not_hit() -> None:
    line = layer("pbf", [shapely.box(WEST - 100, SOUTH, WEST, SOUTH + 200)])
    facts = measure_parcels("S", ["parcel-0"], Surroundings(PARCELS, None, {"pbf": line}))
    assert facts.lines[0].area_dm2 == 0
    assert facts.lines[0].features == ()


def test_faulty_features_of_a_line_near_the_site_are_named() -> None:
    good = geopandas.GeoDataFrame({"feature_id": ["L"], "area_dm2": [1]}, crs=CM_120,
                                  geometry=[shapely.box(WEST + 900, SOUTH, WEST + 950, SOUTH + 50)])
    bow_tie = shapely.Polygon([(WEST, SOUTH), (WEST + 9, SOUTH + 9), (WEST + 9, SOUTH),
                               (WEST, SOUTH + 9)])
    far = shapely.transform(bow_tie, lambda xy: xy + 5000)
    faulty = geopandas.GeoDataFrame({"feature_id": ["near", "far", "none"]}, crs=CM_120,
                                    geometry=[bow_tie, far, None])
    line = plane_layer(good, LayerEdition("pbf", "1", ""), quarantined=faulty)
    facts = measure_parcels("S", ["parcel-0"], Surroundings(PARCELS, None, {"pbf": line}))
    assert facts.lines[0].faulty == ("near", "none")
    assert facts.lines[0].area_dm2 == 0


def test_unknown_parcels_are_all_named() -> None:
    with pytest.raises(LayerError) as caught:
        measure_parcels("S", ["parcel-0", "nowhere", "neither"], Surroundings(PARCELS))
    assert caught.value.message.params["ids"] == ["nowhere", "neither"]


def test_overlay_table_conserves_every_feature() -> None:
    zones = layer("zone", [shapely.box(WEST + 10, SOUTH + 10, WEST + 120, SOUTH + 130),
                           shapely.box(WEST + 120, SOUTH + 10, WEST + 170, SOUTH + 130)])
    table = overlay_table(PARCELS, zones)
    for row in table.features:
        pieces = sum(pair.area_dm2 for pair in table.pairs if pair.a_id == row.a_id)
        assert pieces + row.outside_dm2 == row.area_dm2 + row.overlap_dm2
        assert row.inside_dm2 + row.outside_dm2 == row.area_dm2
    total = sum(pair.area_dm2 for pair in table.pairs)
    assert abs(total - int(zones.area_dm2.sum())) <= len(table.pairs)


def test_a_wrong_overlay_is_never_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that silently loses land is found by conservation, on every grid."""
    halve = lambda *_args, **_kw: shapely.box(0, 0, 1, 1)  # noqa: E731
    monkeypatch.setattr(overlay.shapely, "difference", halve)
    with pytest.raises(MeasureError) as caught:
        measure_shape("S", plane(shapely.box(WEST + 5, SOUTH, WEST + 20, SOUTH + 20)),
                      Surroundings(PARCELS))
    assert caught.value.message.key == "measure.not_conserved"


def test_self_overlap_tells_sum_union_and_pairs() -> None:
    shapes = [*grid(3, 3), shapely.box(WEST + 25, SOUTH, WEST + 75, SOUTH + 50)]
    found = layer("parcel", shapes)
    clean = self_overlap(PARCELS.shapes, PARCELS.area_dm2)
    told = self_overlap(found.shapes, found.area_dm2)
    assert clean.pairs == ()
    assert clean.sum_dm2 == clean.union_dm2
    assert {pair[:2] for pair in told.pairs} == {(0, 9), (1, 9)}
    assert abs(told.sum_dm2 - told.union_dm2 - int(found.area_dm2[9])) <= 1
    assert np.isclose(sum(pair[2] for pair in told.pairs), found.area_dm2[9], atol=2)
