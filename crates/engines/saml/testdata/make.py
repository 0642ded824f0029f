"""Makes the samples of this folder with the independent implementation `signxml` (pip install signxml).

Each run makes new keys, so that all samples change together: `python3 make.py`, in this folder.
"""

import base64
import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import DigestAlgorithm, SignatureMethod, XMLSigner, methods

HERE = pathlib.Path(__file__).parent
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"

RESPONSE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:unused="urn:unused" ID="_r1" Version="2.0"
  IssueInstant="2027-01-15T08:00:00Z" Destination="https://signin.aws.amazon.com/saml">
  <saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://idp.example/metadata</saml:Issuer>{response_signature}
  <samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
  <Assertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion" xmlns:xs="http://www.w3.org/2001/XMLSchema"
    ID="_a1" Version="2.0" IssueInstant="2027-01-15T08:00:00.123Z"><Issuer>https://idp.example/metadata</Issuer>{assertion_signature}
    <Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent" NameQualifier="q">alice<!-- a comment -->@example.com</NameID>
      <SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData
        NotOnOrAfter="2027-01-15T08:05:00Z" Recipient="https://signin.aws.amazon.com/saml"/></SubjectConfirmation></Subject>
    <Conditions NotBefore="2027-01-15T07:59:00Z" NotOnOrAfter="2027-01-15T08:05:00Z"><AudienceRestriction>
      <Audience>urn:amazon:webservices</Audience></AudienceRestriction></Conditions>
    <AuthnStatement AuthnInstant="2027-01-15T08:00:00Z" SessionNotOnOrAfter="2027-01-15T18:00:00+01:00"/>
    <AttributeStatement>
      <Attribute Name="https://aws.amazon.com/SAML/Attributes/RoleSessionName"><AttributeValue
        xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">alice &amp; &#x22;co&quot;&#xE9;</AttributeValue></Attribute>
      <Attribute Name="groups"><AttributeValue>a</AttributeValue><AttributeValue>b</AttributeValue></Attribute>
    </AttributeStatement></Assertion>
</samlp:Response>
"""
PLACEHOLDER = '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="placeholder"></ds:Signature>'


def certificate(key):
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    start = datetime.datetime(2026, 1, 1)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, start, start + datetime.timedelta(days=36500))
    return builder.sign(key, hashes.SHA256())


def metadata(cert):
    der = base64.encodebytes(cert.public_bytes(serialization.Encoding.DER)).decode()
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/metadata">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>
{der}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
"""


def response(key, cert, what, method, digest):
    text = RESPONSE.format(
        response_signature=PLACEHOLDER if what == "response" else "",
        assertion_signature=PLACEHOLDER if what == "assertion" else "",
    )
    root = etree.fromstring(text.encode())
    signer = XMLSigner(methods.enveloped, method, digest, EXCLUSIVE)
    target = root
    if what == "assertion":
        target = root.find("{urn:oasis:names:tc:SAML:2.0:assertion}Assertion")
    reference = "_a1" if what == "assertion" else "_r1"
    pem = cert.public_bytes(serialization.Encoding.PEM)
    signed = signer.sign(target, key=key, cert=pem, reference_uri=reference, id_attribute="ID")
    if what == "assertion":
        root.replace(target, signed)
        signed = root
    return etree.tostring(signed).decode()


def main():
    keys = {
        "rsa": rsa.generate_private_key(65537, 2048),
        "p256": ec.generate_private_key(ec.SECP256R1()),
        "p384": ec.generate_private_key(ec.SECP384R1()),
    }
    certs = {name: certificate(key) for name, key in keys.items()}
    for name, cert in certs.items():
        (HERE / f"metadata-{name}.xml").write_text(metadata(cert))
    samples = [
        ("rsa", "assertion", SignatureMethod.RSA_SHA256, DigestAlgorithm.SHA256),
        ("rsa", "response", SignatureMethod.RSA_SHA512, DigestAlgorithm.SHA384),
        ("p256", "assertion", SignatureMethod.ECDSA_SHA256, DigestAlgorithm.SHA256),
        ("p384", "response", SignatureMethod.ECDSA_SHA384, DigestAlgorithm.SHA512),
    ]
    for name, what, method, digest in samples:
        (HERE / f"{what}-{name}.xml").write_text(response(keys[name], certs[name], what, method, digest))


main()
