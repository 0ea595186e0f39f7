"""Make the archive: ``python -m bundle.make out``, where there is a network.

It holds a wheel of every package that ``requirements.txt`` asks for and of `zoning` itself with
the maps' scripts, the example scenarios, the documents, and ``install`` scripts. Wheels fit the
system and the Python that make them.
"""

from __future__ import annotations

import hashlib
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).parent
DOCUMENTS = ("README.md", "CHANGES.md", "docs", "scenarios")


def make(out: Path, *, wheels: Path | None = None) -> Path:
    """Make the archive in a folder; `wheels` are taken instead of asking for them."""
    name = f"zoning-{platform.system().lower()}-{platform.machine()}-py{sys.version_info[0]}" \
           f"{sys.version_info[1]}"
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "wheels").mkdir(parents=True)
    require_scripts()
    if wheels is None:
        pip("wheel", "--quiet", "-r", str(ROOT / "requirements.txt"), "-w", str(folder / "wheels"))
        own_wheel(folder / "wheels")
    else:
        shutil.copytree(wheels, folder / "wheels", dirs_exist_ok=True)
    for each in DOCUMENTS:
        copy(ROOT / each, folder / each)
    for each in ("install.sh", "install.bat"):
        shutil.copy2(HERE / each, folder / each)
    (folder / "SHA256SUMS").write_text(sums(folder), encoding="utf-8")
    return packed(folder, out / f"{name}.tar.gz")


def own_wheel(wheels: Path) -> None:
    """The wheel of `zoning`, built from a copy: building leaves nothing among the sources."""
    with tempfile.TemporaryDirectory() as place:
        copy(ROOT / "zoning", Path(place) / "zoning")
        copy(ROOT / "pyproject.toml", Path(place) / "pyproject.toml")
        pip("wheel", "--quiet", "--no-deps", place, "-w", str(wheels))


def require_scripts() -> None:
    """Stop where the maps' scripts are not there yet: without them maps would be blank."""
    from zoning.web import vendor

    if absent := vendor.missing():
        sys.exit(f"{len(absent)} scripts of the maps are missing: run python -m zoning.web.vendor")


def pip(*arguments: str) -> None:
    """Run pip of this Python."""
    subprocess.run([sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments],
                   check=True)


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(source, target)


def sums(folder: Path) -> str:
    """The SHA-256 of every file, as ``sha256sum -c`` reads it."""
    return "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.relative_to(folder)}\n"
                   for file in files(folder))


def files(folder: Path) -> Iterable[Path]:
    """Every file below a folder, in order."""
    return sorted(each for each in folder.rglob("*") if each.is_file())


def packed(folder: Path, archive: Path) -> Path:
    """The folder as one archive: names in order, nobody's name or time in it."""
    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = member.mtime = 0
        member.uname = member.gname = ""
        return member

    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        for each in files(folder):
            tar.add(each, arcname=str(each.relative_to(folder.parent)), filter=plain)
    return archive


if __name__ == "__main__":
    made = make(Path(sys.argv[1] if len(sys.argv) > 1 else "out"))
    sys.stdout.write(f"{made} {made.stat().st_size // 2**20} MB\n")
