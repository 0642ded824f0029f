//! `GetServiceLastAccessedDetailsWithEntities`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetServiceLastAccessedDetailsWithEntities>
//!
//! Action `iam:GetServiceLastAccessedDetailsWithEntities` on `*`.

use garrison_api_iam::errors as api;
use garrison_api_iam::operations::GetServiceLastAccessedDetailsWithEntities;
use garrison_api_iam::types::{
    EntityDetails, EntityInfo, GetServiceLastAccessedDetailsWithEntitiesResponse, JobStatusType,
    PolicyOwnerEntityType,
};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::last_accessed;
use crate::paging::Paging;
use crate::records::EntityUse;
use crate::service::Iam;

impl Handler<Iam> for GetServiceLastAccessedDetailsWithEntities {
    const ACCESS: Access = Access::read("iam:GetServiceLastAccessedDetailsWithEntities");
    type Target = ();

    async fn resolve(_: &Iam, _: &Context, _: &Self::Input) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any()))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        (): &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        let report = last_accessed::report(iam, cx, &input.job_id).await?;
        let namespace = &input.service_namespace;
        if !namespace.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
            return Err(api::invalid_input_exception(format!("Invalid service namespace: {namespace}")));
        }
        // Nobody may use a service that the report does not have.
        let service = report.services.iter().find(|service| service.namespace == *namespace);
        let entities = service.map(|service| service.entities.as_slice()).unwrap_or_default();
        let page = Paging::new(input.max_items, input.marker.as_deref())?.page_in_order(entities);
        Ok(Reply::new(GetServiceLastAccessedDetailsWithEntitiesResponse {
            job_status: JobStatusType::Completed,
            job_creation_date: report.created.0,
            job_completion_date: report.created.0,
            is_truncated: page.is_truncated(),
            entity_details_list: page.items.into_iter().map(to_api).collect(),
            marker: page.marker,
            error: None,
        }))
    }
}

fn to_api(entity: &EntityUse) -> EntityDetails {
    EntityDetails {
        entity_info: EntityInfo {
            arn: entity.arn.clone(),
            name: entity.name.clone(),
            r#type: PolicyOwnerEntityType::from(entity.kind.as_str()),
            id: entity.id.clone(),
            path: Some(entity.path.clone()),
        },
        last_authenticated: entity.last.as_ref().map(|(at, _)| at.0),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::ops::generate_service_last_accessed_details::tests::{ANN, job, used};
    use crate::testing::World;

    #[tokio::test]
    async fn answers() {
        let world = used().await;
        let mut input = job(&world, ANN, "SERVICE_LEVEL").await;
        input["ServiceNamespace"] = json!("iam");
        let output = world.call("GetServiceLastAccessedDetailsWithEntities", input.clone()).await;
        let info = json!({"Arn": ANN, "Name": "ann", "Type": "USER", "Id": "AIDAANN", "Path": "/team/"});
        assert_eq!(
            output["EntityDetailsList"],
            json!([{"EntityInfo": info, "LastAuthenticated": 1_800_000_020.0}])
        );
        input["ServiceNamespace"] = json!("s3");
        let output = world.call("GetServiceLastAccessedDetailsWithEntities", input.clone()).await;
        assert_eq!(output["EntityDetailsList"], json!([{"EntityInfo": info}]));
        input["ServiceNamespace"] = json!("sqs");
        let output = world.call("GetServiceLastAccessedDetailsWithEntities", input.clone()).await;
        assert_eq!(output["EntityDetailsList"], json!([]));
        input["ServiceNamespace"] = json!("s3:*");
        let refused = world.error("GetServiceLastAccessedDetailsWithEntities", input).await;
        assert_eq!(refused.0, "InvalidInputException");
    }

    #[tokio::test]
    async fn refuses_other_jobs() {
        let input = json!({"JobId": "00000000-0000-0000-0000-000000000000", "ServiceNamespace": "iam"});
        let refused = World::new().error("GetServiceLastAccessedDetailsWithEntities", input).await;
        assert_eq!(refused.0, "NoSuchEntityException");
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let input = json!({"JobId": "x", "ServiceNamespace": "iam"});
        let demanded = World::new().demands("GetServiceLastAccessedDetailsWithEntities", input).await;
        assert_eq!(demanded, ("iam:GetServiceLastAccessedDetailsWithEntities".to_owned(), "*".to_owned()));
    }
}
