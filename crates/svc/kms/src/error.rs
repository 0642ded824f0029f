//! KMS's errors in AWS's words: one function for each message that several operations use.

use garrison_api_kms::errors as api;
use garrison_crypto::CryptoError;
use garrison_crypto::keys::{KeySpec, KeyUsage};
use garrison_kernel::errors as common;
use garrison_schema::ApiError;
use garrison_store::StoreError;
use garrison_types::{AccountId, Region};

use crate::model::{AliasName, KeyAddress, KeyState, Origin};

/// There is no such key in the caller's own account.
pub(crate) fn key_not_found(arn: &str) -> ApiError {
    api::not_found_exception(format!("Key '{arn}' does not exist"))
}

/// There is no such alias.
pub(crate) fn alias_not_found(region: &Region, account: AccountId, name: &AliasName) -> ApiError {
    let address = KeyAddress { account, region: region.clone(), id: "".into() };
    api::not_found_exception(format!("Alias {} is not found.", address.alias_arn(name.as_str())))
}

/// The text is neither a key id nor an ARN nor, where the operation takes one, an alias.
pub(crate) fn invalid_key_id(text: &str) -> ApiError {
    api::not_found_exception(format!("Invalid keyId '{text}'"))
}

/// The operation takes no alias.
pub(crate) fn alias_not_supported() -> ApiError {
    api::invalid_arn_exception("Key Aliases are not supported for this operation.")
}

/// The ARN is of another region or service.
pub(crate) fn invalid_arn(why: &str) -> ApiError {
    api::not_found_exception(format!("Invalid arn {why}"))
}

/// The key's state forbids the operation.
pub(crate) fn wrong_state(arn: &str, state: KeyState) -> ApiError {
    let is = match state {
        KeyState::Disabled => return api::disabled_exception(format!("{arn} is disabled.")),
        KeyState::Enabled => "enabled",
        KeyState::PendingImport => "pending import",
        KeyState::PendingDeletion { .. } => "pending deletion",
        KeyState::PendingReplicaDeletion { .. } => "pending replica deletion",
    };
    api::kms_invalid_state_exception(format!("{arn} is {is}."))
}

/// What is stored cannot be read.
pub(crate) fn corrupt(what: impl std::fmt::Display) -> ApiError {
    common::store(&StoreError::Corrupt(what.to_string()))
}

/// The cryptographic library refused what valid input cannot make it refuse.
pub(crate) fn crypto(error: CryptoError) -> ApiError {
    api::kms_internal_exception("The request was rejected because an internal exception occurred.")
        .with_internal(error)
}

/// The key is for another usage than the operation's.
pub(crate) fn wrong_usage(arn: &str, usage: KeyUsage, operation: &str) -> ApiError {
    let usage = usage.name();
    api::invalid_key_usage_exception(format!(
        "{arn} key usage is {usage} which is not valid for {operation}."
    ))
}

/// The key's kind does not offer the algorithm.
pub(crate) fn wrong_algorithm(algorithm: &str, spec: KeySpec) -> ApiError {
    api::invalid_key_usage_exception(format!("Algorithm {algorithm} is incompatible with key spec {spec}."))
}

/// The operation is not for keys whose material comes from there.
pub(crate) fn wrong_origin(arn: &str, origin: Origin) -> ApiError {
    let origin = origin.name();
    api::unsupported_operation_exception(format!(
        "{arn} origin is {origin} which is not valid for this operation."
    ))
}
