//! `ListVirtualMFADevices`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListVirtualMFADevices.html>
//!
//! Lists the virtual MFA devices of the account, by path and name.

use garrison_api_iam::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::mfa;
use crate::names;
use crate::paging::Paging;
use crate::records::MfaDevice;
use crate::service::Iam;

impl Handler<Iam> for operations::ListVirtualMFADevices {
    const ACCESS: Access = Access::read("iam:ListVirtualMFADevices");
    type Target = ();

    async fn resolve(_: &Iam, cx: &Context, _: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let arn = names::arn(cx.partition(), cx.account(), "mfa", "/", "");
        Ok(Resolved::new((), Check::resource(arn, cx.account())))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        (): &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let keep = |device: &MfaDevice| match &input.assignment_status {
            Some(types::AssignmentStatusType::Assigned) => device.enabled.is_some(),
            Some(types::AssignmentStatusType::Unassigned) => device.enabled.is_none(),
            _ => true,
        };
        let page = iam.repo().list::<MfaDevice>(cx.account(), &paging, keep).await?;
        let mut virtual_mfa_devices = Vec::with_capacity(page.items.len());
        for device in &page.items {
            let shown = mfa::to_api(iam, cx, device).await?;
            virtual_mfa_devices.push(types::VirtualMFADevice { tags: None, ..shown });
        }
        let is_truncated = page.is_truncated();
        let marker = page.marker;
        Ok(Reply::new(types::ListVirtualMFADevicesResponse { virtual_mfa_devices, is_truncated, marker }))
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
        let (used, _) = world.enable("b", "Bob").await;
        let (free, _) = world.mfa_device("a").await;
        let list = async |input: serde_json::Value| {
            let page = world.call("ListVirtualMFADevices", input).await;
            let devices = page["VirtualMFADevices"].as_array().unwrap().clone();
            devices
                .iter()
                .map(|device| device["SerialNumber"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(list(json!({})).await, [free.clone(), used.clone()]);
        assert_eq!(list(json!({"AssignmentStatus": "Any"})).await.len(), 2);
        assert_eq!(list(json!({"AssignmentStatus": "Assigned"})).await, [used]);
        assert_eq!(list(json!({"AssignmentStatus": "Unassigned"})).await, [free]);
        let page = world.call("ListVirtualMFADevices", json!({"MaxItems": 1})).await;
        assert_eq!(page["IsTruncated"], true);
        let page = world.call("ListVirtualMFADevices", json!({"Marker": page["Marker"]})).await;
        let device = &page["VirtualMFADevices"][0];
        assert_eq!(device["User"]["UserName"], "Bob");
        assert!(device.get("Base32StringSeed").is_none() && device.get("QRCodePNG").is_none());
        let (action, resource) = world.demands("ListVirtualMFADevices", json!({})).await;
        assert_eq!(
            (action.as_str(), resource.as_str()),
            ("iam:ListVirtualMFADevices", "arn:aws:iam::111122223333:mfa/")
        );
    }
}
