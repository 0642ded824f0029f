//! `ChangePassword`: <https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html>
//!
//! Lets a user change the own password. Who may: whoever has the permission, and every user where the
//! password policy says so.

use std::sync::Arc;

use garrison_api_iam::{errors as api, operations};
use garrison_kernel::{Access, Context, Handler, Principal, Reply, Resolved, ServiceType, errors};
use garrison_policy::{CompiledPolicy, Values};
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::account::Settings;
use crate::entity::Named;
use crate::passwords;
use crate::records::{PasswordPolicy, Time, User};
use crate::repo;
use crate::service::Iam;

/// The caller, and what passwords must be like.
#[derive(Debug)]
pub struct Target {
    user: Named<User>,
    policy: Option<PasswordPolicy>,
}

/// What a password policy that lets users change their passwords says to one of them.
fn own_password(arn: &str) -> String {
    let statement = serde_json::json!({
        "Effect": "Allow",
        "Principal": { "AWS": arn },
        "Action": "iam:ChangePassword",
        "Resource": arn,
    });
    serde_json::json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

impl Handler<Iam> for operations::ChangePassword {
    const ACCESS: Access = Access::write("iam:ChangePassword");
    type Target = Target;

    async fn resolve(iam: &Iam, cx: &Context, _: &Self::Input) -> Result<Resolved<Self::Target>, ApiError> {
        let Principal::User(caller) = &cx.caller.principal else {
            return Err(api::invalid_user_type_exception("Only IAM Users can change their own password."));
        };
        let user = Named::<User>::find(iam, cx, &caller.name).await?;
        let settings = Settings::find(iam, cx).await?;
        let mut check = user.check();
        if settings.now.password_policy.as_ref().is_some_and(|policy| policy.users_may_change) {
            let policy = CompiledPolicy::from_stored("password policy", own_password(user.arn()).as_bytes());
            check = check.policy(Arc::new(policy));
        }
        Ok(Resolved::new(Target { user, policy: settings.now.password_policy }, check))
    }

    fn condition<'a>(
        _: &'a Iam,
        _: &'a Context,
        _: &'a Self::Input,
        target: &'a Self::Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.user.keys().get(key)
    }

    async fn execute(
        iam: &Iam,
        cx: &Context,
        input: &Self::Input,
        target: &Self::Target,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let user = target.user.get()?;
        let (kernel, now) = (iam.kernel(), Time(cx.time));
        let old = user.password.as_ref().ok_or_else(|| passwords::not_found(&user.name))?;
        if !passwords::is(kernel, old, &input.old_password).await? {
            let schema = errors::access_denied(Iam::SCHEMA);
            return Err(ApiError::new(schema, "The old password was incorrect."));
        }
        let policy = target.policy.as_ref();
        let password = passwords::change(kernel, policy, old, &input.new_password, false, now).await?;
        let mut writes = WriteSet::new();
        let changed = User { password: Some(password), ..user.record.clone() };
        repo::replace(&mut writes, cx.account(), user, &changed);
        Ok(Reply::with_writes(Unit, writes))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::World;

    fn input(old: &str, new: &str) -> serde_json::Value {
        json!({"OldPassword": old, "NewPassword": new})
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        let bob = world.as_user("Bob").await;
        let policy = json!({"AllowUsersToChangePassword": true, "PasswordReusePrevention": 2});
        world.call("UpdateAccountPasswordPolicy", policy).await;
        let change = async |old: &str, new: &str| {
            let outcome = world.try_as(&bob, "ChangePassword", input(old, new)).await;
            outcome.map(drop).map_err(|error| error.schema.name)
        };
        assert_eq!(change("x", "y").await, Err("NoSuchEntityException"), "no password yet");
        world.call("CreateLoginProfile", json!({"UserName": "Bob", "Password": "password-1"})).await;
        assert_eq!(change("password-1", "password-2").await, Ok(()));
        assert_eq!(change("password-1", "password-3").await, Err("AccessDenied"), "the old one is wrong");
        assert_eq!(change("password-2", "password-1").await, Err("PasswordPolicyViolationException"));
        assert_eq!(change("password-2", "short").await, Err("PasswordPolicyViolationException"));
        assert_eq!(change("password-2", "password-3").await, Ok(()));
        assert_eq!(change("password-3", "password-1").await, Ok(()), "two are remembered");
    }

    #[tokio::test]
    async fn not_everybody_may() {
        let world = World::new();
        world.call("CreateUser", json!({"UserName": "Bob"})).await;
        world.call("CreateLoginProfile", json!({"UserName": "Bob", "Password": "Correct-horse-1"})).await;
        let bob = world.as_user("Bob").await;
        let denied = world.try_as(&bob, "ChangePassword", input("Correct-horse-1", "Correct-horse-2")).await;
        let message = denied.unwrap_err().message;
        assert!(
            message.contains("is not authorized to perform: iam:ChangePassword on resource: user Bob"),
            "{message}"
        );
        let error = world.error("ChangePassword", input("a", "b")).await;
        assert_eq!(error.0, "InvalidUserTypeException", "the root user's is not here");
    }
}
