"""Looking for bytes in the memory of another process."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

# Half an AES-256 key: a remnant of which so much is left is found.
WINDOW = 16
CHUNK = 8 << 20


def require_access(pid: int) -> None:
    """The server makes itself undumpable: only a privileged user reads its memory."""
    try:
        os.close(os.open(f"/proc/{pid}/mem", os.O_RDONLY))
    except PermissionError:
        pytest.skip("only root may read the memory of a process that is not dumpable")


def windows(secret: bytes) -> set[bytes]:
    """Pieces of a secret, as the number's bytes stand in a file and as they stand in memory."""
    step = WINDOW // 2
    starts = range(0, len(secret) - WINDOW + 1, step if len(secret) <= 64 else WINDOW)
    pieces = {secret[start : start + WINDOW] for start in starts}
    return pieces | {piece[::-1] for piece in pieces}


def search(pid: int, secrets: dict[str, Iterable[bytes]]) -> dict[str, list[str]]:
    """Which of these secrets, each as a set of pieces, are in a mapping that the process can write, and in which."""
    found: dict[str, list[str]] = {}
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY)
    try:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            addresses, permissions, *rest = line.split()
            if "w" not in permissions:
                continue
            start, end = (int(address, 16) for address in addresses.split("-"))
            for at, content in blocks(memory, start, end):
                for name, pieces in secrets.items():
                    hits = [content.find(piece) for piece in pieces]
                    where = rest[3] if len(rest) > 3 else "anonymous"
                    found.setdefault(name, []).extend(f"{at + hit:#x} {where}" for hit in hits if hit >= 0)
    finally:
        os.close(memory)
    return {name: places for name, places in found.items() if places}


def blocks(memory: int, start: int, end: int) -> Iterable[tuple[int, bytes]]:
    """A mapping in blocks that overlap, so that nothing is missed between two. Pages that cannot be read are none."""
    at = start
    while at < end:
        size = min(CHUNK, end - at)
        try:
            content = os.pread(memory, size, at)
        except OSError:
            return
        yield at, content
        if size < CHUNK:
            return
        at += size - WINDOW
