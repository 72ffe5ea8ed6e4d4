"""
Draft the next migration from what has changed in the tables.

::

    python -m fieldops.store.migrations "Say what changes"

The draft is what Alembic sees; check constraints and moved data are for the person who keeps it.
"""

import sys
import tempfile
from pathlib import Path

from fieldops.store.database import Database
from fieldops.store.migrate import newest, upgrade, write_revision


def main(message: str) -> None:
    """Compare the tables with an empty database at the newest revision, and write the difference."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'newest.db'}")
        upgrade(database)
        write_revision(database, message, f"{int(newest()) + 1:04}")
        database.close()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or sys.exit(__doc__))
