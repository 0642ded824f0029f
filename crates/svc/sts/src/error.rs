//! Errors that several operations answer, in AWS's words.

use garrison_api_sts::{SERVICE, errors as api};
use garrison_kernel::errors;
use garrison_kernel::session_token::IssueError;
use garrison_schema::ApiError;

/// `AccessDenied` with a message of its own: not a decision of policies.
pub(crate) fn access_denied(message: impl Into<String>) -> ApiError {
    ApiError::new(errors::access_denied(&SERVICE), message.into())
}

/// `PackedPolicyTooLarge`, with how much of the allotted space is needed.
pub(crate) fn packed_too_large(percent: i64) -> ApiError {
    let message = format!("Packed policy consumes {percent}% of allotted space, please use smaller policy.");
    api::packed_policy_too_large_exception(message)
}

/// Credentials could not be made.
pub(crate) fn issue(error: IssueError) -> ApiError {
    match error {
        IssueError::TooLarge => packed_too_large(101),
        IssueError::NoSession | IssueError::Crypto(_) => errors::internal(error),
    }
}
