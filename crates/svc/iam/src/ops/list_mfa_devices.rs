//! `ListMFADevices`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListMFADevices.html>
//!
//! Lists the MFA devices of the named user, or of the caller, which may be the root user.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::mfa;
use crate::paging::Paging;
use crate::service::Iam;
use crate::subject::About;

impl Handler<Iam> for operations::ListMFADevices {
    const ACCESS: Access = Access::read("iam:ListMFADevices");
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
        let name = target.name()?;
        let mut found = Vec::new();
        for serial_number in target.mfa_devices()? {
            let device = mfa::load(iam, cx.account(), serial_number).await?;
            let enabled = device.and_then(|device| device.record.enabled);
            found.extend(enabled.map(|enabled| types::MFADevice {
                user_name: name.to_owned(),
                serial_number: serial_number.clone(),
                enable_date: enabled.since.0,
            }));
        }
        let page = paging.page_in_order(found);
        let is_truncated = page.is_truncated();
        let marker = page.marker;
        Ok(Reply::new(types::ListMFADevicesResponse { mfa_devices: page.items, is_truncated, marker }))
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
        let (one, _) = world.enable("one", "Bob").await;
        let (two, _) = world.enable("two", "Bob").await;
        let page = world.call("ListMFADevices", json!({"UserName": "Bob", "MaxItems": 1})).await;
        let first = &page["MFADevices"][0];
        assert_eq!((&first["SerialNumber"], &first["UserName"]), (&json!(one), &json!("Bob")));
        assert_eq!(first["EnableDate"].as_f64(), Some(1_800_000_000.0));
        let page = world.call("ListMFADevices", json!({"UserName": "Bob", "Marker": page["Marker"]})).await;
        assert_eq!(
            (&page["MFADevices"][0]["SerialNumber"], &page["IsTruncated"]),
            (&json!(two), &json!(false))
        );
        let (action, resource) = world.demands("ListMFADevices", json!({})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListMFADevices", "arn:aws:iam::111122223333:user/nobody")
        );
        assert_eq!(world.error("ListMFADevices", json!({"UserName": "No"})).await.0, "NoSuchEntityException");
    }
}
