"""Libraries that encrypt with KMS, as they are: the AWS Encryption SDK, Tink, the DynamoDB Encryption Client."""

import boto3
import pytest
import tink
from aws_cryptographic_material_providers.mpl import AwsCryptographicMaterialProviders
from aws_cryptographic_material_providers.mpl.config import MaterialProvidersConfig
from aws_cryptographic_material_providers.mpl.models import (
    CreateAwsKmsKeyringInput,
    CreateAwsKmsMultiKeyringInput,
    CreateAwsKmsMrkKeyringInput,
)
from aws_encryption_sdk import CommitmentPolicy, EncryptionSDKClient, StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.exceptions import AWSEncryptionSDKClientError
from botocore.session import Session as BotocoreSession
from cryptography.exceptions import InvalidTag
from dynamodb_encryption_sdk.encrypted.table import EncryptedTable
from dynamodb_encryption_sdk.exceptions import UnwrappingError
from dynamodb_encryption_sdk.identifiers import CryptoAction
from dynamodb_encryption_sdk.material_providers.aws_kms import AwsKmsCryptographicMaterialsProvider
from dynamodb_encryption_sdk.structures import AttributeActions
from moto import mock_aws
from tink import aead
from tink.integration import awskms

from support import new_key

CONTEXT = {"tenant": "blue", "purpose": "test"}
# More than one frame of the message format.
PLAINTEXT = b"In Xanadu did Kubla Khan a stately pleasure-dome decree. " * 200


@pytest.fixture(scope="module")
def sdk():
    return EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)


@pytest.fixture(scope="module")
def providers():
    return AwsCryptographicMaterialProviders(config=MaterialProvidersConfig())


@pytest.fixture
def environment(server, account, monkeypatch):
    """What a user exports to point libraries that make their own clients at Garrison."""
    for name, value in (
        ("AWS_ENDPOINT_URL", server.endpoint),
        ("AWS_ENDPOINT_URL_KMS", server.endpoint),
        ("AWS_ACCESS_KEY_ID", account),
        ("AWS_SECRET_ACCESS_KEY", "test"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
    ):
        monkeypatch.setenv(name, value)


def test_the_encryption_sdk_with_a_kms_keyring(sdk, providers, kms):
    keyring = providers.create_aws_kms_keyring(CreateAwsKmsKeyringInput(kms_key_id=new_key(kms)["Arn"], kms_client=kms))
    ciphertext, header = sdk.encrypt(source=PLAINTEXT, keyring=keyring, encryption_context=CONTEXT)
    assert CONTEXT.items() <= header.encryption_context.items()
    plaintext, header = sdk.decrypt(source=ciphertext, keyring=keyring)
    assert plaintext == PLAINTEXT
    assert CONTEXT.items() <= header.encryption_context.items()
    damaged = bytearray(ciphertext)
    damaged[len(damaged) // 2] ^= 1
    with pytest.raises((AWSEncryptionSDKClientError, InvalidTag)):
        sdk.decrypt(source=bytes(damaged), keyring=keyring)


def test_the_encryption_sdk_with_another_key(sdk, providers, kms):
    first, second = (
        providers.create_aws_kms_keyring(CreateAwsKmsKeyringInput(kms_key_id=new_key(kms)["Arn"], kms_client=kms))
        for _ in range(2)
    )
    ciphertext, _ = sdk.encrypt(source=PLAINTEXT, keyring=first)
    with pytest.raises(AWSEncryptionSDKClientError):
        sdk.decrypt(source=ciphertext, keyring=second)


def test_the_encryption_sdk_with_several_keys(sdk, providers, kms, environment):
    arns = [new_key(kms)["Arn"] for _ in range(2)]
    both = providers.create_aws_kms_multi_keyring(CreateAwsKmsMultiKeyringInput(generator=arns[0], kms_key_ids=arns[1:]))
    ciphertext, _ = sdk.encrypt(source=PLAINTEXT, keyring=both, encryption_context=CONTEXT)
    for arn in arns:
        one = providers.create_aws_kms_keyring(CreateAwsKmsKeyringInput(kms_key_id=arn, kms_client=kms))
        assert sdk.decrypt(source=ciphertext, keyring=one)[0] == PLAINTEXT


def test_the_encryption_sdk_with_a_multi_region_key(sdk, providers, kms, server, account):
    key = new_key(kms, MultiRegion=True)
    replica = kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="us-west-2")["ReplicaKeyMetadata"]
    here = providers.create_aws_kms_mrk_keyring(CreateAwsKmsMrkKeyringInput(kms_key_id=key["Arn"], kms_client=kms))
    there = providers.create_aws_kms_mrk_keyring(
        CreateAwsKmsMrkKeyringInput(kms_key_id=replica["Arn"], kms_client=server.client("kms", account, "us-west-2"))
    )
    ciphertext, _ = sdk.encrypt(source=PLAINTEXT, keyring=here, encryption_context=CONTEXT)
    assert sdk.decrypt(source=ciphertext, keyring=there)[0] == PLAINTEXT


def test_the_encryption_sdk_with_the_legacy_provider(sdk, providers, kms, environment):
    arn = new_key(kms)["Arn"]
    provider = StrictAwsKmsMasterKeyProvider(key_ids=[arn], botocore_session=BotocoreSession())
    ciphertext, _ = sdk.encrypt(source=PLAINTEXT, key_provider=provider, encryption_context=CONTEXT)
    assert sdk.decrypt(source=ciphertext, key_provider=provider)[0] == PLAINTEXT
    # What the old provider wrote, the keyring reads.
    keyring = providers.create_aws_kms_keyring(CreateAwsKmsKeyringInput(kms_key_id=arn, kms_client=kms))
    assert sdk.decrypt(source=ciphertext, keyring=keyring)[0] == PLAINTEXT


def test_tink(kms, environment):
    aead.register()
    arn = new_key(kms)["Arn"]
    uri = f"aws-kms://{arn}"
    client = awskms.new_client(boto3_client=boto3.Session().client("kms"), key_uri=uri)
    remote = client.get_aead(uri)
    ciphertext = remote.encrypt(b"by tink", b"associated")
    assert remote.decrypt(ciphertext, b"associated") == b"by tink"
    # Its associated data is an encryption context.
    context = {"associatedData": b"associated".hex()}
    assert kms.decrypt(CiphertextBlob=ciphertext, EncryptionContext=context)["Plaintext"] == b"by tink"
    with pytest.raises(tink.TinkError):
        remote.decrypt(ciphertext, b"other")

    envelope = aead.KmsEnvelopeAead(aead.aead_key_templates.AES256_GCM, remote)
    ciphertext = envelope.encrypt(PLAINTEXT, b"associated")
    assert envelope.decrypt(ciphertext, b"associated") == PLAINTEXT
    with pytest.raises(tink.TinkError):
        envelope.decrypt(ciphertext[:-1], b"associated")


def test_the_dynamodb_encryption_client(server, kms, environment, monkeypatch):
    """DynamoDB is moto, inside this process; calls to KMS pass it by and reach Garrison."""
    key = new_key(kms)
    monkeypatch.setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "false")
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    item = {"id": "1", "count": 5, "secret": "the launch code", "public": "readable", "binary": b"\x00\x01"}
    with mock_aws(config={"core": {"passthrough": {"urls": [rf"{server.endpoint}/.*"]}}}):
        # moto puts credentials of its own into the environment.
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AWSAccountId"])
        table = boto3.Session().resource("dynamodb").create_table(
            TableName="secrets",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        actions = AttributeActions(
            default_action=CryptoAction.ENCRYPT_AND_SIGN, attribute_actions={"public": CryptoAction.DO_NOTHING}
        )
        materials = AwsKmsCryptographicMaterialsProvider(key_id=key["Arn"], botocore_session=BotocoreSession())
        encrypted = EncryptedTable(table=table, materials_provider=materials, attribute_actions=actions)
        encrypted.put_item(Item=item)
        stored = table.get_item(Key={"id": "1"})["Item"]
        assert stored["public"] == "readable" and stored["id"] == "1"
        assert b"launch" not in bytes(stored["secret"])
        read = encrypted.get_item(Key={"id": "1"})["Item"]
        assert {name: (value.value if name == "binary" else value) for name, value in read.items()} == item
        kms.disable_key(KeyId=key["KeyId"])
        with pytest.raises(UnwrappingError):
            encrypted.get_item(Key={"id": "1"})
