//! A provider's metadata.

use crate::key::PublicKey;
use crate::names::{METADATA, SIGNATURE};
use crate::xml::{Document, ElementId};
use crate::{SamlError, base64};

/// The most certificates of a provider.
const MAX_CERTIFICATES: usize = 20;

/// What a provider's metadata document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// The provider's name for itself: the issuer of its responses.
    pub entity_id: String,
    pub(crate) keys: Vec<PublicKey>,
}

impl Metadata {
    /// Reads a metadata document with one `EntityDescriptor`. Certificates that cannot be read, or whose keys are of other
    /// kinds than RSA and the NIST curves, are left out.
    ///
    /// # Errors
    /// It is no such document, or has no certificate that signs.
    pub fn parse(text: &str) -> Result<Self, SamlError> {
        let document = Document::parse(text)?;
        let wrong = SamlError::Document;
        let root = document.root().ok_or(wrong("it is empty"))?;
        let entity = if document.is(root, METADATA, "EntityDescriptor") {
            root
        } else {
            let only = document.only(root, METADATA, "EntityDescriptor");
            only.ok_or(wrong("it has not exactly one EntityDescriptor"))?
        };
        let entity_id =
            document.attribute(entity, "entityID").ok_or(wrong("entityID is missing"))?.to_owned();
        let mut keys = Vec::new();
        for descriptor in document.named(entity, METADATA, "IDPSSODescriptor") {
            for key in document.named(descriptor, METADATA, "KeyDescriptor") {
                if document.attribute(key, "use").is_none_or(|purpose| purpose == "signing") {
                    keys.extend(certificates(&document, key));
                }
            }
        }
        if keys.is_empty() {
            return Err(wrong("it has no signing certificate"));
        }
        keys.truncate(MAX_CERTIFICATES);
        Ok(Self { entity_id, keys })
    }
}

fn certificates(document: &Document, key: ElementId) -> impl Iterator<Item = PublicKey> + '_ {
    let within = |name| move |id| document.named(id, SIGNATURE, name);
    document
        .named(key, SIGNATURE, "KeyInfo")
        .flat_map(within("X509Data"))
        .flat_map(within("X509Certificate"))
        .filter_map(|certificate| PublicKey::of_certificate(&base64(&document.text(certificate)?)?))
}
