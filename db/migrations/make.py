"""Makes a migration: the difference between db/tables and what the migrations so far come to."""

import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import ScriptDirectory

from db import migrate, sqlite


def main(what: str) -> None:
    """Write the next migration; look it through before committing it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "so_far.sqlite3"
        migrate.upgrade(f"sqlite:///{path}")
        config = migrate.configuration()
        number = len(list(ScriptDirectory.from_config(config).walk_revisions())) + 1
        with sqlite.make_engine(path).begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, what, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]) or "A change")
