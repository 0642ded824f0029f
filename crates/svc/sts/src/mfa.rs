//! The second factor that a caller shows with a request.

use garrison_kernel::{Caller, Context, Session};
use garrison_schema::ApiError;
use garrison_types::Timestamp;
use std::sync::Arc;

use crate::error;
use crate::service::Sts;

/// Verifies the code of the caller's device. Answers when it was shown, or none where the request has none.
///
/// # Errors
/// `AccessDenied` for a code that is not right, and the store's.
pub(crate) async fn verify(
    sts: &Sts,
    cx: &Context,
    serial_number: Option<&str>,
    code: Option<&str>,
) -> Result<Option<Timestamp>, ApiError> {
    let (serial_number, code) = match (serial_number, code) {
        (None, None) => return Ok(None),
        (Some(serial_number), Some(code)) => (serial_number, code),
        _ => {
            return Err(error::access_denied(
                "MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code.",
            ));
        }
    };
    // One-time codes are of protocol time: the caller's device knows no other.
    let now = sts.kernel().clock().protocol_now();
    if sts.directory().verify_mfa(&cx.caller.principal, serial_number, code, now).await? {
        return Ok(Some(cx.time));
    }
    Err(error::access_denied("MultiFactorAuthentication failed with invalid MFA one time pass code."))
}

/// The caller as policies shall see it who has just shown a second factor: where it has a session already, with that in
/// it. None where it has none: then the request's own condition keys say so.
pub(crate) fn caller_with(caller: &Caller, shown: Timestamp) -> Option<Caller> {
    let session = caller.session.as_ref()?;
    let session = Session { mfa: Some(shown), ..Session::clone(session) };
    Some(caller.clone().with_session(Arc::new(session)))
}
