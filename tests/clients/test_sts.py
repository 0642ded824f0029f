"""STS: who is calling, and sessions of every sort, over the query protocol and XML."""

import base64
import json
import re
import time
import urllib.request

import pytest
from botocore import UNSIGNED
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

import identity_providers
import totp
from conftest import Server
from support import refused, root


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


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more) -> dict:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(principal: dict, *actions: str, **more) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": list(actions) or ["sts:AssumeRole"], **more})


class World:
    """An account with IAM, and clients with credentials of every sort."""

    def __init__(self, server, account: str):
        self.server, self.account = server, account
        self.iam = server.client("iam", account)

    def user(self, name: str = "ann", *statements: dict) -> dict:
        """A user with an access key: the arguments of a client."""
        self.iam.create_user(UserName=name)
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document(*statements))
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        return {"account": key["AccessKeyId"], "secret": key["SecretAccessKey"]}

    def role(self, name: str, policy: str, *statements: dict, **more) -> str:
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy, **more)["Role"]["Arn"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=document(*statements))
        return arn

    def client(self, service: str, keys: dict):
        return self.server.client(service, **keys)

    def unsigned(self):
        return self.server.client("sts", self.account, signature_version=UNSIGNED)


def keys(answer: dict) -> dict:
    """The arguments of a client, of the credentials that an operation of STS answered."""
    made = answer["Credentials"]
    return {"account": made["AccessKeyId"], "secret": made["SecretAccessKey"], "token": made["SessionToken"]}


@pytest.fixture
def world(server, account):
    return World(server, account)


@pytest.fixture
def own_world(own_server, account):
    return World(own_server, account)


def test_a_role_is_assumed_with_everything_that_a_session_carries(world, account):
    ann = world.user("ann", allow("sts:*"))
    everything = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    arn = world.role("reader", trust({"AWS": account}, *everything), allow(["kms:ListKeys", "kms:ListAliases"]))
    sts = world.client("sts", ann)
    answer = sts.assume_role(
        RoleArn=arn,
        RoleSessionName="work",
        Policy=document(allow("kms:ListKeys")),
        Tags=[{"Key": "team", "Value": "x"}],
        TransitiveTagKeys=["team"],
        SourceIdentity="ann",
        DurationSeconds=900,
    )
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account}:assumed-role/reader/work"
    assert answer["SourceIdentity"] == "ann" and answer["PackedPolicySize"] > 0
    session = keys(answer)
    who = world.client("sts", session).get_caller_identity()
    assert who["UserId"] == answer["AssumedRoleUser"]["AssumedRoleId"]
    kms = world.client("kms", session)
    kms.list_keys()
    with refused("AccessDeniedException", re.compile("because no session policy allows the kms:ListAliases action")):
        kms.list_aliases()
    info = sts.get_access_key_info(AccessKeyId=session["account"])
    assert info["Account"] == account


def test_a_denial_does_not_tell_whether_a_role_exists(world, account):
    ann = world.user("ann", allow("sts:*"))
    world.role("closed", trust({"Service": "ec2.amazonaws.com"}))
    sts, messages = world.client("sts", ann), set()
    for name in ("closed", "absent"):
        arn = f"arn:aws:iam::{account}:role/{name}"
        with pytest.raises(ClientError) as caught:
            sts.assume_role(RoleArn=arn, RoleSessionName="work")
        assert caught.value.response["Error"]["Code"] == "AccessDenied"
        messages.add(caught.value.response["Error"]["Message"].replace(name, "ROLE"))
    assert len(messages) == 1
    assert f"User: arn:aws:iam::{account}:user/ann is not authorized to perform: sts:AssumeRole on resource: " in messages.pop()
    with refused("AccessDenied", "Roles may not be assumed by root accounts."):
        world.server.client("sts", account).assume_role(RoleArn=arn, RoleSessionName="work")


def test_roles_in_a_chain_keep_what_lasts_for_an_hour_at_most(world, account):
    ann = world.user("ann", allow("sts:*"))
    everything = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    first = world.role("first", trust({"AWS": account}, *everything), allow("sts:*"), MaxSessionDuration=7200)
    condition = {"StringEquals": {"aws:PrincipalTag/team": "x", "aws:SourceIdentity": "ann"}}
    second = world.role("second", trust({"AWS": first}, *everything, Condition=condition), MaxSessionDuration=7200)
    answer = world.client("sts", ann).assume_role(
        RoleArn=first, RoleSessionName="one", SourceIdentity="ann", TransitiveTagKeys=["team"],
        Tags=[{"Key": "team", "Value": "x"}], DurationSeconds=7200,
    )
    sts = world.client("sts", keys(answer))
    chained = sts.assume_role(RoleArn=second, RoleSessionName="two")
    assert chained["SourceIdentity"] == "ann"
    with refused("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"):
        sts.assume_role(RoleArn=second, RoleSessionName="two", DurationSeconds=3601)
    with refused("ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."):
        world.client("sts", ann).assume_role(RoleArn=first, RoleSessionName="one", DurationSeconds=7201)


def test_tampered_and_exchanged_tokens_are_refused(world, account):
    ann = world.user("ann", allow("sts:*"))
    sts = world.client("sts", ann)
    one, two = keys(sts.get_session_token()), keys(sts.get_session_token())
    token = one["token"]
    middle = len(token) // 2
    altered = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    for bad in (altered, two["token"], token[:-4], "nonsense"):
        with refused("InvalidClientTokenId", status=403):
            world.client("sts", {**one, "token": bad}).get_caller_identity()
    with refused("InvalidClientTokenId", status=403):
        world.client("sts", {**one, "token": None}).get_caller_identity()
    with refused("SignatureDoesNotMatch", status=403):
        world.client("sts", {**one, "secret": two["secret"]}).get_caller_identity()
    with refused("AccessDenied", "Cannot call GetSessionToken with session credentials"):
        world.client("sts", one).get_session_token()


def test_a_session_ends(own_world):
    ann = own_world.user("ann")
    session = keys(own_world.client("sts", ann).get_session_token(DurationSeconds=900))
    sts = own_world.client("sts", session)
    sts.get_caller_identity()
    own_world.server.advance("899s")
    sts.get_caller_identity()
    own_world.server.advance("2s")
    with refused("ExpiredToken", status=403):
        sts.get_caller_identity()
    with refused("ExpiredTokenException"):
        own_world.client("kms", session).list_keys()


def test_sessions_are_revoked_by_time_and_end_with_their_role(own_world, account):
    ann = own_world.user("ann", allow("sts:*"))
    arn = own_world.role("reader", trust({"AWS": account}), allow("kms:ListKeys"))
    assume = lambda: own_world.client(  # noqa: E731
        "kms", keys(own_world.client("sts", ann).assume_role(RoleArn=arn, RoleSessionName="work"))
    )
    old = assume()
    old.list_keys()
    own_world.server.advance("60s")
    clock = own_world.server.get("/_garrison/clock")
    revoke = {
        "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": {"DateLessThan": {"aws:TokenIssueTime": clock["time"]}},
    }
    own_world.iam.put_role_policy(RoleName="reader", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(revoke))
    own_world.server.advance("1s")
    new = assume()
    new.list_keys()
    with refused("AccessDeniedException", re.compile("with an explicit deny in an identity-based policy")):
        old.list_keys()
    for name in own_world.iam.list_role_policies(RoleName="reader")["PolicyNames"]:
        own_world.iam.delete_role_policy(RoleName="reader", PolicyName=name)
    own_world.iam.delete_role(RoleName="reader")
    own_world.role("reader", trust({"AWS": account}), allow("kms:ListKeys"))
    with refused("AccessDeniedException"):
        new.list_keys()


def test_a_second_factor_opens_what_asks_for_one(world, account):
    must = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    ann = world.user("ann", allow("kms:ListKeys", Condition=must), allow("sts:*"))
    device = world.iam.create_virtual_mfa_device(VirtualMFADeviceName="ann")["VirtualMFADevice"]
    serial, seed = device["SerialNumber"], device["Base32StringSeed"]
    world.iam.enable_mfa_device(UserName="ann", SerialNumber=serial, **totp.codes(seed))
    sts = world.client("sts", ann)
    with refused("AccessDeniedException"):
        world.client("kms", ann).list_keys()
    with refused("AccessDeniedException"):
        world.client("kms", keys(sts.get_session_token())).list_keys()
    wrong = "MultiFactorAuthentication failed with invalid MFA one time pass code."
    with refused("AccessDenied", wrong):
        sts.get_session_token(SerialNumber=serial, TokenCode="000000")
    code = totp.code(seed, int(time.time()) // 30 + 1)
    answer = sts.get_session_token(SerialNumber=serial, TokenCode=code)
    world.client("kms", keys(answer)).list_keys()
    with refused("AccessDenied", wrong):
        sts.get_session_token(SerialNumber=serial, TokenCode=code)


def test_a_federated_user_has_what_both_allow(world, account):
    ann = world.user("ann", allow("sts:*"), allow(["kms:ListKeys", "kms:ListAliases"]))
    sts = world.client("sts", ann)
    answer = sts.get_federation_token(Name="bob", Policy=document(allow(["kms:ListKeys", "kms:CreateKey"])))
    assert answer["FederatedUser"]["Arn"] == f"arn:aws:sts::{account}:federated-user/bob"
    kms = world.client("kms", keys(answer))
    kms.list_keys()
    for denied in (kms.list_aliases, kms.create_key):
        with refused("AccessDeniedException"):
            denied()
    with refused("AccessDenied"):
        world.client("sts", keys(answer)).get_federation_token(Name="eve")
    useless = "The security token included in the request is invalid"
    with refused("InvalidClientTokenId", useless, 403):
        world.client("iam", keys(answer)).list_users()
    # A session of the root user's has what it was passed.
    answer = world.server.client("sts", account).get_federation_token(Name="carol", Policy=document(allow("kms:ListKeys")))
    kms = world.client("kms", keys(answer))
    kms.list_keys()
    with refused("AccessDeniedException"):
        kms.list_aliases()


def test_iam_asks_for_a_second_factor_in_a_session(world):
    ann = world.user("una", allow(["sts:*", "iam:*"]))
    session = world.client("sts", ann).get_session_token()
    with refused("InvalidClientTokenId", "The security token included in the request is invalid", 403):
        world.client("iam", keys(session)).list_users()


def test_web_identities(tmp_path, account):
    issuer = identity_providers.Issuer(tmp_path)
    server = Server(tmp_path, "--dev", "--sts-issuers", issuer.setting).start()
    try:
        world = World(server, account)
        provider = world.iam.create_open_id_connect_provider(
            Url=issuer.url, ClientIDList=["app"], ThumbprintList=[issuer.thumbprint]
        )["OpenIDConnectProviderArn"]
        condition = {"StringEquals": {f"{issuer.HOST}:sub": "repo:main", f"{issuer.HOST}:aud": "app"}}
        everything = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
        arn = world.role("ci", trust({"Federated": provider}, *everything, Condition=condition), allow("kms:ListKeys"))
        sts = world.unsigned()
        ask = lambda token: sts.assume_role_with_web_identity(  # noqa: E731
            RoleArn=arn, RoleSessionName="run", WebIdentityToken=token
        )
        answer = ask(issuer.token(**{"https://aws.amazon.com/tags": {"principal_tags": {"team": ["x"]}}}))
        assert answer["SubjectFromWebIdentityToken"] == "repo:main"
        assert (answer["Provider"], answer["Audience"]) == (provider, "app")
        world.client("kms", keys(answer)).list_keys()
        assert issuer.asked == ["/.well-known/openid-configuration", "/keys"]
        ask(issuer.token())
        assert len(issuer.asked) == 2, "keys are kept"
        with refused("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"):
            ask(issuer.token(sub="repo:other"))
        with refused("InvalidIdentityToken", "Incorrect token audience"):
            ask(issuer.token(aud="other"))
        with refused("ExpiredTokenException"):
            ask(issuer.token(exp=int(time.time()) - 1))
        head, body, signature = issuer.token().split(".")
        with refused("InvalidIdentityToken"):
            ask(f"{head}.{body}.{signature[:-8]}AAAAAAAA")
        with refused("InvalidIdentityToken", re.compile("not a valid JWT")):
            ask(identity_providers.url64(b'{"alg":"none"}') + f".{body}.")
        world.iam.create_open_id_connect_provider(Url="https://localhost", ClientIDList=["app"])
        with refused("IDPCommunicationError"):
            ask(issuer.token(iss="https://localhost"))
    finally:
        server.kill()
        issuer.stop()


def test_saml(world, account):
    idp = identity_providers.SamlProvider()
    provider = world.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=idp.metadata + " " * 1000)["SAMLProviderArn"]
    condition = {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml", "SAML:sub": "alice"}}
    arn = world.role("sso", trust({"Federated": provider}, "sts:AssumeRoleWithSAML", Condition=condition), allow("kms:ListKeys"))
    aws = "https://aws.amazon.com/SAML/Attributes/"
    attributes = {f"{aws}Role": [f"{arn},{provider}"], f"{aws}RoleSessionName": ["alice"], f"{aws}SessionDuration": ["1800"]}
    sts = world.unsigned()
    ask = lambda response: sts.assume_role_with_saml(RoleArn=arn, PrincipalArn=provider, SAMLAssertion=response)  # noqa: E731
    answer = ask(idp.response(attributes))
    assert answer["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account}:assumed-role/sso/alice"
    assert (answer["Subject"], answer["SubjectType"], answer["Issuer"]) == ("alice", "persistent", idp.ENTITY)
    world.client("kms", keys(answer)).list_keys()
    with refused("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML"):
        ask(idp.response(attributes, subject="eve"))
    with refused("InvalidIdentityToken", "Response signature invalid"):
        ask(base64.b64encode(base64.b64decode(idp.response(attributes)).replace(b">alice<", b">admin<")).decode())
    with refused("InvalidIdentityToken", "Response signature invalid"):
        ask(identity_providers.SamlProvider().response(attributes))
    with refused("InvalidIdentityToken", "RoleSessionName is required in AuthnResponse"):
        ask(idp.response({name: values for name, values in attributes.items() if "SessionName" not in name}))


def test_outbound_web_identities_verify(world, account):
    ann = world.user("ann", allow("sts:*"))
    sts = world.client("sts", ann)
    ask = lambda: sts.get_web_identity_token(Audience=["api"], SigningAlgorithm="RS256")  # noqa: E731
    with refused("OutboundWebIdentityFederationDisabledException", status=403):
        ask()
    issuer = world.iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    head, body, signature = ask()["WebIdentityToken"].split(".")
    decode = lambda part: base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))  # noqa: E731
    claims = json.loads(decode(body))
    assert (claims["iss"], claims["sub"], claims["aud"]) == (issuer, f"arn:aws:iam::{account}:user/ann", "api")
    base = f"{world.server.endpoint}/_garrison/oidc/{account}/.well-known/"
    fetch = lambda name: json.loads(urllib.request.urlopen(base + name).read())  # noqa: E731
    assert fetch("openid-configuration")["issuer"] == issuer
    [key] = fetch("jwks.json")["keys"]
    assert key["kid"] == json.loads(decode(head))["kid"]
    numbers = [int.from_bytes(decode(key[name]), "big") for name in ("e", "n")]
    public = rsa.RSAPublicNumbers(*numbers).public_key()
    public.verify(decode(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
