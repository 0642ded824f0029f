"""No secret is in any log at any level."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from conftest import Server
from support import error_of, new_key
from wrapping import import_material, pkcs8

PLANTED = b"planted-plaintext-" + bytes(range(97, 123))
MATERIAL = b"planted-key-material-32-bytes-ok"


@pytest.mark.parametrize("form", ["human", "json"])
def test_planted_secrets(tmp_path, form):
    data = tmp_path / "data"
    server = Server(tmp_path, "--no-tls", "--data-dir", str(data), "--log-filter", "trace", "--log-format", form).start()
    text = server.log.read_text()
    words = {line.split("=", 1)[0].split()[-1]: line.split("=", 1)[1] for line in text.splitlines() if line.startswith("export")}
    key_id, secret_key = words["AWS_ACCESS_KEY_ID"], words["AWS_SECRET_ACCESS_KEY"]
    # What was printed for the operator is not log.
    printed = len(text)
    kms = server.client("kms", key_id, secret=secret_key)
    key = new_key(kms)["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=PLANTED, EncryptionContext={"a": "b"})["CiphertextBlob"]
    kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})
    data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256")["Plaintext"]
    pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")["PrivateKeyPlaintext"]
    random = kms.generate_random(NumberOfBytes=32)["Plaintext"]
    import_material(kms, new_key(kms, Origin="EXTERNAL")["KeyId"], MATERIAL)
    private = pkcs8(ec.generate_private_key(ec.SECP256R1()))
    imported = new_key(kms, Origin="EXTERNAL", KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    import_material(kms, imported, private, "RSA_AES_KEY_WRAP_SHA_256")
    grant = kms.create_grant(KeyId=key, GranteePrincipal="arn:aws:iam::111122223333:root", Operations=["Decrypt"])
    error_of(kms.encrypt, KeyId="alias/none", Plaintext=PLANTED)
    error_of(kms.decrypt, CiphertextBlob=blob)
    error_of(kms.encrypt, KeyId=key, Plaintext=PLANTED, GrantTokens=[grant["GrantToken"][:-2]])
    assert server.stop() == 0
    log = server.log.read_bytes()[printed:]
    assert b"InvalidGrantTokenException" in log, "the most verbose level says nothing of a refusal"
    secrets = [PLANTED, MATERIAL, data_key, pair, private, random, secret_key.encode(), grant["GrantToken"].encode()]
    root_key = next(tmp_path.glob("*.root-key")).read_bytes().strip()
    for secret in [*secrets, root_key]:
        listed = ", ".join(str(byte) for byte in secret[:16])
        for shown in (secret, secret.hex().encode(), base64.b64encode(secret).rstrip(b"="), listed.encode()):
            assert shown not in log, f"{shown[:12]!r}…"
