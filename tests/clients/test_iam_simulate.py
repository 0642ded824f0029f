"""The policy simulator, last accessed information, and the credentials beside access keys, with boto3."""

import base64
import json
import re
import struct

import pytest

from support import refused

OBJECT = "arn:aws:s3:::bucket/key"


@pytest.fixture
def iam(server, account):
    return server.client("iam", account)


def document(effect: str, action, resource="*", condition=None) -> str:
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def decisions(results: list) -> dict:
    return {(result["EvalActionName"], result["EvalResourceName"]): result["EvalDecision"] for result in results}


def test_a_custom_policy_is_simulated(iam):
    policies = [document("Allow", "s3:Get*", "arn:aws:s3:::bucket/*"), document("Deny", "s3:GetObjectAcl")]
    paginator = iam.get_paginator("simulate_custom_policy")
    actions = ["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject"]
    pages = paginator.paginate(PolicyInputList=policies, ActionNames=actions, ResourceArns=[OBJECT], PaginationConfig={"PageSize": 2})
    results = [result for page in pages for result in page["EvaluationResults"]]
    assert decisions(results) == {
        ("s3:GetObject", OBJECT): "allowed",
        ("s3:GetObjectAcl", OBJECT): "explicitDeny",
        ("s3:PutObject", OBJECT): "implicitDeny",
    }
    denied = results[1]["MatchedStatements"]
    assert [statement["SourcePolicyId"] for statement in denied] == ["PolicyInputList.2"]
    assert denied[0]["StartPosition"] == {"Line": 1, "Column": policies[1].index('{"Effect"') + 2}
    assert denied[0]["EndPosition"] == {"Line": 1, "Column": policies[1].rindex("]") + 1}


def test_missing_context_keys_are_named(iam):
    policy = document("Allow", "s3:GetObject", "*", {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}})
    assert iam.get_context_keys_for_custom_policy(PolicyInputList=[policy])["ContextKeyNames"] == ["aws:SourceIp"]
    ask = {"PolicyInputList": [policy], "ActionNames": ["s3:GetObject"]}
    result = iam.simulate_custom_policy(**ask)["EvaluationResults"][0]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("implicitDeny", ["aws:SourceIp"])
    for address, expected in [("203.0.113.9", "allowed"), ("198.51.100.9", "implicitDeny")]:
        entry = {"ContextKeyName": "aws:SourceIp", "ContextKeyType": "ip", "ContextKeyValues": [address]}
        result = iam.simulate_custom_policy(**ask, ContextEntries=[entry])["EvaluationResults"][0]
        assert (result["EvalDecision"], result["MissingContextValues"]) == (expected, [])
    with refused("InvalidInput"):
        iam.simulate_custom_policy(PolicyInputList=["{}"], ActionNames=["s3:GetObject"])


def test_a_simulation_agrees_with_what_happens(server, iam):
    """What the simulator says of a user is what the user then meets."""
    arn = iam.create_user(UserName="simulated")["User"]["Arn"]
    iam.put_user_policy(UserName="simulated", PolicyName="p", PolicyDocument=document("Allow", ["iam:ListUsers", "iam:ListRoles"]))
    iam.create_group(GroupName="simulating")
    iam.add_user_to_group(GroupName="simulating", UserName="simulated")
    iam.put_group_policy(GroupName="simulating", PolicyName="q", PolicyDocument=document("Deny", "iam:ListRoles"))
    results = iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["iam:ListUsers", "iam:ListRoles", "iam:ListGroups"])
    results = results["EvaluationResults"]
    assert [result["EvalDecision"] for result in results] == ["allowed", "explicitDeny", "implicitDeny"]
    sources = [statement["SourcePolicyId"] for result in results for statement in result["MatchedStatements"]]
    assert sources == ["user_simulated_p", "group_simulating_q"]

    key = iam.create_access_key(UserName="simulated")["AccessKey"]
    own = server.client("iam", key["AccessKeyId"], secret=key["SecretAccessKey"])
    own.list_users()
    for call in (own.list_roles, own.list_groups):
        with refused("AccessDenied"):
            call()

    job = iam.generate_service_last_accessed_details(Arn=arn, Granularity="ACTION_LEVEL")["JobId"]
    report = iam.get_service_last_accessed_details(JobId=job)
    assert report["JobStatus"] == "COMPLETED"
    (service,) = report["ServicesLastAccessed"]
    assert (service["ServiceNamespace"], service["LastAuthenticatedEntity"]) == ("iam", arn)
    actions = {action["ActionName"] for action in service["TrackedActionsLastAccessed"]}
    assert {"ListUsers", "ListRoles", "ListGroups"} <= actions
    details = iam.get_service_last_accessed_details_with_entities(JobId=job, ServiceNamespace="iam")["EntityDetailsList"]
    assert [entity["EntityInfo"]["Arn"] for entity in details] == [arn]
    granting = iam.list_policies_granting_service_access(Arn=arn, ServiceNamespaces=["iam", "s3"])
    entries = granting["PoliciesGrantingServiceAccess"]
    assert [[policy["PolicyName"] for policy in entry["Policies"]] for entry in entries] == [["p"], []]


def test_everything_of_an_account_is_listed(iam):
    iam.create_user(UserName="listed")
    pages = iam.get_paginator("get_account_authorization_details").paginate(Filter=["User"], PaginationConfig={"PageSize": 1})
    names = [user["UserName"] for page in pages for user in page["UserDetailList"]]
    assert "listed" in names and len(names) == len(set(names))


def test_service_linked_roles_come_and_go(iam, account):
    role = iam.create_service_linked_role(AWSServiceName="guardduty.amazonaws.com")["Role"]
    assert role["Arn"] == f"arn:aws:iam::{account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"
    with refused("InvalidInput", re.compile("has been taken in this account")):
        iam.create_service_linked_role(AWSServiceName="guardduty.amazonaws.com")
    task = iam.delete_service_linked_role(RoleName=role["RoleName"])["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with refused("NoSuchEntity"):
        iam.get_role(RoleName=role["RoleName"])


def test_providers_live(iam, account):
    arn = iam.create_open_id_connect_provider(Url="https://idp.example.com/realms/x", ClientIDList=["one"])["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::{account}:oidc-provider/idp.example.com/realms/x"
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="two")
    got = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert (got["Url"], got["ClientIDList"]) == ("idp.example.com/realms/x", ["one", "two"])
    with refused("EntityAlreadyExists"):
        iam.create_open_id_connect_provider(Url="https://idp.example.com/realms/x")
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    with refused("NoSuchEntity"):
        iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)


def test_ssh_keys_live(iam):
    iam.create_user(UserName="coder")
    modulus = b"\x00" + b"\xc3" * 256
    parts = [b"ssh-rsa", b"\x01\x00\x01", modulus]
    body = "ssh-rsa " + base64.b64encode(b"".join(struct.pack(">I", len(part)) + part for part in parts)).decode()
    key = iam.upload_ssh_public_key(UserName="coder", SSHPublicKeyBody=f"{body} coder@example.com")["SSHPublicKey"]
    assert re.fullmatch("([0-9a-f]{2}:){15}[0-9a-f]{2}", key["Fingerprint"])
    pem = iam.get_ssh_public_key(UserName="coder", SSHPublicKeyId=key["SSHPublicKeyId"], Encoding="PEM")["SSHPublicKey"]
    assert pem["SSHPublicKeyBody"].startswith("-----BEGIN PUBLIC KEY-----")
    with refused("DeleteConflict"):
        iam.delete_user(UserName="coder")
    iam.delete_ssh_public_key(UserName="coder", SSHPublicKeyId=key["SSHPublicKeyId"])
    iam.delete_user(UserName="coder")
