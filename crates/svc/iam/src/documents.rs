//! Policy documents as callers pass and get them.

use garrison_api_iam::errors as api;
use garrison_policy::{DocumentKind, Limits, PolicyDocument, PolicyError};
use garrison_schema::ApiError;

/// Whether IAM may keep `text` as a policy of `kind`.
///
/// # Errors
/// `MalformedPolicyDocument`.
pub(crate) fn check(kind: DocumentKind, text: &str) -> Result<(), ApiError> {
    PolicyDocument::parse(text.as_bytes(), &Limits::default())
        .and_then(|document| document.validate(kind))
        .map_err(malformed)
}

fn malformed(error: PolicyError) -> ApiError {
    api::malformed_policy_document_exception(error.to_string())
}

/// How IAM gives a document back: percent-encoded after RFC 3986, everything but the unreserved characters.
pub(crate) fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0').to_ascii_uppercase();
            encoded.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_encoded_as_rfc_3986_says() {
        for (text, expected) in [
            ("", ""),
            ("aZ9-._~", "aZ9-._~"),
            (r#"{"a": ["*"]}"#, "%7B%22a%22%3A%20%5B%22%2A%22%5D%7D"),
            ("\n/+é", "%0A%2F%2B%C3%A9"),
        ] {
            assert_eq!(encoded(text), expected);
        }
    }

    #[test]
    fn what_is_no_policy_is_malformed() {
        let ok = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        check(DocumentKind::Identity, ok).unwrap();
        for bad in ["", "{}", "[]", r#"{"Statement":{"Effect":"Allow","Action":"s3:*"}}"#] {
            let error = check(DocumentKind::Identity, bad).unwrap_err();
            assert_eq!(error.schema.name, "MalformedPolicyDocumentException", "{bad}");
        }
        assert!(check(DocumentKind::RoleTrust, ok).is_err());
    }
}
