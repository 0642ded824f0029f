"""The protocols on the wire: JSON 1.0 and 1.1, CBOR, query; and what happens to requests that no client sends."""

import base64
import re
import struct
from datetime import UTC, datetime, timedelta

import pytest
from botocore.awsrequest import AWSRequest

from signed import json_request, presign, send, sign
from support import UUID, new_key


@pytest.fixture
def call(server, account):
    """Sends an operation of KMS as JSON, signed."""

    def json_call(operation: str, body, version: str = "1.1"):
        return send(sign(json_request(server.endpoint, operation, body, version), account))

    return json_call


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_json(call, version):
    answer = call("GenerateRandom", {"NumberOfBytes": 16}, version)
    assert answer.status == 200
    assert answer.headers["content-type"] == f"application/x-amz-json-{version}"
    assert UUID.fullmatch(answer.headers["x-amzn-requestid"])
    assert len(base64.b64decode(answer.json["Plaintext"])) == 16


def test_errors_in_json(call):
    answer = call("DescribeKey", {"KeyId": "no-key"})
    assert answer.status == 400
    assert answer.json == {"__type": "NotFoundException", "message": "Invalid keyId 'no-key'"}
    assert UUID.fullmatch(answer.headers["x-amzn-requestid"])


@pytest.mark.parametrize(
    ("operation", "body", "message"),
    [
        (
            "Encrypt",
            {},
            "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; "
            "Value null at 'plaintext' failed to satisfy constraint: Member must not be null",
        ),
        (
            "CreateKey",
            {"KeySpec": "RSA_1024"},
            re.compile(
                r"^1 validation error detected: Value 'RSA_1024' at 'keySpec' failed to satisfy constraint: "
                r"Member must satisfy enum value set: \[.*RSA_2048.*\]$"
            ),
        ),
        (
            "ListKeys",
            {"Limit": 1001},
            "1 validation error detected: Value '1001' at 'limit' failed to satisfy constraint: "
            "Member must have value less than or equal to 1000",
        ),
        (
            "CreateAlias",
            {"AliasName": "", "TargetKeyId": "k"},
            re.compile(r"^\d validation errors? detected: Value '' at 'aliasName' failed to satisfy constraint: "),
        ),
        (
            "TagResource",
            {"KeyId": "k", "Tags": [{"TagKey": "x" * 129, "TagValue": ""}]},
            re.compile(
                r"^1 validation error detected: Value '.*' at 'tags\.1\.member\.tagKey' failed to satisfy constraint: "
                r"Member must have length less than or equal to 128$"
            ),
        ),
    ],
)
def test_validation_messages(call, operation, body, message):
    answer = call(operation, body)
    assert (answer.status, answer.json["__type"]) == (400, "ValidationException")
    if isinstance(message, str):
        assert answer.json["message"] == message
    else:
        assert message.search(answer.json["message"]), answer.json["message"]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe", b'{"KeyId":5}', b'{"KeyId":"a"}{}', b'{"Limit":1e400}', b"[" * 100_000]
)
def test_bodies_that_cannot_be_read(call, body):
    answer = call("DescribeKey", body)
    assert answer.status == 400
    assert answer.json["__type"] in ("SerializationException", "ValidationException")


def test_unknown_members_are_ignored(call):
    assert call("GenerateRandom", {"NumberOfBytes": 4, "Unheard": {"of": [1]}}).status == 200


def test_unknown_operations(call, server, account):
    answer = call("MakeCoffee", {})
    assert (answer.status, answer.json["__type"]) == (400, "UnknownOperationException")
    request = json_request(server.endpoint, "Brew", {}, target="CoffeeService")
    assert send(sign(request, account)).status in (400, 404)


@pytest.mark.parametrize(
    "operation",
    [
        "ConnectCustomKeyStore",
        "CreateCustomKeyStore",
        "DeleteCustomKeyStore",
        "DescribeCustomKeyStores",
        "DisconnectCustomKeyStore",
        "UpdateCustomKeyStore",
    ],
)
def test_operations_that_are_not_built_say_so(call, operation):
    answer = call(operation, {"CustomKeyStoreId": "cks-1234567890abcdef0", "CustomKeyStoreName": "n"})
    assert (answer.status, answer.json["__type"]) == (501, "NotImplementedException")
    assert f"does not have the operation {operation}" in answer.json["message"]


def cbor_text(text: str) -> bytes:
    data = text.encode()
    return bytes([0x78, len(data)]) + data


def cbor_request(endpoint: str, operation: str, body: bytes, service: str = "TrentService") -> AWSRequest:
    headers = {"Content-Type": "application/cbor", "Accept": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
    return AWSRequest("POST", f"{endpoint}/service/{service}/operation/{operation}", headers=headers, data=body)


def test_cbor(server, account):
    body = b"\xa1" + cbor_text("NumberOfBytes") + b"\x18\x20"
    answer = send(sign(cbor_request(server.endpoint, "GenerateRandom", body), account))
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/cbor"
    assert answer.headers["smithy-protocol"] == "rpc-v2-cbor"
    assert b"\x58\x20" in answer.body and len(answer.body) > 32 + len("Plaintext")


def test_cbor_blobs_and_times(server, kms, account):
    key_id = new_key(kms)["KeyId"]
    plaintext = b"over cbor"
    body = b"\xa2" + cbor_text("KeyId") + cbor_text(key_id) + cbor_text("Plaintext") + bytes([0x40 + len(plaintext)]) + plaintext
    answer = send(sign(cbor_request(server.endpoint, "Encrypt", body), account))
    assert answer.status == 200
    start = answer.body.index(b"\x01\x02\x02\x00\x78")
    (length,) = struct.unpack(">B", answer.body[start - 1 : start])
    blob = answer.body[start : start + length]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == plaintext
    described = send(sign(cbor_request(server.endpoint, "DescribeKey", b"\xa1" + cbor_text("KeyId") + cbor_text(key_id)), account))
    # Tag 1: seconds since the epoch.
    assert b"CreationDate\xc1" in described.body


def test_errors_in_cbor(server, account):
    body = b"\xa1" + cbor_text("KeyId") + cbor_text("no-key")
    answer = send(sign(cbor_request(server.endpoint, "DescribeKey", body), account))
    assert (answer.status, answer.headers["content-type"]) == (400, "application/cbor")
    assert b"NotFoundException" in answer.body and b"Invalid keyId 'no-key'" in answer.body
    for broken in (b"", b"\xa1", b"\xff", b"\x9f" * 5000, b"\xbb" + b"\xff" * 8):
        answer = send(sign(cbor_request(server.endpoint, "DescribeKey", broken), account))
        assert answer.status == 400, broken[:8]


def test_query_and_xml(server, account):
    data = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    answer = send(sign(AWSRequest("POST", server.endpoint + "/", headers=headers, data=data), account, service="sts"))
    assert answer.status == 200
    assert answer.headers["content-type"].startswith("text/xml")
    text = answer.body.decode()
    assert 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"' in text
    assert f"<Account>{account}</Account>" in text and "<RequestId>" in text


def test_a_presigned_url(server, account):
    url = presign(f"{server.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15", account, "test", "sts")
    answer = send(AWSRequest("GET", url))
    assert answer.status == 200 and f"<Account>{account}</Account>".encode() in answer.body


def test_an_unsigned_request(server):
    answer = send(json_request(server.endpoint, "ListKeys", {}))
    assert answer.status == 400
    assert answer.json["__type"] == "MissingAuthenticationTokenException"
    answer = send(AWSRequest("POST", server.endpoint + "/", data=b"Action=GetCallerIdentity&Version=2011-06-15",
                             headers={"Content-Type": "application/x-www-form-urlencoded"}))  # fmt: skip
    assert answer.status == 403
    assert b"<Code>MissingAuthenticationToken</Code>" in answer.body


@pytest.mark.parametrize(
    "header",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=x",
        "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host, Signature=00",
        "Basic dXNlcjpwYXNz",
        "AWS4-HMAC-SHA256 " + "Credential=" * 2000,
    ],
)
def test_signatures_that_are_none(server, header):
    request = json_request(server.endpoint, "ListKeys", {})
    request.headers["Authorization"] = header
    answer = send(request)
    assert answer.status in (400, 403)
    assert answer.json["__type"] in (
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    )


def test_a_request_of_another_day(server, account):
    for shift in (timedelta(minutes=-20), timedelta(minutes=20), timedelta(days=-400)):
        at = datetime.now(UTC) + shift
        answer = send(sign(json_request(server.endpoint, "ListKeys", {}), account, at=at))
        assert (answer.status, answer.json["__type"]) == (400, "InvalidSignatureException")
        assert re.match(r"Signature (expired|not yet current): ", answer.json["message"]), answer.json


def test_a_signature_for_another_service(server, account):
    answer = send(sign(json_request(server.endpoint, "ListKeys", {}), account, service="s3"))
    assert (answer.status, answer.json["__type"]) == (400, "InvalidSignatureException")
    # AWS ends each part of this message with a space.
    assert answer.json["message"] == "Credential should be scoped to correct service: 'kms'. "


def test_every_answer_has_its_own_request_id(call):
    ids = {call("GenerateRandom", {"NumberOfBytes": 1}).headers["x-amzn-requestid"] for _ in range(5)}
    assert len(ids) == 5


def test_the_short_target_of_cloudtrail(server, account):
    """What SDKs made from Smithy models send; botocore sends a longer one."""
    request = json_request(server.endpoint, "LookupEvents", {}, target="CloudTrail_20131101")
    answer = send(sign(request, account, service="cloudtrail"))
    assert answer.status == 200 and answer.json["Events"] == []
