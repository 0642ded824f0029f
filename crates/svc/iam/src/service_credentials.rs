//! Credentials of a user for one service: user name and password, or an API key.
//!
//! Source: IAM User Guide, "Use IAM with CodeCommit: Git credentials, SSH keys, and AWS access keys", "Use IAM with Amazon
//! Keyspaces" and "API keys for Amazon Bedrock".

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64_simd::STANDARD;
use garrison_api_iam::{errors as api, types};
use garrison_kernel::{Context, errors};
use garrison_schema::{ApiError, SensitiveString};
use zeroize::Zeroizing;

use crate::condition::Keys;
use crate::entity::Named;
use crate::names::{self, IdPrefix};
use crate::records::{ServiceCredential, Time, User};
use crate::repo::Found;
use crate::service::Iam;
use crate::user_credentials;

/// The service whose credentials are API keys.
const BEDROCK: &str = "bedrock.amazonaws.com";
/// How many random bytes a password or API key is made of.
const SECRET: usize = 32;

/// A service that takes such credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// With user name and password.
    Password(&'static str),
    /// With an API key.
    ApiKey(&'static str),
}

impl Service {
    /// A service by its principal.
    ///
    /// # Errors
    /// `NotSupportedService`.
    pub(crate) fn supported(name: &str) -> Result<Self, ApiError> {
        match name {
            "cassandra.amazonaws.com" => Ok(Self::Password("cassandra.amazonaws.com")),
            "codecommit.amazonaws.com" => Ok(Self::Password("codecommit.amazonaws.com")),
            BEDROCK => Ok(Self::ApiKey(BEDROCK)),
            _ => Err(api::service_not_supported_exception(format!(
                "The service {name} does not support service-specific credentials."
            ))),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Password(name) | Self::ApiKey(name) => name,
        }
    }
}

/// A new credential and its secret. API keys may end after so many days.
///
/// # Errors
/// `ValidationError`: a password shall end.
pub(crate) fn new(
    iam: &Iam,
    cx: &Context,
    user: &User,
    service: Service,
    age_days: Option<i32>,
) -> Result<(ServiceCredential, SensitiveString), ApiError> {
    let (account, first) = (cx.account(), user_credentials::ids::<ServiceCredential>(user).next().is_none());
    let suffix = || names::random_base32(iam.kernel().rng(), 4).to_lowercase();
    let login = match service {
        Service::Password(_) if first => format!("{}-at-{account}", user.name),
        Service::Password(_) => format!("{}+{}-at-{account}", user.name, suffix()),
        Service::ApiKey(_) => format!("BedrockAPIKey-{}-at-{account}", suffix()),
    };
    let expires = match (service, age_days.and_then(|days| u64::try_from(days).ok())) {
        (Service::Password(name), Some(_)) => {
            return Err(errors::validation(format!("Credentials for {name} cannot have an age in days.")));
        }
        (Service::ApiKey(_), Some(days)) => Some(Time(cx.time + Duration::from_secs(days * 86_400))),
        (_, None) => None,
    };
    let secret = secret(iam, service, &login);
    let record = ServiceCredential {
        credential_id: names::unique_id(iam.kernel().rng(), IdPrefix::ServiceSpecificCredential),
        user: user.id.clone(),
        service: service.name().to_owned(),
        login,
        secret_sha256: secret_sha256(&secret),
        active: true,
        created: Time::of(cx),
        expires,
    };
    Ok((record, secret))
}

/// The same credential with another secret.
///
/// # Errors
/// The record names no service.
pub(crate) fn reset(
    iam: &Iam,
    cx: &Context,
    old: &ServiceCredential,
) -> Result<(ServiceCredential, SensitiveString), ApiError> {
    let secret = secret(iam, Service::supported(&old.service)?, &old.login);
    // An API key that ends does so after as long as before.
    let life = old.expires.map(|expires| Time(cx.time + expires.0.since(old.created.0)));
    let record = ServiceCredential {
        secret_sha256: secret_sha256(&secret),
        created: Time::of(cx),
        expires: life,
        ..old.clone()
    };
    Ok((record, secret))
}

fn secret(iam: &Iam, service: Service, login: &str) -> SensitiveString {
    let mut bytes = Zeroizing::new([0; SECRET]);
    iam.kernel().rng().fill(&mut *bytes);
    let random = Zeroizing::new(STANDARD.encode_to_string(*bytes));
    match service {
        Service::Password(_) => SensitiveString::from((*random).clone()),
        Service::ApiKey(_) => {
            let pair = Zeroizing::new(format!("{login}:{}", *random));
            SensitiveString::from(format!("ABSK{}", STANDARD.encode_to_string(pair.as_bytes())))
        }
    }
}

/// What is stored of a secret.
pub(crate) fn secret_sha256(secret: &str) -> String {
    digest(&SHA256, secret.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A user's credential that a call names by its id. Whether it exists is told after authorization.
pub struct NamedCredential {
    pub(crate) user: Named<User>,
    id: String,
    found: Option<Found<ServiceCredential>>,
}

impl NamedCredential {
    /// Looks for it; without a user's name among the caller's own.
    ///
    /// # Errors
    /// `ValidationError` when no user is named and the caller is none; the store failed.
    pub(crate) async fn find(
        iam: &Iam,
        cx: &Context,
        user: Option<&str>,
        id: &str,
    ) -> Result<Self, ApiError> {
        let user = user_credentials::user(iam, cx, user).await?;
        let found = match user.get() {
            Ok(user) => user_credentials::get(iam, cx, user, id).await?,
            Err(_) => None,
        };
        Ok(Self { user, id: id.to_owned(), found })
    }

    /// The credential.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn get(&self) -> Result<&Found<ServiceCredential>, ApiError> {
        self.user.get()?;
        let id = &self.id;
        let not_found = || api::no_such_entity_exception(format!("No such credential {id} exists"));
        self.found.as_ref().ok_or_else(not_found)
    }

    /// The condition keys that user and credential give.
    pub(crate) fn keys(&self) -> Keys<'_> {
        let service = self.found.as_ref().map(|found| found.service.as_str());
        Keys { credential_service_name: service, ..self.user.keys() }
    }
}

/// Whether the login is an alias of an API key; otherwise it is a user name.
fn alias_or_user_name(credential: &ServiceCredential) -> (Option<String>, Option<String>) {
    let login = Some(credential.login.clone());
    if credential.service == BEDROCK { (login, None) } else { (None, login) }
}

/// A credential as the interface writes it, once.
pub(crate) fn with_secret(
    user: &User,
    credential: &ServiceCredential,
    secret: SensitiveString,
) -> types::ServiceSpecificCredential {
    let (alias, user_name) = alias_or_user_name(credential);
    let (password, api_key) = if alias.is_none() { (Some(secret), None) } else { (None, Some(secret)) };
    types::ServiceSpecificCredential {
        create_date: credential.created.0,
        expiration_date: credential.expires.map(|expires| expires.0),
        service_name: credential.service.clone(),
        service_user_name: user_name,
        service_password: password,
        service_credential_alias: alias,
        service_credential_secret: api_key,
        service_specific_credential_id: credential.credential_id.clone(),
        user_name: user.name.clone(),
        status: user_credentials::status(credential.active),
    }
}

/// A credential as the interface lists it.
pub(crate) fn metadata(
    user: &User,
    credential: &ServiceCredential,
) -> types::ServiceSpecificCredentialMetadata {
    let (alias, user_name) = alias_or_user_name(credential);
    types::ServiceSpecificCredentialMetadata {
        user_name: user.name.clone(),
        status: user_credentials::status(credential.active),
        service_user_name: user_name,
        service_credential_alias: alias,
        create_date: credential.created.0,
        expiration_date: credential.expires.map(|expires| expires.0),
        service_specific_credential_id: credential.credential_id.clone(),
        service_name: credential.service.clone(),
    }
}
