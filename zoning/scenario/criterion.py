"""``[[criterion]]`` of a scenario file: what makes land suitable, as a planner sees and weighs it.

A criterion gives every parcel a score from 0 to 1000; its weight says what a full score is worth in
yuan per m². The site search takes weight × score off the cost of land.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from zoning.scenario.planned import Identifier, Name, Strict

CriterionKind = Literal["near", "apart", "slope", "stock", "inside", "planned_use"]
Metres = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
YuanPerM2 = Annotated[int, Field(ge=0, le=1_000_000, strict=True)]

NEEDS = {"near": "reach_m", "apart": "reach_m", "inside": "layer", "planned_use": "codes"}


class Criterion(Strict):
    """One criterion.

    * `near`: 1000 at the features, falling to 0 at `reach_m` (road and service access);
    * `apart`: 0 at the features, rising to 1000 at `reach_m` (industry away from housing);
    * `slope`: 1000 on level 1 of the survey's slope levels, 0 on level 5; `unknown` without one;
    * `stock`: the part of the parcel that is idle or low-efficiency land;
    * `inside`: the part inside the features of `layer` (a sub-park);
    * `planned_use`: the part whose planned use has one of `codes`.

    The features of `near` and `apart` are those of `layer`, or the parcels of land classes `codes`.
    """

    id: Identifier
    kind: CriterionKind
    weight: YuanPerM2
    name: Name | None = None
    layer: Name | None = None
    codes: tuple[Name, ...] = ()
    reach_m: Metres | None = None
    unknown: Annotated[int, Field(ge=0, le=1000, strict=True)] = 0

    @model_validator(mode="after")
    def _is_complete(self) -> Criterion:
        needed = NEEDS.get(self.kind)
        told = needed is None or getattr(self, needed)
        if not told or (self.kind in ("near", "apart") and not (self.layer or self.codes)):
            raise PydanticCustomError("criterion", "criterion")
        return self


__all__ = ["Criterion", "CriterionKind"]
