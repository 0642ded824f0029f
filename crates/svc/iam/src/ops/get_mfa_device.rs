//! `GetMFADevice`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetMFADevice.html>
//!
//! Shows an MFA device that is in use: of the named user, or of whoever has it. Certifications are those of security
//! keys, of which there are none.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::mfa::Device;
use crate::records::User;
use crate::service::Iam;
use crate::subject::{ROOT_NAME, Subject};

/// Whose the device is or shall be, and the device.
#[derive(Debug)]
pub struct Target {
    subject: Subject,
    device: Device,
}

impl Handler<Iam> for operations::GetMFADevice {
    const ACCESS: Access = Access::read("iam:GetMFADevice");
    type Target = Target;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let device = Device::find(iam, cx, &input.serial_number).await?;
        let owner = match (&input.user_name, device.get().ok().and_then(|device| device.enabled.as_ref())) {
            (None, Some(enabled)) if enabled.owner == ROOT_NAME => Some(ROOT_NAME.to_owned()),
            (None, Some(enabled)) => {
                let user = iam.repo().by_id::<User>(cx.account(), &enabled.owner).await?;
                user.map(|user| user.name.clone())
            }
            (given, _) => given.clone(),
        };
        let subject = Subject::find(iam, cx, owner.as_deref()).await?;
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
        let (device, enabled) = target.device.of(target.subject.id()?)?;
        Ok(Reply::new(types::GetMFADeviceResponse {
            user_name: Some(target.subject.name()?.to_owned()),
            serial_number: device.serial_number(cx.partition(), cx.account()),
            enable_date: Some(enabled.since.0),
            certifications: None,
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
        let (serial, _) = world.enable("bob", "Bob").await;
        for input in [json!({"SerialNumber": serial}), json!({"SerialNumber": serial, "UserName": "Bob"})] {
            let found = world.call("GetMFADevice", input.clone()).await;
            assert_eq!((&found["UserName"], &found["SerialNumber"]), (&json!("Bob"), &json!(serial)));
            let (action, resource) = world.demands("GetMFADevice", input).await;
            assert_eq!(
                (action.as_str(), resource.as_str()),
                ("iam:GetMFADevice", "arn:aws:iam::111122223333:user/Bob")
            );
        }
        let (free, _) = world.mfa_device("free").await;
        assert_eq!(
            world.error("GetMFADevice", json!({"SerialNumber": free})).await.0,
            "NoSuchEntityException"
        );
        let other = json!({"SerialNumber": "GAHT12345678"});
        assert_eq!(world.error("GetMFADevice", other).await.0, "NoSuchEntityException");
    }
}
