"""Layers of a workspace: import, read back, measure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow.parquet as pq
import shapely
from pyproj import CRS

from zoning.errors import CrsError, LayerError, Problem, UsageError
from zoning.layers.crs import parse_crs
from zoning.layers.model import GEOMETRY, Normalised, Reading
from zoning.layers.normalise import normalise
from zoning.layers.read import read_layer
from zoning.layers.store import read_store, write_store
from zoning.measure.area import plane_dm2, rounded_dm2
from zoning.measure.declared import declared_problems
from zoning.measure.facts import LayerEdition
from zoning.measure.flat import Flat, flatten
from zoning.measure.layer import PlaneLayer, extents, layer_of
from zoning.measure.overlap import overlap_problems
from zoning.measure.plane import Geometries, to_plane
from zoning.measure.store import drop_store, load_flat, save_flat, store_folder, store_key
from zoning.workspace.archive import is_kept
from zoning.workspace.config import Config, LayerRecord
from zoning.workspace.folder import LAYERS, Workspace, changing, save
from zoning.workspace.mappings import remember_mapping, settled_mapping
from zoning.workspace.problems import read_problems, write_problems
from zoning.workspace.topology import topology_of

ROLE = re.compile(r"[a-z][a-z0-9_]{0,59}")
LONGEST_NAME = 60
QUARANTINE_CODES = ("GEO001", "GEO002", "GEO003", "GEO004", "GEO005")


@dataclass(frozen=True)
class ImportResult:
    """What an import did: the edition stored, the faults found, and the features set aside."""

    record: LayerRecord
    problems: tuple[Problem, ...]
    left_out: tuple[tuple[str, str], ...] = ()


def import_layer(
    workspace: Workspace,
    file: Path,
    role: str,
    *,
    layer: str | None = None,
    crs: str | None = None,
    encoding: str | None = None,
    edition: str | None = None,
    mapping: Mapping[str, str] | None = None,
    sender: str | None = None,
) -> tuple[Workspace, ImportResult]:
    """Read, check, normalise, measure and store one layer; returns the workspace that has it.

    Without a mapping the one remembered for this sender, or for these columns, is used and told.
    The source file is not changed. Features that cannot be measured are kept apart in a quarantine
    file beside the layer. Nothing is stored when anything raises.
    """
    _require_names(role, edition)
    reading = read_layer(file, layer=layer, crs=crs, encoding=encoding, role=role)
    require_same_datum(workspace.config, reading.crs, reading.source.name)
    mapping, noticed = settled_mapping(workspace.root, role, reading, mapping, sender=sender)
    found = normalise(reading, role, mapping=mapping, classes=workspace.classes)
    if not len(found.features):
        raise LayerError("workspace.nothing_usable", file=file.name, count=len(found.quarantined))
    plane = to_plane(found.features.geometry.values, reading.crs)
    features, declared = _measure(found.features, reading.crs, plane)
    problems = (*reading.problems, *noticed, *found.problems, *declared,
                *topology_of(found.features, role))
    record = _record(reading, role, edition or _survey_year(features) or "1", features, found,
                     mapping or {})
    _store(workspace.root, record, features, found.quarantined, problems)
    _store_arrays(workspace.root / record.file, record.sha256, flatten(plane))
    changed = _adopt(workspace, record)
    remember_mapping(workspace.root, role, reading, mapping, sender=sender)
    return changed, ImportResult(record, problems, found.left_out)


def _measure(
    features: geopandas.GeoDataFrame, crs: CRS, plane: Geometries
) -> tuple[geopandas.GeoDataFrame, tuple[Problem, ...]]:
    shapes = features.geometry.values
    statutory = rounded_dm2(shapely.area(plane))
    problems = declared_problems(
        features["feature_id"].tolist(), statutory, plane_dm2(shapes, crs),
        declared_values(features),
    )
    return features.assign(area_dm2=statutory), problems


def _record(
    reading: Reading, role: str, edition: str, features: geopandas.GeoDataFrame,
    found: Normalised, mapping: Mapping[str, str],
) -> LayerRecord:
    """The entry in ``zoning.toml``.

    Files are named by a hash of the source and of how it was read, so a new import never touches
    files that are in use.
    """
    told = [reading.source.sha256, crs_text(reading.crs), reading.encoding, sorted(mapping.items())]
    digest = hashlib.sha256(repr(told).encode()).hexdigest()[:10]
    stem = f"{LAYERS}/{_safe(role)}@{_safe(edition)}-{digest}"
    apart = len(found.quarantined)
    return LayerRecord(
        role=role, edition=edition, file=f"{stem}.parquet", source=reading.source.name,
        source_layer=reading.source.layer, sha256=reading.source.sha256,
        crs=crs_text(reading.crs), encoding=reading.encoding, features=len(features),
        area_dm2=int(features["area_dm2"].sum()), quarantined=apart,
        quarantined_dm2=_at_risk(found) if apart else None,
        quarantine_file=f"{stem}.quarantine.parquet" if apart else None,
        dropped=found.dropped, problems_file=f"{stem}.problems.json",
        imported=datetime.now(UTC).date(),
    )


def _at_risk(found: Normalised) -> int | None:
    areas = [each.area_dm2 for each in found.problems if each.code in QUARANTINE_CODES]
    return None if None in areas else sum(area for area in areas if area is not None)


def _store(
    root: Path, record: LayerRecord, features: geopandas.GeoDataFrame,
    quarantined: geopandas.GeoDataFrame, problems: tuple[Problem, ...],
) -> None:
    (root / LAYERS).mkdir(parents=True, exist_ok=True)
    meta = record.model_dump(mode="json", exclude_none=True)
    if record.quarantine_file:
        write_store(root / record.quarantine_file, quarantined, meta)
    if record.problems_file:
        write_problems(root / record.problems_file, problems)
    write_store(root / record.file, features, meta)


def _adopt(workspace: Workspace, record: LayerRecord) -> Workspace:
    """Put the edition into ``zoning.toml``, then remove the files it has replaced.

    Those that an answer cites stay, so that it can be recomputed.
    """
    with changing(workspace.root) as now:
        before = now.config.current(record.role, record.edition)
        config = now.config.with_layer(record)
        save(workspace.root, config)
    if before and is_kept(workspace.root, before):
        return replace(workspace, config=config)
    kept = set(_files(record))
    for name in _files(before) if before else ():
        if name not in kept:
            (workspace.root / name).unlink(missing_ok=True)
    if before and before.file not in kept:
        drop_store(workspace.root / before.file)
    return replace(workspace, config=config)


def _files(record: LayerRecord) -> tuple[str, ...]:
    named = (record.file, record.quarantine_file, record.problems_file, record.repairs_file)
    return tuple(name for name in named if name)


def health(workspace: Workspace, role: str | None = None) -> dict[str, tuple[Problem, ...]]:
    """The problems of one layer or of all, by role: those of the import, and self-overlap.

    Raises LayerError where the workspace has no such layer.
    """
    roles = [role] if role else workspace.config.roles()
    return {each: _health(workspace, each) for each in roles}


def _health(workspace: Workspace, role: str) -> tuple[Problem, ...]:
    record = workspace.config.require(role)
    known = read_problems(workspace.root / record.problems_file) if record.problems_file else ()
    layer = measured_layer(workspace, role)
    return (*known, *overlap_problems(layer))


def read_features(
    workspace: Workspace, role: str, edition: str | None = None
) -> geopandas.GeoDataFrame:
    """A stored layer with its measured ``area_dm2``. Raises LayerError where there is none."""
    record = workspace.config.require(role, edition)
    features, _ = read_store(workspace.root / record.file)
    return features


def read_quarantine(
    workspace: Workspace, role: str, edition: str | None = None
) -> geopandas.GeoDataFrame | None:
    """The features of a layer that were kept apart at import; None where there were none."""
    record = workspace.config.require(role, edition)
    if record.quarantine_file is None:
        return None
    features, _ = read_store(workspace.root / record.quarantine_file)
    return features


def measured_layer(workspace: Workspace, role: str, edition: str | None = None) -> PlaneLayer:
    """A stored layer in the statutory plane; kept in memory until the file changes."""
    record = workspace.config.require(role, edition)
    file = workspace.root / record.file
    apart = workspace.root / record.quarantine_file if record.quarantine_file else None
    edition_of = LayerEdition(record.role, record.edition, record.sha256)
    return _measured(file, apart, file.stat().st_mtime_ns, edition_of)


@lru_cache(maxsize=24)
def _measured(
    file: Path, apart: Path | None, _mtime: int, edition: LayerEdition
) -> PlaneLayer:
    """The arrays of the measure store where they are current; else they are made and stored."""
    from zoning.measure.carry import flat_of_parquet

    flat = load_flat(store_folder(file), store_key(file, edition.sha256))
    faulty = extents(read_store(apart)[0] if apart else None)
    if flat is not None:
        return layer_of(flat, read_attributes(file), edition, faulty=faulty)
    made = flat_of_parquet(file)
    if made is None:
        features, _ = read_store(file)
        made = flatten(to_plane(features.geometry.values, CRS.from_user_input(features.crs)))
    flat = _store_arrays(file, edition.sha256, made)
    return layer_of(flat, read_attributes(file), edition, faulty=faulty)


def _store_arrays(file: Path, sha256: str, flat: Flat) -> Flat:
    """Put the arrays of a layer beside its file, and give them back as mapped."""
    folder, key = store_folder(file), store_key(file, sha256)
    save_flat(folder, key, flat)
    return load_flat(folder, key) or flat


def read_attributes(file: Path) -> pd.DataFrame:
    """The attributes of a stored layer, without its shapes."""
    names = [name for name in pq.read_schema(file).names if name != GEOMETRY]
    return pd.DataFrame(pq.read_table(file, columns=names).to_pandas())


def require_same_datum(config: Config, crs: CRS, source: str) -> None:
    """Raise CrsError where a system stands on another datum than the workspace."""
    if config.crs is None:
        return
    expected = parse_crs(config.crs)
    if _datum(expected) != _datum(crs):
        raise CrsError("workspace.other_datum", file=source, found=crs.name,
                       expected=expected.name)


def _require_names(role: str, edition: str | None) -> None:
    if not ROLE.fullmatch(role):
        raise UsageError("workspace.bad_role", found=role[:60])
    if edition is not None and (not edition.strip() or len(edition) > LONGEST_NAME
                                or not edition.isprintable()):
        raise UsageError("workspace.bad_edition", found=edition[:60])


_SAME_GROUND = {"China 2000": "WGS 84"}
"""Datums that coincide to better than survey precision are one; others are never mixed."""


def _datum(crs: CRS) -> str:
    geodetic = crs.geodetic_crs
    name = geodetic.datum.name if geodetic is not None and geodetic.datum else crs.name
    name = name.removesuffix(" ensemble").removeprefix("World Geodetic System 1984 ") or name
    plain = "WGS 84" if "World Geodetic System 1984" in name else name
    return _SAME_GROUND.get(plain, plain)


def declared_values(features: geopandas.GeoDataFrame) -> npt.NDArray[np.float64]:
    """The declared areas of a normalised layer, dm², NaN where none is declared."""
    declared = features["declared_dm2"].astype("Float64")
    return np.asarray(declared.to_numpy(dtype="float64", na_value=np.nan))


def crs_text(crs: CRS) -> str:
    """A coordinate system as its EPSG code, or as WKT where it has none."""
    code = crs.to_epsg()
    return f"EPSG:{code}" if code else str(crs.to_wkt())


def _survey_year(features: geopandas.GeoDataFrame) -> str | None:
    if "SJNF" not in features or not len(features):
        return None
    years = features["SJNF"].dropna().unique()
    return str(int(years[0])) if len(years) == 1 and str(years[0]).isdigit() else None


def _safe(name: str) -> str:
    """An edition's name as part of a file name: letters, digits, dash, underscore, dot."""
    plain = "".join(c if c.isalnum() or c in "-_" else "_" for c in name)[:60]
    clash = "" if plain == name else "-" + hashlib.sha256(name.encode()).hexdigest()[:8]
    return plain + clash
