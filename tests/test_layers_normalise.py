"""Checks, columns, values and the normalised layer; the store; the roles."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import nasty
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from zoning.codes.roles import personal, role, roles
from zoning.errors import LayerError, Problem
from zoning.layers.checks import area_at_risk_dm2
from zoning.layers.model import Normalised, Reading, Source
from zoning.layers.normalise import normalise, unique_ids
from zoning.layers.read import read_layer
from zoning.layers.store import read_store, write_store
from zoning.layers.values import date_of
from zoning.messages import LANGUAGES, say


def reading(frame: gpd.GeoDataFrame) -> Reading:
    return Reading(frame, frame.crs or CRS.from_epsg(4528), None, Source("a.shp", "a", "0" * 64))


def codes(found: Normalised) -> set[str]:
    return {problem.code for problem in found.problems}


def problem(found: Normalised, code: str) -> Problem:
    (own,) = [each for each in found.problems if each.code == code]
    for language in LANGUAGES:
        assert say(own.message, language)
    return own


def survey(**columns: object) -> gpd.GeoDataFrame:
    return nasty.survey_layer(**columns)


# Geometry

@pytest.mark.parametrize(("code", "shape"), [
    (code, shape) for code, shapes in nasty.UNUSABLE.items() for shape in shapes])
def test_unusable_geometry_is_set_aside_with_the_reason(code: str, shape: object) -> None:
    found = normalise(reading(nasty.survey_layer([nasty.square(), shape])), "parcel")
    assert list(found.features["feature_id"]) == ["320623000000000001"]
    assert list(found.quarantined["feature_id"]) == ["320623000000000002"]
    assert list(found.quarantined["reason"]) == [code]
    assert problem(found, code).where == ("320623000000000002",)
    assert codes(found) == {code}


def test_usable_geometry_goes_on() -> None:
    found = normalise(reading(nasty.survey_layer(nasty.USABLE)), "parcel")
    assert len(found.features) == len(nasty.USABLE)
    assert not len(found.quarantined)
    assert found.features.geometry.is_valid.all()


def test_every_feature_is_in_one_of_two_frames() -> None:
    shapes = [*nasty.USABLE, *(s for shapes in nasty.UNUSABLE.values() for s in shapes)]
    found = normalise(reading(nasty.survey_layer(shapes)), "parcel")
    ids = [*found.features["feature_id"], *found.quarantined["feature_id"]]
    assert sorted(ids) == sorted(nasty.survey_layer(shapes)["BSM"])
    assert list(found.features.columns) == [c for c in found.quarantined.columns if c != "reason"]


def test_duplicate_geometry_is_kept_and_counted() -> None:
    turned = shapely.Polygon(nasty.square().exterior.coords[2:-1]
                             + nasty.square().exterior.coords[:3])
    frame = nasty.survey_layer([nasty.square(), turned, nasty.square(5)])
    found = normalise(reading(frame), "parcel")
    assert len(found.features) == 3
    own = problem(found, "GEO006")
    assert (own.count, own.area_dm2) == (1, 1_000_000)


def test_invalid_polygon_names_reason_and_place() -> None:
    found = normalise(reading(nasty.survey_layer([nasty.bow_tie()])), "parcel")
    own = problem(found, "GEO003")
    assert "自相交" in say(own.message, "zh")
    assert "40613005.000, 3575705.000" in say(own.message, "en")
    assert own.area_dm2 == 5_000


def test_area_at_risk_is_the_same_in_degrees_and_feet() -> None:
    plane = gpd.GeoSeries([nasty.square(1000)], crs=4528)
    for code in (4490, 4549):
        moved = plane.to_crs(code)
        area = area_at_risk_dm2(moved.to_numpy(), moved.crs)
        assert abs(area / 1e8 - 1) < 1e-3
    feet = plane.scale(1 / 0.3048006096, 1 / 0.3048006096, origin=(0, 0))
    assert abs(area_at_risk_dm2(feet.to_numpy(), CRS.from_epsg(2263)) / 1e8 - 1) < 1e-4
    assert area_at_risk_dm2(np.array([None], dtype=object), plane.crs) is None


# Parcels

def test_official_parcels_fill_their_columns() -> None:
    frame = survey(KCXS=[0.1195, 0.0, None], GDDB=[7, 0, None], GDPDJB=["2", "", None])
    features = normalise(reading(frame), "parcel").features
    assert list(features.columns) == [
        "feature_id", "name", "declared_dm2", "class_code", "deduct_1e4", "grade_tenths", "slope",
        "owner_kind", "village", "geometry"]
    row = features.iloc[0]
    assert row["declared_dm2"] == 1_000_000
    assert (row["class_code"], row["deduct_1e4"], row["grade_tenths"], row["slope"]) == (
        "0101", 1195, 70, 2)
    assert (row["owner_kind"], row["village"], row["name"]) == ("30", "城东村", "0001")
    assert list(features["deduct_1e4"]) == [1195, 0, 0]
    assert features["grade_tenths"].isna().tolist() == [False, True, True]
    assert features["slope"].isna().tolist() == [False, True, True]
    for column in ("declared_dm2", "deduct_1e4", "grade_tenths", "slope"):
        assert features[column].dtype == "Int64"


def test_names_are_compared_without_case() -> None:
    frame = survey().rename(columns=str.lower)
    assert list(normalise(reading(frame), "parcel").features["class_code"]) == ["0101"] * 3


def test_survey_layer_without_required_columns_names_all_of_them() -> None:
    frame = survey().drop(columns=["BSM", "TBMJ"])
    with pytest.raises(LayerError) as caught:
        normalise(reading(frame), "parcel")
    assert caught.value.message.params["missing"] == ("BSM", "TBMJ")
    mapping = {"TBBH": "feature_id", "QSXZ": "TBMJ"}
    found = normalise(reading(frame), "parcel", mapping=mapping)
    assert list(found.features["feature_id"]) == ["0001", "0002", "0003"]


def foreign() -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame({"PIN": ["a", "b"], "SIZE": [1.5, 2.0]},
                            geometry=[nasty.square(), nasty.square(5)], crs=nasty.GK40)


def test_foreign_parcels_need_a_mapping() -> None:
    with pytest.raises(LayerError) as caught:
        normalise(reading(foreign()), "parcel")
    assert caught.value.message.key == "layers.foreign_layer"
    found = normalise(reading(foreign()), "parcel", mapping={"PIN": "id", "SIZE": "declared_mu"})
    assert list(found.features["feature_id"]) == ["a", "b"]
    assert list(found.features["declared_dm2"]) == [100_000, 133_333]
    assert found.features["class_code"].isna().all()
    assert problem(found, "CLS003").severity == "warning"


@pytest.mark.parametrize(("target", "dm2"), [
    ("declared_m2", 150), ("TBMJ", 150), ("area", 150), ("declared_ha", 1_500_000),
    ("declared_mu", 100_000), ("declared_dm2", 2),
])
def test_the_target_of_a_mapping_names_the_unit(target: str, dm2: int) -> None:
    found = normalise(reading(foreign()), "parcel", mapping={"SIZE": target})
    assert found.features["declared_dm2"].iloc[0] == dm2


@pytest.mark.parametrize(("mapping", "key"), [
    ({"NOPE": "feature_id"}, "layers.no_such_source"),
    ({"PIN": "colour"}, "layers.no_such_target"),
    ({"PIN": "feature_id", "SIZE": "id"}, "layers.mapped_twice"),
])
def test_wrong_mappings_are_refused(mapping: dict[str, str], key: str) -> None:
    with pytest.raises(LayerError) as caught:
        normalise(reading(foreign()), "parcel", mapping=mapping)
    assert caught.value.message.key == key
    assert say(caught.value, "en")


def test_unknown_classes_stay_and_are_counted() -> None:
    found = normalise(reading(survey(DLBM=["0101", "9999", " 08h1 "])), "parcel")
    assert list(found.features["class_code"]) == ["0101", "9999", "08H1"]
    own = problem(found, "CLS001")
    assert own.message.params["codes"] == ("9999 (1)",)
    assert own.area_dm2 == 1_000_000


@pytest.mark.parametrize(("given_codes", "expected", "is_told"), [
    ([101.0, 1001.0, 9.0], ["0101", "1001", "09"], True),
    ([101, 102, 103], ["101", "102", "103"], False),
    ([11.0, 12.0, 1001.0], ["11", "12", "1001"], False),
])
def test_leading_zeros_come_back_only_where_it_is_sure(
    given_codes: list[float], expected: list[str], is_told: bool
) -> None:
    found = normalise(reading(survey(DLBM=given_codes)), "parcel")
    assert list(found.features["class_code"]) == expected
    assert ("CLS004" in codes(found)) is is_told


def test_coefficient_out_of_range_is_taken_as_none() -> None:
    found = normalise(reading(survey(KCXS=[1.0, -0.1, 0.9999])), "parcel")
    assert list(found.features["deduct_1e4"]) == [0, 0, 9999]
    assert problem(found, "ATT001").count == 2
    assert list(found.features["KCXS"]) == [1.0, -0.1, 0.9999]


def test_unreadable_values_are_null_and_their_column_stays() -> None:
    found = normalise(reading(survey(TBMJ=["10,000.005", "约五亩", "-3"])), "parcel")
    assert found.features["declared_dm2"].tolist() == [1_000_001, pd.NA, pd.NA]
    assert list(found.features["TBMJ"]) == ["10,000.005", "约五亩", "-3"]
    assert problem(found, "VAL001").count == 2


def test_ids_stay_text() -> None:
    frame = survey(BSM=["007", "08H1", "1"])
    assert list(normalise(reading(frame), "parcel").features["feature_id"]) == ["007", "08H1", "1"]
    numeric = survey(BSM=[1.0, 2.0, np.nan])
    found = normalise(reading(numeric), "parcel")
    assert list(found.features["feature_id"]) == ["1", "2", "row-3"]
    assert problem(found, "ID001").count == 1


def test_repeated_and_null_ids_become_unique_by_rule() -> None:
    raw = ["X", "X", None, "X#2", "X", None]
    assert unique_ids(raw) == ["X", "X#3", "row-3", "X#2", "X#4", "row-6"]


@given(st.lists(st.one_of(st.none(), st.sampled_from(["X", "X#2", "row-1", "row-2", "Y"]))))
def test_ids_are_unique_and_first_owners_keep_theirs(raw: list[str | None]) -> None:
    found = unique_ids(raw)
    assert len(set(found)) == len(found) == len(raw)
    for identity in set(raw) - {None}:
        assert found[raw.index(identity)] == identity


def test_personal_columns_are_left_out() -> None:
    frame = survey(ZRRMC=["张三"] * 3, LXDH=["13912345678"] * 3, 联系电话=["1"] * 3,
                   XX=["11010519491231002X"] * 3, YY=["13912345678", "13912345679", None],
                   ZZ2=["13912345678", "13912345679", "13700000000"])
    found = normalise(reading(frame), "parcel")
    assert set(found.dropped) == {"ZRRMC", "LXDH", "联系电话", "XX", "ZZ2"}
    assert not set(found.dropped) & set(found.features.columns)
    assert problem(found, "PRV001").count == 5
    assert list(found.features["feature_id"]) == list(frame["BSM"])


def test_other_columns_stay_under_their_names() -> None:
    found = normalise(reading(survey(name=["n"] * 3, SJNF=[2023] * 3, reason=["r"] * 3)), "parcel")
    assert list(found.features["SJNF"]) == [2023] * 3
    assert "reason" not in found.features.columns
    mapped = normalise(reading(survey(name=["n"] * 3)), "parcel", mapping={"TBBH": "name"})
    assert list(mapped.features["name_2"]) == ["n"] * 3


# Other roles

def test_any_role_name_is_a_control_line() -> None:
    found = normalise(reading(foreign()), "flood")
    assert list(found.features["feature_id"]) == ["row-1", "row-2"]
    assert problem(found, "ID002").severity == "note"
    assert list(found.features["PIN"]) == ["a", "b"]


@pytest.mark.parametrize("code", list(roles()))
def test_every_role_gives_its_columns_whatever_the_file_has(code: str) -> None:
    known = role(code)
    mapping = {"PIN": "feature_id"}
    features = normalise(reading(foreign()), code, mapping=mapping).features
    assert [field.column for field in known.fields] == list(features.columns)[:len(known.fields)]
    assert ("converted" in features.columns) is (code == "idle_land")


def test_plan_layers_use_their_own_area_units() -> None:
    shape = [nasty.square()]
    for code, column, value, dm2 in (
        ("pbf", "YJJBNTMJ", 12.34, 1_234), ("ugb", "MJ", 12.345, 1_235),
        ("eco_redline", "QYMJ", 1.5, 150_000_000), ("site", "DKMJ", 0.5, 500_000),
    ):
        frame = gpd.GeoDataFrame({column: [value]}, geometry=shape, crs=nasty.GK40)
        assert normalise(reading(frame), code).features["declared_dm2"].iloc[0] == dm2


def test_growth_boundary_is_named_by_its_zone() -> None:
    frame = gpd.GeoDataFrame({"BSM": ["1"], "GHFQMC": ["城镇集中建设区"]},
                             geometry=[nasty.square()], crs=nasty.GK40)
    assert normalise(reading(frame), "ugb").features["name"].iloc[0] == "城镇集中建设区"


def test_stock_land_kinds_and_approvals() -> None:
    frame = gpd.GeoDataFrame(
        {"CLLX": ["批而未供", "闲置土地", "其他", None],
         "PZWH": ["苏政地〔2020〕1号", "", None, "x"],
         "PZRQ": ["2020年1月5日", "20210203", "坏", None]},
        geometry=[nasty.square(5 + i) for i in range(4)], crs=nasty.GK40)
    found = normalise(reading(frame), "idle_land")
    features = found.features
    assert features["stock_kind"].iloc[:2].tolist() == ["approved_unsupplied", "idle"]
    assert features["stock_kind"].iloc[2:].isna().all()
    assert features["converted"].tolist() == [True, False, False, True]
    assert features["approved_on"].iloc[:2].tolist() == ["2020-01-05", "2021-02-03"]
    assert [each.count for each in found.problems if each.code == "VAL001"] == [1, 1]


def test_project_plots_carry_amounts() -> None:
    frame = gpd.GeoDataFrame(
        {"XMBH": ["P1"], "ND": [2022], "XMZT": ["已核验"], "XZGDMJ": [0.1234], "STMJ": [0.05],
         "LSCN": [1234.5]}, geometry=[nasty.square()], crs=nasty.GK40)
    row = normalise(reading(frame), "offset").features.iloc[0]
    assert (row["project"], row["year"], row["status"]) == ("P1", 2022, "已核验")
    assert (row["farmland_dm2"], row["paddy_dm2"], row["capacity_kg"]) == (123_400, 50_000, 1235)


@pytest.mark.parametrize(("value", "iso"), [
    ("2024-1-5", "2024-01-05"), ("2024/01/05", "2024-01-05"), ("20240105", "2024-01-05"),
    ("2024年1月5日", "2024-01-05"), ("2024-01-05T08:00:00", "2024-01-05"), ("", None), (None, None),
    (pd.Timestamp(2024, 1, 5), "2024-01-05"),
])
def test_dates(value: object, iso: str | None) -> None:
    assert date_of(value) == iso


@pytest.mark.parametrize("value", ["2024-13-01", "明年", "2024", "20241301"])
def test_no_dates(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        date_of(value)


# Laws

@pytest.mark.parametrize("code", list(roles()))
def test_normalising_twice_is_normalising_once(code: str) -> None:
    first = normalise(reading(survey(PZWH=["a", None, "b"], KCXS=[0.1, 0.2, 0])), code)
    again = normalise(reading(first.features), code)
    pd.testing.assert_frame_equal(first.features, again.features)


def test_order_of_features_changes_nothing_but_order() -> None:
    frame = nasty.survey_layer([*nasty.USABLE, nasty.bow_tie()])
    ours = normalise(reading(frame), "parcel").features
    theirs = normalise(reading(frame.iloc[::-1].reset_index(drop=True)), "parcel").features
    pd.testing.assert_frame_equal(
        ours, theirs.sort_values("feature_id").reset_index(drop=True))


def test_reading_is_not_changed() -> None:
    frame = survey()
    before = frame.copy()
    normalise(reading(frame), "parcel", mapping={"TBBH": "name"})
    pd.testing.assert_frame_equal(frame, before)


# Store

def test_store_gives_back_what_was_stored(tmp_path: Path) -> None:
    found = normalise(reading(nasty.survey_layer(
        [*nasty.USABLE, nasty.bow_tie(), None, nasty.not_finite()])), "parcel")
    assert len(found.quarantined) == 3
    for name, frame in (("a", found.features), ("b", found.quarantined)):
        path = tmp_path / f"{name}.parquet"
        meta = {"role": "parcel", "sha256": "00", "mapping": {"源": "feature_id"}}
        write_store(path, frame, meta)
        back, told = read_store(path)
        assert told == meta
        assert back.crs.to_epsg() == 4528
        with np.errstate(invalid="ignore"):
            pd.testing.assert_frame_equal(pd.DataFrame(back.drop(columns="geometry")),
                                          pd.DataFrame(frame.drop(columns="geometry")))
        assert shapely.to_wkb(back.geometry.to_numpy()).tolist() == shapely.to_wkb(
            frame.geometry.to_numpy()).tolist()
        assert list(tmp_path.glob(".*")) == []


def test_store_is_the_same_bytes_and_readable_elsewhere(tmp_path: Path) -> None:
    features = normalise(reading(survey()), "parcel").features
    for name in ("a", "b"):
        write_store(tmp_path / name, features, {"role": "parcel"})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert gpd.read_parquet(tmp_path / "a").crs.to_epsg() == 4528
    assert len(read_layer(tmp_path / "a").features) == 3


def test_store_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    features = normalise(reading(survey()), "parcel").features
    write_store(path, features, {"n": 1})
    with pytest.raises(TypeError):
        write_store(path, features, {"n": object()})
    assert read_store(path)[1] == {"n": 1}
    assert sorted(tmp_path.iterdir()) == [path]


def test_other_files_are_no_store(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    with pytest.raises(LayerError):
        read_store(path)
    survey().to_parquet(path)
    with pytest.raises(LayerError) as caught:
        read_store(path)
    assert caught.value.message.key == "layers.not_a_store"
    path.write_bytes(b"PAR1")
    with pytest.raises(LayerError):
        read_store(path)


# Roles

def test_roles_are_complete() -> None:
    assert list(roles()) == ["parcel", "pbf", "eco_redline", "ugb", "idle_land", "demolition",
                             "new_site", "offset", "planned_use", "site"]
    for known in roles().values():
        assert known.zh
        assert known.en
        assert known.layers
        columns = {field.column for field in known.fields}
        assert {"feature_id", "name", "declared_dm2", *known.required} <= columns
        for field in known.fields:
            assert field.column in field.aliases
            assert set(field.units) <= set(field.aliases)
            assert (field.type == "area") is bool(field.unit)


def test_no_official_column_is_personal() -> None:
    names = {alias for known in roles().values() for field in known.fields
             for alias in field.aliases}
    assert [name for name in names if personal().has(name)] == []


# Real files

def test_vermont_block(realdata: Path) -> None:
    source = read_layer(realdata / "vt_parcels/vt_parcels_block.parquet")
    found = normalise(source, "parcel", mapping={"PARCELNUM": "feature_id"})
    assert len(source.features) == 38_000
    assert len(found.quarantined) == 16
    assert problem(found, "GEO003").count == 16
    assert len(found.features) == 38_000 - 16
    assert problem(found, "GEO006").count == 877
    assert problem(found, "ID001").count > 7_000
    assert found.features["feature_id"].is_unique


def test_planning_layers_of_a_city(realdata: Path) -> None:
    folder = realdata / "dc_planning"
    for name, count, bad in (("future-land-use", 1648, 7), ("overlay-zones", 83, 0)):
        found = normalise(read_layer(folder / f"{name}.geojson"), "zone",
                          mapping={"SHAPEAREA": "declared_m2"})
        assert (len(found.features), len(found.quarantined)) == (count - bad, bad)


def test_declared_areas_of_a_city_sum_to_what_the_publisher_says(realdata: Path) -> None:
    found = normalise(read_layer(realdata / "dc_planning/future-land-use.geojson"), "zone",
                      mapping={"SHAPEAREA": "declared_m2"})
    total = found.features["declared_dm2"].sum() + found.quarantined["declared_dm2"].sum()
    assert abs(total - 16_003_548_613) < 1_648


def test_cadastral_ids_keep_zeros_and_letters(realdata: Path) -> None:
    found = normalise(read_layer(realdata / "fr_cadastre/parcelles.geojson"), "site")
    assert len(found.features) == 1990
    assert "274120000A1225" in set(found.features["feature_id"])


def test_boundary_txt_is_a_site(realdata: Path) -> None:
    found = normalise(read_layer(realdata / "cn_txt/44120000326.txt"), "site")
    row = found.features.iloc[0]
    assert (row["feature_id"], row["name"], row["declared_dm2"]) == ("FID_0", "DKMC", 10_000)
    as_parcel = normalise(read_layer(realdata / "cn_txt/44120000326.txt"), "parcel")
    assert problem(as_parcel, "CLS001").count == 1
