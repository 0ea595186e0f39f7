"""``python -m zoning.web.vendor``: fetch and verify the maps' scripts."""

from __future__ import annotations

import sys

from zoning.errors import ZoningError
from zoning.messages import say, text
from zoning.web.vendor import fetch


def main() -> int:
    """Fetch what is missing and say so; exit code 2 where it cannot be had."""
    try:
        fetched = fetch()
    except ZoningError as error:
        sys.stderr.write(say(error, "en") + "\n")
        return error.exit_code
    told = text("web.vendor_fetched", "en", count=len(fetched)) if fetched else text(
        "web.vendor_current", "en")
    sys.stdout.write(told + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
