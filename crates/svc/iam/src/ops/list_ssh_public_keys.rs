//! `ListSSHPublicKeys`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/ListSSHPublicKeys>
//!
//! Action `iam:ListSSHPublicKeys` on the user. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::ListSSHPublicKeys;
use garrison_api_iam::types::{ListSSHPublicKeysResponse, SSHPublicKeyMetadata};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::paging::Paging;
use crate::records::SshPublicKey;
use crate::records::User;
use crate::service::Iam;
use crate::user_credentials;

impl Handler<Iam> for ListSSHPublicKeys {
    const ACCESS: Access = Access::read("iam:ListSSHPublicKeys");
    type Target = Named<User>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let user = user_credentials::user(iam, cx, input.user_name.as_deref()).await?;
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
    ) -> Result<Reply<Self::Output>, ApiError> {
        let paging = Paging::new(input.max_items, input.marker.as_deref())?;
        let user = target.get()?;
        let page = paging.page_in_order(user_credentials::all::<SshPublicKey>(iam, cx, user).await?);
        let shown = |key: &SshPublicKey| SSHPublicKeyMetadata {
            user_name: user.name.clone(),
            ssh_public_key_id: key.key_id.clone(),
            status: user_credentials::status(key.active),
            upload_date: key.uploaded.0,
        };
        Ok(Reply::new(ListSSHPublicKeysResponse {
            is_truncated: page.is_truncated(),
            ssh_public_keys: Some(page.items.iter().map(|found| shown(found)).collect()),
            marker: page.marker,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_ssh_public_key::tests::key;
    use crate::user_credentials::tests::world;

    #[tokio::test]
    async fn answers() {
        let (world, id) = key().await;
        let listed = world.call("ListSSHPublicKeys", json!({"UserName": "ann"})).await;
        assert_eq!(listed["SSHPublicKeys"][0]["SSHPublicKeyId"], id);
        assert_eq!(listed["IsTruncated"], false);
        let listed = world.call("ListSSHPublicKeys", json!({"UserName": "ben"})).await;
        assert_eq!(listed["SSHPublicKeys"], json!([]));
    }

    #[tokio::test]
    async fn refuses() {
        let world = world(&[]).await;
        assert_eq!(
            world.error("ListSSHPublicKeys", json!({"UserName": "x"})).await.0,
            "NoSuchEntityException"
        );
        let message = "Must specify userName when calling with non-User credentials".to_owned();
        assert_eq!(world.error("ListSSHPublicKeys", json!({})).await, ("ValidationException", message));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded = world.demands("ListSSHPublicKeys", json!({"UserName": "ann"})).await;
        assert_eq!(
            demanded,
            ("iam:ListSSHPublicKeys".to_owned(), "arn:aws:iam::111122223333:user/team/ann".to_owned())
        );
    }
}
