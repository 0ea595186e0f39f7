"""Every real file: read with the counts and areas its source tells, or refused for its reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from golden import Snapshot

from zoning.errors import ZoningError
from zoning.layers.faults import Subject
from zoning.layers.normalise import normalise
from zoning.layers.read import read_layer

SIDE = (".dbf", ".shx", ".prj", ".cpg", ".qpj", ".sbn", ".sbx", ".xml")
PAPERS = ("SOURCE.md", "README.md", "LICENSE", "LICENSE.txt", "LICENSE_EDLv1.txt")
US_SURVEY_ACRE_M2 = 4046.872609874252


def outcome(path: Path) -> Any:
    """What comes of a file: counts, system, encoding and faults, or why it is refused."""
    try:
        reading = read_layer(path)
    except ZoningError as error:
        return error.message.key.removeprefix("layers.refused_").removeprefix("layers.")
    found = normalise(reading, "flood")
    faults = {problem.code: problem.count for problem in (*reading.problems, *found.problems)
              if problem.code[:3] in ("GEO", "REA", "ENC")}
    return [len(reading.features), reading.crs.to_epsg(), reading.encoding, faults]


def test_what_comes_of_every_real_file(realdata: Path, snapshot: Snapshot) -> None:
    told = {}
    for path in sorted(realdata.rglob("*")):
        is_side = path.suffix in SIDE and path.with_suffix(".shp").exists()
        if path.is_file() and not is_side and path.name not in PAPERS and path.suffix != ".xml":
            told[str(path.relative_to(realdata))] = json.dumps(outcome(path))
    assert len(told) > 150
    snapshot(told)


@pytest.mark.parametrize(("name", "layer", "column", "unit_m2", "epsg", "relative"), [
    ("at_block/inspire_referenzen_2021_polygon.gpkg.zip", None, "BRUTTOFLAECHE_HA", 1e4, None,
     5e-6),
    ("be_vlg/Landbouwgebruikspercelen_2023_-_Definitief_(extractie_28-03-2024)_GPKG.zip", None,
     "GRAF_OPP", 1e4, None, 6e-5),
    ("de_sh/Feldbloecke_2026_GPKG.zip", None, "Flaeche", 1e4, None, 3e-5),
    ("ch/lwb_nutzungsflaechen_v2_0_lv95.gpkg", None, "flaeche_m2", 1, None, 2e-5),
    ("pt/Continente.gpkg", "Culturas_Aveiro", "Shape_Area", 1, None, 1e-9),
    ("es_cat/Cultius_DUN2023_GPKG.zip", None, "ha", 1e4, None, 1e-9),
    ("dk/Marker_2026.zip", None, "IMK_areal", 1e4, None, 5e-3),
    ("us_ca_scm/i15_crop_mapping_2023_provisional_20241127.gdb.zip", None, "ACRES",
     US_SURVEY_ACRE_M2, 3310, 1e-7),
])
def test_areas_are_those_the_publisher_declares(
    realdata: Path, name: str, layer: str | None, column: str, unit_m2: float, epsg: int | None,
    relative: float,
) -> None:
    """The plane area in the publisher's system against the column, median over the features."""
    frame = read_layer(realdata / "fiboa_formats" / name, layer=layer).features
    own = frame.to_crs(epsg) if epsg else frame
    declared = pd.to_numeric(frame[column]).to_numpy(dtype=float) * unit_m2
    off = np.abs(own.geometry.area.to_numpy() - declared) / declared
    assert np.median(off) < relative


def test_the_planning_layers_of_a_city(realdata: Path) -> None:
    folder = realdata / "dc_planning"
    plan = read_layer(folder / "future-land-use.geojson").features
    assert len(plan) == 1648
    assert (~plan.geometry.is_valid).sum() == 7
    assert sum(shapely.get_num_interior_rings(part) for part in
               shapely.get_parts(plan.geometry.to_numpy())) == 109
    assert float(pd.to_numeric(plan["SHAPEAREA"]).sum()) == pytest.approx(160_035_486.13, abs=0.01)
    plane = shapely.make_valid(plan.to_crs(26985).geometry.to_numpy())
    assert shapely.area(plane).sum() == pytest.approx(160_035_486.13, rel=1e-5)
    zones = read_layer(folder / "overlay-zones.geojson").features
    assert (pd.to_numeric(zones["SHAPEAREA"]) == 0).all()
    lots = read_layer(folder / "parcel-lots.geojson").features
    computed, recorded = (pd.to_numeric(lots[name]) for name in
                          ("COMPUTED_AREA_SF", "RECORD_AREA_SF"))
    assert (computed != recorded).any()


def test_a_cadastre_with_ids_that_are_text(realdata: Path) -> None:
    folder = realdata / "fr_cadastre"
    counts = {"parcelles": 1990, "sections": 19, "batiments": 1597, "chemin_com": 15}
    for name, count in counts.items():
        assert len(read_layer(folder / f"{name}.geojson").features) == count
    parcels = read_layer(folder / "parcelles.geojson").features
    assert "274120000A1225" in set(parcels["id"])
    assert shapely.get_num_interior_rings(
        shapely.get_parts(parcels.geometry.to_numpy())).sum() == 27
    plane = parcels.to_crs(2154).geometry.to_numpy()
    left, right = shapely.STRtree(plane).query(plane, predicate="intersects")
    shared = shapely.area(shapely.intersection(plane[left], plane[right]))
    assert ((left < right) & (shared > 1)).sum() == 17


def test_constraints_of_a_county(realdata: Path) -> None:
    folder = realdata / "meck_constraints"
    counts = {"wetlands": 2015, "watersheds": 96, "zipcodes": 34, "historic_districts": 6}
    for name, count in counts.items():
        assert len(read_layer(folder / f"{name}.geojson").features) == count
    found = normalise(read_layer(folder / "watersheds.geojson"), "flood")
    assert len(found.quarantined) == 1


def test_the_volume_case(realdata: Path) -> None:
    """38,000 parcels of thirty towns: faults and areas as the source counted them."""
    reading = read_layer(realdata / "vt_parcels" / "vt_parcels_block.parquet")
    frame: gpd.GeoDataFrame = reading.features
    shapes = frame.geometry.to_numpy()
    assert len(frame) == 38_000
    assert (~shapely.is_valid(shapes)).sum() == 16
    assert len(shapes) - len(set(shapely.to_wkb(shapes))) == 878
    plane = frame.to_crs(32145).geometry.area
    declared = pd.to_numeric(frame["SHAPE_area"])
    assert float(declared.sum()) == pytest.approx(2_612_937_752.39, abs=0.01)
    assert float(np.abs(plane - declared).max()) < 1e-3
    acres = pd.to_numeric(frame["ACRES"])
    known = declared > 1
    ratio = declared[known] / (acres[known] * US_SURVEY_ACRE_M2)
    assert float(np.abs(ratio - 1).median()) < 1e-8
    subject = Subject([str(i) for i in range(len(frame))], shapes, reading.crs)
    assert subject.valid.sum() == 38_000 - 16
    orwell = read_layer(realdata / "vt_parcels" / "vt_parcels_ORWELL.geojson").features
    own = orwell.geometry.to_numpy()
    assert (~shapely.is_valid(own)).sum() == 5
    assert len(own) - len(set(shapely.to_wkb(own))) == 866
