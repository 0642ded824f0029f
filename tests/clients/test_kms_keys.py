"""Keys: every kind of them, their description, state, policy names, tags, lists and deletion."""

import json
from datetime import timedelta

import pytest

from support import MATERIAL_ID, MISSING_KEY, UUID, body, is_recent, key_arn, new_key, pages, refused

RSA_ENCRYPTION = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
RSA_SIGNING = [
    "RSASSA_PKCS1_V1_5_SHA_256",
    "RSASSA_PKCS1_V1_5_SHA_384",
    "RSASSA_PKCS1_V1_5_SHA_512",
    "RSASSA_PSS_SHA_256",
    "RSASSA_PSS_SHA_384",
    "RSASSA_PSS_SHA_512",
]
# Every key spec with every usage that it has: the member of KeyMetadata that lists its algorithms, and the algorithms.
SPECS = [
    ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "EncryptionAlgorithms", ["SYMMETRIC_DEFAULT"]),
    *(("RSA_" + bits, "ENCRYPT_DECRYPT", "EncryptionAlgorithms", RSA_ENCRYPTION) for bits in ("2048", "3072", "4096")),
    *(("RSA_" + bits, "SIGN_VERIFY", "SigningAlgorithms", RSA_SIGNING) for bits in ("2048", "3072", "4096")),
    ("ECC_NIST_P256", "SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_256"]),
    ("ECC_NIST_P384", "SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_384"]),
    ("ECC_NIST_P521", "SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_512"]),
    ("ECC_SECG_P256K1", "SIGN_VERIFY", "SigningAlgorithms", ["ECDSA_SHA_256"]),
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", "SigningAlgorithms", ["ED25519_PH_SHA_512", "ED25519_SHA_512"]),
    ("ECC_NIST_P256", "KEY_AGREEMENT", "KeyAgreementAlgorithms", ["ECDH"]),
    ("ECC_NIST_P384", "KEY_AGREEMENT", "KeyAgreementAlgorithms", ["ECDH"]),
    ("ECC_NIST_P521", "KEY_AGREEMENT", "KeyAgreementAlgorithms", ["ECDH"]),
    ("HMAC_224", "GENERATE_VERIFY_MAC", "MacAlgorithms", ["HMAC_SHA_224"]),
    ("HMAC_256", "GENERATE_VERIFY_MAC", "MacAlgorithms", ["HMAC_SHA_256"]),
    ("HMAC_384", "GENERATE_VERIFY_MAC", "MacAlgorithms", ["HMAC_SHA_384"]),
    ("HMAC_512", "GENERATE_VERIFY_MAC", "MacAlgorithms", ["HMAC_SHA_512"]),
    ("ML_DSA_44", "SIGN_VERIFY", "SigningAlgorithms", ["ML_DSA_SHAKE_256"]),
    ("ML_DSA_65", "SIGN_VERIFY", "SigningAlgorithms", ["ML_DSA_SHAKE_256"]),
    ("ML_DSA_87", "SIGN_VERIFY", "SigningAlgorithms", ["ML_DSA_SHAKE_256"]),
    ("ML_KEM_512", "ENCAPSULATE_DECAPSULATE", "EncapsulationAlgorithms", ["ML_KEM"]),
    ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE", "EncapsulationAlgorithms", ["ML_KEM"]),
    ("ML_KEM_1024", "ENCAPSULATE_DECAPSULATE", "EncapsulationAlgorithms", ["ML_KEM"]),
    ("SM2", "ENCRYPT_DECRYPT", "EncryptionAlgorithms", ["SM2PKE"]),
    ("SM2", "SIGN_VERIFY", "SigningAlgorithms", ["SM2DSA"]),
    ("SM2", "KEY_AGREEMENT", "KeyAgreementAlgorithms", ["ECDH"]),
]


def test_the_default_key_has_exactly_these_fields(kms, account):
    key = new_key(kms)
    key_id, created, material = key.pop("KeyId"), key.pop("CreationDate"), key.pop("CurrentKeyMaterialId")
    assert UUID.fullmatch(key_id)
    assert is_recent(created)
    assert MATERIAL_ID.fullmatch(material)
    assert key == {
        "AWSAccountId": account,
        "Arn": key_arn(account, key_id),
        "Enabled": True,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }
    described = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    expected = {**key, "KeyId": key_id, "CreationDate": created, "CurrentKeyMaterialId": material}
    assert described == expected


@pytest.mark.parametrize(("spec", "usage", "member", "algorithms"), SPECS, ids=[f"{s[0]}-{s[1]}" for s in SPECS])
def test_every_key_spec_and_usage(server, account, spec, usage, member, algorithms):
    # SM2 is offered in AWS's China regions alone.
    region = "cn-north-1" if spec == "SM2" else "eu-central-1"
    kms = server.client("kms", account, region)
    key = new_key(kms, KeySpec=spec, KeyUsage=usage)
    assert (key["KeySpec"], key["CustomerMasterKeySpec"], key["KeyUsage"]) == (spec, spec, usage)
    assert sorted(key[member]) == sorted(algorithms)
    assert sum(name.endswith("Algorithms") for name in key) == 1
    assert ("CurrentKeyMaterialId" in key) is (spec == "SYMMETRIC_DEFAULT")
    assert kms.describe_key(KeyId=key["Arn"])["KeyMetadata"] == key
    if usage == "GENERATE_VERIFY_MAC" or spec == "SYMMETRIC_DEFAULT":
        with refused("UnsupportedOperationException"):
            kms.get_public_key(KeyId=key["KeyId"])
        return
    public = body(kms.get_public_key(KeyId=key["KeyId"]))
    assert public.pop("PublicKey")[0] == 0x30
    assert sorted(public.pop(member)) == sorted(algorithms)
    assert public == {"KeyId": key["Arn"], "CustomerMasterKeySpec": spec, "KeySpec": spec, "KeyUsage": usage}


def test_combinations_that_no_key_has(kms):
    for arguments in (
        {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "ECC_NIST_P256", "KeyUsage": "ENCRYPT_DECRYPT"},
        {"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "KEY_AGREEMENT"},
        {"KeySpec": "HMAC_256", "KeyUsage": "SIGN_VERIFY"},
        {"KeySpec": "RSA_2048", "KeyUsage": "GENERATE_VERIFY_MAC"},
        {"KeySpec": "RSA_2048", "KeyUsage": "KEY_AGREEMENT"},
        {"KeySpec": "ML_KEM_768", "KeyUsage": "KEY_AGREEMENT"},
        {"KeySpec": "RSA_2048"},
    ):
        with refused("ValidationException"):
            kms.create_key(**arguments)
    assert kms.list_keys()["Keys"] == []


def test_the_deprecated_name_of_the_key_spec_still_works(kms):
    key = new_key(kms, CustomerMasterKeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    assert key["KeySpec"] == "RSA_2048"
    with refused("ValidationException"):
        kms.create_key(CustomerMasterKeySpec="RSA_2048", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")


def test_describe_by_every_identifier(kms, account):
    key = new_key(kms, Description="named four ways")
    kms.create_alias(AliasName="alias/four", TargetKeyId=key["KeyId"])
    for identifier in (key["KeyId"], key["Arn"], "alias/four", f"arn:aws:kms:eu-central-1:{account}:alias/four"):
        assert kms.describe_key(KeyId=identifier)["KeyMetadata"] == key


def test_keys_that_do_not_exist(kms, account):
    missing = key_arn(account, MISSING_KEY)
    with refused("NotFoundException", f"Key '{missing}' does not exist", 400):
        kms.describe_key(KeyId=MISSING_KEY)
    with refused("NotFoundException", f"Key '{missing}' does not exist"):
        kms.describe_key(KeyId=missing)
    with refused("NotFoundException", f"Alias arn:aws:kms:eu-central-1:{account}:alias/none is not found."):
        kms.describe_key(KeyId="alias/none")
    with refused("NotFoundException", "Invalid keyId 'no-key'"):
        kms.describe_key(KeyId="no-key")
    with refused("NotFoundException", "Invalid arn eu-west-1"):
        kms.describe_key(KeyId=key_arn(account, MISSING_KEY, "eu-west-1"))


def test_keys_are_of_one_region_and_account(server, kms, other_kms, account):
    key = new_key(kms)
    elsewhere = server.client("kms", account, "us-east-1")
    with refused("NotFoundException"):
        elsewhere.describe_key(KeyId=key["KeyId"])
    assert elsewhere.list_keys()["Keys"] == []
    with refused("NotFoundException"):
        other_kms.describe_key(KeyId=key["KeyId"])
    with refused("AccessDeniedException"):
        other_kms.describe_key(KeyId=key["Arn"])
    assert other_kms.list_keys()["Keys"] == []


def test_list_keys_in_pages(kms):
    keys = {key["Arn"]: key["KeyId"] for key in (new_key(kms) for _ in range(7))}
    found, sizes = pages(kms.list_keys, "Keys", Limit=3)
    assert sizes == [3, 3, 1]
    assert {entry["KeyArn"]: entry["KeyId"] for entry in found} == keys
    whole = kms.list_keys()
    assert (len(whole["Keys"]), whole["Truncated"]) == (7, False)
    assert [entry["KeyArn"] for entry in whole["Keys"]] == [entry["KeyArn"] for entry in found]
    with refused("InvalidMarkerException"):
        kms.list_keys(Marker="not-a-marker")
    assert sum(len(page["Keys"]) for page in kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})) == 7


def test_description_and_state(kms):
    key_id = new_key(kms, Description="before")["KeyId"]
    assert body(kms.update_key_description(KeyId=key_id, Description="after")) == {}
    assert body(kms.disable_key(KeyId=key_id)) == {}
    key = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (key["Description"], key["KeyState"], key["Enabled"]) == ("after", "Disabled", False)
    assert body(kms.enable_key(KeyId=key_id)) == {}
    key = kms.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (key["KeyState"], key["Enabled"]) == ("Enabled", True)


def test_deletion_is_scheduled_and_cancelled(kms):
    key = new_key(kms)
    scheduled = body(kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7))
    until = scheduled.pop("DeletionDate")
    assert is_recent(until - timedelta(days=7))
    assert scheduled == {"KeyId": key["Arn"], "KeyState": "PendingDeletion", "PendingWindowInDays": 7}
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (described["KeyState"], described["Enabled"], described["DeletionDate"]) == ("PendingDeletion", False, until)
    with refused("KMSInvalidStateException", f"{key['Arn']} is pending deletion."):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    assert body(kms.cancel_key_deletion(KeyId=key["KeyId"])) == {"KeyId": key["Arn"]}
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (described["KeyState"], described["Enabled"]) == ("Disabled", False)
    assert "DeletionDate" not in described
    with refused("KMSInvalidStateException", f"{key['Arn']} is not pending deletion."):
        kms.cancel_key_deletion(KeyId=key["KeyId"])


def test_deletion_windows(kms):
    key_id = new_key(kms)["KeyId"]
    for days in (1, 6, 31, 365):
        with refused("ValidationException"):
            kms.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=days)
    assert kms.schedule_key_deletion(KeyId=key_id)["PendingWindowInDays"] == 30


def test_the_end_of_the_window_destroys_the_key(own_server, account):
    kms = own_server.client("kms", account)
    key = new_key(kms)
    kms.create_alias(AliasName="alias/doomed", TargetKeyId=key["KeyId"])
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"lost")["CiphertextBlob"]
    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    own_server.advance("6d")
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    own_server.advance("25h")
    with refused("NotFoundException", f"Key '{key['Arn']}' does not exist"):
        kms.describe_key(KeyId=key["KeyId"])
    assert kms.list_keys()["Keys"] == []
    assert all(alias["AliasName"] != "alias/doomed" for alias in kms.list_aliases()["Aliases"])
    assert blob not in (b"", None)
    with refused("AccessDeniedException"):
        kms.decrypt(CiphertextBlob=blob)


def test_tags(kms):
    key_id = new_key(kms, Tags=[{"TagKey": "team", "TagValue": "red"}])["KeyId"]
    more = [{"TagKey": f"key-{n}", "TagValue": str(n)} for n in range(4)]
    assert body(kms.tag_resource(KeyId=key_id, Tags=[*more, {"TagKey": "team", "TagValue": "blue"}])) == {}
    assert body(kms.untag_resource(KeyId=key_id, TagKeys=["key-0", "absent"])) == {}
    found, sizes = pages(kms.list_resource_tags, "Tags", KeyId=key_id, Limit=3)
    assert sizes == [3, 1]
    assert {tag["TagKey"]: tag["TagValue"] for tag in found} == {"team": "blue", "key-1": "1", "key-2": "2", "key-3": "3"}
    with refused("TagException"):
        kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": "aws:mine", "TagValue": ""}])
    with refused("TagException"):
        kms.untag_resource(KeyId=key_id, TagKeys=["aws:mine"])
    with refused("LimitExceededException"):
        kms.tag_resource(KeyId=key_id, Tags=[{"TagKey": f"many-{n}", "TagValue": ""} for n in range(50)])
    with refused("TagException"):
        kms.create_key(Tags=[{"TagKey": "twice", "TagValue": "1"}, {"TagKey": "twice", "TagValue": "2"}])


def test_managed_keys_appear_on_first_use(kms):
    key = kms.describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]
    assert (key["KeyManager"], key["KeyState"]) == ("AWS", "Enabled")
    entry = next(a for a in kms.list_aliases()["Aliases"] if a["AliasName"] == "alias/aws/ebs")
    assert entry["TargetKeyId"] == key["KeyId"]
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True
    policy = json.loads(kms.get_key_policy(KeyId=key["KeyId"])["Policy"])
    assert "kms:ViaService" in json.dumps(policy)
    # Its policy lets it be used through EC2 alone, and nobody may change it.
    for operation, arguments in (
        (kms.encrypt, {"Plaintext": b"volume"}),
        (kms.schedule_key_deletion, {}),
        (kms.disable_key, {}),
        (kms.tag_resource, {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
        (kms.put_key_policy, {"Policy": "{}"}),
    ):
        with refused("AccessDeniedException"):
            operation(KeyId=key["KeyId"], **arguments)


def test_last_usage(kms):
    key = new_key(kms)
    before = body(kms.get_key_last_usage(KeyId=key["KeyId"]))
    assert before["KeyId"] == key["Arn"]
    assert "KeyLastUsage" not in before or before["KeyLastUsage"] == {}
    assert before["KeyCreationDate"] == key["CreationDate"]
    assert "TrackingStartDate" in before
    answer = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"used")
    usage = kms.get_key_last_usage(KeyId=key["KeyId"])["KeyLastUsage"]
    assert usage["Operation"] == "Encrypt"
    assert usage["KmsRequestId"] == answer["ResponseMetadata"]["RequestId"]
    assert UUID.fullmatch(usage["CloudTrailEventId"])
    assert is_recent(usage["Timestamp"])
