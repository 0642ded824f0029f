"""What each operation of STS is called with. Members that a row leaves out come from `MEMBERS`."""

from __future__ import annotations

from rows import Row
from world import World

ROOT_TASK = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials"

MEMBERS = {"RoleSessionName": lambda w: "session"}


def federated(w: World) -> dict:
    name = w.name("federated")
    return {"Name": w.known(name, w.arn("sts", f"federated-user/{name}"))}


def as_root(w: World) -> Row:
    w.organization()
    w.organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    w.iam.enable_organizations_root_sessions()
    account = w.the(World.member)
    arguments = {"TargetPrincipal": account, "TaskPolicyArn": {"arn": ROOT_TASK}}
    return Row(arguments, {"sts:AssumeRoot": [f"arn:aws:iam::{account}:root"]})


def outbound_token(w: World) -> dict:
    w.web_identities(enabled=True)
    return {"Audience": ["https://relying.example.com"], "SigningAlgorithm": "ES384"}


ROWS = {
    "AssumeRole": lambda w: {"RoleArn": w.role_arn()},
    "AssumeRoot": as_root,
    "DecodeAuthorizationMessage": lambda w: {"EncodedMessage": "not-a-message"},
    "GetAccessKeyInfo": lambda w: {"AccessKeyId": w.access_key()["AccessKeyId"]},
    "GetDelegatedAccessToken": lambda w: {"TradeInToken": "not-a-token"},
    "GetFederationToken": federated,
    "GetWebIdentityToken": outbound_token,
}
