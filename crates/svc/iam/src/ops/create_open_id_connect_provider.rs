//! `CreateOpenIDConnectProvider`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/CreateOpenIDConnectProvider>
//!
//! Action `iam:CreateOpenIDConnectProvider` on the provider. Condition keys `aws:RequestTag/…`, `aws:TagKeys`.

use garrison_api_iam::errors as api;
use garrison_api_iam::operations::CreateOpenIDConnectProvider;
use garrison_api_iam::types::{CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::open_id::{check_client_ids, issuer, thumbprints};
use crate::records::{OpenIdProvider, Time};
use crate::service::Iam;
use crate::{names, quota, repo, tagging};

/// The issuer without `https://`, and the keys of the tags to be.
pub struct New {
    url: String,
    tag_keys: Vec<String>,
}

impl Handler<Iam> for CreateOpenIDConnectProvider {
    const ACCESS: Access = Access::write("iam:CreateOpenIDConnectProvider");
    type Target = New;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<New>, ApiError> {
        let url = issuer(&input.url)?;
        let arn = names::arn(cx.partition(), cx.account(), "oidc-provider", "/", &url);
        let tag_keys = tagging::keys(input.tags.as_deref());
        Ok(Resolved::new(New { url, tag_keys }, Check::resource(arn, cx.account())))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a New,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { request_tags: input.tags.as_deref(), tag_keys: &target.tag_keys, ..Keys::default() }.get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &CreateOpenIDConnectProviderRequest,
        target: &New,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let client_ids = input.client_id_list.clone().unwrap_or_default();
        check_client_ids(&client_ids)?;
        let record = OpenIdProvider {
            url: target.url.clone(),
            client_ids,
            thumbprints: thumbprints(input.thumbprint_list.as_deref().unwrap_or_default())?,
            created: Time::of(cx),
            tags: tagging::of_new(input.tags.as_deref())?,
        };
        if iam.repo().get::<OpenIdProvider>(cx.account(), &target.url).await?.is_some() {
            let message = format!("Provider with url https://{} already exists.", target.url);
            return Err(api::entity_already_exists_exception(message));
        }
        let count = iam.repo().count::<OpenIdProvider>(cx.account()).await?;
        quota::OPEN_ID_PROVIDERS_PER_ACCOUNT.ensure_room(count)?;
        let mut writes = WriteSet::new();
        repo::create(&mut writes, cx.account(), &record);
        let output = CreateOpenIDConnectProviderResponse {
            open_id_connect_provider_arn: Some(record.arn(cx.partition(), cx.account())),
            tags: record.tags.to_api_if_any(),
        };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::json;

    use crate::testing::World;

    pub(crate) const ARN: &str = "arn:aws:iam::111122223333:oidc-provider/idp.example.com";
    const THUMBPRINT: &str = "990F4193972F2BECF12DDEDA5237F9C952F20D9E";

    /// A world with one provider.
    pub(crate) async fn provider() -> World {
        let world = World::new();
        let input = json!({
            "Url": "https://idp.example.com",
            "ClientIDList": ["one"],
            "ThumbprintList": [THUMBPRINT],
            "Tags": [{"Key": "a", "Value": "1"}],
        });
        let output = world.call("CreateOpenIDConnectProvider", input).await;
        assert_eq!(output["OpenIDConnectProviderArn"], ARN);
        assert_eq!(output["Tags"], json!([{"Key": "a", "Value": "1"}]));
        world
    }

    #[tokio::test]
    async fn makes_a_provider() {
        let world = provider().await;
        let got = world.call("GetOpenIDConnectProvider", json!({"OpenIDConnectProviderArn": ARN})).await;
        assert_eq!(got["Url"], "idp.example.com");
        assert_eq!(got["ClientIDList"], json!(["one"]));
        assert_eq!(got["ThumbprintList"], json!([THUMBPRINT.to_lowercase()]));
        let bare = json!({"Url": "https://other.example.com/realms/x"});
        let output = world.call("CreateOpenIDConnectProvider", bare).await;
        let arn = "arn:aws:iam::111122223333:oidc-provider/other.example.com/realms/x";
        assert_eq!(output, json!({"OpenIDConnectProviderArn": arn}));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = World::new()
            .demands("CreateOpenIDConnectProvider", json!({"Url": "https://idp.example.com"}))
            .await;
        assert_eq!(demanded, ("iam:CreateOpenIDConnectProvider".to_owned(), ARN.to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let world = provider().await;
        let many: Vec<_> = (0..101).map(|i| format!("c{i}")).collect();
        for (input, error) in [
            (json!({"Url": "https://idp.example.com"}), "EntityAlreadyExistsException"),
            (json!({"Url": "http://a.example.com"}), "ValidationException"),
            (
                json!({"Url": "https://a.example.com", "ThumbprintList": vec![THUMBPRINT; 6]}),
                "InvalidInputException",
            ),
            (
                json!({"Url": "https://a.example.com", "ThumbprintList": ["x".repeat(40)]}),
                "InvalidInputException",
            ),
            (json!({"Url": "https://a.example.com", "ClientIDList": many}), "LimitExceededException"),
        ] {
            assert_eq!(world.error("CreateOpenIDConnectProvider", input.clone()).await.0, error, "{input}");
        }
        for i in 1..100 {
            let url = format!("https://p{i}.example.com");
            world.call("CreateOpenIDConnectProvider", json!({"Url": url})).await;
        }
        let full = world.error("CreateOpenIDConnectProvider", json!({"Url": "https://a.example.com"})).await;
        let message = "Cannot exceed quota for OpenIdConnectProvidersPerAccount: 100";
        assert_eq!(full, ("LimitExceededException", message.to_owned()));
    }
}
