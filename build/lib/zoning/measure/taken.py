"""The parcels of a site while it is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoning.measure.flat import Flat, Floats, Indices


@dataclass(frozen=True)
class Taken:
    """Parcels of a site: their rows, the land taken of each in m² and in dm².

    `site` is one feature. `site_rows` is −1 for parcels that are taken whole, which need not be cut
    with the site again, and 0 for the others.
    """

    site: Flat
    rows: Indices
    taken_m2: Floats
    taken_dm2: Sequence[int]
    site_rows: Indices
