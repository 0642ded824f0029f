"""Identity providers of the tests: an OpenID Connect issuer behind a TLS server of its own, and a signer of SAML assertions.

Both sign by the standards' text with `cryptography` alone, so that nothing here shares code with what verifies.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import http.server
import json
import ssl
import threading
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SIGNATURE = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
SIGN_IN = "https://signin.aws.amazon.com/saml"


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)


def certificate(name: str, key, issuer=None, issuer_key=None, host: str | None = None, authority: bool = False):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer_name = issuer.subject if issuer else subject
    start, end = now() - datetime.timedelta(days=1), now() + datetime.timedelta(days=30)
    builder = x509.CertificateBuilder(
        issuer_name, subject, key.public_key(), x509.random_serial_number(), start, end
    ).add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
    if host:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    return builder.sign(issuer_key or key, hashes.SHA256())


def pem(cert) -> bytes:
    return cert.public_bytes(serialization.Encoding.PEM)


def url64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Issuer:
    """An OpenID Connect issuer: discovery document, JWKS, and tokens of RS256."""

    HOST = "issuer.garrison.test"

    def __init__(self, folder: Path):
        self.key = rsa.generate_private_key(65537, 2048)
        authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        authority = certificate("authority", authority_key, authority=True)
        server = certificate("server", server_key, authority, authority_key, host=self.HOST)
        self.ca = folder / "authority.pem"
        self.ca.write_bytes(pem(authority))
        chain, private = folder / "server.pem", folder / "server.key"
        chain.write_bytes(pem(server) + pem(authority))
        private.write_bytes(
            server_key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.thumbprint = hashlib.sha1(authority.public_bytes(serialization.Encoding.DER)).hexdigest()
        self.asked: list[str] = []
        issuer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.asked.append(self.path)
                document = issuer.documents().get(self.path)
                body = json.dumps(document).encode()
                self.send_response(200 if document else 404)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, private)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"https://{self.HOST}"

    @property
    def setting(self) -> str:
        """What `--sts-issuers` says of it."""
        return f"{self.HOST}=127.0.0.1:{self.server.server_address[1]}={self.ca}"

    def documents(self) -> dict:
        numbers = self.key.public_key().public_numbers()
        size = (numbers.n.bit_length() + 7) // 8
        key = {
            "kty": "RSA", "kid": "one", "use": "sig", "alg": "RS256",
            "n": url64(numbers.n.to_bytes(size, "big")), "e": url64(numbers.e.to_bytes(3, "big")),
        }
        return {
            "/.well-known/openid-configuration": {"issuer": self.url, "jwks_uri": f"{self.url}/keys"},
            "/keys": {"keys": [key]},
        }

    def token(self, **claims) -> str:
        at = int(now().timestamp())
        body = {"iss": self.url, "aud": "app", "sub": "repo:main", "iat": at, "exp": at + 300, **claims}
        parts = [url64(json.dumps(part).encode()) for part in ({"alg": "RS256", "kid": "one", "typ": "JWT"}, body)]
        signed = ".".join(parts)
        return f"{signed}.{url64(self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def stop(self) -> None:
        self.server.shutdown()


class SamlProvider:
    """A SAML identity provider. What it writes is in exclusive canonical form already."""

    ENTITY = "https://idp.garrison.test/metadata"

    def __init__(self):
        self.key = rsa.generate_private_key(65537, 2048)
        self.certificate = certificate("idp", self.key)

    @property
    def metadata(self) -> str:
        der = base64.b64encode(self.certificate.public_bytes(serialization.Encoding.DER)).decode()
        return (
            f'<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{self.ENTITY}"><IDPSSODescriptor '
            'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">'
            f'<KeyInfo xmlns="{SIGNATURE}"><X509Data><X509Certificate>{der}</X509Certificate></X509Data></KeyInfo>'
            '</KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" '
            'Location="https://idp.garrison.test/sso"></SingleSignOnService></IDPSSODescriptor></EntityDescriptor>'
        )

    def response(self, attributes: dict[str, list[str]], subject: str = "alice") -> str:
        """A response with a signed assertion, in base64."""
        time = lambda seconds: (now() + datetime.timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")  # noqa: E731
        listed = "".join(
            f'<Attribute Name="{name}">' + "".join(f"<AttributeValue>{v}</AttributeValue>" for v in values) + "</Attribute>"
            for name, values in attributes.items()
        )
        head = f'<Assertion xmlns="{SAML}" ID="_a" IssueInstant="{time(0)}" Version="2.0"><Issuer>{self.ENTITY}</Issuer>'
        tail = (
            f'<Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">{subject}</NameID>'
            '<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData '
            f'NotOnOrAfter="{time(300)}" Recipient="{SIGN_IN}"></SubjectConfirmationData></SubjectConfirmation></Subject>'
            f'<Conditions NotBefore="{time(-60)}" NotOnOrAfter="{time(300)}"><AudienceRestriction><Audience>{SIGN_IN}</Audience>'
            f"</AudienceRestriction></Conditions><AttributeStatement>{listed}</AttributeStatement></Assertion>"
        )
        digest = base64.b64encode(hashlib.sha256((head + tail).encode()).digest()).decode()
        info = (
            f'<CanonicalizationMethod Algorithm="{EXCLUSIVE}"></CanonicalizationMethod><SignatureMethod '
            'Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></SignatureMethod><Reference URI="#_a"><Transforms>'
            f'<Transform Algorithm="{SIGNATURE}enveloped-signature"></Transform><Transform Algorithm="{EXCLUSIVE}"></Transform>'
            '</Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></DigestMethod>'
            f"<DigestValue>{digest}</DigestValue></Reference></SignedInfo>"
        )
        signed = f'<SignedInfo xmlns="{SIGNATURE}">{info}'
        value = base64.b64encode(self.key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())).decode()
        signature = f'<Signature xmlns="{SIGNATURE}"><SignedInfo>{info}<SignatureValue>{value}</SignatureValue></Signature>'
        response = (
            f'<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0" IssueInstant="{time(0)}">'
            '<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>'
            f"{head}{signature}{tail}</samlp:Response>"
        )
        return base64.b64encode(response.encode()).decode()
