"""The kinds of construction project: what rules allow on a line and lots may serve."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class ProjectKind:
    """One kind of project."""

    code: str
    zh: str
    en: str


@cache
def project_kinds() -> Mapping[str, ProjectKind]:
    """The shipped project kinds, by code."""
    text = (files("zoning.codes") / "project_kinds.toml").read_text(encoding="utf-8")
    return {row["code"]: ProjectKind(row["code"], row["zh"], row["en"])
            for row in tomllib.loads(text)["kind"]}
