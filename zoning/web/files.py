"""Files of the workspace that pages offer for choice."""

from __future__ import annotations

from pathlib import Path


def scenario_files(root: Path) -> list[Path]:
    """Scenario files of the workspace, then those of the folder the server was started in."""
    folders = dict.fromkeys(each.resolve() for each in (root, Path()))
    return [file for folder in folders for file in sorted((folder / "scenarios").glob("*.toml"))]


__all__ = ["scenario_files"]
