//! `UploadSSHPublicKey`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UploadSSHPublicKey>
//!
//! Action `iam:UploadSSHPublicKey` on the user. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::UploadSSHPublicKey;
use garrison_api_iam::types::UploadSSHPublicKeyResponse;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::entity::Named;
use crate::names::{self, IdPrefix};
use crate::quota;
use crate::records::User;
use crate::records::{SshPublicKey, Time};
use crate::service::Iam;
use crate::ssh_keys;
use crate::user_credentials;

impl Handler<Iam> for UploadSSHPublicKey {
    const ACCESS: Access = Access::write("iam:UploadSSHPublicKey");
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
        let key = ssh_keys::parse(&input.ssh_public_key_body)?;
        let known = user_credentials::all::<SshPublicKey>(iam, cx, user).await?;
        if known.iter().any(|known| known.body == key.to_ssh()) {
            return Err(ssh_keys::duplicate());
        }
        let record = SshPublicKey {
            key_id: names::unique_id(iam.kernel().rng(), IdPrefix::SshPublicKey),
            user: user.id.clone(),
            body: key.to_ssh(),
            active: true,
            uploaded: Time::of(cx),
        };
        let writes = user_credentials::add(cx, user, &record, quota::SSH_PUBLIC_KEYS_PER_USER, known.len())?;
        let shown = ssh_keys::to_api(user, &record, record.body.clone())?;
        Ok(Reply::with_writes(UploadSSHPublicKeyResponse { ssh_public_key: Some(shown) }, writes))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use crate::ssh_key::tests::{FINGERPRINT, PEM, SSH};
    use crate::testing::World;
    use crate::user_credentials::tests::world;

    /// A world with two users, of whom Ann has a key, and the key's id.
    pub(crate) async fn key() -> (World, Value) {
        let world = world(&["ann", "ben"]).await;
        let input = json!({"UserName": "ann", "SSHPublicKeyBody": format!("{SSH} ann@example.com")});
        let output = world.call("UploadSSHPublicKey", input).await;
        let id = output["SSHPublicKey"]["SSHPublicKeyId"].clone();
        (world, id)
    }

    #[tokio::test]
    async fn answers() {
        let world = world(&["ann"]).await;
        let output =
            world.call("UploadSSHPublicKey", json!({"UserName": "ann", "SSHPublicKeyBody": PEM})).await;
        let key = &output["SSHPublicKey"];
        assert_eq!(key["Fingerprint"], FINGERPRINT);
        assert_eq!(key["SSHPublicKeyBody"], SSH);
        assert_eq!(key["Status"], "Active");
        assert_eq!(key["UploadDate"], 1_800_000_000.0);
        assert!(key["SSHPublicKeyId"].as_str().unwrap().starts_with("APKA"));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = world(&["ann"]).await;
        let demanded =
            world.demands("UploadSSHPublicKey", json!({"UserName": "ann", "SSHPublicKeyBody": SSH})).await;
        assert_eq!(
            demanded,
            ("iam:UploadSSHPublicKey".to_owned(), "arn:aws:iam::111122223333:user/team/ann".to_owned())
        );
    }

    #[tokio::test]
    async fn refuses() {
        let (world, _) = key().await;
        for (user, body, error) in [
            ("ann", PEM, "DuplicateSSHPublicKeyException"),
            ("ann", "ssh-dss AAAA", "UnrecognizedPublicKeyEncodingException"),
            ("ann", "ssh-rsa AAAA", "InvalidPublicKeyException"),
            ("nobody", SSH, "NoSuchEntityException"),
        ] {
            let refused =
                world.error("UploadSSHPublicKey", json!({"UserName": user, "SSHPublicKeyBody": body})).await;
            assert_eq!(refused.0, error, "{user} {body}");
        }
    }

    #[tokio::test]
    async fn a_user_has_room_for_five() {
        let (world, _) = key().await;
        let upload = |last: u8| {
            let mut wire = base64_simd::STANDARD.decode_to_vec(SSH.trim_start_matches("ssh-rsa ")).unwrap();
            *wire.last_mut().unwrap() = last;
            let body = format!("ssh-rsa {}", base64_simd::STANDARD.encode_to_string(wire));
            json!({"UserName": "ann", "SSHPublicKeyBody": body})
        };
        for last in [1, 3, 5, 7] {
            world.call("UploadSSHPublicKey", upload(last)).await;
        }
        let full = world.error("UploadSSHPublicKey", upload(9)).await;
        let message = "Cannot exceed quota for SSHPublicKeysPerUser: 5";
        assert_eq!(full, ("LimitExceededException", message.to_owned()));
    }
}
