"""What a finding on a line that land must lie within has to show: the land outside, as a shape."""

from __future__ import annotations

import shapely
from pyproj import CRS

from zoning.layers.crs import CGCS2000
from zoning.measure.flat import flatten
from zoning.measure.lines import outside_shape
from zoning.measure.plane import from_plane
from zoning.measure.shape import one_feature
from zoning.scenario.model import Scenario
from zoning.workspace.desk import Desk


def outside_lines(desk: Desk, scenario: Scenario, project_id: str) -> dict[str, shapely.Geometry]:
    """The land of a project outside each loaded line of relation ``within``, by the line's role.

    In CGCS2000 degrees, to be drawn; lines that the whole site lies within are left out. Each shape
    has the area that the finding of its line measures: raises MeasureError where none can be drawn
    that has.
    """
    (site,) = (each.site for each in scenario.projects if each.id == project_id)
    outline = one_feature(flatten(desk.shapes(site)))
    drawn = {line.role: outside_shape(outline, desk.around.lines[line.role])
             for line in desk.law.rules.lines_at(scenario.place)
             if line.relation == "within" and line.role in desk.around.lines}
    crs = CRS.from_epsg(CGCS2000)
    return {role: from_plane([shape], crs)[0] for role, shape in drawn.items()
            if not shape.is_empty}


__all__ = ["outside_lines"]
