"""Key policies: kept to the byte, enforced on the account's own root user, across accounts, and with conditions."""

import json
import re

import pytest

from support import body, new_key, refused, root


def statement(effect: str, principal, *actions: str, **more) -> dict:
    return {"Effect": effect, "Principal": principal, "Action": list(actions), "Resource": "*", **more}


def policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture
def own(account):
    """The statement that gives everything to the account."""
    return statement("Allow", {"AWS": root(account)}, "kms:*")


def test_the_default_policy(kms, account):
    key_id = new_key(kms)["KeyId"]
    answer = body(kms.get_key_policy(KeyId=key_id))
    assert answer["PolicyName"] == "default"
    assert json.loads(answer["Policy"]) == {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [
            {
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": root(account)},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }
    names = body(kms.list_key_policies(KeyId=key_id))
    assert names == {"PolicyNames": ["default"], "Truncated": False}
    with refused("NotFoundException", "No such policy exists"):
        kms.get_key_policy(KeyId=key_id, PolicyName="other")


def test_a_policy_comes_back_as_it_was_put(kms, own):
    text = "  " + json.dumps({"Statement": [own], "Id": "mine", "Version": "2012-10-17"}, indent=3) + "\n"
    key_id = new_key(kms, Policy=text)["KeyId"]
    assert kms.get_key_policy(KeyId=key_id)["Policy"] == text
    other = policy(own, statement("Deny", "*", "kms:Sign"))
    assert body(kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=other)) == {}
    assert kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"] == other


def test_a_deny_holds_for_root_too(kms, own, account):
    key = new_key(kms, Policy=policy(own, statement("Deny", {"AWS": root(account)}, "kms:Encrypt")))
    message = (
        f"User: {root(account)} is not authorized to perform: kms:Encrypt on resource: {key['Arn']} "
        "with an explicit deny in a resource-based policy"
    )
    with refused("AccessDeniedException", message, 400):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")


def test_what_no_policy_allows_is_denied(kms, account):
    owner = statement("Allow", {"AWS": root(account)}, "kms:PutKeyPolicy", "kms:Describe*")
    key = new_key(kms, Policy=policy(owner))
    kms.describe_key(KeyId=key["KeyId"])
    with refused("AccessDeniedException"):
        kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")


def test_another_account_uses_a_key_that_its_policy_opens(kms, other_kms, own, other_account):
    open_to = statement("Allow", {"AWS": other_account}, "kms:Encrypt", "kms:Decrypt", "kms:DescribeKey")
    key = new_key(kms, Policy=policy(own, open_to))
    kms.create_alias(AliasName="alias/shared", TargetKeyId=key["KeyId"])
    alias = key["Arn"].replace("key/" + key["KeyId"], "alias/shared")
    assert other_kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"] == key["Arn"]
    blob = other_kms.encrypt(KeyId=alias, Plaintext=b"shared")["CiphertextBlob"]
    assert other_kms.decrypt(CiphertextBlob=blob, KeyId=key["Arn"])["Plaintext"] == b"shared"
    for operation, arguments in (
        (other_kms.generate_data_key, {"KeySpec": "AES_256"}),
        (other_kms.put_key_policy, {"Policy": policy(own)}),
        (other_kms.schedule_key_deletion, {}),
    ):
        with refused("AccessDeniedException"):
            operation(KeyId=key["Arn"], **arguments)
    kms.put_key_policy(KeyId=key["KeyId"], Policy=policy(own))
    # Who names no key does not learn which it was, nor whether it is still there.
    unnamed = re.compile(
        "is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource "
        "does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly "
        "denies access$"
    )
    with refused("AccessDeniedException", unnamed):
        other_kms.decrypt(CiphertextBlob=blob)
    with refused("AccessDeniedException", re.compile(f"kms:Decrypt on resource: {key['Arn']} because")):
        other_kms.decrypt(CiphertextBlob=blob, KeyId=key["Arn"])
    with refused("AccessDeniedException", re.compile("kms:ReEncryptFrom on the resource associated with")):
        other_kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=new_key(other_kms)["KeyId"])


@pytest.mark.parametrize(
    ("condition", "allowed", "denied"),
    [
        (
            {"StringEquals": {"kms:EncryptionContext:tenant": "blue"}},
            {"EncryptionContext": {"tenant": "blue"}},
            {"EncryptionContext": {"tenant": "red"}},
        ),
        (
            {"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["tenant"]}},
            {"EncryptionContext": {"tenant": "x"}},
            {"EncryptionContext": {"tenant": "x", "more": "y"}},
        ),
        ({"StringEquals": {"kms:RequestAlias": "alias/by-name"}}, {"KeyId": "alias/by-name"}, {}),
        (
            {"StringEquals": {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}},
            {},
            None,
        ),
        ({"StringEquals": {"kms:KeyOrigin": "AWS_KMS"}}, {}, None),
        ({"StringEquals": {"kms:KeySpec": "RSA_2048"}}, None, {}),
        ({"Bool": {"kms:MultiRegion": "true"}}, None, {}),
        ({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/by-name"}}, {}, None),
        ({"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}, {}, None),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, {}, None),
        ({"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, None, {}),
        ({"DateGreaterThan": {"aws:CurrentTime": "2100-01-01T00:00:00Z"}}, None, {}),
        ({"StringEquals": {"kms:NoSuchKey": "x"}}, None, {}),
    ],
)
def test_conditions(kms, account, condition, allowed, denied):
    manage = statement("Allow", {"AWS": root(account)}, "kms:PutKeyPolicy", "kms:CreateAlias")
    use = statement("Allow", {"AWS": root(account)}, "kms:Encrypt", Condition=condition)
    key_id = new_key(kms, Policy=policy(manage, use))["KeyId"]
    kms.create_alias(AliasName="alias/by-name", TargetKeyId=key_id)
    if allowed is not None:
        kms.encrypt(**{"KeyId": key_id, "Plaintext": b"x", **allowed})
    if denied is not None:
        with refused("AccessDeniedException"):
            kms.encrypt(**{"KeyId": key_id, "Plaintext": b"x", **denied})


def test_nobody_locks_themselves_out_unless_they_insist(kms, own, account, other_account):
    only_other = policy(statement("Allow", {"AWS": root(other_account)}, "kms:*"))
    message = "The new key policy will not allow you to update the key policy in the future."
    key_id = new_key(kms)["KeyId"]
    with refused("MalformedPolicyDocumentException", message):
        kms.put_key_policy(KeyId=key_id, Policy=only_other)
    with refused("MalformedPolicyDocumentException", message):
        kms.create_key(Policy=only_other)
    multi = new_key(kms, MultiRegion=True)["KeyId"]
    with refused("MalformedPolicyDocumentException", message):
        kms.replicate_key(KeyId=multi, ReplicaRegion="us-west-2", Policy=only_other)
    kms.put_key_policy(KeyId=key_id, Policy=only_other, BypassPolicyLockoutSafetyCheck=True)
    with refused("AccessDeniedException"):
        kms.put_key_policy(KeyId=key_id, Policy=policy(own))


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        "{}",
        '{"Version":"2012-10-17","Statement":[{"Effect":"Maybe","Principal":"*","Action":"kms:*","Resource":"*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}',
        '{"Version":"2020-01-01","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}]}',
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*",'
        '"Condition":{"NoSuchOperator":{"a":"b"}}}]}',
    ],
)
def test_malformed_policies(kms, text):
    with refused("MalformedPolicyDocumentException"):
        kms.create_key(Policy=text)


def test_a_policy_has_at_most_32_kilobytes(kms, own):
    statements = [own, statement("Deny", "*", "kms:Sign", Sid="x" * 33_000)]
    with refused("LimitExceededException"):
        kms.put_key_policy(KeyId=new_key(kms)["KeyId"], Policy=policy(*statements))
    with refused("LimitExceededException"):
        kms.create_key(Policy=policy(*statements))
