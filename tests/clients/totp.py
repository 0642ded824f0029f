"""The six digits of a virtual MFA device (RFC 6238 with SHA-1 and steps of 30 seconds)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time


def code(seed: bytes, step: int) -> str:
    key = base64.b32decode(seed)
    digest = hmac.digest(key, step.to_bytes(8, "big"), hashlib.sha1)
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def codes(seed: bytes, ahead: int = 0) -> dict[str, str]:
    """Two codes that follow each other; the second is that of now, or `ahead` steps later."""
    step = int(time.time()) // 30 + ahead
    return {"AuthenticationCode1": code(seed, step - 1), "AuthenticationCode2": code(seed, step)}
