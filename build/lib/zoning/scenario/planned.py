"""What a scenario file plans: inflows expected, actions decided, what is uncertain.

The records of ``[[inflow]]``, ``[[action]]`` and ``[[confusion]]``; `zoning.scenario.model` reads
them. Amounts are written as in the quota book (``12mu``, ``3.5ha``, ``900kg``) and kept as integers
in the unit of their component.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from zoning.codes.reader import QuotaKind, quota_kinds
from zoning.errors import ZoningError
from zoning.ledger.amounts import component_of, read_amount
from zoning.units import AREA_UNITS, dm2_from, round_half_up

Name = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True, strict=True)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[^\s,;:/\\]{1,64}$", strict=True)]
Place = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(/[0-9A-Za-z_-]+)*$", strict=True)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Yuan = Annotated[int, Field(ge=0, strict=True)]


def _area_dm2(value: object) -> object:
    """An area as people write it, ``12mu`` or ``3.5ha``, as dm²; an integer is dm² already."""
    if not isinstance(value, str):
        return value
    text = value.strip().replace("亩", "mu").replace("公顷", "ha")
    unit = next((unit for unit in ("dm2", "m2", "ha", "mu") if text.endswith(unit)), "")
    try:
        return dm2_from(text.removesuffix(unit).strip(), unit) if unit in AREA_UNITS else value
    except ValueError:
        return value


Area = Annotated[int, BeforeValidator(_area_dm2), Field(ge=1, strict=True)]
Land = Annotated[int, BeforeValidator(_area_dm2), Field(ge=0, strict=True)]
LOSSES = ("orchard", "forest", "grass", "other_agricultural", "farm_facility")
"""What farmland is lost to beside construction."""


class Strict(BaseModel):
    """A record that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Amounting(Strict):
    """A record with amounts of one quota kind; `vectors` are the keys that hold such amounts."""

    vectors: ClassVar[tuple[str, ...]] = ("amounts",)
    amounts: dict[str, int] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _read_amounts(cls, row: Any) -> Any:
        if not isinstance(row, Mapping):
            return row
        kind = quota_kinds().get(str(row.get("kind", cls.model_fields["kind"].default)))
        if kind is None:
            raise PydanticCustomError("quota_kind", "quota_kind")
        told = {name: row[name] for name in cls.vectors if isinstance(row.get(name), Mapping)}
        return {**row, **{name: _vector(each, kind) for name, each in told.items()}}


def _vector(amounts: Mapping[str, object], kind: QuotaKind) -> dict[str, object]:
    try:
        return {code: read_amount(told, component_of(kind, code)) if isinstance(told, str) else told
                for code, told in amounts.items()}
    except ZoningError as error:
        raise PydanticCustomError("amount", "amount", {"reason": error.message}) from error


class ExpectedInflow(Amounting):
    """Quota expected to come in: not in the book, and told apart from it.

    `likelihood` is a share from 0 to 1 that somebody states; it is used by the simulation only.
    """

    id: Identifier
    kind: Name
    pool: Name
    effective: date
    place: Place | None = None
    expires: date | None = None
    likelihood: Share = 1.0
    uses: tuple[Name, ...] = ()
    document: str = ""
    unit_cost_yuan: Yuan | None = None


class Deed(Strict):
    """What every action has: when it is decided, how long it takes, how likely it succeeds.

    What it brings is there from `on` (the decision date where absent) plus `lead_days`.
    """

    id: Identifier
    name: str = ""
    on: date | None = None
    lead_days: Annotated[int, Field(ge=0, le=36_500, strict=True)] = 0
    likelihood: Share = 1.0
    cost_yuan: Yuan | None = None

    def ready(self, decision_date: date) -> date:
        """The day from which the action has its effect."""
        return (self.on or decision_date) + timedelta(days=self.lead_days)

    @property
    def projects(self) -> tuple[str, ...]:
        """The projects it names."""
        named = getattr(self, "project", None)
        return () if named is None else (named,)


class ClearIdle(Deed, Amounting):
    """Dispose of idle plots: earns plan quota by the year's coefficients.

    The rules give the total; how much of it is agricultural land and farmland they do not say:
    `amounts` may.
    """

    do: Literal["clear_idle"] = "clear_idle"
    kind: Literal["plan_quota"] = "plan_quota"
    plots: Annotated[tuple[Name, ...], Field(min_length=1)]
    pool: Name


class RunLinkage(Deed, Amounting):
    """Run a linkage project: its reclaimed land becomes linkage quota, to be returned in time."""

    do: Literal["run_linkage"] = "run_linkage"
    kind: Literal["linkage"] = "linkage"
    linkage: Name
    pool: Name


class BuyLot(Deed, Amounting):
    """Buy a lot of quota; `cost_yuan` is its price."""

    do: Literal["buy_lot"] = "buy_lot"
    kind: Name
    pool: Name
    expires: date | None = None
    uses: tuple[Name, ...] = ()


class Condition(Strict):
    """One condition of point supply: what is asked, what is stated, whether it is met.

    `met` absent: nobody has said so, and the project stays undecided.
    """

    name: Name
    asked: str = ""
    stated: str = ""
    met: bool | None = None


class PointSupply(Deed, Amounting):
    """Apply for point supply: quota of the province for one project, on conditions."""

    do: Literal["point_supply"] = "point_supply"
    kind: Literal["point_supply"] = "point_supply"
    project: Identifier
    place: Place = "CN"
    pool: Name = "点供"
    expires: date | None = None
    conditions: tuple[Condition, ...] = ()


class Renew(Deed):
    """Renew a block of old or little-used construction land, and put a project on it."""

    do: Literal["renew"] = "renew"
    plots: Annotated[tuple[Name, ...], Field(min_length=1)]
    project: Identifier | None = None


class StartLater(Deed):
    """Let a project start on a later day."""

    do: Literal["start_later"] = "start_later"
    project: Identifier
    start: date


class StandardFloor(Deed):
    """Rent floor in standard factories instead of building: the site shrinks by `saves`."""

    do: Literal["standard_floor"] = "standard_floor"
    project: Identifier
    saves: Area


class DropParcels(Deed):
    """Leave parcels out of a site that is a set of parcels."""

    do: Literal["drop_parcels"] = "drop_parcels"
    project: Identifier
    parcels: Annotated[tuple[Name, ...], Field(min_length=1)]


class Move(Deed):
    """Move a drawn site by metres east and north in the system it was drawn in."""

    do: Literal["move"] = "move"
    project: Identifier
    east: Annotated[float, Field(allow_inf_nan=False)]
    north: Annotated[float, Field(allow_inf_nan=False)]


Action = Annotated[
    ClearIdle | RunLinkage | BuyLot | PointSupply | Renew | StartLater | StandardFloor
    | DropParcels | Move,
    Field(discriminator="do"),
]


class Confusion(Strict):
    """How wrong the land survey may be: what land mapped as one class truly is, in shares."""

    mapped: Name
    truly: dict[str, Share]

    @model_validator(mode="after")
    def _sum_to_one(self) -> Confusion:
        if sum(map(likelihood_1e4, self.truly.values())) != 10_000:
            raise PydanticCustomError("shares", "shares")
        return self


class FarmlandStatement(Strict):
    """Gains and losses of farmland in a year, apart from what the plan's projects take.

    `gain` is farmland accepted as offset, `construction` what other construction takes,
    `other_losses` what goes to orchards, forest, grass, other agricultural land and farm
    facilities, `other_gains` what is won back from these.
    """

    year: Annotated[int, Field(ge=1949, le=9999, strict=True)]
    gain: Land
    construction: Land
    other_losses: dict[str, Land]
    other_gains: Land = 0


    @field_validator("other_losses")
    @classmethod
    def _known_losses(cls, losses: dict[str, int]) -> dict[str, int]:
        if unknown := [name for name in losses if name not in LOSSES]:
            raise PydanticCustomError("losses", "losses", {"expected": ", ".join(LOSSES),
                                                            "found": unknown[0]})
        return losses


class PromiseStatement(Amounting):
    """Offset promised instead of provided (承诺补充), and what of it has been redeemed."""

    vectors: ClassVar[tuple[str, ...]] = ("amounts", "redeemed")
    id: Identifier
    project: Name
    kind: Literal["offset"] = "offset"
    promised_on: date
    redeemed: dict[str, int] = Field(default_factory=dict)
    due: date | None = None


def likelihood_1e4(share: float) -> int:
    """A share as ten-thousandths."""
    return round_half_up(Fraction(repr(share)) * 10_000)


__all__ = [
    "Action", "BuyLot", "ClearIdle", "Condition", "Confusion", "Deed", "DropParcels",
    "ExpectedInflow", "FarmlandStatement", "Identifier", "Move", "Name", "Place", "PointSupply",
    "PromiseStatement", "Renew", "RunLinkage", "StandardFloor", "StartLater", "Strict",
    "likelihood_1e4",
]
