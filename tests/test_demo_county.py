"""The demo county: a gapless survey, consistent columns, lines and papers that fit it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from zoning.codes.reader import land_classes
from zoning.demo import County, generate
from zoning.demo.cells import GRID_MM, Cells, Tag, divide, interleave
from zoning.demo.grid import rings
from zoning.demo.shapes import add_spots
from zoning.errors import UsageError
from zoning.units import DM2_PER_HA, dm2_from

CLASSES = land_classes("sd2020").classes
WITH_WIDTH = {"1001", "1002", "1003", "1004", "1006", "1009", "1101", "1107", "1107A"}


@pytest.fixture(scope="module")
def county() -> County:
    return generate(parcels=2500, seed=7)


@pytest.fixture(scope="module")
def default() -> County:
    return generate()


# ── geometry ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("parcels", "seed"), [(2000, 1), (2500, 7), (4000, 3), (6000, 2019)])
def test_parcels_cover_without_gap_or_overlap(parcels: int, seed: int) -> None:
    shapes = generate(parcels=parcels, seed=seed).parcels.geometry.to_numpy()
    assert shapely.is_valid(shapes).all()
    assert shapely.coverage_is_valid(shapes)
    union = shapely.union_all(shapes)
    assert union.area == pytest.approx(shapely.area(shapes).sum(), abs=0.01)
    assert union.geom_type == "Polygon"
    assert not union.interiors


def test_parcel_vertices_lie_on_the_millimetre_grid(county: County) -> None:
    points = shapely.get_coordinates(county.parcels.geometry.to_numpy())
    assert np.array_equal(points, np.round(points, 3))
    assert points[:, 0].min() > 40_500_000
    assert points[:, 0].max() < 40_700_000


def test_parcels_lie_around_the_named_place(default: County) -> None:
    to_degrees = Transformer.from_crs(4528, 4490, always_xy=True)
    middle = shapely.box(*default.parcels.total_bounds).centroid
    lon, lat = to_degrees.transform(middle.x, middle.y)
    assert (lon, lat) == (pytest.approx(121.2, abs=0.05), pytest.approx(32.3, abs=0.05))


def test_parcels_have_plausible_shapes(default: County) -> None:
    frame = default.parcels
    mu = frame["TBMJ"] * 0.0015
    strips = mu[frame["DLBM"].isin(["0101", "0102"])]
    assert strips.quantile([0.02, 0.98]).between(1.5, 45).all()
    assert 10 <= mu[frame["DLBM"] == "0601"].median() <= 150
    assert mu.min() > 0.1
    with_holes = shapely.get_num_interior_rings(frame.geometry.to_numpy()) > 0
    assert with_holes.sum() > 30
    assert shapely.get_num_coordinates(frame.geometry.to_numpy()).max() > 100


def test_default_county_has_about_six_thousand_parcels_and_all_uses(default: County) -> None:
    assert 5500 <= len(default.parcels) <= 6500
    wanted = {"0101", "0102", "0103", "0201", "0301", "0307", "0508", "0601", "0701", "0702",
              "05H1", "08H1", "08H2", "0809", "0810", "1003", "1004", "1006", "1101", "1104",
              "1104A", "1105", "1107", "1107A", "1109", "1201", "1202"}
    assert wanted <= set(default.parcels["DLBM"])


@given(st.integers(0, 2**32 - 1), st.integers(1, 4000))
def test_divide_returns_edges_of_the_whole_stretch_on_the_grid(seed: int, half_metres: int) -> None:
    edges = divide(np.random.default_rng(seed), 0, half_metres * GRID_MM, low=20, high=50)
    assert edges[0] == 0
    assert edges[-1] == half_metres * GRID_MM
    assert (np.diff(edges) > 0).all()
    assert (edges % GRID_MM == 0).all()


@given(st.integers(0, 2**32 - 1), st.integers(100, 3000))
def test_interleave_leaves_nothing_out(seed: int, metres: int) -> None:
    slots, lanes = interleave(np.random.default_rng(seed), 0, metres * 1000, low=40, high=80,
                              between=(("1107", 4.0), ("1006", 3.5)))
    pieces = sorted([*slots, *((lane.start, lane.stop) for lane in lanes)])
    assert pieces[0][0] == 0
    assert pieces[-1][1] == metres * 1000
    assert all(a[1] == b[0] for a, b in pairwise(pieces))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_rings_share_every_vertex_of_a_common_border(seed: int) -> None:
    rng = np.random.default_rng(seed)
    boxes = []
    for v0, v1 in ((0, 40_000), (40_000, 43_000), (43_000, 180_000)):
        edges = divide(rng, 0, 300_000, low=30, high=90)
        boxes += [(a, v0, b, v1) for a, b in pairwise(edges)]
    cut = rings(np.array(boxes, dtype=np.int64), fine=rng.random(len(boxes)) < 0.3)
    shapes = [shapely.Polygon(cut.points[a:b])
              for a, b in pairwise(cut.starts)]
    assert shapely.coverage_is_valid(shapes)
    assert sum(shape.area for shape in shapes) == 300_000 * 180_000
    bent = shapely.transform(shapes, lambda p: p + 900 * np.sin(p[:, ::-1] / 25_000))
    assert shapely.coverage_is_valid(bent)


@given(st.integers(0, 2**32 - 1), st.integers(60, 400), st.integers(160, 400))
def test_ponds_and_graves_stay_clear_of_the_sides_of_their_strip(
    seed: int, width: int, depth: int
) -> None:
    boxes = np.tile(np.array([[0, 0, width * GRID_MM, depth * GRID_MM]]), (60, 1))
    none = np.zeros(60, dtype=np.int64)
    strips = Cells(boxes, none, none + Tag.FIELD, none, none)
    _, spots, owners = add_spots(np.random.default_rng(seed), strips)
    assert len(spots.starts) == len(owners) + 1
    for start, stop in pairwise(spots.starts):
        ring = spots.points[start:stop]
        assert shapely.Polygon(ring).is_valid
        assert (ring.min(axis=0) > 3_000).all()
        assert (ring.max(axis=0) < boxes[0, 2:] - 3_000).all()


# ── the survey's columns (data standard §2.3) ────────────────────────────────────────────────


def test_class_codes_are_known_and_named(county: County) -> None:
    frame = county.parcels
    named = frame.groupby("DLBM", observed=True)["DLMC"].unique()
    assert all(list(names) == [CLASSES[code].zh] for code, names in named.items())


def test_columns_appear_only_where_the_standard_allows(county: County) -> None:
    frame = county.parcels
    farmland = frame["DLBM"].map(lambda code: CLASSES[code].farmland is not None).astype(bool)
    assert set(frame.loc[frame["KCDLBM"].notna(), "KCDLBM"]) == {"1203"}
    for column in ("KCDLBM", "GDPDJB", "GDLX", "GDDB", "TBXHDM"):
        assert frame.loc[~farmland, column].isna().all(), column
    assert frame.loc[farmland, ["GDPDJB", "GDDB", "ZZSXDM"]].notna().all(axis=None)
    assert (frame["GDLX"].notna() == frame["GDPDJB"].isin(["2", "3", "4", "5"])).all()
    assert (frame["XZDWKD"].notna() == frame["DLBM"].isin(WITH_WIDTH)).all()
    built = frame["DLBM"].astype(str).str.fullmatch(r"0[5-9].*|1004|1005|1201")
    assert frame.loc[built, "CZCSXM"].notna().all()
    assert frame["GDDB"].dropna().between(1, 15).all()


def test_codes_have_their_official_lengths_and_are_unique(county: County) -> None:
    frame = county.parcels
    assert frame["BSM"].is_unique
    assert (frame["BSM"].str.len() == 18).all()
    for column in ("QSDWDM", "ZLDWDM"):
        assert (frame[column].astype(str).str.len() == 19).all()
    assert not frame.duplicated(["ZLDWDM", "TBBH"]).any()


def test_area_equals_an_independent_computation(county: County) -> None:
    frame = county.parcels.iloc[::13]
    to_plane = Transformer.from_crs(
        4549, "+proj=cea +lat_ts=0 +lon_0=0 +ellps=GRS80 +units=m", always_xy=True
    )
    for shape, declared in zip(frame.geometry, frame["TBMJ"], strict=True):
        plain = shapely.transform(shapely.segmentize(shape, 70), lambda p: p - (40_000_000, 0))
        area = sum(
            sign * abs(_shoelace(*to_plane.transform(*ring.coords.xy)))
            for sign, ring in ((1, plain.exterior), *((-1, hole) for hole in plain.interiors))
        )
        assert declared == pytest.approx(area, abs=0.0051)


def _shoelace(x: object, y: object) -> float:
    x, y = np.asarray(x) - np.mean(x), np.asarray(y) - np.mean(y)
    return float((x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2)


def test_deduction_and_rest_sum_to_the_area(county: County) -> None:
    frame = county.parcels
    whole, ridge, rest = (np.rint(frame[name] * 100).astype(int)
                          for name in ("TBMJ", "KCMJ", "TBDLMJ"))
    assert (ridge + rest == whole).all()
    share = np.rint(frame["KCXS"] * 10_000).astype(int)
    assert (ridge == (whole * share + 5000) // 10_000).all()
    assert (share > 0).any()


# ── lines and papers ─────────────────────────────────────────────────────────────────────────


def test_lines_relate_to_one_another(default: County) -> None:
    pbf, eco, ugb = (shapely.union_all(layer.geometry.to_numpy())
                     for layer in (default.pbf, default.eco_redline, default.ugb))
    assert shapely.area(pbf & ugb) < 0.01
    assert shapely.area(pbf & eco) < 0.01
    assert shapely.area(eco & ugb) < 0.01
    parcels = default.parcels
    farmland = parcels[parcels["DLBM"].isin(["0101", "0102", "0103"])]
    outside = farmland[~farmland.intersects(ugb.buffer(-1))]
    assert 0.85 <= pbf.area / outside.area.sum() <= 0.90
    assert shapely.area(pbf - shapely.union_all(farmland.geometry.to_numpy())) < 0.01


def test_personal_columns_are_not_made(county: County) -> None:
    columns = {name for layer in (county.parcels, county.pbf, county.idle_land, county.demolition)
               for name in layer.columns}
    assert not columns & {"ZZRR", "ZRRZJHM", "ZRRMC", "LXDH", "JZDZ", "CFZR", "ZMC"}


def test_idle_land_lies_in_its_lot_and_its_papers_fit_its_kind(default: County) -> None:
    idle = default.idle_land
    lots = default.parcels.set_index("BSM").geometry[idle["TBBSM"]]
    inside = shapely.area(shapely.intersection(idle.geometry.to_numpy(), lots.to_numpy()))
    lost = idle.geometry.area.to_numpy() - inside
    assert (abs(lost) < 0.3).all(), "more than a cut on the millimetre grid can lose"
    assert (idle.geometry.area.to_numpy() < 0.9 * lots.area.to_numpy()).any()
    assert set(idle["CLLX"]) == {"批而未供", "供而未用", "闲置土地", "低效用地"}
    assert (idle["PZWH"].notna() == (idle["CLLX"] != "低效用地")).all()
    supplied = idle["CLLX"].isin(["供而未用", "闲置土地"])
    assert (idle["GDRQ"].notna() == supplied).all()
    due_a_year = idle["YDKGRQ"].dropna() <= "2018-12-31"
    assert (due_a_year == (idle.loc[supplied, "CLLX"] == "闲置土地")).all()


def test_yearly_amounts_follow_the_public_figures(default: County) -> None:
    idle, plots = default.idle_land, default.demolition
    revived = idle.loc[idle["CZZT"] == "已盘活", "MJ"].sum() * 0.0015
    accepted = plots.loc[plots["XMZT"] == "已验收", "DKMJ"].sum() * 15
    assert (revived, accepted) == (pytest.approx(400, rel=0.03), pytest.approx(580, rel=0.03))
    assert default.offsets["XZGDMJ"].sum() * 15 == pytest.approx(320, rel=0.03)


@pytest.mark.parametrize("layer", ["demolition", "new_sites", "offsets"])
def test_plots_are_made_of_their_patches(default: County, layer: str) -> None:
    frame = getattr(default, layer)
    patches = default.parcels.set_index("BSM")
    for row in frame.itertuples():
        of = patches.loc[row.TBBSM.split(",")]
        assert shapely.union_all(of.geometry.to_numpy()).equals(row.geometry)
        assert abs(row.DKMJ - of["TBMJ"].sum() / 10_000) < 5.1e-5
        paddy = of.loc[of["DLBM"] == "0101", "TBMJ"].sum() / 10_000
        assert abs(row.STMJ - paddy) < 5.1e-5


def test_book_sums_the_accepted_plots(default: County) -> None:
    for kind, frame, column in (("offset", default.offsets, "XZGDMJ"),
                                ("linkage", default.demolition, "DKMJ")):
        lots = [row for row in default.book if row["kind"] == kind]
        named = {name.split("/")[1] for row in lots for name in row["origin"]}
        made_of = frame[frame["XMZT"].str.startswith("已验收")]
        assert named == set(made_of["DKBH"])
        total = sum(dm2_from(row["amounts"]["area"].removesuffix("ha"), "ha") for row in lots)
        assert total == round(made_of[column].sum() * DM2_PER_HA)


def test_site_follows_no_patch_but_lies_inside_the_boundary(county: County) -> None:
    site = county.site.geometry.iloc[0]
    assert shapely.union_all(county.ugb.geometry.to_numpy()).contains(site)
    touched = county.parcels[county.parcels.intersects(site)]
    assert len(touched) > 3
    assert not any(shape.equals(site) for shape in touched.geometry)


# ── size and seed ────────────────────────────────────────────────────────────────────────────


def test_same_size_and_seed_give_the_same_county(county: County) -> None:
    again = generate(parcels=2500, seed=7)
    for name in ("parcels", "pbf", "eco_redline", "ugb", "idle_land", "demolition", "new_sites",
                 "offsets", "site"):
        first, second = getattr(county, name), getattr(again, name)
        assert first.drop(columns="geometry").equals(second.drop(columns="geometry")), name
        assert shapely.equals_identical(first.geometry.to_numpy(),
                                        second.geometry.to_numpy()).all(), name
    assert county.book == again.book


def test_other_seed_gives_another_county(county: County) -> None:
    other = generate(parcels=2500, seed=8)
    assert other.parcels.total_bounds.tolist() != county.parcels.total_bounds.tolist()


@pytest.mark.parametrize("seed", range(6))
def test_smallest_county_has_every_layer(seed: int) -> None:
    county = generate(parcels=2000, seed=seed)
    for name in ("pbf", "eco_redline", "ugb", "idle_land", "demolition", "new_sites", "offsets"):
        assert len(getattr(county, name)), name
    assert len(county.parcels) == pytest.approx(2000, rel=0.2)


@pytest.mark.parametrize(("parcels", "seed"), [(100, 1), (3_000_000, 1), (2500, -1)])
def test_odd_size_or_seed_is_refused(parcels: int, seed: int) -> None:
    with pytest.raises(UsageError):
        generate(parcels=parcels, seed=seed)
