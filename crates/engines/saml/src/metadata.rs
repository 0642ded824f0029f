//! A provider's metadata.

use garrison_types::Timestamp;

use crate::key::PublicKey;
use crate::names::{METADATA, SIGNATURE};
use crate::xml::{Document, ElementId};
use crate::{SamlError, base64, time};

/// The most certificates of a provider. Source: IAM User Guide, "IAM and AWS STS quotas": ten keys per SAML provider.
const MAX_CERTIFICATES: usize = 10;

const fn wrong(what: &'static str) -> SamlError {
    SamlError::Document(what)
}

/// What a provider's metadata document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The provider's name for itself: the issuer of its responses.
    pub entity_id: String,
    /// Until when the document holds, when it says so: the earliest `validUntil` of the entity, of its role and of the
    /// document itself.
    pub valid_until: Option<Timestamp>,
    pub(crate) keys: Vec<PublicKey>,
}

impl Metadata {
    /// Reads a metadata document: one `EntityDescriptor`, by itself or alone in an `EntitiesDescriptor`, with one
    /// `IDPSSODescriptor`. Signing keys of other kinds than RSA and the NIST curves are left out.
    ///
    /// # Errors
    /// It is no such document, has a certificate that cannot be read or more than ten, or none with a key that is taken.
    pub fn parse(text: &str) -> Result<Self, SamlError> {
        let document = Document::parse(text)?;
        let root = document.root().ok_or(wrong("it is empty"))?;
        let entity = if document.is(root, METADATA, "EntitiesDescriptor") {
            document.only(root, METADATA, "EntityDescriptor")
        } else {
            Some(root).filter(|root| document.is(*root, METADATA, "EntityDescriptor"))
        };
        let entity = entity.ok_or(wrong("it has not exactly one EntityDescriptor"))?;
        let entity_id = document.attribute(entity, "entityID").filter(|id| !id.is_empty());
        let provider = document.only(entity, METADATA, "IDPSSODescriptor");
        let provider = provider.ok_or(wrong("it has not exactly one IDPSSODescriptor"))?;
        let mut valid_until = None;
        for element in [root, entity, provider] {
            let Some(text) = document.attribute(element, "validUntil") else { continue };
            let until = time(text).ok_or(wrong("validUntil is no time"))?;
            valid_until = Some(valid_until.map_or(until, |known: Timestamp| known.min(until)));
        }
        Ok(Self {
            entity_id: entity_id.ok_or(wrong("entityID is missing"))?.to_owned(),
            valid_until,
            keys: keys(&document, provider)?,
        })
    }
}

/// The keys that a provider signs with.
fn keys(document: &Document, provider: ElementId) -> Result<Vec<PublicKey>, SamlError> {
    let within = |name| move |id| document.named(id, SIGNATURE, name);
    let certificates = document
        .named(provider, METADATA, "KeyDescriptor")
        .filter(|key| document.attribute(*key, "use").is_none_or(|purpose| purpose == "signing"))
        .flat_map(within("KeyInfo"))
        .flat_map(within("X509Data"))
        .flat_map(within("X509Certificate"));
    let mut keys = Vec::new();
    for (number, certificate) in certificates.enumerate() {
        if number == MAX_CERTIFICATES {
            return Err(wrong("it has too many certificates"));
        }
        let der = document.text(certificate).and_then(|text| base64(&text));
        let key = der.map(|der| PublicKey::of_certificate(&der)).transpose()?;
        keys.extend(key.ok_or(wrong("a certificate is no base64"))?);
    }
    if keys.is_empty() { Err(wrong("it has no signing certificate")) } else { Ok(keys) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = include_str!("../testdata/metadata-rsa.xml");
    const NAMESPACE: &str = "xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\"";

    fn changed(from: &str, to: &str) -> Result<Metadata, SamlError> {
        assert!(SAMPLE.contains(from), "{from}");
        Metadata::parse(&SAMPLE.replace(from, to))
    }

    fn key_descriptor() -> &'static str {
        let (_, rest) = SAMPLE.split_once("<md:KeyDescriptor use=\"signing\">").unwrap();
        rest.split_once("</md:KeyDescriptor>").unwrap().0
    }

    #[test]
    fn metadata_is_read() {
        let plain = Metadata::parse(SAMPLE).unwrap();
        assert_eq!(plain.entity_id, "https://idp.example/metadata");
        assert_eq!((plain.valid_until, plain.keys.len()), (None, 1));
        assert_eq!(changed(" use=\"signing\"", "").as_ref(), Ok(&plain), "a key for everything signs too");
        assert_eq!(changed("</ds:X509Certificate>", "&#13;</ds:X509Certificate>").as_ref(), Ok(&plain));
        let other = format!("</md:KeyDescriptor><md:KeyDescriptor>{}</md:KeyDescriptor>", key_descriptor());
        assert_eq!(changed("</md:KeyDescriptor>", &other).unwrap().keys.len(), 2);
        let (declaration, entity) = SAMPLE.split_once("?>").unwrap();
        let wrapped =
            format!("{declaration}?><md:EntitiesDescriptor {NAMESPACE}>{entity}</md:EntitiesDescriptor>");
        assert_eq!(Metadata::parse(&wrapped), Ok(plain));
    }

    #[test]
    fn the_earliest_end_counts() {
        let entity = " validUntil=\"2027-01-15T10:00:00.5+02:00\" entityID=";
        let noon = Timestamp::from_seconds(1_800_000_000);
        let dated = changed(" entityID=", entity).unwrap();
        assert_eq!(dated.valid_until.map(Timestamp::truncated_to_seconds), Some(noon));
        let text = SAMPLE.replace(" entityID=", entity);
        for (until, expected) in
            [("2027-01-15T07:59:59Z", 1_799_999_999), ("2030-01-15T08:00:00Z", 1_800_000_000)]
        {
            let role =
                text.replace("<md:IDPSSODescriptor", &format!("<md:IDPSSODescriptor validUntil=\"{until}\""));
            let dated = Metadata::parse(&role).unwrap().valid_until.unwrap();
            assert_eq!(dated.truncated_to_seconds(), Timestamp::from_seconds(expected));
        }
    }

    #[test]
    fn other_documents_are_refused() {
        let twice = format!("</md:KeyDescriptor><md:KeyDescriptor>{}</md:KeyDescriptor>", key_descriptor());
        for (from, to) in [
            ("EntityDescriptor", "EntitiesDescriptor"),
            ("EntityDescriptor", "Descriptor"),
            ("IDPSSODescriptor", "SPSSODescriptor"),
            ("urn:oasis:names:tc:SAML:2.0:metadata", "urn:other"),
            ("entityID=\"https://idp.example/metadata\"", ""),
            ("https://idp.example/metadata", ""),
            ("use=\"signing\"", "use=\"encryption\""),
            ("</md:EntityDescriptor>", ""),
            ("</md:EntityDescriptor>", "</md:Other>"),
            ("<ds:X509Certificate>", "<ds:X509Certificate>QUJD"),
            ("<ds:X509Certificate>", "<ds:X509Certificate>!"),
            ("<ds:X509Certificate>", "<ds:X509Certificate><a/>"),
            ("MII", "AAA"),
            (" entityID=", " validUntil=\"soon\" entityID="),
            (" entityID=", " validUntil=\"2027-13-01T00:00:00Z\" entityID="),
            ("</md:IDPSSODescriptor>", "</md:IDPSSODescriptor><md:IDPSSODescriptor/>"),
            ("</md:KeyDescriptor>", &twice.repeat(10)),
        ] {
            assert!(changed(from, to).is_err(), "{from} -> {to}");
        }
    }
}
