//! `ResyncMFADevice`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ResyncMFADevice.html>
//!
//! Takes the time of a device whose clock is off from two codes that follow each other.

use garrison_api_iam::operations;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::mfa::{self, Device};
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

impl Handler<Iam> for operations::ResyncMFADevice {
    const ACCESS: Access = Access::write("iam:ResyncMFADevice");
    type Target = Target;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let subject = Subject::find(iam, cx, Some(&input.user_name)).await?;
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
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (device, enabled) = target.device.of(target.subject.id()?)?;
        let codes = (&*input.authentication_code1, &*input.authentication_code2);
        let enabled = mfa::resync(iam, cx, device, enabled, codes)?;
        let mut writes = WriteSet::new();
        let changed = MfaDevice { enabled: Some(enabled), ..device.record.clone() };
        repo::replace(&mut writes, cx.account(), device, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    use crate::testing::codes;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let (serial, seed) = world.enable("bob", "Bob").await;
        let input = |one: &str, two: &str| json!({"UserName": "Bob", "SerialNumber": serial, "AuthenticationCode1": one, "AuthenticationCode2": two});
        let [one, two, three] = codes(&world, &seed, [20, 21, 22]);
        let bob = world.as_user("Bob").await.caller.principal;
        assert!(!world.verify_mfa(&bob, &serial, &three).await, "ten minutes ahead");
        let (action, resource) = world.demands("ResyncMFADevice", input(&one, &two)).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ResyncMFADevice", "arn:aws:iam::111122223333:user/Bob")
        );
        assert_eq!(
            world.error("ResyncMFADevice", input(&two, &one)).await.0,
            "InvalidAuthenticationCodeException"
        );
        world.call("ResyncMFADevice", input(&one, &two)).await;
        assert!(!world.verify_mfa(&bob, &serial, &two).await, "used");
        assert!(world.verify_mfa(&bob, &serial, &three).await);
        let error = world.error("ResyncMFADevice", input(&one, &two)).await;
        assert_eq!(error.0, "InvalidAuthenticationCodeException", "used");
        world.call("DeactivateMFADevice", json!({"UserName": "Bob", "SerialNumber": serial})).await;
        assert_eq!(world.error("ResyncMFADevice", input(&one, &two)).await.0, "NoSuchEntityException");
    }
}
