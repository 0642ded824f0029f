"""Makes `response.xml` and `metadata.xml` with `signxml`: an assertion for AWS as an identity provider makes it.

`python3 make.py` in this folder (pip install signxml); each run makes a new key.
"""

import base64
import datetime
import pathlib

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import DigestAlgorithm, SignatureMethod, XMLSigner, methods

HERE = pathlib.Path(__file__).parent
SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
AWS = "https://aws.amazon.com/SAML/Attributes/"
PROVIDER = "arn:aws:iam::111122223333:saml-provider/Idp"
ROLES = ["Admin", "Tagless", "Nameless", "Absent"]
ATTRIBUTES = {
    f"{AWS}Role": [f"arn:aws:iam::111122223333:role/{role},{PROVIDER}" for role in ROLES],
    f"{AWS}RoleSessionName": ["alice@example.com"],
    f"{AWS}SessionDuration": ["7200"],
    f"{AWS}SourceIdentity": ["alice"],
    f"{AWS}PrincipalTag:team": ["x"],
    f"{AWS}TransitiveTagKeys": ["team"],
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["staff", "member"],
}


def main():
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    start = datetime.datetime(2026, 1, 1)
    end = start + datetime.timedelta(days=36500)
    cert = x509.CertificateBuilder(name, name, key.public_key(), 1, start, end).sign(key, hashes.SHA256())
    der = base64.b64encode(cert.public_bytes(serialization.Encoding.DER)).decode()
    (HERE / "metadata.xml").write_text(
        '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/metadata">'
        '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">'
        '<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>'
        f"{der}</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>\n"
    )
    attributes = "".join(
        f'<Attribute Name="{name}">' + "".join(f"<AttributeValue>{value}</AttributeValue>" for value in values) + "</Attribute>"
        for name, values in ATTRIBUTES.items()
    )
    sign_in = "https://signin.aws.amazon.com/saml"
    root = etree.fromstring(
        f"""<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_r" Version="2.0"
  IssueInstant="2027-01-15T08:00:00Z" Destination="{sign_in}"><Issuer xmlns="{SAML}">https://idp.example/metadata</Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>
<Assertion xmlns="{SAML}" ID="_a" Version="2.0" IssueInstant="2027-01-15T08:00:00Z"><Issuer>https://idp.example/metadata</Issuer>
<Subject><NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">alice</NameID>
<SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><SubjectConfirmationData
NotOnOrAfter="2027-01-15T09:00:00Z" Recipient="{sign_in}"/></SubjectConfirmation></Subject>
<Conditions NotBefore="2027-01-15T07:59:00Z" NotOnOrAfter="2027-01-15T09:00:00Z"><AudienceRestriction>
<Audience>urn:amazon:webservices</Audience></AudienceRestriction></Conditions>
<AuthnStatement AuthnInstant="2027-01-15T08:00:00Z" SessionNotOnOrAfter="2027-01-15T18:00:00Z"/>
<AttributeStatement>{attributes}</AttributeStatement></Assertion></samlp:Response>"""
    )
    signer = XMLSigner(
        methods.enveloped, SignatureMethod.ECDSA_SHA256, DigestAlgorithm.SHA256, "http://www.w3.org/2001/10/xml-exc-c14n#"
    )
    assertion = root.find(f"{{{SAML}}}Assertion")
    pem = cert.public_bytes(serialization.Encoding.PEM)
    root.replace(assertion, signer.sign(assertion, key=key, cert=pem, reference_uri="_a", id_attribute="ID"))
    (HERE / "response.xml").write_text(etree.tostring(root).decode())


main()
