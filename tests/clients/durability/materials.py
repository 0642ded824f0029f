"""Keys whose bytes the test knows, because it makes and imports them."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from memory import number_windows, windows
from opening import hmac_states
from running import Api

OAEP = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)

STATES = "as hash states"


@dataclass
class Imported:
    """A key whose bytes the test knows."""

    name: str
    spec: str
    usage: str
    material: bytes
    # What must not be found: pieces of the secret parts, by name.
    pieces: dict[str, set[bytes]]
    id: str = ""
    # The token and the wrapped material that the import sent: with a folder and its root key they are the key.
    sent: tuple[str, str] = ("", "")

    def create(self, api: Api, valid_days: int | None = None) -> None:
        arguments = {"KeySpec": self.spec, "KeyUsage": self.usage, "Origin": "EXTERNAL"}
        self.id = api("CreateKey", **arguments)["KeyMetadata"]["KeyId"]
        wrapping = "RSA_AES_KEY_WRAP_SHA_256" if len(self.material) > 64 else "RSAES_OAEP_SHA_256"
        given = api("GetParametersForImport", KeyId=self.id, WrappingAlgorithm=wrapping, WrappingKeySpec="RSA_2048")
        public = serialization.load_der_public_key(base64.b64decode(given["PublicKey"]))
        if wrapping == "RSAES_OAEP_SHA_256":
            wrapped = public.encrypt(self.material, OAEP)
        else:
            between = secrets.token_bytes(32)
            wrapped = public.encrypt(between, OAEP) + aes_key_wrap_with_padding(between, self.material)
        expiry: dict = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
        if valid_days:
            valid_to = datetime.now(UTC) + timedelta(days=valid_days)
            expiry = {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": valid_to.timestamp()}
        blob = base64.b64encode(wrapped).decode()
        token = given["ImportToken"]
        api("ImportKeyMaterial", KeyId=self.id, ImportToken=token, EncryptedKeyMaterial=blob, **expiry)
        self.sent = (token, blob)

    def use(self, api: Api) -> None:
        message = base64.b64encode(b"message").decode()
        if self.usage == "ENCRYPT_DECRYPT":
            made = api("Encrypt", KeyId=self.id, Plaintext=message)
            api("Decrypt", CiphertextBlob=made["CiphertextBlob"])
        elif self.usage == "SIGN_VERIFY":
            api("Sign", KeyId=self.id, Message=message, SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256")
        else:
            api("GenerateMac", KeyId=self.id, Message=message, MacAlgorithm="HMAC_SHA_256")


def known_keys() -> list[Imported]:
    """One key of each kind."""
    symmetric, mac = secrets.token_bytes(32), secrets.token_bytes(32)
    pair = rsa.generate_private_key(65537, 2048)
    numbers = pair.private_numbers()
    encoded = pair.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    private = {
        "RSA primes": number_windows(numbers.p, 128) | number_windows(numbers.q, 128),
        "RSA private exponent": number_windows(numbers.d, 256),
    }
    return [
        Imported("symmetric", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", symmetric, of_mac_key("symmetric", symmetric)),
        Imported("HMAC", "HMAC_256", "GENERATE_VERIFY_MAC", mac, of_mac_key("HMAC", mac)),
        Imported("RSA", "RSA_2048", "SIGN_VERIFY", encoded, private),
    ]


def of_mac_key(name: str, key: bytes) -> dict[str, set[bytes]]:
    """What to look for of a key that HMAC-SHA256 uses: the key, and the hash states that are loaded in its place and
    are worth as much."""
    states = set().union(*(windows(state) for state in hmac_states(key)))
    return {f"{name} key": windows(key), f"{name} key {STATES}": states}
