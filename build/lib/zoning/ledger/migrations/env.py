"""Run by Alembic: migrates over the connection `zoning.ledger.database.migrate` hands in.

The caller's transaction is used, so that a migration happens wholly or not at all.
"""

from __future__ import annotations

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
