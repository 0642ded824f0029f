//! `CreateSAMLProvider`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/CreateSAMLProvider>
//!
//! Action `iam:CreateSAMLProvider` on the provider. Condition keys `aws:RequestTag/…`, `aws:TagKeys`.

use garrison_api_iam::operations::CreateSAMLProvider;
use garrison_api_iam::types::{CreateSAMLProviderRequest, CreateSAMLProviderResponse};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::records::{SamlProvider, Time};
use crate::service::Iam;
use crate::{error, names, quota, repo, saml, tagging};

impl Handler<Iam> for CreateSAMLProvider {
    const ACCESS: Access = Access::write("iam:CreateSAMLProvider");
    type Target = Vec<String>;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Vec<String>>, ApiError> {
        let arn = names::arn(cx.partition(), cx.account(), "saml-provider", "/", &input.name);
        let tag_keys = tagging::keys(input.tags.as_deref());
        Ok(Resolved::new(tag_keys, Check::resource(arn, cx.account())))
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
        input: &CreateSAMLProviderRequest,
        _: &Vec<String>,
    ) -> Result<Reply<Self::Output>, ApiError> {
        names::check("name", &input.name, 128)?;
        let mut record = SamlProvider {
            name: input.name.clone(),
            uuid: iam.kernel().new_id().to_string(),
            valid_until: saml::valid_until(&input.saml_metadata_document, cx.time)?,
            metadata: input.saml_metadata_document.clone(),
            created: Time::of(cx),
            encryption: None,
            keys: Vec::new(),
            tags: tagging::of_new(input.tags.as_deref())?,
        };
        if let Some(key) = &input.add_private_key {
            saml::add_key(iam, cx, &mut record, key)?;
        }
        saml::set_encryption(&mut record, input.assertion_encryption_mode.as_ref())?;
        if iam.repo().get::<SamlProvider>(cx.account(), &input.name).await?.is_some() {
            return Err(error::already_exists("SAMLProvider", &input.name));
        }
        let count = iam.repo().count::<SamlProvider>(cx.account()).await?;
        quota::SAML_PROVIDERS_PER_ACCOUNT.ensure_room(count)?;
        let mut writes = WriteSet::new();
        repo::create(&mut writes, cx.account(), &record);
        let output = CreateSAMLProviderResponse {
            saml_provider_arn: Some(record.arn(cx.partition(), cx.account())),
            tags: record.tags.to_api_if_any(),
        };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use garrison_types::Partition;
    use serde_json::json;

    use crate::pem;
    use crate::providers;
    use crate::saml::tests::{document, rsa_key};
    use crate::testing::World;

    pub(crate) const ARN: &str = "arn:aws:iam::111122223333:saml-provider/Idp";

    /// A world with one provider.
    pub(crate) async fn provider() -> World {
        let world = World::new();
        let input = json!({
            "Name": "Idp",
            "SAMLMetadataDocument": document("https://idp.example.com/", ""),
            "Tags": [{"Key": "a", "Value": "1"}],
        });
        let output = world.call("CreateSAMLProvider", input).await;
        assert_eq!(output, json!({"SAMLProviderArn": ARN, "Tags": [{"Key": "a", "Value": "1"}]}));
        world
    }

    #[tokio::test]
    async fn makes_a_provider_whose_keys_only_sts_gets() {
        let world = provider().await;
        let key = rsa_key();
        let input = json!({
            "Name": "Other",
            "SAMLMetadataDocument": document("https://idp.example.com/", r#" validUntil="2030-01-01T00:00:00Z""#),
            "AssertionEncryptionMode": "Required",
            "AddPrivateKey": key,
        });
        let output = world.call("CreateSAMLProvider", input).await;
        let got = world.call("GetSAMLProvider", output).await;
        assert_eq!(got["AssertionEncryptionMode"], "Required");
        assert_eq!(got["PrivateKeyList"][0]["Timestamp"], 1_800_000_000.0);
        assert!(!got.to_string().contains("BEGIN PRIVATE KEY"), "{got}");
        let account = "111122223333".parse().unwrap();
        let found =
            providers::saml_provider(&world.iam, Partition::Aws, account, "Other").await.unwrap().unwrap();
        assert_eq!(found.private_keys[0].expose(), &*pem::blocks(&key).unwrap()[0].der);
        assert!(found.encryption_required);
        assert_eq!(&*found.arn, "arn:aws:iam::111122223333:saml-provider/Other");
        assert!(
            providers::saml_provider(&world.iam, Partition::Aws, account, "other").await.unwrap().is_none()
        );
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let input = json!({"Name": "Idp", "SAMLMetadataDocument": "x"});
        let demanded = World::new().demands("CreateSAMLProvider", input).await;
        assert_eq!(demanded, ("iam:CreateSAMLProvider".to_owned(), ARN.to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let world = provider().await;
        let good = document("https://idp.example.com/", "");
        for (input, error) in [
            (json!({"Name": "Idp", "SAMLMetadataDocument": good}), "EntityAlreadyExistsException"),
            (json!({"Name": "X", "SAMLMetadataDocument": "<a/>"}), "InvalidInputException"),
            (
                json!({"Name": "X", "SAMLMetadataDocument": good, "AddPrivateKey": "x"}),
                "InvalidInputException",
            ),
            (
                json!({"Name": "X", "SAMLMetadataDocument": good, "AssertionEncryptionMode": "Required"}),
                "InvalidInputException",
            ),
        ] {
            assert_eq!(world.error("CreateSAMLProvider", input.clone()).await.0, error, "{input}");
        }
        for i in 1..100 {
            let input = json!({"Name": format!("p{i}"), "SAMLMetadataDocument": good});
            world.call("CreateSAMLProvider", input).await;
        }
        let full =
            world.error("CreateSAMLProvider", json!({"Name": "X", "SAMLMetadataDocument": good})).await;
        assert_eq!(full.0, "LimitExceededException");
    }
}
