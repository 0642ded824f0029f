//! `GetSessionToken`: credentials of a session of the caller's own, with a second factor in it if the caller shows one.
//!
//! <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/GetSessionToken>. No permission is needed, and no policy can
//! deny it. Source: IAM User Guide, "Permissions for GetSessionToken".

use garrison_api_sts::operations::GetSessionToken;
use garrison_api_sts::types::{GetSessionTokenRequest, GetSessionTokenResponse};
use garrison_kernel::session_token::SessionGrant;
use garrison_kernel::{Access, Context, Handler, Principal, Reply, Resolved};
use garrison_schema::ApiError;
use garrison_types::Timestamp;

use crate::error;
use crate::mfa;
use crate::service::Sts;

/// A session's length when none is asked for, in seconds.
const DEFAULT_SESSION: u32 = 43_200;
/// The longest session of a root user, in seconds.
pub(super) const LONGEST_OF_ROOT: u32 = 3600;

impl Handler<Sts> for GetSessionToken {
    const ACCESS: Access = Access { response_elements: true, ..Access::key_use("sts:GetSessionToken") }
        .omitting_response(super::NOT_AUDITED);
    /// When a second factor was shown.
    type Target = Option<Timestamp>;

    async fn resolve(
        sts: &Sts,
        cx: &Context,
        input: &GetSessionTokenRequest,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        long_term_only(cx, "GetSessionToken")?;
        let shown = mfa::verify(sts, cx, input.serial_number.as_deref(), input.token_code.as_deref()).await?;
        Ok(Resolved { target: shown, checks: Vec::new(), resources: Vec::new() })
    }

    async fn execute(
        sts: &Sts,
        cx: &Context,
        input: &GetSessionTokenRequest,
        shown: &Self::Target,
    ) -> Result<Reply<GetSessionTokenResponse>, ApiError> {
        let mut grant = SessionGrant::new(cx.caller.principal.clone());
        grant.mfa = *shown;
        grant.minimum_token_size = super::assume_role::minimum(input.minimum_session_token_size);
        let issued = sts.issue(&grant, cx.time, seconds(&cx.caller.principal, input.duration_seconds))?;
        Ok(Reply::new(GetSessionTokenResponse {
            credentials: Some(issued.credentials),
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.size),
        }))
    }
}

/// How long the session lasts: a root user's, an hour at most.
pub(super) fn seconds(principal: &Principal, requested: Option<i32>) -> u32 {
    let seconds = requested.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(DEFAULT_SESSION);
    match principal {
        Principal::Root { .. } => seconds.min(LONGEST_OF_ROOT),
        _ => seconds,
    }
}

/// Only users and root users with long-term credentials may ask.
pub(super) fn long_term_only(cx: &Context, operation: &str) -> Result<(), ApiError> {
    let long_term = matches!(cx.caller.principal, Principal::Root { .. } | Principal::User(_));
    if long_term && cx.caller.session.is_none() {
        return Ok(());
    }
    Err(error::access_denied(format!("Cannot call {operation} with session credentials")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, name_and_message};

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        for (cx, asked, lasts) in [
            (world.user("alice"), None, 43_200),
            (world.user("alice"), Some(129_600), 129_600),
            (world.root(), None, 3600),
            (world.root(), Some(7200), 3600),
            (world.root(), Some(900), 900),
        ] {
            let output =
                world.call("GetSessionToken", &cx, json!({ "DurationSeconds": asked })).await.unwrap();
            let session = world.open(&output);
            assert_eq!(session.caller.principal, cx.caller.principal);
            assert_eq!(session.session.expires.since(cx.time).as_secs(), lasts);
            assert_eq!(session.session.issued, cx.time);
            assert!(session.session.mfa.is_none());
            let size = output["Credentials"]["SessionToken"].as_str().unwrap().len();
            assert_eq!(output["SessionTokenSize"], json!(size));
        }
    }

    #[tokio::test]
    async fn a_second_factor_is_verified_and_kept() {
        let world = World::new();
        let cx = world.user("alice");
        let serial = "arn:aws:iam::111122223333:mfa/alice";
        let ask = |code| json!({ "SerialNumber": serial, "TokenCode": code });
        let output = world.call("GetSessionToken", &cx, ask("123456")).await.unwrap();
        assert_eq!(world.open(&output).session.mfa, Some(cx.time));
        let wrong = world.call("GetSessionToken", &cx, ask("000000")).await;
        assert_eq!(
            name_and_message(wrong),
            (
                "AccessDenied",
                "MultiFactorAuthentication failed with invalid MFA one time pass code.".to_owned()
            )
        );
        let half = world.call("GetSessionToken", &cx, json!({ "SerialNumber": serial })).await;
        assert!(name_and_message(half).1.contains("must provide both"));
    }

    #[tokio::test]
    async fn sessions_have_no_sessions() {
        let world = World::new();
        let first = world.call("GetSessionToken", &world.user("alice"), json!({})).await.unwrap();
        let cx = world.of_session(&first);
        let again = world.call("GetSessionToken", &cx, json!({})).await;
        let refusal = "Cannot call GetSessionToken with session credentials".to_owned();
        assert_eq!(name_and_message(again), ("AccessDenied", refusal));
    }

    #[tokio::test]
    async fn a_token_is_as_long_as_asked_for() {
        let world = World::new();
        let input = json!({ "MinimumSessionTokenSize": 4096 });
        let output = world.call("GetSessionToken", &world.root(), input).await.unwrap();
        assert!(output["SessionTokenSize"].as_i64().unwrap() >= 4096);
        assert_eq!(output["SessionTokenUtilization"], json!(25));
    }
}
