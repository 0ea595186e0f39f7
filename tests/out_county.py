"""A county of ten hostile squares with a scenario on them, for the tests of papers."""

from __future__ import annotations

import json
from pathlib import Path

from web_county import HOSTILE, hostile_county

from zoning.workspace import Workspace

NAMES = tuple(each for each in HOSTILE if "," not in each)


def hostile_scenario(root: Path) -> tuple[Workspace, Path]:
    """The county and a scenario of three projects on it, every text of them hostile."""
    workspace = hostile_county(root)
    projects = "".join(f"""
[[project]]
id = "P{number}"
name = {json.dumps(HOSTILE[number], ensure_ascii=False)}
kind = "industry"
path = "batch"
[project.site]
parcels = {json.dumps(list(HOSTILE[3 * number:3 * number + 3]), ensure_ascii=False)}
""" for number in range(3))
    file = workspace.root / "scenarios" / "hostile.toml"
    file.parent.mkdir()
    file.write_text(f"""
[scenario]
id = "hostile"
name = {json.dumps(HOSTILE[6], ensure_ascii=False)}
decision_date = 2024-06-30
place = "CN/32"
description = {json.dumps(HOSTILE[7], ensure_ascii=False)}
{projects}""", encoding="utf-8")
    return workspace, file
