"""What each operation of KMS is called with. Members that a row leaves out come from `MEMBERS`."""

from __future__ import annotations

from conftest import REGION
from rows import Row
from world import OTHER_REGION, World, document
from wrapping import wrap

ECC = {"KeySpec": "ECC_NIST_P256"}
HMAC = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
KEM = {"KeySpec": "ML_KEM_768", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}
KMS_TAGS = [{"TagKey": "made", "TagValue": "here"}]

MEMBERS = {
    "KeyId": lambda w: w.the(World.key),
    "Plaintext": lambda w: b"a secret",
    "Message": lambda w: b"a message",
    "KeySpec": lambda w: "AES_256",
    "KeyPairSpec": lambda w: "ECC_NIST_P256",
    "MacAlgorithm": lambda w: "HMAC_SHA_256",
    "SigningAlgorithm": lambda w: "ECDSA_SHA_256",
    "EncapsulationAlgorithm": lambda w: "ML_KEM",
    "Description": lambda w: "described",
    "Tags": lambda w: KMS_TAGS,
    "TagKeys": lambda w: ["made"],
}


def own_policy(w: World) -> str:
    return document({"Effect": "Allow", "Principal": {"AWS": w.number}, "Action": "kms:*", "Resource": "*"})


def signing_key(w: World) -> str:
    return w.key(**ECC, KeyUsage="SIGN_VERIFY")


def mac_key(w: World) -> str:
    return w.key(**HMAC)


def kem_key(w: World) -> str:
    return w.key(**KEM)


def agreement_key(w: World) -> str:
    return w.key(**ECC, KeyUsage="KEY_AGREEMENT")


def multi_region_key(w: World) -> str:
    """A primary key with a replica in the other Region; its id stands for both."""
    key = w.key(MultiRegion=True)
    w.kms.replicate_key(KeyId=key, ReplicaRegion=OTHER_REGION)
    return w.known(key, w.arn("kms", f"key/{key}", OTHER_REGION))


def doomed(w: World) -> dict:
    key = w.key()
    w.kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    return {"KeyId": key}


def rotating(w: World) -> dict:
    key = w.key()
    w.kms.enable_key_rotation(KeyId=key)
    return {"KeyId": key}


def tagged(w: World) -> dict:
    key = w.key()
    w.kms.tag_resource(KeyId=key, Tags=KMS_TAGS)
    return {"KeyId": key}


def to_import(w: World) -> dict:
    key, algorithm = w.key(Origin="EXTERNAL"), "RSAES_OAEP_SHA_256"
    found = w.kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048")
    material = wrap(found["PublicKey"], algorithm, b"m" * 32)
    return {
        "KeyId": key,
        "ImportToken": found["ImportToken"],
        "EncryptedKeyMaterial": material,
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }


def encrypted(w: World) -> dict:
    key = w.the(World.key)
    return {"KeyId": key, "CiphertextBlob": w.ciphertext(key)}


def to_re_encrypt(w: World) -> Row:
    source, destination = w.key(), w.key()
    arguments = {"CiphertextBlob": w.ciphertext(source), "SourceKeyId": source, "DestinationKeyId": destination}
    return Row(arguments, {"kms:ReEncryptFrom": w.arns[source], "kms:ReEncryptTo": w.arns[destination]})


def signed(w: World) -> dict:
    key, algorithm = w.the(signing_key), "ECDSA_SHA_256"
    return {"KeyId": key, "Signature": w.kms.sign(KeyId=key, Message=b"a message", SigningAlgorithm=algorithm)["Signature"]}


def authenticated(w: World) -> dict:
    key = w.the(mac_key)
    return {"KeyId": key, "Mac": w.kms.generate_mac(KeyId=key, Message=b"a message", MacAlgorithm="HMAC_SHA_256")["Mac"]}


def encapsulated(w: World) -> dict:
    key = w.the(kem_key)
    sent = w.kms.encapsulate(KeyId=key, EncapsulationAlgorithm="ML_KEM")
    return {"KeyId": key, "SharedSecretCiphertextBlob": sent["SharedSecretCiphertextBlob"]}


def agreeing(w: World) -> dict:
    key = w.the(agreement_key)
    public = w.kms.get_public_key(KeyId=w.key(**ECC, KeyUsage="KEY_AGREEMENT"))["PublicKey"]
    return {"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public}


def moved_alias(w: World) -> dict:
    """The alias' name stands for the alias and the key that it leaves; the other key is the one that it gets."""
    return {"AliasName": w.alias(), "TargetKeyId": w.key()}


def new_alias(w: World) -> dict:
    name = f"alias/{w.name('alias')}"
    return {"AliasName": w.known(name, w.arn("kms", name, REGION)), "TargetKeyId": w.the(World.key)}


ROWS = {
    "CancelKeyDeletion": doomed,
    "CreateAlias": new_alias,
    "CreateGrant": lambda w: {"GranteePrincipal": w.arn("iam", "root"), "Operations": ["Decrypt"]},
    "Decapsulate": encapsulated,
    "Decrypt": encrypted,
    "DeleteAlias": lambda w: {"AliasName": w.alias()},
    "DeleteImportedKeyMaterial": lambda w: {"KeyId": w.imported_key()},
    "DeriveSharedSecret": agreeing,
    "DisableKey": lambda w: {"KeyId": w.key()},
    "Encapsulate": lambda w: {"KeyId": w.the(kem_key)},
    "GenerateDataKey": lambda w: {"KeySpec": "AES_256"},
    "GenerateDataKeyWithoutPlaintext": lambda w: {"KeySpec": "AES_256"},
    "GenerateMac": lambda w: {"KeyId": w.the(mac_key)},
    "GenerateRandom": lambda w: {"NumberOfBytes": 8},
    "GetParametersForImport": lambda w: {
        "KeyId": w.key(Origin="EXTERNAL"), "WrappingAlgorithm": "RSAES_OAEP_SHA_256", "WrappingKeySpec": "RSA_2048"
    },
    "GetPublicKey": lambda w: {"KeyId": w.the(signing_key)},
    "ImportKeyMaterial": to_import,
    "ListRetirableGrants": lambda w: {"RetiringPrincipal": w.arn("iam", "root")},
    "PutKeyPolicy": lambda w: {"Policy": own_policy(w)},
    "ReEncrypt": to_re_encrypt,
    "ReplicateKey": lambda w: {"KeyId": w.key(MultiRegion=True), "ReplicaRegion": OTHER_REGION},
    "RevokeGrant": lambda w: w.grant(),
    "RotateKeyOnDemand": lambda w: {"KeyId": w.key()},
    "ScheduleKeyDeletion": lambda w: {"KeyId": w.key(), "PendingWindowInDays": 7},
    "Sign": lambda w: {"KeyId": w.the(signing_key)},
    "UntagResource": tagged,
    "UpdateAlias": moved_alias,
    "UpdatePrimaryRegion": lambda w: {"KeyId": multi_region_key(w), "PrimaryRegion": OTHER_REGION},
    "Verify": signed,
    "VerifyMac": authenticated,
    "DisableKeyRotation": rotating,
}  # fmt: skip
