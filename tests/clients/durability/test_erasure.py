"""After a key's destruction the data folder, its logs and the root key together recover nothing of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import opening
from materials import Imported, known_keys
from running import Api, Garrison

WINDOW = 16


def delete_key(server: Garrison, api: Api, key: Imported) -> None:
    api("ScheduleKeyDeletion", KeyId=key.id, PendingWindowInDays=7)
    server.advance("8d")


def delete_material(server: Garrison, api: Api, key: Imported) -> None:
    api("DeleteImportedKeyMaterial", KeyId=key.id)


def expire(server: Garrison, api: Api, key: Imported) -> None:
    server.advance("3d")


def delete_and_kill(server: Garrison, api: Api, key: Imported) -> None:
    """The answer came, so the material is gone for good, whatever happens to the server next."""
    api("DeleteImportedKeyMaterial", KeyId=key.id)
    server.kill()


@pytest.mark.parametrize("destroy", [delete_key, delete_material, expire, delete_and_kill])
def test_a_destroyed_key_is_nowhere(tmp_path, destroy: Callable):
    server = Garrison(tmp_path / "server").start()
    try:
        api = server.api()
        keys = known_keys()
        for key in keys:
            key.create(api, valid_days=2 if destroy is expire else None)
            key.use(api)
        # Neighbours on both sides, so that the records lie among others.
        kept = [api("CreateKey")["KeyMetadata"]["KeyId"] for _ in range(20)]
        root = opening.root_key(server.root_key)
        before = copy(server.data, tmp_path / "before")
        found = opening.records(before, tmp_path / "work")
        sealed = {}
        for key in keys:
            ((place, sealed[key.name]),) = opening.sealed_material(found, key.id).items()
            # Until its destruction folder and root key do give it away: what is looked for below is the right thing.
            assert opening.open_material(found, root, place, sealed[key.name]) == key.material
            assert remnants(before, sealed[key.name])
        for key in keys:
            if server.process.poll() is not None:
                server.start()
            destroy(server, server.api(), key)
        left = {name: remnants(server.data, value) for name, value in sealed.items()}
        assert not any(left.values()), f"still in the folder: {left}"
        plain = {key.name: remnants(server.data, key.material) for key in keys}
        assert not any(plain.values()), f"in the folder, not even sealed: {plain}"
        # The token holds the key that the material was wrapped for: the audit log must have neither.
        sent = {key.name: remnants(server.data, text.encode(), step=WINDOW) for key in keys for text in key.sent}
        assert not any(sent.values()), f"the import can be opened again: {sent}"
        after = opening.records(copy(server.data, tmp_path / "after"), tmp_path / "work")
        assert not any(opening.sealed_material(after, key.id) for key in keys)
        assert all(opening.sealed_material(after, key) for key in kept), "others' materials must stay"
    finally:
        if server.process.poll() is None:
            server.kill()


def copy(data: Path, to: Path) -> Path:
    """The folder as `cp` takes it, log and all; the server's socket is left out."""
    return shutil.copytree(data, to, ignore=lambda _, names: [name for name in names if name.endswith(".sock")])


def remnants(data: Path, secret: bytes, step: int = 1) -> list[str]:
    """The files that hold any sixteen bytes in a row of a secret (with a `step`: every so many of them)."""
    pieces = {secret[start : start + WINDOW] for start in range(0, len(secret) - WINDOW + 1, step)}
    found = []
    for file in sorted(path for path in data.rglob("*") if path.is_file()):
        content = file.read_bytes().rstrip(b"\0")
        if any(piece in content for piece in pieces):
            found.append(str(file.relative_to(data)))
    return found
