"""Area adjustment of a stored layer to a control total, whole or village by village."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from zoning.errors import LayerError
from zoning.layers.adjust import Adjustment, adjusted
from zoning.workspace.data import read_features
from zoning.workspace.folder import Workspace


@dataclass(frozen=True)
class AdjustedFeature:
    """One feature before and after, dm²; `group` is empty where there are none."""

    feature_id: str
    group: str
    area_dm2: int
    correction_dm2: int
    adjusted_dm2: int


@dataclass(frozen=True)
class LayerAdjustment:
    """A layer adjusted: the whole, and its features in the order of the layer."""

    role: str
    edition: str
    whole: Adjustment
    features: tuple[AdjustedFeature, ...]


def adjust_layer(
    workspace: Workspace, role: str, control_dm2: int, *, by: str | None = None,
    edition: str | None = None,
) -> LayerAdjustment:
    """Share the residual to a control total over the features of a layer; nothing is stored.

    With `by`, a column such as ``village``, first over its groups, then within each group. Raises
    LayerError where there is no such layer or column, or an area would become negative.
    """
    record = workspace.config.require(role, edition)
    features = read_features(workspace, role, edition)
    areas = [int(area) for area in features["area_dm2"]]
    if by is None:
        groups = [""] * len(areas)
    elif by in features:
        groups = ["" if pd.isna(value) else str(value) for value in features[by]]
    else:
        raise LayerError("layers.no_such_source", source=by,
                         have=tuple(name for name in features if name != "geometry"))
    made = _by_group(areas, groups, control_dm2)
    rows = zip(features["feature_id"].astype(str), groups, areas, made, strict=True)
    told = tuple(AdjustedFeature(name, group, area, new - area, new)
                 for name, group, area, new in rows)
    corrections = tuple(row.correction_dm2 for row in told)
    whole = Adjustment(control_dm2, sum(areas), corrections, tuple(made))
    return LayerAdjustment(role, record.edition, whole, told)


def _by_group(areas: Sequence[int], groups: Sequence[str], control_dm2: int) -> list[int]:
    members: dict[str, list[int]] = {}
    for i, group in enumerate(groups):
        members.setdefault(group, []).append(i)
    sums = [sum(areas[i] for i in own) for own in members.values()]
    made = [0] * len(areas)
    for own, total in zip(members.values(), adjusted(sums, control_dm2).adjusted, strict=True):
        for i, new in zip(own, adjusted([areas[i] for i in own], total).adjusted, strict=True):
            made[i] = new
    return made


__all__ = ["AdjustedFeature", "LayerAdjustment", "adjust_layer"]
