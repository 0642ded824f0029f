//! What the operations on aliases share.

use garrison_api_kms::errors as api;
use garrison_kernel::{Check, Context, errors};
use garrison_schema::{ApiError, ErrorSchema};

use crate::model::{AliasName, AliasNameError, KeyAddress};
use crate::resolve::KeyTarget;
use crate::service::Kms;

/// The most aliases of one key (KMS Developer Guide, "Resource quotas").
pub(crate) const MAX_PER_KEY: usize = 50;

/// What AWS answers, with an empty message, to whoever touches its own aliases; the model does not list it.
static NOT_AUTHORIZED: ErrorSchema =
    ErrorSchema { name: "NotAuthorizedException", query_code: None, http_status: 400, sender_fault: true };

/// Reads the name of an alias that a customer wants to make, move or delete.
///
/// # Errors
/// `ValidationException`, `InvalidAliasNameException`, or `NotAuthorizedException` for AWS's own names.
pub(crate) fn customer_name(text: &str) -> Result<AliasName, ApiError> {
    let name = AliasName::parse(text).map_err(|error| match error {
        AliasNameError::Prefix => errors::validation(
            "Alias must start with the prefix \"alias/\". Please see \
             https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
        ),
        AliasNameError::Characters => {
            errors::validation(format!("{text} contains invalid characters for an alias"))
        }
        AliasNameError::Empty => {
            api::invalid_alias_name_exception(format!("{text} is not a valid alias name."))
        }
    })?;
    if name.is_reserved() { Err(ApiError::new(&NOT_AUTHORIZED, "")) } else { Ok(name) }
}

/// The question about an alias itself: aliases have no policy, so the caller's own must allow.
pub(crate) fn check(cx: &Context, name: &AliasName) -> Check {
    let beside = KeyAddress { account: cx.account(), region: cx.region.clone(), id: "".into() };
    Check::resource(beside.alias_arn(name.as_str()), cx.account())
}

impl Kms {
    /// The key that an alias shall stand for.
    ///
    /// # Errors
    /// As [`Kms::resolve_own_key`]; `ValidationException` for an alias.
    pub(crate) async fn resolve_alias_target(
        &self,
        cx: &Context,
        key_id: &str,
        action: &str,
    ) -> Result<KeyTarget, ApiError> {
        if key_id.starts_with("alias/") || key_id.contains(":alias/") {
            return Err(errors::validation("Aliases must refer to keys. Not aliases"));
        }
        self.resolve_own_key(cx, key_id, action).await
    }
}
