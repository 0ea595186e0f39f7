"""The demo county: a synthetic county that looks like the plain of Rudong, of any size.

`zoning.demo.county.generate` makes it, `zoning.demo.write.write_county` writes it in the formats a
bureau hands over. The steps: `layout` (blocks and the lines between) → `tile` (`blocks`, `streets`:
rectangular cells) → `grid` (rings that share their vertices) → `warp` (the ground) → `survey`,
`control`, `stock`, `projects`, `book` (what the offices know of it).
"""

from zoning.demo.county import DEFAULT_SEED, County, generate
from zoning.demo.stock import DEFAULT_PARCELS
from zoning.demo.write import LAYERS, write_county

__all__ = ["DEFAULT_PARCELS", "DEFAULT_SEED", "LAYERS", "County", "generate", "write_county"]
