"""AWS Organizations: a tree of accounts, policies that bind everybody in it, invitations, delegation, effective policies."""

import json
import re

import pytest

from support import body, refused, root

FULL_ACCESS = "p-FullAWSAccess"


def document(effect: str, *actions: str, **more) -> str:
    statement = {"Effect": effect, "Action": list(actions), "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Organization:
    """An organization of its own for a test, and what a test does with one again and again."""

    def __init__(self, server, account: str, *types: str):
        self.server = server
        self.management = account
        self.client = server.client("organizations", account=account)
        self.id = self.client.create_organization(FeatureSet="ALL")["Organization"]["Id"]
        self.root = self.client.list_roots()["Roots"][0]["Id"]
        for kind in types:
            self.client.enable_policy_type(RootId=self.root, PolicyType=kind)

    def account(self, name: str) -> str:
        """The id of a new account."""
        email = f"{name}-{self.id}@example.com"
        begun = self.client.create_account(Email=email, AccountName=name)["CreateAccountStatus"]
        assert begun["State"] == "IN_PROGRESS"
        status = self.client.describe_create_account_status(CreateAccountRequestId=begun["Id"])["CreateAccountStatus"]
        assert status["State"] == "SUCCEEDED"
        return status["AccountId"]

    def unit(self, name: str, parent: str | None = None) -> str:
        made = self.client.create_organizational_unit(ParentId=parent or self.root, Name=name)
        return made["OrganizationalUnit"]["Id"]

    def move(self, account: str, to: str) -> None:
        source = self.client.list_parents(ChildId=account)["Parents"][0]["Id"]
        self.client.move_account(AccountId=account, SourceParentId=source, DestinationParentId=to)

    def policy(self, kind: str, name: str, content: str, *targets: str) -> str:
        """The id of a new policy that hangs on some targets."""
        made = self.client.create_policy(Type=kind, Name=name, Description="", Content=content)
        policy = made["Policy"]["PolicySummary"]["Id"]
        for target in targets:
            self.client.attach_policy(PolicyId=policy, TargetId=target)
        return policy


@pytest.fixture
def organization(server, account) -> Organization:
    return Organization(server, account, "SERVICE_CONTROL_POLICY", "RESOURCE_CONTROL_POLICY", "TAG_POLICY")


def test_an_organization_and_its_tree(organization):
    org = organization.client
    described = body(org.describe_organization())["Organization"]
    assert described["MasterAccountId"] == organization.management
    assert described["Arn"] == f"arn:aws:organizations::{organization.management}:organization/{organization.id}"
    outer = organization.unit("outer")
    inner = organization.unit("inner", outer)
    member = organization.account("member")
    organization.move(member, inner)
    account = org.describe_account(AccountId=member)["Account"]
    assert account["Paths"] == [f"{organization.id}/{organization.root}/{outer}/{inner}/{member}/"]
    assert [child["Id"] for child in org.list_children(ParentId=inner, ChildType="ACCOUNT")["Children"]] == [member]
    pages = org.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1})
    assert {found["Id"] for page in pages for found in page["Accounts"]} == {organization.management, member}
    with refused("OrganizationalUnitNotEmptyException"):
        org.delete_organizational_unit(OrganizationalUnitId=inner)
    with refused("OrganizationNotEmptyException"):
        org.delete_organization()


def test_a_service_control_policy_binds_root_and_users_of_members(server, organization):
    unit = organization.unit("bound")
    member, free = organization.account("bound"), organization.account("free")
    organization.move(member, unit)
    kms = server.client("kms", account=member)
    kms.create_key()
    iam = server.client("iam", account=member)
    user = iam.create_user(UserName="alice")["User"]["Arn"]
    everything = document("Allow", "*")
    iam.put_user_policy(UserName="alice", PolicyName="all", PolicyDocument=everything)
    key = iam.create_access_key(UserName="alice")["AccessKey"]
    alice = server.client("kms", account=key["AccessKeyId"], secret=key["SecretAccessKey"])
    alice.create_key()

    policy = organization.policy("SERVICE_CONTROL_POLICY", "no-keys", document("Deny", "kms:CreateKey"), unit)
    for client, arn in [(kms, root(member)), (alice, user)]:
        denial = f"User: {re.escape(arn)} is not authorized to perform: kms:CreateKey.* "
        denial += "with an explicit deny in a service control policy$"
        with refused("AccessDeniedException", re.compile(denial)):
            client.create_key()
        client.list_keys()
    server.client("kms", account=free).create_key()
    server.client("kms", account=organization.management).create_key()

    organization.client.update_policy(PolicyId=policy, Content=document("Deny", "kms:ListKeys"))
    alice.create_key()
    organization.client.detach_policy(PolicyId=policy, TargetId=unit)
    alice.list_keys()


def test_an_allow_list_and_what_is_not_on_it(server, organization):
    unit = organization.unit("listed")
    member = organization.account("listed")
    organization.move(member, unit)
    org = organization.client
    with refused("ConstraintViolationException", re.compile("^You cannot remove the last policy")):
        org.detach_policy(PolicyId=FULL_ACCESS, TargetId=unit)
    organization.policy("SERVICE_CONTROL_POLICY", "only-kms", document("Allow", "kms:*"), unit)
    org.detach_policy(PolicyId=FULL_ACCESS, TargetId=unit)
    server.client("kms", account=member).create_key()
    denial = re.compile("because no service control policy allows the iam:ListUsers action$")
    with refused("AccessDenied", denial):
        server.client("iam", account=member).list_users()


def test_a_resource_control_policy_binds_the_resource(server, organization):
    member, stranger = organization.account("owner"), organization.account("stranger")
    statements = [
        {"Effect": "Allow", "Principal": {"AWS": root(found)}, "Action": "kms:*", "Resource": "*"}
        for found in (member, stranger)
    ]
    key_policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    arn = server.client("kms", account=member).create_key(Policy=key_policy)["KeyMetadata"]["Arn"]
    other = server.client("kms", account=stranger)
    other.describe_key(KeyId=arn)
    unit = organization.unit("guarded")
    organization.move(member, unit)
    content = document(
        "Deny", "kms:*", Principal="*", Condition={"StringNotEquals": {"aws:PrincipalAccount": member}}
    )
    organization.policy("RESOURCE_CONTROL_POLICY", "own-only", content, unit)
    with refused("AccessDeniedException"):
        other.describe_key(KeyId=arn)
    server.client("kms", account=member).describe_key(KeyId=arn)


def test_the_role_of_a_new_account(server, organization):
    member = organization.account("member")
    iam = server.client("iam", account=organization.management)
    iam.create_user(UserName="admin")
    iam.put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=document("Allow", "*"))
    key = iam.create_access_key(UserName="admin")["AccessKey"]
    sts = server.client("sts", account=key["AccessKeyId"], secret=key["SecretAccessKey"])
    arn = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    session = sts.assume_role(RoleArn=arn, RoleSessionName="work")
    assert session["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{member}:assumed-role/OrganizationAccountAccessRole/work"


def test_an_invitation(server, organization, account):
    guest = str(int(account) + 500_000_000_000)
    org, theirs = organization.client, server.client("organizations", account=guest)
    with refused("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."):
        theirs.describe_organization()
    invite = {"Target": {"Id": guest, "Type": "ACCOUNT"}, "Notes": "welcome"}
    handshake = org.invite_account_to_organization(**invite)["Handshake"]
    with refused("DuplicateHandshakeException"):
        org.invite_account_to_organization(**invite)
    assert [found["Id"] for found in theirs.list_handshakes_for_account()["Handshakes"]] == [handshake["Id"]]
    theirs.decline_handshake(HandshakeId=handshake["Id"])
    with refused("InvalidHandshakeTransitionException"):
        theirs.accept_handshake(HandshakeId=handshake["Id"])
    handshake = org.invite_account_to_organization(**invite)["Handshake"]
    assert theirs.accept_handshake(HandshakeId=handshake["Id"])["Handshake"]["State"] == "ACCEPTED"
    assert theirs.describe_organization()["Organization"]["Id"] == organization.id
    with refused("AccessDeniedException", "You don't have permissions to access this resource."):
        theirs.list_accounts()
    theirs.leave_organization()
    with refused("AccountNotFoundException", "You specified an account that doesn't exist."):
        org.describe_account(AccountId=guest)


def test_an_invitation_expires(own_server, account):
    organization = Organization(own_server, account)
    invite = {"Target": {"Id": "them@example.com", "Type": "EMAIL"}}
    handshake = organization.client.invite_account_to_organization(**invite)["Handshake"]["Id"]
    own_server.advance("16d")
    shown = organization.client.describe_handshake(HandshakeId=handshake)["Handshake"]
    assert shown["State"] == "EXPIRED"


def test_an_effective_tag_policy(server, organization):
    unit = organization.unit("tagged")
    member = organization.account("tagged")
    organization.move(member, unit)

    def tags(setting: dict) -> str:
        return json.dumps({"tags": {"costcenter": {"tag_key": {"@@assign": "CostCenter"}, "tag_value": setting}}})

    above = {"@@assign": ["100", "200"], "@@operators_allowed_for_child_policies": ["@@append"]}
    organization.policy("TAG_POLICY", "above", tags(above), organization.root)
    organization.policy("TAG_POLICY", "below", tags({"@@append": ["300"], "@@remove": ["100"]}), unit)
    theirs = server.client("organizations", account=member)
    effective = theirs.describe_effective_policy(PolicyType="TAG_POLICY")["EffectivePolicy"]
    assert effective["TargetId"] == member
    assert json.loads(effective["PolicyContent"]) == {
        "tags": {"costcenter": {"tag_key": "CostCenter", "tag_value": ["100", "200", "300"]}}
    }
    with refused("EffectivePolicyNotFoundException"):
        theirs.describe_effective_policy(PolicyType="BACKUP_POLICY")
    with refused("MalformedPolicyDocumentException"):
        organization.policy("TAG_POLICY", "bad", json.dumps({"tags": {"x": "y"}}))


def test_delegation(server, organization):
    member = organization.account("delegate")
    theirs = server.client("organizations", account=member)
    register = {"AccountId": member, "ServicePrincipal": "config.amazonaws.com"}
    org = organization.client
    with refused("ConstraintViolationException", re.compile("^You must enable service access")):
        org.register_delegated_administrator(**register)
    org.enable_aws_service_access(ServicePrincipal="config.amazonaws.com")
    org.register_delegated_administrator(**register)
    assert len(theirs.list_accounts()["Accounts"]) == 2
    assert [found["Id"] for found in org.list_delegated_administrators()["DelegatedAdministrators"]] == [member]
    policy = json.dumps({"tags": {"x": {"tag_key": {"@@assign": "X"}}}})
    make = {"Type": "TAG_POLICY", "Name": "x", "Description": "", "Content": policy}
    with refused("AccessDeniedException", "You don't have permissions to access this resource."):
        theirs.create_policy(**make)
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": root(member)},
        "Action": ["organizations:CreatePolicy", "organizations:AttachPolicy"],
        "Resource": "*",
        "Condition": {"StringEquals": {"organizations:PolicyType": "TAG_POLICY"}},
    }
    content = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    org.put_resource_policy(Content=content)
    made = theirs.create_policy(**make)["Policy"]["PolicySummary"]["Id"]
    theirs.attach_policy(PolicyId=made, TargetId=organization.root)
    with refused("AccessDeniedException", re.compile("organizations:CreatePolicy")):
        theirs.create_policy(**{**make, "Type": "SERVICE_CONTROL_POLICY", "Content": document("Deny", "s3:*")})
    with refused("ConstraintViolationException"):
        org.remove_account_from_organization(AccountId=member)


def test_tags(organization):
    org = organization.client
    unit = organization.unit("tagged")
    org.tag_resource(ResourceId=unit, Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}])
    org.untag_resource(ResourceId=unit, TagKeys=["a"])
    assert org.list_tags_for_resource(ResourceId=unit)["Tags"] == [{"Key": "b", "Value": "2"}]


def test_with_the_command_line(cli, account):
    def run(*arguments: str) -> dict:
        return cli.json("organizations", *arguments, account=account)

    made = run("create-organization", "--feature-set", "ALL")["Organization"]
    tree = run("list-roots")["Roots"][0]["Id"]
    unit = run("create-organizational-unit", "--parent-id", tree, "--name", "Production")["OrganizationalUnit"]
    assert unit["Arn"] == f"arn:aws:organizations::{account}:ou/{made['Id']}/{unit['Id']}"
    enabled = run("enable-policy-type", "--root-id", tree, "--policy-type", "SERVICE_CONTROL_POLICY")
    assert enabled["Root"]["PolicyTypes"] == [{"Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED"}]
    listed = run("list-policies", "--filter", "SERVICE_CONTROL_POLICY")["Policies"]
    assert [policy["Id"] for policy in listed] == [FULL_ACCESS]
    run("delete-organizational-unit", "--organizational-unit-id", unit["Id"])
    run("delete-organization")
    done = cli.run("organizations", "describe-organization", account=account, check=False)
    assert "AWSOrganizationsNotInUseException" in done.stderr
