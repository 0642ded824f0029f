"""Encrypts the assertion of a response as identity providers do, with the independent implementation `xmlsec1`.

`python3 encrypt.py RESPONSE CIPHER OUTPUT`, for example `assertion-rsa.xml aes256-gcm encrypted-aes256-gcm.xml`. The key is
`decryption-key.der` next to this file; one is made when there is none.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

KEY = pathlib.Path(__file__).parent / "decryption-key.der"
TEMPLATE = """<xenc:EncryptedData xmlns:xenc="http://www.w3.org/2001/04/xmlenc#" Type="http://www.w3.org/2001/04/xmlenc#Element">
<xenc:EncryptionMethod Algorithm="{algorithm}"/>
<ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><xenc:EncryptedKey>
<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"><ds:DigestMethod
  Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/></xenc:EncryptionMethod>
<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo>
<xenc:CipherData><xenc:CipherValue/></xenc:CipherData></xenc:EncryptedData>
"""


def main():
    response, cipher, output = sys.argv[1:]
    if not KEY.exists():
        subprocess.run(["openssl", "genpkey", "-algorithm", "RSA", "-outform", "DER", "-out", KEY], check=True)
    standard = "2009/xmlenc11#" if cipher.endswith("gcm") else "2001/04/xmlenc#"
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "template.xml").write_text(TEMPLATE.format(algorithm=f"http://www.w3.org/{standard}{cipher}"))
        subprocess.run(["openssl", "pkey", "-inform", "DER", "-in", KEY, "-pubout", "-out", folder / "public.pem"], check=True)
        command = ["xmlsec1", "--encrypt", "--pubkey-pem", folder / "public.pem", "--session-key", f"aes-{cipher[3:6]}"]
        command += ["--node-name", "urn:oasis:names:tc:SAML:2.0:assertion:Assertion", "--xml-data", response]
        made = subprocess.run([*command, folder / "template.xml"], check=True, capture_output=True, text=True).stdout
    around = '<EncryptedAssertion xmlns="urn:oasis:names:tc:SAML:2.0:assertion">'
    made = re.sub("(<xenc:EncryptedData.*</xenc:EncryptedData>)", rf"{around}\1</EncryptedAssertion>", made, flags=re.S)
    pathlib.Path(output).write_text(made)


main()
