"""Compile the search ahead: ``python -m zoning.siting.warm``, once after an installation."""

from __future__ import annotations

from zoning.siting.search import ready

if __name__ == "__main__":
    ready()
