//! `UpdateSSHPublicKey`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UpdateSSHPublicKey>
//!
//! Action `iam:UpdateSSHPublicKey` on the user. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::UpdateSSHPublicKey;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::entity::Named;
use crate::records::SshPublicKey;
use crate::records::User;
use crate::service::Iam;
use crate::ssh_keys;
use crate::user_credentials;

impl Handler<Iam> for UpdateSSHPublicKey {
    const ACCESS: Access = Access::write("iam:UpdateSSHPublicKey");
    type Target = Named<User>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let user = user_credentials::user(iam, cx, Some(&input.user_name)).await?;
        let check = user.check();
        Ok(Resolved::new(user, check))
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
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Unit>, ApiError> {
        let old = ssh_keys::get(iam, cx, target.get()?, &input.ssh_public_key_id).await?;
        let new = SshPublicKey { active: user_credentials::is_active(&input.status)?, ..old.record.clone() };
        Ok(Reply::with_writes(Unit, user_credentials::replace(cx, &old, &new)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_ssh_public_key::tests::key;
    use crate::user_credentials::tests::world;

    #[tokio::test]
    async fn switches_off_and_on() {
        let (world, id) = key().await;
        for status in ["Inactive", "Active"] {
            let input = json!({"UserName": "ann", "SSHPublicKeyId": id, "Status": status});
            world.call("UpdateSSHPublicKey", input).await;
            let listed = world.call("ListSSHPublicKeys", json!({"UserName": "ann"})).await;
            assert_eq!(listed["SSHPublicKeys"][0]["Status"], status);
        }
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded = world
            .demands(
                "UpdateSSHPublicKey",
                json!({"UserName": "ann", "SSHPublicKeyId": "APKAX", "Status": "Active"}),
            )
            .await;
        assert_eq!(
            demanded,
            ("iam:UpdateSSHPublicKey".to_owned(), "arn:aws:iam::111122223333:user/team/ann".to_owned())
        );
    }

    #[tokio::test]
    async fn refuses() {
        let (world, id) = key().await;
        for (user, status, error) in [
            ("ben", "Active", "NoSuchEntityException"),
            ("nobody", "Active", "NoSuchEntityException"),
            ("ann", "Expired", "InvalidInputException"),
        ] {
            let input = json!({"UserName": user, "SSHPublicKeyId": id, "Status": status});
            assert_eq!(world.error("UpdateSSHPublicKey", input).await.0, error, "{user} {status}");
        }
    }
}
