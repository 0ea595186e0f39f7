"""What the engine answers: findings, needs against availability, verdicts.

Plain records of ids and integers; sentences are messages, said at the door. Amounts are in the unit
they name: ``dm2`` (0.01 m²), ``kg``, ``1e-4`` (a share in ten-thousandths), ``dm`` (a length in
0.1 m) or ``yuan/mu``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from zoning.errors import Message
from zoning.measure.facts import FeatureHit, LayerEdition, SiteFacts


class Status(StrEnum):
    """The result of one finding. INFO states a fact that decides nothing."""

    PASS = "pass"
    FAIL = "fail"
    UNDECIDED = "undecided"
    INFO = "info"


@dataclass(frozen=True)
class Quantity:
    """An integer with its unit."""

    value: int
    unit: str


@dataclass(frozen=True)
class Citation:
    """The rule behind a finding, as the rule book had it at the decision date.

    `source` is the citation in Chinese, `source_en` in English.
    """

    rule_id: str
    place: str
    valid_from: date | None
    valid_to: date | None
    source: str
    confidence: str
    source_en: str = ""


@dataclass(frozen=True)
class Finding:
    """One rule applied to one site.

    `margin` is what there is to spare before the status would change for the worse, negative where
    it is overdrawn, in area or another unit of its own; None where it cannot be told. `distance` is
    the same in length for a control line, negative for how deep the site lies on its wrong side;
    None where it was not measured. `missing` names the parameters for want of which it is
    undecided. `features` are what it hit,
    with areas, so that a map can show them by `role`.
    """

    id: str
    status: Status
    message: Message
    measured: Quantity | None = None
    limit: Quantity | None = None
    share_1e4: int | None = None
    citations: tuple[Citation, ...] = ()
    missing: tuple[str, ...] = ()
    role: str | None = None
    features: tuple[FeatureHit, ...] = ()
    margin: Quantity | None = None
    distance: Quantity | None = None


@dataclass(frozen=True)
class ClassLine:
    """How much land of one class a site takes; `class_code` is None for land of unknown class."""

    class_code: str | None
    kind: str | None
    area_dm2: int
    share_1e4: int
    converted: bool = False


@dataclass(frozen=True)
class PoolLine:
    """What one pool had free for a project when its turn came, and what the project would draw."""

    pool: str
    available: int
    drawn: int


@dataclass(frozen=True)
class LotLine:
    """What a project would draw from one lot of the quota book."""

    lot_id: str
    drawn: int


@dataclass(frozen=True)
class NeedLine:
    """One component of one quota kind: needed, available over all pools it may draw on, short.

    `needed` is None where it cannot be computed; then `status` is UNDECIDED. `lots` are those it
    would draw on, in that order.
    """

    kind: str
    component: str
    unit: str
    needed: int | None
    available: int
    shortfall: int
    status: Status
    pools: tuple[PoolLine, ...] = ()
    lots: tuple[LotLine, ...] = ()


class Certainty(StrEnum):
    """Whether an amount is known, lies in a band, or is open."""

    KNOWN = "known"
    BAND = "band"
    OPEN = "open"


@dataclass(frozen=True)
class MoneyLine:
    """One item of the account: from `low` to `high` yuan, None where open.

    `basis` is what it is counted on, an area for most; `missing` are the tokens it waits for.
    """

    id: str
    certainty: Certainty
    low_yuan: int | None
    high_yuan: int | None
    basis: Quantity | None = None
    citations: tuple[Citation, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> Message:
        """What the item is called."""
        return Message(f"scenario.money.{self.id}")


@dataclass(frozen=True)
class MoneyAccount:
    """All items of a project and their sum; `open` items are not in the sum."""

    lines: tuple[MoneyLine, ...] = ()

    @property
    def low_yuan(self) -> int:
        """The least that the items which are not open come to."""
        return sum(line.low_yuan or 0 for line in self.lines)

    @property
    def high_yuan(self) -> int:
        """The most that the items which are not open come to."""
        return sum(line.high_yuan or 0 for line in self.lines)

    @property
    def open(self) -> tuple[MoneyLine, ...]:
        """The items of which no amount can be told."""
        return tuple(line for line in self.lines if line.certainty is Certainty.OPEN)


@dataclass(frozen=True)
class ProjectOutcome:
    """The verdict on one project and everything it rests on."""

    project_id: str
    name: str
    kind: str
    path: str
    verdict: Status
    facts: SiteFacts
    classes: tuple[ClassLine, ...]
    findings: tuple[Finding, ...]
    needs: tuple[NeedLine, ...]
    missing: tuple[str, ...] = ()
    money: MoneyAccount = MoneyAccount()


@dataclass(frozen=True)
class Outcome:
    """The answer to a scenario, with what it was computed from.

    `ignored` are inflows and actions of the scenario that the answer leaves out of account: it is
    what holds on the book, on the sites as they are written.
    """

    scenario_id: str
    name: str
    decision_date: date
    place: str
    projects: tuple[ProjectOutcome, ...]
    editions: tuple[LayerEdition, ...] = ()
    rules_sha256: str = ""
    ledger_position: int = 0
    ignored: tuple[str, ...] = ()
