"""Terraform's AWS provider and KMS: applies, plans no change, applies a change, destroys."""

import pytest

from provider import terraform  # noqa: F401, a fixture
from support import pages, root

# The provider polls for consistency, and starts anew for every command.
pytestmark = [pytest.mark.terraform, pytest.mark.timeout(900)]


def test_keys(terraform, server, kms, account, other_account):  # noqa: F811
    keys = terraform("kms", endpoint=server.endpoint, access_key=account, grantee=root(other_account))
    keys.apply()
    output = keys.outputs()
    assert output["alias_target"] == output["symmetric"]

    key_id = output["symmetric"].split("/")[-1]
    assert kms.get_key_rotation_status(KeyId=key_id)["RotationPeriodInDays"] == 180
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key_id)["Tags"]}
    assert tags == {"team": "blue", "managed-by": "terraform"}
    [grant] = kms.list_grants(KeyId=key_id)["Grants"]
    assert (grant["Name"], grant["GranteePrincipal"]) == ("terraform", root(other_account))
    states = {
        state["Description"] or state["KeySpec"]: state["KeyState"]
        for state in (kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in pages(kms.list_keys, "Keys")[0])
    }
    assert states["imported"] == states["by terraform"] == "Enabled"
    assert states["HMAC_256"] == "Disabled"
    west = server.client("kms", account, "us-west-2")
    [replica] = west.list_keys()["Keys"]
    assert west.describe_key(KeyId=replica["KeyId"])["KeyMetadata"]["Description"] == "the copy"

    keys.plans_nothing()
    keys.give(changed=True)
    keys.changes_in_place()
    assert kms.get_key_rotation_status(KeyId=key_id)["RotationPeriodInDays"] == 365

    keys.destroy()
    for client in (kms, west):
        for key in pages(client.list_keys, "Keys")[0]:
            state = client.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
            assert state in ("PendingDeletion", "PendingReplicaDeletion")
    assert not [alias for alias in kms.list_aliases()["Aliases"] if alias["AliasName"] == "alias/terraform"]
