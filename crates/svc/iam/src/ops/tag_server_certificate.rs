//! `TagServerCertificate`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/TagServerCertificate>
//!
//! Action `iam:TagServerCertificate` on the entity. Condition keys `aws:RequestTag/…`, `aws:TagKeys`, `aws:ResourceTag/…`.

use garrison_api_iam::operations::TagServerCertificate;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::entity::Named;
use crate::records::ServerCertificate;
use crate::service::Iam;
use crate::{repo, tagging};

/// The entity, and the keys of the tags that it shall get.
pub struct Tagged {
    entity: Named<ServerCertificate>,
    keys: Vec<String>,
}

impl Handler<Iam> for TagServerCertificate {
    const ACCESS: Access = Access::write("iam:TagServerCertificate");
    type Target = Tagged;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let entity = Named::<ServerCertificate>::find(iam, cx, &input.server_certificate_name).await?;
        let check = entity.check();
        Ok(Resolved::new(Tagged { entity, keys: tagging::keys(Some(&input.tags)) }, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { request_tags: Some(&input.tags), tag_keys: &target.keys, ..target.entity.keys() }.get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Unit>, ApiError> {
        let old = target.entity.get()?;
        let mut new = old.record.clone();
        tagging::add(&mut new.tags, &input.tags)?;
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), old, &new);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_server_certificate::tests::certificate;

    #[tokio::test]
    async fn adds_tags() {
        let world = certificate().await;
        let tags = json!([{"Key": "b", "Value": "2"}, {"Key": "A", "Value": "3"}]);
        world.call("TagServerCertificate", json!({"ServerCertificateName": "Web", "Tags": tags})).await;
        let listed = world.call("ListServerCertificateTags", json!({"ServerCertificateName": "Web"})).await;
        assert_eq!(listed["Tags"], json!([{"Key": "A", "Value": "3"}, {"Key": "b", "Value": "2"}]));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = certificate().await;
        let input = json!({"ServerCertificateName": "Web", "Tags": []});
        let demanded = world.demands("TagServerCertificate", input).await;
        assert_eq!(
            demanded,
            (
                "iam:TagServerCertificate".to_owned(),
                "arn:aws:iam::111122223333:server-certificate/cloudfront/Web".to_owned()
            )
        );
    }

    #[tokio::test]
    async fn refuses() {
        let world = certificate().await;
        let many: Vec<_> = (0..50).map(|i| json!({"Key": format!("k{i}"), "Value": ""})).collect();
        for (name, tags, error) in [
            ("Other", json!([]), "NoSuchEntityException"),
            ("Web", json!([{"Key": "aws:a", "Value": ""}]), "InvalidInputException"),
            ("Web", json!(many), "LimitExceededException"),
        ] {
            let refused = world
                .error("TagServerCertificate", json!({"ServerCertificateName": name, "Tags": tags}))
                .await;
            assert_eq!(refused.0, error, "{name}");
        }
    }
}
