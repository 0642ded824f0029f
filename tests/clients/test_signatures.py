"""Other programs check what KMS signs, and KMS checks what other programs sign: `cryptography`, OpenSSL, hmac."""

import hashlib
import hmac
import os
import subprocess

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, mldsa, mlkem, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_der_public_key,
)

import ed25519ph
import wrapping
from support import body, new_key, refused
from wrapping import import_material, pkcs8

MESSAGE = b"The quick brown fox jumps over the lazy dog."
HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
RSA_ALGORITHMS = [f"RSASSA_{p}_SHA_{bits}" for p in ("PKCS1_V1_5", "PSS") for bits in ("256", "384", "512")]
CURVES = {
    "ECC_NIST_P256": (ec.SECP256R1, "256"),
    "ECC_NIST_P384": (ec.SECP384R1, "384"),
    "ECC_NIST_P521": (ec.SECP521R1, "512"),
    "ECC_SECG_P256K1": (ec.SECP256K1, "256"),
}
MLDSA = {
    "ML_DSA_44": mldsa.MLDSA44PrivateKey,
    "ML_DSA_65": mldsa.MLDSA65PrivateKey,
    "ML_DSA_87": mldsa.MLDSA87PrivateKey,
}
MLKEM = {"ML_KEM_768": mlkem.MLKEM768PrivateKey, "ML_KEM_1024": mlkem.MLKEM1024PrivateKey}


def rsa_padding(algorithm: str):
    bits = algorithm[-3:]
    if "PKCS1" in algorithm:
        return padding.PKCS1v15(), HASHES[bits]()
    return padding.PSS(padding.MGF1(HASHES[bits]()), padding.PSS.DIGEST_LENGTH), HASHES[bits]()


def public_key(kms, key_id: str):
    return load_der_public_key(kms.get_public_key(KeyId=key_id)["PublicKey"])


def sign(kms, key: dict, algorithm: str, message: bytes, kind: str = "RAW") -> bytes:
    answer = body(kms.sign(KeyId=key["KeyId"], SigningAlgorithm=algorithm, Message=message, MessageType=kind))
    signature = answer.pop("Signature")
    assert answer == {"KeyId": key["Arn"], "SigningAlgorithm": algorithm}
    return signature


def check(kms, key: dict, algorithm: str, message: bytes, signature: bytes, kind: str = "RAW") -> None:
    """KMS takes the signature, and refuses it for another message and with a bit changed."""
    arguments = {"KeyId": key["KeyId"], "SigningAlgorithm": algorithm, "MessageType": kind}
    answer = body(kms.verify(Message=message, Signature=signature, **arguments))
    assert answer == {"KeyId": key["Arn"], "SignatureValid": True, "SigningAlgorithm": algorithm}
    other = message[:-1] + bytes([message[-1] ^ 1])
    changed = signature[:-1] + bytes([signature[-1] ^ 1])
    for message, signature in ((other, signature), (message, changed), (message, signature[:-1])):
        with refused("KMSInvalidSignatureException"):
            kms.verify(Message=message, Signature=signature, **arguments)


def digest(algorithm: str) -> bytes:
    return hashlib.new(f"sha{algorithm[-3:]}", MESSAGE).digest()


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_rsa(kms, spec):
    key = new_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
    public = public_key(kms, key["KeyId"])
    assert public.key_size == int(spec[4:])
    for algorithm in RSA_ALGORITHMS:
        scheme, algorithm_hash = rsa_padding(algorithm)
        public.verify(sign(kms, key, algorithm, MESSAGE), MESSAGE, scheme, algorithm_hash)
        by_digest = sign(kms, key, algorithm, digest(algorithm), "DIGEST")
        public.verify(by_digest, MESSAGE, scheme, algorithm_hash)
        check(kms, key, algorithm, MESSAGE, by_digest)
        check(kms, key, algorithm, digest(algorithm), by_digest, "DIGEST")


def test_rsa_signatures_of_others(kms):
    private = rsa.generate_private_key(65537, 2048)
    key = new_key(kms, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", Origin="EXTERNAL")
    import_material(kms, key["KeyId"], pkcs8(private), "RSA_AES_KEY_WRAP_SHA_256")
    assert public_key(kms, key["KeyId"]) == private.public_key()
    for algorithm in RSA_ALGORITHMS:
        scheme, algorithm_hash = rsa_padding(algorithm)
        check(kms, key, algorithm, MESSAGE, private.sign(MESSAGE, scheme, algorithm_hash))


@pytest.mark.parametrize("spec", CURVES)
def test_ecdsa(kms, spec):
    curve, bits = CURVES[spec]
    algorithm = f"ECDSA_SHA_{bits}"
    key = new_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
    public = public_key(kms, key["KeyId"])
    assert public.curve.name == curve.name
    public.verify(sign(kms, key, algorithm, MESSAGE), MESSAGE, ec.ECDSA(HASHES[bits]()))
    by_digest = sign(kms, key, algorithm, digest(algorithm), "DIGEST")
    public.verify(by_digest, digest(algorithm), ec.ECDSA(utils.Prehashed(HASHES[bits]())))
    check(kms, key, algorithm, MESSAGE, by_digest)

    private = ec.generate_private_key(curve())
    theirs = new_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY", Origin="EXTERNAL")
    import_material(kms, theirs["KeyId"], pkcs8(private), "RSA_AES_KEY_WRAP_SHA_1")
    assert public_key(kms, theirs["KeyId"]) == private.public_key()
    check(kms, theirs, algorithm, MESSAGE, private.sign(MESSAGE, ec.ECDSA(HASHES[bits]())))


def test_ed25519(kms):
    key = new_key(kms, KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
    signature = sign(kms, key, "ED25519_SHA_512", MESSAGE)
    public_key(kms, key["KeyId"]).verify(signature, MESSAGE)
    check(kms, key, "ED25519_SHA_512", MESSAGE, signature)
    with refused("ValidationException"):
        sign(kms, key, "ED25519_SHA_512", hashlib.sha512(MESSAGE).digest(), "DIGEST")

    private = ed25519.Ed25519PrivateKey.generate()
    theirs = new_key(kms, KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY", Origin="EXTERNAL")
    import_material(kms, theirs["KeyId"], pkcs8(private), "RSA_AES_KEY_WRAP_SHA_256")
    check(kms, theirs, "ED25519_SHA_512", MESSAGE, private.sign(MESSAGE))


def test_ed25519ph(kms):
    """Neither `cryptography` nor OpenSSL 3.0 has Ed25519ph; `ed25519ph.py` is a second, plain implementation.

    KMS takes the SHA-512 digest of the message as what Ed25519ph signs, and so hashes it once more.
    """
    secret = bytes(range(1, 33))
    key = new_key(kms, KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY", Origin="EXTERNAL")
    import_material(kms, key["KeyId"], pkcs8(ed25519.Ed25519PrivateKey.from_private_bytes(secret)), "RSA_AES_KEY_WRAP_SHA_256")
    digest = hashlib.sha512(MESSAGE).digest()
    expected = ed25519ph.sign(secret, digest)
    assert sign(kms, key, "ED25519_PH_SHA_512", digest, "DIGEST") == expected
    check(kms, key, "ED25519_PH_SHA_512", digest, expected, "DIGEST")
    with refused("ValidationException"):
        sign(kms, key, "ED25519_PH_SHA_512", MESSAGE)


def test_the_plain_ed25519ph_gives_the_signature_of_rfc_8032():
    secret = bytes.fromhex("833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42")
    expected = (
        "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae41"
        "31f85042463c2a355a2003d062adf5aaa10b8c61e636062aaad11c2a26083406"
    )
    assert ed25519ph.sign(secret, b"abc").hex() == expected


@pytest.mark.parametrize("spec", MLDSA)
def test_ml_dsa(kms, spec):
    key = new_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
    public = public_key(kms, key["KeyId"])
    signature = sign(kms, key, "ML_DSA_SHAKE_256", MESSAGE)
    public.verify(signature, MESSAGE)
    check(kms, key, "ML_DSA_SHAKE_256", MESSAGE, signature)

    # FIPS 204, algorithm 7: mu is the SHAKE256 of tr, the hash of the public key, and the framed message.
    tr = hashlib.shake_256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).digest(64)
    mu = hashlib.shake_256(tr + b"\0\0" + MESSAGE).digest(64)
    by_mu = sign(kms, key, "ML_DSA_SHAKE_256", mu, "EXTERNAL_MU")
    public.verify(by_mu, MESSAGE)
    check(kms, key, "ML_DSA_SHAKE_256", mu, signature, "EXTERNAL_MU")
    with pytest.raises(InvalidSignature):
        public.verify(by_mu, MESSAGE + b"!")


@pytest.mark.parametrize("spec", ["RSA_2048", "RSA_3072", "RSA_4096"])
def test_rsa_encryption_outside(kms, spec):
    key = new_key(kms, KeySpec=spec, KeyUsage="ENCRYPT_DECRYPT")
    public = public_key(kms, key["KeyId"])
    for algorithm in ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"):
        blob = public.encrypt(b"made outside", wrapping.oaep(algorithm))
        decrypted = kms.decrypt(KeyId=key["KeyId"], CiphertextBlob=blob, EncryptionAlgorithm=algorithm)
        assert decrypted["Plaintext"] == b"made outside"
        with refused("InvalidCiphertextException"):
            kms.decrypt(KeyId=key["KeyId"], CiphertextBlob=blob[:-1] + b"\0\0", EncryptionAlgorithm=algorithm)


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521"])
def test_ecdh(kms, spec):
    key = new_key(kms, KeySpec=spec, KeyUsage="KEY_AGREEMENT")
    private = ec.generate_private_key(CURVES[spec][0]())
    ours = private.exchange(ec.ECDH(), public_key(kms, key["KeyId"]))
    peer = private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    theirs = kms.derive_shared_secret(KeyId=key["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=peer)
    assert theirs["SharedSecret"] == ours
    other = ec.generate_private_key(ec.SECP256K1()).public_key()
    for wrong in (peer[:-1], other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)):
        with refused("ValidationException"):
            kms.derive_shared_secret(KeyId=key["KeyId"], KeyAgreementAlgorithm="ECDH", PublicKey=wrong)


@pytest.mark.parametrize("spec", MLKEM)
def test_ml_kem(kms, spec):
    """`cryptography` has no ML-KEM-512: `test_kms_use.py` has its round trip, the crypto crate its vectors."""
    key = new_key(kms, KeySpec=spec, KeyUsage="ENCAPSULATE_DECAPSULATE")
    secret, blob = public_key(kms, key["KeyId"]).encapsulate()
    arguments = {"KeyId": key["KeyId"], "EncapsulationAlgorithm": "ML_KEM"}
    assert kms.decapsulate(SharedSecretCiphertextBlob=blob, **arguments)["SharedSecret"] == secret


@pytest.mark.parametrize("bits", ["224", "256", "384", "512"])
def test_hmac_of_others(kms, bits):
    size = int(bits) // 8
    material = os.urandom(size)
    key = new_key(kms, KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC", Origin="EXTERNAL")
    import_material(kms, key["KeyId"], material)
    theirs = hmac.new(material, MESSAGE, f"sha{bits}").digest()
    arguments = {"KeyId": key["KeyId"], "MacAlgorithm": f"HMAC_SHA_{bits}", "Message": MESSAGE}
    assert kms.generate_mac(**arguments)["Mac"] == theirs
    assert kms.verify_mac(Mac=theirs, **arguments)["MacValid"] is True


def openssl(*arguments: str, folder) -> str:
    done = subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"openssl {' '.join(arguments)}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.mark.parametrize(
    ("spec", "algorithm", "options"),
    [
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256", ["-sha256"]),
        ("RSA_2048", "RSASSA_PSS_SHA_384", ["-sha384", "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"]),
        ("ECC_NIST_P256", "ECDSA_SHA_256", ["-sha256"]),
        ("ECC_NIST_P384", "ECDSA_SHA_384", ["-sha384"]),
        ("ECC_NIST_P521", "ECDSA_SHA_512", ["-sha512"]),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256", ["-sha256"]),
    ],
)
def test_the_openssl_command_verifies(kms, tmp_path, spec, algorithm, options):
    key = new_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
    (tmp_path / "public.der").write_bytes(kms.get_public_key(KeyId=key["KeyId"])["PublicKey"])
    (tmp_path / "message").write_bytes(MESSAGE)
    (tmp_path / "signature").write_bytes(sign(kms, key, algorithm, MESSAGE))
    verify = ["dgst", *options, "-keyform", "DER", "-verify", "public.der", "-signature", "signature", "message"]
    assert "Verified OK" in openssl(*verify, folder=tmp_path)


def test_the_openssl_command_verifies_ed25519(kms, tmp_path):
    key = new_key(kms, KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")
    (tmp_path / "public.der").write_bytes(kms.get_public_key(KeyId=key["KeyId"])["PublicKey"])
    (tmp_path / "message").write_bytes(MESSAGE)
    (tmp_path / "signature").write_bytes(sign(kms, key, "ED25519_SHA_512", MESSAGE))
    verify = ["-verify", "-pubin", "-keyform", "DER", "-inkey", "public.der", "-rawin", "-in", "message"]
    assert "Verified Successfully" in openssl("pkeyutl", *verify, "-sigfile", "signature", folder=tmp_path)


def test_data_key_pairs_sign_outside(kms):
    key = new_key(kms)
    pair = kms.generate_data_key_pair(KeyId=key["KeyId"], KeyPairSpec="ECC_NIST_P256")
    private = load_der_private_key(pair["PrivateKeyPlaintext"], None)
    signature = private.sign(MESSAGE, ec.ECDSA(hashes.SHA256()))
    load_der_public_key(pair["PublicKey"]).verify(signature, MESSAGE, ec.ECDSA(hashes.SHA256()))
