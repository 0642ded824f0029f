//! Service principals: which services organizations work with.
//!
//! Source: Organizations User Guide, "AWS services that you can use with AWS Organizations".

use garrison_schema::ApiError;

use crate::error::{self, Invalid};

/// Refuses what has not the form of a service principal.
///
/// # Errors
/// `InvalidInputException`.
pub(crate) fn check(principal: &str) -> Result<(), ApiError> {
    let label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let known = principal.strip_suffix(".amazonaws.com").is_some_and(|name| name.split('.').all(label));
    if known {
        return Ok(());
    }
    Err(error::invalid(
        Invalid::UnrecognizedServicePrincipal,
        "You specified an unrecognized service principal.",
    ))
}

/// The policy type that a service enforces and cannot without access to the organization.
pub(crate) fn policy_type(principal: &str) -> Option<&'static str> {
    match principal {
        "inspector2.amazonaws.com" => Some("INSPECTOR_POLICY"),
        "securityhub.amazonaws.com" => Some("SECURITYHUB_POLICY"),
        _ => None,
    }
}
