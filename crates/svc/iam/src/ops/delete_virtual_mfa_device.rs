//! `DeleteVirtualMFADevice`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteVirtualMFADevice.html>
//!
//! Deletes a virtual MFA device that is not in use, and its seed for good.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::error;
use crate::mfa::Device;
use crate::repo;
use crate::service::Iam;

impl Handler<Iam> for operations::DeleteVirtualMFADevice {
    const ACCESS: Access = Access::write("iam:DeleteVirtualMFADevice");
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
        cx: &Context,
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let device = target.get()?;
        if device.enabled.is_some() {
            return Err(error::delete_conflict("deactivate MFA device"));
        }
        let mut writes = WriteSet::new();
        repo::delete(&mut writes, cx.account(), device);
        writes.erase = true;
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
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let (serial, _) = world.enable("bob", "Bob").await;
        let input = json!({"SerialNumber": serial});
        assert_eq!(world.error("DeleteVirtualMFADevice", input.clone()).await.0, "DeleteConflictException");
        let (action, resource) = world.demands("DeleteVirtualMFADevice", input.clone()).await;
        assert_eq!((action.as_str(), resource.as_str()), ("iam:DeleteVirtualMFADevice", &*serial));
        world.call("DeactivateMFADevice", json!({"UserName": "Bob", "SerialNumber": serial})).await;
        world.call("DeleteVirtualMFADevice", input.clone()).await;
        assert_eq!(world.error("DeleteVirtualMFADevice", input).await.0, "NoSuchEntityException");
        world.call("DeleteUser", json!({"UserName": "Bob"})).await;
    }
}
