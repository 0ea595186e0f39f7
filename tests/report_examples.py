"""A small county's answer and books, made in code, and generated ones for the laws."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from hypothesis import strategies as st

from zoning.codes.reader import land_classes, quota_kinds
from zoning.errors import Message, Problem, Severity
from zoning.ledger.model import (
    Account,
    Entry,
    Event,
    Hold,
    HoldBalance,
    Lot,
    LotBalance,
    PoolBalance,
    Posting,
    State,
)
from zoning.measure.facts import FeatureHit, LayerEdition, LineHit, SiteFacts
from zoning.report.tables import AreaRow, Provenance
from zoning.report.tables.stock import StockRow
from zoning.rules.pages import RulePage, rule_page
from zoning.rules.shipped import shipped
from zoning.scenario.dated import DatedDifference, dated_difference
from zoning.scenario.idle import Disposal, IdleClock, IdleState
from zoning.scenario.outcome import (
    Certainty,
    Citation,
    ClassLine,
    Finding,
    MoneyAccount,
    MoneyLine,
    NeedLine,
    Outcome,
    PoolLine,
    ProjectOutcome,
    Quantity,
    Status,
)
from zoning.scenario.renewal import Earned
from zoning.scenario.words import missing_grade, missing_layer, missing_rule

KINDS = quota_kinds()
CLASSES = land_classes()
COUNTY = "CN/32/3206/320623"
SHA = "ab" * 32
MISSING = missing_rule("offset.capacity_per_grade", COUNTY, date(2019, 6, 30))

INJECTIONS = (
    "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1+1", "{{7*7}}", "=HYPERLINK(\"x\")",
    "\r=1", "[red]x[/red]", "\x1b[31mred", "'quoted", "_x0041_", "http://example.org", "1e5",
)


def said(zh: str, en: str) -> Message:
    return Message("report.words", {"zh": zh, "en": en})


def balances() -> list[PoolBalance]:
    county, province = (Account(COUNTY, "plan_quota", pool) for pool in ("county", "province"))
    offset = Account(COUNTY, "offset", "county")
    return [
        PoolBalance(offset, "capacity", 900_000, 500_000, 300_000, 100_000, 0),
        PoolBalance(offset, "area", 123_456_789, 100_000_000, 20_000_000, 3_456_789, 0),
        PoolBalance(county, "total", 66_666_667, 50_000_000, 16_666_667, 0, 0),
        PoolBalance(county, "farmland", 10_000_005, 0, 0, 10_000_000, 5),
        PoolBalance(province, "total", 20_000_000, 20_000_000, 0, 0, 0),
    ]


def lots() -> dict[str, Lot]:
    found = [
        Lot("L1", Account(COUNTY, "plan_quota", "county"), 2019, "苏自然资函〔2019〕1号",
            date(2019, 1, 5), expires=date(2019, 12, 31)),
        Lot("L2", Account(COUNTY, "offset", "county"), 2018, "=验收01", None,
            origin=("offset/BG-1", "offset/BG-2"), uses=("industry",), unit_cost_yuan=100),
    ]
    return {lot.lot_id: lot for lot in found}


def entries() -> list[Entry]:
    def entry(number: int, event: Event, *postings: Posting, **more: object) -> Entry:
        recorded = datetime(2019, 3, 1, 8, number, tzinfo=UTC)
        return Entry(number, event, date(2019, 2, number), recorded, postings, **more)

    return [
        entry(1, Event.INFLOW,
              Posting("L1", "total", State.SOURCE, -66_666_667),
              Posting("L1", "total", State.FREE, 66_666_667),
              Posting("L1", "farmland", State.SOURCE, -10_000_005),
              Posting("L1", "farmland", State.FREE, 10_000_005), document="苏自然资函〔2019〕1号"),
        entry(2, Event.INFLOW,
              Posting("L2", "area", State.SOURCE, -500), Posting("L2", "area", State.FREE, 500),
              Posting("L2", "capacity", State.SOURCE, -7), Posting("L2", "capacity", State.FREE, 7),
              official_type="项目入库指标"),
        entry(3, Event.HOLD,
              Posting("L1", "total", State.FREE, -16_666_667),
              Posting("L1", "total", State.HELD, 16_666_667, "H1"), note="P01"),
        entry(4, Event.REVERSE,
              Posting("L1", "total", State.FREE, 16_666_667),
              Posting("L1", "total", State.HELD, -16_666_667, "H1"), reverses=3),
    ]


def inflows(amounts: list[int]) -> tuple[list[Entry], dict[str, Lot]]:
    """A lot for each amount, each of a type of its own."""
    lot = lots()["L1"]
    named = {f"N{at}": replace(lot, lot_id=f"N{at}") for at in range(len(amounts))}
    return [
        Entry(at + 1, Event.INFLOW, date(2019, 1, 1), datetime(2019, 1, 1, tzinfo=UTC),
              (Posting(f"N{at}", "total", State.SOURCE, -amount),
               Posting(f"N{at}", "total", State.FREE, amount)), official_type=f"T{at}")
        for at, amount in enumerate(amounts)
    ], named


def borrowing() -> tuple[list[Entry], dict[str, Lot]]:
    """30 ha borrowed, 10 given back; a second loan was a mistake and is reversed."""
    lot = replace(lots()["L2"], lot_id="B1")
    lines = (Posting("B1", "area", State.SOURCE, -300_000),
             Posting("B1", "area", State.FREE, 300_000))
    held = (Posting("B1", "area", State.FREE, -100_000),
            Posting("B1", "area", State.HELD, 100_000, "H3"))
    used = (Posting("B1", "area", State.HELD, -100_000, "H3"),
            Posting("B1", "area", State.USED, 100_000, "H3"))
    undone = tuple(replace(line, lot_id="B2") for line in lines)
    back = tuple(replace(line, amount=-line.amount) for line in undone)
    told = [(Event.INFLOW, lines, "已借用指标", None), (Event.HOLD, held, "", None),
            (Event.SETTLE, used, "已归还指标", None), (Event.INFLOW, undone, "已借用指标", None),
            (Event.REVERSE, back, "更正冲销", 4)]
    moment = datetime(2019, 3, 1, tzinfo=UTC)
    return [Entry(at, event, date(2019, 3, at), moment, made, reverses=of, official_type=name)
            for at, (event, made, name, of) in enumerate(told, start=1)], {
                "B1": lot, "B2": replace(lot, lot_id="B2")}


def lot_balances() -> list[LotBalance]:
    first, second = lots().values()
    return [
        LotBalance(second, {"area": 500, "capacity": 7}, {}, {}),
        LotBalance(first, {"total": 50_000_000}, {"total": 16_666_667}, {},
                   {"farmland": 10_000_005}),
    ]


def hold_balances() -> list[HoldBalance]:
    hold = Hold("H1", "P01", "rudong-2019", date(2019, 12, 31), "plan_quota")
    return [HoldBalance(hold, {"total": 16_666_667}, {"farmland": 3}, ("L1",))]


def outcome() -> Outcome:
    return Outcome(
        "rudong-2019", "如东县2019年", date(2019, 6, 30), COUNTY, (_stopped(), _revived()),
        (LayerEdition("parcel", "2018", SHA), LayerEdition("pbf", "2017", "cd" * 32)), SHA, 41,
    )


def stock_rows() -> list[StockRow]:
    """A plot on its clock, one that was never supplied, and one of no known kind."""
    clock = IdleClock(IdleState.SUSPECTED, "not_started", date(2019, 3, 1), date(2020, 3, 1),
                      date(2021, 3, 1), date(2020, 3, 31))
    confirmed = replace(clock, state=IdleState.CONFIRMED)
    by_fee = Disposal(("fee",), 200_000)
    agreed = Disposal(("extend", "swap"), None, date(2021, 6, 30), date(2022, 6, 30))
    unsupplied = Earned("CL-2", 2_000_000, None, missing=("fact:approved_on:CL-2",))
    return [StockRow("CL-1", "supplied_unused", 1_000_000, clock, Earned("CL-1", 1_000_000, 0)),
            StockRow("CL-2", "approved_unsupplied", 2_000_000, None, unsupplied),
            StockRow("CL-3", None, 5, None, None),
            StockRow("CL-4", "idle", 7, confirmed, Earned("CL-4", 7, 4), by_fee),
            StockRow("CL-5", "idle", 9, confirmed, Earned("CL-5", 9, 5), agreed),
            StockRow("CL-6", "idle", 9, confirmed, Earned("CL-6", 9, 5),
                     Disposal((), missing=("fact:cause:CL-6",)))]


def rules() -> RulePage:
    """A topic of the shipped rule book on a day."""
    return rule_page(shipped(), on=date(2024, 6, 30), place=COUNTY, topic="pbf")


def priced() -> Outcome:
    """The example outcome with an account: a band, a known item, an open one."""
    lines = (
        MoneyLine("farmland_tax", Certainty.BAND, 1_000, 5_000, Quantity(10_000, "dm2"),
                  missing=("rule:fee.tax_rate@CN@2019-06-30",)),
        MoneyLine("new_land_fee", Certainty.KNOWN, 2_400, 2_400, Quantity(10_000, "dm2")),
        MoneyLine("reclaim_fee", Certainty.OPEN, None, None))
    whole = outcome()
    first, *rest = whole.projects
    return replace(whole, projects=(replace(first, money=MoneyAccount(lines)), *rest),
                   ignored=("E-1",))


def dated() -> DatedDifference:
    """Two days that answer one finding differently and another only once."""
    stopped = _stopped()
    first, *rest = stopped.findings
    later = replace(stopped, findings=(replace(first, status=Status.UNDECIDED), *rest[1:]))
    early = outcome()
    second = replace(early, decision_date=date(2020, 1, 1), projects=(later, early.projects[1]))
    return dated_difference(replace(early, projects=(stopped, early.projects[1])), second)


def _stopped() -> ProjectOutcome:
    hit = LineHit("pbf", 1_000_000, 1_250_000,
                  (FeatureHit("YJ-1", 1_000_000), FeatureHit("YJ-2", 250_000)))
    facts = SiteFacts("P01", 32_000_050, (), 50, 0, (hit, LineHit("eco_redline", 0, 0)))
    cited = Citation("pbf.no_occupation", "CN", date(2020, 1, 1), None, "土地管理法 第三十五条",
                     "text", "Land Administration Law, Art. 35")
    needs = (
        NeedLine("plan_quota", "total", "dm2", 32_000_050, 50_000_000, 0, Status.PASS,
                 (PoolLine("county", 50_000_000, 32_000_050),)),
        NeedLine("offset", "area", "dm2", 30_000_000, 10_000_000, 20_000_000, Status.FAIL,
                 (PoolLine("county", 10_000_000, 10_000_000),)),
        NeedLine("offset", "capacity", "kg", None, 500_000, 0, Status.UNDECIDED),
    )
    findings = (
        Finding("pbf", Status.FAIL, said("占用永久基本农田 1.0000 公顷。", "Takes 1 ha of PBF."),
                Quantity(1_000_000, "dm2"), Quantity(0, "dm2"), 312, (cited,), (), "pbf",
                hit.features),
        Finding("redline", Status.PASS, said("不占生态保护红线。", "No red line."),
                role="eco_redline"),
        Finding("capacity", Status.UNDECIDED, said("缺产能系数。", "Capacity factor missing."),
                missing=(MISSING,)),
        Finding("far", Status.INFO, said("容积率。", "Floor-area ratio."), Quantity(12, "tenths")),
    )
    classes = (ClassLine("0101", "agricultural", 30_000_000, 9375),
               ClassLine(None, None, 2_000_050, 625))
    return ProjectOutcome("P01", "洋口港=化工", "industry", "batch", Status.FAIL, facts, classes,
                          findings, needs, (MISSING,))


def _revived() -> ProjectOutcome:
    facts = SiteFacts("P02", 6_666_667, (), 0, 0, (LineHit("pbf", 0, 0),))
    return ProjectOutcome(
        "P02", "存量盘活", "public", "stock", Status.PASS, facts,
        (ClassLine("0601", "construction", 6_666_667, 10_000, True),),
        (Finding("quota", Status.INFO, said("现状为建设用地，不需新增指标。", "No new quota.")),),
        (),
    )


def area_rows() -> list[AreaRow]:
    return [AreaRow("1", 32_000_050, 32_000_000, "地块一", 32_010_131),
            AreaRow("2", 12_345_550, 12_345_550, plane_dm2=12_349_439)]


@dataclass(frozen=True)
class Pair:
    a_id: str
    b_id: str
    area_dm2: int


@dataclass(frozen=True)
class Left:
    a_id: str
    area_dm2: int
    inside_dm2: int
    outside_dm2: int
    overlap_dm2: int


@dataclass(frozen=True)
class Overlay:
    pairs: tuple[Pair, ...]
    features: tuple[Left, ...]


@dataclass(frozen=True)
class Layer:
    role: str
    edition: str
    source: str
    source_layer: str | None
    sha256: str
    crs: str
    encoding: str | None
    features: int
    area_dm2: int
    quarantined: int
    quarantined_dm2: int | None
    dropped: tuple[str, ...]
    imported: date


@dataclass(frozen=True)
class Workspace:
    name: str
    place: str
    crs: str | None
    land_classes: str
    synthetic: bool
    layer: tuple[Layer, ...]


LAYER = Layer("parcel", "2018", "DLTB.shp", "DLTB", SHA, "EPSG:4528", "GBK", 6000, 123_456, 1, None,
              ("身份证号",), date(2019, 1, 2))
WORKSPACE = Workspace("如东", COUNTY, "EPSG:4528", "sd2020", True, (LAYER,))
PROBLEMS = (
    Problem("GEO003", said("自相交", "self-crossing"), Severity.WARNING, 2, ("7", "=8"), 50),
    Problem("CRS001", said("缺少坐标系", "no reference system")),
)

PAIRS = [Pair("a1", "b1", 700), Pair("a1", "b2", 350), Pair("a2", "b1", 1)]
LEFT = [Left("a1", 1_200, 1_000, 200, 50), Left("a2", 10, 1, 9, 0)]
OVERLAY = Overlay(tuple(PAIRS), tuple(LEFT))

DEMOLITION = [
    {"feature_id": "CJ-1", "name": "拆旧一", "project": "GG01", "year": 2019, "status": "已验收",
     "area_dm2": 5_000_000, "declared_dm2": 5_000_100, "farmland_dm2": 4_800_000,
     "paddy_dm2": 4_000_000, "capacity_kg": 5_000},
    {"feature_id": "CJ-2", "name": "拆旧二", "project": "GG02", "year": 2019, "status": "在建",
     "area_dm2": 1_000_000, "declared_dm2": None, "farmland_dm2": 900_000, "paddy_dm2": 0,
     "capacity_kg": None},
]
NEW_SITES = [
    {"feature_id": "JX-1", "name": "建新一", "project": "GG01", "year": 2019, "status": "批准",
     "area_dm2": 4_500_000, "declared_dm2": 4_500_000, "farmland_dm2": 4_400_000,
     "paddy_dm2": 4_100_000, "capacity_kg": 4_000},
]
IDLE = [
    {"feature_id": "PW-1", "name": "=批而未供", "stock_kind": "approved_unsupplied",
     "approval": "苏政地〔2015〕1号", "approved_on": "2015-03-02", "supplied_on": None,
     "start_due": None, "converted": True, "area_dm2": 6_666_667, "declared_dm2": 6_666_000},
    {"feature_id": "XZ-1", "name": "闲置", "stock_kind": "idle", "approval": None,
     "approved_on": None, "supplied_on": "2012-01-01", "start_due": "2013-01-01",
     "converted": False, "area_dm2": 3_333_333, "declared_dm2": None},
    {"feature_id": "PW-2", "name": "", "stock_kind": "approved_unsupplied", "area_dm2": 1},
]

PROVENANCE = Provenance(
    date(2019, 6, 30), "zoning check scenarios/rudong-2019.toml", COUNTY, date(2019, 6, 30),
    outcome().editions, SHA, 41, synthetic=True,
)

# Generated cases ------------------------------------------------------------------------------

TEXTS = st.one_of(
    st.text("aB亩=+-@*~?&<>{}[]\"'\\/: \n\t\x00\x1b\u202e\ud800", max_size=8),
    st.sampled_from(INJECTIONS),
)
AREAS = st.integers(0, 10**13)
STATUSES = st.sampled_from(Status)
DAYS = st.dates(date(1980, 1, 1), date(2100, 1, 1))
MESSAGES = st.builds(said, TEXTS, TEXTS)
QUANTITIES = st.builds(Quantity, st.integers(-(10**9), 10**13),
                       st.sampled_from(["dm2", "kg", "1e-4", "days"]))
HITS = st.lists(st.builds(FeatureHit, TEXTS, AREAS), max_size=2).map(tuple)
CITATIONS = st.builds(Citation, TEXTS, TEXTS, st.none() | DAYS, st.none() | DAYS, TEXTS, TEXTS,
                      TEXTS)
TOKENS = st.sampled_from([MISSING, missing_layer("ugb"), missing_grade("TB-1")])
FINDINGS = st.builds(
    Finding, TEXTS, STATUSES, MESSAGES, st.none() | QUANTITIES, st.none() | QUANTITIES,
    st.none() | st.integers(0, 10_000), st.lists(CITATIONS, max_size=2).map(tuple),
    st.lists(TOKENS, max_size=2).map(tuple), st.none() | st.sampled_from(["pbf", "wald"]), HITS,
)
COMPONENTS = [(k.code, c.code, c.unit) for k in KINDS.values() for c in k.components]


@st.composite
def needs(draw: st.DrawFn) -> NeedLine:
    kind, component, unit = draw(st.sampled_from(COMPONENTS))
    needed, available = draw(st.none() | AREAS), draw(AREAS)
    short = 0 if needed is None else max(0, needed - available)
    pools = st.lists(st.builds(PoolLine, TEXTS, AREAS, AREAS), max_size=2).map(tuple)
    return NeedLine(kind, component, unit, needed, available, short, draw(STATUSES), draw(pools))


LINES = st.lists(
    st.builds(LineHit, st.sampled_from(["pbf", "ugb", "flood"]), AREAS, AREAS, HITS), max_size=2
).map(tuple)
FACTS = st.builds(SiteFacts, TEXTS, AREAS, st.just(()), AREAS, AREAS, LINES)
CLASS_LINES = st.builds(
    ClassLine, st.sampled_from([None, "0101", "0601", "9999"]),
    st.sampled_from([None, "agricultural", "construction"]), AREAS, st.integers(0, 10_000),
    st.booleans(),
)
PROJECTS = st.builds(
    ProjectOutcome, TEXTS, TEXTS, TEXTS, TEXTS, STATUSES, FACTS,
    st.lists(CLASS_LINES, max_size=3).map(tuple), st.lists(FINDINGS, max_size=3).map(tuple),
    st.lists(needs(), max_size=4).map(tuple), st.lists(TOKENS, max_size=2).map(tuple),
)
OUTCOMES = st.builds(
    Outcome, TEXTS, TEXTS, DAYS, TEXTS, st.lists(PROJECTS, max_size=3).map(tuple),
    st.lists(st.builds(LayerEdition, TEXTS, TEXTS, st.just(SHA)), max_size=2).map(tuple),
    st.sampled_from(["", SHA]), st.integers(0, 10**6),
)


@st.composite
def pool_balances(draw: st.DrawFn) -> PoolBalance:
    kind, component, _ = draw(st.sampled_from(COMPONENTS))
    parts = [draw(AREAS) for _ in range(4)]
    account = Account(draw(TEXTS), kind, draw(TEXTS))
    return PoolBalance(account, component, sum(parts), *parts)


BALANCES = st.lists(pool_balances(), max_size=8,
                    unique_by=lambda b: (b.account, b.component))
