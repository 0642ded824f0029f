"""No key bytes stay in the process: after deletion, after eviction, and when everything is closed."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

import opening
from materials import Imported, known_keys, of_mac_key
from memory import require_access, search
from running import Api, Garrison

# The smallest cache keeps a few dozen keys; so many others push any one of them out.
OTHERS = 1500
BATCH = 100
PAUSE_SECONDS = 30


@pytest.fixture
def server(tmp_path):
    server = Garrison(tmp_path / "server", "--pause-after-shutdown", "--kms-key-cache", "1").start()
    require_access(server.process.pid)
    yield server
    if server.process.poll() is None:
        server.kill()


def loaded(server: Garrison, api: Api) -> list[Imported]:
    """Imports known keys and uses them. That the search finds them while they are loaded is what makes its silence
    afterwards mean something."""
    keys = known_keys()
    for key in keys:
        key.create(api)
    for key in keys:
        # Just before it is looked for: another key may push it out.
        key.use(api)
        assert search(server.process.pid, key.pieces), f"the {key.name} key is in use and not found"
    return keys


def remains(server: Garrison, keys: list[Imported]) -> dict[str, list[str]]:
    return search(server.process.pid, {name: pieces for key in keys for name, pieces in key.pieces.items()})


def test_a_deleted_material_is_gone_from_memory(server):
    api = server.api()
    keys = loaded(server, api)
    for key in keys:
        api("DeleteImportedKeyMaterial", KeyId=key.id)
    assert remains(server, keys) == {}


def test_a_deleted_key_is_gone_from_memory(server):
    api = server.api()
    keys = loaded(server, api)
    for key in keys:
        api("ScheduleKeyDeletion", KeyId=key.id, PendingWindowInDays=7)
    server.advance("8d")
    assert remains(server, keys) == {}


def test_a_key_that_the_cache_pushes_out_is_gone_from_memory(server):
    api = server.api()
    keys = loaded(server, api)
    for made in range(OTHERS):
        key = api("CreateKey")["KeyMetadata"]["KeyId"]
        api("Encrypt", KeyId=key, Plaintext="AAAA")
        if made % BATCH == BATCH - 1 and not (left := remains(server, keys)):
            return
    pytest.fail(f"after {OTHERS} other keys there still is: {left}")


def test_nothing_is_left_when_everything_is_closed(server):
    api = server.api()
    keys = loaded(server, api)
    root = opening.root_key(server.root_key)
    domain = opening.domain_key(opening.records(server.data, server.folder / "work"), root)
    top = of_mac_key("domain", domain)
    assert search(server.process.pid, top), "the domain key is in use and not found"
    # The root key opens the domain key at the start and is not needed after that.
    top |= of_mac_key("root", root) | {"root key file": {server.root_key.read_bytes()[20:52]}}
    server.process.terminate()
    deadline = time.monotonic() + PAUSE_SECONDS
    while not server.log.read_text().endswith("paused\n"):
        assert server.process.poll() is None and time.monotonic() < deadline, server.log.read_text()
        time.sleep(0.005)
    left = remains(server, keys) | search(server.process.pid, top)
    server.process.stdin.close()
    assert server.process.wait(timeout=30) == 0
    assert left == {}


def test_the_root_key_is_not_held_while_serving(server):
    loaded(server, server.api())
    root = opening.root_key(server.root_key)
    assert search(server.process.pid, of_mac_key("root", root)) == {}


def test_nobody_else_reads_the_process(server):
    process = Path("/proc", str(server.process.pid))
    limits = [line.split() for line in (process / "limits").read_text().splitlines()]
    (core,) = [line for line in limits if line[:4] == ["Max", "core", "file", "size"]]
    assert core[4:6] == ["0", "0"]
    # What belongs to root whoever runs the process is that of a process that is not dumpable.
    assert (process / "mem").stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become the server's user beside it")
def test_not_even_the_same_user_attaches(tmp_path):
    """The same user without privileges: reading the memory is refused, as a debugger's attaching is."""
    folder = tmp_path / "server"
    folder.mkdir()
    pytest.skip("explore")
