//! `CreatePolicy`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html>
//!
//! With tags the caller needs `iam:TagPolicy` as well.

use garrison_api_iam::{errors as api, operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::managed_policies::{self, Usage};
use crate::names::{self, IdPrefix};
use crate::quota;
use crate::records::{ManagedPolicy, PolicyVersion, Time};
use crate::repo;
use crate::service::Iam;
use crate::tagging;

/// What the input says, checked.
#[derive(Debug)]
pub struct NewPolicy {
    path: String,
    tag_keys: Vec<String>,
}

impl Handler<Iam> for operations::CreatePolicy {
    const ACCESS: Access = Access::write("iam:CreatePolicy");
    type Target = NewPolicy;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let path = names::path(input.path.as_deref())?;
        names::check("policyName", &input.policy_name, 128)?;
        let arn = names::arn(cx.partition(), cx.account(), "policy", &path, &input.policy_name);
        let target = NewPolicy { path, tag_keys: tagging::keys(input.tags.as_deref()) };
        let check = Check::resource(arn, cx.account()).shown_as(format!("policy {}", input.policy_name));
        Ok(tagging::resolved(target, check, "iam:TagPolicy", input.tags.as_deref()))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { request_tags: input.tags.as_deref(), tag_keys: &target.tag_keys, ..Keys::default() }.get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        managed_policies::ensure_document(&input.policy_document)?;
        let account = cx.account();
        let name = &input.policy_name;
        if iam.repo().get::<ManagedPolicy>(account, name).await?.is_some() {
            return Err(api::entity_already_exists_exception(format!(
                "A policy called {name} already exists. Duplicate names are not allowed."
            )));
        }
        quota::POLICIES_PER_ACCOUNT.ensure_room(iam.repo().count::<ManagedPolicy>(account).await?)?;
        let now = Time::of(cx);
        let policy = ManagedPolicy {
            name: name.clone(),
            path: target.path.clone(),
            id: names::unique_id(iam.kernel().rng(), IdPrefix::Policy),
            created: now,
            updated: now,
            description: input.description.clone(),
            tags: tagging::of_new(input.tags.as_deref())?,
            default: 1,
            last: 1,
            versions: vec![PolicyVersion {
                number: 1,
                created: now,
                document: input.policy_document.clone(),
            }],
        };
        let mut writes = WriteSet::new();
        repo::create(&mut writes, account, &policy);
        let shown = managed_policies::customer_to_api(&policy, cx.partition(), account, Usage::default());
        let policy = Some(types::Policy { tags: policy.tags.to_api_if_any(), ..shown });
        Ok(Reply::with_writes(types::CreatePolicyResponse { policy }, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;
    const DOCUMENT: &str = crate::testing::DOCUMENT;

    fn input(name: &str) -> serde_json::Value {
        json!({"PolicyName": name, "Path": "/a/", "PolicyDocument": DOCUMENT, "Description": "d"})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        let (action, resource) = world.demands("CreatePolicy", input("P")).await;
        let arn = "arn:aws:iam::111122223333:policy/a/P";
        assert_eq!((action.as_str(), resource.as_str()), ("iam:CreatePolicy", arn));
        let mut tagged = input("P");
        tagged["Tags"] = json!([{"Key": "k", "Value": "v"}]);
        let made = world.call("CreatePolicy", tagged).await["Policy"].clone();
        assert_eq!((&made["Arn"], &made["DefaultVersionId"]), (&json!(arn), &json!("v1")));
        assert_eq!((&made["AttachmentCount"], &made["IsAttachable"]), (&json!(0), &json!(true)));
        assert_eq!(made["Tags"], json!([{"Key": "k", "Value": "v"}]));
        assert!(made["PolicyId"].as_str().unwrap().starts_with("ANPA"));
    }

    #[tokio::test]
    async fn what_cannot_be_is_refused() {
        let world = World::new();
        world.call("CreatePolicy", input("P")).await;
        let taken = "A policy called p already exists. Duplicate names are not allowed.".to_owned();
        assert_eq!(world.error("CreatePolicy", input("p")).await, ("EntityAlreadyExistsException", taken));
        let big = DOCUMENT.replace("s3:*", &format!("s3:{}", "x".repeat(6144)));
        for (member, value, expected) in [
            ("PolicyDocument", json!("{}"), "MalformedPolicyDocumentException"),
            ("PolicyDocument", json!(crate::testing::TRUST), "MalformedPolicyDocumentException"),
            ("PolicyDocument", json!(big), "LimitExceededException"),
            ("Path", json!("a"), "ValidationException"),
            ("PolicyName", json!("a b"), "ValidationException"),
            ("Tags", json!([{"Key": "aws:x", "Value": ""}]), "InvalidInputException"),
        ] {
            let mut input = input("New");
            input[member] = value;
            assert_eq!(world.error("CreatePolicy", input).await.0, expected, "{member}");
        }
    }
}
