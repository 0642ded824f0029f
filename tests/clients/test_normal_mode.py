"""Garrison as it runs in production: without `--dev`, every signature is verified."""

import os
import re
import stat
import subprocess

import pytest
from botocore.awsrequest import AWSRequest

from conftest import Production
from signed import json_request, presign, send, sign
from support import new_key, refused, root


@pytest.fixture(scope="module")
def production(tmp_path_factory):
    running = Production(tmp_path_factory.mktemp("production")).start()
    running.key = running.printed("AWS_ACCESS_KEY_ID")
    running.secret = running.printed("AWS_SECRET_ACCESS_KEY")
    yield running
    if running.process.poll() is None:
        running.stop()


def test_the_first_start_prints_a_root_key_that_works(production):
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", production.key)
    assert re.fullmatch(r"[A-Za-z0-9+/]{40}", production.secret)
    assert production.printed("AWS_ENDPOINT_URL") == production.endpoint
    identity = production.client("sts", production.key, secret=production.secret).get_caller_identity()
    assert re.fullmatch(r"\d{12}", identity["Account"])
    assert identity["Arn"] == root(identity["Account"])
    kms = production.client("kms", production.key, secret=production.secret)
    key = new_key(kms)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"production")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"production"


def test_a_wrong_secret_is_refused(production):
    wrong = "x" * 40
    message = (
        "The request signature we calculated does not match the signature you provided. "
        "Check your AWS Secret Access Key and signing method. Consult the service documentation for details."
    )
    with refused("InvalidSignatureException", message, 400):
        production.client("kms", production.key, secret=wrong).list_keys()
    with refused("SignatureDoesNotMatch", re.compile("^The request signature we calculated does not match"), 403):
        production.client("sts", production.key, secret=wrong).get_caller_identity()


def test_unknown_keys_are_refused(production):
    for key in ("test", "123456789012", "AKIAIOSFODNN7EXAMPLE", production.key[:-1] + "A"):
        with refused("UnrecognizedClientException", "The security token included in the request is invalid.", 400):
            production.client("kms", key).list_keys()
        with refused("InvalidClientTokenId", "The security token included in the request is invalid.", 403):
            production.client("sts", key).get_caller_identity()


def test_session_tokens_that_do_not_verify_are_refused(production):
    request = json_request(production.endpoint, "ListKeys", {})
    answer = send(sign(request, production.key, production.secret, token="not-a-token"))
    assert (answer.status, answer.json["__type"]) == (400, "UnrecognizedClientException")


def test_a_changed_body_is_refused(production):
    request = sign(json_request(production.endpoint, "GenerateRandom", {"NumberOfBytes": 8}), production.key, production.secret)
    request.data = request.data.replace(b"8", b"9")
    answer = send(request)
    assert (answer.status, answer.json["__type"]) == (400, "InvalidSignatureException")


def test_presigned_urls(production):
    url = f"{production.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15"
    good = presign(url, production.key, production.secret, "sts")
    assert send(AWSRequest("GET", good)).status == 200
    bad = send(AWSRequest("GET", presign(url, production.key, "x" * 40, "sts")))
    assert bad.status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in bad.body
    changed = send(AWSRequest("GET", good.replace("X-Amz-Expires=60", "X-Amz-Expires=61")))
    assert changed.status == 403 and b"<Code>SignatureDoesNotMatch</Code>" in changed.body
    expired = send(AWSRequest("GET", good.replace("X-Amz-Date=20", "X-Amz-Date=19")))
    assert expired.status == 403


def test_nobody_moves_the_clock_or_empties_it(production):
    for path in ("/_garrison/clock", "/_garrison/reset"):
        assert send(AWSRequest("POST", production.endpoint + path, data=b'{"advance":"1d"}')).status == 403


def test_the_secrets_of_the_store(production):
    """The root key lies outside the data folder, and nobody else may read either."""
    data = production.folder / "data"
    [root_key] = production.folder.glob("*.root-key")
    assert stat.S_IMODE(os.stat(root_key).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(data).st_mode) == 0o700
    for path in data.rglob("*"):
        if path.is_file():
            assert production.secret.encode() not in path.read_bytes(), path


def test_the_key_is_printed_once(tmp_path):
    production = Production(tmp_path).start()
    key, secret = production.printed("AWS_ACCESS_KEY_ID"), production.printed("AWS_SECRET_ACCESS_KEY")
    assert production.stop() == 0
    production.log.write_text("")
    production.start()
    assert production.printed("AWS_ACCESS_KEY_ID") is None
    assert secret not in production.log.read_text()
    assert production.client("sts", key, secret=secret).get_caller_identity()["Account"]
    assert production.stop() == 0


def test_it_does_not_start_without_a_word_on_tls(tmp_path):
    done = subprocess.run(
        [os.environ["GARRISON_BIN"], "serve", "--listen", "127.0.0.1:0", "--data-dir", str(tmp_path / "data")],
        capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert done.returncode == 2
    assert "--no-tls" in done.stderr


def test_a_key_that_was_issued_is_verified_in_development_mode_too(own_server, production):
    """An id of Garrison's form that this installation did not issue is no id of its form: the check characters are keyed."""
    own_server.client("kms", production.key).list_keys()
    assert own_server.stop() == 0
