"""What Alembic runs: the migrations asked for, on the connection and in the transaction that `store.migrate` opened."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from fieldops.store.base import Instant, Row
from fieldops.store.tables import TerritoryRow

# The tables know each other by being imported.
assert TerritoryRow.metadata is Row.metadata


def rendered(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write instants as what they are in the database: a migration must not depend on classes that may move."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


def migrate() -> None:
    """Run what was asked for."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Row.metadata,
        render_as_batch=True,
        render_item=rendered,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


# Under this name Alembic runs the file; whoever else imports it asks for nothing.
if __name__ == "env_py":
    migrate()
