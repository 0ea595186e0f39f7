"""What measuring a site yields: ids and integers, no geometry.

Everything after this point (rules, ledger, scenario, reports) sees only these records. Areas are
statutory, in dm² (0.01 m²); see `zoning.units`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Part:
    """The share of one parcel that a site takes.

    `class_code` is None where the parcel carries none. `deduct_1e4` is the field-ridge deduction
    coefficient KCXS in ten-thousandths (ridge 田坎 is agricultural land but not farmland).
    `grade_tenths` is the farmland grade 耕地等别 times ten, None where unset. `stock_id` names the
    idle-land feature that this share lies in; `converted` says that the feature has an approval by
    which its land counts as construction land, from the day `converted_on` (None: not told).
    """

    parcel_id: str
    class_code: str | None
    area_dm2: int
    deduct_1e4: int = 0
    grade_tenths: int | None = None
    stock_id: str | None = None
    converted: bool = False
    converted_on: date | None = None


@dataclass(frozen=True)
class FeatureHit:
    """The area that a site shares with one feature of a layer."""

    feature_id: str
    area_dm2: int


@dataclass(frozen=True)
class ClassInLine:
    """Land of one class inside a control line: a cell of the table class × line.

    `class_code` is None for parcels without one; `covered` is False for land that no parcel covers.
    """

    class_code: str | None
    area_dm2: int
    covered: bool = True


@dataclass(frozen=True)
class LineHit:
    """The area of a site inside one control line.

    `area_dm2` is the land inside (the union of the line's features); `sum_dm2` adds the features
    up. They differ where the line overlaps itself. `faulty` names features of the line that were
    put in quarantine at import and whose extent meets the site: what they cover is not known.

    `classes` divides the land inside by the class of the parcels there. `margin_mm` says how far
    the site keeps from the line's border: positive outside, negative inside, 0 where it crosses or
    touches, None where the line has no land or the margin was not asked for.
    """

    role: str
    area_dm2: int
    sum_dm2: int
    features: tuple[FeatureHit, ...] = ()
    faulty: tuple[str, ...] = ()
    classes: tuple[ClassInLine, ...] = ()
    margin_mm: int | None = None


@dataclass(frozen=True)
class UsePart:
    """The share of a site for which a plan foresees one use; `code` is the plan's own."""

    code: str
    area_dm2: int


@dataclass(frozen=True)
class LayerEdition:
    """A layer that a result was computed from: role, edition and SHA-256 of the source file."""

    role: str
    edition: str
    sha256: str


@dataclass(frozen=True)
class SiteFacts:
    """A site measured against every layer of a workspace.

    The areas of `parts` and `uncovered_dm2` sum to `area_dm2` plus `overlap_dm2` exactly.
    `uncovered_dm2` is land of the site that no parcel covers; `overlap_dm2` is land counted more
    than once because parcels overlap each other there. `stock_conflict_dm2` is land that one
    idle-land feature says is converted and another, overlapping it, says is not. `lines` has one
    record per control line that is loaded, hit or not. Optional facts are None where they were not
    measured: `planned_use` is the land by the use that the plan foresees, `width_dm` the diameter
    of the largest circle inside, `road_contact_dm` the length of the boundary that meets a road,
    both in 0.1 m. `outline` names the outline that was measured, where somebody keeps it.
    """

    site_id: str
    area_dm2: int
    parts: tuple[Part, ...]
    uncovered_dm2: int
    overlap_dm2: int
    lines: tuple[LineHit, ...]
    editions: tuple[LayerEdition, ...] = ()
    stock_conflict_dm2: int = 0
    planned_use: tuple[UsePart, ...] | None = None
    width_dm: int | None = None
    road_contact_dm: int | None = None
    outline: str = ""
