"""What the source notes say of who may do what: allowed and denied, in AWS's words, with the record in CloudTrail."""

import json

import pytest

import totp
from support import new_key, refused, root

EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more) -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


class User:
    """A user of an account, with an access key and one inline policy."""

    def __init__(self, server, account: str, name: str, *statements: dict):
        self.server, self.account, self.name = server, account, name
        self.iam = server.client("iam", account)
        self.arn = self.iam.create_user(UserName=name)["User"]["Arn"]
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        self.keys = {"account": key["AccessKeyId"], "secret": key["SecretAccessKey"]}
        if statements:
            self.may(*statements)

    def may(self, *statements: dict) -> None:
        self.iam.put_user_policy(UserName=self.name, PolicyName="own", PolicyDocument=document(*statements))

    def client(self, service: str, **keys):
        return self.server.client(service, **(keys or self.keys))

    def assume(self, role: str) -> dict:
        """The keys of a session of a role."""
        return session(self.client("sts").assume_role(RoleArn=role, RoleSessionName="work"))


def session(answer: dict) -> dict:
    given = answer["Credentials"]
    return {"account": given["AccessKeyId"], "secret": given["SecretAccessKey"], "token": given["SessionToken"]}


def denial(caller: str, action: str, resource: str | None, because: str) -> str:
    on = f" on resource: {resource}" if resource else ""
    return f"User: {caller} is not authorized to perform: {action}{on} {because}"


def no(kind: str, action: str) -> str:
    return f"because no {kind} allows the {action} action"


def assert_recorded(server, account: str, event: str, caller: str, message: str, region: str = "eu-central-1") -> None:
    """The newest record of this event in the account's trail is this denial."""
    attributes = [{"AttributeKey": "EventName", "AttributeValue": event}]
    found = server.client("cloudtrail", account, region).lookup_events(LookupAttributes=attributes)["Events"]
    record = json.loads(found[0]["CloudTrailEvent"])
    assert (record["errorCode"], record["errorMessage"]) == ("AccessDenied", message)
    assert record["userIdentity"]["arn"] == caller
    assert record["userIdentity"]["accountId"] == account
    assert record["responseElements"] is None


def use(cli, user: User, key_arn: str) -> str | None:
    """The CLI encrypts as a user: the error that it prints, or none."""
    signed = cli.signing(**user.keys)
    done = signed.run("kms", "encrypt", "--key-id", key_arn, "--plaintext", "c2VjcmV0", check=False)
    return said(done) if done.returncode else None


def said(done) -> str:
    """What the CLI says of a refusal; version 2 adds how often it tried."""
    return done.stderr.strip().replace(" (reached max retries: 0)", "")


def printed(operation: str, message: str) -> str:
    return f"An error occurred (AccessDeniedException) when calling the {operation} operation: {message}"


def test_iam_policies_alone_cannot_grant_kms_access(server, cli, account):
    """The key policy must allow it too: by naming the principal, or by leaving it to the account's IAM policies."""
    keeper = User(server, account, "keeper", allow("kms:*"))
    alice = User(server, account, "alice", allow("kms:*"))
    own = {"Effect": "Allow", "Principal": {"AWS": keeper.arn}, "Action": "kms:*", "Resource": "*"}
    key = new_key(keeper.client("kms"), Policy=document(own))
    message = denial(alice.arn, "kms:Encrypt", key["Arn"], no("resource-based policy", "kms:Encrypt"))
    assert use(cli, alice, key["Arn"]) == printed("Encrypt", message)
    assert_recorded(server, account, "Encrypt", alice.arn, message)
    with refused("AccessDeniedException", message, 400):
        alice.client("kms").encrypt(KeyId=key["Arn"], Plaintext=b"secret")
    # Not even the root user gets in: the policy does not name the account.
    with refused("AccessDeniedException"):
        server.client("kms", account).encrypt(KeyId=key["Arn"], Plaintext=b"secret")
    delegating = {**own, "Principal": {"AWS": root(account)}}
    keeper.client("kms").put_key_policy(KeyId=key["KeyId"], Policy=document(own, delegating))
    assert use(cli, alice, key["Arn"]) is None
    alice.may(allow("s3:GetObject"))
    message = denial(alice.arn, "kms:Encrypt", key["Arn"], no("identity-based policy", "kms:Encrypt"))
    assert use(cli, alice, key["Arn"]) == printed("Encrypt", message)
    assert_recorded(server, account, "Encrypt", alice.arn, message)
    # Named in the key policy, she needs no IAM policy.
    named = {**own, "Principal": {"AWS": alice.arn}, "Action": "kms:Encrypt"}
    keeper.client("kms").put_key_policy(KeyId=key["KeyId"], Policy=document(own, named))
    assert use(cli, alice, key["Arn"]) is None


def test_the_notes_key_policy_for_grants(server, account):
    """`kms:GrantIsForAWSResource` is there for CreateGrant, ListGrants and RevokeGrant alone: Decrypt is denied as written.

    A call that a user makes is never a service's call on their behalf, so that CreateGrant is denied as well; the calls of
    services are driven in KMS's own tests.
    """
    iam = server.client("iam", account)
    trust = {"Effect": "Allow", "Principal": {"AWS": root(account)}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="Developers", AssumeRolePolicyDocument=document(trust))["Role"]["Arn"]
    alice = User(server, account, "alice", allow("sts:AssumeRole", role))
    notes = {
        "Effect": "Allow",
        "Principal": {"AWS": role},
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
    }
    # The account keeps the key, and cannot use it: nothing but the notes' statement could allow Decrypt.
    manage = {"Effect": "Allow", "Principal": {"AWS": root(account)}, "Resource": "*"}
    manage["Action"] = ["kms:PutKeyPolicy", "kms:Encrypt", "kms:ListGrants"]
    kms = server.client("kms", account)
    key = new_key(kms, Policy=document(manage, notes))
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"secret")["CiphertextBlob"]
    developer = server.client("kms", **alice.assume(role))
    caller = f"arn:aws:sts::{account}:assumed-role/Developers/work"
    message = denial(caller, "kms:Decrypt", key["Arn"], no("resource-based policy", "kms:Decrypt"))
    with refused("AccessDeniedException", message, 400):
        developer.decrypt(CiphertextBlob=blob, KeyId=key["Arn"])
    assert_recorded(server, account, "Decrypt", caller, message)
    # What the statement was meant for: grants. For anything but a service's call the key is false.
    kms.put_key_policy(KeyId=key["KeyId"], Policy=document(manage, {**notes, "Action": "kms:CreateGrant"}))
    with refused("AccessDeniedException", denial(caller, "kms:CreateGrant", key["Arn"], no("resource-based policy", "kms:CreateGrant"))):
        developer.create_grant(KeyId=key["Arn"], GranteePrincipal=role, Operations=["Decrypt"])
    for_users = {**notes, "Action": "kms:CreateGrant", "Condition": {"Bool": {"kms:GrantIsForAWSResource": "false"}}}
    kms.put_key_policy(KeyId=key["KeyId"], Policy=document(manage, for_users))
    developer.create_grant(KeyId=key["Arn"], GranteePrincipal=role, Operations=["Decrypt"])
    assert developer.decrypt(CiphertextBlob=blob, KeyId=key["Arn"])["Plaintext"] == b"secret"


def test_a_permissions_boundary_is_the_maximum(server, cli, account):
    iam = server.client("iam", account)
    boundary = iam.create_policy(PolicyName="edge", PolicyDocument=document(allow(["kms:Encrypt", "kms:DescribeKey"])))["Policy"]["Arn"]
    alice = User(server, account, "alice", EVERYTHING)
    key = new_key(server.client("kms", account))["Arn"]
    alice.client("kms").generate_data_key(KeyId=key, KeySpec="AES_256")
    iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=boundary)
    assert use(cli, alice, key) is None
    message = denial(alice.arn, "kms:GenerateDataKey", key, no("permissions boundary", "kms:GenerateDataKey"))
    done = cli.signing(**alice.keys).run(
        "kms", "generate-data-key", "--key-id", key, "--key-spec", "AES_256", check=False
    )
    assert said(done) == printed("GenerateDataKey", message)
    assert_recorded(server, account, "GenerateDataKey", alice.arn, message)
    # It gives nothing by itself.
    alice.may(allow("s3:GetObject"))
    message = denial(alice.arn, "kms:Encrypt", key, no("identity-based policy", "kms:Encrypt"))
    assert use(cli, alice, key) == printed("Encrypt", message)
    iam.delete_user_permissions_boundary(UserName="alice")
    alice.may(EVERYTHING)
    alice.client("kms").generate_data_key(KeyId=key, KeySpec="AES_256")


@pytest.fixture
def organization(server, account):
    """An organization with a member account: the clients of its root user, the member's number and an administrator there."""
    organizations = server.client("organizations", account)
    organizations.create_organization(FeatureSet="ALL")
    state = organizations.create_account(Email=f"{account}@example.com", AccountName="member")["CreateAccountStatus"]
    while state["State"] == "IN_PROGRESS":
        state = organizations.describe_create_account_status(CreateAccountRequestId=state["Id"])["CreateAccountStatus"]
    root_id = organizations.list_roots()["Roots"][0]["Id"]
    organizations.enable_policy_type(RootId=root_id, PolicyType="SERVICE_CONTROL_POLICY")
    return organizations, state["AccountId"], root_id


def test_service_control_policies_hold_across_accounts(server, cli, account, organization):
    organizations, member, _ = organization
    alice = User(server, member, "alice", EVERYTHING)
    manager = User(server, account, "manager", EVERYTHING)
    key = new_key(alice.client("kms"))["Arn"]
    content = document({"Effect": "Deny", "Action": "kms:Encrypt", "Resource": "*"})
    policy = organizations.create_policy(Name="no-use", Description="", Type="SERVICE_CONTROL_POLICY", Content=content)
    policy = policy["Policy"]["PolicySummary"]
    assert use(cli, alice, key) is None
    organizations.attach_policy(PolicyId=policy["Id"], TargetId=member)
    message = denial(alice.arn, "kms:Encrypt", key, "with an explicit deny in a service control policy")
    error = use(cli, alice, key)
    assert error.startswith(printed("Encrypt", message)), error
    # Its root user is bound too; the management account is not.
    with refused("AccessDeniedException"):
        server.client("kms", member).encrypt(KeyId=key, Plaintext=b"secret")
    own = new_key(manager.client("kms"))["Arn"]
    assert use(cli, manager, own) is None
    organizations.detach_policy(PolicyId=policy["Id"], TargetId=member)
    assert use(cli, alice, key) is None
    # What no policy of every level allows is denied as well.
    content = document(allow(["kms:DescribeKey", "cloudtrail:LookupEvents"]))
    few = organizations.create_policy(Name="few", Description="", Type="SERVICE_CONTROL_POLICY", Content=content)
    organizations.attach_policy(PolicyId=few["Policy"]["PolicySummary"]["Id"], TargetId=member)
    assert use(cli, alice, key) is None
    organizations.detach_policy(PolicyId="p-FullAWSAccess", TargetId=member)
    message = denial(alice.arn, "kms:Encrypt", key, no("service control policy", "kms:Encrypt"))
    assert use(cli, alice, key) == printed("Encrypt", message)
    assert_recorded(server, member, "Encrypt", alice.arn, message)


def test_a_policy_enforces_a_second_factor(server, cli, account):
    iam = server.client("iam", account)
    without = {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}
    enforcing = {"Effect": "Deny", "NotAction": "sts:GetSessionToken", "Resource": "*", "Condition": without}
    alice = User(server, account, "alice", EVERYTHING, enforcing)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="alice")["VirtualMFADevice"]
    seed = device["Base32StringSeed"]
    iam.enable_mfa_device(UserName="alice", SerialNumber=device["SerialNumber"], **totp.codes(seed))
    key = new_key(server.client("kms", account))["Arn"]
    message = denial(alice.arn, "kms:Encrypt", key, "with an explicit deny in an identity-based policy")
    error = use(cli, alice, key)
    assert error.startswith(printed("Encrypt", message)), error
    # A session without the second factor is no better.
    plain = session(alice.client("sts").get_session_token())
    with refused("AccessDeniedException"):
        server.client("kms", **plain).encrypt(KeyId=key, Plaintext=b"secret")
    with refused("AccessDenied"):
        alice.client("sts").get_session_token(SerialNumber=device["SerialNumber"], TokenCode="000000")
    code = totp.codes(seed, ahead=1)["AuthenticationCode2"]
    shown = session(alice.client("sts").get_session_token(SerialNumber=device["SerialNumber"], TokenCode=code))
    done = cli.signing(**shown).run("kms", "encrypt", "--key-id", key, "--plaintext", "c2VjcmV0")
    assert json.loads(done.stdout)["KeyId"] == key
    # A statement that allows only with the factor is satisfied as well, and never by the user's own keys.
    present = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    alice.may(allow("kms:Encrypt", Condition=present))
    server.client("kms", **shown).encrypt(KeyId=key, Plaintext=b"secret")
    message = denial(alice.arn, "kms:Encrypt", key, no("identity-based policy", "kms:Encrypt"))
    assert use(cli, alice, key) == printed("Encrypt", message)
    assert_recorded(server, account, "Encrypt", alice.arn, message)


def test_a_key_of_another_account_needs_both_sides(server, cli, account, other_account):
    bob = User(server, other_account, "bob")
    kms = server.client("kms", account)
    key = new_key(kms)
    own = {"Effect": "Allow", "Principal": {"AWS": root(account)}, "Action": "kms:*", "Resource": "*"}
    shared = {"Effect": "Allow", "Principal": {"AWS": root(other_account)}, "Action": "kms:Encrypt", "Resource": "*"}
    elsewhere = (
        "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based "
        "policy explicitly denies access"
    )
    message = denial(bob.arn, "kms:Encrypt", key["Arn"], elsewhere)
    # Neither side, and the identity's alone.
    assert use(cli, bob, key["Arn"]) == printed("Encrypt", message)
    bob.may(allow("kms:Encrypt", key["Arn"]))
    assert use(cli, bob, key["Arn"]) == printed("Encrypt", message)
    assert_recorded(server, other_account, "Encrypt", bob.arn, message)
    # Both.
    kms.put_key_policy(KeyId=key["KeyId"], Policy=document(own, shared))
    assert use(cli, bob, key["Arn"]) is None
    # The key's alone.
    bob.may(allow("s3:GetObject"))
    error = use(cli, bob, key["Arn"])
    assert error.startswith(printed("Encrypt", denial(bob.arn, "kms:Encrypt", key["Arn"], ""))), error
    assert_recorded(server, other_account, "Encrypt", bob.arn, error.split("operation: ")[1])
    # Naming the user instead of the account changes nothing across accounts.
    kms.put_key_policy(KeyId=key["KeyId"], Policy=document(own, {**shared, "Principal": {"AWS": bob.arn}}))
    assert use(cli, bob, key["Arn"]) == error
    bob.may(allow("kms:Encrypt", key["Arn"]))
    assert use(cli, bob, key["Arn"]) is None
