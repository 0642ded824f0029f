//! `CreateVirtualMFADevice`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateVirtualMFADevice.html>
//!
//! Makes a virtual MFA device. Its seed is shown once and kept only sealed. With tags
//! the caller needs `iam:TagMFADevice` as well.

use garrison_api_iam::{errors as api, operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use zeroize::Zeroizing;

use crate::account::Settings;
use crate::condition::Keys;
use crate::mfa;
use crate::names;
use crate::qr_code;
use crate::records::{MfaDevice, Time};
use crate::repo;
use crate::sealing;
use crate::service::Iam;
use crate::tagging;
use crate::totp;

/// The longest name of a device.
const MAX_NAME: usize = 226;

/// What the input says, checked.
#[derive(Debug)]
pub struct NewDevice {
    path_and_name: String,
    tag_keys: Vec<String>,
}

impl Handler<Iam> for operations::CreateVirtualMFADevice {
    const ACCESS: Access = Access::write("iam:CreateVirtualMFADevice");
    type Target = NewDevice;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let path = names::path(input.path.as_deref())?;
        names::check("virtualMFADeviceName", &input.virtual_mfa_device_name, MAX_NAME)?;
        let path_and_name = format!("{path}{}", input.virtual_mfa_device_name);
        let arn = names::arn(cx.partition(), cx.account(), "mfa", &path_and_name, "");
        let target = NewDevice { path_and_name, tag_keys: tagging::keys(input.tags.as_deref()) };
        let check = Check::resource(arn, cx.account());
        Ok(tagging::resolved(target, check, "iam:TagMFADevice", input.tags.as_deref()))
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
        let (account, kernel) = (cx.account(), iam.kernel());
        let path_and_name = &target.path_and_name;
        if iam.repo().get::<MfaDevice>(account, path_and_name).await?.is_some() {
            return Err(api::entity_already_exists_exception(
                "MFADevice entity at the same path and name already exists.",
            ));
        }
        let mut seed = Zeroizing::new([0; mfa::SEED]);
        kernel.rng().fill(&mut *seed);
        let device = MfaDevice {
            path_and_name: path_and_name.clone(),
            created: Time::of(cx),
            sealed_seed: sealing::seal(kernel, &mfa::place(account, path_and_name), &*seed)?,
            tags: tagging::of_new(input.tags.as_deref())?,
            enabled: None,
        };
        let mut writes = WriteSet::new();
        repo::create(&mut writes, account, &device);
        let settings = Settings::find(iam, cx).await?;
        let account_name = settings.now.alias.unwrap_or_else(|| account.to_string());
        let shown = Zeroizing::new(names::base32(&*seed));
        let address = Zeroizing::new(totp::address(&input.virtual_mfa_device_name, &account_name, &shown));
        let virtual_mfa_device = types::VirtualMFADevice {
            base32_string_seed: Some(shown.as_bytes().to_vec().into()),
            qr_code_png: Some(qr_code::png(&address)?.into()),
            ..mfa::to_api(iam, cx, &device).await?
        };
        Ok(Reply::with_writes(types::CreateVirtualMFADeviceResponse { virtual_mfa_device }, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let tags = json!([{"Key": "a", "Value": "b"}]);
        let input = json!({"VirtualMFADeviceName": "bob", "Path": "/a/", "Tags": tags});
        let (action, resource) = world.demands("CreateVirtualMFADevice", input.clone()).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:CreateVirtualMFADevice", "arn:aws:iam::111122223333:mfa/a/bob")
        );
        let device = &world.call("CreateVirtualMFADevice", input.clone()).await["VirtualMFADevice"];
        assert_eq!(device["SerialNumber"], "arn:aws:iam::111122223333:mfa/a/bob");
        assert_eq!(device["Tags"], tags);
        let decode =
            |member: &str| base64_simd::STANDARD.decode_to_vec(device[member].as_str().unwrap()).unwrap();
        let seed = String::from_utf8(decode("Base32StringSeed")).unwrap();
        assert!(
            seed.len() == 64 && seed.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
            "{seed}"
        );
        assert!(decode("QRCodePNG").starts_with(b"\x89PNG\r\n"));
        let error = world.error("CreateVirtualMFADevice", input).await;
        assert_eq!(error.0, "EntityAlreadyExistsException");
        world.call("CreateVirtualMFADevice", json!({"VirtualMFADeviceName": "bob"})).await;
        let bad = json!({"VirtualMFADeviceName": "a b"});
        assert_eq!(world.error("CreateVirtualMFADevice", bad).await.0, "ValidationException");
        let bad = json!({"VirtualMFADeviceName": "a", "Tags": [{"Key": "aws:a", "Value": ""}]});
        assert_eq!(world.error("CreateVirtualMFADevice", bad).await.0, "InvalidInputException");
    }
}
