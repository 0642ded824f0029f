//! What a SAML assertion asks STS for.
//!
//! Source: IAM User Guide, "Configure SAML assertions for the authentication response" and "Available keys for SAML-based AWS
//! STS federation".

use std::time::Duration;

use garrison_api_sts::errors as api;
use garrison_saml::{Assertion, Confirmation};
use garrison_schema::ApiError;
use garrison_types::Timestamp;

use crate::error;

/// What AWS's attributes begin with.
const PREFIX: &str = "https://aws.amazon.com/SAML/Attributes/";
/// How soon an assertion must be used.
const REDEEMED_WITHIN: Duration = Duration::from_secs(300);
/// Assertions for AWS name one of these as their audience, or where they are delivered.
const AUDIENCES: [&str; 2] = ["urn:amazon:webservices", "https://signin.aws.amazon.com/saml"];
/// Where assertions may be delivered: these hosts, and regional ones under them.
const SIGN_IN: [&str; 3] = ["signin.aws.amazon.com", "signin.amazonaws.cn", "signin.amazonaws-us-gov.com"];
/// What the names of standard formats begin with.
const FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:";
/// Attributes that are condition keys, by their object identifiers.
const ATTRIBUTES: [(&str, &str); 23] = [
    ("1.3.6.1.4.1.5923.1.1.1.1", "edupersonaffiliation"),
    ("1.3.6.1.4.1.5923.1.1.1.2", "edupersonnickname"),
    ("1.3.6.1.4.1.5923.1.1.1.3", "edupersonorgdn"),
    ("1.3.6.1.4.1.5923.1.1.1.4", "edupersonorgunitdn"),
    ("1.3.6.1.4.1.5923.1.1.1.5", "edupersonprimaryaffiliation"),
    ("1.3.6.1.4.1.5923.1.1.1.6", "edupersonprincipalname"),
    ("1.3.6.1.4.1.5923.1.1.1.7", "edupersonentitlement"),
    ("1.3.6.1.4.1.5923.1.1.1.8", "edupersonprimaryorgunitdn"),
    ("1.3.6.1.4.1.5923.1.1.1.9", "edupersonscopedaffiliation"),
    ("1.3.6.1.4.1.5923.1.1.1.10", "edupersontargetedid"),
    ("1.3.6.1.4.1.5923.1.1.1.11", "edupersonassurance"),
    ("1.3.6.1.4.1.5923.1.2.1.2", "eduorghomepageuri"),
    ("1.3.6.1.4.1.5923.1.2.1.3", "eduorgidentityauthnpolicyuri"),
    ("1.3.6.1.4.1.5923.1.2.1.4", "eduorglegalname"),
    ("1.3.6.1.4.1.5923.1.2.1.5", "eduorgsuperioruri"),
    ("1.3.6.1.4.1.5923.1.2.1.6", "eduorgwhitepagesuri"),
    ("2.5.4.3", "cn"),
    ("2.5.4.4", "surname"),
    ("2.5.4.42", "givenname"),
    ("2.5.4.45", "x500uniqueidentifier"),
    ("0.9.2342.19200300.100.1.1", "uid"),
    ("0.9.2342.19200300.100.1.3", "mail"),
    ("0.9.2342.19200300.100.1.45", "organizationstatus"),
];

/// What an assertion asks for, checked.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) session_name: String,
    pub(crate) issuer: String,
    pub(crate) subject: String,
    /// `persistent`, `transient`, or the whole name of another format.
    pub(crate) subject_type: String,
    pub(crate) recipient: String,
    pub(crate) source_identity: Option<String>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) transitive: Vec<String>,
    /// How long the session may last by the assertion, in seconds.
    pub(crate) duration: Option<i32>,
    /// How long the provider's own session lasts, in seconds.
    pub(crate) session_ends_in: Option<u32>,
}

/// `InvalidIdentityToken`.
pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    api::invalid_identity_token_exception(message)
}

impl Asked {
    /// Reads and checks an assertion for a role and a provider. `now` is protocol time.
    pub(crate) fn read(
        assertion: &Assertion,
        role_arn: &str,
        provider_arn: &str,
        now: Timestamp,
    ) -> Result<Self, ApiError> {
        check_times(assertion, now)?;
        let named = |names: &Vec<String>| {
            names.iter().any(|name| AUDIENCES.contains(&name.as_str()) || is_sign_in(name))
        };
        if assertion.audiences.is_empty() || !assertion.audiences.iter().all(named) {
            return Err(invalid("The audience of the SAML assertion is not AWS"));
        }
        let recipient = recipient(&assertion.confirmations, now)?;
        let one = |name: &str| match assertion.attribute(&format!("{PREFIX}{name}")) {
            [] => Ok(None),
            [value] => Ok(Some(value.clone())),
            _ => Err(invalid(format!("{name} in AuthnResponse must have one value"))),
        };
        let session_name = one("RoleSessionName")?;
        let session_name =
            session_name.ok_or_else(|| invalid("RoleSessionName is required in AuthnResponse"))?;
        if !is_name(&session_name) {
            return Err(invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"));
        }
        let source_identity = one("SourceIdentity")?;
        if source_identity.as_deref().is_some_and(|name| !is_name(name)) {
            return Err(invalid("SourceIdentity in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"));
        }
        let duration = match one("SessionDuration")? {
            None => None,
            Some(text) => {
                let seconds = text.parse().ok().filter(|seconds| (900..=43_200).contains(seconds));
                Some(seconds.ok_or_else(|| {
                    invalid("SessionDuration in AuthnResponse must be a number of seconds from 900 to 43200")
                })?)
            }
        };
        is_offered(assertion, role_arn, provider_arn)?;
        Ok(Self {
            session_name,
            issuer: assertion.issuer.clone(),
            subject: assertion.name_id.value.clone(),
            subject_type: subject_type(assertion.name_id.format.as_deref()),
            recipient,
            source_identity,
            tags: tags(assertion)?,
            transitive: assertion.attribute(&format!("{PREFIX}TransitiveTagKeys")).to_vec(),
            duration,
            session_ends_in: session_ends_in(assertion, now)?,
        })
    }
}

/// The condition keys of the assertion that follow from it alone.
pub(crate) fn condition_keys(assertion: &Assertion, asked: &Asked) -> Vec<(String, Vec<String>)> {
    let one = |name: &str, value: &str| (format!("saml:{name}"), vec![value.to_owned()]);
    let mut keys = vec![
        one("aud", &asked.recipient),
        one("iss", &asked.issuer),
        one("sub", &asked.subject),
        one("sub_type", &asked.subject_type),
    ];
    for (id, name) in ATTRIBUTES {
        let values = assertion.attribute(&format!("urn:oid:{id}"));
        if !values.is_empty() {
            keys.push((format!("saml:{name}"), values.to_vec()));
        }
    }
    keys
}

fn check_times(assertion: &Assertion, now: Timestamp) -> Result<(), ApiError> {
    if now > assertion.issued + REDEEMED_WITHIN {
        return Err(api::expired_token_exception("Token must be redeemed within 5 minutes of issuance"));
    }
    if assertion.not_on_or_after.is_some_and(|end| now >= end) {
        return Err(api::expired_token_exception("The SAML assertion has expired"));
    }
    // Clocks differ a little.
    if assertion.not_before.is_some_and(|start| now + REDEEMED_WITHIN < start) {
        return Err(invalid("The SAML assertion is not valid yet"));
    }
    Ok(())
}

/// Where the assertion may be delivered, by a confirmation that holds now.
fn recipient(confirmations: &[Confirmation], now: Timestamp) -> Result<String, ApiError> {
    let holds = |confirmation: &&Confirmation| {
        confirmation.not_on_or_after.is_some_and(|end| now < end)
            && confirmation.not_before.is_none_or(|start| start <= now + REDEEMED_WITHIN)
            && confirmation.recipient.as_deref().is_some_and(is_sign_in)
    };
    let found = confirmations.iter().find(holds).and_then(|confirmation| confirmation.recipient.clone());
    found.ok_or_else(|| {
        invalid("The SAML assertion has no subject confirmation for AWS's sign-in that holds now")
    })
}

/// `https://signin.aws.amazon.com/saml` and the like: in a region, and for one provider (`/saml/acs/ID`).
fn is_sign_in(url: &str) -> bool {
    let Some((host, path)) = url.strip_prefix("https://").and_then(|rest| rest.split_once('/')) else {
        return false;
    };
    let host_is = SIGN_IN.iter().any(|known| {
        let region = host.strip_suffix(known).map(|region| region.strip_suffix('.').unwrap_or(region));
        region.is_some_and(|region| {
            region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        })
    });
    host_is && (path == "saml" || path.starts_with("saml/acs/"))
}

fn is_name(name: &str) -> bool {
    (2..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b))
}

fn subject_type(format: Option<&str>) -> String {
    let format = format.unwrap_or("urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified");
    match format.strip_prefix(FORMAT) {
        Some(short @ ("persistent" | "transient")) => short.to_owned(),
        _ => format.to_owned(),
    }
}

/// That the provider offers the role: a value of `Role` has both ARNs, in either order.
fn is_offered(assertion: &Assertion, role_arn: &str, provider_arn: &str) -> Result<(), ApiError> {
    let roles = assertion.attribute(&format!("{PREFIX}Role"));
    let offers = |value: &String| {
        let pair = value.split_once(',').map(|(a, b)| (a.trim(), b.trim()));
        pair == Some((role_arn, provider_arn)) || pair == Some((provider_arn, role_arn))
    };
    if roles.iter().any(offers) {
        return Ok(());
    }
    Err(error::access_denied("Not authorized to perform sts:AssumeRoleWithSAML"))
}

/// The session tags: attributes `PrincipalTag:KEY`.
fn tags(assertion: &Assertion) -> Result<Vec<(String, String)>, ApiError> {
    let mut tags = Vec::new();
    for (name, values) in &assertion.attributes {
        let Some(key) = name.strip_prefix(PREFIX).and_then(|name| name.strip_prefix("PrincipalTag:")) else {
            continue;
        };
        match values.as_slice() {
            [value] => tags.push((key.to_owned(), value.clone())),
            _ => return Err(invalid(format!("PrincipalTag:{key} in AuthnResponse must have one value"))),
        }
    }
    Ok(tags)
}

fn session_ends_in(assertion: &Assertion, now: Timestamp) -> Result<Option<u32>, ApiError> {
    let Some(ends) = assertion.session_ends else { return Ok(None) };
    match u32::try_from(ends.since(now).as_secs()) {
        Ok(0) => Err(api::expired_token_exception("The session at the identity provider is over")),
        Ok(seconds) => Ok(Some(seconds)),
        Err(_) => Ok(None),
    }
}
