"""What answers cite, kept so that they can be recomputed after it was replaced.

In ``archive/`` of the workspace, by content: the texts of a rule book under its digest, the record
of a layer, whose files then stay where they are, and site files under their hash. Something is kept
once, when an answer first cites it. A workspace that cannot be written keeps nothing: `verify` says
then what is gone.
"""

from __future__ import annotations

import glob
import json
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from zoning.errors import RuleBookError
from zoning.measure.facts import LayerEdition
from zoning.rules.book import RuleBook
from zoning.rules.shipped import shipped_texts
from zoning.workspace.config import LayerRecord
from zoning.workspace.folder import Workspace
from zoning.workspace.rules import own_texts, parsed

ARCHIVE = "archive"
Texts = tuple[tuple[str, str], ...]


def keep(workspace: Workspace, editions: Iterable[LayerEdition], rules: RuleBook,
         files: Iterable[Path]) -> None:
    """Keep what an answer cites: layers of the workspace, the rule book, site files."""
    cited = set(editions)
    with suppress(OSError):
        for record in workspace.config.layer:
            if edition_of(record) in cited:
                _write(_record_file(workspace.root, record), record.model_dump_json())
        _keep_rules(workspace, rules)
        named = {each.edition: each.sha256 for each in cited if each.role == "site"}
        for file in files:
            if file.name in named:
                _keep_file(workspace.root, file, named[file.name])


def edition_of(record: LayerRecord) -> LayerEdition:
    """A record as answers cite it."""
    return LayerEdition(record.role, record.edition, record.sha256)


def is_kept(root: Path, record: LayerRecord) -> bool:
    """Whether an answer cites a layer, so that its files must stay."""
    return _record_file(root, record).exists()


def kept_layers(root: Path) -> tuple[LayerRecord, ...]:
    """The layers cited that have been replaced or not, as far as their files are there."""
    found = (LayerRecord.model_validate_json(file.read_text(encoding="utf-8"))
             for file in sorted((root / ARCHIVE / "layers").glob("*.json")))
    return tuple(each for each in found if (root / each.file).exists())


def kept_rules(root: Path, digest: str) -> RuleBook | None:
    """The rule book of a digest; None where it was not kept, or its text no longer says that."""
    file = _rules_file(root, digest)
    if not file.exists():
        return None
    told = json.loads(file.read_text(encoding="utf-8"))
    try:
        found = parsed(_pairs(told["own"]), _pairs(told["shipped"]))
    except RuleBookError:
        return None
    return found if found.digest == digest else None


def kept_file(root: Path, edition: LayerEdition) -> Path | None:
    """A site file as it was cited; None where it was not kept."""
    file = root / ARCHIVE / "sites" / edition.sha256 / edition.edition
    return file if file.exists() else None


def _keep_rules(workspace: Workspace, rules: RuleBook) -> None:
    file = _rules_file(workspace.root, rules.digest)
    if not file.exists():
        _write(file, json.dumps({"shipped": shipped_texts(), "own": own_texts(workspace)},
                                ensure_ascii=False, indent=1))


def _keep_file(root: Path, file: Path, sha256: str) -> None:
    """A copy of a site file; of a shapefile, with the files beside it."""
    folder = root / ARCHIVE / "sites" / sha256
    if folder.exists() or not file.exists():
        return
    draft = folder.with_name(f".{sha256}")
    draft.mkdir(parents=True, exist_ok=True)
    if file.is_dir():
        shutil.copytree(file, draft / file.name, dirs_exist_ok=True)
    for each in _with_it(file):
        shutil.copyfile(each, draft / each.name)
    draft.rename(folder)


def _with_it(file: Path) -> list[Path]:
    if file.suffix.lower() != ".shp":
        return [file] if file.is_file() else []
    return [each for each in file.parent.glob(f"{glob.escape(file.stem)}.*") if each.is_file()]


def _write(file: Path, text: str) -> None:
    """Write a file that is not there yet, whole or not at all."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f".{file.name}")
    draft.write_text(text, encoding="utf-8")
    draft.rename(file)


def _record_file(root: Path, record: LayerRecord) -> Path:
    return root / ARCHIVE / "layers" / f"{Path(record.file).stem}.json"


def _rules_file(root: Path, digest: str) -> Path:
    return root / ARCHIVE / "rules" / f"{digest}.json"


def _pairs(rows: Iterable[Iterable[str]]) -> Texts:
    return tuple((name, text) for name, text in rows)


__all__ = ["ARCHIVE", "edition_of", "is_kept", "keep", "kept_file", "kept_layers", "kept_rules"]
