"""Loss of power for one server: only what it has synced survives its end.

The library is the store's own (`crates/store/torture/powerloss.c` says what it does); this starts the server under
it and puts what it kept in the data folder's place.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from running import Garrison

HERE = Path(__file__).parent
SHIM = HERE.parents[2] / "crates" / "store" / "torture" / "powerloss.c"
SKIP = HERE / "skip_sync.c"


def library(source: Path, folder: Path) -> Path:
    """A library built with the machine's C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to build the library that loses power")
    built = folder / f"lib{source.stem}.so"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", built, source, "-ldl", "-lpthread"], check=True)
    return built


class Unpowered(Garrison):
    """A server whose power can be cut. With `without`, syncs of paths that match this pattern are left out."""

    def __init__(self, folder: Path, without: str | None = None, root_key: Path | None = None):
        super().__init__(folder, root_key=root_key)
        self.shadow = folder / "shadow"
        libraries = [library(SHIM, folder)]
        if without:
            libraries.insert(0, library(SKIP, folder))
            self.env["GARRISON_SKIP_SYNC"] = without
        self.env |= {
            "LD_PRELOAD": " ".join(str(path) for path in libraries),
            "GARRISON_POWERLOSS_DIR": str(self.home),
            "GARRISON_POWERLOSS_SHADOW": str(self.shadow),
        }

    def launch(self) -> None:
        shutil.rmtree(self.shadow, ignore_errors=True)
        self.shadow.mkdir()
        super().launch()

    def lose_power(self) -> None:
        """Ends the server at once, and leaves of data folder and root key what was synced and nothing else."""
        self.kill()
        names = self.shadow / "names"
        if not names.exists():
            # It ended before it had begun: nothing was written.
            return
        shutil.rmtree(self.home)
        self.home.mkdir()
        lines = [line.split(" ") for line in names.read_text().splitlines()]
        # A folder comes after the one that it is in; what lies in one that is not durable itself is not reachable.
        for _, path in sorted(line for line in lines if line[0] == "D"):
            target = self.home / path
            if target.parent.is_dir():
                target.mkdir(mode=0o700)
        for _, number, path in (line for line in lines if line[0] == "F"):
            target, content = self.home / path, self.shadow / "files" / number
            if target.parent.is_dir():
                target.write_bytes(content.read_bytes() if content.exists() else b"")
                target.chmod(0o600)
