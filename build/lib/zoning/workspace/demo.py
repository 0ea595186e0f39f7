"""A workspace of the demo county: its files imported as any bureau's would be."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from zoning.demo.county import DEFAULT_SEED, generate
from zoning.demo.stock import DEFAULT_PARCELS
from zoning.demo.write import BOOK, LAYERS, RULES, write_county
from zoning.workspace.config import Config
from zoning.workspace.data import import_layer
from zoning.workspace.folder import Workspace, create_workspace
from zoning.workspace.quota import post_opening

CHECKOUT = Path(__file__).parents[2]
COMMITTED = CHECKOUT / "data" / "parcels"
"""The demo county as it lies in a checkout; elsewhere it is made again, with the same content."""

SCENARIOS = CHECKOUT / "scenarios"
"""The demo's scenarios, whose parcels are those of the committed county."""

PLACE = "CN/32/3206/320623/demo"
SOURCE = "source"

Progress = Callable[..., None]


def init_demo(
    folder: Path, *, size: int | None = None, seed: int | None = None,
    progress: Progress = lambda *_, **__: None,
) -> Workspace:
    """Make a workspace of the demo county: layers, rules, opening book, scenarios.

    Without size and seed it is the committed county. The files a bureau would hand over lie in
    ``source``. `progress` is told a message key and its parameters at every step.

    Raises WorkspaceError where the folder already is a workspace, UsageError for an odd size.
    """
    is_new = not folder.exists()
    try:
        return _init(folder, size, seed, progress)
    except BaseException:
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _init(folder: Path, size: int | None, seed: int | None, progress: Progress) -> Workspace:
    workspace = create_workspace(folder, Config(name="示范县 Demo county", place=PLACE,
                                                synthetic=True))
    files = _files(folder / SOURCE, size, seed, progress)
    for role, file, layer in LAYERS:
        progress("workspace.importing", role=role, file=file)
        workspace, _ = import_layer(workspace, files / file, role, layer=layer)
    (folder / "rules").mkdir(exist_ok=True)
    shutil.copyfile(files / RULES, folder / "rules" / Path(RULES).name)
    if _is_committed(size, seed) and SCENARIOS.is_dir():
        shutil.copytree(SCENARIOS, folder / SCENARIOS.name, dirs_exist_ok=True)
    post_opening(workspace, files / BOOK)
    return workspace


def _is_committed(size: int | None, seed: int | None) -> bool:
    return size is None and seed is None and COMMITTED.is_dir()


def _files(target: Path, size: int | None, seed: int | None, progress: Progress) -> Path:
    if _is_committed(size, seed):
        shutil.copytree(COMMITTED, target, dirs_exist_ok=True)
        return target
    parcels = DEFAULT_PARCELS if size is None else size
    progress("workspace.generating", parcels=parcels)
    write_county(generate(parcels=parcels, seed=DEFAULT_SEED if seed is None else seed), target)
    return target
