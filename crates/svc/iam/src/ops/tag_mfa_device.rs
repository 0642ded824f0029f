//! `TagMFADevice`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagMFADevice.html>
//!
//! Puts tags on a virtual MFA device.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::mfa::Device;
use crate::repo;
use crate::service::Iam;
use crate::tagging;

/// The device, and the keys of the tags.
#[derive(Debug)]
pub struct TagTarget {
    device: Device,
    tag_keys: Vec<String>,
}

impl Handler<Iam> for operations::TagMFADevice {
    const ACCESS: Access = Access::write("iam:TagMFADevice");
    type Target = TagTarget;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let device = Device::find(iam, cx, &input.serial_number).await?;
        let check = device.check(cx);
        Ok(Resolved::new(TagTarget { device, tag_keys: tagging::keys(Some(&input.tags)) }, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { request_tags: Some(&input.tags), tag_keys: &target.tag_keys, ..target.device.keys() }.get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let old = target.device.get()?;
        let mut changed = old.record.clone();
        tagging::add(&mut changed.tags, &input.tags)?;
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), old, &changed);
        Ok(Reply::with_writes(Unit, writes))
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
        let input = json!({"SerialNumber": serial, "Tags": [{"Key": "Team", "Value": "x"}]});
        let (action, resource) = world.demands("TagMFADevice", input.clone()).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:TagMFADevice", &*serial));
        world.call("TagMFADevice", input).await;
        let tags = world.call("ListMFADeviceTags", json!({"SerialNumber": serial})).await;
        assert_eq!(tags["Tags"], json!([{"Key": "Team", "Value": "x"}]));
        let none = json!({"SerialNumber": "arn:aws:iam::111122223333:mfa/no", "Tags": []});
        assert_eq!(world.error("TagMFADevice", none).await.0, "NoSuchEntityException");
        let bad = json!({"SerialNumber": serial, "Tags": [{"Key": "aws:x", "Value": ""}]});
        assert_eq!(world.error("TagMFADevice", bad).await.0, "InvalidInputException");
    }
}
