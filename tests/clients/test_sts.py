"""STS: who is calling, over the query protocol and XML."""

import pytest
from botocore.exceptions import ClientError

from support import root


def test_who_am_i(server, account):
    answer = server.client("sts", account).get_caller_identity()
    assert {name: answer[name] for name in ("UserId", "Account", "Arn")} == {
        "UserId": account,
        "Account": account,
        "Arn": root(account),
    }
    assert answer["ResponseMetadata"]["RequestId"]


def test_the_usual_test_credentials_are_account_zero(server):
    assert server.client("sts", "test").get_caller_identity()["Account"] == "000000000000"


def test_partitions(server, account):
    for region, partition in (("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")):
        identity = server.client("sts", account, region).get_caller_identity()
        assert identity["Arn"] == f"arn:{partition}:iam::{account}:root"


def test_the_cli(cli, account):
    assert cli.json("sts", "get-caller-identity", account=account)["Arn"] == root(account)


def test_an_operation_that_is_not_built_says_so(server, account):
    with pytest.raises(ClientError) as caught:
        server.client("sts", account).get_session_token()
    assert caught.value.response["Error"]["Code"] == "NotImplemented"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
