//! `UntagMFADevice`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagMFADevice.html>
//!
//! Takes tags off a virtual MFA device.

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

impl Handler<Iam> for operations::UntagMFADevice {
    const ACCESS: Access = Access::write("iam:UntagMFADevice");
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
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { tag_keys: &input.tag_keys, ..target.keys() }.get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let old = target.get()?;
        let mut changed = old.record.clone();
        tagging::remove(&mut changed.tags, &input.tag_keys)?;
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
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
        world.call("TagMFADevice", json!({"SerialNumber": serial, "Tags": tags})).await;
        let input = json!({"SerialNumber": serial, "TagKeys": ["A"]});
        let (action, resource) = world.demands("UntagMFADevice", input.clone()).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:UntagMFADevice", &*serial));
        world.call("UntagMFADevice", input).await;
        let tags = world.call("ListMFADeviceTags", json!({"SerialNumber": serial})).await;
        assert_eq!(tags["Tags"], json!([{"Key": "b", "Value": "2"}]));
        let none = json!({"SerialNumber": "arn:aws:iam::111122223333:mfa/no", "TagKeys": []});
        assert_eq!(world.error("UntagMFADevice", none).await.0, "NoSuchEntityException");
    }
}
