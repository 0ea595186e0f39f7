"""Examples of what the care of layers tells."""

from __future__ import annotations

from zoning.errors import LayerError
from zoning.layers.recognise import RoleGuess
from zoning.workspace.adjusting import AdjustedFeature
from zoning.workspace.care import RepairLine
from zoning.workspace.editions import Flow
from zoning.workspace.inspecting import InspectedLayer

INSPECTED = (
    InspectedLayer("DLTB", 3, "EPSG:4528", "gb18030", ("BSM", "DLBM"),
                   (RoleGuess("parcel", ("DLBM",), True),)),
    InspectedLayer("XZQ", 0, None, None, (), (),
                   refused=LayerError("layers.table_only", file="县库.gdb")),
)
REPAIRED = (RepairLine("make_valid", "1", None, 5_000, 1), RepairLine("split_parts", "2", 9, 9, 2))
ADJUSTED = (AdjustedFeature("1", "城东村", 600_000, 2, 600_002),
            AdjustedFeature("2", "城东村", 400_000, 1, 400_001))
FLOWS = (Flow("0101", "0101", 900_000), Flow("0101", "0601", 50_000), Flow("", "0301", 10_000),
         Flow("1101", "", 7))
