"""``python -m zoning`` is the command ``zoning``."""

from zoning.cli import main

if __name__ == "__main__":
    main()
