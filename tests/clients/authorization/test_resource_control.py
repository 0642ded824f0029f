"""Resource control policies bind the resources of the services that AWS lists, and no others."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

import facts
from conftest import Production
from world import World, document, trusting

LISTED = facts.FIXTURE["resource_control_policies"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    server = Production(tmp_path_factory.mktemp("resource-control")).start()
    yield World(server)
    assert server.stop() == 0


@pytest.fixture(scope="module")
def member(world):
    """A member account with a key and a role; its user may do everything."""
    account = world.inside(world.member())
    account.caller.may({"Effect": "Allow", "Action": "*", "Resource": "*"})
    trust = trusting({"AWS": account.number})
    account.role = account.client("iam").create_role(RoleName="trusting", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    made = account.client("kms").create_key()["KeyMetadata"]
    account.key = made["Arn"]
    return account


@pytest.fixture(scope="module")
def bound(world, member):
    """The same account, once a resource control policy binds it."""
    denied = ["kms:Encrypt", "kms:DescribeKey", "sts:AssumeRole", "iam:GetRole", "iam:GetUser"]
    statement = {"Effect": "Deny", "Principal": "*", "Action": denied, "Resource": "*"}
    member.caller.client("kms").encrypt(KeyId=member.key, Plaintext=b"secret")
    member.caller.client("sts").assume_role(RoleArn=member.role, RoleSessionName="before")
    policy = world.organization_policy("RESOURCE_CONTROL_POLICY", document(statement))
    world.organizations.attach_policy(PolicyId=policy, TargetId=member.number)
    return member


def test_listed_services_are_bound_and_others_are_not(bound):
    kms, sts, iam = (bound.caller.client(name) for name in ("kms", "sts", "iam"))
    assert {"kms", "sts"} <= set(LISTED) and not {"iam", "organizations", "cloudtrail"} & set(LISTED)
    for call, arguments, action, resource in (
        (kms.encrypt, {"KeyId": bound.key, "Plaintext": b"secret"}, "kms:Encrypt", bound.key),
        (kms.describe_key, {"KeyId": bound.key}, "kms:DescribeKey", bound.key),
        (sts.assume_role, {"RoleArn": bound.role, "RoleSessionName": "after"}, "sts:AssumeRole", bound.role),
    ):
        with pytest.raises(ClientError) as denied:
            call(**arguments)
        message = denied.value.response["Error"]["Message"]
        start = f"User: {bound.caller.user_arn} is not authorized to perform: {action} on resource: {resource}"
        assert message.startswith(f"{start} with an explicit deny in a resource control policy"), message
    # What the policy does not deny goes on, and so does everything of a service that AWS does not list.
    kms.generate_data_key(KeyId=bound.key, KeySpec="AES_256")
    iam.get_role(RoleName="trusting")
    iam.get_user(UserName=bound.caller.name)


def test_the_resource_counts_not_the_caller(world, bound):
    """The management account's own keys are not bound, whoever calls; the member's key is, whoever calls."""
    own = world.kms.create_key()["KeyMetadata"]["Arn"]
    world.kms.encrypt(KeyId=own, Plaintext=b"secret")
    policy = document(
        {"Effect": "Allow", "Principal": {"AWS": [bound.number, world.number]}, "Action": "kms:*", "Resource": "*"}
    )
    bound.client("kms").put_key_policy(KeyId=bound.key, Policy=policy)
    world.administrator.client("kms").generate_data_key(KeyId=bound.key, KeySpec="AES_256")
    with pytest.raises(ClientError) as denied:
        world.administrator.client("kms").encrypt(KeyId=bound.key, Plaintext=b"secret")
    assert denied.value.response["Error"]["Code"] == "AccessDeniedException"
