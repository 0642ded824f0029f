//! `GetFederationToken`: credentials for somebody else whom the caller, a user or root user, answers for.
//!
//! <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/GetFederationToken>. Permissions: `sts:GetFederationToken` on
//! `arn:aws:sts::ACCOUNT:federated-user/NAME`; with session tags, `sts:TagSession` too.

use garrison_api_sts::operations::GetFederationToken;
use garrison_api_sts::types::{FederatedUser, GetFederationTokenRequest, GetFederationTokenResponse};
use garrison_kernel::session_token::{SessionGrant, federated_user};
use garrison_kernel::{Access, Check, Context, Handler, Principal, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;

use super::get_session_token::{long_term_only, seconds};
use crate::keys::RequestKeys;
use crate::passed::{Passed, pairs};
use crate::service::Sts;

/// What a request asks for.
#[derive(Debug)]
pub struct Target {
    user: garrison_kernel::principal::FederatedUser,
    passed: Passed,
    keys: RequestKeys,
}

impl Handler<Sts> for GetFederationToken {
    const ACCESS: Access = Access { response_elements: true, ..Access::key_use("sts:GetFederationToken") }
        .omitting_response(super::NOT_AUDITED);
    type Target = Target;

    async fn resolve(
        _: &Sts,
        cx: &Context,
        input: &GetFederationTokenRequest,
    ) -> Result<Resolved<Target>, ApiError> {
        long_term_only(cx, "GetFederationToken")?;
        let user = federated_user(&input.name, cx.caller.principal.clone())
            .ok_or_else(|| errors::internal("a user whose ARN is none"))?;
        let tags = pairs(input.tags.as_deref());
        let (policy, policy_arns) = (input.policy.as_deref(), input.policy_arns.as_deref());
        let passed = Passed::new(policy, policy_arns, tags, &[], Vec::new())?;
        let keys = RequestKeys::default().with_tags(&passed.tags);
        let check = Check::resource(std::sync::Arc::clone(&user.arn), user.account);
        let tag = (!passed.tags.is_empty()).then(|| check.clone().action("sts:TagSession"));
        let resolved = Resolved::new(Target { user, passed, keys }, check);
        Ok(match tag {
            Some(tag) => resolved.and(tag),
            None => resolved,
        })
    }

    fn condition<'a>(
        _: &'a Sts,
        _: &'a Context,
        _: &'a GetFederationTokenRequest,
        target: &'a Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys.values(key)
    }

    async fn execute(
        sts: &Sts,
        cx: &Context,
        input: &GetFederationTokenRequest,
        target: &Target,
    ) -> Result<Reply<GetFederationTokenResponse>, ApiError> {
        target.passed.check_managed(sts, target.user.account).await?;
        let mut grant = SessionGrant::new(Principal::FederatedUser(target.user.clone().into()));
        target.passed.fill(&mut grant);
        grant.minimum_token_size = super::assume_role::minimum(input.minimum_session_token_size);
        let issued = sts.issue(&grant, cx.time, seconds(&cx.caller.principal, input.duration_seconds))?;
        Ok(Reply::new(GetFederationTokenResponse {
            credentials: Some(issued.credentials),
            federated_user: Some(FederatedUser {
                federated_user_id: target.user.user_id.to_string(),
                arn: target.user.arn.to_string(),
            }),
            packed_policy_size: target.passed.packed,
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.size),
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, name_and_message};

    const POLICY: &str =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let input = json!({ "Name": "bob", "Policy": POLICY, "Tags": [{ "Key": "team", "Value": "x" }] });
        let output = world.call("GetFederationToken", &world.user("alice"), input).await.unwrap();
        let user = json!({
            "FederatedUserId": "111122223333:bob",
            "Arn": "arn:aws:sts::111122223333:federated-user/bob",
        });
        assert_eq!(output["FederatedUser"], user);
        assert!(output["PackedPolicySize"].as_i64().unwrap() > 0);
        let session = world.open(&output);
        assert_eq!(&*session.caller.arn, "arn:aws:sts::111122223333:federated-user/bob");
        assert_eq!(session.session.tags, [("team".to_owned(), "x".to_owned())]);
        assert_eq!(session.session.policies.len(), 1);
        assert_eq!(session.session.expires.since(world.root().time).as_secs(), 43_200);
    }

    #[tokio::test]
    async fn it_demands_the_permission_on_the_federated_user() {
        let world = World::new();
        let bob = "arn:aws:sts::111122223333:federated-user/bob";
        let nobody = world.user("nobody");
        let denied = |input| world.demands("GetFederationToken", &nobody, input);
        assert_eq!(denied(json!({ "Name": "bob" })).await, ("sts:GetFederationToken".into(), bob.into()));
        world.allow("tagless", r#"{"Effect":"Allow","Action":"sts:GetFederationToken","Resource":"*"}"#);
        let input = json!({ "Name": "bob", "Tags": [{ "Key": "team", "Value": "x" }] });
        let tagging = world.demands("GetFederationToken", &world.user("tagless"), input).await;
        assert_eq!(tagging, ("sts:TagSession".into(), bob.into()));
    }

    #[tokio::test]
    async fn what_is_wrong_is_refused() {
        let world = World::new();
        let session = world.call("GetSessionToken", &world.user("alice"), json!({})).await.unwrap();
        let refused =
            world.call("GetFederationToken", &world.of_session(&session), json!({ "Name": "bob" })).await;
        assert_eq!(name_and_message(refused).0, "AccessDenied");
        let tag = |key: &str| json!({ "Key": key, "Value": "v" });
        let long: Vec<_> =
            (0..20).map(|n| json!({ "Key": format!("{n}"), "Value": "v".repeat(256) })).collect();
        for (input, name) in [
            (json!({ "Name": "bob", "Policy": "{" }), "MalformedPolicyDocumentException"),
            (json!({ "Name": "bob", "Tags": [tag("a"), tag("A")] }), "ValidationException"),
            (json!({ "Name": "bob", "Tags": [tag("aws:x")] }), "ValidationException"),
            (json!({ "Name": "bob", "Tags": long }), "PackedPolicyTooLargeException"),
            (
                json!({ "Name": "bob", "PolicyArns": [{ "arn": "arn:aws:iam::aws:policy/None" }] }),
                "ValidationException",
            ),
            (
                json!({ "Name": "bob", "PolicyArns": vec![json!({ "arn": "arn:aws:iam::aws:policy/Known" }); 11] }),
                "ValidationException",
            ),
        ] {
            let refused = world.call("GetFederationToken", &world.user("alice"), input.clone()).await;
            assert_eq!(name_and_message(refused).0, name, "{input}");
        }
    }
}
