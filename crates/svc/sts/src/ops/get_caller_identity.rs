//! `GetCallerIdentity`: account, ARN and unique id of whoever signed the request.
//!
//! Source: AWS STS API Reference, "GetCallerIdentity". No permission is needed for it, and none can deny it: the
//! caller learns nothing that a refusal would not tell as well.

use garrison_api_sts::operations::GetCallerIdentity;
use garrison_api_sts::types::{GetCallerIdentityRequest, GetCallerIdentityResponse};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::service::Sts;

impl Handler<Sts> for GetCallerIdentity {
    const ACCESS: Access = Access::read("sts:GetCallerIdentity");
    type Target = ();

    /// No question to authorization.
    async fn resolve(_: &Sts, _: &Context, _: &GetCallerIdentityRequest) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved { target: (), checks: Vec::new(), resources: Vec::new() })
    }

    async fn execute(
        _: &Sts,
        cx: &Context,
        _: &GetCallerIdentityRequest,
        (): &(),
    ) -> Result<Reply<GetCallerIdentityResponse>, ApiError> {
        let caller = &cx.caller;
        Ok(Reply::new(GetCallerIdentityResponse {
            user_id: Some(caller.principal.user_id()),
            account: Some(cx.account().to_string()),
            arn: Some(caller.arn.to_string()),
        }))
    }
}

#[cfg(test)]
mod tests {
    use garrison_kernel::{Caller, Principal};
    use garrison_types::Partition;
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let trust = r#"{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}"#;
        let arn = world.role("444455556666", "path/Reader", trust);
        let alice = world.user("alice");
        let made = |operation, input| world.call(operation, &alice, input);
        let role = made("AssumeRole", json!({ "RoleArn": arn, "RoleSessionName": "work" })).await.unwrap();
        let federated = made("GetFederationToken", json!({ "Name": "bob" })).await.unwrap();
        let own = made("GetSessionToken", json!({})).await.unwrap();
        let mut china = world.root();
        let account = china.account();
        china.caller = Caller::new(Principal::Root { account, partition: Partition::AwsCn }, None);
        for (cx, account, id, arn) in [
            (world.root(), "111122223333", "111122223333", "arn:aws:iam::111122223333:root"),
            (china, "111122223333", "111122223333", "arn:aws-cn:iam::111122223333:root"),
            (world.user("nobody"), "111122223333", "AIDAEXAMPLE", "arn:aws:iam::111122223333:user/nobody"),
            (world.of_session(&own), "111122223333", "AIDAEXAMPLE", "arn:aws:iam::111122223333:user/alice"),
            (
                world.of_session(&role),
                "444455556666",
                "AROAEXAMPLE:work",
                "arn:aws:sts::444455556666:assumed-role/Reader/work",
            ),
            (
                world.of_session(&federated),
                "111122223333",
                "111122223333:bob",
                "arn:aws:sts::111122223333:federated-user/bob",
            ),
        ] {
            let output = world.call("GetCallerIdentity", &cx, json!({})).await.unwrap();
            assert_eq!(output, json!({ "UserId": id, "Account": account, "Arn": arn }));
        }
    }
}
