"""Rotation: by the clock, on demand, and what was encrypted before."""

import re
from datetime import timedelta

import pytest

from support import MATERIAL_ID, body, is_recent, new_key, pages, refused


def test_automatic_rotation(own_server, account):
    kms = own_server.client("kms", account)
    key = new_key(kms)
    off = body(kms.get_key_rotation_status(KeyId=key["KeyId"]))
    assert off.pop("KeyId") in (key["KeyId"], key["Arn"])
    assert off == {"KeyRotationEnabled": False}
    assert body(kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=90)) == {}
    status = body(kms.get_key_rotation_status(KeyId=key["KeyId"]))
    due = status.pop("NextRotationDate")
    assert is_recent(due - timedelta(days=90))
    assert status.pop("KeyId") in (key["KeyId"], key["Arn"])
    assert status == {"KeyRotationEnabled": True, "RotationPeriodInDays": 90}

    blobs = [kms.encrypt(KeyId=key["KeyId"], Plaintext=b"generation 0")["CiphertextBlob"]]
    materials = [key["CurrentKeyMaterialId"]]
    for generation in range(1, 4):
        own_server.advance("90d")
        current = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["CurrentKeyMaterialId"]
        assert MATERIAL_ID.fullmatch(current) and current not in materials
        materials.append(current)
        blobs.append(kms.encrypt(KeyId=key["KeyId"], Plaintext=f"generation {generation}".encode())["CiphertextBlob"])
    for generation, (blob, material) in enumerate(zip(blobs, materials, strict=True)):
        decrypted = kms.decrypt(CiphertextBlob=blob)
        assert decrypted["Plaintext"] == f"generation {generation}".encode()
        assert decrypted["KeyMaterialId"] == material

    rotations, sizes = pages(kms.list_key_rotations, "Rotations", KeyId=key["KeyId"], Limit=2)
    assert sizes == [2, 1]
    assert all(r["KeyId"] == key["KeyId"] and r["RotationType"] == "AUTOMATIC" for r in rotations)
    everything = kms.list_key_rotations(KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert {entry["KeyMaterialId"] for entry in everything} == set(materials)
    states = {entry["KeyMaterialId"]: entry["KeyMaterialState"] for entry in everything}
    assert states == {**dict.fromkeys(materials[:-1], "NON_CURRENT"), materials[-1]: "CURRENT"}

    assert body(kms.disable_key_rotation(KeyId=key["KeyId"])) == {}
    own_server.advance("200d")
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["CurrentKeyMaterialId"] == materials[-1]


def test_a_disabled_key_does_not_rotate(own_server, account):
    kms = own_server.client("kms", account)
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=100)
    kms.disable_key(KeyId=key["KeyId"])
    own_server.advance("101d")
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["CurrentKeyMaterialId"] == key["CurrentKeyMaterialId"]
    kms.enable_key(KeyId=key["KeyId"])
    own_server.advance("1d")
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["CurrentKeyMaterialId"] != key["CurrentKeyMaterialId"]


def test_periods(server, account):
    # botocore checks the bounds itself unless told otherwise.
    kms = server.client("kms", account, parameter_validation=False)
    key_id = new_key(kms)["KeyId"]
    for days in (89, 2561):
        with refused("ValidationException", re.compile("rotationPeriodInDays")):
            kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=days)
    for days in (90, 2560):
        kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=days)
        assert kms.get_key_rotation_status(KeyId=key_id)["RotationPeriodInDays"] == days


def rotate(server, kms, key_id: str) -> None:
    """Rotates on demand. As on AWS the answer comes when the rotation has begun; moving the clock ends it."""
    assert body(kms.rotate_key_on_demand(KeyId=key_id)) == {"KeyId": key_id}
    server.advance("1s")


def test_rotation_on_demand(own_server, account):
    kms = own_server.client("kms", account)
    key = new_key(kms)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"before")["CiphertextBlob"]
    rotate(own_server, kms, key["KeyId"])
    current = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["CurrentKeyMaterialId"]
    assert current != key["CurrentKeyMaterialId"]
    assert "OnDemandRotationStartDate" not in kms.get_key_rotation_status(KeyId=key["KeyId"])
    [rotation] = kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]
    assert is_recent(rotation["RotationDate"])
    assert (rotation["KeyId"], rotation["RotationType"]) == (key["KeyId"], "ON_DEMAND")
    assert kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == key["CurrentKeyMaterialId"]
    assert kms.encrypt(KeyId=key["KeyId"], Plaintext=b"after")["CiphertextBlob"][5:37] == bytes.fromhex(current)


def test_a_key_rotates_on_demand_at_most_25_times(own_server, account):
    kms = own_server.client("kms", account)
    key_id = new_key(kms)["KeyId"]
    for _ in range(25):
        rotate(own_server, kms, key_id)
    with refused("LimitExceededException"):
        kms.rotate_key_on_demand(KeyId=key_id)


def test_no_rotation_on_demand_just_before_the_automatic_one(own_server, account):
    """The interface model: an automatic rotation is in progress or begins within 20 minutes."""
    kms = own_server.client("kms", account)
    key_id = new_key(kms)["KeyId"]
    kms.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=90)
    own_server.advance("2159h50m")
    with refused("ConflictException"):
        kms.rotate_key_on_demand(KeyId=key_id)
    own_server.advance("11m")
    rotate(own_server, kms, key_id)


@pytest.mark.parametrize(
    ("spec", "usage"), [("RSA_2048", "SIGN_VERIFY"), ("ECC_NIST_P256", "KEY_AGREEMENT"), ("HMAC_256", "GENERATE_VERIFY_MAC")]
)
def test_only_symmetric_encryption_keys_rotate(kms, spec, usage):
    key_id = new_key(kms, KeySpec=spec, KeyUsage=usage)["KeyId"]
    for operation in (
        kms.enable_key_rotation,
        kms.disable_key_rotation,
        kms.rotate_key_on_demand,
        kms.list_key_rotations,
    ):
        with refused("UnsupportedOperationException"):
            operation(KeyId=key_id)
    # Terraform asks this of every key.
    assert kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"] is False
