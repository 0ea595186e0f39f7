"""界址点成果表: the boundary points of a site, ring by ring, as they are handed over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoning.errors import Message
from zoning.report.tables.record import Kind, Table, build, column
from zoning.units import hectares


@dataclass(frozen=True)
class BoundaryPoint:
    """One point of a ring; north, east (with zone number) and the way to the next point in mm.

    `side_mm` is None for the closing point, which repeats the first.
    """

    number: str
    ring: int
    north_mm: int
    east_mm: int
    side_mm: int | None = None


@dataclass(frozen=True)
class PlotPoints:
    """A plot with its points."""

    number: str
    name: str
    area_dm2: int
    points: tuple[BoundaryPoint, ...]


def points_table(
    plots: Sequence[PlotPoints], *, zone: int, width: int, owner: str = ""
) -> Table:
    """The points of the plots of one site: 序号, 点号, 圈号, X, Y, 边长, and the plot they are of.

    X is north and Y is east, in metres with three decimals. The closing point of a ring repeats its
    first. The notes state the system, so that the sheet can be read back without asking.
    """
    columns = (
        column("number", "int"), *(column(key, kind, title=Message(f"papers.column.{key}"))
                                   for key, kind in COLUMNS),
    )
    rows = [
        {"plot": plot.number or plot.name, "point": point.number, "ring": point.ring,
         "north": point.north_mm, "east": point.east_mm, "side": point.side_mm}
        for plot in plots for point in plot.points
    ]
    numbered = ({"number": i, **row} for i, row in enumerate(rows, start=1))
    notes = [Message("papers.note.system", {"zone": zone, "width": width})]
    notes += [Message("papers.note.plot", {
        "plot": plot.number, "name": plot.name, "owner": owner or "—",
        "area": hectares(plot.area_dm2)}) for plot in plots]
    return build("points", columns, numbered, title=Message("papers.title.points"),
                 notes=tuple(notes))


COLUMNS: tuple[tuple[str, Kind], ...] = (
    ("plot", "text"), ("point", "text"), ("ring", "int"), ("north", "length"),
    ("east", "length"), ("side", "length"),
)

__all__ = ["BoundaryPoint", "PlotPoints", "points_table"]
