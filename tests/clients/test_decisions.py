"""What Garrison tells of its decisions: the trace in a header, and the least policy for what a principal used."""

import json

import pytest
from botocore.exceptions import ClientError

from conftest import Server
from support import new_key

HEADER = "x-garrison-decision"


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*") -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


@pytest.fixture
def telling(tmp_path):
    server = Server(tmp_path, "--dev", "--decision-header", "--record-usage").start()
    yield server
    assert server.stop() == 0


def user(server, name: str, *statements: dict) -> dict:
    """A user with an inline policy: the arguments of a client."""
    iam = server.client("iam")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"account": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def traces(response: dict) -> list[dict]:
    return json.loads(response["ResponseMetadata"]["HTTPHeaders"][HEADER])


def test_each_answer_says_why(telling):
    key = new_key(telling.client("kms"))["Arn"]
    kms = telling.client("kms", **user(telling, "ann", allow("kms:DescribeKey", key)))
    [allowed] = traces(kms.describe_key(KeyId=key))
    assert (allowed["decision"], allowed["action"], allowed["resource"]) == ("Allow", "kms:DescribeKey", key)
    assert "own" in json.dumps(allowed), "the policy that allowed"
    with pytest.raises(ClientError) as refused:
        kms.encrypt(KeyId=key, Plaintext=b"x")
    [denied] = traces(refused.value.response)
    assert (denied["decision"], denied["action"]) == ("ImplicitDeny", "kms:Encrypt")


def test_nobody_is_told_unasked(server, account):
    response = server.client("kms", account).list_keys()
    assert HEADER not in response["ResponseMetadata"]["HTTPHeaders"]


def test_the_least_policy_for_what_was_used(telling):
    key = new_key(telling.client("kms"))["Arn"]
    keys = user(telling, "ann", allow("kms:*"))
    kms = telling.client("kms", **keys)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.describe_key(KeyId=key)
    kms.list_keys()
    arn = telling.client("sts", **keys).get_caller_identity()["Arn"]
    least = telling.get("/_garrison/least-policies")[arn]
    used = {(action, resource) for one in least["Statement"] for action in one["Action"] for resource in one["Resource"]}
    assert {("kms:Encrypt", key), ("kms:DescribeKey", key), ("kms:ListKeys", "*")} <= used
    assert "kms:Decrypt" not in json.dumps(least)
    # It allows all of that, and nothing else.
    telling.client("iam").put_user_policy(UserName="ann", PolicyName="own", PolicyDocument=json.dumps(least))
    kms.encrypt(KeyId=key, Plaintext=b"x")
    kms.list_keys()
    with pytest.raises(ClientError, match="not authorized to perform: kms:Decrypt"):
        kms.decrypt(CiphertextBlob=blob)
