//! What an OpenID Connect provider may be made of.
//!
//! Source: IAM API Reference, "CreateOpenIDConnectProvider"; IAM User Guide, "IAM and AWS STS quotas".

use garrison_api_iam::errors as api;
use garrison_kernel::errors;
use garrison_schema::ApiError;

/// The most client ids of a provider.
const MAX_CLIENT_IDS: usize = 100;
/// The most thumbprints of a provider.
const MAX_THUMBPRINTS: usize = 5;

/// The issuer that an URL names, without `https://`.
///
/// # Errors
/// `ValidationError`: it is no `https://` URL of a host and perhaps a port and a path.
pub(crate) fn issuer(url: &str) -> Result<String, ApiError> {
    let invalid = || errors::validation("Invalid Open ID Connect Provider URL");
    let rest = url.strip_prefix("https://").ok_or_else(invalid)?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let is_host = host.split('.').all(|label| {
        !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    });
    let is_port = port.parse::<u16>().is_ok_and(|port| port > 0);
    let is_path = path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'\\'));
    if is_host && is_port && is_path { Ok(rest.trim_end_matches('/').to_owned()) } else { Err(invalid()) }
}

/// Whether a provider may have so many client ids.
///
/// # Errors
/// `LimitExceeded`.
pub(crate) fn check_client_ids(ids: &[String]) -> Result<(), ApiError> {
    if ids.len() <= MAX_CLIENT_IDS {
        return Ok(());
    }
    Err(api::limit_exceeded_exception(format!(
        "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {MAX_CLIENT_IDS}"
    )))
}

/// Thumbprints in lower case.
///
/// # Errors
/// `InvalidInput`: there are more than five, or one is not hexadecimal.
pub(crate) fn thumbprints(given: &[String]) -> Result<Vec<String>, ApiError> {
    if given.len() > MAX_THUMBPRINTS {
        return Err(api::invalid_input_exception("Thumbprint list must contain fewer than 5 entries."));
    }
    if given.iter().any(|print| !print.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Err(api::invalid_input_exception("Thumbprint contains invalid characters."));
    }
    Ok(given.iter().map(|print| print.to_ascii_lowercase()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_are_urls_of_hosts() {
        for (url, expected) in [
            ("https://accounts.example.com", Some("accounts.example.com")),
            ("https://idp/realms/x/", Some("idp/realms/x")),
            ("https://idp.example.com:8443/a", Some("idp.example.com:8443/a")),
            ("http://idp.example.com", None),
            ("idp.example.com", None),
            ("https://", None),
            ("https://a..b", None),
            ("https://a/b?c", None),
            ("https://a/#c", None),
            ("https://u@a", None),
            ("https://a:0", None),
            ("https://a b", None),
        ] {
            assert_eq!(issuer(url).ok().as_deref(), expected, "{url}");
        }
    }
}
