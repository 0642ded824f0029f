"""Looking for bytes in the memory of another process."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterator
from pathlib import Path

import pytest

WINDOW = 16
PAGE = os.sysconf("SC_PAGE_SIZE")


def require_access(pid: int) -> None:
    """The server makes itself undumpable: only a privileged user reads its memory."""
    try:
        os.close(os.open(f"/proc/{pid}/mem", os.O_RDONLY))
    except PermissionError:
        pytest.skip("only root may read the memory of a process that is not dumpable")


def windows(secret: bytes) -> set[bytes]:
    """Pieces of a secret: a remnant of one and a half times their length holds one of them."""
    return {secret[start : start + WINDOW] for start in range(0, len(secret) - WINDOW + 1, WINDOW // 2)}


def number_windows(number: int, length: int) -> set[bytes]:
    """Pieces of a large number, as its bytes stand in a file and as a little-endian machine computes with them."""
    return {
        encoded[start : start + WINDOW]
        for encoded in (number.to_bytes(length, "big"), number.to_bytes(length, "little"))
        for start in range(0, length, WINDOW)
    }


def search(pid: int, secrets: dict[str, set[bytes]]) -> dict[str, list[str]]:
    """Which of these secrets, each as a set of pieces, are in memory that the process can write, and where."""
    found: dict[str, list[str]] = {}
    for at, content in pages(pid):
        for name, pieces in secrets.items():
            hits = [content.find(piece) for piece in pieces]
            found.setdefault(name, []).extend(f"{at + hit:#x}" for hit in hits if hit >= 0)
    return {name: places for name, places in found.items() if places}


def pages(pid: int) -> Iterator[tuple[int, bytes]]:
    """Every run of pages that the process can write and has written, with its address."""
    memory, table = os.open(f"/proc/{pid}/mem", os.O_RDONLY), os.open(f"/proc/{pid}/pagemap", os.O_RDONLY)
    try:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            addresses, permissions, *_ = line.split()
            if "w" in permissions:
                start, end = (int(address, 16) for address in addresses.split("-"))
                for first, last in runs(table, start // PAGE, end // PAGE):
                    yield first * PAGE, read(memory, first * PAGE, last * PAGE)
    finally:
        os.close(memory)
        os.close(table)


def read(memory: int, at: int, end: int) -> bytes:
    """The bytes between two addresses, as far as they are still mapped."""
    content = bytearray()
    while at < end:
        try:
            block = os.pread(memory, end - at, at)
        except OSError:
            break
        content += block
        at += len(block)
    return bytes(content)


def runs(table: int, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The runs of pages between two that are in memory or swapped out: the others were never written."""
    entries = array("Q", os.pread(table, (end - start) * 8, start * 8))
    first = None
    for page, entry in enumerate(entries, start):
        if entry >> 62 and first is None:
            first = page
        elif not entry >> 62 and first is not None:
            yield first, page
            first = None
    if first is not None:
        yield first, end
