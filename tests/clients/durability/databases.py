"""A throwaway PostgreSQL cluster that can be killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from running import NOBODY

START_SECONDS = 20


def programs() -> Path | None:
    """The folder that has `initdb` and `postgres`."""
    installed = Path("/usr/lib/postgresql")
    versions = sorted(installed.iterdir(), reverse=True) if installed.is_dir() else []
    folders = [Path(os.environ["GARRISON_POSTGRES_BIN"])] if os.environ.get("GARRISON_POSTGRES_BIN") else []
    folders += [version / "bin" for version in versions]
    folders += [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    return next((f for f in folders if (f / "initdb").is_file() and (f / "postgres").is_file()), None)


class Cluster:
    """A cluster of its own on a socket of its own; it syncs as PostgreSQL does by default."""

    def __init__(self) -> None:
        self.bin = programs()
        if self.bin is None:
            missing = "no PostgreSQL: neither GARRISON_POSTGRES_BIN nor /usr/lib/postgresql nor PATH has initdb"
            if os.environ.get("GARRISON_REQUIRE_POSTGRES", "0") not in ("", "0"):
                pytest.fail(missing)
            pytest.skip(missing)
        # A socket's path is at most 107 bytes long: pytest's own folders are too deep.
        self.folder = Path(tempfile.mkdtemp(prefix="garrison-pg-"))
        # PostgreSQL refuses to run as root.
        self.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        if self.user:
            os.chown(self.folder, NOBODY, NOBODY)
        make = [self.bin / "initdb", "-D", self.folder / "data", "-U", "garrison", "-A", "trust", "--no-sync"]
        subprocess.run([*make, "--no-locale", "-E", "UTF8"], check=True, capture_output=True, cwd="/", **self.user)
        self.process: subprocess.Popen | None = None
        self.boot()

    def database(self, name: str) -> str:
        """The URL of a new database."""
        make = [self.bin / "createdb", "-h", self.folder, "-U", "garrison", name]
        subprocess.run(make, check=True, capture_output=True, cwd="/")
        return f"postgresql://garrison@/{name}?host={self.folder}"

    def boot(self) -> None:
        settings = ["listen_addresses=", "max_connections=60", "shared_buffers=16MB", "log_min_messages=fatal"]
        command = [self.bin / "postgres", "-D", self.folder / "data", "-k", self.folder]
        command += [part for setting in settings for part in ("-c", setting)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **self.user
            )
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder], check=False).returncode != 0:
            ended = self.process.poll() is not None or time.monotonic() > deadline
            assert not ended, f"PostgreSQL does not come up:\n{(self.folder / 'log').read_text()}"
            time.sleep(0.02)

    def kill(self) -> None:
        """Kills every process of the server at once; children first, lest they notice and still finish something."""
        pid = self.process.pid
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            try:
                os.kill(int(child), signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.kill()
        self.process.wait()

    def remove(self) -> None:
        if self.process.poll() is None:
            # "Immediate shutdown": the server ends its children and itself.
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=30)
        shutil.rmtree(self.folder, ignore_errors=True)
