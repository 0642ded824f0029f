//! `EnableMFADevice`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableMFADevice.html>
//!
//! Puts a virtual MFA device into use for a user, who shows two codes that follow each other. The root user may name
//! itself `root`.

use garrison_api_iam::{errors as api, operations};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::mfa::{self, Device};
use crate::quota;
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

impl Handler<Iam> for operations::EnableMFADevice {
    const ACCESS: Access = Access::write("iam:EnableMFADevice");
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
        let (owner, device) = (target.subject.id()?, target.device.get()?);
        if device.enabled.is_some() {
            return Err(api::entity_already_exists_exception("MFA device is already in use."));
        }
        let mut devices = target.subject.mfa_devices()?.to_vec();
        quota::MFA_DEVICES_PER_USER.ensure_room(devices.len())?;
        let codes = (&*input.authentication_code1, &*input.authentication_code2);
        let enabled = mfa::first_codes(iam, cx, device, owner, codes)?;
        devices.push(device.serial_number(cx.partition(), cx.account()));
        let mut writes = WriteSet::new();
        let changed = MfaDevice { enabled: Some(enabled), ..device.record.clone() };
        repo::replace(&mut writes, cx.account(), device, &changed);
        target.subject.set_mfa_devices(cx, &mut writes, devices)?;
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
        let (serial, seed) = world.mfa_device("bob").await;
        let input = |one: &str, two: &str| json!({"UserName": "Bob", "SerialNumber": serial, "AuthenticationCode1": one, "AuthenticationCode2": two});
        let (action, resource) = world.demands("EnableMFADevice", input("000000", "000000")).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:EnableMFADevice", "arn:aws:iam::111122223333:user/Bob")
        );
        let [old, one, two, three] = codes(&world, &seed, [-9, -1, 0, 1]);
        for (first, second) in [(&two, &one), (&one, &one), (&one, &three), (&old, &one)] {
            let error = world.error("EnableMFADevice", input(first, second)).await;
            assert_eq!(error.0, "InvalidAuthenticationCodeException");
        }
        world.call("EnableMFADevice", input(&one, &two)).await;
        let found = world.call("ListMFADevices", json!({"UserName": "Bob"})).await;
        assert_eq!(found["MFADevices"][0]["SerialNumber"], json!(serial));
        let error = world.error("EnableMFADevice", input(&one, &two)).await;
        assert_eq!(error, ("EntityAlreadyExistsException", "MFA device is already in use.".to_owned()));
        let none = json!({"UserName": "Bob", "SerialNumber": "arn:aws:iam::111122223333:mfa/no",
            "AuthenticationCode1": "000000", "AuthenticationCode2": "000000"});
        assert_eq!(world.error("EnableMFADevice", none).await.0, "NoSuchEntityException");
        let nobody = json!({"UserName": "No", "SerialNumber": serial,
            "AuthenticationCode1": "000000", "AuthenticationCode2": "000000"});
        assert_eq!(world.error("EnableMFADevice", nobody).await.0, "NoSuchEntityException");
    }

    #[tokio::test]
    async fn the_root_user_has_one_too() {
        let world = World::new();
        let serial = world.enable("own", "root").await.0;
        let found = world.call("ListMFADevices", json!({})).await;
        assert_eq!(found["MFADevices"][0]["SerialNumber"], json!(serial));
        assert_eq!(found["MFADevices"][0]["UserName"], "root");
        let summary = world.call("GetAccountSummary", json!({})).await;
        assert_eq!(summary["SummaryMap"]["AccountMFAEnabled"], 1);
        world.call("DeactivateMFADevice", json!({"SerialNumber": serial})).await;
        assert_eq!(world.call("ListMFADevices", json!({})).await["MFADevices"], json!([]));
    }

    #[tokio::test]
    async fn eight_at_most() {
        let world = World::new();
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        for i in 0..8 {
            world.enable(&format!("d{i}"), "Bob").await;
        }
        let (serial, seed) = world.mfa_device("d8").await;
        let [one, two] = codes(&world, &seed, [-1, 0]);
        let input = json!({"UserName": "Bob", "SerialNumber": serial, "AuthenticationCode1": one, "AuthenticationCode2": two});
        assert_eq!(world.error("EnableMFADevice", input).await.0, "LimitExceededException");
    }
}
