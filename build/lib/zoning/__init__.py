"""Land-quota and spatial-planning desk for a county development zone."""

__version__ = "0.1.0"
