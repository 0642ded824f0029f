"""Makes a fixture for `test_backup.py`: data that this release wrote, and what every later one must read from it.

    GARRISON_BIN=… python make_fixture.py fixtures/data-N.tar.gz

A fixture that has been released is never made anew. Nothing in it may fall due later on: no deletion is pending and
no material expires.
"""

from __future__ import annotations

import json
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from load import encode, policy  # noqa: E402
from materials import known_keys  # noqa: E402
from running import ROOT, Api, Garrison  # noqa: E402
from test_backup import backup  # noqa: E402

MESSAGE = encode(b"a message of the first release")
CONTEXT = {"purpose": "fixture"}
# Specification, usage and the algorithm that is used with it.
SIGNERS = [
    ("RSA_2048", "RSASSA_PSS_SHA_256"),
    ("ECC_NIST_P256", "ECDSA_SHA_256"),
    ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"),
    ("ML_DSA_44", "ML_DSA_SHAKE_256"),
]


def make(api: Api, server: Garrison) -> list[dict]:
    """Makes one of everything, and lists calls with what they must give for ever."""
    calls: list[dict] = []

    def expect(operation: str, gives: dict, **arguments: object) -> None:
        calls.append({"operation": operation, "arguments": arguments, "gives": gives})

    def remember(operation: str, *names: str, **arguments: object) -> None:
        given = api(operation, **arguments)
        expect(operation, {name: given[name] for name in names}, **arguments)

    key = api("CreateKey", Description="symmetric", Tags=[{"TagKey": "made", "TagValue": "first"}])
    key = key["KeyMetadata"]["KeyId"]
    for _ in range(3):
        blob = api("Encrypt", KeyId=key, Plaintext=MESSAGE, EncryptionContext=CONTEXT)["CiphertextBlob"]
        expect("Decrypt", {"Plaintext": MESSAGE}, CiphertextBlob=blob, EncryptionContext=CONTEXT)
        api("RotateKeyOnDemand", KeyId=key)
        server.advance("1s")
    api("EnableKeyRotation", KeyId=key, RotationPeriodInDays=2560)
    api("PutKeyPolicy", KeyId=key, Policy=policy("fixture"))
    api("CreateAlias", AliasName="alias/fixture", TargetKeyId=key)
    api(
        "CreateGrant", KeyId=key, GranteePrincipal=ROOT, RetiringPrincipal=ROOT, Operations=["Encrypt", "Decrypt"],
        Name="fixture", Constraints={"EncryptionContextSubset": CONTEXT},
    )  # fmt: skip
    remember("DescribeKey", "KeyMetadata", KeyId="alias/fixture")
    remember("GetKeyPolicy", "Policy", KeyId=key)
    remember("ListResourceTags", "Tags", KeyId=key)
    remember("ListGrants", "Grants", KeyId=key)
    remember("ListAliases", "Aliases", KeyId=key)
    remember("ListKeyRotations", "Rotations", KeyId=key)
    remember("GetKeyRotationStatus", "KeyRotationEnabled", "RotationPeriodInDays", KeyId=key)

    mac = api("CreateKey", KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    use = {"KeyId": mac, "Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
    expect("VerifyMac", {"MacValid": True}, **use, Mac=api("GenerateMac", **use)["Mac"])
    for spec, algorithm in SIGNERS:
        signer = api("CreateKey", KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
        use = {"KeyId": signer, "Message": MESSAGE, "SigningAlgorithm": algorithm}
        expect("Verify", {"SignatureValid": True}, **use, Signature=api("Sign", **use)["Signature"])
        remember("GetPublicKey", "PublicKey", KeyId=signer)

    imported, _, _ = known_keys()
    imported.create(api)
    blob = api("Encrypt", KeyId=imported.id, Plaintext=MESSAGE)["CiphertextBlob"]
    expect("Decrypt", {"Plaintext": MESSAGE}, CiphertextBlob=blob)
    everywhere = api("CreateKey", MultiRegion=True)["KeyMetadata"]["KeyId"]
    api("ReplicateKey", KeyId=everywhere, ReplicaRegion="us-west-2")
    blob = api("Encrypt", KeyId=everywhere, Plaintext=MESSAGE)["CiphertextBlob"]
    expect("Decrypt", {"Plaintext": MESSAGE}, CiphertextBlob=blob)
    remember("DescribeKey", "KeyMetadata", KeyId=everywhere)
    off = api("CreateKey")["KeyMetadata"]["KeyId"]
    api("DisableKey", KeyId=off)
    remember("DescribeKey", "KeyMetadata", KeyId=off)
    return calls


def main() -> None:
    (target,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        server = Garrison(folder / "server").start()
        try:
            calls = make(server.api(), server)
            events = sorted({event["EventName"] for event in server.api().events()})
            backup(server, folder / "backup")
        finally:
            server.kill()
        expected = {"made": datetime.now(UTC).isoformat(), "calls": calls, "events": events}
        (folder / "expected.json").write_text(json.dumps(expected, indent=1))
        Path(target).parent.mkdir(exist_ok=True)
        with tarfile.open(target, "w:gz") as archive:
            archive.add(folder / "backup", "backup")
            archive.add(folder / "expected.json", "expected.json")
            archive.add(server.root_key, "root-key")


if __name__ == "__main__":
    main()
