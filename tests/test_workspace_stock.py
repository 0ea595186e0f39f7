"""Stock land of a workspace: every clock of the order on idle land from columns of the layer."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import geopandas
import pytest
from running import zoning
from schemas import require_valid
from shapely.geometry import box

from zoning.workspace import Config, create_workspace, import_layer, open_workspace
from zoning.workspace.stock import share_of, stock_on

AT = date(2021, 6, 1)
BASE = {"CLLX": "闲置土地", "YDKGRQ": "2019-03-01"}
PLOTS: dict[str, dict[str, object]] = {
    "unknown": {"YDKGRQ": None}, "delivered": {"YDKGRQ": None, "JDRQ": "2019-01-01"},
    "normal": {"YDKGRQ": "2021-07-01"}, "near": {"YDKGRQ": "2020-06-02"},
    "suspected": {"YDKGRQ": "2020-06-01"}, "extended": {"YQKGRQ": "2021-01-01"},
    "investigated": {"DCRQ": "2021-05-01"}, "no_cause": {"RDRQ": "2021-05-01"},
    "fee": {"YDKGRQ": "2019-06-02", "RDRQ": "2021-05-01", "XZYY": "企业原因",
            "price_yuan": 1_000_000},
    "no_price": {"YDKGRQ": "2019-06-02", "RDRQ": "2021-05-01", "XZYY": "企业原因"},
    "recover": {"RDRQ": "2021-05-01", "XZYY": "企业原因"},
    "government": {"RDRQ": "2021-05-01", "XZYY": "政府原因", "SFRJG": "是"},
    "outside": {"RDRQ": "2021-05-01", "XZYY": "政府原因", "SFRJG": "否"},
    "stopped": {"KGRQ": "2019-02-01", "TGRQ": "2020-06-01", "TZBL": "24.9%", "SFRJG": "是",
                "RDRQ": "2021-06-01"},
    "share_unknown": {"KGRQ": "2019-02-01", "TGRQ": "2020-06-01", "TZBL": "25%"},
    "enough": {"KGRQ": "2019-02-01", "TGRQ": "2020-06-01", "TZBL": "25%", "KFMJBL": "1/3"},
    "building": {"KGRQ": "2019-02-01"}, "disposed": {"CZRQ": "2021-01-01"},
}
EXPECTED = {
    "unknown": ("undecided", (), ("fact:start_due:unknown",)),
    "delivered": ("suspected", (), ()), "normal": ("normal", (), ()), "near": ("near", (), ()),
    "suspected": ("suspected", (), ()), "extended": ("near", (), ()),
    "investigated": ("under_investigation", (), ()),
    "no_cause": ("confirmed", (), ("fact:cause:no_cause",)),
    "fee": ("confirmed", ("fee",), ()),
    "no_price": ("confirmed", ("fee",), ("fact:price:no_price",)),
    "recover": ("confirmed", ("recover",), ()),
    "government": ("confirmed", ("extend", "change_use", "temporary_use", "paid_recovery", "swap",
                                 "local_other"), ()),
    "outside": ("confirmed", (), ("fact:monitored:outside",)),
    "stopped": ("confirmed", ("extend", "change_use", "temporary_use", "paid_recovery", "swap",
                              "local_other"), ()),
    "share_unknown": ("undecided", (), ("fact:built:share_unknown",)),
    "enough": ("normal", (), ()), "building": ("normal", (), ()), "disposed": ("disposed", (), ()),
}


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("stock")
    rows = [{"DKBH": name, **BASE, **more} for name, more in PLOTS.items()]
    columns = sorted({key for row in rows for key in row})
    shapes = [box(40_519_000 + 20 * i, 3_575_000, 40_519_010 + 20 * i, 3_575_010)
              for i in range(len(rows))]
    frame = geopandas.GeoDataFrame(
        {column: [row.get(column) for row in rows] for column in columns}, geometry=shapes,
        crs="EPSG:4528")
    frame.to_file(root / "stock.gpkg")
    space = create_workspace(root / "w", Config(place="CN/32/3206/320623"))
    import_layer(space, root / "stock.gpkg", "idle_land")
    return root / "w"


@pytest.mark.parametrize("name", PLOTS)
def test_state_and_lawful_ways_by_article(county: Path, name: str) -> None:
    row = {each.plot_id: each for each in stock_on(open_workspace(county), AT)}[name]
    assert row.clock is not None
    assert row.disposal is not None
    missing = tuple(token for token in row.missing if not token.startswith("rule:plan.earn"))
    assert (row.clock.state.value, row.disposal.ways, missing) == EXPECTED[name]


def test_fee_and_days_are_told_in_the_document(county: Path) -> None:
    answer = zoning("idle", "--at", AT.isoformat(), "-w", county, "--json")
    require_valid(answer)
    plots = {each["feature_id"]: each for each in answer["plots"]}
    assert plots["fee"]["fee_yuan"] == 200_000
    assert plots["investigated"]["answer_by"] == "2021-05-31"
    assert plots["government"]["latest_start"] == "2022-06-01"
    assert plots["government"]["temporary_until"] == "2023-06-01"
    assert plots["stopped"]["definition"] == "stopped"


@pytest.mark.parametrize(("told", "share"), [
    ("0.25", Fraction(1, 4)), ("25%", Fraction(1, 4)), ("25％", Fraction(1, 4)),
    ("1/3", Fraction(1, 3)), ("0", Fraction(0)), ("1", Fraction(1)), (None, None), ("", None),
    ("250", None), ("-0.1", None), ("三成", None), ("1/0", None),
])
def test_share_as_people_write_it(told: str | None, share: Fraction | None) -> None:
    assert share_of(told) == share
