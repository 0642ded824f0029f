"""The operations of KMS as a person calls them: the AWS CLI, versions 1 and 2.

Each version has its own model of KMS. `test_the_newest_operations` says which of the 50 a version does not know, by
asking it; every other one is called here.
"""

import base64
import json
import tomllib
from pathlib import Path

import pytest
from botocore import xform_name

from wrapping import wrap

REPOSITORY = Path(__file__).parent.parent.parent
CALLED: dict[str, set[str]] = {}
# What a version of the CLI may lack, being older than the operation. Whether it does, it is asked.
NEWEST = {
    "v1": {"encapsulate", "decapsulate"},
    "v2": {
        "encapsulate",
        "decapsulate",
        "derive-shared-secret",
        "get-key-last-usage",
        "list-key-rotations",
        "rotate-key-on-demand",
    },
}


@pytest.fixture
def run(cli, account, request):
    """Calls an operation and gives its output; options are words, as on the command line."""
    version = request.node.callspec.params["cli"]

    def call(operation: str, *options: str, account: str = account, check: bool = True):
        CALLED.setdefault(version, set()).add(operation)
        if not check:
            return cli.run("kms", operation, *options, account=account, check=False)
        return cli.json("kms", operation, *options, account=account)

    call.knows = lambda operation: operation not in NEWEST[version]
    call.write = lambda name, data: (cli.folder / name).write_bytes(data) and f"fileb://{cli.folder / name}"
    return call


def b64(text: str) -> bytes:
    return base64.b64decode(text)


def test_life_of_a_key(run, account):
    key = run("create-key", "--description", "by hand", "--tags", "TagKey=team,TagValue=blue")["KeyMetadata"]
    key_id = key["KeyId"]
    run("create-alias", "--alias-name", "alias/by-hand", "--target-key-id", key_id)
    assert run("describe-key", "--key-id", "alias/by-hand")["KeyMetadata"]["Arn"] == key["Arn"]
    assert [entry["KeyId"] for entry in run("list-keys")["Keys"]] == [key_id]
    run("update-key-description", "--key-id", key_id, "--description", "changed")
    run("disable-key", "--key-id", key_id)
    run("enable-key", "--key-id", key_id)
    run("tag-resource", "--key-id", key_id, "--tags", "TagKey=more,TagValue=yes")
    run("untag-resource", "--key-id", key_id, "--tag-keys", "team")
    assert run("list-resource-tags", "--key-id", key_id)["Tags"] == [{"TagKey": "more", "TagValue": "yes"}]
    other = run("create-key")["KeyMetadata"]["KeyId"]
    run("update-alias", "--alias-name", "alias/by-hand", "--target-key-id", other)
    [alias] = run("list-aliases", "--key-id", other)["Aliases"]
    assert alias["AliasArn"] == f"arn:aws:kms:eu-central-1:{account}:alias/by-hand"
    run("delete-alias", "--alias-name", "alias/by-hand")
    scheduled = run("schedule-key-deletion", "--key-id", key_id, "--pending-window-in-days", "7")
    assert (scheduled["KeyId"], scheduled["KeyState"]) == (key["Arn"], "PendingDeletion")
    assert run("cancel-key-deletion", "--key-id", key_id) == {"KeyId": key["Arn"]}


def test_policies_and_grants(run, account):
    key = run("create-key")["KeyMetadata"]
    key_id = key["KeyId"]
    policy = run("get-key-policy", "--key-id", key_id, "--policy-name", "default")["Policy"]
    assert run("list-key-policies", "--key-id", key_id)["PolicyNames"] == ["default"]
    changed = json.dumps({**json.loads(policy), "Id": "changed"})
    run("put-key-policy", "--key-id", key_id, "--policy-name", "default", "--policy", changed)
    root = f"arn:aws:iam::{account}:root"
    create = ("create-grant", "--key-id", key_id, "--grantee-principal", root, "--retiring-principal", root)
    revoked, retired = (run(*create, "--operations", "Encrypt", "--name", name) for name in ("a", "b"))
    assert len(run("list-grants", "--key-id", key_id)["Grants"]) == 2
    assert len(run("list-retirable-grants", "--retiring-principal", root)["Grants"]) == 2
    run("revoke-grant", "--key-id", key_id, "--grant-id", revoked["GrantId"])
    run("retire-grant", "--grant-token", retired["GrantToken"])
    assert run("list-grants", "--key-id", key_id)["Grants"] == []


def test_encryption_and_data_keys(run):
    first, second = run("create-key")["KeyMetadata"], run("create-key")["KeyMetadata"]
    plain = run.write("plain", b"by hand")
    context = ("--encryption-context", "tenant=blue")
    answer = run("encrypt", "--key-id", first["KeyId"], "--plaintext", plain, *context)
    blob = run.write("blob", b64(answer["CiphertextBlob"]))
    assert b64(run("decrypt", "--ciphertext-blob", blob, *context)["Plaintext"]) == b"by hand"
    moved = run(
        "re-encrypt", "--ciphertext-blob", blob, "--source-encryption-context", "tenant=blue",
        "--destination-key-id", second["KeyId"],
    )  # fmt: skip
    assert (moved["SourceKeyId"], moved["KeyId"]) == (first["Arn"], second["Arn"])
    key = ("--key-id", first["KeyId"])
    assert len(b64(run("generate-data-key", *key, "--key-spec", "AES_256")["Plaintext"])) == 32
    assert "Plaintext" not in run("generate-data-key-without-plaintext", *key, "--number-of-bytes", "24")
    pair = run("generate-data-key-pair", *key, "--key-pair-spec", "ECC_NIST_P256")
    assert b64(pair["PrivateKeyPlaintext"])[0] == 0x30
    pair = run("generate-data-key-pair-without-plaintext", *key, "--key-pair-spec", "ECC_NIST_P256")
    assert "PrivateKeyPlaintext" not in pair
    assert len(b64(run("generate-random", "--number-of-bytes", "16")["Plaintext"])) == 16
    if run.knows("get-key-last-usage"):
        usage = run("get-key-last-usage", *key)["KeyLastUsage"]
        assert usage["Operation"] == "GenerateDataKeyPairWithoutPlaintext"
    wrong = run("decrypt", "--ciphertext-blob", blob, check=False)
    assert wrong.returncode in (254, 255)
    assert "An error occurred (InvalidCiphertextException) when calling the Decrypt operation" in wrong.stderr


def test_signatures_macs_and_agreement(run):
    message = run.write("message", b"by hand")
    key = run("create-key", "--key-spec", "ECC_NIST_P256", "--key-usage", "SIGN_VERIFY")["KeyMetadata"]
    sign = ("--key-id", key["KeyId"], "--message", message, "--signing-algorithm", "ECDSA_SHA_256")
    signature = run.write("signature", b64(run("sign", *sign)["Signature"]))
    assert run("verify", *sign, "--signature", signature)["SignatureValid"] is True
    key = run("create-key", "--key-spec", "HMAC_256", "--key-usage", "GENERATE_VERIFY_MAC")["KeyMetadata"]
    mac = ("--key-id", key["KeyId"], "--message", message, "--mac-algorithm", "HMAC_SHA_256")
    made = run.write("mac", b64(run("generate-mac", *mac)["Mac"]))
    assert run("verify-mac", *mac, "--mac", made)["MacValid"] is True
    if not run.knows("derive-shared-secret"):
        rsa = run("create-key", "--key-spec", "RSA_2048", "--key-usage", "SIGN_VERIFY")["KeyMetadata"]
        assert run("get-public-key", "--key-id", rsa["KeyId"])["KeySpec"] == "RSA_2048"
        return
    key = ("--key-id", run("create-key", "--key-spec", "ECC_NIST_P256", "--key-usage", "KEY_AGREEMENT")["KeyMetadata"]["KeyId"])
    public = run.write("public", b64(run("get-public-key", *key)["PublicKey"]))
    agree = ("--key-agreement-algorithm", "ECDH", "--public-key", public)
    assert len(b64(run("derive-shared-secret", *key, *agree)["SharedSecret"])) == 32


def test_rotation(run):
    key = ("--key-id", run("create-key")["KeyMetadata"]["KeyId"])
    run("enable-key-rotation", *key)
    assert run("get-key-rotation-status", *key)["KeyRotationEnabled"] is True
    run("disable-key-rotation", *key)
    assert run("get-key-rotation-status", *key)["KeyRotationEnabled"] is False
    if run.knows("rotate-key-on-demand"):
        run("rotate-key-on-demand", *key)
        assert "Rotations" in run("list-key-rotations", *key)


def test_import(run):
    key = ("--key-id", run("create-key", "--origin", "EXTERNAL")["KeyMetadata"]["KeyId"])
    algorithm = "RSAES_OAEP_SHA_256"
    wanted = ("--wrapping-algorithm", algorithm, "--wrapping-key-spec", "RSA_2048")
    parameters = run("get-parameters-for-import", *key, *wanted)
    token = run.write("token", b64(parameters["ImportToken"]))
    material = run.write("material", wrap(b64(parameters["PublicKey"]), algorithm, bytes(range(32))))
    forever = ("--expiration-model", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    run("import-key-material", *key, "--import-token", token, "--encrypted-key-material", material, *forever)
    assert run("describe-key", *key)["KeyMetadata"]["KeyState"] == "Enabled"
    run("delete-imported-key-material", *key)
    assert run("describe-key", *key)["KeyMetadata"]["KeyState"] == "PendingImport"


def test_multi_region(run):
    key = ("--key-id", run("create-key", "--multi-region")["KeyMetadata"]["KeyId"])
    replica = run("replicate-key", *key, "--replica-region", "us-west-2")["ReplicaKeyMetadata"]
    assert replica["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    run("update-primary-region", *key, "--primary-region", "us-west-2")
    moved = run("describe-key", *key, "--region", "us-west-2")["KeyMetadata"]["MultiRegionConfiguration"]
    assert moved["MultiRegionKeyType"] == "PRIMARY"


def test_the_newest_operations(run, cli, request):
    """What this version of the CLI does not know, it says itself; what it knows must not be left out."""
    for operation in sorted(NEWEST[request.node.callspec.params["cli"]]):
        refusal = cli.run("kms", operation, check=False)
        assert refusal.returncode in (2, 252)
        assert "Invalid choice" in refusal.stderr or "argument operation" in refusal.stderr, (operation, refusal.stderr)


def test_every_operation_was_called():
    """Of the 50, all but the newest ones, by each version that is here."""
    manifest = tomllib.loads((REPOSITORY / "models" / "kms.toml").read_text())
    operations = {xform_name(name, "-") for name in manifest["operations"]}
    if not CALLED:
        pytest.skip("the tests that call them were not selected")
    for version, called in CALLED.items():
        assert operations - called == NEWEST[version], version
