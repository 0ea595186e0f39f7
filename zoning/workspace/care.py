"""The health of a layer as a person sees it: problems with places to look at, and repairs.

Also layers repaired: previewed, applied with a log of areas before and after, and taken back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import geopandas
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS, Transformer

from zoning.errors import LayerError, Message, Problem, Severity
from zoning.layers.checks import run_checks
from zoning.layers.faults import Subject, area_at_risk_dm2, boxes_of
from zoning.layers.model import GEOMETRY, REASON
from zoning.layers.read import read_layer
from zoning.layers.repair import OFFERED, REPAIRS, Change, Layer, changes_of
from zoning.layers.store import read_store, write_store
from zoning.measure.area import statutory_dm2
from zoning.measure.redrawn import require_drawn_right
from zoning.workspace.archive import is_kept
from zoning.workspace.config import LayerRecord
from zoning.workspace.data import health, read_features, read_quarantine
from zoning.workspace.folder import LAYERS, Workspace, changing, save
from zoning.workspace.problems import read_problems, write_problems
from zoning.workspace.topology import topology_of

_SHAPE_CODES = ("GEO", "TOP", "LOC")
_NAMED = 5
AREA = "area_dm2"


@dataclass(frozen=True)
class RepairLine:
    """One feature that a repair changes, dm²; before is None where it could not be measured.

    `parts` is how many features it becomes: 0 where it goes.
    """

    repair: str
    feature_id: str
    before_dm2: int | None
    after_dm2: int
    parts: int


@dataclass(frozen=True)
class RepairRun:
    """What repairs change in one edition of a layer; `applied` where it has been done."""

    role: str
    edition: str
    lines: tuple[RepairLine, ...]
    area_before_dm2: int
    area_after_dm2: int
    applied: bool = False


def told_health(
    workspace: Workspace, role: str | None = None, *, within: Path | None = None
) -> dict[str, tuple[Problem, ...]]:
    """The problems of one layer or of all, by role, each with places to look at.

    With `within`, a file of the county's boundary, also the features outside it (``LOC003``).
    """
    found = health(workspace, role)
    return {each: (*_placed(workspace, each, problems), *_outside(workspace, each, within))
            for each, problems in found.items()}


def preview_repairs(
    workspace: Workspace, role: str, repairs: Sequence[str] = (), *, edition: str | None = None
) -> RepairRun:
    """What repairs would change; nothing is written. Without names, those that health offers.

    Raises UsageError for an unknown repair, LayerError where there is no such layer, MeasureError
    where a repair drew a feature that has not the area it should have.
    """
    record = workspace.config.require(role, edition)
    return _repaired(workspace, record, repairs)[0]


def apply_repairs(
    workspace: Workspace, role: str, repairs: Sequence[str] = (), *, edition: str | None = None
) -> tuple[Workspace, RepairRun]:
    """Repair a layer. The layer as it was stays in the folder, and `undo_repairs` brings it back.

    Raises as `preview_repairs`; LayerError where there is nothing to repair.
    """
    record = workspace.config.require(role, edition)
    run, frame, apart = _repaired(workspace, record, repairs)
    if not run.lines:
        raise LayerError("workspace.nothing_to_repair", role=role)
    made = _written(workspace, record, frame, apart, run)
    with changing(workspace.root) as now:
        config = now.config.with_layer(made)
        save(workspace.root, config)
    return replace(workspace, config=config), replace(run, applied=True)


def undo_repairs(
    workspace: Workspace, role: str, *, edition: str | None = None
) -> tuple[Workspace, LayerRecord]:
    """Bring back the layer as it was before its last repair. Raises LayerError where none was."""
    record = workspace.config.require(role, edition)
    if record.repairs_file is None:
        raise LayerError("workspace.nothing_to_undo", role=role)
    log = json.loads((workspace.root / record.repairs_file).read_text(encoding="utf-8"))
    before = LayerRecord.model_validate(log["before"])
    with changing(workspace.root) as now:
        config = now.config.with_layer(before)
        save(workspace.root, config)
    if is_kept(workspace.root, record):
        return replace(workspace, config=config), before
    for name in (record.file, record.quarantine_file, record.problems_file, record.repairs_file):
        if name:
            (workspace.root / name).unlink(missing_ok=True)
    return replace(workspace, config=config), before


def _repaired(
    workspace: Workspace, record: LayerRecord, repairs: Sequence[str]
) -> tuple[RepairRun, geopandas.GeoDataFrame, geopandas.GeoDataFrame]:
    """The run, the features and the quarantine after it."""
    features = read_features(workspace, record.role, record.edition)
    apart = read_quarantine(workspace, record.role, record.edition)
    crs = CRS.from_user_input(features.crs)
    before_dm2 = int(features[AREA].sum())
    frame = features if apart is None else pd.concat([features, apart], ignore_index=True)
    frame = geopandas.GeoDataFrame(frame, geometry=GEOMETRY, crs=crs)
    lines: list[RepairLine] = []
    for name in _in_order(workspace, record, repairs):
        layer = Layer(frame["feature_id"].tolist(), frame.geometry.to_numpy(), crs)
        changes = changes_of(name, layer)
        require_drawn_right(changes, crs)
        lines += _lines(name, changes, frame, crs)
        frame = _changed(frame, changes, crs)
    is_apart = np.zeros(len(frame), dtype=bool)
    if REASON in frame:
        is_apart = frame[REASON].notna().to_numpy()
    sound = frame[~is_apart].drop(columns=REASON, errors="ignore").reset_index(drop=True)
    sound[AREA] = sound[AREA].astype("int64")
    rest = frame[is_apart].drop(columns=AREA, errors="ignore").reset_index(drop=True)
    after_dm2 = int(sound[AREA].sum())
    run = RepairRun(record.role, record.edition, tuple(lines), before_dm2, after_dm2)
    return run, sound, rest


def _in_order(
    workspace: Workspace, record: LayerRecord, repairs: Sequence[str]
) -> tuple[str, ...]:
    if repairs:
        unknown = [name for name in repairs if name not in REPAIRS]
        return tuple(unknown) or tuple(name for name in REPAIRS if name in repairs)
    known = health(workspace, record.role)[record.role]
    offered = {OFFERED.get(problem.code) for problem in known}
    return tuple(name for name in REPAIRS if name in offered)


def _lines(
    name: str, changes: Sequence[Change], frame: geopandas.GeoDataFrame, crs: CRS
) -> list[RepairLine]:
    areas = frame[AREA]
    lines = []
    for change in changes:
        after = int(statutory_dm2(np.array(change.after, dtype=object), crs).sum()) \
            if change.after else 0
        before = areas.iloc[change.row]
        lines.append(RepairLine(name, str(frame["feature_id"].iloc[change.row]),
                                None if pd.isna(before) else int(before), after,
                                len(change.after)))
    return lines


def _changed(
    frame: geopandas.GeoDataFrame, changes: Sequence[Change], crs: CRS
) -> geopandas.GeoDataFrame:
    """The frame with changes made: ids of parts are numbered ``X-1``, ``X-2`` …."""
    if not changes:
        return frame
    touched = [change.row for change in changes]
    kept = frame.drop(index=frame.index[touched])
    rows, shapes, order = [], [], []
    for change in changes:
        for part, shape in enumerate(change.after, start=1):
            row = frame.iloc[change.row].drop(GEOMETRY).copy()
            if len(change.after) > 1:
                row["feature_id"] = f"{row['feature_id']}-{part}"
            if REASON in row:
                row[REASON] = None
            rows.append(row)
            shapes.append(shape)
            order.append(change.row)
    if not rows:
        return kept.reset_index(drop=True)
    made = pd.DataFrame(rows).astype(frame.drop(columns=GEOMETRY).dtypes.to_dict())
    drawn = np.array(shapes, dtype=object)
    made[AREA] = statutory_dm2(drawn, crs)
    new = geopandas.GeoDataFrame(made, geometry=drawn, crs=crs)
    new = new.rename_geometry(GEOMETRY) if new.geometry.name != GEOMETRY else new
    joined = pd.concat([kept, new])
    place = np.argsort([*np.delete(np.arange(len(frame)), touched), *order], kind="stable")
    return geopandas.GeoDataFrame(joined.iloc[place].reset_index(drop=True), geometry=GEOMETRY,
                                  crs=crs)


def _written(
    workspace: Workspace, record: LayerRecord, frame: geopandas.GeoDataFrame,
    apart: geopandas.GeoDataFrame, run: RepairRun,
) -> LayerRecord:
    lines = [line.__dict__ for line in run.lines]
    told = json.dumps([record.file, lines], ensure_ascii=False)
    stem = record.file.removesuffix(".parquet").partition("+")[0]
    stem = f"{stem}+{hashlib.sha256(told.encode()).hexdigest()[:10]}"
    problems = _problems_after(workspace, record, frame, apart)
    risks = [p.area_dm2 for p in problems if p.code.startswith("GEO00") and p.code < "GEO006"]
    made = record.model_copy(update={
        "file": f"{stem}.parquet", "features": len(frame), "area_dm2": int(frame[AREA].sum()),
        "quarantined": len(apart), "problems_file": f"{stem}.problems.json",
        "quarantined_dm2": None if None in risks or not len(apart) else sum(map(int, risks)),  # type: ignore[arg-type]
        "quarantine_file": f"{stem}.quarantine.parquet" if len(apart) else None,
        "repairs_file": f"{stem}.repairs.json",
    })
    (workspace.root / LAYERS).mkdir(exist_ok=True)
    log = {"before": record.model_dump(mode="json", exclude_none=True), "lines": lines}
    meta = made.model_dump(mode="json", exclude_none=True)
    (workspace.root / f"{stem}.repairs.json").write_text(
        json.dumps(log, ensure_ascii=False, indent=1), encoding="utf-8")
    write_problems(workspace.root / f"{stem}.problems.json", problems)
    if made.quarantine_file:
        write_store(workspace.root / made.quarantine_file, apart, meta)
    write_store(workspace.root / made.file, frame, meta)
    return made


def _problems_after(
    workspace: Workspace, record: LayerRecord, frame: geopandas.GeoDataFrame,
    apart: geopandas.GeoDataFrame,
) -> tuple[Problem, ...]:
    """The problems of the import that shapes have no part in, and those of the new shapes."""
    known: tuple[Problem, ...] = ()
    if record.problems_file:
        known = read_problems(workspace.root / record.problems_file)
    kept = tuple(problem for problem in known if not problem.code.startswith(_SHAPE_CODES))
    shapes = np.array([*frame.geometry, *apart.geometry], dtype=object)
    subject = Subject([*frame["feature_id"], *apart["feature_id"]], shapes,
                      CRS.from_user_input(frame.crs))
    found = tuple(fault.problem for fault in run_checks(subject))
    return (*kept, *found, *topology_of(frame, record.role))


def _placed(
    workspace: Workspace, role: str, problems: Sequence[Problem]
) -> tuple[Problem, ...]:
    """The problems, those of named features with their boxes."""
    lacking = [problem for problem in problems if problem.where and not problem.boxes]
    if not lacking:
        return tuple(problems)
    wanted = {name for problem in lacking for each in problem.where for name in each.split(" × ")}
    boxes = _boxes(workspace, role, wanted)
    return tuple(
        problem if problem.boxes else replace(problem, boxes=tuple(
            boxes[name] for each in problem.where for name in each.split(" × ")[:1]
            if name in boxes))
        for problem in problems
    )


def _boxes(workspace: Workspace, role: str, wanted: set[str]) -> Mapping[str, Any]:
    record = workspace.config.require(role)
    features, _ = read_store(workspace.root / record.file)
    rows = features[features["feature_id"].isin(wanted)]
    crs = CRS.from_user_input(features.crs)
    found: dict[str, Any] = {}
    for name, shape in zip(rows["feature_id"], rows.geometry, strict=True):
        box = boxes_of(np.array([shape], dtype=object), crs)
        found.update({str(name): box[0]} if box else {})
    return found


def _outside(workspace: Workspace, role: str, within: Path | None) -> tuple[Problem, ...]:
    """``LOC003``: features that do not meet the county's boundary."""
    if within is None:
        return ()
    reading = read_layer(within)
    features = read_features(workspace, role)
    crs = CRS.from_user_input(features.crs)
    carry = Transformer.from_crs(reading.crs, crs, always_xy=True)
    shapes = shapely.make_valid(reading.features.geometry.to_numpy())
    county = shapely.transform(shapely.union_all(shapes), carry.transform, interleaved=False)
    drawn = features.geometry.to_numpy()
    shapely.prepare(county)
    rows = np.flatnonzero(~shapely.intersects(county, drawn))
    if not len(rows):
        return ()
    where = tuple(features["feature_id"].iloc[rows[:_NAMED]].astype(str))
    message = Message("layers.loc003", {"count": len(rows), "where": where,
                                        "boundary": within.name})
    return (Problem("LOC003", message, Severity.WARNING, len(rows), where,
                    area_at_risk_dm2(drawn[rows], crs), boxes_of(drawn[rows[:_NAMED]], crs)),)


__all__ = ["RepairLine", "RepairRun", "apply_repairs", "preview_repairs", "told_health",
           "undo_repairs"]
