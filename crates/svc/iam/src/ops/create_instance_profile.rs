//! `CreateInstanceProfile`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html>
//!
//! With tags the caller needs `iam:TagInstanceProfile` as well.

use garrison_api_iam::{errors as api, operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::instance_profiles;
use crate::names::{self, IdPrefix};
use crate::quota;
use crate::records::{InstanceProfile, Time};
use crate::repo;
use crate::service::Iam;
use crate::tagging;

/// What the input says, checked.
#[derive(Debug)]
pub struct NewProfile {
    path: String,
    tag_keys: Vec<String>,
}

impl Handler<Iam> for operations::CreateInstanceProfile {
    const ACCESS: Access = Access::write("iam:CreateInstanceProfile");
    type Target = NewProfile;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let path = names::path(input.path.as_deref())?;
        names::check("instanceProfileName", &input.instance_profile_name, 128)?;
        let arn =
            names::arn(cx.partition(), cx.account(), "instance-profile", &path, &input.instance_profile_name);
        let target = NewProfile { path, tag_keys: tagging::keys(input.tags.as_deref()) };
        let check = Check::resource(arn, cx.account());
        Ok(tagging::resolved(target, check, "iam:TagInstanceProfile", input.tags.as_deref()))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { request_tags: input.tags.as_deref(), tag_keys: &target.tag_keys, ..Keys::default() }.get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let account = cx.account();
        let name = &input.instance_profile_name;
        if iam.repo().get::<InstanceProfile>(account, name).await?.is_some() {
            return Err(api::entity_already_exists_exception(format!(
                "Instance Profile {name} already exists."
            )));
        }
        let current = iam.repo().count::<InstanceProfile>(account).await?;
        quota::INSTANCE_PROFILES_PER_ACCOUNT.ensure_room(current)?;
        let profile = InstanceProfile {
            name: name.clone(),
            path: target.path.clone(),
            id: names::unique_id(iam.kernel().rng(), IdPrefix::InstanceProfile),
            created: Time::of(cx),
            tags: tagging::of_new(input.tags.as_deref())?,
            role: None,
        };
        let mut writes = WriteSet::new();
        repo::create(&mut writes, account, &profile);
        let instance_profile = instance_profiles::to_api(iam, cx, &profile).await?;
        Ok(Reply::with_writes(types::CreateInstanceProfileResponse { instance_profile }, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let input =
            json!({"InstanceProfileName": "Web", "Path": "/a/", "Tags": [{"Key": "k", "Value": "v"}]});
        let (action, resource) = world.demands("CreateInstanceProfile", input.clone()).await;
        let arn = "arn:aws:iam::111122223333:instance-profile/a/Web";
        assert_eq!((action.as_str(), resource.as_str()), ("iam:CreateInstanceProfile", arn));
        let made = world.call("CreateInstanceProfile", input.clone()).await;
        let profile = &made["InstanceProfile"];
        assert_eq!((&profile["Arn"], &profile["Roles"]), (&json!(arn), &json!([])));
        assert!(profile["InstanceProfileId"].as_str().unwrap().starts_with("AIPA"));
        let found = world.call("GetInstanceProfile", json!({"InstanceProfileName": "Web"})).await;
        assert_eq!(found, made);
        let taken = "Instance Profile Web already exists.".to_owned();
        assert_eq!(
            world.error("CreateInstanceProfile", input).await,
            ("EntityAlreadyExistsException", taken)
        );
        let bad = world.error("CreateInstanceProfile", json!({"InstanceProfileName": "a b"})).await;
        assert_eq!(bad.0, "ValidationException");
    }
}
