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
    use garrison_kernel::{Caller, Principal, Source};
    use garrison_types::{Partition, RequestId, Timestamp};

    use super::*;

    #[tokio::test]
    async fn a_root_user_is_told_its_account() {
        let account = "111122223333".parse().unwrap();
        for (region, partition, arn) in [
            ("eu-central-1", Partition::Aws, "arn:aws:iam::111122223333:root"),
            ("cn-north-1", Partition::AwsCn, "arn:aws-cn:iam::111122223333:root"),
        ] {
            let cx = Context {
                request_id: RequestId::from_random([0; 16]),
                event_id: RequestId::from_random([1; 16]),
                time: Timestamp::from_seconds(0),
                region: region.parse().unwrap(),
                caller: Caller::new(Principal::Root { account, partition }, None),
                source: Source::default(),
                via: None,
            };
            let input = GetCallerIdentityRequest::default();
            let resolved = <GetCallerIdentity as Handler<Sts>>::resolve(&Sts, &cx, &input).await.unwrap();
            assert!(resolved.checks.is_empty(), "no policy is asked");
            let reply = <GetCallerIdentity as Handler<Sts>>::execute(&Sts, &cx, &input, &()).await.unwrap();
            let expected = GetCallerIdentityResponse {
                user_id: Some("111122223333".to_owned()),
                account: Some("111122223333".to_owned()),
                arn: Some(arn.to_owned()),
            };
            assert_eq!(reply.output, expected);
            assert!(reply.writes.is_empty());
        }
    }
}
