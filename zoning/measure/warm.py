"""Compile the kernel ahead: ``python -m zoning.measure.warm``, once after an installation.

Without it the first question that measures anything waits for the compiler (about half a minute of
one processor); every program after that loads the code from disk.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import shapely
from pyproj import CRS

from zoning.measure.carry import to_plane_arrays
from zoning.measure.facts import LayerEdition
from zoning.measure.flat import flatten
from zoning.measure.layer import PlaneLayer, layer_of
from zoning.measure.overlap import self_overlap
from zoning.measure.site import Surroundings, measure_parcels, measure_shape
from zoning.measure.table import overlay_table
from zoning.measure.wkb import ragged_of_wkb


def warm() -> None:
    """Ask every question once of a few squares."""
    fields = _layer([shapely.box(x, y, x + 10, y + 10) for x in range(0, 40, 8)
                     for y in range(0, 40, 8)])
    line = _layer([shapely.Point(20, 20).buffer(15, quad_segs=20)])
    around = Surroundings(fields, line, {"line": line})
    measure_shape("site", shapely.box(5, 5, 33, 33), around)
    measure_parcels("site", ["0", "1"], around)
    overlay_table(fields, line)
    self_overlap(fields)
    stored = pa.chunked_array([pa.array(shapely.to_wkb(fields.shapes))])
    read = ragged_of_wkb(stored)
    assert read is not None
    to_plane_arrays(read, CRS.from_epsg(4549))


def _layer(shapes: list[shapely.Geometry]) -> PlaneLayer:
    flat = flatten(shapes)
    table = pd.DataFrame({"feature_id": [str(row) for row in range(len(shapes))],
                          "area_dm2": np.round(flat.areas * 100).astype(np.int64)})
    return layer_of(flat, table, LayerEdition("", "", ""), faulty={})


if __name__ == "__main__":
    warm()
