"""The workspace folder: made, opened, saved; a change is written beside and renamed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from zoning.codes.events import LedgerEvent, ledger_events
from zoning.codes.own_events import own_ledger_events
from zoning.codes.quota import own_quota_kinds
from zoning.codes.reader import LandClasses, QuotaKind, land_classes, quota_kinds
from zoning.errors import ScenarioError, WorkspaceError
from zoning.ledger.book import Book
from zoning.workspace.config import FILE_NAME, Config, format_config, parse_config

PLACE = re.compile(r"[A-Z]{2}(/[0-9A-Za-z_-]+)*")
LOCK = ".zoning.lock"
LAYERS = "layers"
RULES = "rules"
QUOTA_KINDS = "codes/quota.toml"
EVENT_TYPES = "codes/ledger_events.toml"


@dataclass(frozen=True)
class Workspace:
    """A folder and what its ``zoning.toml`` says."""

    root: Path
    config: Config

    @property
    def ledger_url(self) -> str:
        """The database URL of the quota book."""
        named = self.config.ledger
        return named if "://" in named else f"sqlite:///{(self.root / named).as_posix()}"

    @property
    def classes(self) -> LandClasses:
        """The land-class system of the workspace."""
        return land_classes(self.config.land_classes)

    @property
    def kinds(self) -> Mapping[str, QuotaKind]:
        """The quota kinds: the shipped ones, and the county's own from ``codes/quota.toml``.

        Raises InputError naming every fault of that file.
        """
        file = self.root / QUOTA_KINDS
        if not file.exists():
            return quota_kinds()
        return own_quota_kinds(read_text(file), source=QUOTA_KINDS, shipped=quota_kinds())

    @property
    def events(self) -> Mapping[str, LedgerEvent]:
        """The official event types: the shipped ones, then the county's own.

        Those are in ``codes/ledger_events.toml``. Raises InputError naming every fault of it.
        """
        file = self.root / EVENT_TYPES
        if not file.exists():
            return ledger_events()
        return own_ledger_events(read_text(file), source=EVENT_TYPES, shipped=ledger_events(),
                                 kinds=self.kinds)


def create_workspace(root: Path, config: Config) -> Workspace:
    """Make a new workspace with an empty quota book.

    Raises WorkspaceError where the folder already is one, or the place is no path.
    """
    if (root / FILE_NAME).exists():
        raise WorkspaceError("workspace.exists", folder=str(root))
    if not PLACE.fullmatch(config.place):
        raise WorkspaceError("workspace.bad_place", found=config.place[:60])
    (root / LAYERS).mkdir(parents=True, exist_ok=True)
    workspace = Workspace(root, config)
    Book.open(workspace.ledger_url).close()
    save(root, config)
    return workspace


def open_workspace(root: Path) -> Workspace:
    """Open a workspace. Raises WorkspaceError where the folder is none, or is damaged."""
    file = root / FILE_NAME
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise WorkspaceError("workspace.absent", folder=str(root)) from error
    except (OSError, UnicodeDecodeError) as error:
        raise WorkspaceError("workspace.damaged", file=str(file), reason=str(error)) from error
    return Workspace(root, parse_config(text, source=str(file)))


def save(root: Path, config: Config) -> None:
    """Write ``zoning.toml`` so that a reader sees the old text or the new, never half."""
    draft = root / f".{FILE_NAME}.new"
    draft.write_text(format_config(config), encoding="utf-8")
    os.replace(draft, root / FILE_NAME)


@contextmanager
def changing(root: Path) -> Iterator[Workspace]:
    """The workspace as it is now, while nobody else can change it."""
    with FileLock(root / LOCK):
        yield open_workspace(root)


def read_text(file: Path) -> str:
    """A UTF-8 text file, with or without byte-order mark. Raises ScenarioError otherwise."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ScenarioError("workspace.no_file", file=str(file)) from error
    except UnicodeDecodeError as error:
        raise ScenarioError("workspace.not_utf8", file=str(file)) from error
