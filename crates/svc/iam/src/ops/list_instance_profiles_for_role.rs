//! `ListInstanceProfilesForRole`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListInstanceProfilesForRole.html>

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::instance_profiles;
use crate::paging::Paging;
use crate::records::{InstanceProfile, Role};
use crate::service::Iam;

impl Handler<Iam> for operations::ListInstanceProfilesForRole {
    const ACCESS: Access = Access::read("iam:ListInstanceProfilesForRole");
    type Target = Named<Role>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        Named::resolve(iam, cx, &input.role_name).await
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let account = cx.account();
        let links = iam.repo().links(account, instance_profiles::PROFILES, &target.get()?.id).await?;
        let page = paging.page_of(links.to, Clone::clone);
        let mut profiles = Vec::new();
        for id in &page.items {
            profiles
                .extend(iam.repo().by_id::<InstanceProfile>(account, id).await?.map(|found| found.record));
        }
        Ok(Reply::new(types::ListInstanceProfilesForRoleResponse {
            is_truncated: page.is_truncated(),
            instance_profiles: instance_profiles::all_to_api(iam, cx, &profiles).await?,
            marker: page.marker,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(name: &str) -> serde_json::Value {
        json!({"RoleName": name})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.role("Bob").await;
        for name in ["a", "b", "c"] {
            world.call("CreateInstanceProfile", json!({"InstanceProfileName": name})).await;
        }
        for name in ["a", "b"] {
            world
                .call("AddRoleToInstanceProfile", json!({"InstanceProfileName": name, "RoleName": "Bob"}))
                .await;
        }
        let found = world.call("ListInstanceProfilesForRole", input("Bob")).await;
        assert_eq!(found["InstanceProfiles"].as_array().unwrap().len(), 2);
        assert_eq!(found["InstanceProfiles"][0]["Roles"][0]["RoleName"], "Bob");
        assert_eq!(
            world.error("ListInstanceProfilesForRole", input("Nobody")).await,
            ("NoSuchEntityException", "The role with name Nobody cannot be found.".to_owned())
        );
        let (action, resource) = world.demands("ListInstanceProfilesForRole", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListInstanceProfilesForRole", "arn:aws:iam::111122223333:role/Bob")
        );
    }
}
