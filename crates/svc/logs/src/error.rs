//! What operations answer when they refuse, in AWS's words where those are known publicly.

use garrison_api_logs::errors as api;
use garrison_kernel::errors;
use garrison_schema::ApiError;

pub(crate) fn group_not_found() -> ApiError {
    api::resource_not_found_exception("The specified log group does not exist.")
}

pub(crate) fn stream_not_found() -> ApiError {
    api::resource_not_found_exception("The specified log stream does not exist.")
}

pub(crate) fn group_exists() -> ApiError {
    api::resource_already_exists_exception("The specified log group already exists")
}

pub(crate) fn stream_exists() -> ApiError {
    api::resource_already_exists_exception("The specified log stream already exists")
}

pub(crate) fn query_not_found() -> ApiError {
    api::resource_not_found_exception("The specified query does not exist.")
}

/// The input breaks a rule of the service.
pub(crate) fn invalid(message: impl Into<String>) -> ApiError {
    api::invalid_parameter_exception(message)
}

pub(crate) fn invalid_token() -> ApiError {
    invalid("The specified nextToken is invalid.")
}

/// A member of the input whose meaning is not built.
pub(crate) fn not_built(what: &str) -> ApiError {
    ApiError::new(&errors::NOT_IMPLEMENTED, format!("{what} is not built yet."))
}
