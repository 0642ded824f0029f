"""Settings that clients feel: quotas, the greatest plaintext, TLS, the region of requests that name none."""

import re
import ssl
import urllib.request

import boto3
import pytest
from botocore.config import Config

from conftest import REGION, Server
from support import new_key, refused


def started(folder, *flags: str) -> Server:
    return Server(folder, "--dev", *flags).start()


def test_request_quotas_are_of_an_account_and_an_operation(tmp_path, account, other_account):
    server = started(tmp_path, "--request-quotas", "kms:GenerateRandom=2")
    kms, other = server.client("kms", account), server.client("kms", other_account)
    message = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
    with refused("ThrottlingException", message, 400):
        # More in a row than two seconds' worth; how fast they go is the machine's affair.
        for _ in range(1000):
            kms.generate_random(NumberOfBytes=1)
    kms.list_keys()
    other.generate_random(NumberOfBytes=1)
    assert server.stop() == 0


def test_the_greatest_plaintext_can_be_raised(tmp_path, account):
    """AWS takes 4,096 bytes, the default; the source notes say 1 MB."""
    server = started(tmp_path, "--kms-max-direct-plaintext", str(1 << 20))
    kms = server.client("kms", account)
    key_id = new_key(kms)["KeyId"]
    plaintext = bytes(range(256)) * 4096
    blob = kms.encrypt(KeyId=key_id, Plaintext=plaintext)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == plaintext
    with refused("ValidationException"):
        kms.encrypt(KeyId=key_id, Plaintext=plaintext + b"!")
    assert server.stop() == 0


def test_tls_with_a_certificate_of_its_own(tmp_path, account):
    server = started(tmp_path, "--tls-self-signed", "--data-dir", str(tmp_path / "data"))
    [bundle] = re.findall(r"^export AWS_CA_BUNDLE=(\S+)", server.log.read_text(), re.MULTILINE)
    endpoint = server.endpoint.replace("http:", "https:")
    kms = boto3.client(
        "kms",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=account,
        aws_secret_access_key="test",
        verify=str(tmp_path / bundle),
        config=Config(retries={"max_attempts": 1, "mode": "standard"}),
    )
    assert len(kms.generate_random(NumberOfBytes=8)["Plaintext"]) == 8
    context = ssl.create_default_context()
    with pytest.raises(Exception, match="certificate verify failed"):
        urllib.request.urlopen(endpoint + "/_garrison/health", context=context, timeout=10)
    assert server.stop() == 0
