"""Deadlines, returns, differences, seals of a small county, made in code."""

from __future__ import annotations

from datetime import UTC, date, datetime

from zoning.errors import Message
from zoning.ledger.deadlines import Deadline, IdleClock, Matter
from zoning.ledger.linkage import Loan, Loans
from zoning.ledger.model import Account, Event, Lot
from zoning.ledger.reconcile import Claim, Difference, Reason, Reconciliation
from zoning.ledger.seals import Period
from zoning.ledger.verify import Fault, Verification

ON = date(2027, 2, 1)
LENT = Lot("L000003", Account("CN/32/3206/320623", "linkage", "county"), 2024, "=挂钩〔2024〕3号",
           date(2024, 3, 1))
LOAN = Loan(LENT, date(2024, 3, 1), date(2027, 3, 1),
            {"area": 9_000_000, "paddy": 5, "capacity": 9}, {"area": 1_000_000}, {},
            {"area": 8_000_000, "paddy": 5, "capacity": 9},
            {"area": 3_000_001, "paddy": 5}, ("L000007",))
LOANS = Loans((LOAN,), {"L000009": {"area": 1}})
CLOCKS = (
    IdleClock("idle_land/CL-7", "=智造园", date(2026, 3, 1), date(2027, 3, 1), date(2028, 3, 1),
              6_666_667),
    IdleClock("idle_land/CL-8", "", None, None, None, 1),
)
DUE = (
    Deadline(Matter.HOLD, date(2027, 1, 31), "H000004", "P01", "offset",
             {"area": 5, "capacity": 7}),
    Deadline(Matter.LINKAGE, date(2027, 3, 1), "L000003", "挂钩〔2024〕3号", "linkage",
             {"area": 4_999_999}),
    Deadline(Matter.IDLE, None, "idle_land/CL-8", "", area_dm2=1),
)
INFLOW = Claim("L000001", 1, Event.INFLOW, "offset", {"area": 1001}, ("offset/B-1", "offset/B-9"))
RECONCILED = Reconciliation((INFLOW,), (
    Difference(INFLOW, Reason.NO_POLYGON, ("offset/B-9",)),
    Difference(INFLOW, Reason.AMOUNT, INFLOW.polygons, "area", 1001, 1000),
    Difference(INFLOW, Reason.NOT_STATED, ("offset/B-1",), "capacity", 0),
    Difference(INFLOW, Reason.TWICE, ("offset/B-1",), other=7),
))
PERIOD = Period(1, None, date(2026, 12, 31), 41, datetime(2027, 1, 4, 9, tzinfo=UTC), "年结",
                "ab" * 32, "cd" * 32)
UNSOUND = Verification(40, "ab" * 32, 1, Fault(41, Message("workspace.absent", {"folder": "x"})))
