//! `GetServiceLastAccessedDetails`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetServiceLastAccessedDetails>
//!
//! Action `iam:GetServiceLastAccessedDetails` on `*`.

use garrison_api_iam::operations::GetServiceLastAccessedDetails;
use garrison_api_iam::types::{
    AccessAdvisorUsageGranularityType, GetServiceLastAccessedDetailsResponse, JobStatusType,
    ServiceLastAccessed, TrackedActionLastAccessed,
};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::last_accessed;
use crate::paging::Paging;
use crate::records::{EntityUse, ServiceUse, Time};
use crate::service::Iam;

impl Handler<Iam> for GetServiceLastAccessedDetails {
    const ACCESS: Access = Access::read("iam:GetServiceLastAccessedDetails");
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
        let page = Paging::new(input.max_items, input.marker.as_deref())?.page_in_order(&report.services);
        let granularity = if report.actions {
            AccessAdvisorUsageGranularityType::ActionLevel
        } else {
            AccessAdvisorUsageGranularityType::ServiceLevel
        };
        Ok(Reply::new(GetServiceLastAccessedDetailsResponse {
            job_status: JobStatusType::Completed,
            job_type: Some(granularity),
            job_creation_date: report.created.0,
            job_completion_date: report.created.0,
            is_truncated: page.is_truncated(),
            services_last_accessed: page
                .items
                .into_iter()
                .map(|service| to_api(service, report.actions))
                .collect(),
            marker: page.marker,
            error: None,
        }))
    }
}

fn to_api(service: &ServiceUse, actions: bool) -> ServiceLastAccessed {
    let used = service.entities.iter().filter_map(|entity| Some((entity, entity.last.as_ref()?)));
    let last = used.clone().max_by_key(|(_, (at, _))| *at);
    ServiceLastAccessed {
        service_name: last_accessed::service_name(&service.namespace).to_owned(),
        service_namespace: service.namespace.clone(),
        last_authenticated: last.map(|(_, (at, _))| at.0),
        last_authenticated_entity: last.map(|(entity, _)| entity.arn.clone()),
        last_authenticated_region: last.map(|(_, (_, region))| region.clone()),
        total_authenticated_entities: i32::try_from(used.count()).ok(),
        tracked_actions_last_accessed: actions.then(|| tracked(&service.entities)),
    }
}

/// The last use of each operation by anybody.
fn tracked(entities: &[EntityUse]) -> Vec<TrackedActionLastAccessed> {
    let all =
        entities.iter().flat_map(|entity| entity.operations.iter().map(move |operation| (entity, operation)));
    let mut all: Vec<(&EntityUse, &(String, Time, String))> = all.collect();
    all.sort_by(|(_, one), (_, other)| one.0.cmp(&other.0).then(other.1.cmp(&one.1)));
    all.dedup_by(|(_, next), (_, kept)| next.0 == kept.0);
    let shown = all.into_iter().map(|(entity, (name, at, region))| TrackedActionLastAccessed {
        action_name: Some(name.clone()),
        last_accessed_entity: Some(entity.arn.clone()),
        last_accessed_time: Some(at.0),
        last_accessed_region: Some(region.clone()),
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use crate::ops::generate_service_last_accessed_details::tests::{ANN, job, used};
    use crate::testing::World;

    #[tokio::test]
    async fn tells_of_services_used_and_not() {
        let world = used().await;
        let job = job(&world, ANN, "SERVICE_LEVEL").await;
        let output = world.call("GetServiceLastAccessedDetails", job).await;
        assert_eq!(
            (&output["JobStatus"], &output["JobType"]),
            (&json!("COMPLETED"), &json!("SERVICE_LEVEL"))
        );
        assert_eq!(
            output["ServicesLastAccessed"],
            json!([
                {
                    "ServiceName": "AWS Identity and Access Management",
                    "ServiceNamespace": "iam",
                    "LastAuthenticated": 1_800_000_020.0,
                    "LastAuthenticatedEntity": ANN,
                    "LastAuthenticatedRegion": "eu-central-1",
                    "TotalAuthenticatedEntities": 1,
                },
                {"ServiceName": "Amazon S3", "ServiceNamespace": "s3", "TotalAuthenticatedEntities": 0},
            ])
        );
    }

    #[tokio::test]
    async fn tells_of_actions_and_by_pages() {
        let world = used().await;
        let mut job = job(&world, ANN, "ACTION_LEVEL").await;
        job["MaxItems"] = json!(1);
        let output = world.call("GetServiceLastAccessedDetails", job).await;
        let tracked = output["ServicesLastAccessed"][0]["TrackedActionsLastAccessed"].as_array().unwrap();
        let names: Vec<_> = tracked.iter().map(|action| action["ActionName"].as_str().unwrap()).collect();
        assert_eq!(names, ["ListRoles", "ListServerCertificates"]);
        assert_eq!(tracked[0]["LastAccessedTime"], 1_800_000_010.0);
        assert_eq!(output["IsTruncated"], true);
    }

    #[tokio::test]
    async fn reports_end() {
        let world = used().await;
        let input = job(&world, ANN, "SERVICE_LEVEL").await;
        world.test.clock.tick(Duration::from_secs(8 * 86_400));
        let refused = world.error("GetServiceLastAccessedDetails", input).await;
        assert_eq!(refused.0, "NoSuchEntityException");
        let absent = json!({"JobId": "00000000-0000-0000-0000-000000000000"});
        assert_eq!(world.error("GetServiceLastAccessedDetails", absent).await.0, "NoSuchEntityException");
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = World::new().demands("GetServiceLastAccessedDetails", json!({"JobId": "x"})).await;
        assert_eq!(demanded, ("iam:GetServiceLastAccessedDetails".to_owned(), "*".to_owned()));
    }
}
