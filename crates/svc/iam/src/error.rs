//! Errors in the words that AWS has for them.

use garrison_api_iam::errors as api;
use garrison_kernel::errors;
use garrison_schema::ApiError;

/// `NoSuchEntity`: `kind` as messages write it, for example `user` or `role`.
pub(crate) fn not_found(kind: &str, name: &str) -> ApiError {
    api::no_such_entity_exception(format!("The {kind} with name {name} cannot be found."))
}

/// `EntityAlreadyExists`: `kind` as messages write it, for example `User` or `Role`.
pub(crate) fn already_exists(kind: &str, name: &str) -> ApiError {
    api::entity_already_exists_exception(format!("{kind} with name {name} already exists."))
}

/// `DeleteConflict`: what must happen before, for example `detach all policies`.
pub(crate) fn delete_conflict(first: &str) -> ApiError {
    api::delete_conflict_exception(format!("Cannot delete entity, must {first} first."))
}

/// A record that cannot be read.
pub(crate) fn corrupt(what: impl std::fmt::Display) -> ApiError {
    errors::internal(format!("a record of IAM cannot be read: {what}"))
}
