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
# Two segments of the audit log, four of development mode's kind in all, the ballast, and some room for records.
ROOM = "24m"
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


def refusals(server: Garrison, calls: dict[str, dict], deadline: float) -> dict[str, Answer]:
    """Repeats the calls until every one of them is refused; gives the refusals."""
    refused: dict[str, Answer] = {}
    # Large records, so that the room that is set aside is used up soon.
    api = server.api("filler")
    while len(refused) < len(calls):
        assert time.monotonic() < deadline, f"only {sorted(refused)} are refused on a full disk"
        for name, arguments in calls.items():
            answer = api.send(name, **arguments)
            if answer.status == 200:
                refused.pop(name, None)
            else:
                assert is_unavailable(answer), answer
                refused[name] = answer
    return refused


def test_a_full_disk_refuses_and_comes_back(tmp_path, disk):
    load, server = Load(SEED), Confined(tmp_path / "server", disk).start()
    try:
        load.run(server, 200)
        disk.fill()
        # Under load until the first refusal; what was acknowledged until then counts.
        load.run(server, 100_000)
        api = server.api("filler")
        key = load.tenants[0].ids[next(iter(load.tenants[0].state["keys"]))]
        calls = {
            "CreateKey": {"Description": "x" * 8000},
            "GenerateRandom": {"NumberOfBytes": 16},
            "DescribeKey": {"KeyId": key, "GrantTokens": ["x" * 8000]},
        }
        del calls["DescribeKey"]["GrantTokens"]
        refused = refusals(server, calls, time.monotonic() + 60)
        print({name: answer.body["message"] for name, answer in refused.items()})
        health = server.health()
        assert health["status"] == "degraded"
        reasons = [health[part]["reason"] for part in ("store", "audit") if health[part]["status"] == "degraded"]
        assert reasons and all("no space left on device" in reason for reason in reasons), health
        disk.empty()
        deadline = time.monotonic() + RESUME_SECONDS
        while server.health()["status"] != "ok":
            assert time.monotonic() < deadline, server.health()
            time.sleep(0.01)
        load.settle(server)
        load.run(server, 200)
        load.settle(server)
        load.finish(server)
        # And what was acknowledged around the full disk is on it, not only in memory.
        server.kill()
        server.start()
        load.finish(server)
        assert server.stop() == 0, server.log.read_text()
    finally:
        if server.process.poll() is None:
            server.kill()
