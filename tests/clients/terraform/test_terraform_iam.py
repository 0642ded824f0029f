"""Terraform's AWS provider and IAM: every resource and data source of IAM is applied, changed in place, imported and destroyed."""

import base64

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from identity_providers import SamlProvider, certificate, pem
from provider import terraform  # noqa: F401, a fixture
from support import refused, root

pytestmark = [pytest.mark.terraform, pytest.mark.timeout(900)]


def materials() -> dict[str, str]:
    key = rsa.generate_private_key(65537, 2048)
    formats = serialization.Encoding, serialization.PublicFormat
    private = key.private_bytes(formats[0].PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {
        "certificate": pem(certificate("site", key)).decode(),
        "private_key": private.decode(),
        "ssh_key": key.public_key().public_bytes(formats[0].OpenSSH, formats[1].OpenSSH).decode(),
        "metadata": SamlProvider().metadata,
        "other_metadata": SamlProvider().metadata,
    }


def attached(response: dict) -> set[str]:
    return {policy["PolicyName"] for policy in response["AttachedPolicies"]}


def test_identities(terraform, server, account):  # noqa: F811
    iam = server.client("iam", account)
    alias = f"terraform-{account}"
    config = terraform("iam", endpoint=server.endpoint, access_key=account, alias=alias, **materials())
    config.apply()
    config.plans_nothing()
    output = config.outputs()
    assert (output["account"], output["me"], output["alias"]) == (account, root(account), alias)
    assert output["session_issuer"] == output["profile_role"] == "app"
    assert (output["operators"], output["people"], output["roles"]) == (["alice", "robot"], ["alice"], ["app"])
    assert output["keys"] == ["Active"]
    assert output["policy_of_aws"] == "arn:aws:iam::aws:policy/AdministratorAccess"
    assert output["policy"]["Statement"][0]["Resource"][0] == "arn:aws:s3:::data/${aws:username}/*"
    assert output["boundary"] == f"arn:aws:iam::{account}:policy/boundary"
    assert output["simulated"] == {"iam:ListUsers": "allowed", "iam:DeleteUser": "implicitDeny"}
    assert len(base64.b32decode(output["seed"])) == 40
    assert len(output["password"]) == 30
    key, secret = output["access_key"]
    assert server.client("sts", key, secret=secret).get_caller_identity()["Arn"].endswith(":user/robot")
    assert attached(iam.list_attached_role_policies(RoleName="app")) == {"read", "SecurityAudit"}
    assert iam.get_user(UserName="alice")["User"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == output["boundary"]

    config.give(changed=True)
    config.changes_in_place()
    role = iam.get_role(RoleName="app")["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("the application, after", 7200)
    assert {tag["Key"]: tag["Value"] for tag in role["Tags"]} == {"team": "after", "managed-by": "terraform"}
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] != output["boundary"]
    assert attached(iam.list_attached_role_policies(RoleName="app")) == {"SecurityAudit"}
    policy = iam.get_policy(PolicyArn=f"arn:aws:iam::{account}:policy/data/read")["Policy"]
    assert (policy["DefaultVersionId"], policy["AttachmentCount"]) == ("v2", 3)
    assert iam.get_user(UserName="user-after")["User"]["Path"] == "/after/"
    assert "PermissionsBoundary" not in iam.get_user(UserName="alice")["User"]
    assert iam.get_account_password_policy()["PasswordPolicy"]["MinimumPasswordLength"] == 16
    with refused("InvalidClientTokenId"):
        server.client("sts", key, secret=secret).get_caller_identity()

    config.adopts(imported(account, alias))
    iam.create_access_key(UserName="robot")
    config.destroy()
    summary = iam.get_account_summary()["SummaryMap"]
    kept = ("Users", "Groups", "Roles", "Policies", "InstanceProfiles", "ServerCertificates", "Providers", "MFADevices")
    assert {name: summary[name] for name in kept} == dict.fromkeys(kept, 0)
    assert iam.list_account_aliases()["AccountAliases"] == []


def imported(account: str, alias: str) -> dict[str, str]:
    """Resources that can be imported whole, and the ids that the provider's documentation gives them."""
    arn = f"arn:aws:iam::{account}"
    read, audit = f"{arn}:policy/data/read", "arn:aws:iam::aws:policy/SecurityAudit"
    linked = f"{arn}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_terraform"
    return {
        "aws_iam_user.alice": "alice",
        "aws_iam_group.operators": "operators",
        "aws_iam_user_group_membership.robot": "robot/readers",
        "aws_iam_role.federated": "federated",
        "aws_iam_policy.read": read,
        "aws_iam_role_policy.app": "app:inline",
        "aws_iam_user_policy.alice": "alice:inline",
        "aws_iam_group_policy.operators": "readers:inline",
        "aws_iam_role_policy_attachment.app": f"app/{audit}",
        "aws_iam_group_policy_attachment.readers": f"readers/{audit}",
        "aws_iam_instance_profile.app": "app",
        "aws_iam_service_linked_role.autoscaling": linked,
        "aws_iam_openid_connect_provider.issuer": f"{arn}:oidc-provider/issuer.example.com/path",
        "aws_iam_saml_provider.company": f"{arn}:saml-provider/company",
        "aws_iam_account_alias.account": alias,
        "aws_iam_account_password_policy.account": "iam-account-password-policy",
        "aws_iam_virtual_mfa_device.phone": f"{arn}:mfa/devices/phone",
        "aws_iam_role_policies_exclusive.app": "app",
    }
