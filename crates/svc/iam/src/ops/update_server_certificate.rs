//! `UpdateServerCertificate`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/UpdateServerCertificate>
//!
//! Action `iam:UpdateServerCertificate` on the certificate, as it is and as it shall be. Condition key `aws:ResourceTag/…`.

use garrison_api_iam::operations::UpdateServerCertificate;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::entity::Named;
use crate::records::ServerCertificate;
use crate::service::Iam;
use crate::{names, repo, server_certificates};

impl Handler<Iam> for UpdateServerCertificate {
    const ACCESS: Access = Access::write("iam:UpdateServerCertificate");
    type Target = Named<ServerCertificate>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let certificate = Named::<ServerCertificate>::find(iam, cx, &input.server_certificate_name).await?;
        let mut resolved = Resolved::new((), certificate.check());
        if input.new_path.is_some() || input.new_server_certificate_name.is_some() {
            let old = certificate.get().ok().map(|old| old.path.as_str());
            let path = names::path(input.new_path.as_deref().or(old))?;
            let name = input.new_server_certificate_name.as_ref().unwrap_or(&input.server_certificate_name);
            let arn = names::arn(cx.partition(), cx.account(), "server-certificate", &path, name);
            resolved = resolved.and(Check::resource(arn, cx.account()));
        }
        let Resolved { checks, resources, .. } = resolved;
        Ok(Resolved { target: certificate, checks, resources })
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
        let old = target.get()?;
        let mut new = old.record.clone();
        if let Some(path) = &input.new_path {
            new.path = names::path(Some(path))?;
        }
        if let Some(name) = &input.new_server_certificate_name {
            names::check("newServerCertificateName", name, 128)?;
            let taken = iam.repo().get::<ServerCertificate>(cx.account(), name).await?;
            if taken.is_some_and(|taken| taken.id != old.id) {
                return Err(server_certificates::already_exists(name));
            }
            new.name.clone_from(name);
        }
        let mut writes = WriteSet::new();
        repo::replace(&mut writes, cx.account(), old, &new);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::upload_server_certificate::tests::{ARN, certificate, input};
    use crate::x509::tests::issue;

    #[tokio::test]
    async fn moves_and_renames() {
        let world = certificate().await;
        let change =
            json!({"ServerCertificateName": "Web", "NewServerCertificateName": "WEB", "NewPath": "/x/"});
        world.call("UpdateServerCertificate", change).await;
        let change = json!({"ServerCertificateName": "web", "NewServerCertificateName": "Site"});
        world.call("UpdateServerCertificate", change).await;
        let listed = world.call("ListServerCertificates", json!({})).await;
        let list = listed["ServerCertificateMetadataList"].as_array().unwrap();
        assert_eq!(list.len(), 1);
        assert_eq!(list[0]["Arn"], "arn:aws:iam::111122223333:server-certificate/x/Site");
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let world = certificate().await;
        let demanded =
            world.demands("UpdateServerCertificate", json!({"ServerCertificateName": "Web"})).await;
        assert_eq!(demanded, ("iam:UpdateServerCertificate".to_owned(), ARN.to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let world = certificate().await;
        world.call("UploadServerCertificate", input("Other", &issue("a.example"))).await;
        for (name, new, error) in [
            ("Web", "other", "EntityAlreadyExistsException"),
            ("Absent", "x", "NoSuchEntityException"),
            ("Web", "a b", "ValidationException"),
        ] {
            let change = json!({"ServerCertificateName": name, "NewServerCertificateName": new});
            assert_eq!(world.error("UpdateServerCertificate", change).await.0, error, "{new}");
        }
    }
}
