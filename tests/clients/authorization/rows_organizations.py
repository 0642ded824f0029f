"""What each operation of Organizations is called with. Members that a row leaves out come from `MEMBERS`."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from rows import Row
from world import TAGS, Account, World, document

SERVICE = "config.amazonaws.com"
TAG_POLICY = json.dumps({"tags": {"made": {"tag_key": {"@@assign": "made"}}}})

MEMBERS = {
    "AccountId": lambda w: w.the(World.member),
    "PolicyId": lambda w: w.the(World.organization_policy),
    "OrganizationalUnitId": lambda w: w.the(World.unit),
    "ParentId": lambda w: w.organization()["root"],
    "RootId": lambda w: w.organization()["root"],
    "TargetId": lambda w: w.the(World.unit),
    "ResourceId": lambda w: w.the(World.unit),
    "ChildId": lambda w: w.the(World.unit),
    "ChildType": lambda w: "ORGANIZATIONAL_UNIT",
    "ServicePrincipal": lambda w: SERVICE,
    "PolicyType": lambda w: "TAG_POLICY",
    "Filter": lambda w: "SERVICE_CONTROL_POLICY",
    "Type": lambda w: "BILLING",
    "Name": lambda w: w.name("named"),
    "Description": lambda w: "described",
    "Tags": lambda w: TAGS,
    "TagKeys": lambda w: ["made"],
}


def in_organization(w: World) -> dict:
    w.organization()
    return {}


def accepting(w: World) -> Row:
    account, handshake = w.invitation()
    return Row({"HandshakeId": handshake}, caller=account.caller)


def invited(w: World) -> dict:
    return {"HandshakeId": w.invitation()[1]}


def inviting(w: World) -> dict:
    return {"Target": {"Id": w.standalone().number, "Type": "ACCOUNT"}}


def founding(w: World) -> Row:
    return Row({"FeatureSet": "ALL"}, caller=w.standalone().caller)


def dissolving(w: World) -> Row:
    account = w.standalone()
    account.client("organizations").create_organization(FeatureSet="ALL")
    return Row({}, caller=account.caller)


def consolidated_billing(w: World) -> Row:
    account = w.standalone()
    account.client("organizations").create_organization(FeatureSet="CONSOLIDATED_BILLING")
    return Row({}, caller=account.caller)


def leaving(w: World) -> Row:
    account = w.inside(w.member())
    return Row({}, caller=account.caller)


def new_account(w: World) -> dict:
    w.organization()
    name = w.name("account")
    return {"Email": f"{name}@example.com", "AccountName": name}


def creation(w: World) -> dict:
    w.the(World.member)
    return {"CreateAccountRequestId": w.organizations.list_create_account_status()["CreateAccountStatuses"][0]["Id"]}


def new_policy(w: World) -> dict:
    w.organization()
    content = document({"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"})
    return {"Content": content, "Type": "SERVICE_CONTROL_POLICY"}


def attached(w: World) -> dict:
    named = {"PolicyId": w.organization_policy(), "TargetId": w.unit()}
    w.organizations.attach_policy(**named)
    return named


def with_tag_policies(w: World) -> dict:
    w.policy_type("TAG_POLICY")
    return {}


def effective(w: World) -> dict:
    account = w.the(World.member)
    policy = w.organization_policy("TAG_POLICY", TAG_POLICY)
    w.organizations.attach_policy(PolicyId=policy, TargetId=account)
    return {"TargetId": account}


def service_access(w: World) -> dict:
    w.organization()
    w.organizations.enable_aws_service_access(ServicePrincipal=SERVICE)
    return {}


def delegated(w: World) -> dict:
    service_access(w)
    account = w.member()
    w.organizations.register_delegated_administrator(AccountId=account, ServicePrincipal=SERVICE)
    return {"AccountId": account}


def not_delegated(w: World) -> dict:
    service_access(w)
    return {"AccountId": w.member()}


def policy_type_off(w: World) -> dict:
    w.policy_type("BACKUP_POLICY", enabled=False)
    return {"PolicyType": "BACKUP_POLICY"}


def policy_type_on(w: World) -> dict:
    w.policy_type("BACKUP_POLICY")
    return {"PolicyType": "BACKUP_POLICY"}


def moving(w: World) -> dict:
    return {"AccountId": w.member(), "SourceParentId": w.organization()["root"], "DestinationParentId": w.unit()}


def resource_policy(w: World) -> str:
    w.organization()
    own = {"AWS": w.arn("iam", "root")}
    return document({"Effect": "Allow", "Principal": own, "Action": "organizations:ListAccounts", "Resource": "*"})


def with_resource_policy(w: World) -> dict:
    w.organizations.put_resource_policy(Content=resource_policy(w))
    return {}


def asking(w: World) -> tuple[dict, Account]:
    """What asks another organization for a transfer, and its management account."""
    w.organization()
    account = w.standalone()
    account.client("organizations").create_organization(FeatureSet="ALL")
    now = datetime.now(UTC)
    later = datetime(now.year + 1, now.month, 1, tzinfo=UTC)
    target = {"Id": account.number, "Type": "ACCOUNT"}
    return {"Type": "BILLING", "Target": target, "StartTimestamp": later, "SourceName": w.name("source")}, account


def transfer(w: World) -> dict:
    """A transfer that the other organization agreed to."""
    asked, account = asking(w)
    sent = w.organizations.invite_organization_to_transfer_responsibility(**asked)["Handshake"]["Id"]
    account.client("organizations").accept_handshake(HandshakeId=sent)
    found = w.organizations.list_inbound_responsibility_transfers(Type="BILLING")["ResponsibilityTransfers"]
    [made] = (each for each in found if each["Source"]["ManagementAccountId"] == account.number)
    return {"Id": w.known(made["Id"], made["Arn"])}


def tagged(w: World) -> dict:
    unit = w.unit()
    w.organizations.tag_resource(ResourceId=unit, Tags=TAGS)
    return {"ResourceId": unit}


ROWS = {
    "AcceptHandshake": accepting,
    "AttachPolicy": lambda w: {"PolicyId": w.organization_policy(), "TargetId": w.unit()},
    "CancelHandshake": invited,
    "CloseAccount": lambda w: {"AccountId": w.member()},
    "CreateAccount": new_account,
    "CreateGovCloudAccount": new_account,
    "CreateOrganization": founding,
    "CreatePolicy": new_policy,
    "DeclineHandshake": accepting,
    "DeleteOrganization": dissolving,
    "DeleteOrganizationalUnit": lambda w: {"OrganizationalUnitId": w.unit()},
    "DeletePolicy": lambda w: {"PolicyId": w.organization_policy()},
    "DeleteResourcePolicy": with_resource_policy,
    "DeregisterDelegatedAdministrator": delegated,
    "DescribeCreateAccountStatus": creation,
    "DescribeEffectivePolicy": effective,
    "DescribeHandshake": invited,
    "DescribeOrganization": in_organization,
    "DescribeResponsibilityTransfer": transfer,
    "DescribeResourcePolicy": with_resource_policy,
    "DetachPolicy": attached,
    "DisableAWSServiceAccess": service_access,
    "DisablePolicyType": policy_type_on,
    "EnableAWSServiceAccess": in_organization,
    "EnableAllFeatures": consolidated_billing,
    "EnablePolicyType": policy_type_off,
    "InviteAccountToOrganization": inviting,
    "InviteOrganizationToTransferResponsibility": lambda w: asking(w)[0],
    "LeaveOrganization": leaving,
    "ListAWSServiceAccessForOrganization": in_organization,
    "ListAccounts": in_organization,
    "ListAccountsWithInvalidEffectivePolicy": with_tag_policies,
    "ListCreateAccountStatus": in_organization,
    "ListDelegatedAdministrators": in_organization,
    "ListDelegatedServicesForAccount": delegated,
    "ListEffectivePolicyValidationErrors": with_tag_policies,
    "ListHandshakesForOrganization": in_organization,
    "ListInboundResponsibilityTransfers": in_organization,
    "ListOutboundResponsibilityTransfers": in_organization,
    "ListPolicies": in_organization,
    "ListRoots": in_organization,
    "MoveAccount": moving,
    "PutResourcePolicy": lambda w: {"Content": resource_policy(w)},
    "RegisterDelegatedAdministrator": not_delegated,
    "RemoveAccountFromOrganization": lambda w: {"AccountId": w.member()},
    "TerminateResponsibilityTransfer": transfer,
    "UntagResource": tagged,
    "UpdateOrganizationalUnit": lambda w: {"OrganizationalUnitId": w.unit(), "Name": w.name("unit")},
    "UpdatePolicy": lambda w: {"PolicyId": w.organization_policy(), "Description": "changed"},
    "UpdateResponsibilityTransfer": transfer,
}
