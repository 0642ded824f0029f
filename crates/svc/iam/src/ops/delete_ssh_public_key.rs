//! `DeleteSSHPublicKey`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteSSHPublicKey>
//!
//! Action `iam:DeleteSSHPublicKey` on the user. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::DeleteSSHPublicKey;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};

use crate::entity::Named;
use crate::records::User;
use crate::service::Iam;
use crate::ssh_keys;
use crate::user_credentials;

impl Handler<Iam> for DeleteSSHPublicKey {
    const ACCESS: Access = Access::write("iam:DeleteSSHPublicKey");
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
        let user = target.get()?;
        let found = ssh_keys::get(iam, cx, user, &input.ssh_public_key_id).await?;
        Ok(Reply::with_writes(Unit, user_credentials::remove(cx, user, &found)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_ssh_public_key::tests::key;
    use crate::user_credentials::tests::world;

    #[tokio::test]
    async fn deletes() {
        let (world, id) = key().await;
        let input = json!({"UserName": "ann", "SSHPublicKeyId": id});
        world.call("DeleteSSHPublicKey", input.clone()).await;
        let listed = world.call("ListSSHPublicKeys", json!({"UserName": "ann"})).await;
        assert_eq!(listed["SSHPublicKeys"], json!([]));
        let refused = world.error("DeleteSSHPublicKey", input).await;
        let message = format!("The Public Key with id {} cannot be found.", id.as_str().unwrap());
        assert_eq!(refused, ("NoSuchEntityException", message));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded =
            world.demands("DeleteSSHPublicKey", json!({"UserName": "ann", "SSHPublicKeyId": "APKAX"})).await;
        assert_eq!(
            demanded,
            ("iam:DeleteSSHPublicKey".to_owned(), "arn:aws:iam::111122223333:user/team/ann".to_owned())
        );
    }
}
