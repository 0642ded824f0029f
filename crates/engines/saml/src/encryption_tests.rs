//! Assertions that another implementation encrypted (`testdata/encrypt.py`), and every algorithm with ciphertexts made here.

use std::sync::LazyLock;

use aws_lc_rs::aead::Aad;
use aws_lc_rs::cipher::{EncryptingKey, EncryptionContext};
use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeySize, OaepPublicEncryptingKey};

use super::*;
use crate::{Assertion, Metadata};

const RESPONSE: &str = include_str!("../testdata/assertion-rsa.xml");
const WHOLE: &str = include_str!("../testdata/response-rsa.xml");
const METADATA: &str = include_str!("../testdata/metadata-rsa.xml");
const SAMPLE_KEY: &[u8] = include_bytes!("../testdata/decryption-key.der");
const SAMPLES: [&str; 2] = [
    include_str!("../testdata/encrypted-aes128-gcm.xml"),
    include_str!("../testdata/encrypted-aes256-cbc.xml"),
];

static OTHER_KEY: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let key = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
    let der: Pkcs8V1Der<'_> = key.as_der().unwrap();
    der.as_ref().to_vec()
});

fn verified(response: &str, keys: &[&[u8]]) -> Result<Assertion, SamlError> {
    let encryption = Encryption { private_keys: keys.to_vec(), required: true };
    Assertion::verified(response, &Metadata::parse(METADATA).unwrap(), &encryption)
}

/// What the sample says when it is not encrypted.
fn expected() -> Assertion {
    Assertion::verified(RESPONSE, &Metadata::parse(METADATA).unwrap(), &Encryption::default()).unwrap()
}

/// What stands before the assertion of a response, the assertion, and what stands behind it.
fn cut(response: &str) -> (&str, &str, &str) {
    let (before, rest) = response.split_at(response.find("<Assertion ").unwrap());
    let (assertion, after) = rest.split_at(rest.find("</Assertion>").unwrap() + "</Assertion>".len());
    (before, assertion, after)
}

/// The algorithms of a ciphertext by the ends of their URIs, with what makes it.
struct Maker {
    content: (&'static str, Content),
    transport: (&'static str, &'static str, &'static str, &'static OaepAlgorithm),
}

const CONTENTS: [(&str, Content); 6] = [
    ("2001/04/xmlenc#aes128-cbc", Content::Cbc(&AES_128)),
    ("2001/04/xmlenc#aes192-cbc", Content::Cbc(&AES_192)),
    ("2001/04/xmlenc#aes256-cbc", Content::Cbc(&AES_256)),
    ("2009/xmlenc11#aes128-gcm", Content::Gcm(&AES_128_GCM)),
    ("2009/xmlenc11#aes192-gcm", Content::Gcm(&AES_192_GCM)),
    ("2009/xmlenc11#aes256-gcm", Content::Gcm(&AES_256_GCM)),
];
const TRANSPORTS: [(&str, &str, &str, &OaepAlgorithm); 6] = [
    ("2001/04/xmlenc#rsa-oaep-mgf1p", "", "", &OAEP_SHA1_MGF1SHA1),
    ("2009/xmlenc11#rsa-oaep", "2000/09/xmldsig#sha1", "", &OAEP_SHA1_MGF1SHA1),
    ("2009/xmlenc11#rsa-oaep", "", "mgf1sha1", &OAEP_SHA1_MGF1SHA1),
    ("2009/xmlenc11#rsa-oaep", "2001/04/xmlenc#sha256", "mgf1sha256", &OAEP_SHA256_MGF1SHA256),
    ("2009/xmlenc11#rsa-oaep", "2001/04/xmldsig-more#sha384", "mgf1sha384", &OAEP_SHA384_MGF1SHA384),
    ("2009/xmlenc11#rsa-oaep", "2001/04/xmlenc#sha512", "mgf1sha512", &OAEP_SHA512_MGF1SHA512),
];
const DEFAULT: Maker = Maker { content: CONTENTS[5], transport: TRANSPORTS[3] };

impl Maker {
    /// The element `EncryptedData`, and `EncryptedKey`, which stands next to it.
    fn encrypt(&self, text: &[u8]) -> String {
        let key = [7; 32];
        let (content, key) = match self.content.1 {
            Content::Gcm(algorithm) => {
                let key = &key[..algorithm.key_len()];
                let sealing = LessSafeKey::new(UnboundKey::new(algorithm, key).unwrap());
                let mut sealed = text.to_vec();
                let nonce = Nonce::assume_unique_for_key([3; NONCE]);
                sealing.seal_in_place_append_tag(nonce, Aad::empty(), &mut sealed).unwrap();
                ([&[3; NONCE][..], &sealed].concat(), key)
            }
            Content::Cbc(algorithm) => {
                let key =
                    &key[..[16, 24, 32][CONTENTS.iter().position(|own| own.0 == self.content.0).unwrap()]];
                let padding = BLOCK - text.len() % BLOCK;
                let mut padded = [text, &vec![0xaa; padding]].concat();
                *padded.last_mut().unwrap() = u8::try_from(padding).unwrap();
                let sealing = EncryptingKey::cbc(UnboundCipherKey::new(algorithm, key).unwrap()).unwrap();
                let context = EncryptionContext::Iv128(FixedLength::from([3; BLOCK]));
                sealing.less_safe_encrypt(&mut padded, context).unwrap();
                ([&[3; BLOCK][..], &padded].concat(), key)
            }
        };
        let (algorithm, digest, mask, by) = self.transport;
        let public = PrivateDecryptingKey::from_pkcs8(&OTHER_KEY).unwrap().public_key();
        let public = OaepPublicEncryptingKey::new(public).unwrap();
        let mut wrapped = vec![0; public.ciphertext_size()];
        public.encrypt(by, key, &mut wrapped, None).unwrap();
        let method = |name: &str, uri: &str| match uri {
            "" => String::new(),
            uri => format!("<{name} Algorithm=\"http://www.w3.org/{uri}\"/>"),
        };
        let mask = if mask.is_empty() { String::new() } else { format!("2009/xmlenc11#{mask}") };
        let value = |bytes: &[u8]| {
            let text = base64_simd::STANDARD.encode_to_string(bytes);
            format!("<x:CipherData><x:CipherValue>{text}</x:CipherValue></x:CipherData>")
        };
        format!(
            "<x:EncryptedData xmlns:x=\"{ENCRYPTION}\">{}{}</x:EncryptedData>\
             <x:EncryptedKey xmlns:x=\"{ENCRYPTION}\" xmlns:y=\"{ENCRYPTION_11}\" xmlns:ds=\"{SIGNATURE}\">\
             <x:EncryptionMethod Algorithm=\"http://www.w3.org/{algorithm}\">{}{}</x:EncryptionMethod>{}</x:EncryptedKey>",
            method("x:EncryptionMethod", self.content.0),
            value(&content),
            method("ds:DigestMethod", digest),
            method("y:MGF", &mask),
            value(&wrapped),
        )
    }

    /// A response whose assertion is encrypted.
    fn response(&self, response: &str) -> String {
        let (before, assertion, after) = cut(response);
        let encrypted = self.encrypt(assertion.as_bytes());
        format!(
            "{before}<saml:EncryptedAssertion xmlns:saml=\"urn:oasis:names:tc:SAML:2.0:assertion\">{encrypted}</saml:EncryptedAssertion>{after}"
        )
    }
}

#[test]
fn what_another_implementation_encrypted_is_read() {
    for sample in SAMPLES {
        assert_eq!(verified(sample, &[SAMPLE_KEY]), Ok(expected()));
        assert_eq!(verified(sample, &[&OTHER_KEY, SAMPLE_KEY]), Ok(expected()), "keys are tried in turn");
        assert_eq!(verified(sample, &[&OTHER_KEY]), Err(SamlError::Decryption));
        assert_eq!(verified(sample, &[b"no key"]), Err(SamlError::Decryption));
        assert!(matches!(verified(sample, &[]), Err(SamlError::Unsupported(_))));
    }
}

#[test]
fn every_algorithm_is_taken() {
    for transport in TRANSPORTS {
        for content in CONTENTS {
            let made = Maker { content, transport }.response(RESPONSE);
            assert_eq!(verified(&made, &[&OTHER_KEY]), Ok(expected()), "{} {}", content.0, transport.0);
        }
    }
}

#[test]
fn other_algorithms_are_refused() {
    let made = DEFAULT.response(RESPONSE);
    for (from, to) in [
        ("2009/xmlenc11#aes256-gcm", "2001/04/xmlenc#tripledes-cbc"),
        ("2009/xmlenc11#rsa-oaep", "2001/04/xmlenc#rsa-1_5"),
        ("2001/04/xmlenc#sha256", "2001/04/xmlenc#sha512"),
        ("mgf1sha256", "mgf1sha1"),
        ("<y:MGF", "<x:OAEPparams>QQ==</x:OAEPparams><y:MGF"),
        ("<x:EncryptedData ", "<x:EncryptedData Type=\"http://www.w3.org/2001/04/xmlenc#Content\" "),
    ] {
        assert!(made.contains(from), "{from}");
        let refused = verified(&made.replace(from, to), &[&OTHER_KEY]);
        assert!(matches!(refused, Err(SamlError::Unsupported(_))), "{from} -> {to}: {refused:?}");
    }
    let (before, keys) = made.split_once("<x:EncryptedKey").unwrap();
    let (key, after) = keys.split_once("</x:EncryptedKey>").unwrap();
    let for_another = format!("<x:EncryptedKey{key}</x:EncryptedKey>").replace("rsa-oaep\"", "rsa-1_5\"");
    let both = format!("{before}{for_another}<x:EncryptedKey{key}</x:EncryptedKey>{after}");
    assert_eq!(verified(&both, &[&OTHER_KEY]), Ok(expected()), "a key for somebody else");
    let many = format!("<x:EncryptedKey{key}</x:EncryptedKey>").repeat(MAX_KEYS + 1);
    assert!(matches!(
        verified(&format!("{before}{many}{after}"), &[&OTHER_KEY]),
        Err(SamlError::Unsupported(_))
    ));
}

#[test]
fn a_signature_over_the_whole_response_covers_what_is_encrypted() {
    // It is over the assertion as it was before: encrypted afterwards, it counts no more.
    assert_eq!(verified(&DEFAULT.response(WHOLE), &[&OTHER_KEY]), Err(SamlError::Decryption));
}

#[test]
fn one_answer_for_everything_that_decryption_can_fail_with() {
    let wrong = |text: &[u8], content| {
        let encrypted = Maker { content, ..DEFAULT }.encrypt(text);
        let (before, rest) = SAMPLES[0].split_once("<xenc:EncryptedData").unwrap();
        let (_, after) = rest.split_once("</xenc:EncryptedData>").unwrap();
        verified(&format!("{before}{encrypted}{after}"), &[&OTHER_KEY])
    };
    let (_, assertion, _) = cut(RESPONSE);
    for content in CONTENTS {
        assert_eq!(wrong(assertion.as_bytes(), content), Ok(expected()));
        for text in [
            &b""[..],
            b"\xff",
            b"<a",
            b"<a/>",
            b"</in><in>",
            assertion.replace(">alice<", ">admin<").replace("alice<!--", "admin<!--").as_bytes(),
            assertion.repeat(2).as_bytes(),
        ] {
            assert_eq!(wrong(text, content), Err(SamlError::Decryption));
        }
    }
    for sample in SAMPLES {
        // The last ciphertext is the assertion's: of CBC, a changed byte in it shows in the signature alone.
        let mut altered = sample.as_bytes().to_vec();
        let byte = &mut altered[sample.rfind("</xenc:CipherValue>").unwrap() - 200];
        *byte = if *byte == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        assert_eq!(verified(&altered, &[SAMPLE_KEY]), Err(SamlError::Decryption));
        let short = sample.replace("</xenc:CipherValue>", "QQ==</xenc:CipherValue>");
        assert_eq!(verified(&short, &[SAMPLE_KEY]), Err(SamlError::Decryption));
    }
}

#[test]
fn assertions_that_must_be_encrypted_are_refused_in_the_clear() {
    let refused = verified(RESPONSE, &[SAMPLE_KEY]);
    assert_eq!(refused, Err(SamlError::Document("its assertion is not encrypted")));
    let both = SAMPLES[0].replace(
        "<EncryptedAssertion",
        "<Assertion xmlns=\"urn:oasis:names:tc:SAML:2.0:assertion\"/><EncryptedAssertion",
    );
    assert_eq!(verified(&both, &[SAMPLE_KEY]), Err(SamlError::Document("it has not exactly one assertion")));
}

/// The namespaces of the response hold in what is decrypted.
#[test]
fn namespaces_come_from_around() {
    let outer =
        Document::parse("<a xmlns:p=\"urn:1\" xmlns=\"urn:d&amp;\"><b xmlns:p=\"urn:2\"><c/></b></a>")
            .unwrap();
    let b = outer.children(outer.root().unwrap()).next().unwrap();
    let inner = Document::parse_in("<p:x/><y/>", &outer, b).unwrap();
    let root = inner.root().unwrap();
    assert!(inner.only(root, "urn:2", "x").is_some() && inner.only(root, "urn:d&", "y").is_some());
}
