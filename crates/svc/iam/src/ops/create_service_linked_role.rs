//! `CreateServiceLinkedRole`: <https://docs.aws.amazon.com/goto/WebAPI/iam-2010-05-08/CreateServiceLinkedRole>
//!
//! Action `iam:CreateServiceLinkedRole` on the role. Condition key `iam:AWSServiceName`.

use garrison_api_iam::errors as api;
use garrison_api_iam::operations::CreateServiceLinkedRole;
use garrison_api_iam::types::CreateServiceLinkedRoleResponse;
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::Keys;
use crate::names::{self, IdPrefix};
use crate::records::{DEFAULT_MAX_SESSION, Policies, Role, Tags, Time};
use crate::service::Iam;
use crate::service_linked::{self, ServiceLinked};
use crate::{quota, roles};

/// The longest name of a role.
const MAX_NAME: usize = 64;

/// The service, when there is one of that name, and the name that the role shall have.
pub struct New {
    service: Option<&'static ServiceLinked>,
    role_name: String,
}

impl Handler<Iam> for CreateServiceLinkedRole {
    const ACCESS: Access = Access::write("iam:CreateServiceLinkedRole");
    type Target = New;

    async fn resolve(_: &Iam, cx: &Context, input: &Self::Input) -> Result<Resolved<New>, ApiError> {
        let service = service_linked::by_principal(&input.aws_service_name);
        let (base, path) = match service {
            Some(service) => (service.role_name, service.path()),
            None => ("*", format!("/aws-service-role/{}/", input.aws_service_name)),
        };
        let role_name = match &input.custom_suffix {
            Some(suffix) => format!("{base}_{suffix}"),
            None => base.to_owned(),
        };
        let arn = names::arn(cx.partition(), cx.account(), "role", &path, &role_name);
        Ok(Resolved::new(New { service, role_name }, Check::resource(arn, cx.account())))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        input: &'a Self::Input,
        _: &'a New,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        Keys { aws_service_name: Some(&input.aws_service_name), ..Keys::default() }.get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &New,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let invalid = |message: String| api::invalid_input_exception(message);
        let Some(service) = target.service else {
            return Err(api::no_such_entity_exception(format!(
                "The service {} has no service-linked role here.",
                input.aws_service_name
            )));
        };
        if input.custom_suffix.is_some() && !service.takes_suffix {
            return Err(invalid(format!("Custom suffix is not allowed for {}", service.principal)));
        }
        names::check("customSuffix", &target.role_name, MAX_NAME)?;
        if iam.repo().get::<Role>(cx.account(), &target.role_name).await?.is_some() {
            return Err(invalid(format!(
                "Service role name {} has been taken in this account, please try a different suffix.",
                target.role_name
            )));
        }
        quota::ROLES_PER_ACCOUNT.ensure_room(iam.repo().count::<Role>(cx.account()).await?)?;
        let role = Role {
            name: target.role_name.clone(),
            path: service.path(),
            id: names::unique_id(iam.kernel().rng(), IdPrefix::Role),
            created: Time::of(cx),
            trust: service.trust_policy(),
            max_session: DEFAULT_MAX_SESSION,
            description: input.description.clone(),
            tags: Tags::default(),
            boundary: None,
            policies: Policies { attached: vec![service.policy_arn(cx.partition())], ..Policies::default() },
        };
        let mut writes = WriteSet::new();
        roles::create_with_aws_policies(&mut writes, cx.account(), &role);
        let output = CreateServiceLinkedRoleResponse { role: Some(roles::summary(&role, cx)) };
        Ok(Reply::with_writes(output, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    const NAME: &str = "AWSServiceRoleForAutoScaling";
    const SERVICE: &str = "autoscaling.amazonaws.com";

    #[tokio::test]
    async fn makes_the_role_of_a_service() {
        let world = World::new();
        let input = json!({"AWSServiceName": SERVICE, "Description": "d"});
        let output = world.call("CreateServiceLinkedRole", input).await;
        let role = &output["Role"];
        assert_eq!((&role["RoleName"], &role["Description"]), (&json!(NAME), &json!("d")));
        assert_eq!(role["Path"], "/aws-service-role/autoscaling.amazonaws.com/");
        let attached = world.call("ListAttachedRolePolicies", json!({"RoleName": NAME})).await;
        let arn = "arn:aws:iam::aws:policy/aws-service-role/AutoScalingServiceRolePolicy";
        assert_eq!(attached["AttachedPolicies"][0]["PolicyArn"], arn);
        let changed = world.error("DeleteRole", json!({"RoleName": NAME})).await;
        assert_eq!(changed.0, "UnmodifiableEntityException", "only the service's own deletion takes it");
        let other = json!({"AWSServiceName": SERVICE, "CustomSuffix": "blue"});
        let output = world.call("CreateServiceLinkedRole", other).await;
        assert_eq!(output["Role"]["RoleName"], "AWSServiceRoleForAutoScaling_blue");
    }

    #[tokio::test]
    async fn demands_its_permission() {
        let demanded =
            World::new().demands("CreateServiceLinkedRole", json!({"AWSServiceName": SERVICE})).await;
        let arn = "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
        assert_eq!(demanded, ("iam:CreateServiceLinkedRole".to_owned(), arn.to_owned()));
    }

    #[tokio::test]
    async fn refuses() {
        let world = World::new();
        world.call("CreateServiceLinkedRole", json!({"AWSServiceName": SERVICE})).await;
        for (service, suffix, error) in [
            (SERVICE, None, "InvalidInputException"),
            ("config.amazonaws.com", Some("x"), "InvalidInputException"),
            ("nothing.amazonaws.com", None, "NoSuchEntityException"),
            (SERVICE, Some("a/b"), "ValidationException"),
        ] {
            let input = json!({"AWSServiceName": service, "CustomSuffix": suffix});
            assert_eq!(world.error("CreateServiceLinkedRole", input).await.0, error, "{service} {suffix:?}");
        }
        let taken = world.error("CreateServiceLinkedRole", json!({"AWSServiceName": SERVICE})).await.1;
        let message = "Service role name AWSServiceRoleForAutoScaling has been taken in this account, please try a \
                       different suffix.";
        assert_eq!(taken, message);
    }
}
