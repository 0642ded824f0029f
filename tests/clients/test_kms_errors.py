"""Sweeps: the same refusal from every operation that the interface model lists it for."""

import pytest
from botocore import xform_name
from botocore.session import get_session

from support import MISSING_KEY, error_of, key_arn, new_key, root
from wrapping import import_material

ENDLESS = "KEY_MATERIAL_DOES_NOT_EXPIRE"
POLICY = "{}"
# Valid arguments of every operation beside the key, which is of the kind named first. A callable makes them of a
# dictionary with a ciphertext and a grant of each key.
ARGUMENTS = {
    "CancelKeyDeletion": ("symmetric", {}),
    "CreateAlias": ("symmetric", {"AliasName": "alias/sweep"}),
    "CreateGrant": ("symmetric", {"GranteePrincipal": root("111122223333"), "Operations": ["Encrypt"]}),
    "Decapsulate": ("ml-kem", {"SharedSecretCiphertextBlob": bytes(1088), "EncapsulationAlgorithm": "ML_KEM"}),
    "Decrypt": ("symmetric", lambda made: {"CiphertextBlob": made["ciphertext"]}),
    "DeleteImportedKeyMaterial": ("imported", {}),
    "DeriveSharedSecret": ("ecdh", lambda made: {"KeyAgreementAlgorithm": "ECDH", "PublicKey": made["public"]}),
    "DescribeKey": ("symmetric", {}),
    "DisableKey": ("symmetric", {}),
    "DisableKeyRotation": ("symmetric", {}),
    "EnableKey": ("symmetric", {}),
    "EnableKeyRotation": ("symmetric", {}),
    "Encapsulate": ("ml-kem", {"EncapsulationAlgorithm": "ML_KEM"}),
    "Encrypt": ("symmetric", {"Plaintext": b"x"}),
    "GenerateDataKey": ("symmetric", {"KeySpec": "AES_256"}),
    "GenerateDataKeyPair": ("symmetric", {"KeyPairSpec": "ECC_NIST_P256"}),
    "GenerateDataKeyPairWithoutPlaintext": ("symmetric", {"KeyPairSpec": "ECC_NIST_P256"}),
    "GenerateDataKeyWithoutPlaintext": ("symmetric", {"KeySpec": "AES_256"}),
    "GenerateMac": ("hmac", {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}),
    "GetKeyLastUsage": ("symmetric", {}),
    "GetKeyPolicy": ("symmetric", {}),
    "GetKeyRotationStatus": ("symmetric", {}),
    "GetParametersForImport": ("imported", {"WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"}),
    "GetPublicKey": ("signing", {}),
    "ImportKeyMaterial": ("imported", {"ImportToken": b"t", "EncryptedKeyMaterial": b"m", "ExpirationModel": ENDLESS}),
    "ListAliases": ("symmetric", {}),
    "ListGrants": ("symmetric", {}),
    "ListKeyPolicies": ("symmetric", {}),
    "ListKeyRotations": ("symmetric", {}),
    "ListResourceTags": ("symmetric", {}),
    "PutKeyPolicy": ("symmetric", {"Policy": POLICY}),
    "ReEncrypt": ("symmetric", lambda made: {"CiphertextBlob": made["ciphertext"]}),
    "ReplicateKey": ("multi-region", {"ReplicaRegion": "ap-southeast-2"}),
    "RetireGrant": ("symmetric", lambda made: {"GrantId": made["grant"]}),
    "RevokeGrant": ("symmetric", lambda made: {"GrantId": made["grant"]}),
    "RotateKeyOnDemand": ("symmetric", {}),
    "ScheduleKeyDeletion": ("symmetric", {}),
    "Sign": ("signing", {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}),
    "TagResource": ("symmetric", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
    "UntagResource": ("symmetric", {"TagKeys": ["a"]}),
    "UpdateAlias": ("symmetric", {"AliasName": "alias/existing"}),
    "UpdateKeyDescription": ("symmetric", {"Description": "d"}),
    "UpdatePrimaryRegion": ("multi-region", {"PrimaryRegion": "us-west-2"}),
    "Verify": ("signing", lambda made: {**SIGNED, "Signature": made["signature"]}),
    "VerifyMac": ("hmac", lambda made: {"Message": b"m", "MacAlgorithm": "HMAC_SHA_256", "Mac": made["mac"]}),
}
SIGNED = {"Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
# What the member with the key is called where it is not `KeyId`.
KEY_MEMBER = {"CreateAlias": "TargetKeyId", "UpdateAlias": "TargetKeyId", "ReEncrypt": "DestinationKeyId"}
KINDS = {
    "symmetric": {},
    "imported": {"Origin": "EXTERNAL"},
    "multi-region": {"MultiRegion": True},
    "hmac": {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    "signing": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    "ecdh": {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"},
    "ml-kem": {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"},
    "rsa": {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
}


class Account:
    """An account with one key of every kind, and something made with each."""

    def __init__(self, kms):
        self.kms = kms
        self.keys = {kind: new_key(kms, **arguments) for kind, arguments in KINDS.items()}
        import_material(kms, self.key("imported"), bytes(range(32)))
        kms.replicate_key(KeyId=self.key("multi-region"), ReplicaRegion="us-west-2")
        symmetric = self.key("symmetric")
        kms.create_alias(AliasName="alias/existing", TargetKeyId=symmetric)
        mac = kms.generate_mac(KeyId=self.key("hmac"), Message=b"m", MacAlgorithm="HMAC_SHA_256")
        grant = kms.create_grant(KeyId=symmetric, GranteePrincipal=root("111122223333"), Operations=["Encrypt"])
        self.made = {
            "ciphertext": kms.encrypt(KeyId=symmetric, Plaintext=b"x")["CiphertextBlob"],
            "public": kms.get_public_key(KeyId=self.key("ecdh"))["PublicKey"],
            "grant": grant["GrantId"],
            "signature": kms.sign(KeyId=self.key("signing"), **SIGNED)["Signature"],
            "mac": mac["Mac"],
        }

    def key(self, kind: str) -> str:
        return self.keys[kind]["KeyId"]

    def refusal(self, name: str, key_id: str | None = None, **more) -> tuple[str, str] | None:
        """The error of the operation on its usual key, or on the given one, with its usual arguments and more."""
        kind, arguments = ARGUMENTS[name]
        arguments = arguments(self.made) if callable(arguments) else arguments
        key_id = key_id or (self.keys[kind]["Arn"] if name == "RetireGrant" else self.key(kind))
        call = getattr(self.kms, xform_name(name))
        return error_of(call, **{KEY_MEMBER.get(name, "KeyId"): key_id, **arguments, **more})


def listing(code: str) -> list[str]:
    """The operations that the model lists the error for, and that take a key."""
    model = get_session().get_service_model("kms")
    names = [n for n in ARGUMENTS if any(e.name == code for e in model.operation_model(n).error_shapes)]
    assert names, code
    return names


@pytest.fixture(scope="module")
def usable(server):
    return Account(server.client("kms", "100000000000"))


@pytest.fixture(scope="module")
def disabled(server):
    made = Account(server.client("kms", "100000000010"))
    for kind in KINDS:
        made.kms.disable_key(KeyId=made.key(kind))
    return made


@pytest.fixture(scope="module")
def dying(server):
    made = Account(server.client("kms", "100000000020"))
    for kind in KINDS:
        made.kms.schedule_key_deletion(KeyId=made.key(kind))
    return made


@pytest.mark.parametrize("name", listing("NotFoundException"))
def test_no_such_key(usable, name):
    missing = key_arn("100000000000", MISSING_KEY)
    if name == "RetireGrant":
        code, _ = usable.refusal(name, missing)
        assert code == "NotFoundException"
        return
    assert usable.refusal(name, MISSING_KEY) == ("NotFoundException", f"Key '{missing}' does not exist")


@pytest.mark.parametrize("name", listing("DisabledException"))
def test_disabled_keys(disabled, name):
    arn = disabled.keys[ARGUMENTS[name][0]]["Arn"]
    assert disabled.refusal(name) == ("DisabledException", f"{arn} is disabled.")


# KMS Developer Guide, "Key states of AWS KMS keys": these work while a key waits for its deletion.
WORK_WHILE_DYING = {
    "CancelKeyDeletion",
    "DeleteImportedKeyMaterial",
    "DescribeKey",
    "GetKeyLastUsage",
    "GetKeyPolicy",
    "GetKeyRotationStatus",
    "ListAliases",
    "ListGrants",
    "ListKeyPolicies",
    "ListKeyRotations",
    "ListResourceTags",
    "PutKeyPolicy",
    "RetireGrant",
    "RevokeGrant",
}


@pytest.mark.parametrize("name", sorted(set(listing("KMSInvalidStateException")) - WORK_WHILE_DYING))
def test_keys_that_wait_for_deletion(dying, name):
    kind = ARGUMENTS[name][0]
    state = "pending replica deletion" if kind == "multi-region" else "pending deletion"
    assert dying.refusal(name) == ("KMSInvalidStateException", f"{dying.keys[kind]['Arn']} is {state}.")


@pytest.mark.parametrize("name", listing("DryRunOperationException"))
def test_dry_runs(usable, name):
    message = "The request would have succeeded, but the DryRun option is set."
    assert usable.refusal(name, DryRun=True) == ("DryRunOperationException", message)


def test_dry_runs_change_nothing(usable):
    grants = usable.kms.list_grants(KeyId=usable.key("symmetric"))["Grants"]
    assert [grant["GrantId"] for grant in grants] == [usable.made["grant"]]


def test_dry_runs_of_decryption_without_a_ciphertext(usable):
    key_id = usable.key("symmetric")
    ignore = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    code, _ = error_of(usable.kms.decrypt, KeyId=key_id, **ignore)
    assert code == "DryRunOperationException"
    code, _ = error_of(usable.kms.re_encrypt, SourceKeyId=key_id, DestinationKeyId=key_id, **ignore)
    assert code == "DryRunOperationException"


@pytest.mark.parametrize("name", [name for name in listing("InvalidGrantTokenException") if name != "RetireGrant"])
def test_bad_grant_tokens(usable, name):
    code, _ = usable.refusal(name, GrantTokens=["not-a-token"])
    assert code == "InvalidGrantTokenException"


def test_a_bad_token_retires_nothing(usable):
    code, _ = error_of(usable.kms.retire_grant, GrantToken="not-a-token")
    assert code == "InvalidGrantTokenException"


# For each operation a kind of key that is not for it.
WRONG_USAGE = {
    "Decrypt": "signing",
    "ReEncrypt": "signing",
    "Encrypt": "hmac",
    "GenerateDataKey": "hmac",
    "GenerateDataKeyPair": "rsa",
    "GenerateDataKeyPairWithoutPlaintext": "rsa",
    "GenerateDataKeyWithoutPlaintext": "signing",
    "GenerateMac": "symmetric",
    "VerifyMac": "signing",
    "Sign": "ecdh",
    "Verify": "rsa",
    "DeriveSharedSecret": "signing",
    "Encapsulate": "rsa",
    "Decapsulate": "symmetric",
}


@pytest.mark.parametrize("name", sorted(WRONG_USAGE))
def test_keys_of_another_usage(usable, name):
    kind = WRONG_USAGE[name]
    more = {"EncryptionAlgorithm": "RSAES_OAEP_SHA_256"} if name == "Decrypt" else {}
    code, message = usable.refusal(name, usable.key(kind), **more)
    assert code == "InvalidKeyUsageException", message


def takes_no_alias() -> list[str]:
    """The operations that the model lists InvalidArnException for, less those that take aliases."""
    others = {"DescribeKey", "GetPublicKey", "ListAliases", "RetireGrant", "EnableKeyRotation"}
    return [name for name in listing("InvalidArnException") if name not in others]


@pytest.mark.parametrize("name", takes_no_alias())
def test_aliases_where_only_keys_are_taken(usable, name):
    """EnableKeyRotation, which the source notes call with an alias, is the one stated exception."""
    expected = ("InvalidArnException", "Key Aliases are not supported for this operation.")
    assert usable.refusal(name, "alias/existing") == expected


@pytest.mark.parametrize(
    "name", ["DisableKeyRotation", "RotateKeyOnDemand", "EnableKeyRotation", "ListKeyRotations"]
)
def test_pairs_do_not_rotate(usable, name):
    code, _ = usable.refusal(name, usable.key("signing"))
    assert code == "UnsupportedOperationException"


def test_markers_that_nobody_gave(usable):
    key_id = usable.key("symmetric")
    for operation, arguments in (
        ("list_resource_tags", {"KeyId": key_id}),
        ("list_grants", {"KeyId": key_id}),
        ("list_key_rotations", {"KeyId": key_id}),
        ("list_aliases", {}),
        ("list_keys", {}),
        ("list_retirable_grants", {"RetiringPrincipal": root("100000000000")}),
    ):
        code, _ = error_of(getattr(usable.kms, operation), Marker="not-a-marker", **arguments)
        assert code == "InvalidMarkerException", operation


def test_custom_key_stores_are_not_there(usable):
    for call, arguments in (
        (usable.kms.create_key, {"Origin": "AWS_CLOUDHSM", "CustomKeyStoreId": "cks-1234567890abcdef0"}),
        (usable.kms.generate_random, {"NumberOfBytes": 8, "CustomKeyStoreId": "cks-1234567890abcdef0"}),
    ):
        code, _ = error_of(call, **arguments)
        assert code == "CustomKeyStoreNotFoundException"


def test_pending_import(server):
    kms = server.client("kms", "100000000030")
    key = new_key(kms, Origin="EXTERNAL")
    message = f"{key['Arn']} is pending import."
    for call, arguments in (
        (kms.encrypt, {"Plaintext": b"x"}),
        (kms.generate_data_key, {"KeySpec": "AES_256"}),
        (kms.enable_key, {}),
        (kms.disable_key, {}),
        (kms.create_grant, {"GranteePrincipal": root("111122223333"), "Operations": ["Encrypt"]}),
    ):
        assert error_of(call, KeyId=key["KeyId"], **arguments) == ("KMSInvalidStateException", message), call
