"""The disk is full: calls are refused and say why, nothing acknowledged is lost, and room brings service back."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from load import Load
from running import Answer, Garrison

SEED = 20_260_119
# Development mode keeps two segments of the audit log, 4 MiB each; the rest is for records.
ROOM = "32m"
# More calls than any room lasts for.
UNTIL_FULL = 1_000_000
FILL_SECONDS = 60
RESUME_SECONDS = 20

# Waits for commands on its standard input, one a line, in the namespace that has the small disk.
SHELL = """
mount -t tmpfs -o size="$ROOM" tmpfs "$DISK" || { echo "no tmpfs"; exit 1; }
echo ready
while read -r command; do eval "$command"; echo done; done
"""


class SmallDisk:
    """A small tmpfs in a mount namespace of its own, where commands are run: nobody need be root, and nothing stays."""

    def __init__(self, folder: Path):
        self.folder = folder
        folder.mkdir()
        command = ["unshare", "--mount", "sh", "-c", SHELL]
        if os.geteuid() != 0:
            command[1:1] = ["--user", "--map-root-user"]
        if shutil.which("unshare") is None:
            self.impossible("there is no `unshare`")
        self.shell = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "DISK": str(folder), "ROOM": ROOM},
        )  # fmt: skip
        if self.shell.stdout.readline().strip() != "ready":
            self.impossible(f"this machine lets nobody mount a tmpfs: {self.shell.communicate()[1]}")

    def impossible(self, why: str) -> None:
        if os.environ.get("GARRISON_REQUIRE_TMPFS", "0") not in ("", "0"):
            pytest.fail(why)
        pytest.skip(why)

    def do(self, command: str) -> list[str]:
        """Runs a command; gives the lines that it printed."""
        self.shell.stdin.write(command + "\n")
        self.shell.stdin.flush()
        lines = []
        while (line := self.shell.stdout.readline().rstrip("\n")) != "done":
            assert self.shell.poll() is None, "the shell ended"
            lines.append(line)
        return lines

    def fill(self) -> None:
        self.do(f"cat /dev/zero > {self.folder}/filler 2>/dev/null")

    def empty(self) -> None:
        self.do(f"rm -f {self.folder}/filler")

    def close(self) -> None:
        self.shell.stdin.close()
        self.shell.wait(timeout=30)


@pytest.fixture
def disk(tmp_path):
    disk = SmallDisk(tmp_path / "disk")
    yield disk
    disk.close()


class Confined(Garrison):
    """A server whose data folder is on the small disk."""

    def __init__(self, folder: Path, disk: SmallDisk):
        super().__init__(folder)
        self.disk = disk
        self.flags = tuple(str(disk.folder / "data") if flag == str(self.data) else flag for flag in self.flags)

    def command(self) -> list[str]:
        # Into the namespace of the shell; the server's process is the one that was started.
        user = [] if os.geteuid() == 0 else ["--user", "--preserve-credentials"]
        return ["nsenter", f"--target={self.disk.shell.pid}", "--mount", *user, *super().command()]


def is_unavailable(answer: Answer) -> bool:
    return (answer.status, answer.code) == (503, "ServiceUnavailableException")


def use_up(server: Garrison, calls: dict[str, dict]) -> None:
    """Repeats calls until every one of them is refused: what was set aside before is used up first."""
    refused, api, deadline = set(), server.api("filler"), time.monotonic() + FILL_SECONDS
    while len(refused) < len(calls):
        assert time.monotonic() < deadline, f"only {sorted(refused)} are refused on a full disk"
        for name, arguments in calls.items():
            answer = api.send(name, **arguments)
            if answer.status == 200:
                refused.discard(name)
            else:
                assert is_unavailable(answer), answer
                refused.add(name)


def assert_degraded(server: Garrison) -> None:
    health = server.health()
    assert health["status"] == "degraded"
    reasons = [health[part]["reason"] for part in ("store", "audit") if health[part]["status"] == "degraded"]
    assert reasons and all("no space left on device" in reason for reason in reasons), health


def await_room(server: Garrison) -> None:
    deadline = time.monotonic() + RESUME_SECONDS
    while server.health()["status"] != "ok":
        assert time.monotonic() < deadline, server.health()
        time.sleep(0.01)


# Reads and uses of keys need a record, so they are refused as changes are. Large ones use up the room soon.
CALLS = {"CreateKey": {"Description": "x" * 8000}, "GenerateRandom": {"NumberOfBytes": 16}, "ListKeys": {}}


@pytest.mark.parametrize("killed", [False, True], ids=["running", "killed-while-full"])
def test_a_full_disk_refuses_and_room_brings_service_back(tmp_path, disk, killed):
    load, server = Load(SEED), Confined(tmp_path / "server", disk).start()
    try:
        load.run(server, 100)
        disk.fill()
        # Goes on until the first refusals; what was acknowledged up to them counts.
        load.run(server, UNTIL_FULL)
        assert load.unserved and all(is_unavailable(answer) for answer in load.unserved), load.unserved
        use_up(server, CALLS)
        assert_degraded(server)
        if killed:
            server.kill()
            disk.fill()
            # It starts on a full disk, and refuses; it needs no second start when there is room.
            server.start()
            use_up(server, CALLS)
            assert_degraded(server)
        disk.empty()
        await_room(server)
        load.settle(server)
        load.run(server, 100)
        load.settle(server)
        # What was acknowledged around the full disk is on it, not only in memory.
        server.kill()
        server.start()
        load.finish(server)
        assert server.stop() == 0, server.log.read_text()
    finally:
        if server.process.poll() is None:
            server.kill()
