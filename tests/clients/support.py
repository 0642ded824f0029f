"""Small things that many of these tests say."""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
MATERIAL_ID = re.compile(r"[0-9a-f]{64}")
# How every symmetric ciphertext starts: what programs that look for KMS ciphertexts look for.
BLOB_START = bytes.fromhex("0102020078")
MISSING_KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"


@contextmanager
def refused(code: str, message: str | re.Pattern | None = None, status: int | None = None):
    """The block must be refused with this error code and, when given, this message: whole, or found by a pattern."""
    with pytest.raises(ClientError) as caught:
        yield caught
    response = caught.value.response
    error = response["Error"]
    assert error["Code"] == code, error
    if isinstance(message, re.Pattern):
        assert message.search(error["Message"]), error
    elif message is not None:
        assert error["Message"] == message
    if status is not None:
        assert response["ResponseMetadata"]["HTTPStatusCode"] == status


def error_of(call, **arguments) -> tuple[str, str] | None:
    """The error code and message of a call; none when it was allowed."""
    try:
        call(**arguments)
    except ClientError as refusal:
        error = refusal.response["Error"]
        return error["Code"], error["Message"]
    return None


def body(response: dict) -> dict:
    """The response without what the client puts beside it."""
    return {name: value for name, value in response.items() if name != "ResponseMetadata"}


def new_key(kms, **arguments) -> dict:
    """The metadata of a new key."""
    return kms.create_key(**arguments)["KeyMetadata"]


def key_arn(account: str, key_id: str, region: str = "eu-central-1") -> str:
    return f"arn:aws:kms:{region}:{account}:key/{key_id}"


def alias_arn(account: str, name: str, region: str = "eu-central-1") -> str:
    return f"arn:aws:kms:{region}:{account}:{name}"


def root(account: str) -> str:
    """The ARN of an account's root user."""
    return f"arn:aws:iam::{account}:root"


def is_recent(moment: datetime) -> bool:
    """Within a minute of now: no server that runs on time answers another time."""
    return abs(datetime.now(UTC) - moment) < timedelta(minutes=1)


def pages(operation, items: str, **arguments) -> tuple[list, list[int]]:
    """Follows `Marker` to the end: all items, and how many each page had."""
    found, sizes = [], []
    while True:
        page = operation(**arguments)
        found += page[items]
        sizes.append(len(page[items]))
        assert page["Truncated"] is ("NextMarker" in page)
        if not page["Truncated"]:
            return found, sizes
        arguments["Marker"] = page["NextMarker"]
