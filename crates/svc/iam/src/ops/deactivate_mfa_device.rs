//! `DeactivateMFADevice`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeactivateMFADevice.html>
//!
//! Takes an MFA device out of use: of the named user, or of the caller, which may be the root user.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::mfa::Device;
use crate::records::MfaDevice;
use crate::repo;
use crate::service::Iam;
use crate::subject::Subject;

/// Whose the device is or shall be, and the device.
#[derive(Debug)]
pub struct Target {
    subject: Subject,
    device: Device,
}

impl Handler<Iam> for operations::DeactivateMFADevice {
    const ACCESS: Access = Access::write("iam:DeactivateMFADevice");
    type Target = Target;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let subject = Subject::find(iam, cx, input.user_name.as_deref()).await?;
        let device = Device::find(iam, cx, &input.serial_number).await?;
        let check = subject.check();
        Ok(Resolved::new(Target { subject, device }, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.subject.keys().get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        _: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (device, _) = target.device.of(target.subject.id()?)?;
        let serial_number = device.serial_number(cx.partition(), cx.account());
        let mut devices = target.subject.mfa_devices()?.to_vec();
        devices.retain(|other| *other != serial_number);
        let mut writes = WriteSet::new();
        let changed = MfaDevice { enabled: None, ..device.record.clone() };
        repo::replace(&mut writes, cx.account(), device, &changed);
        target.subject.set_mfa_devices(cx, &mut writes, devices)?;
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
        for name in ["Bob", "Eve"] {
            world.call("CreateUser", json!({"UserName": name})).await;
        }
        let (serial, _) = world.enable("bob", "Bob").await;
        let input = |user: &str| json!({"UserName": user, "SerialNumber": serial});
        let (action, resource) = world.demands("DeactivateMFADevice", input("Bob")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:DeactivateMFADevice", "arn:aws:iam::111122223333:user/Bob")
        );
        assert_eq!(world.error("DeactivateMFADevice", input("Eve")).await.0, "NoSuchEntityException");
        world.call("DeactivateMFADevice", input("Bob")).await;
        assert_eq!(world.call("ListMFADevices", json!({"UserName": "Bob"})).await["MFADevices"], json!([]));
        let error = world.error("DeactivateMFADevice", input("Bob")).await;
        assert_eq!(
            error,
            ("NoSuchEntityException", format!("MFA Device with serial number {serial} does not exist."))
        );
    }
}
