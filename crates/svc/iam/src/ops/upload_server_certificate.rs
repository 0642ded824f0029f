//! `UploadServerCertificate`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UploadServerCertificate>
//!
//! Action `iam:UploadServerCertificate` on the certificate. Condition keys `aws:RequestTag/…`, `aws:TagKeys`.
//! Body and chain are kept, and shown, without the blank space around them.

use garrison_api_iam::operations::UploadServerCertificate;
use garrison_api_iam::types::{UploadServerCertificateRequest, UploadServerCertificateResponse};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::names::IdPrefix;
use crate::records::{ServerCertificate, Time};
use crate::service::Iam;
use crate::{names, quota, repo, sealing, server_certificates, tagging};

impl Handler<Iam> for UploadServerCertificate {
    const ACCESS: Access = Access::write("iam:UploadServerCertificate");
    type Target = Vec<String>;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Vec<String>>, ApiError> {
        let path = names::path(input.path.as_deref())?;
        let name = &input.server_certificate_name;
        let arn = names::arn(cx.partition(), cx.account(), "server-certificate", &path, name);
        Ok(Resolved::new(tagging::keys(input.tags.as_deref()), Check::resource(arn, cx.account())))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        tag_keys: &'a Vec<String>,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { request_tags: input.tags.as_deref(), tag_keys, ..Keys::default() }.get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &UploadServerCertificateRequest,
        _: &Vec<String>,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (kernel, name) = (iam.kernel(), &input.server_certificate_name);
        names::check("serverCertificateName", name, 128)?;
        let expires = server_certificates::check(
            &input.certificate_body,
            &input.private_key,
            input.certificate_chain.as_deref(),
            kernel.clock().protocol_now(),
        )?;
        let id = names::unique_id(kernel.rng(), IdPrefix::ServerCertificate);
        let record = ServerCertificate {
            name: name.clone(),
            path: names::path(input.path.as_deref())?,
            uploaded: Time::of(cx),
            expires: Time(expires),
            body: input.certificate_body.trim().to_owned(),
            chain: input.certificate_chain.as_deref().map(|chain| chain.trim().to_owned()),
            sealed_key: sealing::seal(
                kernel,
                &server_certificates::key_place(cx.account(), &id),
                input.private_key.as_bytes(),
            )?,
            id,
            tags: tagging::of_new(input.tags.as_deref())?,
        };
        if iam.repo().get::<ServerCertificate>(cx.account(), name).await?.is_some() {
            return Err(server_certificates::already_exists(name));
        }
        let count = iam.repo().count::<ServerCertificate>(cx.account()).await?;
        quota::SERVER_CERTIFICATES_PER_ACCOUNT.ensure_room(count)?;
        let mut writes = WriteSet::new();
        repo::create(&mut writes, cx.account(), &record);
        let output = UploadServerCertificateResponse {
            server_certificate_metadata: Some(server_certificates::metadata(cx, &record)),
            tags: record.tags.to_api_if_any(),
        };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::{Value, json};

    use crate::records::ServerCertificate;
    use crate::testing::World;
    use crate::x509::tests::{Issued, issue};
    use crate::{sealing, server_certificates};

    pub(crate) const ARN: &str = "arn:aws:iam::111122223333:server-certificate/cloudfront/Web";

    pub(crate) fn input(name: &str, issued: &Issued) -> Value {
        json!({
            "ServerCertificateName": name,
            "Path": "/cloudfront/",
            "CertificateBody": issued.certificate,
            "PrivateKey": issued.key,
            "CertificateChain": issued.chain.concat(),
            "Tags": [{"Key": "a", "Value": "1"}],
        })
    }

    /// A world with one certificate.
    pub(crate) async fn certificate() -> World {
        let world = World::new();
        let output = world.call("UploadServerCertificate", input("Web", &issue("example.com"))).await;
        let metadata = &output["ServerCertificateMetadata"];
        assert_eq!((&metadata["Arn"], &metadata["Path"]), (&json!(ARN), &json!("/cloudfront/")));
        assert_eq!(output["Tags"], json!([{"Key": "a", "Value": "1"}]));
        world
    }

    #[tokio::test]
    async fn keeps_the_key_sealed() {
        let (world, issued) = (certificate().await, issue("example.com"));
        world.call("UploadServerCertificate", input("Other", &issued)).await;
        let account = "111122223333".parse().unwrap();
        let record = world.iam.repo().get::<ServerCertificate>(account, "Other").await.unwrap().unwrap();
        assert!(!record.sealed_key.contains("BEGIN"));
        let place = server_certificates::key_place(account, &record.id);
        let key = sealing::open(&world.test.kernel, &place, &record.sealed_key).unwrap();
        assert_eq!(key.expose(), issued.key.as_bytes());
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded =
            World::new().demands("UploadServerCertificate", input("Web", &issue("a.example"))).await;
        assert_eq!(demanded, ("iam:UploadServerCertificate".to_owned(), ARN.to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let (world, issued, other) = (certificate().await, issue("example.com"), issue("example.com"));
        let swapped = [&*issued.chain[1], &*issued.chain[0]].concat();
        for (member, value, error) in [
            ("ServerCertificateName", "web", "EntityAlreadyExistsException"),
            ("ServerCertificateName", "a/b", "ValidationException"),
            ("Path", "x", "ValidationException"),
            ("CertificateBody", "x", "MalformedCertificateException"),
            ("CertificateChain", "x", "MalformedCertificateException"),
            ("CertificateChain", &swapped, "MalformedCertificateException"),
            ("PrivateKey", "x", "MalformedCertificateException"),
            ("PrivateKey", &other.key, "KeyPairMismatchException"),
        ] {
            let mut input = input("New", &issued);
            input[member] = json!(value);
            assert_eq!(world.error("UploadServerCertificate", input).await.0, error, "{member}: {value}");
        }
        let mut reserved = input("New", &issued);
        reserved["Tags"] = json!([{"Key": "aws:x", "Value": ""}]);
        assert_eq!(world.error("UploadServerCertificate", reserved).await.0, "InvalidInputException");
        for i in 1..20 {
            world.call("UploadServerCertificate", input(&format!("c{i}"), &issued)).await;
        }
        let full = world.error("UploadServerCertificate", input("New", &issued)).await;
        let message = "Cannot exceed quota for ServerCertificatesPerAccount: 20";
        assert_eq!(full, ("LimitExceededException", message.to_owned()));
    }
}
