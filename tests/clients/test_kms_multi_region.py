"""Multi-Region keys: replicas share id and material, and the primary can move."""

import json
import re

import pytest

from support import body, key_arn, new_key, refused, root

HERE, THERE, THIRD = "eu-central-1", "us-west-2", "ap-southeast-2"


def test_a_replica_decrypts_what_the_primary_encrypted(server, account):
    here, there = server.client("kms", account, HERE), server.client("kms", account, THERE)
    primary = new_key(here, MultiRegion=True, Description="primary")
    assert re.fullmatch(r"mrk-[0-9a-f]{32}", primary["KeyId"])
    assert primary["MultiRegion"] is True
    own = {"Arn": key_arn(account, primary["KeyId"], HERE), "Region": HERE}
    assert primary["MultiRegionConfiguration"] == {
        "MultiRegionKeyType": "PRIMARY",
        "PrimaryKey": own,
        "ReplicaKeys": [],
    }
    answer = body(
        here.replicate_key(
            KeyId=primary["KeyId"], ReplicaRegion=THERE, Description="copy", Tags=[{"TagKey": "of", "TagValue": "mrk"}]
        )
    )
    replica = answer["ReplicaKeyMetadata"]
    assert replica["Arn"] == key_arn(account, primary["KeyId"], THERE)
    assert (replica["KeyId"], replica["Description"]) == (primary["KeyId"], "copy")
    assert replica["CurrentKeyMaterialId"] == primary["CurrentKeyMaterialId"]
    other = {"Arn": replica["Arn"], "Region": THERE}
    configuration = {"MultiRegionKeyType": "REPLICA", "PrimaryKey": own, "ReplicaKeys": [other]}
    assert replica["MultiRegionConfiguration"] == configuration
    assert answer["ReplicaTags"] == [{"TagKey": "of", "TagValue": "mrk"}]
    assert json.loads(answer["ReplicaPolicy"])["Statement"][0]["Principal"] == {"AWS": root(account)}

    described = there.describe_key(KeyId=primary["KeyId"])["KeyMetadata"]
    assert (described["KeyState"], described["MultiRegionConfiguration"]) == ("Enabled", configuration)
    blob = here.encrypt(KeyId=primary["KeyId"], Plaintext=b"crosses regions")["CiphertextBlob"]
    decrypted = there.decrypt(CiphertextBlob=blob)
    assert (decrypted["Plaintext"], decrypted["KeyId"]) == (b"crosses regions", replica["Arn"])
    # Tags and description are each key's own.
    assert here.list_resource_tags(KeyId=primary["KeyId"])["Tags"] == []
    assert here.describe_key(KeyId=primary["KeyId"])["KeyMetadata"]["Description"] == "primary"


def test_the_primary_moves(server, account):
    here, there = server.client("kms", account, HERE), server.client("kms", account, THERE)
    key_id = new_key(here, MultiRegion=True)["KeyId"]
    here.replicate_key(KeyId=key_id, ReplicaRegion=THERE)
    assert body(here.update_primary_region(KeyId=key_id, PrimaryRegion=THERE)) == {}
    for client, kind in ((here, "REPLICA"), (there, "PRIMARY")):
        configuration = client.describe_key(KeyId=key_id)["KeyMetadata"]["MultiRegionConfiguration"]
        assert configuration["MultiRegionKeyType"] == kind
        assert configuration["PrimaryKey"]["Region"] == THERE
        assert [replica["Region"] for replica in configuration["ReplicaKeys"]] == [HERE]
    with refused("UnsupportedOperationException"):
        here.replicate_key(KeyId=key_id, ReplicaRegion=THIRD)
    there.replicate_key(KeyId=key_id, ReplicaRegion=THIRD)


def test_rotation_is_shared(own_server, account):
    server = own_server
    here, there = server.client("kms", account, HERE), server.client("kms", account, THERE)
    key_id = new_key(here, MultiRegion=True)["KeyId"]
    here.replicate_key(KeyId=key_id, ReplicaRegion=THERE)
    here.enable_key_rotation(KeyId=key_id, RotationPeriodInDays=180)
    assert there.get_key_rotation_status(KeyId=key_id)["RotationPeriodInDays"] == 180
    here.rotate_key_on_demand(KeyId=key_id)
    server.advance("1s")
    blob = here.encrypt(KeyId=key_id, Plaintext=b"rotated")["CiphertextBlob"]
    assert there.decrypt(CiphertextBlob=blob)["Plaintext"] == b"rotated"
    for operation in (there.enable_key_rotation, there.disable_key_rotation, there.rotate_key_on_demand):
        with refused("UnsupportedOperationException"):
            operation(KeyId=key_id)


@pytest.mark.parametrize(
    ("spec", "usage"), [("ECC_NIST_P256", "SIGN_VERIFY"), ("HMAC_256", "GENERATE_VERIFY_MAC"), ("RSA_2048", "SIGN_VERIFY")]
)
def test_asymmetric_and_mac_keys_replicate(server, account, spec, usage):
    here, there = server.client("kms", account, HERE), server.client("kms", account, THERE)
    key_id = new_key(here, KeySpec=spec, KeyUsage=usage, MultiRegion=True)["KeyId"]
    here.replicate_key(KeyId=key_id, ReplicaRegion=THERE)
    if usage == "GENERATE_VERIFY_MAC":
        arguments = {"KeyId": key_id, "MacAlgorithm": "HMAC_SHA_256", "Message": b"m"}
        assert there.verify_mac(Mac=here.generate_mac(**arguments)["Mac"], **arguments)["MacValid"] is True
        return
    assert here.get_public_key(KeyId=key_id)["PublicKey"] == there.get_public_key(KeyId=key_id)["PublicKey"]
    algorithm = "ECDSA_SHA_256" if spec.startswith("ECC") else "RSASSA_PSS_SHA_256"
    arguments = {"KeyId": key_id, "SigningAlgorithm": algorithm, "Message": b"m"}
    assert there.verify(Signature=here.sign(**arguments)["Signature"], **arguments)["SignatureValid"] is True


def test_a_primary_waits_for_its_replicas_to_go(own_server, account):
    here, there = own_server.client("kms", account, HERE), own_server.client("kms", account, THERE)
    key_id = new_key(here, MultiRegion=True)["KeyId"]
    here.replicate_key(KeyId=key_id, ReplicaRegion=THERE)
    scheduled = here.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    assert scheduled["KeyState"] == "PendingReplicaDeletion"
    assert "DeletionDate" not in scheduled
    described = here.describe_key(KeyId=key_id)["KeyMetadata"]
    assert (described["KeyState"], described["PendingDeletionWindowInDays"]) == ("PendingReplicaDeletion", 7)
    own_server.advance("30d")
    assert here.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingReplicaDeletion"
    there.schedule_key_deletion(KeyId=key_id, PendingWindowInDays=7)
    own_server.advance("8d")
    with refused("NotFoundException"):
        there.describe_key(KeyId=key_id)
    assert here.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    own_server.advance("8d")
    with refused("NotFoundException"):
        here.describe_key(KeyId=key_id)


def test_refusals(server, account):
    here = server.client("kms", account, HERE)
    single, multi = new_key(here)["KeyId"], new_key(here, MultiRegion=True)["KeyId"]
    with refused("UnsupportedOperationException"):
        here.replicate_key(KeyId=single, ReplicaRegion=THERE)
    for arguments, code in (
        ({"Tags": [{"TagKey": "aws:mine", "TagValue": ""}]}, "TagException"),
        ({"Tags": [{"TagKey": f"tag-{n}", "TagValue": ""} for n in range(51)]}, "LimitExceededException"),
        ({"Policy": " " * 32_768 + "{}"}, "LimitExceededException"),
    ):
        with refused(code):
            here.replicate_key(KeyId=multi, ReplicaRegion=THERE, **arguments)
    here.replicate_key(KeyId=multi, ReplicaRegion=THERE)
    with refused("AlreadyExistsException"):
        here.replicate_key(KeyId=multi, ReplicaRegion=THERE)
    with refused("ValidationException"):
        here.replicate_key(KeyId=multi, ReplicaRegion="Nowhere")
    with refused("NotFoundException"):
        here.update_primary_region(KeyId=multi, PrimaryRegion=THIRD)
    with refused("UnsupportedOperationException"):
        here.update_primary_region(KeyId=single, PrimaryRegion=THERE)
