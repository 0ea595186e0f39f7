"""Coordinate systems: zones, prefixes, contradictions, and systems that are refused."""

from __future__ import annotations

import numpy as np
import pytest
from nasty import esri_prj
from pyproj import CRS

from zoning.errors import CrsError
from zoning.layers.crs import (
    canonical,
    check_coordinates,
    parse_crs,
    settle_crs,
    zone,
    zone_of,
    zone_prefixes,
)

PREFIXED = np.array([[40_613_024.6, 3_575_751.8]])
PLAIN = np.array([[613_024.6, 3_575_751.8]])
DEGREES = np.array([[121.2, 32.3]])
FAR_EAST_OF_37 = np.array([[38_057_383.0, 3_575_751.8]])


@pytest.mark.parametrize("number", [*range(13, 24), *range(25, 46)])
@pytest.mark.parametrize("prefixed", [True, False])
def test_zone_epsg_is_the_named_system(number: int, prefixed: bool) -> None:
    own = zone(number, prefixed=prefixed)
    expected = f"zone {number}" if prefixed else f"CM {own.central_meridian}E"
    assert own.crs().name.endswith(expected)
    assert ("3-degree" in own.crs().name) == (own.width == 3)
    assert zone_of(own.crs()) == own


@pytest.mark.parametrize("number", [0, 12, 24, 46, 120])
def test_other_numbers_are_no_zones(number: int) -> None:
    with pytest.raises(CrsError):
        zone(number, prefixed=True)


@pytest.mark.parametrize("code", [4528, 4549, 4490, 4499])
def test_esri_definition_is_the_same_system(code: int) -> None:
    esri = CRS.from_wkt(esri_prj(code))
    assert esri != CRS.from_epsg(code)
    assert canonical(esri).to_epsg() == code
    assert canonical(esri) == CRS.from_epsg(code)


@pytest.mark.parametrize(("value", "code"), [
    ("EPSG:4490+5737", 4490), ("EPSG:4528+5737", 4528), ("EPSG:4480", 4490),
    ("+proj=longlat +ellps=WGS84 +towgs84=0,0,0 +type=crs", None),
])
def test_heights_and_bound_transformations_fall_away(value: str, code: int | None) -> None:
    found = canonical(CRS.from_user_input(value))
    assert found.to_epsg() == code
    assert not found.is_compound
    assert not found.is_bound
    assert len(found.axis_info) == 2


def test_crs84_is_4326() -> None:
    assert parse_crs("OGC:CRS84").to_epsg() == 4326


@pytest.mark.parametrize("value", ["4528", 4528, "EPSG:4528", " epsg:4528 ", CRS.from_epsg(4528)])
def test_ways_to_name_a_system(value: object) -> None:
    assert parse_crs(value).to_epsg() == 4528


@pytest.mark.parametrize("value", ["", "999999", "zone forty", -1])
def test_unknown_systems_are_refused(value: object) -> None:
    with pytest.raises(CrsError):
        parse_crs(value)


@pytest.mark.parametrize("code", [4610, 4214, 2384, 2364, 2334, 2349, 2437, 2401, 4555])
def test_xian_and_beijing_are_refused(code: int) -> None:
    for system in (CRS.from_epsg(code), CRS.from_wkt(CRS.from_epsg(code).to_wkt("WKT1_ESRI"))):
        with pytest.raises(CrsError) as caught:
            settle_crs(system, None, PLAIN, file="a.shp")
        assert caught.value.message.key == "layers.old_datum"
    with pytest.raises(CrsError):
        parse_crs(code)


@pytest.mark.parametrize(("code", "centres", "key"), [
    (4549, PREFIXED, "layers.crs_has_prefix"),
    (4528, PLAIN, "layers.crs_no_prefix"),
    (4528, DEGREES, "layers.crs_needs_metres"),
    (3857, DEGREES, "layers.crs_needs_metres"),
    (4490, PLAIN, "layers.crs_needs_degrees"),
    (4490, DEGREES[:, ::-1], "layers.crs_needs_degrees"),
    (4527, PREFIXED, "layers.zone_conflict"),
    (4525, FAR_EAST_OF_37, "layers.zone_conflict"),
    (4528, PREFIXED[:, ::-1], "layers.crs_swapped"),
    (4549, PLAIN[:, ::-1], "layers.crs_swapped"),
    (4528, np.vstack([PREFIXED, FAR_EAST_OF_37]), "layers.zone_conflict"),
])
def test_coordinates_that_cannot_be_are_refused(code: int, centres, key: str) -> None:
    with pytest.raises(CrsError) as caught:
        check_coordinates(CRS.from_epsg(code), centres, file="a.shp")
    assert caught.value.message.key == key


@pytest.mark.parametrize(("code", "centres"), [
    (4528, PREFIXED), (4549, PLAIN), (4490, DEGREES), (4326, DEGREES),
    (4528, np.array([[40_650_703.1, 3_575_751.8]])),
    (4647, np.array([[32_500_000.0, 5_900_000.0]])),
    (4528, np.array([[np.nan, np.nan]])), (4528, np.zeros((0, 2))),
])
def test_coordinates_that_fit_say_nothing(code: int, centres) -> None:
    assert check_coordinates(CRS.from_epsg(code), centres, file="a.shp") == ()


def test_user_may_keep_a_zone_far_from_its_meridian() -> None:
    system, problems = settle_crs(None, "4525", FAR_EAST_OF_37, file="a.shp")
    assert system.to_epsg() == 4525
    assert [problem.code for problem in problems] in ([], ["CRS001"])


def test_features_far_off_are_counted() -> None:
    centres = np.vstack([PREFIXED] * 3 + [np.array([[40_613_024.6, 10.0]])])
    (problem,) = check_coordinates(CRS.from_epsg(4528), centres, file="a.shp")
    assert (problem.code, problem.count) == ("CRS001", 1)


def test_absent_system_is_asked_for_with_a_guess() -> None:
    for centres, guess in ((PREFIXED, "looks_prefixed"), (PLAIN, "looks_unprefixed"),
                           (DEGREES, "looks_degrees"), (PLAIN / 10, "looks_local"),
                           (np.zeros((0, 2)), "looks_empty")):
        with pytest.raises(CrsError) as caught:
            settle_crs(None, None, centres, file="a.shp")
        assert caught.value.message.params["found"].key == f"layers.{guess}"


def test_user_outranks_the_file_and_is_told() -> None:
    system, problems = settle_crs(CRS.from_epsg(2384), "4549", PLAIN, file="a.shp")
    assert system.to_epsg() == 4549
    assert [problem.code for problem in problems] == ["CRS002"]
    assert settle_crs(CRS.from_wkt(esri_prj(4549)), 4549, PLAIN, file="a.shp")[1] == ()


def test_prefixes_are_the_zone_numbers() -> None:
    assert zone_prefixes([40_613_024.6, 39_500_000, 613_024.6]) == (39, 40)
    assert zone_prefixes([]) == ()
