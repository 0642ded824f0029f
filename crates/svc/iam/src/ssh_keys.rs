//! Users' public keys for SSH: AWS's words for what is refused, and how they are shown.

use garrison_api_iam::{errors as api, types};
use garrison_kernel::Context;
use garrison_schema::ApiError;

use crate::error;
use crate::records::{SshPublicKey, User};
use crate::repo::Found;
use crate::service::Iam;
use crate::ssh_key::{SshKey, SshKeyError};
use crate::user_credentials;

/// Reads a key.
///
/// # Errors
/// `UnrecognizedPublicKeyEncoding`, `InvalidPublicKey`.
pub(crate) fn parse(text: &str) -> Result<SshKey, ApiError> {
    SshKey::parse(text).map_err(|error| match error {
        SshKeyError::Encoding => unrecognized(),
        SshKeyError::Key => api::invalid_public_key_exception(
            "The public key is not valid: it must be an RSA key of at least 2048 bits.",
        ),
    })
}

/// `UnrecognizedPublicKeyEncoding`.
pub(crate) fn unrecognized() -> ApiError {
    api::unrecognized_public_key_encoding_exception(
        "The public key encoding is not recognized: use SSH or PEM.",
    )
}

/// `DuplicateSSHPublicKey`.
pub(crate) fn duplicate() -> ApiError {
    api::duplicate_ssh_public_key_exception(
        "The SSH public key is already associated with the specified user.",
    )
}

/// A user's key by its id.
///
/// # Errors
/// `NoSuchEntity`; the store failed.
pub(crate) async fn get(
    iam: &Iam,
    cx: &Context,
    user: &User,
    id: &str,
) -> Result<Found<SshPublicKey>, ApiError> {
    let not_found = || api::no_such_entity_exception(format!("The Public Key with id {id} cannot be found."));
    user_credentials::get(iam, cx, user, id).await?.ok_or_else(not_found)
}

/// A key as the interface writes it, with its text in the form that was asked for.
///
/// # Errors
/// The record is no key.
pub(crate) fn to_api(user: &User, key: &SshPublicKey, body: String) -> Result<types::SSHPublicKey, ApiError> {
    let parsed = SshKey::parse(&key.body).map_err(|_| error::corrupt(&key.key_id))?;
    Ok(types::SSHPublicKey {
        user_name: user.name.clone(),
        ssh_public_key_id: key.key_id.clone(),
        fingerprint: parsed.fingerprint(),
        ssh_public_key_body: body,
        status: user_credentials::status(key.active),
        upload_date: Some(key.uploaded.0),
    })
}
