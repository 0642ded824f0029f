//! `UntagServerCertificate`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UntagServerCertificate>
//!
//! Action `iam:UntagServerCertificate` on the entity. Condition keys `aws:TagKeys`, `aws:ResourceTag/…`.

use garrison_api_iam::operations::UntagServerCertificate;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::entity::Named;
use crate::records::ServerCertificate;
use crate::service::Iam;
use crate::{repo, tagging};

impl Handler<Iam> for UntagServerCertificate {
    const ACCESS: Access = Access::write("iam:UntagServerCertificate");
    type Target = Named<ServerCertificate>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let entity = Named::<ServerCertificate>::find(iam, cx, &input.server_certificate_name).await?;
        let check = entity.check();
        Ok(Resolved::new(entity, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { tag_keys: &input.tag_keys, ..target.keys() }.get(key)
    }

    async fn execute(
        _: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Unit>, ApiError> {
        let old = target.get()?;
        let mut new = old.record.clone();
        tagging::remove(&mut new.tags, &input.tag_keys)?;
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
    async fn removes_tags() {
        let world = certificate().await;
        world
            .call(
                "UntagServerCertificate",
                json!({"ServerCertificateName": "Web", "TagKeys": ["A", "absent"]}),
            )
            .await;
        let listed = world.call("ListServerCertificateTags", json!({"ServerCertificateName": "Web"})).await;
        assert_eq!(listed["Tags"], json!([]));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = certificate().await;
        let demanded = world
            .demands("UntagServerCertificate", json!({"ServerCertificateName": "Web", "TagKeys": ["a"]}))
            .await;
        assert_eq!(
            demanded,
            (
                "iam:UntagServerCertificate".to_owned(),
                "arn:aws:iam::111122223333:server-certificate/cloudfront/Web".to_owned()
            )
        );
    }

    #[tokio::test]
    async fn refuses() {
        let world = certificate().await;
        for (name, key, error) in
            [("Other", "a", "NoSuchEntityException"), ("Web", "aws:a", "InvalidInputException")]
        {
            let refused = world
                .error("UntagServerCertificate", json!({"ServerCertificateName": name, "TagKeys": [key]}))
                .await;
            assert_eq!(refused.0, error, "{name}");
        }
    }
}
