"""What a project says about itself beyond its land: ``[project.design]`` of a scenario file.

Every key is optional; what is not stated is not tested, unless a rule asks for it. Shares are parts
of 1, money is in 万元 (10,000 yuan) as on official forms, lengths are in metres.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from zoning.scenario.planned import Name, Strict

Number = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
Share = Annotated[Decimal, Field(ge=0, le=1, allow_inf_nan=False)]
IndustryCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}$", strict=True)]
ForestKind = Literal["protective", "timber", "other"]


class SeaUse(Strict):
    """Sea taken, in hectares: filled, enclosed, or otherwise used."""

    fill_ha: Number = Decimal(0)
    enclose_ha: Number = Decimal(0)
    other_ha: Number = Decimal(0)


class Design(Strict):
    """What a project intends to build, and on what terms.

    `industry_code` is the two-digit code of GB/T 4754; stating it asks for the standards of
    industrial land. `planned_uses` are the codes of the land-use plan that suit the project;
    stating them asks for plan conformity. `is_park` says that it is part of a new town, zone or
    park. `takes_collective` says whether collective land is to be taken. `demolition_wan` is what
    clearing the site costs.
    """

    industry_code: IndustryCode | None = None
    far: Number | None = None
    coverage: Share | None = None
    office_land_share: Share | None = None
    office_floor_share: Share | None = None
    investment_wan: Number | None = None
    planned_uses: tuple[Name, ...] = ()
    least_width_m: Number | None = None
    road_access: bool = False
    is_park: bool | None = None
    takes_collective: bool | None = None
    forest_kind: ForestKind | None = None
    sea: SeaUse | None = None
    demolition_wan: Number | None = None


NO_DESIGN = Design()

__all__ = ["NO_DESIGN", "Design", "ForestKind", "SeaUse"]
