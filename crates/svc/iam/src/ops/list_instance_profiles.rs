//! `ListInstanceProfiles`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfiles.html>

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::instance_profiles;
use crate::names;
use crate::paging::{Paging, has_prefix};
use crate::records::InstanceProfile;
use crate::service::Iam;

impl Handler<Iam> for operations::ListInstanceProfiles {
    const ACCESS: Access = Access::read("iam:ListInstanceProfiles");
    type Target = Paging;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let prefix = input.path_prefix.as_deref().unwrap_or("/");
        let arn = names::arn(cx.partition(), cx.account(), "instance-profile", prefix, "");
        Ok(Resolved::new(paging, Check::resource(arn, cx.account())))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let prefix = input.path_prefix.as_deref();
        let keep = |profile: &InstanceProfile| has_prefix(&profile.path, prefix);
        let page = iam.repo().list::<InstanceProfile>(cx.account(), target, keep).await?;
        Ok(Reply::new(types::ListInstanceProfilesResponse {
            is_truncated: page.is_truncated(),
            instance_profiles: instance_profiles::all_to_api(iam, cx, &page.items).await?,
            marker: page.marker,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        for (name, path) in [("b", "/"), ("a", "/x/"), ("c", "/")] {
            world.call("CreateInstanceProfile", json!({"InstanceProfileName": name, "Path": path})).await;
        }
        let page = world.call("ListInstanceProfiles", json!({"MaxItems": 2})).await;
        assert_eq!(page["InstanceProfiles"][1]["InstanceProfileName"], "b");
        let page = world.call("ListInstanceProfiles", json!({"Marker": page["Marker"]})).await;
        assert_eq!(
            (&page["InstanceProfiles"][0]["InstanceProfileName"], &page["IsTruncated"]),
            (&json!("c"), &json!(false))
        );
        let page = world.call("ListInstanceProfiles", json!({"PathPrefix": "/x/"})).await;
        assert_eq!(page["InstanceProfiles"].as_array().unwrap().len(), 1);
        let (action, resource) = world.demands("ListInstanceProfiles", json!({})).await;
        let arn = "arn:aws:iam::111122223333:instance-profile/";
        assert_eq!((action.as_str(), resource.as_str()), ("iam:ListInstanceProfiles", arn));
    }
}
