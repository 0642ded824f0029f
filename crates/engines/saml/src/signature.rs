//! XML signatures over an element of the same document.
//!
//! Source: W3C "XML Signature Syntax and Processing", section 3.2; SAML V2.0 "Assertions and Protocols", section 5.4.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{self, SHA256, SHA384, SHA512};

use crate::canonical::Canonical;
use crate::key::{PublicKey, SignatureAlgorithm};
use crate::names::{ENVELOPED, EXCLUSIVE, SIGNATURE};
use crate::xml::{Document, ElementId};
use crate::{SamlError, base64};

/// The most prefixes of `InclusiveNamespaces`: each is looked up at every element that is signed.
const MAX_PREFIXES: usize = 16;

/// Verifies the signature that stands right in `signed` and is over just that element.
///
/// # Errors
/// There is no such signature, it is of a kind that is not taken, or wrong.
pub(crate) fn verify(document: &Document, signed: ElementId, keys: &[PublicKey]) -> Result<(), SamlError> {
    let signature = document.only(signed, SIGNATURE, "Signature").ok_or(SamlError::Signature)?;
    let part = |within, name| document.only(within, SIGNATURE, name).ok_or(SamlError::Signature);
    let info = part(signature, "SignedInfo")?;
    let algorithm = |id| document.attribute(id, "Algorithm").unwrap_or_default();

    let canonicalization = part(info, "CanonicalizationMethod")?;
    if algorithm(canonicalization) != EXCLUSIVE {
        return Err(SamlError::Unsupported("its canonicalization is not exclusive"));
    }
    let by = SignatureAlgorithm::of_uri(algorithm(part(info, "SignatureMethod")?))
        .ok_or(SamlError::Unsupported("its algorithm"))?;
    let inclusive = prefixes(document, canonicalization)?;
    let message = Canonical { document, inclusive: &inclusive, without: None }.of(info);
    let value = document.text(part(signature, "SignatureValue")?).and_then(|text| base64(&text));
    let value = value.ok_or(SamlError::Signature)?;
    if !keys.iter().any(|key| key.verifies(by, message.as_bytes(), &value)) {
        return Err(SamlError::Signature);
    }
    check_reference(document, signed, signature, part(info, "Reference")?)
}

/// That the reference is to the element that the signature stands in, and to what that element says now.
fn check_reference(
    document: &Document,
    signed: ElementId,
    signature: ElementId,
    reference: ElementId,
) -> Result<(), SamlError> {
    let id = document.attribute(signed, "ID").filter(|id| !id.is_empty()).ok_or(SamlError::Signature)?;
    let target = document.attribute(reference, "URI").and_then(|uri| uri.strip_prefix('#'));
    // Two elements of one id: which of them was signed could be disputed.
    if target != Some(id) || document.with_id(id).count() != 1 {
        return Err(SamlError::Signature);
    }
    let mut inclusive = Vec::new();
    let (mut enveloped, mut exclusive) = (false, false);
    for transforms in document.named(reference, SIGNATURE, "Transforms") {
        for transform in document.children(transforms) {
            match document.attribute(transform, "Algorithm") {
                Some(ENVELOPED) => enveloped = true,
                Some(EXCLUSIVE) if !exclusive => {
                    exclusive = true;
                    inclusive = prefixes(document, transform)?;
                }
                _ => return Err(SamlError::Unsupported("a transform")),
            }
        }
    }
    if !enveloped || !exclusive {
        return Err(SamlError::Unsupported(
            "its transforms are not enveloped-signature and exclusive canonicalization",
        ));
    }
    let part = |name| document.only(reference, SIGNATURE, name).ok_or(SamlError::Signature);
    let hash = match document.attribute(part("DigestMethod")?, "Algorithm") {
        Some("http://www.w3.org/2001/04/xmlenc#sha256") => &SHA256,
        Some("http://www.w3.org/2001/04/xmldsig-more#sha384") => &SHA384,
        Some("http://www.w3.org/2001/04/xmlenc#sha512") => &SHA512,
        _ => return Err(SamlError::Unsupported("its digest")),
    };
    let claimed =
        document.text(part("DigestValue")?).and_then(|text| base64(&text)).ok_or(SamlError::Signature)?;
    let form = Canonical { document, inclusive: &inclusive, without: Some(signature) }.of(signed);
    let actual = digest::digest(hash, form.as_bytes());
    verify_slices_are_equal(actual.as_ref(), &claimed).map_err(|_| SamlError::Signature)
}

/// The prefixes of `InclusiveNamespaces`.
fn prefixes(document: &Document, within: ElementId) -> Result<Vec<String>, SamlError> {
    let list = document.only(within, EXCLUSIVE, "InclusiveNamespaces");
    let list = list.and_then(|list| document.attribute(list, "PrefixList")).unwrap_or_default();
    let name = |prefix: &str| if prefix == "#default" { String::new() } else { prefix.to_owned() };
    if list.split_ascii_whitespace().count() > MAX_PREFIXES {
        return Err(SamlError::Unsupported("so many inclusive namespaces"));
    }
    Ok(list.split_ascii_whitespace().map(name).collect())
}
