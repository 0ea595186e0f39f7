"""Sites and overlays: parts sum to the whole to 0.01 m², whatever is cut. Method §4–5."""

from __future__ import annotations

from fractions import Fraction

import geopandas
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from zoning.errors import LayerError, MeasureError
from zoning.measure import shape
from zoning.measure.area import statutory_dm2
from zoning.measure.facts import LayerEdition
from zoning.measure.flat import flatten
from zoning.measure.layer import PlaneLayer, plane_layer
from zoning.measure.lines import outside_shape
from zoning.measure.overlap import self_overlap
from zoning.measure.overlay import agreed
from zoning.measure.plane import to_plane
from zoning.measure.shape import drawn_intersection
from zoning.measure.site import Surroundings, measure_parcels, measure_shape, measure_shapes
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


def test_a_wrong_shape_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that silently loses land is found by the area of the edges, on every grid."""
    site, parcel = plane(shapely.box(WEST + 5, SOUTH, WEST + 20, SOUTH + 20)), PARCELS.shapes[0]
    right = drawn_intersection(site, parcel)
    assert right.area == pytest.approx(site.area, abs=1e-6)
    wrong = lambda *_args, **_kw: shapely.box(0, 0, 1, 1)  # noqa: E731
    monkeypatch.setattr(shape.shapely, "intersection", wrong)
    with pytest.raises(MeasureError) as caught:
        drawn_intersection(site, parcel)
    assert caught.value.message.key == "measure.wrong_shape"
    assert caught.value.message.params["drawn"] == "1.0000"


BOUNDARY = layer("ugb", [
    shapely.box(WEST + 50, SOUTH + 50, WEST + 120, SOUTH + 150),
    shapely.box(WEST + 100, SOUTH + 50, WEST + 150, SOUTH + 150).difference(
        shapely.Point(WEST + 130, SOUTH + 100).buffer(12.0)),
])
"""Two features that overlap each other, one with a hole."""


@given(st.lists(st.tuples(coordinate, coordinate), min_size=3, max_size=8))
def test_the_land_shown_outside_a_line_is_the_site_less_what_lies_inside(
    points: list[tuple[float, float]]
) -> None:
    site = shapely.MultiPoint([(WEST + x, SOUTH + y) for x, y in points]).convex_hull
    if site.geom_type != "Polygon" or site.area < 1:
        return
    facts = measure_shape("site", plane(site), Surroundings(PARCELS, lines={"ugb": BOUNDARY}))
    drawn = outside_shape(flatten([plane(site)]), BOUNDARY)
    outside_dm2 = facts.area_dm2 - facts.lines[0].area_dm2
    assert drawn.area * 100 == pytest.approx(outside_dm2, abs=1.01)
    assert drawn.is_valid
    for row in range(2):
        assert shapely.intersection(drawn, BOUNDARY.shape(row), grid_size=1e-6).area < 0.01


@pytest.mark.parametrize(("box", "share"), [
    ((0, 50, 50, 150), 1), ((0, 0, 40, 40), 1), ((60, 60, 110, 110), 0), ((50, 50, 100, 150), 0),
    ((0, 50, 100, 150), Fraction(1, 2)), ((0, 0, 50, 50), 1),
], ids=["touching", "disjoint", "within", "within along the border", "half", "touching a corner"])
def test_the_land_outside_a_line_is_none_some_or_all_of_the_site(
    box: tuple[int, int, int, int], share: Fraction
) -> None:
    west, south, east, north = box
    site = plane(shapely.box(WEST + west, SOUTH + south, WEST + east, SOUTH + north))
    drawn = outside_shape(flatten([site]), BOUNDARY)
    assert drawn.area == pytest.approx(float(share) * site.area, rel=1e-5)
    assert drawn.is_empty == (share == 0)


def test_a_line_without_land_leaves_the_whole_site_outside() -> None:
    site = plane(shapely.box(WEST, SOUTH, WEST + 20, SOUTH + 20))
    assert outside_shape(flatten([site]), layer("ugb", [])).equals(site)


def test_a_wrong_shape_outside_a_line_is_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    site = flatten([plane(shapely.box(WEST, SOUTH + 50, WEST + 100, SOUTH + 150))])
    wrong = lambda *_args, **_kw: shapely.box(0, 0, 1, 1)  # noqa: E731
    monkeypatch.setattr(shape.shapely, "difference", wrong)
    with pytest.raises(MeasureError) as caught:
        outside_shape(site, BOUNDARY)
    assert caught.value.message.key == "measure.wrong_shape"


def test_two_computations_that_differ_are_no_area() -> None:
    with pytest.raises(MeasureError) as caught:
        agreed(np.array([1.0, 2.0]), np.array([1.0, 2.1]))
    assert caught.value.message.key == "measure.two_numbers"


def test_self_overlap_tells_sum_union_and_pairs() -> None:
    shapes = [*grid(3, 3), shapely.box(WEST + 25, SOUTH, WEST + 75, SOUTH + 50)]
    found = layer("parcel", shapes)
    clean = self_overlap(PARCELS)
    told = self_overlap(found)
    assert clean.pairs == ()
    assert clean.sum_dm2 == clean.union_dm2
    assert {pair[:2] for pair in told.pairs} == {(0, 9), (1, 9)}
    assert abs(told.sum_dm2 - told.union_dm2 - int(found.area_dm2[9])) <= 1
    assert np.isclose(sum(pair[2] for pair in told.pairs), found.area_dm2[9], atol=2)


def test_land_in_a_line_is_told_by_class() -> None:
    """The cells of the table class × line sum to the line, with the land no parcel covers."""
    line = layer("pbf", [shapely.box(WEST - 20, SOUTH, WEST + 75, SOUTH + 50)])
    drawn = shapely.box(WEST - 30, SOUTH, WEST + 100, SOUTH + 50)
    facts = measure_shape("S", plane(drawn), Surroundings(PARCELS, None, {"pbf": line}))
    (hit,) = facts.lines
    cells = {(cell.class_code, cell.covered): cell.area_dm2 for cell in hit.classes}
    assert set(cells) == {("0101", True), ("0601", True), (None, False)}
    assert sum(cells.values()) == hit.area_dm2
    for code, metres in (("0101", 50), ("0601", 25), (None, 20)):
        assert cells[code, code is not None] == pytest.approx(metres * 5000, rel=1e-3)


def test_margins_are_signed_metres_to_the_border() -> None:
    """In true metres, though the plane is wider than the land there."""
    lines = {"beside": layer("beside", [shapely.box(WEST + 60, SOUTH, WEST + 90, SOUTH + 50)]),
             "above": layer("above", [shapely.box(WEST, SOUTH + 75, WEST + 50, SOUTH + 99)]),
             "around": layer("around", [shapely.box(WEST - 40, SOUTH - 30, WEST + 90, SOUTH + 80)]),
             "across": layer("across", [shapely.box(WEST + 10, SOUTH, WEST + 90, SOUTH + 50)]),
             "none": layer("none", [shapely.box(WEST + 50, SOUTH, WEST + 90, SOUTH + 50)])}
    facts = measure_parcels("S", ["parcel-0"], Surroundings(PARCELS, None, lines))
    margins = {hit.role: hit.margin_mm for hit in facts.lines}
    assert margins["beside"] == pytest.approx(10_000, rel=2e-3)
    assert margins["above"] == pytest.approx(25_000, rel=2e-3)
    assert margins["around"] == pytest.approx(-30_000, rel=2e-3)
    assert (margins["across"], margins["none"]) == (0, 0)
    plain = measure_parcels("S", ["parcel-0"], Surroundings(PARCELS, None, lines), lengths=False)
    assert {hit.margin_mm for hit in plain.lines} == {None}


def test_pieces_of_a_site_that_overlap_count_once() -> None:
    pieces = [plane(shapely.box(WEST, SOUTH, WEST + 60, SOUTH + 50)),
              plane(shapely.box(WEST + 40, SOUTH, WEST + 100, SOUTH + 50))]
    whole = measure_shape("S", plane(shapely.box(WEST, SOUTH, WEST + 100, SOUTH + 50)),
                          Surroundings(PARCELS))
    assert abs(measure_shapes("S", pieces, Surroundings(PARCELS)).area_dm2 - whole.area_dm2) <= 1


def test_overlaps_too_small_to_name_never_make_more_than_the_whole() -> None:
    """Strips that overlap by a hair each: no pair is told, and nothing is counted twice."""
    strips = layer("zone", [shapely.box(WEST + i, SOUTH, WEST + i + 1.00009, SOUTH + 50)
                            for i in range(50)])
    table = overlay_table(PARCELS, strips)
    assert strips.overlaps.left.size == 0
    assert table.features[0].inside_dm2 == table.features[0].area_dm2
    assert table.features[0].overlap_dm2 == pytest.approx(50 * 0.0045 * 100, abs=3)
    facts = measure_parcels("S", ["parcel-0"], Surroundings(PARCELS, None, {"pbf": strips}))
    assert facts.lines[0].area_dm2 == facts.area_dm2
    cut = measure_shape("S", PARCELS.shapes[0], Surroundings(strips))
    assert cut.uncovered_dm2 == 0
    assert sum(part.area_dm2 for part in cut.parts) == cut.area_dm2 + cut.overlap_dm2
