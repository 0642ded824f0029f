"""Encrypt, Decrypt, ReEncrypt, data keys and pairs, random bytes, MACs, key agreement and encapsulation."""

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from support import BLOB_START, MATERIAL_ID, body, new_key, refused
from wrapping import import_material

CONTEXT = {"tenant": "blue", "purpose": "test"}
PAIR_SPECS = [
    "RSA_2048",
    "RSA_3072",
    "RSA_4096",
    "ECC_NIST_P256",
    "ECC_NIST_P384",
    "ECC_NIST_P521",
    "ECC_SECG_P256K1",
    "ECC_NIST_EDWARDS25519",
]


def test_encrypt_and_decrypt(kms):
    key = new_key(kms)
    answer = body(kms.encrypt(KeyId=key["KeyId"], Plaintext=b"attack at dawn", EncryptionContext=CONTEXT))
    blob = answer.pop("CiphertextBlob")
    assert answer == {"KeyId": key["Arn"], "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
    assert blob.startswith(BLOB_START)
    assert bytes.fromhex(key["CurrentKeyMaterialId"]) in blob
    expected = {
        "KeyId": key["Arn"],
        "Plaintext": b"attack at dawn",
        "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "KeyMaterialId": key["CurrentKeyMaterialId"],
    }
    assert body(kms.decrypt(CiphertextBlob=blob, EncryptionContext=dict(reversed(CONTEXT.items())))) == expected
    assert body(kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT, KeyId=key["Arn"])) == expected


def test_ciphertexts_of_the_same_plaintext_differ(kms):
    key_id = new_key(kms)["KeyId"]
    blobs = {kms.encrypt(KeyId=key_id, Plaintext=b"\0" * 32)["CiphertextBlob"] for _ in range(8)}
    assert len(blobs) == 8
    assert {len(blob) for blob in blobs} == {184}


def test_sizes_of_plaintexts(kms):
    key_id = new_key(kms)["KeyId"]
    for size in (1, 255, 4096):
        plaintext = bytes(size)
        blob = kms.encrypt(KeyId=key_id, Plaintext=plaintext)["CiphertextBlob"]
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == plaintext
    message = (
        "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: "
        "Member must have length less than or equal to 4096"
    )
    with refused("ValidationException", message, 400):
        kms.encrypt(KeyId=key_id, Plaintext=bytes(4097))
    message = message.replace("less than or equal to 4096", "greater than or equal to 1")
    with refused("ValidationException", message):
        kms.encrypt(KeyId=key_id, Plaintext=b"")


@pytest.mark.parametrize(("spec", "sha1", "sha256"), [("RSA_2048", 214, 190), ("RSA_3072", 342, 318), ("RSA_4096", 470, 446)])
def test_rsa_encrypts_as_much_as_oaep_allows(kms, spec, sha1, sha256):
    key = new_key(kms, KeySpec=spec, KeyUsage="ENCRYPT_DECRYPT")
    for algorithm, most in (("RSAES_OAEP_SHA_1", sha1), ("RSAES_OAEP_SHA_256", sha256)):
        arguments = {"KeyId": key["KeyId"], "EncryptionAlgorithm": algorithm}
        answer = body(kms.encrypt(Plaintext=bytes(most), **arguments))
        blob = answer.pop("CiphertextBlob")
        assert answer == {"KeyId": key["Arn"], "EncryptionAlgorithm": algorithm}
        decrypted = body(kms.decrypt(CiphertextBlob=blob, **arguments))
        assert decrypted == {"KeyId": key["Arn"], "Plaintext": bytes(most), "EncryptionAlgorithm": algorithm}
        with refused("ValidationException"):
            kms.encrypt(Plaintext=bytes(most + 1), **arguments)
    with refused("ValidationException"):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256", EncryptionContext=CONTEXT)
    with refused("InvalidKeyUsageException"):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


def test_reencrypt(kms):
    source, target = new_key(kms), new_key(kms)
    blob = kms.encrypt(KeyId=source["KeyId"], Plaintext=b"moves", EncryptionContext=CONTEXT)["CiphertextBlob"]
    answer = body(
        kms.re_encrypt(
            CiphertextBlob=blob,
            SourceEncryptionContext=CONTEXT,
            DestinationKeyId=target["KeyId"],
            DestinationEncryptionContext={"tenant": "red"},
        )
    )
    moved = answer.pop("CiphertextBlob")
    assert answer == {
        "SourceKeyId": source["Arn"],
        "KeyId": target["Arn"],
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyMaterialId": source["CurrentKeyMaterialId"],
        "DestinationKeyMaterialId": target["CurrentKeyMaterialId"],
    }
    decrypted = kms.decrypt(CiphertextBlob=moved, EncryptionContext={"tenant": "red"})
    assert (decrypted["Plaintext"], decrypted["KeyId"]) == (b"moves", target["Arn"])


def test_reencrypt_from_and_to_rsa(kms):
    symmetric = new_key(kms)
    rsa = new_key(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")
    blob = kms.encrypt(KeyId=symmetric["KeyId"], Plaintext=b"moves")["CiphertextBlob"]
    out = kms.re_encrypt(
        CiphertextBlob=blob, DestinationKeyId=rsa["KeyId"], DestinationEncryptionAlgorithm="RSAES_OAEP_SHA_256"
    )
    assert out["DestinationEncryptionAlgorithm"] == "RSAES_OAEP_SHA_256"
    assert "DestinationKeyMaterialId" not in out
    back = kms.re_encrypt(
        CiphertextBlob=out["CiphertextBlob"],
        SourceKeyId=rsa["KeyId"],
        SourceEncryptionAlgorithm="RSAES_OAEP_SHA_256",
        DestinationKeyId=symmetric["KeyId"],
    )
    assert kms.decrypt(CiphertextBlob=back["CiphertextBlob"])["Plaintext"] == b"moves"


@pytest.mark.parametrize(
    ("size", "length"), [({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 1024}, 1024)]
)
def test_data_keys(kms, size, length):
    key = new_key(kms)
    answer = body(kms.generate_data_key(KeyId=key["KeyId"], EncryptionContext=CONTEXT, **size))
    plaintext, blob = answer.pop("Plaintext"), answer.pop("CiphertextBlob")
    assert answer == {"KeyId": key["Arn"], "KeyMaterialId": key["CurrentKeyMaterialId"]}
    assert len(plaintext) == length and plaintext != bytes(length)
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)["Plaintext"] == plaintext
    answer = body(kms.generate_data_key_without_plaintext(KeyId=key["KeyId"], EncryptionContext=CONTEXT, **size))
    blob = answer.pop("CiphertextBlob")
    assert answer == {"KeyId": key["Arn"], "KeyMaterialId": key["CurrentKeyMaterialId"]}
    assert len(kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)["Plaintext"]) == length


def test_a_data_key_has_one_size(kms):
    key_id = new_key(kms)["KeyId"]
    for operation in (kms.generate_data_key, kms.generate_data_key_without_plaintext):
        with refused("ValidationException", "Please specify either number of bytes or key spec."):
            operation(KeyId=key_id)
        with refused("ValidationException", "Please specify either number of bytes or key spec."):
            operation(KeyId=key_id, KeySpec="AES_256", NumberOfBytes=32)


@pytest.mark.parametrize("spec", PAIR_SPECS)
def test_data_key_pairs(kms, spec):
    key = new_key(kms)
    answer = body(kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec=spec, EncryptionContext=CONTEXT))
    private, public = answer.pop("PrivateKeyPlaintext"), answer.pop("PublicKey")
    blob = answer.pop("PrivateKeyCiphertextBlob")
    assert answer == {"KeyId": key["Arn"], "KeyPairSpec": spec, "KeyMaterialId": key["CurrentKeyMaterialId"]}
    assert load_der_private_key(private, None).public_key() == load_der_public_key(public)
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)["Plaintext"] == private
    if spec in ("RSA_3072", "RSA_4096"):
        return  # Making them is slow, and the other operation makes them in the same way.
    answer = body(kms.generate_data_key_pair_without_plaintext(KeyId=key["KeyId"], KeyPairSpec=spec))
    blob, public = answer.pop("PrivateKeyCiphertextBlob"), answer.pop("PublicKey")
    assert answer == {"KeyId": key["Arn"], "KeyPairSpec": spec, "KeyMaterialId": key["CurrentKeyMaterialId"]}
    private = kms.decrypt(CiphertextBlob=blob)["Plaintext"]
    assert load_der_private_key(private, None).public_key() == load_der_public_key(public)


@pytest.mark.parametrize("spec", ["ML_KEM_512", "ML_KEM_768", "ML_KEM_1024"])
def test_data_key_pairs_for_encapsulation(kms, spec):
    """The private key is in RFC 9935's expanded form, which `cryptography` does not read: KMS itself uses it here."""
    key_id = new_key(kms)["KeyId"]
    pair = kms.generate_data_key_pair(KeyId=key_id, KeyPairSpec=spec)
    assert kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"] == pair["PrivateKeyPlaintext"]
    imported = new_key(kms, KeySpec=spec, KeyUsage="ENCAPSULATE_DECAPSULATE", Origin="EXTERNAL")["KeyId"]
    import_material(kms, imported, pair["PrivateKeyPlaintext"], "RSA_AES_KEY_WRAP_SHA_256")
    assert kms.get_public_key(KeyId=imported)["PublicKey"] == pair["PublicKey"]
    if spec != "ML_KEM_512":  # which `cryptography` does not have
        secret, blob = load_der_public_key(pair["PublicKey"]).encapsulate()
        received = kms.decapsulate(KeyId=imported, SharedSecretCiphertextBlob=blob, EncapsulationAlgorithm="ML_KEM")
        assert received["SharedSecret"] == secret


def test_random_bytes(kms):
    for size in (1, 32, 1024):
        answer = body(kms.generate_random(NumberOfBytes=size))
        assert list(answer) == ["Plaintext"]
        assert len(answer["Plaintext"]) == size
    assert kms.generate_random(NumberOfBytes=32)["Plaintext"] != kms.generate_random(NumberOfBytes=32)["Plaintext"]
    with refused("ValidationException"):
        kms.generate_random(NumberOfBytes=1025)
    with refused("ValidationException"):
        kms.generate_random()


@pytest.mark.parametrize("bits", ["224", "256", "384", "512"])
def test_macs(kms, bits):
    key = new_key(kms, KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC")
    arguments = {"KeyId": key["KeyId"], "MacAlgorithm": f"HMAC_SHA_{bits}", "Message": b"message"}
    answer = body(kms.generate_mac(**arguments))
    mac = answer.pop("Mac")
    assert answer == {"KeyId": key["Arn"], "MacAlgorithm": f"HMAC_SHA_{bits}"}
    assert len(mac) == int(bits) // 8
    expected = {"KeyId": key["Arn"], "MacAlgorithm": f"HMAC_SHA_{bits}", "MacValid": True}
    assert body(kms.verify_mac(Mac=mac, **arguments)) == expected
    for wrong in (mac[:-1] + bytes([mac[-1] ^ 1]), mac[:-1]):
        with refused("KMSInvalidMacException"):
            kms.verify_mac(Mac=wrong, **arguments)
    with refused("KMSInvalidMacException"):
        kms.verify_mac(Mac=mac, **{**arguments, "Message": b"massage"})


@pytest.mark.parametrize("curve", ["P256", "P384", "P521"])
def test_two_keys_agree(kms, curve):
    ours, theirs = (new_key(kms, KeySpec=f"ECC_NIST_{curve}", KeyUsage="KEY_AGREEMENT") for _ in range(2))
    public = {key["KeyId"]: kms.get_public_key(KeyId=key["KeyId"])["PublicKey"] for key in (ours, theirs)}
    secrets = []
    for key, peer in ((ours, theirs), (theirs, ours)):
        answer = body(
            kms.derive_shared_secret(
                KeyId=key["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=public[peer["KeyId"]]
            )
        )
        secrets.append(answer.pop("SharedSecret"))
        assert answer == {"KeyId": key["Arn"], "KeyAgreementAlgorithm": "ECDH", "KeyOrigin": "AWS_KMS"}
    assert secrets[0] == secrets[1]
    assert len(secrets[0]) == {"P256": 32, "P384": 48, "P521": 66}[curve]


@pytest.mark.parametrize("size", ["512", "768", "1024"])
def test_encapsulation(kms, size):
    key = new_key(kms, KeySpec=f"ML_KEM_{size}", KeyUsage="ENCAPSULATE_DECAPSULATE")
    sent = body(kms.encapsulate(KeyId=key["KeyId"], EncapsulationAlgorithm="ML_KEM"))
    secret, blob = sent.pop("SharedSecret"), sent.pop("SharedSecretCiphertextBlob")
    assert sent == {"KeyId": key["Arn"], "EncapsulationAlgorithm": "ML_KEM"}
    assert len(blob) == {"512": 768, "768": 1088, "1024": 1568}[size]
    arguments = {"KeyId": key["KeyId"], "EncapsulationAlgorithm": "ML_KEM"}
    received = body(kms.decapsulate(SharedSecretCiphertextBlob=blob, **arguments))
    assert received == {"KeyId": key["Arn"], "SharedSecret": secret, "EncapsulationAlgorithm": "ML_KEM"}
    # A ciphertext that was changed gives another secret, not an error (FIPS 203, implicit rejection).
    changed = bytes([blob[0] ^ 1]) + blob[1:]
    assert kms.decapsulate(SharedSecretCiphertextBlob=changed, **arguments)["SharedSecret"] != secret
    with refused("InvalidCiphertextException"):
        kms.decapsulate(SharedSecretCiphertextBlob=blob[:-1], **arguments)


def test_material_ids_are_of_the_key(kms):
    ids = {new_key(kms)["CurrentKeyMaterialId"] for _ in range(3)}
    assert len(ids) == 3
    assert all(MATERIAL_ID.fullmatch(material) for material in ids)
