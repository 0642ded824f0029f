"""Keys whose material is made outside: all wrappings, expiry, deletion, rotation of imported material, refusals."""

import hashlib
import hmac
import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

import wrapping
from support import MATERIAL_ID, body, is_recent, new_key, refused
from wrapping import import_material, pkcs8, wrap

MATERIAL = bytes(range(32))


def external_key(kms, **arguments) -> dict:
    key = new_key(kms, Origin="EXTERNAL", **arguments)
    assert (key["KeyState"], key["Enabled"], key["Origin"]) == ("PendingImport", False, "EXTERNAL")
    assert "ExpirationModel" not in key
    return key


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
@pytest.mark.parametrize("algorithm", wrapping.ALGORITHMS)
def test_every_wrapping_of_a_symmetric_key(kms, algorithm, spec):
    key = external_key(kms)
    parameters = body(kms.get_parameters_for_import(KeyId=key["KeyId"], WrappingAlgorithm=algorithm, WrappingKeySpec=spec))
    assert parameters["KeyId"] == key["Arn"]
    assert is_recent(parameters["ParametersValidTo"] - timedelta(hours=24))
    answer = body(
        kms.import_key_material(
            KeyId=key["KeyId"],
            ImportToken=parameters["ImportToken"],
            EncryptedKeyMaterial=wrap(parameters["PublicKey"], algorithm, MATERIAL),
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )
    )
    assert answer["KeyId"] == key["Arn"]
    assert MATERIAL_ID.fullmatch(answer["KeyMaterialId"])
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (described["KeyState"], described["Enabled"]) == ("Enabled", True)
    assert described["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"
    assert described["CurrentKeyMaterialId"] == answer["KeyMaterialId"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"imported")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"imported"


def test_the_same_material_can_come_back_and_no_other(kms):
    key = external_key(kms)
    first = import_material(kms, key["KeyId"], MATERIAL)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"kept")["CiphertextBlob"]
    deleted = body(kms.delete_imported_key_material(KeyId=key["KeyId"]))
    assert deleted == {"KeyId": key["Arn"], "KeyMaterialId": first["KeyMaterialId"]}
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingImport"
    with refused("KMSInvalidStateException", f"{key['Arn']} is pending import."):
        kms.decrypt(CiphertextBlob=blob)
    with refused("IncorrectKeyMaterialException"):
        import_material(kms, key["KeyId"], os.urandom(32))
    again = import_material(kms, key["KeyId"], MATERIAL)
    assert again["KeyMaterialId"] == first["KeyMaterialId"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"


def test_material_expires(own_server, account):
    kms = own_server.client("kms", account)
    key = external_key(kms)
    expires = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    import_material(kms, key["KeyId"], MATERIAL, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=expires)
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (described["ExpirationModel"], described["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", expires)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"for three days")["CiphertextBlob"]
    own_server.advance("2d")
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"for three days"
    own_server.advance("25h")
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert described["KeyState"] == "PendingImport"
    assert "ExpirationModel" not in described and "ValidTo" not in described
    with refused("KMSInvalidStateException", f"{key['Arn']} is pending import."):
        kms.decrypt(CiphertextBlob=blob)
    import_material(kms, key["KeyId"], MATERIAL)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"for three days"


def test_expiry_needs_a_time_in_the_future(kms):
    key_id = external_key(kms)["KeyId"]
    for arguments in (
        {"ExpirationModel": "KEY_MATERIAL_EXPIRES"},
        {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": datetime.now(UTC) - timedelta(days=1)},
        {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": datetime.now(UTC) + timedelta(days=366)},
        {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE", "ValidTo": datetime.now(UTC) + timedelta(days=1)},
    ):
        with refused("ValidationException"):
            import_material(kms, key_id, MATERIAL, **arguments)


def test_import_tokens(own_server, account):
    kms = own_server.client("kms", account)
    key_id, other = external_key(kms)["KeyId"], external_key(kms)["KeyId"]
    request = {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    parameters = kms.get_parameters_for_import(KeyId=key_id, **request)
    token, wrapped = parameters["ImportToken"], wrap(parameters["PublicKey"], "RSAES_OAEP_SHA_256", MATERIAL)
    forever = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    with refused("InvalidImportTokenException"):
        kms.import_key_material(KeyId=other, ImportToken=token, EncryptedKeyMaterial=wrapped, **forever)
    with refused("InvalidImportTokenException"):
        kms.import_key_material(KeyId=key_id, ImportToken=token[:-1], EncryptedKeyMaterial=wrapped, **forever)
    with refused("InvalidCiphertextException"):
        kms.import_key_material(KeyId=key_id, ImportToken=token, EncryptedKeyMaterial=wrapped[:-1] + b"\0", **forever)
    newer = kms.get_parameters_for_import(KeyId=key_id, **request)
    assert newer["ImportToken"] != token
    own_server.advance("25h")
    with refused("ExpiredImportTokenException"):
        kms.import_key_material(KeyId=key_id, ImportToken=token, EncryptedKeyMaterial=wrapped, **forever)


def test_material_of_the_wrong_length(kms):
    key_id = external_key(kms)["KeyId"]
    for length in (16, 31, 33):
        with refused("IncorrectKeyMaterialException"):
            import_material(kms, key_id, bytes(range(length)))


def test_an_imported_mac_key_is_the_same_key(kms):
    key = external_key(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
    answer = body(import_material(kms, key["KeyId"], MATERIAL))
    assert answer["KeyId"] == key["Arn"]
    mac = kms.generate_mac(KeyId=key["KeyId"], MacAlgorithm="HMAC_SHA_256", Message=b"message")["Mac"]
    assert mac == hmac.new(MATERIAL, b"message", hashlib.sha256).digest()
    ours = hmac.new(MATERIAL, b"theirs", hashlib.sha256).digest()
    assert kms.verify_mac(KeyId=key["KeyId"], MacAlgorithm="HMAC_SHA_256", Message=b"theirs", Mac=ours)["MacValid"] is True


def test_an_imported_pair_is_the_same_pair(kms):
    private = rsa.generate_private_key(65537, 2048)
    key = external_key(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    import_material(kms, key["KeyId"], pkcs8(private), "RSA_AES_KEY_WRAP_SHA_256", "RSA_4096")
    blob = private.public_key().encrypt(b"to KMS", wrapping.oaep("RSAES_OAEP_SHA_256"))
    arguments = {"KeyId": key["KeyId"], "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    assert kms.decrypt(CiphertextBlob=blob, **arguments)["Plaintext"] == b"to KMS"
    blob = kms.encrypt(Plaintext=b"from KMS", **arguments)["CiphertextBlob"]
    assert private.decrypt(blob, wrapping.oaep("RSAES_OAEP_SHA_256")) == b"from KMS"


def test_a_pair_of_another_kind_is_refused(kms):
    key_id = external_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    other = pkcs8(ec.generate_private_key(ec.SECP384R1()))
    with refused("IncorrectKeyMaterialException"):
        import_material(kms, key_id, other, "RSA_AES_KEY_WRAP_SHA_256")


def test_rotation_of_imported_material(own_server, account):
    kms = own_server.client("kms", account)
    key = external_key(kms)
    first = import_material(kms, key["KeyId"], MATERIAL, KeyMaterialDescription="the first")["KeyMaterialId"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"first")["CiphertextBlob"]
    with refused("IncorrectKeyMaterialException"):
        import_material(kms, key["KeyId"], os.urandom(32), ImportType="EXISTING_KEY_MATERIAL")
    second = import_material(
        kms, key["KeyId"], os.urandom(32), ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="the second"
    )["KeyMaterialId"]
    assert second != first

    def materials() -> dict:
        listed = kms.list_key_rotations(KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
        return {entry["KeyMaterialId"]: entry for entry in listed}

    assert materials()[first]["KeyMaterialState"] == "CURRENT"
    assert materials()[second]["KeyMaterialState"] == "PENDING_ROTATION"
    assert materials()[second]["KeyMaterialDescription"] == "the second"
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["CurrentKeyMaterialId"] == first
    assert body(kms.rotate_key_on_demand(KeyId=key["KeyId"])) == {"KeyId": key["KeyId"]}
    own_server.advance("1s")
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["CurrentKeyMaterialId"] == second
    assert {entry["KeyMaterialState"] for entry in materials().values()} == {"NON_CURRENT", "CURRENT"}
    assert {entry["ImportState"] for entry in materials().values()} == {"IMPORTED"}
    assert kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == first
    assert kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"][5:37] == bytes.fromhex(second)
    # AWS: a key is usable only while all of its materials are there.
    kms.delete_imported_key_material(KeyId=key["KeyId"], KeyMaterialId=first)
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingImport"
    import_material(kms, key["KeyId"], MATERIAL, KeyMaterialId=first)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"first"


def test_keys_of_other_origin_take_no_material(kms):
    key_id = new_key(kms)["KeyId"]
    with refused("UnsupportedOperationException"):
        kms.get_parameters_for_import(KeyId=key_id, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048")
    with refused("UnsupportedOperationException"):
        kms.delete_imported_key_material(KeyId=key_id)
    with refused("UnsupportedOperationException"):
        kms.import_key_material(KeyId=key_id, ImportToken=b"t", EncryptedKeyMaterial=b"m", ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE")
    with refused("UnsupportedOperationException"):
        kms.enable_key_rotation(KeyId=external_key(kms)["KeyId"])
