"""Terraform's AWS provider and Organizations: an organization with accounts, units and policies, and work in a member's account."""

import pytest

from provider import terraform  # noqa: F401, a fixture
from support import refused

pytestmark = [pytest.mark.terraform, pytest.mark.timeout(900)]


def parent(organizations, child: str) -> str:
    return organizations.list_parents(ChildId=child)["Parents"][0]["Id"]


@pytest.fixture
def company(terraform, own_server, account):  # noqa: F811
    """An organization that Terraform made as the management account's root user."""
    made = terraform("organization", endpoint=own_server.endpoint, access_key=account)
    made.apply()
    return made


def test_an_organization(company, own_server, account):
    organizations, iam = own_server.client("organizations", account), own_server.client("iam", account)
    company.plans_nothing()
    output, made = company.outputs(), company.ids()
    assert output["accounts"] == output["all_accounts"] == [account, "app", "audit", "closing"]
    assert output["top_accounts"] == [account, "audit", "closing"]
    assert (output["top_units"], output["units"]) == (["Workloads before"], ["Production", "Test", "Workloads before"])
    assert (output["delegates"], output["delegated"]) == (["audit"], ["config.amazonaws.com"])
    assert output["policies"] == output["policies_of_workloads"] == 2
    assert output["tags"] == {"managed-by": "terraform", "stage": "before"}
    assert parent(organizations, output["app"]) == made["aws_organizations_organizational_unit.test"]
    assert iam.list_organizations_features()["EnabledFeatures"] == ["RootCredentialsManagement", "RootSessions"]

    company.give(changed=True)
    company.changes_in_place()
    assert parent(organizations, output["app"]) == made["aws_organizations_organizational_unit.production"]
    assert organizations.describe_account(AccountId=output["closing"])["Account"]["Status"] == "SUSPENDED"
    policy = organizations.describe_policy(PolicyId=made["aws_organizations_policy.no_leaving"])["Policy"]
    assert policy["PolicySummary"]["Name"] == "no leaving after" and "iam:CreateGroup" in policy["Content"]
    roots = organizations.list_roots()["Roots"]
    assert {kind["Type"] for kind in roots[0]["PolicyTypes"]} >= {"CHATBOT_POLICY", "RESOURCE_CONTROL_POLICY"}
    effective = organizations.describe_effective_policy(PolicyType="TAG_POLICY", TargetId=output["app"])
    assert '"300"' in effective["EffectivePolicy"]["PolicyContent"]
    services = organizations.list_aws_service_access_for_organization()["EnabledServicePrincipals"]
    assert "guardduty.amazonaws.com" in {service["ServicePrincipal"] for service in services}
    assert iam.list_organizations_features()["EnabledFeatures"] == ["RootCredentialsManagement"]

    company.adopts(
        {
            "aws_organizations_organization.company": made["aws_organizations_organization.company"],
            "aws_organizations_account.app": output["app"],
            "aws_organizations_organizational_unit.production": made["aws_organizations_organizational_unit.production"],
            "aws_organizations_policy.tags": made["aws_organizations_policy.tags"],
            "aws_organizations_policy_attachment.tags": f"{output['app']}:{made['aws_organizations_policy.tags']}",
            "aws_organizations_delegated_administrator.config": f"{output['audit']}/config.amazonaws.com",
            "aws_organizations_resource_policy.delegation": made["aws_organizations_resource_policy.delegation"],
        }
    )
    # A closed account stays in the organization for 90 days, and the organization with it.
    own_server.advance("91d")
    company.destroy()
    with refused("AWSOrganizationsNotInUseException"):
        organizations.describe_organization()
    assert iam.list_users()["Users"] == []


def test_work_in_a_members_account(company, terraform, own_server):  # noqa: F811
    output = company.outputs()
    key, secret = output["administrator"]
    member = terraform(
        "member", endpoint=own_server.endpoint, access_key=key, secret_key=secret, account=output["app"]
    )
    member.apply()
    member.plans_nothing()
    made = member.outputs()
    assert made["caller"].endswith(":user/administrator")
    role = f"{output['app']}:role/OrganizationAccountAccessRole"
    assert made["session"] == f"arn:aws:sts::{output['app']}:assumed-role/OrganizationAccountAccessRole/terraform"
    assert made["issuer"] == f"arn:aws:iam::{role}"
    carol = own_server.client("iam", *made["carol"][:1], secret=made["carol"][1])
    assert carol.get_user()["User"]["Arn"] == f"arn:aws:iam::{output['app']}:user/people/carol"
    carol.create_group(GroupName="allowed")

    company.give(changed=True)
    company.apply()
    with refused("AccessDenied"):
        carol.create_group(GroupName="no-longer")
    member.destroy()
    with refused("InvalidClientTokenId"):
        carol.get_user()
