"""Policies of IAM with stock clients: what is written down, and what it lets principals do."""

import json

import pytest

from support import body, new_key, refused, root

READ_KEYS = {"Effect": "Allow", "Action": ["kms:ListKeys", "kms:DescribeKey"], "Resource": "*"}
EC2 = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*") -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource}


@pytest.fixture
def iam(server, account):
    return server.client("iam", account)


class User:
    """A user with an access key."""

    def __init__(self, server, iam, name: str = "ann"):
        self.server, self.iam, self.name = server, iam, name
        self.arn = iam.create_user(UserName=name)["User"]["Arn"]
        self.key = iam.create_access_key(UserName=name)["AccessKey"]

    def client(self, service: str):
        return self.server.client(service, self.key["AccessKeyId"], secret=self.key["SecretAccessKey"])

    def lacks(self, action: str, resource: str = "*", because: str | None = None) -> str:
        because = because or f"because no identity-based policy allows the {action} action"
        return f"User: {self.arn} is not authorized to perform: {action} on resource: {resource} {because}"


@pytest.fixture
def user(server, iam):
    return User(server, iam)


def test_a_managed_policy_lives(iam, account):
    made = iam.create_policy(
        PolicyName="readers", Path="/team/", PolicyDocument=document(READ_KEYS), Description="Reads keys.", Tags=[{"Key": "k", "Value": "v"}]
    )["Policy"]
    arn = f"arn:aws:iam::{account}:policy/team/readers"
    assert (made["Arn"], made["DefaultVersionId"], made["AttachmentCount"]) == (arn, "v1", 0)
    # boto3 decodes documents.
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == json.loads(document(READ_KEYS)) and version["IsDefaultVersion"]
    for number in range(2, 6):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(allow(f"kms:List{number}")), SetAsDefault=number == 5)
    versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
    assert [version["VersionId"] for version in versions] == ["v5", "v4", "v3", "v2", "v1"]
    with refused("LimitExceeded", status=409):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(READ_KEYS))
    with refused("DeleteConflict", "Cannot delete the default version of a policy.", 409):
        iam.delete_policy_version(PolicyArn=arn, VersionId="v5")
    with refused("DeleteConflict", status=409):
        iam.delete_policy(PolicyArn=arn)
    for number in range(1, 5):
        iam.delete_policy_version(PolicyArn=arn, VersionId=f"v{number}")
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (found["Description"], found["Tags"]) == ("Reads keys.", [{"Key": "k", "Value": "v"}])
    assert [policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]] == ["readers"]
    iam.delete_policy(PolicyArn=arn)
    with refused("NoSuchEntity", f"Policy {arn} was not found.", 404):
        iam.get_policy(PolicyArn=arn)


def test_aws_managed_policies_are_there(iam):
    names = {policy["PolicyName"] for page in iam.get_paginator("list_policies").paginate(Scope="AWS") for policy in page["Policies"]}
    assert {"AdministratorAccess", "ReadOnlyAccess", "SecurityAudit", "AWSKeyManagementServicePowerUser"} <= names
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    version = iam.get_policy_version(PolicyArn=arn, VersionId="v1")["PolicyVersion"]
    everything = {"Action": "*", "Effect": "Allow", "Resource": "*"}
    assert version["Document"] == {"Statement": [everything], "Version": "2012-10-17"}


@pytest.mark.parametrize(
    "written",
    [
        "",
        "{",
        "{}",
        document({"Effect": "Allow", "Action": "kms:*"}),
        document({"Effect": "Allow", "Action": "encrypt", "Resource": "*"}),
        document({"Effect": "Allow", "Action": "kms:*", "Resource": "key"}),
        document({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": "*"}),
        document({"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Condition": {"StringIs": {"aws:username": "a"}}}),
    ],
)
def test_what_is_no_policy_is_refused(server, account, written):
    iam = server.client("iam", account, parameter_validation=False)
    with refused("MalformedPolicyDocument" if written else "ValidationError", status=400):
        iam.create_policy(PolicyName="p", PolicyDocument=written)


def test_a_role_lives(iam, account):
    made = iam.create_role(RoleName="app", AssumeRolePolicyDocument=document(EC2), MaxSessionDuration=7200)["Role"]
    assert made["Arn"] == f"arn:aws:iam::{account}:role/app" and made["RoleId"].startswith("AROA")
    with refused("EntityAlreadyExists", "Role with name app already exists.", 409):
        iam.create_role(RoleName="app", AssumeRolePolicyDocument=document(EC2))
    role = iam.get_role(RoleName="app")["Role"]
    assert (role["AssumeRolePolicyDocument"], role["MaxSessionDuration"]) == (json.loads(document(EC2)), 7200)
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="app")
    profiles = iam.list_instance_profiles_for_role(RoleName="app")["InstanceProfiles"]
    assert [role["RoleName"] for role in profiles[0]["Roles"]] == ["app"]
    with refused("DeleteConflict", "Cannot delete entity, must remove roles from instance profile first.", 409):
        iam.delete_role(RoleName="app")
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="app")
    iam.put_role_policy(RoleName="app", PolicyName="own", PolicyDocument=document(READ_KEYS))
    assert iam.get_role_policy(RoleName="app", PolicyName="own")["PolicyDocument"] == json.loads(document(READ_KEYS))
    with refused("DeleteConflict", "Cannot delete entity, must delete policies first.", 409):
        iam.delete_role(RoleName="app")
    iam.delete_role_policy(RoleName="app", PolicyName="own")
    iam.delete_role(RoleName="app")
    with refused("NoSuchEntity", "The role with name app cannot be found.", 404):
        iam.get_role(RoleName="app")


def test_policies_bind_at_once(iam, user):
    kms = user.client("kms")
    create = "kms:CreateKey"
    with refused("AccessDeniedException", user.lacks(create), 400):
        kms.create_key()
    arn = iam.create_policy(PolicyName="makers", PolicyDocument=document(allow([create, "kms:TagResource"])))["Policy"]["Arn"]
    iam.create_group(GroupName="makers")
    iam.attach_group_policy(GroupName="makers", PolicyArn=arn)
    iam.add_user_to_group(GroupName="makers", UserName=user.name)
    new_key(kms)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=document(READ_KEYS), SetAsDefault=True)
    with refused("AccessDeniedException", user.lacks(create)):
        kms.create_key()
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    new_key(kms)
    denial = {"Effect": "Deny", "Action": create, "Resource": "*"}
    iam.put_user_policy(UserName=user.name, PolicyName="no", PolicyDocument=document(denial))
    with refused("AccessDeniedException", user.lacks(create, "*", "with an explicit deny in an identity-based policy")):
        kms.create_key()
    iam.delete_user_policy(UserName=user.name, PolicyName="no")
    new_key(kms)
    iam.detach_group_policy(GroupName="makers", PolicyArn=arn)
    with refused("AccessDeniedException", user.lacks(create)):
        kms.create_key()


def test_a_boundary_is_the_maximum(iam, user):
    kms = user.client("kms")
    iam.attach_user_policy(UserName=user.name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    boundary = iam.create_policy(PolicyName="most", PolicyDocument=document(READ_KEYS))["Policy"]["Arn"]
    new_key(kms)
    iam.put_user_permissions_boundary(UserName=user.name, PermissionsBoundary=boundary)
    shown = iam.get_user(UserName=user.name)["User"]["PermissionsBoundary"]
    assert shown == {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary}
    kms.list_keys()
    because = "because no permissions boundary allows the kms:CreateKey action"
    with refused("AccessDeniedException", user.lacks("kms:CreateKey", "*", because)):
        kms.create_key()
    with refused("DeleteConflict", "Cannot delete a policy attached to entities."):
        iam.delete_policy(PolicyArn=boundary)
    iam.delete_user_permissions_boundary(UserName=user.name)
    new_key(kms)


def test_a_key_elsewhere_needs_both_sides(server, iam, user, other_account):
    theirs = server.client("kms", other_account)
    key = new_key(theirs)
    use = {"KeyId": key["Arn"], "Plaintext": b"x"}
    kms = user.client("kms")
    hidden = "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"
    lacking = user.lacks("kms:Encrypt", key["Arn"], hidden)
    own = {"UserName": user.name, "PolicyName": "use", "PolicyDocument": document(allow("kms:Encrypt", key["Arn"]))}
    iam.put_user_policy(**own)
    with refused("AccessDeniedException", lacking):
        kms.encrypt(**use)
    administer = {"Effect": "Allow", "Principal": {"AWS": root(other_account)}, "Action": "kms:*", "Resource": "*"}
    grant = {"Effect": "Allow", "Principal": {"AWS": user.arn}, "Action": "kms:Encrypt", "Resource": "*"}
    theirs.put_key_policy(KeyId=key["KeyId"], Policy=document(administer, grant))
    assert kms.encrypt(**use)["KeyId"] == key["Arn"]
    iam.delete_user_policy(UserName=user.name, PolicyName="use")
    with refused("AccessDeniedException"):
        kms.encrypt(**use)


def test_who_has_a_policy(iam, user):
    arn = iam.create_policy(PolicyName="p", PolicyDocument=document(READ_KEYS))["Policy"]["Arn"]
    iam.create_role(RoleName="app", AssumeRolePolicyDocument=document(EC2), PermissionsBoundary=arn)
    iam.attach_user_policy(UserName=user.name, PolicyArn=arn)
    iam.attach_role_policy(RoleName="app", PolicyArn=arn)
    found = body(iam.list_entities_for_policy(PolicyArn=arn))
    assert [entry["UserName"] for entry in found["PolicyUsers"]] == [user.name]
    assert [entry["RoleName"] for entry in found["PolicyRoles"]] == ["app"]
    assert found["PolicyGroups"] == []
    shown = iam.get_policy(PolicyArn=arn)["Policy"]
    assert (shown["AttachmentCount"], shown["PermissionsBoundaryUsageCount"]) == (2, 1)
    with refused("InvalidInput", "ARN arn:aws:iam::aws:role/p-is-none is not valid.", 400):
        iam.attach_user_policy(UserName=user.name, PolicyArn="arn:aws:iam::aws:role/p-is-none")
