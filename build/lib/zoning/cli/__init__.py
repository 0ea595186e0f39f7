"""The command line: one function per command, in the order of the work.

* `doors`: options every command has, how answers and errors leave   * `layers`, `decide`, `ledger`,
  `papers`: the commands
"""

from zoning.cli.main import main

__all__ = ["main"]
