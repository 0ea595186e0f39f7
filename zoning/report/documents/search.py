"""The document of a site search: sites with their proof, verdicts, the criteria's maps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from zoning.report.documents.values import Json, amount, area, sentence
from zoning.scenario.model import Project, Scenario
from zoning.scenario.outcome import ProjectOutcome
from zoning.siting.model import Closed, Demand, Search, SearchSite


class Judged(Protocol):
    """A site with its checks, as the use case gives it."""

    @property
    def site(self) -> SearchSite: ...
    @property
    def parcel_ids(self) -> tuple[str, ...]: ...
    @property
    def faults(self) -> Mapping[str, tuple[float, float]]: ...
    @property
    def width_dm(self) -> int | None: ...
    @property
    def verdict(self) -> ProjectOutcome: ...


def search_document(
    scenario: Scenario, project: Project, demand: Demand, found: Search, sites: Sequence[Judged], *,
    columns: Sequence[tuple[str, str, str]], available: Sequence[int],
    maps: Mapping[str, Mapping[str, int]], missing: Sequence[str],
) -> Json:
    """Everything a search answered. Costs are yuan as decimal strings, exact to 0.01.

    `columns` name kind, component and unit of each budget; `maps` the score of every parcel by
    criterion.
    """
    return {
        "document": "search",
        "scenario": {"id": scenario.id, "name": scenario.name}, "project": project.id,
        "demand": _demand(demand), "overlap_limit": format(found.overlap, ".4f"),
        "status": found.status.value, "bound_yuan": _yuan(found.bound),
        "seconds": round(found.seconds, 3),
        "budgets": [{"kind": kind, "component": component, "available": amount(limit, unit)}
                    for (kind, component, unit), limit in zip(columns, available, strict=True)],
        "sites": [_site(each, columns) for each in sites],
        "criteria": [{"id": each.id, "kind": each.kind, "weight_yuan_per_m2": each.weight,
                      "scores": [{"parcel": parcel, "score": score}
                                 for parcel, score in maps.get(each.id, {}).items()]}
                     for each in scenario.criteria],
        "missing": list(missing),
    }


def _demand(demand: Demand) -> Json:
    return {"area_min": area(demand.area_min_dm2), "area_max": area(demand.area_max_dm2),
            "outline_yuan_per_m": demand.per_dm // 10, "shape_factor": demand.shape,
            "circle_radius_m": round(demand.radius_m, 2), "road_access": demand.needs_access}


def _site(each: Judged, columns: Sequence[tuple[str, str, str]]) -> Json:
    site = each.site
    return {
        "parcels": list(each.parcel_ids), "area": area(site.area_dm2),
        "perimeter": {"value": site.perimeter_dm, "unit": "dm"},
        "width": amount(each.width_dm, "dm"),
        "value_yuan": _yuan(site.value), "bound_yuan": _yuan(site.bound),
        "gap": format(site.gap, ".6f"), "status": site.status.value,
        "seconds": round(site.seconds, 3),
        "used": [{"kind": kind, "component": component, "amount": amount(used, unit)}
                 for (kind, component, unit), used in zip(columns, site.used, strict=False)],
        "checked": {"passed": not each.faults,
                    "faults": [{"name": name, "found": found, "allowed": allowed}
                               for name, (found, allowed) in each.faults.items()]},
        "verdict": each.verdict.verdict.value,
        "findings": [{"id": finding.id, "status": finding.status.value,
                      "text": sentence(finding.message)} for finding in each.verdict.findings],
        "windows": [{"by": by, "count": count} for by, count in
                    sorted(Counter(line.by for line in site.certificate).items())],
        "certificate": [_closed(line) for line in site.certificate],
    }


def _closed(line: Closed) -> dict[str, Any]:
    return {"west": line.west, "south": line.south, "side": line.side, "by": line.by,
            "bound_yuan": None if line.by == "empty" else _yuan(line.bound), "nodes": line.nodes}


def _yuan(cents: int | None) -> str | None:
    if cents is None:
        return None
    whole, part = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{part:02d}"


__all__ = ["search_document"]
