"""Operations that need no permission of an IAM policy, because nobody is there yet: the role's trust policy decides alone."""

from __future__ import annotations

import pytest

import facts
from conftest import Production
from identity_providers import Issuer, SamlProvider
from support import refused
from world import World, trusting


@pytest.fixture(scope="module")
def issuer(tmp_path_factory):
    running = Issuer(tmp_path_factory.mktemp("issuer"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def world(tmp_path_factory, issuer):
    server = Production(tmp_path_factory.mktemp("federation"), "--sts-issuers", issuer.setting).start()
    yield World(server)
    assert server.stop() == 0


def web_identity(world, issuer):
    """The provider's ARN, and what gives the arguments for a role, beside the role's ARN."""
    given = {"Url": issuer.url, "ClientIDList": ["app"], "ThumbprintList": [issuer.thumbprint]}
    provider = world.iam.create_open_id_connect_provider(**given)["OpenIDConnectProviderArn"]
    return provider, lambda _: {"RoleSessionName": "work", "WebIdentityToken": issuer.token()}


def saml(world, _):
    idp = SamlProvider()
    provider = world.iam.create_saml_provider(Name="idp", SAMLMetadataDocument=idp.metadata)["SAMLProviderArn"]
    names = "https://aws.amazon.com/SAML/Attributes"

    def arguments(role: str) -> dict:
        attributes = {f"{names}/Role": [f"{role},{provider}"], f"{names}/RoleSessionName": ["work"]}
        return {"PrincipalArn": provider, "SAMLAssertion": idp.response(attributes)}

    return provider, arguments


@pytest.mark.parametrize(
    ("operation", "make"), [("AssumeRoleWithWebIdentity", web_identity), ("AssumeRoleWithSAML", saml)]
)
def test_the_trust_policy_decides_alone(world, issuer, operation, make):
    action = f"sts:{operation}"
    assert action in facts.by_trust() and set(facts.types_of(action)) == {"role"}
    provider, arguments = make(world, issuer)
    sts = world.client("sts")
    call = getattr(sts, {wire: name for name, wire in sts.meta.method_to_api_mapping.items()}[operation])
    for principal, allowed in (
        ({"Federated": provider}, "sts:TagSession"),
        ({"Federated": provider[:-1] + "x"}, action),
        ({"AWS": world.number}, "sts:*"),
    ):
        role = world.role_arn(trusting(principal, allowed))
        with refused("AccessDenied", f"Not authorized to perform {action}", 403):
            call(RoleArn=role, **arguments(role))
    role = world.role_arn(trusting({"Federated": provider}, action))
    assert call(RoleArn=role, **arguments(role))["AssumedRoleUser"]["Arn"].endswith("/work")
