"""The audit trail: every call is there at once, allowed or refused, and no secret is."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest

from support import UUID, error_of, is_recent, new_key, refused, root
from wrapping import import_material


@pytest.fixture
def trail(server, account):
    return server.client("cloudtrail", account)


def lookup(trail, key: str | None = None, value: str | None = None, **arguments) -> list[dict]:
    if key:
        arguments["LookupAttributes"] = [{"AttributeKey": key, "AttributeValue": value}]
    return trail.lookup_events(**arguments)["Events"]


def record(event: dict) -> dict:
    return json.loads(event["CloudTrailEvent"])


def test_a_record_has_cloudtrails_fields(kms, trail, account):
    key = new_key(kms)
    answer = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext={"tenant": "blue"})
    [event] = lookup(trail, "EventName", "Encrypt")
    entry = record(event)
    assert is_recent(event["EventTime"])
    assert (event["EventName"], event["EventSource"], event["ReadOnly"]) == ("Encrypt", "kms.amazonaws.com", "true")
    assert (event["AccessKeyId"], event["Username"]) == (account, "root")
    assert event["Resources"] == [{"ResourceType": "AWS::KMS::Key", "ResourceName": key["Arn"]}]
    assert UUID.fullmatch(event["EventId"]) and entry["eventID"] == event["EventId"]
    assert entry["requestID"] == answer["ResponseMetadata"]["RequestId"]
    expected = {
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "Root",
            "principalId": account,
            "arn": root(account),
            "accountId": account,
            "accessKeyId": account,
        },
        "eventSource": "kms.amazonaws.com",
        "eventName": "Encrypt",
        "awsRegion": "eu-central-1",
        "sourceIPAddress": "127.0.0.1",
        "responseElements": None,
        "readOnly": True,
        "resources": [{"accountId": account, "type": "AWS::KMS::Key", "ARN": key["Arn"]}],
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": account,
        "eventCategory": "Management",
    }
    assert {name: entry[name] for name in expected} == expected
    parameters = entry["requestParameters"]
    assert parameters["keyId"] == key["KeyId"]
    assert parameters["encryptionContext"] == {"tenant": "blue"}
    assert parameters["encryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    assert "plaintext" not in parameters
    assert "Boto3" in entry["userAgent"]
    assert datetime.strptime(entry["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) == event["EventTime"]


def test_changes_have_response_elements(kms, trail):
    key = new_key(kms, Description="audited")
    entry = record(lookup(trail, "EventName", "CreateKey")[0])
    assert entry["readOnly"] is False
    assert entry["requestParameters"]["description"] == "audited"
    assert entry["responseElements"]["keyMetadata"]["keyId"] == key["KeyId"]


def test_every_lookup_attribute(kms, trail, account):
    key = new_key(kms)
    kms.create_alias(AliasName="alias/audited", TargetKeyId=key["KeyId"])
    kms.describe_key(KeyId=key["KeyId"])
    [describe] = lookup(trail, "EventName", "DescribeKey")
    assert [event["EventId"] for event in lookup(trail, "EventId", describe["EventId"])] == [describe["EventId"]]
    names = {event["EventName"] for event in lookup(trail, "EventSource", "kms.amazonaws.com")}
    assert names == {"CreateKey", "CreateAlias", "DescribeKey"}
    assert {event["EventName"] for event in lookup(trail, "ResourceName", key["Arn"])} >= {"CreateAlias", "DescribeKey"}
    assert {event["EventName"] for event in lookup(trail, "ResourceType", "AWS::KMS::Key")} >= {"CreateKey", "DescribeKey"}
    assert {event["EventName"] for event in lookup(trail, "AccessKeyId", account)} >= names
    assert {event["EventName"] for event in lookup(trail, "Username", "root")} >= names
    assert {event["EventName"] for event in lookup(trail, "ReadOnly", "false")} == {"CreateKey", "CreateAlias"}
    assert "DescribeKey" in {event["EventName"] for event in lookup(trail, "ReadOnly", "true")}
    assert lookup(trail, "EventName", "NoSuchEvent") == []


def test_pages_and_times(kms, trail):
    for _ in range(7):
        kms.generate_random(NumberOfBytes=8)
    found, token = [], {}
    while True:
        attributes = [{"AttributeKey": "EventName", "AttributeValue": "GenerateRandom"}]
        page = trail.lookup_events(LookupAttributes=attributes, MaxResults=3, **token)
        found += page["Events"]
        if "NextToken" not in page:
            break
        assert len(page["Events"]) == 3
        token = {"NextToken": page["NextToken"]}
    assert len({event["EventId"] for event in found}) == len(found) == 7
    times = [event["EventTime"] for event in found]
    assert times == sorted(times, reverse=True)
    now = datetime.now(UTC)
    inside = {"StartTime": now - timedelta(minutes=5), "EndTime": now + timedelta(minutes=5)}
    assert len(lookup(trail, "EventName", "GenerateRandom", **inside)) == 7
    before = {"StartTime": now - timedelta(days=2), "EndTime": now - timedelta(days=1)}
    assert lookup(trail, "EventName", "GenerateRandom", **before) == []
    with refused("InvalidTimeRangeException"):
        trail.lookup_events(StartTime=now, EndTime=now - timedelta(days=1))
    with refused("InvalidNextTokenException"):
        trail.lookup_events(NextToken="not-a-token")
    with refused("ValidationException"):
        trail.lookup_events(MaxResults=51)
    with refused("InvalidLookupAttributesException"):
        lookup(trail, "ReadOnly", "maybe")


def test_refusals_are_there_with_their_error(kms, other_kms, trail, server, other_account):
    key = new_key(kms)
    kms.disable_key(KeyId=key["KeyId"])
    error_of(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x")
    error_of(kms.generate_random, NumberOfBytes=4096)
    error_of(other_kms.encrypt, KeyId=key["Arn"], Plaintext=b"x")
    disabled = record(lookup(trail, "EventName", "Encrypt")[0])
    entries = [record(event) for event in lookup(trail, "EventName", "Encrypt")]
    assert "DisabledException" in {entry["errorCode"] for entry in entries}, disabled
    [invalid] = [record(event) for event in lookup(trail, "EventName", "GenerateRandom")]
    assert (invalid["errorCode"], invalid["responseElements"]) == ("ValidationException", None)
    theirs = server.client("cloudtrail", other_account)
    [denied] = [record(event) for event in lookup(theirs, "EventName", "Encrypt")]
    assert denied["errorCode"] == "AccessDenied"
    assert denied["errorMessage"].startswith(f"User: {root(other_account)} is not authorized to perform: kms:Encrypt")
    assert denied["userIdentity"]["accountId"] == other_account


def test_a_cross_account_use_is_in_both_trails(kms, other_kms, trail, server, account, other_account):
    key = new_key(kms)
    kms.create_grant(KeyId=key["KeyId"], GranteePrincipal=root(other_account), Operations=["Encrypt"])
    other_kms.encrypt(KeyId=key["Arn"], Plaintext=b"x")
    theirs = server.client("cloudtrail", other_account)
    [used] = [record(event) for event in lookup(theirs, "EventName", "Encrypt")]
    [seen] = [record(event) for event in lookup(trail, "EventName", "Encrypt")]
    assert (used["recipientAccountId"], seen["recipientAccountId"]) == (other_account, account)
    assert used["sharedEventID"] == seen["sharedEventID"]
    assert seen["userIdentity"]["accountId"] == other_account


def test_the_trail_is_the_accounts_and_the_regions(kms, trail, server, account, other_account):
    kms.generate_random(NumberOfBytes=8)
    assert lookup(server.client("cloudtrail", other_account), "EventName", "GenerateRandom") == []
    assert lookup(server.client("cloudtrail", account, "us-west-2"), "EventName", "GenerateRandom") == []
    assert len(lookup(trail, "EventName", "GenerateRandom")) == 1


def test_no_secret_is_in_any_record(kms, trail):
    planted = b"planted-secret-" + bytes(range(65, 91))
    material = b"planted-key-material-32-bytes-ok"
    key = new_key(kms)["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=planted)["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob)
    data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    random = kms.generate_random(NumberOfBytes=32)["Plaintext"]
    imported = new_key(kms, Origin="EXTERNAL")["KeyId"]
    import_material(kms, imported, material)
    mac_key = new_key(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    mac = kms.generate_mac(KeyId=mac_key, MacAlgorithm="HMAC_SHA_256", Message=planted)["Mac"]
    kms.verify_mac(KeyId=mac_key, MacAlgorithm="HMAC_SHA_256", Message=planted, Mac=mac)
    signing = new_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    kms.sign(KeyId=signing, SigningAlgorithm="ECDSA_SHA_256", Message=planted)
    error_of(kms.encrypt, KeyId="alias/none", Plaintext=planted)
    error_of(kms.decrypt, CiphertextBlob=blob[:-1])
    text, token = "", {}
    while True:
        page = trail.lookup_events(**token)
        text += "".join(event["CloudTrailEvent"] for event in page["Events"])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert '"GenerateMac"' in text and '"ImportKeyMaterial"' in text
    for secret in (planted, material, data_key["Plaintext"], pair["PrivateKeyPlaintext"], random):
        for form in (secret.hex(), base64.b64encode(secret).decode(), secret.decode("latin-1")):
            assert form not in text


def test_the_cli_finds_events(cli, account):
    cli.run("kms", "generate-random", "--number-of-bytes", "8", account=account)
    found = cli.json(
        "cloudtrail", "lookup-events", "--lookup-attributes", "AttributeKey=EventName,AttributeValue=GenerateRandom",
        account=account,
    )  # fmt: skip
    assert [event["EventName"] for event in found["Events"]] == ["GenerateRandom"]
