//! `ListMFADeviceTags`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADeviceTags.html>
//!
//! Lists the tags of a virtual MFA device, by their keys.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::mfa::Device;
use crate::paging::Paging;
use crate::service::Iam;

impl Handler<Iam> for operations::ListMFADeviceTags {
    const ACCESS: Access = Access::read("iam:ListMFADeviceTags");
    type Target = Device;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        Device::resolve(iam, cx, &input.serial_number).await
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
        _: &Iam,
        _: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let mut tags = target.get()?.tags.to_api();
        tags.sort_by(|a, b| a.key.cmp(&b.key));
        let page = paging.page_of(tags, |tag| tag.key.clone());
        let is_truncated = page.is_truncated();
        Ok(Reply::new(types::ListMFADeviceTagsResponse {
            tags: page.items,
            is_truncated,
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
        let (serial, _) = world.mfa_device("bob").await;
        let tags = json!([{"Key": "b", "Value": "2"}, {"Key": "a", "Value": "1"}]);
        world.call("TagMFADevice", json!({"SerialNumber": serial, "Tags": tags})).await;
        let page = world.call("ListMFADeviceTags", json!({"SerialNumber": serial, "MaxItems": 1})).await;
        assert_eq!(
            (&page["Tags"], &page["IsTruncated"]),
            (&json!([{"Key": "a", "Value": "1"}]), &json!(true))
        );
        let input = json!({"SerialNumber": serial, "Marker": page["Marker"]});
        assert_eq!(world.call("ListMFADeviceTags", input).await["Tags"][0]["Key"], "b");
        let (action, resource) = world.demands("ListMFADeviceTags", json!({"SerialNumber": serial})).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:ListMFADeviceTags", &*serial));
        let none = json!({"SerialNumber": "arn:aws:iam::444455556666:mfa/bob"});
        assert_eq!(world.error("ListMFADeviceTags", none).await.0, "NoSuchEntityException");
    }
}
