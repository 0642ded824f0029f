"""No key bytes stay in the process: after deletion, after eviction, and when everything is closed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

import opening
from materials import STATES, Imported, known_keys, of_mac_key
from memory import require_access, search, windows
from running import NOBODY, Api, Garrison, binary

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


def remains(server: Garrison, pieces: dict[str, set[bytes]], states: bool = False) -> dict[str, list[str]]:
    """What is found of the bytes of keys, or of the hash states that keys are loaded as."""
    return search(server.process.pid, {name: those for name, those in pieces.items() if (STATES in name) is states})


def of_all(keys: list[Imported]) -> dict[str, set[bytes]]:
    return {name: pieces for key in keys for name, pieces in key.pieces.items()}


def delete_materials(server: Garrison, api: Api, keys: list[Imported]) -> None:
    for key in keys:
        api("DeleteImportedKeyMaterial", KeyId=key.id)


def delete_keys(server: Garrison, api: Api, keys: list[Imported]) -> None:
    for key in keys:
        api("ScheduleKeyDeletion", KeyId=key.id, PendingWindowInDays=7)
    server.advance("8d")


@pytest.mark.parametrize("delete", [delete_materials, delete_keys])
def test_a_deleted_key_is_gone_from_memory(server, delete):
    api = server.api()
    keys = loaded(server, api)
    delete(server, api, keys)
    assert remains(server, of_all(keys)) == {}


def test_a_deleted_key_leaves_no_hash_state(server):
    api = server.api()
    keys = loaded(server, api) + loaded(server, api)
    delete_materials(server, api, keys)
    assert remains(server, of_all(keys), states=True) == {}


def test_a_key_that_the_cache_pushes_out_is_gone_from_memory(server):
    api = server.api()
    keys = loaded(server, api)
    for made in range(OTHERS):
        key = api("CreateKey")["KeyMetadata"]["KeyId"]
        api("Encrypt", KeyId=key, Plaintext="AAAA")
        if made % BATCH == BATCH - 1 and not (left := search(server.process.pid, of_all(keys))):
            return
    pytest.fail(f"after {OTHERS} other keys there still is: {left}")


def test_nothing_is_left_when_everything_is_closed(server):
    """Down to the keys at the top: the domain key, which seals every other, and the root key, which opens that."""
    api = server.api()
    keys = loaded(server, api)
    root = opening.root_key(server.root_key)
    domain = of_mac_key("domain", opening.domain_key(opening.records(server.data, server.folder / "work"), root))
    assert search(server.process.pid, domain), "the domain key is in use and not found"
    everything = of_all(keys) | domain | of_root_key(server, root)
    server.process.terminate()
    deadline = time.monotonic() + PAUSE_SECONDS
    while not server.log.read_text().endswith("paused\n"):
        assert server.process.poll() is None and time.monotonic() < deadline, server.log.read_text()
        time.sleep(0.005)
    left = search(server.process.pid, everything)
    server.process.stdin.close()
    assert server.process.wait(timeout=30) == 0
    assert left == {}


def test_the_root_key_is_not_held_while_serving(server):
    """It opens the domain key at the start and is not needed after that."""
    loaded(server, server.api())
    root = of_root_key(server, opening.root_key(server.root_key))
    assert remains(server, root) == {}


def of_root_key(server: Garrison, root: bytes) -> dict[str, set[bytes]]:
    digits = server.root_key.read_bytes().split(b"\n")[1]
    return of_mac_key("root", root) | {"root key file": windows(digits)}


def test_no_core_dumps(server):
    limits = [line.split() for line in Path(f"/proc/{server.process.pid}/limits").read_text().splitlines()]
    (core,) = [line for line in limits if line[:4] == ["Max", "core", "file", "size"]]
    assert core[4:6] == ["0", "0"]


def test_not_even_the_servers_own_user_reads_its_memory(tmp_path):
    """A process that is not dumpable belongs to root in /proc, and a debugger of its own user is refused."""
    user = NOBODY if os.geteuid() == 0 else os.geteuid()
    # pytest's own folders are the caller's alone.
    home = Path(tempfile.mkdtemp(prefix="garrison-memory-"))
    server = Garrison(home)
    try:
        if user != os.geteuid():
            shutil.copy(binary(), home / "garrison")
            server.log.touch()
            for path in [home, *home.rglob("*")]:
                os.chown(path, user, user)
            server.as_user(user, home / "garrison")
        server.start()
        pid = server.process.pid
        status = Path(f"/proc/{pid}/status").read_text()
        assert f"Uid:\t{user}\t{user}" in status, status
        assert Path(f"/proc/{pid}/mem").stat().st_uid == 0
        attempt = subprocess.run(
            ["head", "-c", "1", f"/proc/{pid}/mem"], user=user, capture_output=True, text=True, cwd="/"
        )
        assert attempt.returncode != 0 and "Permission denied" in attempt.stderr, attempt
    finally:
        if server.process and server.process.poll() is None:
            server.kill()
        shutil.rmtree(home)
