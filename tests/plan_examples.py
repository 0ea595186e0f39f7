"""A small plan's answers, made in code, for the documents and tables."""

from __future__ import annotations

from datetime import date

from report_examples import COUNTY, KINDS, SHA, outcome, said

from zoning.errors import Message
from zoning.measure.facts import LayerEdition
from zoning.rules.shipped import shipped
from zoning.scenario.actions import Done
from zoning.scenario.compare import Change, Difference
from zoning.scenario.conflicts import Conflict
from zoning.scenario.costs import PlanCosts
from zoning.scenario.horizon import Going, Timeline, Wait, Wanted, YearLine
from zoning.scenario.linkage import LinkageArea, LinkageBalance, linkage_balance
from zoning.scenario.offsets import OffsetTest
from zoning.scenario.openings import Opening, Way
from zoning.scenario.outcome import Certainty, MoneyAccount, MoneyLine, Quantity, Status
from zoning.scenario.plan_remedies import PlanRepair, Repair
from zoning.scenario.planned import BuyLot, DropParcels
from zoning.scenario.plans import Plan
from zoning.scenario.remedy import Remedy
from zoning.scenario.sensitivity import Margin, Odds, Sensitivity
from zoning.scenario.yearly import PromiseLine, YearEnd

UNITS = {(kind.code, each.code): each.unit for kind in KINDS.values() for each in kind.components}
STOPPED, REVIVED = outcome().projects
FAILING = tuple(each for each in STOPPED.findings if each.status is Status.FAIL)
DAY, NEXT = date(2019, 6, 30), date(2020, 3, 1)
CONFLICTS = (Conflict(("pbf", "must:P01"), (("P01", FAILING[0]),)),
             Conflict(("due:P02",), ()))


def plan() -> Plan:
    wait = Wait(2019, DAY, "findings", FAILING)
    book = Timeline((
        Going("P01", None, Status.FAIL, STOPPED, (), (wait, Wait(2020, NEXT, "due"))),
        Going("P02", DAY, Status.PASS, REVIVED),
    ), (), ())
    expected = Timeline((
        Going("P01", NEXT, Status.PASS, STOPPED, ("E-1",), (wait,)),
        Going("P02", NEXT, Status.UNDECIDED, REVIVED, (), (Wait(2019, DAY, "start"),)),
    ), (YearLine(2019, "offset", "area", "=county", 0, 500, 0, 100, 0, 400),
        YearLine(2020, "offset", "area", "=county", 400, 0, 70, 70, 300, 100),
        YearLine(2020, "offset", "capacity", "=county", 0, 0, 9, 0, 0, 9)),
        (Wanted(2019, "offset", "area", "dm2", 100, None),
         Wanted(2020, "offset", "area", "dm2", 70, 0)))
    done = Done("B-1", "buy_lot", Status.PASS, said("买入。", "Bought."), NEXT, 120_000)
    return Plan("rudong-2019", "如东县2019年", DAY, COUNTY, (2019, 2020), book, expected, (done,),
                (("E-1", 7000),), (LayerEdition("parcel", "2018", SHA),), SHA, 41,
                PlanCosts({"P01": ACCOUNT}, (("B-1", 120_000), ("B-2", None))), YEAR_ENDS,
                (PromiseLine("C-1", "=旧项目", DAY, UNTOLD),))


TOKEN = "rule:zbph.commit_years@CN@2019-06-30"
UNTOLD = OffsetTest("offset.promise", Status.UNDECIDED, 900, None, missing=(TOKEN,))
YEAR_ENDS = (
    YearEnd(2019, 100, (OffsetTest("offset.year_end", Status.FAIL, 700, 500),
                        OffsetTest("offset.in_out", Status.PASS, 5, 5))),
    YearEnd(2020, None, (OffsetTest("offset.year_end", Status.UNDECIDED, None, None,
                                    missing=("fact:farmland_year:2020",)),)),
)
ACCOUNT = MoneyAccount((
    MoneyLine("farmland_tax", Certainty.BAND, 1_000, 5_000, Quantity(10_000, "dm2"),
              missing=("rule:fee.tax_rate@CN@2019-06-30",)),
    MoneyLine("new_land_fee", Certainty.KNOWN, 2_400, 2_400, Quantity(10_000, "dm2")),
    MoneyLine("reclaim_fee", Certainty.OPEN, None, None, None),
))


def repair() -> PlanRepair:
    _, both, _ = remedies()
    return PlanRepair((Repair("P01", both), Repair("P02", leave_out="=P03"), Repair("P04")),
                      ("P01", "P02"), ("P04",))


def openings() -> tuple[Opening, ...]:
    no, yes = (Way(Message(f"decide.way.{key}"), status, failing, 0) for key, status, failing in (
        ("not_allowed", Status.FAIL, ("line.ugb",)), ("allowed", Status.PASS, ())))
    return (Opening("rule:ugb.outside_allowed_kinds@CN@2019-06-30", ("line.ugb",), (no, yes)),
            Opening("fact:housing_exception", ("boundary.housing",)),
            Opening("rule:ind.far_min@CN@2023-07-01", ("standard.far",), (no,),
                    Quantity(7_000, "1e-4")))


def areas() -> tuple[LinkageBalance, ...]:
    whole = LinkageArea("=21挂", 2021, {"area": 900, "paddy": 5, "capacity": 7}, {"area": 950},
                        issued_on=date(2021, 3, 1), reclaimed_dm2=None,
                        reclaimed_farmland_dm2=800, new_site_dm2=700, new_site_farmland_dm2=801)
    return (linkage_balance(whole, shipped(), on=date(2024, 6, 1), place=COUNTY),)


def remedies() -> tuple[Remedy, ...]:
    drop = DropParcels(id="drop-P01", project="P01", parcels=("A", "=B"))
    buy = BuyLot(id="buy-P01", kind="offset", pool="county", amounts={"area": 5, "capacity": 7})
    return (
        Remedy("drop", (drop,), Quantity(1_000, "dm2"), DAY, said("去掉图斑。", "Drop."), (),
               ("P02",)),
        Remedy("drop+buy", (drop, buy), Quantity(5, "dm2"), DAY, said("合并。", "Both."),
               (said("前提。", "If."),)),
        Remedy("move", (drop,), Quantity(12, "m"), DAY, said("平移。", "Move.")),
    )


def difference() -> Difference:
    return Difference("a", "b", (
        Change("project", "P01", "", "verdict", "fail", "pass"),
        Change("year", "P01", "book", "first_year", None, 2020),
        Change("quota", "", "offset.area", "needed", Quantity(100, "dm2"), Quantity(70, "dm2")),
        Change("parcel", "P01", "=A", "area", Quantity(100, "dm2"), None),
        Change("finding", "P01", "line.pbf", "measured", Quantity(5_000, "1e-4"), None),
        Change("money", "P01", "plan.farmland_tax", "certainty", "band", "known"),
        Change("money", "", "B-1", "cost_yuan", Quantity(1_000, "yuan"), Quantity(1_200, "yuan")),
        Change("money", "", "plan", "open", 3, 2),
    ))


def sensitivity() -> Sensitivity:
    return Sensitivity(
        "a", "方案", (Margin("offset", "area", "dm2", 500, 20, ("P01",), None, ()),
                    Margin("offset", "capacity", "kg", 9, None, (), 4, ("P02",))),
        (Odds("P01", 10, ((2019, 0), (2020, 7)), 3, (("pass", 7), ("undecided", 0), ("fail", 3))),),
        1, 10, 2, (("E-1", 7000),), SHA, 41)
