"""The workspace file ``zoning.toml``: place, coordinate system, ledger, layers by role."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import PurePosixPath
from typing import Any

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zoning.errors import LayerError, WorkspaceError

FORMAT = 1
FILE_NAME = "zoning.toml"


class LayerRecord(BaseModel):
    """One edition of one layer: where its normalised copy is and which file it came from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: str
    edition: str
    file: str
    source: str
    source_layer: str | None = None
    sha256: str
    crs: str
    encoding: str | None = None
    features: int
    area_dm2: int
    quarantined: int = 0
    quarantined_dm2: int | None = None
    quarantine_file: str | None = None
    dropped: tuple[str, ...] = ()
    problems_file: str | None = None
    repairs_file: str | None = None
    imported: date
    licence: str | None = None


class Credit(BaseModel):
    """What may be borrowed of one component of a quota kind; the amount with its unit (100ha)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    component: str
    amount: str


class Config(BaseModel):
    """The content of ``zoning.toml``.

    `place` is a path from nation to zone (``CN/32/3206/320623``): rules are looked up along it.
    `ledger` is a database URL or a file name inside the workspace.
    `credit` is what may be borrowed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    name: str = ""
    place: str = "CN"
    crs: str | None = None
    land_classes: str = "sd2020"
    synthetic: bool = False
    ledger: str = "ledger.db"
    credit: tuple[Credit, ...] = Field(default=())
    layer: tuple[LayerRecord, ...] = Field(default=())

    def current(self, role: str, edition: str | None = None) -> LayerRecord | None:
        """The latest edition imported of a role, or the one named; None where there is none."""
        found = [each for each in self.layer
                 if each.role == role and edition in (None, each.edition)]
        return found[-1] if found else None

    def require(self, role: str, edition: str | None = None) -> LayerRecord:
        """As `current`. Raises LayerError that names the roles the workspace has."""
        found = self.current(role, edition)
        if found is None:
            raise LayerError("workspace.no_layer", role=role, have=self.roles() or ["-"])
        return found

    def roles(self) -> list[str]:
        """Roles that have at least one edition, sorted."""
        return sorted({each.role for each in self.layer})

    def with_layer(self, record: LayerRecord) -> Config:
        """The same with one edition added, or put in the place of the same role and edition."""
        others = [each for each in self.layer
                  if (each.role, each.edition) != (record.role, record.edition)]
        return self.model_copy(update={"layer": (*others, record),
                                       "crs": self.crs or record.crs})


def parse_config(text: str, *, source: str) -> Config:
    """Read ``zoning.toml``. Raises WorkspaceError for damage or another format."""
    try:
        document: dict[str, Any] = tomllib.loads(text)
        config = Config.model_validate(document)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise WorkspaceError("workspace.damaged", file=source, reason=str(error)) from error
    if config.format != FORMAT:
        raise WorkspaceError("workspace.format", file=source, found=config.format, expected=FORMAT)
    for record in config.layer:
        _require_inside(record.file, source)
    return config


def format_config(config: Config) -> str:
    """The text of ``zoning.toml``; `parse_config` reads it back."""
    unsaid = set() if config.credit else {"credit"}
    return tomli_w.dumps(config.model_dump(exclude_none=True, exclude=unsaid))


def _require_inside(file: str, source: str) -> None:
    path = PurePosixPath(file)
    if path.is_absolute() or ".." in path.parts:
        raise WorkspaceError("workspace.outside", file=source, path=file)
