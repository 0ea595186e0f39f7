"""Write a county the way a bureau hands one over.

The survey comes as a shapefile in zone-prefixed EPSG:4528 whose text is GBK with nothing that says
so; the control lines as a File GDB; stock land, linkage and offsets as GeoPackages; a project's
land as a boundary TXT. Beside them lie the opening book and the rules of the demo county.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import tomli_w

from zoning.demo.county import County
from zoning.demo.dbf import Field, write_dbf
from zoning.demo.survey import CRS_PREFIXED
from zoning.layers.txt import Plot
from zoning.layers.txt_write import write_txt
from zoning.units import dm2_from_m2, hectares

SURVEY = "DLTB.shp"
LINES = "三线.gdb"
STOCK = "存量土地.gpkg"
LINKAGE = "增减挂钩.gpkg"
OFFSETS = "补充耕地.gpkg"
SITE = "报批_智能装备项目.txt"
BOOK = "opening_book.toml"
RULES = "rules/demo.toml"

LAYERS = (
    ("parcel", SURVEY, None),
    ("pbf", LINES, "YJJBNTBHTB"),
    ("eco_redline", LINES, "STBHHX"),
    ("ugb", LINES, "CZKFBJ"),
    ("idle_land", STOCK, "存量土地"),
    ("demolition", LINKAGE, "拆旧地块"),
    ("new_site", LINKAGE, "建新地块"),
    ("offset", OFFSETS, "补充耕地"),
)
"""Role, file and layer of everything a workspace imports, in that order."""

FIELDS = (
    Field("BSM", "C", 18), Field("YSDM", "C", 10), Field("TBYBH", "C", 18), Field("TBBH", "C", 8),
    Field("DLBM", "C", 5), Field("DLMC", "C", 60), Field("QSXZ", "C", 2), Field("QSDWDM", "C", 19),
    Field("QSDWMC", "C", 60), Field("ZLDWDM", "C", 19), Field("ZLDWMC", "C", 60),
    Field("TBMJ", "N", 18, 2), Field("KCDLBM", "C", 5), Field("KCXS", "N", 6, 4),
    Field("KCMJ", "N", 18, 2), Field("TBDLMJ", "N", 18, 2), Field("GDLX", "C", 2),
    Field("GDPDJB", "C", 2), Field("XZDWKD", "N", 5, 1), Field("TBXHDM", "C", 6),
    Field("TBXHMC", "C", 20), Field("ZZSXDM", "C", 6), Field("ZZSXMC", "C", 20),
    Field("GDDB", "N", 2), Field("FRDBS", "C", 1), Field("CZCSXM", "C", 4), Field("SJNF", "N", 4),
    Field("MSSM", "C", 2), Field("BZ", "C", 254),
)
"""The DLTB columns with their official types and widths."""

_STAMP = "2019-12-31T00:00:00.000Z"
_PRJ = (
    'PROJCS["CGCS2000_3_Degree_GK_Zone_40",GEOGCS["GCS_China_Geodetic_Coordinate_System_2000",'
    'DATUM["D_China_2000",SPHEROID["CGCS2000",6378137.0,298.257222101]],'
    'PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],'
    'PARAMETER["False_Easting",40500000.0],PARAMETER["False_Northing",0.0],'
    'PARAMETER["Central_Meridian",120.0],PARAMETER["Scale_Factor",1.0],'
    'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
)
_BOOK_HEAD = """\
# 演示县指标台账期初数据。全部为虚构,文号均不存在。
# The opening book of the demo county. Everything is invented; no such document exists.

"""


def write_county(county: County, folder: Path) -> None:
    """Write all files of a county into a folder; files of the same names are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    write_survey(county.parcels, folder / SURVEY)
    shutil.rmtree(folder / LINES, ignore_errors=True)
    for name in (STOCK, LINKAGE, OFFSETS):
        (folder / name).unlink(missing_ok=True)
    frames = {
        "pbf": county.pbf, "eco_redline": county.eco_redline, "ugb": county.ugb,
        "idle_land": county.idle_land, "demolition": county.demolition,
        "new_site": county.new_sites, "offset": county.offsets,
    }
    with _fixed_date():
        for role, file, layer in LAYERS[1:]:
            _write_layer(frames[role], folder / file, str(layer))
    (folder / SITE).write_bytes(format_site(county.site))
    (folder / BOOK).write_text(format_book(county), encoding="utf-8")
    (folder / RULES).parent.mkdir(exist_ok=True)
    (folder / RULES).write_text(demo_rules(), encoding="utf-8")


def write_survey(parcels: gpd.GeoDataFrame, path: Path) -> None:
    """Write DLTB as a shapefile in EPSG:4528 with a GBK table and no code-page file."""
    shapes = gpd.GeoDataFrame({"n": pd.Series(0, index=parcels.index, dtype="int32")},
                              geometry=parcels.geometry)
    pyogrio.write_dataframe(shapes, path, driver="ESRI Shapefile", encoding="UTF-8")
    path.with_suffix(".cpg").unlink(missing_ok=True)
    path.with_suffix(".prj").write_text(_PRJ, encoding="ascii")
    write_dbf(path.with_suffix(".dbf"), parcels, FIELDS)


def format_site(site: gpd.GeoDataFrame) -> bytes:
    """The project's land as a boundary TXT of a land-conversion application (报批)."""
    plots = [
        Plot(number=row.DKBH, name=row.DKMC, use=row.DKYT, polygon=row.geometry,
             declared_ha=hectares(dm2_from_m2(Decimal(str(row.MJ)))))
        for row in site.itertuples()
    ]
    return write_txt(plots, zone=40, unit="示范县自然资源和规划局(演示)", made_on="2019-11-20")


def format_book(county: County) -> str:
    """The opening book as TOML, as `zoning.ledger.opening` reads it."""
    return _BOOK_HEAD + tomli_w.dumps({"inflow": [dict(row) for row in county.book]})


def demo_rules() -> str:
    """The rule file of the demo county: what it assumes where the shipped rules are blank."""
    return (files("zoning.demo") / "rules.toml").read_text(encoding="utf-8")


def _write_layer(frame: gpd.GeoDataFrame, path: Path, layer: str) -> None:
    driver = "OpenFileGDB" if path.suffix == ".gdb" else "GPKG"
    plain = frame.copy()
    for name in plain.columns.drop("geometry"):
        if isinstance(plain[name].dtype, pd.CategoricalDtype):
            plain[name] = plain[name].astype("str")
    pyogrio.write_dataframe(
        plain.set_crs(CRS_PREFIXED, allow_override=True), path, layer=layer, driver=driver,
        append=path.exists(), promote_to_multi=driver == "OpenFileGDB",
    )


@contextmanager
def _fixed_date() -> Iterator[None]:
    """Make GDAL write the same time stamp every time."""
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": _STAMP})
    try:
        yield
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})
