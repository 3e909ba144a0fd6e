"""Starts a PostgreSQL server for tests: found on the machine, run as another user where we are root."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

_FLAGS = "-c fsync=on -c max_connections=200 -c shared_buffers=128MB"


def find_binaries() -> Path | None:
    """The folder with initdb and pg_ctl: the newest of Debian's places, else the one on PATH."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -int(path.parent.name))
    on_path = shutil.which("pg_ctl")
    if on_path:
        places.append(Path(on_path).resolve().parent)
    return next((place for place in places if (place / "initdb").exists()), None)


def hint() -> str:
    """What to do where there is none."""
    return "PostgreSQL's server is missing: apt-get install postgresql (or brew install postgresql)"


class PostgresServer:
    """A server that listens on a unix socket in a folder of its own, and at an address only where one is given."""

    def __init__(self, folder: Path, *, address: str = "", guests: str = "") -> None:
        self._address = address
        self._guests = guests  # the network whose hosts may come in at the address
        binaries = find_binaries()
        if binaries is None:
            raise FileNotFoundError(hint())
        self._binaries = binaries
        # A socket's path may have 107 bytes at most, and pytest's folders are long.
        self._socket = Path(tempfile.mkdtemp(prefix="pg"))
        self._data = self._socket / "data"
        self._log = folder / "postgres.log"
        # PostgreSQL refuses to run as root.
        self._user = pwd.getpwnam("postgres").pw_name if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(self._socket, self._user)
            self._log = self._socket / "log"

    def start(self) -> None:
        """Make the cluster and start it; returns when it answers."""
        self._call("initdb", "-D", str(self._data), "-U", "bot", "--auth=trust", "-E", "UTF8", "--no-sync")
        if self._guests:
            with (self._data / "pg_hba.conf").open("a") as rules:
                rules.write(f"host all bot {self._guests} trust\n")
        self.resume()

    def resume(self) -> None:
        """Start (again) on the data that is there."""
        flags = f"{_FLAGS} -c listen_addresses={self._address} -k {self._socket}"
        self._call("pg_ctl", "-D", str(self._data), "-l", str(self._log), "-w", "-o", flags, "start")

    def stop(self, mode: str = "immediate") -> None:
        """Stop; `immediate` is a crash, `fast` is in order."""
        self._call("pg_ctl", "-D", str(self._data), "-w", "-m", mode, "stop")

    def url(self, database: str) -> str:
        """The URL of a database of this server."""
        return f"postgresql://bot@/{database}?host={self._socket}"

    @property
    def door(self) -> str:
        """The socket itself, for whoever passes bytes on to it."""
        return str(self._socket / ".s.PGSQL.5432")

    def create_database(self, name: str) -> None:
        """Make an empty database."""
        self._call("createdb", "-h", str(self._socket), "-U", "bot", name)

    def create_database_in(self, folder: Path, name: str) -> str:
        """Make an empty database in a folder of its own, such as a small disk; its URL."""
        prefix = ["runuser", "-u", self._user, "--"] if self._user else []
        subprocess.run([*prefix, "mkdir", str(folder)], check=True)
        self._say(f"CREATE TABLESPACE {name} LOCATION '{folder}'")
        self._call("createdb", "-h", str(self._socket), "-U", "bot", "-D", name, name)
        return self.url(name)

    def drop_space(self, name: str) -> None:
        """Forget such a folder, once no database is in it."""
        self._say(f"DROP TABLESPACE {name}")

    def is_running(self) -> bool:
        """Whether it answers."""
        try:
            self._call("pg_ctl", "-D", str(self._data), "status")
        except RuntimeError:
            return False
        return True

    def _say(self, statement: str) -> None:
        self._call("psql", "-h", str(self._socket), "-U", "bot", "-d", "postgres", "-c", statement)

    def drop_database(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self._call("dropdb", "-h", str(self._socket), "-U", "bot", "--force", name)

    def _call(self, program: str, *arguments: str) -> None:
        # runuser is part of util-linux, which every Linux has; elsewhere nobody tests as root.
        prefix = ["runuser", "-u", self._user, "--"] if self._user else []
        done = subprocess.run(
            [*prefix, str(self._binaries / program), *arguments],
            cwd="/",
            stdout=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stdout or ''}")


def sync_url(url: str) -> str:
    """The URL for tests that talk to PostgreSQL without an event loop."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
