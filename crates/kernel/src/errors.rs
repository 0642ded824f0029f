//! Errors that every service can answer, beside those of its model.
//!
//! Source: AWS IAM API Reference, "Common Errors"; the same list stands in each service's reference.

use garrison_schema::{ApiError, ErrorSchema, Protocol, ServiceSchema};
use garrison_store::{AuditUnavailable, CommitError, StoreError};

const fn error(name: &'static str, query_code: Option<&'static str>, http_status: u16) -> ErrorSchema {
    ErrorSchema { name, query_code, http_status, sender_fault: http_status < 500 }
}

/// The caller may not do this. [`access_denied`] picks this or the next for a service.
pub static ACCESS_DENIED: ErrorSchema = error("AccessDeniedException", Some("AccessDenied"), 400);
/// The same in services of the query and XML protocols.
pub static ACCESS_DENIED_XML: ErrorSchema = error("AccessDenied", None, 403);
/// The input breaks a constraint of the model or of the service.
pub static VALIDATION: ErrorSchema = error("ValidationException", Some("ValidationError"), 400);
/// The body cannot be read as the model demands.
pub static SERIALIZATION: ErrorSchema = error("SerializationException", Some("MalformedInput"), 400);
/// No operation of this name, or one that is not built.
pub static UNKNOWN_OPERATION: ErrorSchema = error("UnknownOperationException", Some("InvalidAction"), 400);
/// The credentials cannot be used for this.
pub static INVALID_CLIENT_TOKEN_ID: ErrorSchema = error("InvalidClientTokenId", None, 403);
/// A request quota is used up.
pub static THROTTLING: ErrorSchema = error("ThrottlingException", Some("Throttling"), 400);
/// Something failed inside Garrison; the log says what.
pub static INTERNAL_FAILURE: ErrorSchema = error("InternalFailure", None, 500);
/// Garrison cannot serve now: the disk is full, the database is away, the audit log cannot be written.
pub static SERVICE_UNAVAILABLE: ErrorSchema =
    error("ServiceUnavailableException", Some("ServiceUnavailable"), 503);
/// The operation is in AWS's model, and not built here.
pub static NOT_IMPLEMENTED: ErrorSchema = error("NotImplementedException", Some("NotImplemented"), 501);

/// How a service says that the caller may not do this.
pub fn access_denied(service: &ServiceSchema) -> &'static ErrorSchema {
    match service.protocols.first() {
        Some(Protocol::Query | Protocol::Ec2 | Protocol::RestXml) => &ACCESS_DENIED_XML,
        _ => &ACCESS_DENIED,
    }
}

/// Whether an error says that the caller may not do something.
pub fn is_access_denied(error: &ApiError) -> bool {
    [ACCESS_DENIED.name, ACCESS_DENIED_XML.name].contains(&error.schema.name)
}

/// `AccessDeniedException` about another account's resource. The same words whether it exists or not.
///
/// Source: IAM User Guide, "Troubleshoot access denied error messages".
pub fn denied_elsewhere(service: &ServiceSchema, caller: &str, action: &str, resource: &str) -> ApiError {
    denied_unnamed(service, caller, action, &format!("resource: {resource}"))
}

/// The same about a resource that the caller did not name, in a phrase that does not tell which it is.
pub fn denied_unnamed(service: &ServiceSchema, caller: &str, action: &str, phrase: &str) -> ApiError {
    let message = format!(
        "User: {caller} is not authorized to perform: {action} on {phrase} because the resource does not exist in \
         this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"
    );
    ApiError::new(access_denied(service), message)
}

/// `ValidationException` with a message.
pub fn validation(message: impl Into<String>) -> ApiError {
    ApiError::new(&VALIDATION, message)
}

/// `InternalFailure`: the caller learns nothing, the log reads `internal`.
pub fn internal(internal: impl std::fmt::Display) -> ApiError {
    ApiError::new(
        &INTERNAL_FAILURE,
        "The request processing has failed because of an unknown error, exception or failure.",
    )
    .with_internal(internal)
}

/// The store refused or failed: nothing was changed.
pub fn store(error: &StoreError) -> ApiError {
    match error {
        StoreError::Full(_) => unavailable(
            "the disk of the data folder, or of the database, has no room left; nothing was changed",
        ),
        StoreError::Unavailable(_) => unavailable("the store cannot be reached"),
        StoreError::Corrupt(_) => return internal(error),
    }
    .with_internal(error)
}

/// A commit failed for good.
pub fn commit(error: &CommitError) -> ApiError {
    match error {
        CommitError::Conflict => unavailable("too many changes to the same resource at once; try again"),
        CommitError::Store(error) => store(error),
    }
}

/// The audit log cannot take the call's record, so the call does not happen.
pub fn audit(error: &AuditUnavailable) -> ApiError {
    let why = "the audit log cannot be written, because the disk of the data folder, or of the database, is full or \
               fails; no call is served without its record";
    unavailable(why).with_internal(error)
}

fn unavailable(why: &str) -> ApiError {
    ApiError::new(&SERVICE_UNAVAILABLE, format!("Garrison cannot serve this request now: {why}."))
}
