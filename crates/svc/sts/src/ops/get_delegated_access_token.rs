//! `GetDelegatedAccessToken`: credentials for a trade-in token.
//!
//! <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/GetDelegatedAccessToken>. Permission:
//! `sts:GetDelegatedAccessToken`. A trade-in token is what IAM gives a partner whose delegation request was accepted; it is
//! sealed here as session tokens are ([`garrison_kernel::session_token`]), so that there is no other source of one.

use garrison_api_sts::errors as api;
use garrison_api_sts::operations::GetDelegatedAccessToken;
use garrison_api_sts::types::{GetDelegatedAccessTokenRequest, GetDelegatedAccessTokenResponse};
use garrison_kernel::identity::CredentialError;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::ApiError;

use crate::service::Sts;

impl Handler<Sts> for GetDelegatedAccessToken {
    const ACCESS: Access =
        Access { response_elements: true, ..Access::key_use("sts:GetDelegatedAccessToken") }
            .omitting_response(super::NOT_AUDITED);
    type Target = ();

    async fn resolve(
        _: &Sts,
        _: &Context,
        _: &GetDelegatedAccessTokenRequest,
    ) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        sts: &Sts,
        cx: &Context,
        input: &GetDelegatedAccessTokenRequest,
        (): &(),
    ) -> Result<Reply<GetDelegatedAccessTokenResponse>, ApiError> {
        let traded =
            sts.tokens().open_trade_in(&input.trade_in_token, cx.time).map_err(|error| match error {
                CredentialError::Expired => {
                    api::expired_trade_in_token_exception("The trade-in token has expired.")
                }
                _ => errors::validation("The trade-in token is not valid."),
            })?;
        let issued = sts.issue(&traded.grant, cx.time, traded.seconds)?;
        Ok(Reply::new(GetDelegatedAccessTokenResponse {
            credentials: Some(issued.credentials),
            packed_policy_size: None,
            assumed_principal: Some(traded.grant.principal.arn().to_string()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use garrison_kernel::session_token::{SessionGrant, TradeIn};
    use serde_json::json;

    use crate::testing::{World, name_and_message};

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let partner = world.user_of("444455556666", "alice");
        let policy =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
        let mut grant = SessionGrant::new(world.user("owner").caller.principal);
        grant.policies.push(policy.to_owned());
        let trade = TradeIn { grant, seconds: 900 };
        let (now, hour, rng) = (world.root().time, Duration::from_secs(3600), world.test.kernel.rng());
        let token = world.sts.tokens().seal_trade_in(&trade, now, hour, rng).unwrap();
        let output =
            world.call("GetDelegatedAccessToken", &partner, json!({ "TradeInToken": token })).await.unwrap();
        assert_eq!(output["AssumedPrincipal"], "arn:aws:iam::111122223333:user/owner");
        let session = world.open(&output);
        assert_eq!(session.caller.principal, trade.grant.principal);
        assert_eq!(session.session.policies.len(), 1);
        assert_eq!(session.session.expires.since(now), Duration::from_secs(900));
        let demanded = world
            .demands("GetDelegatedAccessToken", &world.user("nobody"), json!({ "TradeInToken": token }))
            .await;
        assert_eq!(demanded, ("sts:GetDelegatedAccessToken".to_owned(), "*".to_owned()));
        for foreign in ["AAAA", output["Credentials"]["SessionToken"].as_str().unwrap()] {
            let refused =
                world.call("GetDelegatedAccessToken", &partner, json!({ "TradeInToken": foreign })).await;
            assert_eq!(name_and_message(refused).0, "ValidationException");
        }
        world.test.clock.tick(hour);
        let mut late = partner.clone();
        late.time = world.root().time;
        let refused = world.call("GetDelegatedAccessToken", &late, json!({ "TradeInToken": token })).await;
        assert_eq!(name_and_message(refused).0, "ExpiredTradeInTokenException");
    }
}
