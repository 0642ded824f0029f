"""What somebody learns who has a data folder and its root key: written anew from the description of the formats
(`crates/base/crypto/src/kdf.rs` and `seal.rs`), so that it proves what a copy of both gives away."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
import sqlite3
import struct
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SEPARATOR = b"\0"
MATERIAL_V1 = 1


def derive(key: bytes, label: bytes, context: bytes) -> bytes:
    """SP 800-108 in counter mode with HMAC-SHA256, 32 bytes."""
    message = b"\0\0\0\1" + label + b"\0" + context + (256).to_bytes(4)
    return hmac.digest(key, message, "sha256")


def unseal(key: bytes, label: bytes, place: bytes, sealed: bytes) -> bytes:
    """Opens a sealed record: 01, 16 bytes of nonce, ciphertext, tag."""
    assert sealed[0] == 1
    record_key = derive(key, label, sealed[1:17])
    return AESGCM(record_key).decrypt(bytes(12), sealed[17:], b"\1" + place)


def root_key(file: Path) -> bytes:
    return bytes.fromhex(file.read_text().split("\n")[1])


def records(data: Path, work: Path) -> dict[bytes, bytes]:
    """Every record in a copy of a data folder. The copy is copied again: reading changes it."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    for file in data.glob("records.db*"):
        shutil.copy(file, work)
    with sqlite3.connect(work / "records.db") as connection:
        return dict(connection.execute("SELECT key, value FROM records"))


def domain_key(found: dict[bytes, bytes], root: bytes) -> bytes:
    place = SEPARATOR.join([b"server", b"domain-key"])
    sealed = base64.b64decode(json.loads(found[place])["sealed"])
    return unseal(root, b"garrison root v1", place, sealed)


def sealed_material(found: dict[bytes, bytes], key_id: str) -> dict[bytes, bytes]:
    """The sealed materials of a key, by their place."""
    below = SEPARATOR + key_id.encode() + SEPARATOR + b"material" + SEPARATOR
    return {place: sealed_part(value) for place, value in found.items() if below in place}


def sealed_part(value: bytes) -> bytes:
    """The secret part of a stored material, behind its public part."""
    assert value[0] == MATERIAL_V1
    return value[5 + int.from_bytes(value[1:5]) :]


def open_material(found: dict[bytes, bytes], root: bytes, place: bytes, sealed: bytes) -> bytes:
    return unseal(domain_key(found, root), b"garrison domain v1", place, sealed)


def hmac_states(key: bytes) -> list[bytes]:
    """The two hash states that HMAC-SHA256 keeps of a key of at most 64 bytes: as good as the key itself. In the
    order of bytes in which a little-endian machine holds the words."""
    block = key.ljust(64, b"\0")
    pads = [bytes(byte ^ pad for byte in block) for pad in (0x36, 0x5C)]
    return [struct.pack("<8I", *compress(pad)) for pad in pads]


def compress(block: bytes) -> list[int]:
    """SHA-256's state after one block (FIPS 180-4, 6.2.2); `hashlib` does not show it."""
    words = list(struct.unpack(">16I", block))
    for i in range(16, 64):
        a, b = words[i - 15], words[i - 2]
        small0 = turn(a, 7) ^ turn(a, 18) ^ a >> 3
        small1 = turn(b, 17) ^ turn(b, 19) ^ b >> 10
        words.append((words[i - 16] + small0 + words[i - 7] + small1) & 0xFFFFFFFF)
    initial = [fraction(prime, 2) for prime in PRIMES[:8]]
    a, b, c, d, e, f, g, h = initial
    for prime, word in zip(PRIMES, words, strict=True):
        big1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)
        first = h + big1 + (e & f ^ ~e & g) + fraction(prime, 3) + word
        big0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)
        second = big0 + (a & b ^ a & c ^ b & c)
        a, b, c, d, e, f, g, h = (first + second) & 0xFFFFFFFF, a, b, c, (d + first) & 0xFFFFFFFF, e, f, g
    return [(x + y) & 0xFFFFFFFF for x, y in zip(initial, [a, b, c, d, e, f, g, h], strict=True)]


def turn(word: int, by: int) -> int:
    return (word >> by | word << 32 - by) & 0xFFFFFFFF


def fraction(prime: int, root: int) -> int:
    """The first 32 bits of the fractional part of a prime's square or cube root."""
    scaled = prime << 32 * root
    low, high = 0, 1 << 36
    while low + 1 < high:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**root <= scaled else (low, middle)
    return low & 0xFFFFFFFF


PRIMES = [n for n in range(2, 312) if all(n % d for d in range(2, n))]
# A block that is a whole padded message, so that the state is the message's hash.
assert struct.pack(">8I", *compress(b"\x80" + bytes(63))) == hashlib.sha256(b"").digest()
