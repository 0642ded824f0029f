"""A backup is made while calls go on, and opens elsewhere with the root key that is not in it."""

from __future__ import annotations

import json
import subprocess
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from load import Load
from running import Garrison, binary

SEED = 20_260_120
FIXTURES = Path(__file__).parent / "fixtures"


def garrison(*arguments: str | Path) -> subprocess.CompletedProcess:
    return subprocess.run([binary(), *map(str, arguments)], capture_output=True, text=True, timeout=120)


def backup(server: Garrison, to: Path) -> None:
    done = garrison("backup", "--data-dir", server.data, "--to", to)
    assert done.returncode == 0, done.stderr


def restore(server: Garrison, source: Path, root_key: Path) -> subprocess.CompletedProcess:
    return garrison("restore", "--data-dir", server.data, "--root-key-file", root_key, "--from", source)


def test_a_backup_under_load_holds_everything_acknowledged_before_it(tmp_path):
    server, load = Garrison(tmp_path / "server").start(), Load(SEED)
    elsewhere = Garrison(tmp_path / "elsewhere", root_key=server.root_key)
    try:
        load.run(server, 150)
        load.settle(server)
        saved = load.copy()
        # Calls go on from before the backup begins until after it has ended.
        stop = threading.Event()
        others = threading.Thread(target=bystander, args=(server, stop))
        others.start()
        backup(server, tmp_path / "backup")
        stop.set()
        others.join()
        assert not (tmp_path / "backup").joinpath("control.sock").exists()
        # The server goes on as before.
        load.run(server, 50)
        load.settle(server)
        assert server.stop() == 0
        done = restore(elsewhere, tmp_path / "backup", server.root_key)
        assert done.returncode == 0, done.stderr
        elsewhere.start()
        saved.finish(elsewhere)
        whole_bystander(elsewhere)
        # And the copy is a server of its own: it takes changes, and keeps them.
        saved.run(elsewhere, 50)
        saved.settle(elsewhere)
        elsewhere.kill()
        elsewhere.start()
        saved.finish(elsewhere)
    finally:
        for process in (server, elsewhere):
            if process.process and process.process.poll() is None:
                process.kill()


# An account that the tenants do not use.
BYSTANDER = "310987654321"


def bystander(server: Garrison, stop: threading.Event) -> None:
    """Load from another account, so that the backup is not made at rest."""
    api = server.api(BYSTANDER)
    while not stop.is_set():
        key = api("CreateKey")["KeyMetadata"]["KeyId"]
        api("Encrypt", KeyId=key, Plaintext="AAAA")


def whole_bystander(server: Garrison) -> None:
    """What was made while the backup was made is whole: each key with the record of its creation."""
    api = server.api(BYSTANDER)
    keys = {key["KeyId"] for key in api.pages("ListKeys", "Keys", Limit=1000)}
    records = [event["Record"]["responseElements"] for event in api.events("EventName", "CreateKey")]
    assert keys <= {record["keyMetadata"]["keyId"] for record in records}


def test_a_backup_does_not_open_with_another_root_key(tmp_path):
    server, stranger = Garrison(tmp_path / "server").start(), Garrison(tmp_path / "stranger").start()
    elsewhere = Garrison(tmp_path / "elsewhere", root_key=stranger.root_key)
    try:
        key = server.api()("CreateKey")["KeyMetadata"]["KeyId"]
        backup(server, tmp_path / "backup")
        # Nothing in the backup is the root key, and without it there is no way in.
        root = bytes.fromhex(server.root_key.read_text().split("\n")[1])
        for file in (path for path in (tmp_path / "backup").rglob("*") if path.is_file()):
            content = file.read_bytes()
            assert root not in content and root.hex().encode() not in content, file
        done = restore(elsewhere, tmp_path / "backup", stranger.root_key)
        assert done.returncode == 1 and "root key does not open this store" in done.stderr, done
        missing = restore(Garrison(tmp_path / "third"), tmp_path / "backup", tmp_path / "no-such-key")
        assert missing.returncode == 1 and "no-such-key" in missing.stderr, missing
        assert not (tmp_path / "no-such-key").exists(), "a new root key opens nothing and would only mislead"
        # The right one opens what the wrong one left in place.
        elsewhere.launch()
        assert elsewhere.process.wait(timeout=30) == 1
        assert "root key does not open this store" in elsewhere.log.read_text()
        right = Garrison(tmp_path / "elsewhere", root_key=server.root_key).start()
        assert right.api()("DescribeKey", KeyId=key)["KeyMetadata"]["KeyId"] == key
        right.kill()
    finally:
        server.kill()
        stranger.kill()


def test_a_restore_goes_to_a_folder_of_its_own(tmp_path):
    server = Garrison(tmp_path / "server").start()
    try:
        key = server.api()("CreateKey")["KeyMetadata"]["KeyId"]
        backup(server, tmp_path / "backup")
        again = garrison("backup", "--data-dir", server.data, "--to", tmp_path / "backup")
        assert again.returncode != 0 and "is not empty" in again.stderr, again
        onto = restore(server, tmp_path / "backup", server.root_key)
        assert onto.returncode != 0 and "is not empty" in onto.stderr, onto
        assert server.api()("DescribeKey", KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    finally:
        server.kill()


@pytest.mark.parametrize("fixture", sorted(FIXTURES.glob("data-*.tar.gz")), ids=lambda path: path.stem)
def test_data_of_an_older_release_opens(tmp_path, fixture):
    """Folders that earlier releases wrote, each with its root key and what it must give. A released one is never
    changed; a new form of a record gets a new one beside it (`make_fixture.py`)."""
    old = tmp_path / "old"
    old.mkdir()
    subprocess.run(["tar", "--no-same-owner", "-xzf", fixture, "-C", old], check=True)
    expected = json.loads((old / "expected.json").read_text())
    server = Garrison(tmp_path / "server", root_key=old / "root-key")
    (old / "root-key").chmod(0o600)
    done = restore(server, old / "backup", old / "root-key")
    assert done.returncode == 0, done.stderr
    server.start()
    try:
        api = server.api()
        for call in expected["calls"]:
            given = api(call["operation"], **call["arguments"])
            assert {name: given.get(name) for name in call["gives"]} == call["gives"], call
        # No record of the log is damaged, and those of the last 90 days are found.
        assert server.health()["status"] == "ok"
        made = datetime.fromisoformat(expected["made"])
        if datetime.now(UTC) - made < timedelta(days=85):
            assert {event["EventName"] for event in api.events()} >= set(expected["events"])
    finally:
        server.kill()
