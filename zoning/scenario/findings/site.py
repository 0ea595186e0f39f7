"""Findings on the site itself: its area, the land it takes, and land whose class is not known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from zoning.errors import Message
from zoning.measure.facts import FeatureHit
from zoning.scenario.findings.case import Case, cite
from zoning.scenario.land import LANDS, Land
from zoning.scenario.outcome import Finding, Quantity, Status
from zoning.scenario.words import area, missing_class
from zoning.units import m2

TOLERANCE = "site.shared_tolerance_dm2"

def site_findings(case: Case) -> tuple[Finding, ...]:
    """Area, land taken, revived stock land, and the gaps of `land_gaps`."""
    found = (_area(case), _land(case), _converted(case), *land_gaps(case))
    return tuple(each for each in found if each is not None)


def land_gaps(case: Case) -> tuple[Finding, ...]:
    """Land of unknown class, land that no parcel covers, land counted twice."""
    found = (_unknown(case), _uncovered(case), _overlap(case), _stock_conflict(case))
    return tuple(each for each in found if each is not None)


def land_named(case: Case) -> Mapping[tuple[str, str], str]:
    """The land that a site takes whole, by layer and feature; drawn sites name none."""
    site = case.project.site
    layer = site.layer or "parcel"
    return dict.fromkeys(((layer, name) for name in (*site.parcels, *site.features)),
                         case.project.id)


def shared_findings(
    case: Case, given: Mapping[tuple[str, str], str], shared_dm2: Mapping[str, int]
) -> tuple[Finding, ...]:
    """A finding where land of the site is given to projects before it; else none.

    `given` is the land given by name, whole parcels and features; `shared_dm2` the area that the
    site has in common with each project before it, however the two are drawn. An area up to the
    county's tolerance (rule ``site.shared_tolerance_dm2``, 0 without one) is told and no more.
    """
    named = {key: given[key] for key in land_named(case) if key in given}
    most_dm2 = max(shared_dm2.values(), default=0)
    if not named and not most_dm2:
        return ()
    rule = case.rule(TOLERANCE)
    limit_dm2 = rule.value if rule and isinstance(rule.value, int) else 0
    fails = most_dm2 > limit_dm2 or bool(named)
    key = "shared" if named and not most_dm2 else "shared_area" if fails else "shared_little"
    told = {"names": _some(tuple(name for _, name in named)), "area": area(most_dm2),
            "projects": sorted({*named.values(), *shared_dm2}), "limit": area(limit_dm2)}
    return (Finding("site.shared", Status.FAIL if fails else Status.INFO,
                    Message(f"scenario.site.{key}", told),
                    Quantity(most_dm2, "dm2") if most_dm2 else None,
                    Quantity(limit_dm2, "dm2") if most_dm2 else None, citations=cite(rule),
                    margin=Quantity(limit_dm2 - most_dm2, "dm2") if most_dm2 else None),)


def _area(case: Case) -> Finding:
    message = Message("scenario.site.area", {"area": area(case.facts.area_dm2)})
    if case.facts.area_dm2 > 0:
        return Finding("site.area", Status.INFO, message, Quantity(case.facts.area_dm2, "dm2"))
    return Finding("site.area", Status.UNDECIDED, Message("scenario.site.empty"),
                   Quantity(0, "dm2"), missing=("site:empty",))


def _land(case: Case) -> Finding:
    taken = [(land, case.taken.area_dm2(land)) for land in LANDS]
    lines = [_land_line(case, land, area_dm2) for land, area_dm2 in taken if area_dm2]
    total = sum(area_dm2 for _, area_dm2 in taken)
    message = (Message("scenario.site.land", {"lands": lines}) if lines
               else Message("scenario.site.no_land"))
    return Finding("site.land", Status.INFO, message, Quantity(total, "dm2"))


def _land_line(case: Case, land: Land, area_dm2: int) -> Message:
    key = "paddy" if land == "farmland" and case.taken.paddy_dm2 else "land_line"
    return Message(f"scenario.site.{key}",
                   {"land": Message(f"scenario.land.{land}"), "area": area(area_dm2),
                    "paddy": area(case.taken.paddy_dm2)})


def _converted(case: Case) -> Finding | None:
    sums: dict[str, int] = defaultdict(int)
    for part in case.facts.parts:
        if part.converted and (part.converted_on is None or part.converted_on <= case.on):
            sums[part.stock_id or part.parcel_id] += part.area_dm2
    total = case.taken.converted_dm2
    if not total:
        return None
    message = Message("scenario.site.converted", {"area": area(total), "names": _some(tuple(sums))})
    return Finding("site.converted", Status.INFO, message, Quantity(total, "dm2"),
                   role="idle_land",
                   features=tuple(FeatureHit(name, each) for name, each in sums.items()))


def _unknown(case: Case) -> Finding | None:
    pieces = case.taken.unknown
    if not pieces:
        return None
    total = sum(piece.area_dm2 for piece in pieces)
    parcels = tuple(dict.fromkeys(piece.parcel_id for piece in pieces))
    codes = tuple(dict.fromkeys(piece.class_code or "—" for piece in pieces))
    message = Message("scenario.site.unknown", {
        "area": area(total), "parcels": _some(parcels), "count": len(parcels),
        "codes": _some(codes),
    })
    return _gap(case, "site.class_unknown", message, total,
                tuple(missing_class(f"parcel={name}") for name in parcels))


def _uncovered(case: Case) -> Finding | None:
    total = case.taken.uncovered_dm2
    if not total:
        return None
    message = Message("scenario.site.uncovered", {"area": area(total)})
    return _gap(case, "site.uncovered", message, total, (missing_class(f"uncovered={m2(total)}"),))


def _overlap(case: Case) -> Finding | None:
    total = case.taken.overlap_dm2
    if not total:
        return None
    message = Message("scenario.site.overlap", {"area": area(total)})
    return _gap(case, "site.overlap", message, total, (missing_class(f"twice={m2(total)}"),))


def _stock_conflict(case: Case) -> Finding | None:
    total = case.facts.stock_conflict_dm2
    if not total:
        return None
    message = Message("scenario.site.stock_conflict", {"area": area(total)})
    return _gap(case, "site.stock_conflict", message, total,
                (missing_class(f"stock={m2(total)}"),))


def _gap(
    case: Case, finding_id: str, message: Message, total_dm2: int, missing: tuple[str, ...]
) -> Finding:
    """Land whose class is not certain: undecided wherever the class of land draws quota."""
    measured = Quantity(total_dm2, "dm2")
    if case.does_class_matter:
        return Finding(finding_id, Status.UNDECIDED, message, measured, missing=missing)
    return Finding(finding_id, Status.INFO, message, measured)


def _some(names: tuple[str, ...]) -> list[str]:
    return [*names[:5], *(["…"] if len(names) > 5 else [])]
