"""Users, groups and their credentials with stock clients: what they are, and what they let somebody do."""

import base64
import csv
import io
import json
import time

import pytest

import totp
from support import body, refused, root


@pytest.fixture
def iam(server, account):
    return server.client("iam", account)


def signing(server, service: str, key: dict):
    return server.client(service, key["AccessKeyId"], secret=key["SecretAccessKey"])


def allow(*actions: str) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_user_lives(iam, account):
    made = iam.create_user(UserName="Ann", Path="/team/", Tags=[{"Key": "Stage", "Value": "test"}])["User"]
    assert made["Arn"] == f"arn:aws:iam::{account}:user/team/Ann"
    assert made["UserId"].startswith("AIDA")
    assert iam.get_user(UserName="ann")["User"] == made
    with refused("EntityAlreadyExists", "User with name ANN already exists.", 409):
        iam.create_user(UserName="ANN")
    iam.tag_user(UserName="Ann", Tags=[{"Key": "stage", "Value": "live"}])
    assert iam.list_user_tags(UserName="Ann")["Tags"] == [{"Key": "stage", "Value": "live"}]
    iam.untag_user(UserName="Ann", TagKeys=["Stage"])
    assert iam.list_user_tags(UserName="Ann")["Tags"] == []
    iam.update_user(UserName="Ann", NewUserName="Beth", NewPath="/")
    renamed = iam.get_user(UserName="Beth")["User"]
    assert (renamed["UserId"], renamed["Arn"]) == (made["UserId"], f"arn:aws:iam::{account}:user/Beth")
    iam.delete_user(UserName="Beth")
    with refused("NoSuchEntity", "The user with name Beth cannot be found.", 404):
        iam.get_user(UserName="Beth")


def test_lists_have_pages(iam):
    for n in range(5):
        iam.create_user(UserName=f"user{n}", Path="/a/" if n % 2 else "/b/")
    pages = iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 2})
    names = [[user["UserName"] for user in page["Users"]] for page in pages]
    assert names == [["user0", "user1"], ["user2", "user3"], ["user4"]]
    assert [user["UserName"] for user in iam.list_users(PathPrefix="/a/")["Users"]] == ["user1", "user3"]
    with refused("ValidationError"):
        iam.list_users(Marker="nonsense")


def test_a_group_and_what_it_lets_its_users_do(server, iam):
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    iam.create_group(GroupName="readers")
    iam.put_group_policy(GroupName="readers", PolicyName="p", PolicyDocument=allow("kms:ListKeys"))
    kms = signing(server, "kms", key)
    with refused("AccessDeniedException"):
        kms.list_keys()
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    kms.list_keys()
    assert [user["UserName"] for user in iam.get_group(GroupName="readers")["Users"]] == ["ann"]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="ann")["Groups"]] == ["readers"]
    with refused("DeleteConflict", "Cannot delete entity, must remove users from group first.", 409):
        iam.delete_group(GroupName="readers")
    iam.update_group(GroupName="readers", NewGroupName="others")
    kms.list_keys()
    iam.remove_user_from_group(GroupName="others", UserName="ann")
    with refused("AccessDeniedException"):
        kms.list_keys()
    iam.delete_group_policy(GroupName="others", PolicyName="p")
    iam.delete_group(GroupName="others")
    assert iam.list_groups()["Groups"] == []


def test_access_keys_follow_their_user_at_once(server, iam, account):
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    sts = signing(server, "sts", key)
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{account}:user/ann"
    iam.update_user(UserName="ann", NewUserName="beth")
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{account}:user/beth"
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])
    assert used["UserName"] == "beth"
    assert (used["AccessKeyLastUsed"]["ServiceName"], used["AccessKeyLastUsed"]["Region"]) == ("sts", "eu-central-1")
    iam.update_access_key(UserName="beth", AccessKeyId=key["AccessKeyId"], Status="Inactive")
    with refused("InvalidClientTokenId", status=403):
        sts.get_caller_identity()
    iam.update_access_key(UserName="beth", AccessKeyId=key["AccessKeyId"], Status="Active")
    sts.get_caller_identity()
    second = iam.create_access_key(UserName="beth")["AccessKey"]
    unused = iam.get_access_key_last_used(AccessKeyId=second["AccessKeyId"])["AccessKeyLastUsed"]
    assert unused == {"ServiceName": "N/A", "Region": "N/A"}
    with refused("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409):
        iam.create_access_key(UserName="beth")
    with refused("DeleteConflict", "Cannot delete entity, must delete access keys first."):
        iam.delete_user(UserName="beth")
    for listed in iam.list_access_keys(UserName="beth")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="beth", AccessKeyId=listed["AccessKeyId"])
    with refused("InvalidClientTokenId"):
        sts.get_caller_identity()
    iam.delete_user(UserName="beth")


def test_whoever_names_nobody_means_the_caller(server, iam, account):
    assert iam.get_user()["User"]["Arn"] == root(account)
    key = iam.create_access_key()["AccessKey"]
    assert signing(server, "sts", key).get_caller_identity()["Arn"] == root(account)
    assert [k["AccessKeyId"] for k in iam.list_access_keys()["AccessKeyMetadata"]] == [key["AccessKeyId"]]
    iam.create_user(UserName="ann")
    iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=allow("iam:GetUser", "iam:ListAccessKeys"))
    own = signing(server, "iam", iam.create_access_key(UserName="ann")["AccessKey"])
    assert own.get_user()["User"]["UserName"] == "ann"
    assert [k["UserName"] for k in own.list_access_keys()["AccessKeyMetadata"]] == ["ann"]
    with refused("AccessDenied"):
        own.create_access_key()


def test_passwords_are_what_the_policy_demands(server, iam, account):
    missing = f"The Password Policy with domain name {account} cannot be found."
    with refused("NoSuchEntity", missing):
        iam.get_account_password_policy()
    iam.update_account_password_policy(
        MinimumPasswordLength=12, RequireNumbers=True, AllowUsersToChangePassword=True, PasswordReusePrevention=2
    )
    policy = iam.get_account_password_policy()["PasswordPolicy"]
    assert (policy["MinimumPasswordLength"], policy["RequireSymbols"], policy["ExpirePasswords"]) == (12, False, False)
    iam.create_user(UserName="ann")
    with refused("PasswordPolicyViolation", "Password should have a minimum length of 12", 400):
        iam.create_login_profile(UserName="ann", Password="short-1")
    with refused("PasswordPolicyViolation", "Password should have at least one number"):
        iam.create_login_profile(UserName="ann", Password="a-long-password")
    iam.create_login_profile(UserName="ann", Password="a-long-password-1", PasswordResetRequired=True)
    assert iam.get_login_profile(UserName="ann")["LoginProfile"]["PasswordResetRequired"] is True
    own = signing(server, "iam", iam.create_access_key(UserName="ann")["AccessKey"])
    with refused("AccessDenied", "The old password was incorrect."):
        own.change_password(OldPassword="wrong", NewPassword="a-long-password-2")
    own.change_password(OldPassword="a-long-password-1", NewPassword="a-long-password-2")
    with refused("PasswordPolicyViolation"):
        own.change_password(OldPassword="a-long-password-2", NewPassword="a-long-password-1")
    iam.delete_account_password_policy()
    with refused("AccessDenied"):
        own.change_password(OldPassword="a-long-password-2", NewPassword="a-long-password-3")
    with refused("InvalidUserType"):
        iam.change_password(OldPassword="x", NewPassword="y")
    iam.delete_login_profile(UserName="ann")
    with refused("NoSuchEntity", "Login Profile for User ann cannot be found."):
        iam.get_login_profile(UserName="ann")


def test_a_virtual_mfa_device_lives(iam, account):
    iam.create_user(UserName="ann")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="ann-phone", Tags=[{"Key": "k", "Value": "v"}])["VirtualMFADevice"]
    serial, seed = made["SerialNumber"], made["Base32StringSeed"]
    assert serial == f"arn:aws:iam::{account}:mfa/ann-phone"
    assert len(base64.b32decode(seed)) == 40
    assert made["QRCodePNG"].startswith(b"\x89PNG")
    device = {"UserName": "ann", "SerialNumber": serial}
    with refused("InvalidAuthenticationCode", status=403):
        iam.enable_mfa_device(**device, AuthenticationCode1="000000", AuthenticationCode2="000000")
    step = int(time.time()) // 30
    old = {"AuthenticationCode1": totp.code(seed, step - 9), "AuthenticationCode2": totp.code(seed, step - 8)}
    with refused("InvalidAuthenticationCode"):
        iam.enable_mfa_device(**device, **old)
    iam.enable_mfa_device(**device, **totp.codes(seed))
    with refused("EntityAlreadyExists", "MFA device is already in use."):
        iam.enable_mfa_device(**device, **totp.codes(seed))
    assert [d["SerialNumber"] for d in iam.list_mfa_devices(UserName="ann")["MFADevices"]] == [serial]
    assert iam.get_mfa_device(SerialNumber=serial)["UserName"] == "ann"
    assert iam.list_mfa_device_tags(SerialNumber=serial)["Tags"] == [{"Key": "k", "Value": "v"}]
    assigned = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert [d["User"]["UserName"] for d in assigned] == ["ann"]
    with refused("DeleteConflict"):
        iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.resync_mfa_device(**device, **totp.codes(seed, ahead=60))
    iam.deactivate_mfa_device(**device)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []


def test_what_an_account_has_once(server, iam, account):
    alias = f"alias-{account}"
    iam.create_account_alias(AccountAlias=alias)
    assert iam.list_account_aliases()["AccountAliases"] == [alias]
    other = server.client("iam", f"9{account[1:]}")
    with refused("EntityAlreadyExists", f"The account alias {alias} already exists.", 409):
        other.create_account_alias(AccountAlias=alias)
    iam.delete_account_alias(AccountAlias=alias)
    assert iam.list_account_aliases()["AccountAliases"] == []
    iam.set_security_token_service_preferences(GlobalEndpointTokenVersion="v2Token")
    iam.create_user(UserName="ann")
    summary = iam.get_account_summary()["SummaryMap"]
    assert (summary["Users"], summary["UsersQuota"], summary["GlobalEndpointTokenVersion"]) == (1, 5000, 2)
    assert body(iam.get_account_properties()) == {"Properties": {}}


def test_the_credential_report(own_server):
    iam = own_server.client("iam", "111122223333")
    with refused("ReportNotPresent", status=410):
        iam.get_credential_report()
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    signing(own_server, "sts", key).get_caller_identity()
    assert iam.generate_credential_report()["State"] == "STARTED"
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    report = iam.get_credential_report()
    assert report["ReportFormat"] == "text/csv"
    owner, ann = csv.DictReader(io.StringIO(report["Content"].decode()))
    assert (owner["user"], owner["password_enabled"]) == ("<root_account>", "not_supported")
    assert (ann["user"], ann["password_enabled"], ann["mfa_active"]) == ("ann", "false", "false")
    assert (ann["access_key_1_active"], ann["access_key_1_last_used_service"]) == ("true", "sts")
    own_server.advance("4h")
    with refused("ReportExpired", status=410):
        iam.get_credential_report()


def test_last_uses_outlive_a_restart(own_server):
    iam = own_server.client("iam", "111122223333")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    signing(own_server, "sts", key).get_caller_identity()
    assert own_server.stop() == 0
    own_server.start()
    iam = own_server.client("iam", "111122223333")
    used = iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
    assert used["ServiceName"] == "sts"
    signing(own_server, "sts", key).get_caller_identity()


def test_the_cli(cli, account):
    cli.json("iam", "create-user", "--user-name", "ann", account=account)
    cli.json("iam", "create-group", "--group-name", "g", account=account)
    cli.run("iam", "add-user-to-group", "--user-name", "ann", "--group-name", "g", account=account)
    key = cli.json("iam", "create-access-key", "--user-name", "ann", account=account)["AccessKey"]
    own = cli.signing(key["AccessKeyId"], key["SecretAccessKey"])
    assert own.json("sts", "get-caller-identity")["Arn"] == f"arn:aws:iam::{account}:user/ann"
    made = cli.json(
        "iam", "create-virtual-mfa-device", "--virtual-mfa-device-name", "phone",
        "--outfile", "seed.txt", "--bootstrap-method", "Base32StringSeed", account=account,
    )["VirtualMFADevice"]
    codes = totp.codes((cli.folder / "seed.txt").read_bytes())
    cli.run(
        "iam", "enable-mfa-device", "--user-name", "ann", "--serial-number", made["SerialNumber"],
        "--authentication-code1", codes["AuthenticationCode1"], "--authentication-code2", codes["AuthenticationCode2"],
        account=account,
    )
    found = cli.json("iam", "list-mfa-devices", "--user-name", "ann", account=account)
    assert found["MFADevices"][0]["SerialNumber"] == made["SerialNumber"]
