"""Every JSON document is held against its schema in ``docs/json``."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

FOLDER = Path(__file__).parents[1] / "docs" / "json"


@cache
def schemas() -> dict[str, dict[str, Any]]:
    """The schemas, by document name."""
    return {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*.schema.json"))
    }


@cache
def validator(name: str) -> Draft202012Validator:
    """A validator of one document."""
    registry = Registry().with_resources(
        (f"{other}.schema.json", Resource.from_contents(schema))
        for other, schema in schemas().items()
    )
    return Draft202012Validator(schemas()[name], registry=registry)


def require_valid(document: dict[str, Any]) -> None:
    """Fail unless a document says which it is, survives JSON, and follows its schema."""
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    errors = [f"{error.json_path}: {error.message}"
              for error in validator(document["document"]).iter_errors(document)]
    assert not errors, errors[:3]
