//! `GetServiceLinkedRoleDeletionStatus`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/GetServiceLinkedRoleDeletionStatus>
//!
//! Action `iam:GetServiceLinkedRoleDeletionStatus` on the role.

use garrison_api_iam::errors as api;
use garrison_api_iam::operations::GetServiceLinkedRoleDeletionStatus;
use garrison_api_iam::types::{DeletionTaskStatusType, GetServiceLinkedRoleDeletionStatusResponse};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_schema::ApiError;

use crate::names;
use crate::records::DeletionTask;
use crate::service::Iam;

impl Handler<Iam> for GetServiceLinkedRoleDeletionStatus {
    const ACCESS: Access = Access::read("iam:GetServiceLinkedRoleDeletionStatus");
    type Target = ();

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<()>, ApiError> {
        let invalid =
            || api::invalid_input_exception(format!("Invalid deletion task id: {}", input.deletion_task_id));
        let mut parts = input.deletion_task_id.splitn(5, '/');
        let (Some("task"), Some("aws-service-role"), Some(principal), Some(name), Some(_)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid());
        };
        let path = format!("/aws-service-role/{principal}/");
        let arn = names::arn(cx.partition(), cx.account(), "role", &path, name);
        Ok(Resolved::new((), Check::resource(arn, cx.account())))
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        (): &(),
    ) -> Result<Reply<Self::Output>, ApiError> {
        let id = &input.deletion_task_id;
        let task = iam.repo().get::<DeletionTask>(cx.account(), id).await?.filter(|task| task.task_id == *id);
        if task.is_none() {
            return Err(api::no_such_entity_exception(format!("The deletion task {id} cannot be found.")));
        }
        // A task is recorded together with what it did.
        Ok(Reply::new(GetServiceLinkedRoleDeletionStatusResponse {
            status: DeletionTaskStatusType::Succeeded,
            reason: None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const ABSENT: &str = "task/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig/x";

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateServiceLinkedRole", json!({"AWSServiceName": "config.amazonaws.com"})).await;
        let task =
            world.call("DeleteServiceLinkedRole", json!({"RoleName": "AWSServiceRoleForConfig"})).await;
        let status = world.call("GetServiceLinkedRoleDeletionStatus", task).await;
        assert_eq!(status, json!({"Status": "SUCCEEDED"}));
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = World::new()
            .demands("GetServiceLinkedRoleDeletionStatus", json!({"DeletionTaskId": ABSENT}))
            .await;
        let arn =
            "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
        assert_eq!(demanded, ("iam:GetServiceLinkedRoleDeletionStatus".to_owned(), arn.to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let world = World::new();
        for (id, error) in [(ABSENT, "NoSuchEntityException"), ("task/x", "InvalidInputException")] {
            let refused =
                world.error("GetServiceLinkedRoleDeletionStatus", json!({"DeletionTaskId": id})).await;
            assert_eq!(refused.0, error, "{id}");
        }
    }
}
