"""How long deciding takes: 200 projects × 5 years, and one changed site.

``python -m bench.decide [WORKSPACE]``: a workspace of the demo county, by default a new one of
300,000 parcels in a temporary folder. Prints seconds; layers are measured before the clock starts.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from zoning.codes.reader import quota_kinds
from zoning.scenario.model import Project, Scenario, Site
from zoning.scenario.planned import ExpectedInflow
from zoning.workspace import (
    Desk,
    Workspace,
    check_at,
    init_demo,
    open_desk,
    open_workspace,
    plan_at,
)

COMPONENTS = {kind.code: tuple(each.code for each in kind.components)
              for kind in quota_kinds().values() if kind.code in ("plan_quota", "offset")}
PROJECTS, YEARS, PARCELS_EACH = 200, tuple(range(2019, 2024)), 5


@contextmanager
def clock(told: str) -> Iterator[None]:
    start, busy = time.perf_counter(), time.process_time()
    yield
    print(f"{told:<58}{time.perf_counter() - start:8.3f} s"
          f"{time.process_time() - busy:8.3f} s of processor", flush=True)


def scenario_of(desk: Desk, **more: object) -> Scenario:
    """Projects on runs of neighbouring parcels, spread over the county."""
    ids = desk.around.parcels.ids
    step = len(ids) // PROJECTS
    projects = tuple(
        Project(id=f"P{number:03d}", name=f"P{number:03d}", kind="industry", rank=number + 1,
                site=Site(parcels=tuple(ids[number * step:number * step + PARCELS_EACH])))
        for number in range(PROJECTS))
    told = {"id": "bench", "name": "bench", "decision_date": date(2019, 6, 30),
            "place": desk.workspace.config.place, **more}
    return Scenario(projects=projects, **told)


def changed(scenario: Scenario) -> Scenario:
    """The scenario with one parcel dropped from the site of a project in its middle."""
    at = len(scenario.projects) // 2
    project = scenario.projects[at]
    smaller = project.model_copy(update={"site": Site(parcels=project.site.parcels[1:])})
    projects = (*scenario.projects[:at], smaller, *scenario.projects[at + 1:])
    return scenario.model_copy(update={"projects": projects})


def workspace_at(folder: str | None) -> Workspace:
    if folder:
        return open_workspace(Path(folder))
    return init_demo(Path(tempfile.mkdtemp(prefix="zoning-bench-")) / "county", size=300_000)


def main() -> None:
    workspace = workspace_at(sys.argv[1] if len(sys.argv) > 1 else None)
    desk = open_desk(workspace)
    with clock("layers opened and indexed"):
        _ = [layer.grid for layer in (desk.around.parcels, *desk.around.lines.values())]
    scenario = scenario_of(desk)
    with clock(f"{PROJECTS} sites measured"):
        desk.facts(scenario)
    with clock(f"check: {PROJECTS} projects, one day"):
        check_at(desk, scenario)
    with clock("check again, nothing changed"):
        check_at(desk, scenario)
    with clock("check again, one site changed"):
        check_at(desk, changed(scenario))
    years = scenario_of(desk, years=YEARS, inflows=tuple(
        ExpectedInflow(id=f"E{year}-{kind}", kind=kind, pool="bench", effective=date(year, 3, 1),
                       amounts=dict.fromkeys(COMPONENTS[kind], 10**7))
        for year in YEARS[1:] for kind in COMPONENTS))
    with clock(f"plan: {PROJECTS} projects × {len(YEARS)} years, book and expected"):
        plan_at(desk, years)


if __name__ == "__main__":
    main()
