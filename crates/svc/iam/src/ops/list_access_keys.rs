//! `ListAccessKeys`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccessKeys.html>
//!
//! Lists the access keys of the named user, or of the caller, which may be the root user.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::access_keys;
use crate::paging::Paging;
use crate::service::Iam;
use crate::subject::{About, Subject};

impl Handler<Iam> for operations::ListAccessKeys {
    const ACCESS: Access = Access::read("iam:ListAccessKeys");
    type Target = About;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        About::resolve(iam, cx, input.user_name.as_deref()).await
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        About(target): &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        About(target): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let mut found = Vec::new();
        match target {
            Subject::Root { .. } => found = iam.access_keys().of_root(cx.account()).await?,
            Subject::User(user) => {
                for id in &user.get()?.access_keys {
                    let key = iam.access_keys().get(id).await?;
                    found.extend(key.map(|key| (id.clone(), key.record)));
                }
            }
        }
        let name = target.name()?;
        let metadata = found.into_iter().map(|(id, key)| types::AccessKeyMetadata {
            user_name: Some(name.to_owned()),
            access_key_id: Some(id),
            status: Some(access_keys::status(&key)),
            create_date: Some(key.created.0),
        });
        let page = paging.page_in_order(metadata);
        let is_truncated = page.is_truncated();
        let marker = page.marker;
        Ok(Reply::new(types::ListAccessKeysResponse {
            access_key_metadata: page.items,
            is_truncated,
            marker,
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
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let mut ids = Vec::new();
        for _ in 0..2 {
            let made = world.call("CreateAccessKey", json!({"UserName": "Bob"})).await;
            ids.push(made["AccessKey"]["AccessKeyId"].clone());
        }
        let off = json!({"UserName": "Bob", "AccessKeyId": ids[0], "Status": "Inactive"});
        world.call("UpdateAccessKey", off).await;
        let page = world.call("ListAccessKeys", json!({"UserName": "Bob", "MaxItems": 1})).await;
        let first = &page["AccessKeyMetadata"][0];
        assert_eq!((&first["AccessKeyId"], &first["Status"]), (&ids[0], &json!("Inactive")));
        let page = world.call("ListAccessKeys", json!({"UserName": "Bob", "Marker": page["Marker"]})).await;
        let second = &page["AccessKeyMetadata"][0];
        assert_eq!((&second["AccessKeyId"], &second["Status"]), (&ids[1], &json!("Active")));
        assert_eq!((&second["UserName"], &page["IsTruncated"]), (&json!("Bob"), &json!(false)));
        assert_eq!(
            world.call("ListAccessKeys", json!({})).await["AccessKeyMetadata"],
            json!([]),
            "root's own"
        );
        let (action, resource) = world.demands("ListAccessKeys", json!({})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListAccessKeys", "arn:aws:iam::111122223333:user/nobody")
        );
        assert_eq!(world.error("ListAccessKeys", json!({"UserName": "No"})).await.0, "NoSuchEntityException");
    }
}
