//! `GetAccessKeyInfo`: the account of an access key id.
//!
//! <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/GetAccessKeyInfo>. Permission: `sts:GetAccessKeyInfo`. The
//! account is in the id itself, so that it is answered for keys that are deleted as well.

use garrison_api_sts::operations::GetAccessKeyInfo;
use garrison_api_sts::types::{GetAccessKeyInfoRequest, GetAccessKeyInfoResponse};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_schema::ApiError;

use crate::service::Sts;

impl Handler<Sts> for GetAccessKeyInfo {
    const ACCESS: Access = Access::read("sts:GetAccessKeyInfo");
    type Target = ();

    async fn resolve(_: &Sts, _: &Context, _: &GetAccessKeyInfoRequest) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        sts: &Sts,
        _: &Context,
        input: &GetAccessKeyInfoRequest,
        (): &(),
    ) -> Result<Reply<GetAccessKeyInfoResponse>, ApiError> {
        let account = sts.directory().account_of_access_key(&input.access_key_id);
        let account = account.ok_or_else(|| {
            errors::validation(format!("{} was not issued by this installation.", input.access_key_id))
        })?;
        Ok(Reply::new(GetAccessKeyInfoResponse { account: Some(account.to_string()) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::{World, name_and_message};

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let session = world.call("GetSessionToken", &world.root(), json!({})).await.unwrap();
        let input = json!({ "AccessKeyId": session["Credentials"]["AccessKeyId"] });
        let output = world.call("GetAccessKeyInfo", &world.root(), input).await.unwrap();
        assert_eq!(output, json!({ "Account": "111122223333" }));
        let foreign = json!({ "AccessKeyId": "AKIAIOSFODNN7EXAMPLE" });
        let refused = world.call("GetAccessKeyInfo", &world.root(), foreign.clone()).await;
        assert_eq!(name_and_message(refused).0, "ValidationException");
        let demanded = world.demands("GetAccessKeyInfo", &world.user("nobody"), foreign).await;
        assert_eq!(demanded, ("sts:GetAccessKeyInfo".to_owned(), "*".to_owned()));
    }
}
