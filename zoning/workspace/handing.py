"""Files handed over: boundary TXT, tables of boundary points. Read back before they appear."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

import numpy as np
import shapely

from zoning.codes.project_kinds import project_kinds
from zoning.errors import LayerError
from zoning.layers.crs import Zone
from zoning.layers.sheets import read_sheets, sheet_plots
from zoning.layers.txt import Plot
from zoning.layers.txt_handing import check_file, hand_over
from zoning.layers.txt_write import ring_rows, rings_of, single_parts
from zoning.messages import Language
from zoning.report.files import table_csv
from zoning.report.layout import words
from zoning.report.names import appear, file_name, inside
from zoning.report.tables import Provenance, Table
from zoning.report.tables.points import BoundaryPoint, PlotPoints, points_table
from zoning.report.xlsx import workbook_bytes
from zoning.units import hectares
from zoning.workspace.sites import ShownSite

MILLIMETRE = Decimal("0.001")


@dataclass(frozen=True)
class Profile:
    """What a receiving system asks of a TXT: dialect, encoding, who made it and when.

    With `each_apart` every site has a file of its own.
    """

    dialect: str = "approval"
    encoding: str = "gbk"
    unit: str = ""
    made_on: str = ""
    each_apart: bool = False


def plots_of(sites: Sequence[ShownSite]) -> tuple[Plot, ...]:
    """Sites as plots; runs of blanks in texts become one, as the format cannot keep them."""
    kinds = project_kinds()
    return tuple(
        Plot(_plain(site.id), _plain(site.name),
             kinds[site.kind].zh if site.kind in kinds else site.kind, site.class_code, "",
             hectares(site.area_dm2), polygon=site.shape)
        for site in sites
    )


def write_boundary_txt(
    sites: Sequence[ShownSite], out: Path, *, zone: Zone, profile: Profile, stem: str = "sites"
) -> tuple[Path, ...]:
    """Write sites as boundary TXT into a folder; returns the files.

    Each is written beside its place, read back and compared, and only then given its name.
    """
    packets = [(f"{s.id} {s.name}", [s]) for s in sites] if profile.each_apart else [(stem, sites)]
    files: list[Path] = []
    for told, some in packets:
        plots = plots_of(some)
        data = hand_over(plots, profile.dialect, zone=zone.number, unit=profile.unit,
                         made_on=profile.made_on, encoding=profile.encoding)
        name = file_name(told, ".txt", taken=[file.name for file in files])
        files.append(appear(inside(out, name), data, check=partial(
            check_file, plots, profile.dialect, zone.number)))
    return tuple(files)


def site_points(site: ShownSite, zone: Zone) -> tuple[PlotPoints, ...]:
    """The boundary points of a site, a plot for each part, as a TXT numbers them."""
    return tuple(_plot_points(part, zone) for plot in plots_of([site])
                 for part in single_parts(plot))


def write_points(
    sites: Sequence[ShownSite], out: Path, form: str, *, zone: Zone, provenance: Provenance,
    language: Language = "zh",
) -> tuple[Path, ...]:
    """A table of boundary points for each site, ``xlsx`` or ``csv``, read back before it appears.

    Returns the files.
    """
    files: list[Path] = []
    for site in sites:
        plots = site_points(site, zone)
        table = points_table(plots, zone=zone.number, width=zone.width)
        name = file_name(f"{site.id} {site.name}", f".{form}", taken=[file.name for file in files])
        path = inside(out, name)
        data = _points_csv(table, language) if form == "csv" else workbook_bytes(
            [table], language=language, provenance=provenance)
        files.append(appear(path, data, check=partial(_check_points, plots, path, f".{form}")))
    return tuple(files)


def _plot_points(plot: Plot, zone: Zone) -> PlotPoints:
    points: list[BoundaryPoint] = []
    for ring, vertices in enumerate(rings_of(plot.polygon), start=1):
        points += _ring_points(ring_rows(vertices, zone.number), ring, len(points) - ring + 2)
    declared = plot.declared_ha or Decimal(0)
    return PlotPoints(plot.number, plot.name, int(declared * 1_000_000), tuple(points))


def _ring_points(rows: Sequence[tuple[str, str]], ring: int, first: int) -> list[BoundaryPoint]:
    """The points of a ring, numbered on from `first`; the last repeats the first."""
    at = [(int(Decimal(north) / MILLIMETRE), int(Decimal(east) / MILLIMETRE))
          for north, east in rows]
    ways = [round(float(np.hypot(b[0] - a[0], b[1] - a[1])))
            for a, b in zip(at, [*at[1:], at[0]], strict=True)]
    points = [BoundaryPoint(f"J{first + i}", ring, north, east, way)
              for i, ((north, east), way) in enumerate(zip(at, ways, strict=True))]
    return [*points, BoundaryPoint(f"J{first}", ring, *at[0])]


def _points_csv(table: Table, language: Language) -> bytes:
    """The table with its notes above the heading: a csv has no other place for its system."""
    notes = "".join(f'"{words(note, language).replace(chr(34), chr(34) * 2)}"\r\n'
                    for note in table.notes[:1])
    return (notes + table_csv(table, language)).encode("utf-8-sig")


def _check_points(plots: Sequence[PlotPoints], path: Path, suffix: str, draft: Path) -> None:
    """Raise LayerError where a sheet of points reads otherwise than it was written."""
    with tempfile.TemporaryDirectory(prefix="zoning-back-") as folder:
        copy = Path(folder) / f"points{suffix}"
        copy.write_bytes(draft.read_bytes())
        sheet = next(each for each in read_sheets(copy) if each.kind == "points")
        found = sheet_plots(sheet, file=path.name).plots
    if len(found) != len(plots):
        raise LayerError("papers.reads_otherwise", file=path.name, what="plots",
                         asked=len(plots), found=len(found))
    for asked, read in zip(plots, found, strict=True):
        shape = _shape(asked)
        away = np.inf if read.polygon is None else shapely.hausdorff_distance(
            shapely.boundary(shape), shapely.boundary(read.polygon))
        if away > 1e-6 or read.number != (asked.number or asked.name):
            raise LayerError("papers.reads_otherwise", file=path.name, what=asked.number,
                             asked=f"{shape.area:.2f} m²", found=f"{away:.4f} m")


def _shape(plot: PlotPoints) -> shapely.Geometry:
    rings: dict[int, list[tuple[float, float]]] = {}
    for point in plot.points:
        rings.setdefault(point.ring, []).append((point.east_mm / 1000, point.north_mm / 1000))
    outer, *holes = rings.values()
    return shapely.Polygon(outer, holes)


def _plain(told: str) -> str:
    return " ".join(told.split())


__all__ = ["Profile", "plots_of", "site_points", "write_boundary_txt", "write_points"]
