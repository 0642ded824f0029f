//! `GetSSHPublicKey`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetSSHPublicKey>
//!
//! Action `iam:GetSSHPublicKey` on the user. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::GetSSHPublicKey;
use garrison_api_iam::types::{EncodingType, GetSSHPublicKeyResponse};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::records::User;
use crate::service::Iam;
use crate::ssh_keys;
use crate::user_credentials;

impl Handler<Iam> for GetSSHPublicKey {
    const ACCESS: Access = Access::read("iam:GetSSHPublicKey");
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
    ) -> Result<Reply<Self::Output>, ApiError> {
        let user = target.get()?;
        let found = ssh_keys::get(iam, cx, user, &input.ssh_public_key_id).await?;
        let body = match &input.encoding {
            EncodingType::Ssh => found.body.clone(),
            EncodingType::Pem => ssh_keys::parse(&found.body)?.to_pem(),
            _ => return Err(ssh_keys::unrecognized()),
        };
        let shown = ssh_keys::to_api(user, &found, body)?;
        Ok(Reply::new(GetSSHPublicKeyResponse { ssh_public_key: Some(shown) }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_ssh_public_key::tests::key;
    use crate::ssh_key::tests::{FINGERPRINT, PEM, SSH};
    use crate::user_credentials::tests::world;

    #[tokio::test]
    async fn answers_in_both_forms() {
        let (world, id) = key().await;
        for (encoding, body) in [("SSH", SSH), ("PEM", PEM)] {
            let input = json!({"UserName": "ann", "SSHPublicKeyId": id, "Encoding": encoding});
            let got = world.call("GetSSHPublicKey", input).await;
            assert_eq!(got["SSHPublicKey"]["SSHPublicKeyBody"], body);
            assert_eq!(got["SSHPublicKey"]["Fingerprint"], FINGERPRINT);
            assert_eq!(got["SSHPublicKey"]["UserName"], "ann");
        }
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded = world
            .demands(
                "GetSSHPublicKey",
                json!({"UserName": "ann", "SSHPublicKeyId": "APKAX", "Encoding": "SSH"}),
            )
            .await;
        assert_eq!(
            demanded,
            ("iam:GetSSHPublicKey".to_owned(), "arn:aws:iam::111122223333:user/team/ann".to_owned())
        );
    }

    #[tokio::test]
    async fn refuses() {
        let (world, id) = key().await;
        for (user, id, encoding, error) in [
            ("ben", id.clone(), "SSH", "NoSuchEntityException"),
            ("nobody", id.clone(), "SSH", "NoSuchEntityException"),
            ("ann", json!("APKAABSENT"), "SSH", "NoSuchEntityException"),
            ("ann", id, "DER", "UnrecognizedPublicKeyEncodingException"),
        ] {
            let input = json!({"UserName": user, "SSHPublicKeyId": id, "Encoding": encoding});
            assert_eq!(world.error("GetSSHPublicKey", input).await.0, error, "{user} {encoding}");
        }
    }
}
