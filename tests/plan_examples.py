"""A small plan's answers, made in code, for the documents and tables."""

from __future__ import annotations

from datetime import date

from report_examples import COUNTY, KINDS, SHA, outcome, said

from zoning.measure.facts import LayerEdition
from zoning.scenario.actions import Done
from zoning.scenario.compare import Change, Difference
from zoning.scenario.conflicts import Conflict
from zoning.scenario.horizon import Going, Timeline, Wait, Wanted, YearLine
from zoning.scenario.outcome import Quantity, Status
from zoning.scenario.planned import BuyLot, DropParcels
from zoning.scenario.plans import Plan
from zoning.scenario.remedy import Remedy
from zoning.scenario.sensitivity import Margin, Odds, Sensitivity

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
                (("E-1", 7000),), (LayerEdition("parcel", "2018", SHA),), SHA, 41)


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
        Change("money", "", "B-1", "cost_yuan", 1_000, 1_200),
    ))


def sensitivity() -> Sensitivity:
    return Sensitivity(
        "a", "方案", (Margin("offset", "area", "dm2", 500, 20, ("P01",), None, ()),
                    Margin("offset", "capacity", "kg", 9, None, (), 4, ("P02",))),
        (Odds("P01", 10, ((2019, 0), (2020, 7)), 3, (("pass", 7), ("undecided", 0), ("fail", 3))),),
        1, 10, 2, (("E-1", 7000),), SHA, 41)
