//! `GetAccountAuthorizationDetails`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetAccountAuthorizationDetails>
//!
//! Action `iam:GetAccountAuthorizationDetails` on `*`.

use garrison_api_iam::operations::GetAccountAuthorizationDetails;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::authorization_details;
use crate::paging::Paging;
use crate::service::Iam;

impl Handler<Iam> for GetAccountAuthorizationDetails {
    const ACCESS: Access = Access::read("iam:GetAccountAuthorizationDetails");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        (): &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let filter = input.filter.as_deref();
        Ok(Reply::new(authorization_details::page(iam, cx, filter, &paging).await?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{DOCUMENT, World};
    use crate::user_credentials::tests::world;

    const LISTS: [&str; 4] = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];

    fn lengths(output: &Value) -> [usize; 4] {
        LISTS.map(|list| output[list].as_array().unwrap().len())
    }

    /// A user, a role and a policy, which the role has beside one of AWS's.
    async fn account() -> World {
        let world = world(&["ann"]).await;
        world.role("App").await;
        let own = world.policy("Own").await;
        for arn in [&*own, "arn:aws:iam::aws:policy/SecurityAudit"] {
            world.call("AttachRolePolicy", json!({"RoleName": "App", "PolicyArn": arn})).await;
        }
        world
            .call("PutRolePolicy", json!({"RoleName": "App", "PolicyName": "p", "PolicyDocument": DOCUMENT}))
            .await;
        world
    }

    #[tokio::test]
    async fn answers_everything() {
        let output = account().await.call("GetAccountAuthorizationDetails", json!({})).await;
        assert_eq!(lengths(&output), [1, 0, 1, 2], "of AWS's policies only those that are used");
        assert_eq!(output["UserDetailList"][0]["Arn"], "arn:aws:iam::111122223333:user/team/ann");
        let role = &output["RoleDetailList"][0];
        assert_eq!(role["AttachedManagedPolicies"][0]["PolicyName"], "Own");
        assert_eq!(role["RolePolicyList"][0]["PolicyName"], "p");
        assert!(role["AssumeRolePolicyDocument"].as_str().unwrap().starts_with("%7B"));
        let own = &output["Policies"][0];
        assert_eq!((&own["PolicyName"], &own["AttachmentCount"]), (&json!("Own"), &json!(1)));
        assert_eq!(own["PolicyVersionList"][0]["IsDefaultVersion"], true);
        assert!(own["PolicyVersionList"][0]["Document"].as_str().unwrap().starts_with("%7B"));
        assert_eq!(output["Policies"][1]["PolicyName"], "SecurityAudit");
    }

    #[tokio::test]
    async fn answers_by_kinds_and_pages() {
        let world = account().await;
        for (filter, expected) in [
            (json!(["User"]), [1, 0, 0, 0]),
            (json!(["Role", "LocalManagedPolicy"]), [0, 0, 1, 1]),
            (json!(["AWSManagedPolicy"]), [0, 0, 0, 1]),
            (json!(["Group"]), [0, 0, 0, 0]),
        ] {
            let output = world.call("GetAccountAuthorizationDetails", json!({"Filter": filter})).await;
            assert_eq!(lengths(&output), expected, "{filter}");
        }
        let first = world.call("GetAccountAuthorizationDetails", json!({"MaxItems": 3})).await;
        assert_eq!((lengths(&first), &first["IsTruncated"]), ([1, 0, 1, 1], &json!(true)));
        let second = world.call("GetAccountAuthorizationDetails", json!({"Marker": first["Marker"]})).await;
        assert_eq!((lengths(&second), &second["IsTruncated"]), ([0, 0, 0, 1], &json!(false)));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = World::new().demands("GetAccountAuthorizationDetails", json!({})).await;
        assert_eq!(demanded, ("iam:GetAccountAuthorizationDetails".to_owned(), "*".to_owned()));
    }
}
