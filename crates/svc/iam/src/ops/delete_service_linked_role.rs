//! `DeleteServiceLinkedRole`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/DeleteServiceLinkedRole>
//!
//! Action `iam:DeleteServiceLinkedRole` on the role. Condition keys `iam:AWSServiceName`, `aws:ResourceTag/…`.
//!
//! No service here refuses to give its role up, so that the task is done when the answer is given.

use garrison_api_iam::operations::DeleteServiceLinkedRole;
use garrison_api_iam::types::DeleteServiceLinkedRoleResponse;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::entity::Named;
use crate::records::{DeletionTask, Role, Time};
use crate::repo::{self, layout};
use crate::service::Iam;
use crate::{error, service_linked};

impl Handler<Iam> for DeleteServiceLinkedRole {
    const ACCESS: Access = Access::write("iam:DeleteServiceLinkedRole");
    type Target = Named<Role>;

    async fn resolve(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
    ) -> Result<Resolved<Self::Target>, ApiError> {
        let role = Named::find(iam, cx, &input.role_name).await?;
        let check = role.check();
        Ok(Resolved::new(role, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let principal = target.get().ok().and_then(|role| service_linked::principal_of(&role.path));
        Keys { aws_service_name: principal, ..target.keys() }.get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let role = target.get()?;
        let not_found = || error::not_found("service-linked role", &input.role_name);
        let principal = service_linked::principal_of(&role.path).ok_or_else(not_found)?;
        let task_id = format!("task/aws-service-role/{principal}/{}/{}", role.name, iam.kernel().new_id());
        let mut writes = WriteSet::new();
        service_linked::delete(&mut writes, cx.account(), role);
        writes.deletes.push(layout::role_use(cx.account(), &role.id));
        repo::create(
            &mut writes,
            cx.account(),
            &DeletionTask { task_id: task_id.clone(), done: Time(cx.time) },
        );
        Ok(Reply::with_writes(DeleteServiceLinkedRoleResponse { deletion_task_id: task_id }, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const NAME: &str = "AWSServiceRoleForConfig";

    async fn role() -> World {
        let world = World::new();
        world.call("CreateServiceLinkedRole", json!({"AWSServiceName": "config.amazonaws.com"})).await;
        world
    }

    #[tokio::test]
    async fn deletes() {
        let world = role().await;
        let output = world.call("DeleteServiceLinkedRole", json!({"RoleName": NAME})).await;
        let task = output["DeletionTaskId"].as_str().unwrap();
        assert!(
            task.starts_with("task/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig/"),
            "{task}"
        );
        assert_eq!(world.error("GetRole", json!({"RoleName": NAME})).await.0, "NoSuchEntityException");
        world.call("CreateServiceLinkedRole", json!({"AWSServiceName": "config.amazonaws.com"})).await;
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded = role().await.demands("DeleteServiceLinkedRole", json!({"RoleName": NAME})).await;
        let arn =
            "arn:aws:iam::111122223333:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig";
        assert_eq!(demanded, ("iam:DeleteServiceLinkedRole".to_owned(), arn.to_owned()));
    }

    #[tokio::test]
    async fn refuses_other_roles() {
        let world = role().await;
        world.role("App").await;
        for name in ["App", "Absent"] {
            let refused = world.error("DeleteServiceLinkedRole", json!({"RoleName": name})).await;
            assert_eq!(refused.0, "NoSuchEntityException", "{name}");
        }
    }
}
