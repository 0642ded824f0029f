"""What must never work does not, and says so in AWS's words."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from support import MISSING_KEY, error_of, key_arn, new_key, refused, root
from wrapping import import_material

CONTEXT = {"tenant": "blue"}


@pytest.fixture
def key(kms):
    return new_key(kms)


@pytest.fixture
def blob(kms, key):
    return kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret", EncryptionContext=CONTEXT)["CiphertextBlob"]


def test_a_wrong_context(kms, blob):
    for wrong in ({}, {"tenant": "red"}, {"Tenant": "blue"}, {"tenant": "blue", "more": ""}, {"tenant": "blue "}):
        with refused("InvalidCiphertextException", "", 400):
            kms.decrypt(CiphertextBlob=blob, EncryptionContext=wrong)
    with refused("InvalidCiphertextException", ""):
        kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext={}, DestinationKeyId=new_key(kms)["KeyId"])


def test_another_key(kms, key, blob):
    other = new_key(kms)["KeyId"]
    message = "The key ID in the request does not identify a CMK that can perform this operation."
    with refused("IncorrectKeyException", message, 400):
        kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT, KeyId=other)
    with refused("IncorrectKeyException", message):
        kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=CONTEXT, SourceKeyId=other, DestinationKeyId=key["KeyId"])
    rsa = new_key(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    with refused("InvalidCiphertextException"):
        kms.decrypt(CiphertextBlob=blob, KeyId=rsa, EncryptionAlgorithm="RSAES_OAEP_SHA_256")


def test_a_material_id_swapped_for_another_keys(kms, blob):
    other = new_key(kms)
    material = bytes.fromhex(other["CurrentKeyMaterialId"])
    swapped = blob[:5] + material + blob[37:]
    with refused("InvalidCiphertextException", ""):
        kms.decrypt(CiphertextBlob=swapped, EncryptionContext=CONTEXT)
    with refused("InvalidCiphertextException", ""):
        kms.decrypt(CiphertextBlob=swapped, EncryptionContext=CONTEXT, KeyId=other["KeyId"])


def test_a_blob_cut_anywhere_or_made_longer(kms, blob):
    for end in range(1, len(blob)):
        assert error_of(kms.decrypt, CiphertextBlob=blob[:end], EncryptionContext=CONTEXT) is not None, end
    for tail in (b"\0", blob):
        with refused("InvalidCiphertextException", ""):
            kms.decrypt(CiphertextBlob=blob + tail, EncryptionContext=CONTEXT)
    for nothing in (b"x", b"\x01\x02", bytes(6144), b"not a ciphertext at all"):
        with refused("InvalidCiphertextException", ""):
            kms.decrypt(CiphertextBlob=nothing)


def test_no_blob_with_one_bit_flipped_decrypts(server, account, kms, key, blob):
    """Every bit of a whole blob. Where the key material's name is hit, no such key is known."""
    codes = {"InvalidCiphertextException", "AccessDeniedException", "IncorrectKeyException"}
    clients = [server.client("kms", account) for _ in range(2)]

    def sweep(half: int) -> list[str]:
        found = []
        for bit in range(half, len(blob) * 8, 2):
            flipped = bytearray(blob)
            flipped[bit // 8] ^= 1 << bit % 8
            answer = error_of(clients[half].decrypt, CiphertextBlob=bytes(flipped), EncryptionContext=CONTEXT)
            if answer is None or answer[0] not in codes:
                found.append(f"bit {bit}: {answer}")
        return found

    with ThreadPoolExecutor(2) as pool:
        wrong = [line for lines in pool.map(sweep, range(2)) for line in lines]
    assert not wrong, "\n".join(wrong)
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT, KeyId=key["KeyId"])["Plaintext"] == b"secret"


def test_another_accounts_key(kms, other_kms, key, blob, account, other_account):
    who = re.escape(root(other_account))
    for action, call in (
        ("Decrypt", lambda: other_kms.decrypt(CiphertextBlob=blob, EncryptionContext=CONTEXT)),
        ("Encrypt", lambda: other_kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")),
        ("DescribeKey", lambda: other_kms.describe_key(KeyId=key["Arn"])),
    ):
        message = re.compile(f"^User: {who} is not authorized to perform: kms:{action} on resource: {key['Arn']}|on the resource associated with this ciphertext")
        with refused("AccessDeniedException", message, 400):
            call()
    # Whether the other account has a key of that id, nobody learns.
    missing = key_arn(account, MISSING_KEY)
    texts = []
    for arn in (missing, key["Arn"]):
        code, message = error_of(other_kms.describe_key, KeyId=arn)
        texts.append((code, message.replace(arn, "…")))
    assert texts[0] == texts[1]


def test_states(kms, key, blob):
    uses = (
        (kms.encrypt, {"KeyId": key["KeyId"], "Plaintext": b"x"}),
        (kms.decrypt, {"CiphertextBlob": blob, "EncryptionContext": CONTEXT}),
        (kms.generate_data_key, {"KeyId": key["KeyId"], "KeySpec": "AES_256"}),
        (kms.generate_data_key_without_plaintext, {"KeyId": key["KeyId"], "KeySpec": "AES_256"}),
    )
    kms.disable_key(KeyId=key["KeyId"])
    for call, arguments in uses:
        with refused("DisabledException", f"{key['Arn']} is disabled.", 400):
            call(**arguments)
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    for call, arguments in uses:
        with refused("KMSInvalidStateException", f"{key['Arn']} is pending deletion.", 400):
            call(**arguments)
    with refused("KMSInvalidStateException", f"{key['Arn']} is pending deletion."):
        kms.enable_key(KeyId=key["KeyId"])


def test_a_key_that_waits_for_its_material(kms):
    key = new_key(kms, Origin="EXTERNAL")
    with refused("KMSInvalidStateException", f"{key['Arn']} is pending import.", 400):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


def test_expired_material(own_server, account):
    kms = own_server.client("kms", account)
    key = new_key(kms, Origin="EXTERNAL")
    until = datetime.now(UTC) + timedelta(hours=2)
    import_material(kms, key["KeyId"], bytes(range(32)), ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=until)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    own_server.advance("3h")
    for call, arguments in (
        (kms.encrypt, {"KeyId": key["KeyId"], "Plaintext": b"x"}),
        (kms.decrypt, {"CiphertextBlob": blob}),
    ):
        with refused("KMSInvalidStateException", f"{key['Arn']} is pending import.", 400):
            call(**arguments)


def test_bad_grant_tokens(kms, other_kms, key, other_account):
    token = kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=root(other_account), Operations=["Encrypt"])["GrantToken"]
    for wrong in ("x", "AQ" * 60, token + "A", token[1:], token.swapcase()):
        with refused("InvalidGrantTokenException", status=400):
            other_kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", GrantTokens=[wrong])
    with refused("ValidationException"):
        other_kms.encrypt(KeyId=key["Arn"], Plaintext=b"x", GrantTokens=[token] * 11)
