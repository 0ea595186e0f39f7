"""Width in true metres, and planned use as parts by code."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from pyproj import CRS
from test_measure_site import PARCELS, layer, plane

from zoning.measure.lengths import width_dm
from zoning.measure.plane import to_plane
from zoning.measure.site import Surroundings, measure_parcels, measure_shape


@pytest.mark.parametrize(("crs", "x", "y"), [
    ("EPSG:4549", 613_000, 3_575_000), ("EPSG:4549", 500_000, 2_000_000),
    ("EPSG:4549", 500_000, 5_500_000),
])
@pytest.mark.parametrize(("long", "wide"), [(400, 100), (50, 50), (1000, 12.5)])
def test_width_is_that_on_the_ground(
    crs: str, x: float, y: float, long: float, wide: float
) -> None:
    drawn = np.array([shapely.box(x, y, x + long, y + wide)], dtype=object)
    (carried,) = to_plane(drawn, CRS.from_user_input(crs))
    found = width_dm(carried)
    assert found is not None
    assert found / 10 == pytest.approx(wide, rel=2e-3, abs=0.25)
    assert found / 10 <= wide * 1.0005


def test_nothing_has_no_width() -> None:
    assert width_dm(shapely.Polygon()) is None


def test_planned_use_is_parts_by_code() -> None:
    west, east = shapely.box(0, 0, 60, 100), shapely.box(60, 0, 90, 100)
    planned = layer("planned_use", [west, east, shapely.box(90, 0, 100, 100)],
                    use_code=["1001", "07", None])
    around = Surroundings(PARCELS, planned_use=planned)
    drawn = plane(shapely.box(0, 0, 100, 100))
    facts = measure_shape("S", drawn, around)
    assert facts.planned_use is not None
    shares = {part.code: part.area_dm2 / facts.area_dm2 for part in facts.planned_use}
    assert shares == pytest.approx({"07": 0.3, "1001": 0.6}, abs=1e-3)
    assert "planned_use" in {edition.role for edition in facts.editions}


def test_planned_use_that_is_not_loaded_is_unknown_and_a_width_is_always_known() -> None:
    facts = measure_parcels("S", ["parcel-0"], Surroundings(PARCELS))
    assert facts.planned_use is None
    assert facts.width_dm is not None
    assert facts.road_contact_dm is None


SQUARE = [shapely.box(0, 0, 100, 100), shapely.box(100, 0, 110, 100), shapely.box(110, 0, 200, 100),
          shapely.box(0, 103, 100, 110)]
LAND = layer("parcel", SQUARE, class_code=["0102", "1006", "0103", "1003"])
ROADS = frozenset({"1003", "1004", "1006"})


@pytest.mark.parametrize(("site", "metres"), [
    (shapely.box(0, 0, 100, 100), 102),     # along the whole east side, and round two corners
    (shapely.box(110, 20, 150, 60), 42),
    (shapely.box(0, 0, 99.5, 100), 101),    # a gap that is a difference of drawing
    (shapely.box(0, 0, 97, 100), 0),        # three metres of somebody else's land
    (shapely.box(0, 0, 105, 100), 112),     # half the road is taken, the other half is left
    (shapely.box(0, 0, 110, 100), 0),       # the road itself becomes the site
])
def test_road_contact_is_the_border_along_roads_that_stay(
    site: shapely.Geometry, metres: float
) -> None:
    facts = measure_shape("S", plane(site), Surroundings(LAND, roads=ROADS))
    assert facts.road_contact_dm is not None
    assert facts.road_contact_dm / 10 == pytest.approx(metres, abs=1.2)
    assert (facts.road_contact_dm == 0) == (metres == 0)


def test_road_contact_is_not_known_without_classes_or_roads() -> None:
    drawn = plane(shapely.box(0, 0, 100, 100))
    assert measure_shape("S", drawn, Surroundings(LAND)).road_contact_dm is None
    bare = layer("parcel", SQUARE)
    assert measure_shape("S", drawn, Surroundings(bare, roads=ROADS)).road_contact_dm is None


def test_width_and_contact_of_neighbours_see_no_border_between_them() -> None:
    both = measure_parcels("S", ["parcel-0", "parcel-1"], Surroundings(LAND, roads=frozenset()))
    assert both.width_dm == pytest.approx(1000, abs=5)
