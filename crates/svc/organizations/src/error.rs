//! What operations answer when they refuse, in AWS's words where those are known publicly.
//!
//! Source: Organizations API Reference, "Errors" of each operation; the reasons are the model's.

use garrison_api_organizations::errors as api;
use garrison_api_organizations::types::{
    ConstraintViolationException, HandshakeConstraintViolationException, InvalidInputException,
};
pub(crate) use garrison_api_organizations::types::{
    ConstraintViolationExceptionReason as Constraint,
    HandshakeConstraintViolationExceptionReason as HandshakeConstraint,
    InvalidInputExceptionReason as Invalid,
};
use garrison_schema::ApiError;

/// The caller's account is on its own.
pub(crate) fn not_in_use() -> ApiError {
    api::aws_organizations_not_in_use_exception("Your account is not a member of an organization.")
}

/// The operation is not for the caller's account.
pub(crate) fn not_permitted() -> ApiError {
    api::access_denied_exception("You don't have permissions to access this resource.")
}

/// A limit or a rule of the organization would be broken.
pub(crate) fn constraint(reason: Constraint, message: &str) -> ApiError {
    let members = ConstraintViolationException { message: None, reason: Some(reason) };
    api::constraint_violation_exception(message).with_members(members)
}

/// A value in the input is not acceptable.
pub(crate) fn invalid(reason: Invalid, message: &str) -> ApiError {
    let members = InvalidInputException { message: None, reason: Some(reason) };
    api::invalid_input_exception(message).with_members(members)
}

/// A handshake would break a rule.
pub(crate) fn handshake_constraint(reason: HandshakeConstraint, message: &str) -> ApiError {
    let members = HandshakeConstraintViolationException { message: None, reason: Some(reason) };
    api::handshake_constraint_violation_exception(message).with_members(members)
}

pub(crate) fn account_not_found() -> ApiError {
    api::account_not_found_exception("You specified an account that doesn't exist.")
}

pub(crate) fn unit_not_found() -> ApiError {
    api::organizational_unit_not_found_exception("You specified an organizational unit that doesn't exist.")
}

pub(crate) fn root_not_found() -> ApiError {
    api::root_not_found_exception("You specified a root that doesn't exist.")
}

pub(crate) fn parent_not_found() -> ApiError {
    api::parent_not_found_exception("You specified parent that doesn't exist.")
}

pub(crate) fn child_not_found() -> ApiError {
    api::child_not_found_exception("You specified a child that doesn't exist.")
}

pub(crate) fn target_not_found() -> ApiError {
    api::target_not_found_exception("You specified a target that doesn't exist.")
}

pub(crate) fn policy_not_found() -> ApiError {
    api::policy_not_found_exception("You specified a policy that doesn't exist.")
}

pub(crate) fn handshake_not_found() -> ApiError {
    api::handshake_not_found_exception("You specified a handshake that doesn't exist.")
}

pub(crate) fn transfer_not_found() -> ApiError {
    api::responsibility_transfer_not_found_exception("You specified a transfer that doesn't exist.")
}

/// The policy type is not enabled in the root.
pub(crate) fn type_not_enabled() -> ApiError {
    api::policy_type_not_enabled_exception("This operation can be performed only for enabled policy types.")
}

/// The feature set does not have policies.
pub(crate) fn type_not_available() -> ApiError {
    api::policy_type_not_available_for_organization_exception(
        "This policy type can be used only when all features are enabled in the organization.",
    )
}

/// Organizations' own policies do not change.
pub(crate) fn immutable_policy() -> ApiError {
    invalid(Invalid::ImmutablePolicy, "You specified a policy that is managed by AWS and can't be modified.")
}
