//! `AssumeRoot`: credentials for one task as the root user of a member account.
//!
//! <https://docs.aws.amazon.com/goto/WebAPI/sts-2011-06-15/AssumeRoot>. Permission: `sts:AssumeRoot` on the member's root
//! user, with the condition key `sts:TaskPolicyArn`. Source: IAM User Guide, "Perform a privileged task on an AWS
//! Organizations member account".

use garrison_api_sts::operations::AssumeRoot;
use garrison_api_sts::types::{AssumeRootRequest, AssumeRootResponse};
use garrison_kernel::session_token::SessionGrant;
use garrison_kernel::{Access, Check, Context, Handler, Principal, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_types::{AccountId, Arn};

use crate::error;
use crate::keys::RequestKeys;
use crate::service::Sts;

/// The longest session, and its length when none is asked for, in seconds.
const LONGEST: u32 = 900;
/// The shortest, in seconds.
const SHORTEST: u32 = 900;

/// What each task policy lets the session do. The policies themselves only deny everything else.
///
/// Source: IAM User Guide, "AWS managed policies for AWS Identity and Access Management", the five `root-task` policies.
const TASKS: [(&str, &[&str]); 5] = [
    (
        "IAMAuditRootUserCredentials",
        &[
            "iam:GetAccessKeyLastUsed",
            "iam:GetAccountSummary",
            "iam:GetLoginProfile",
            "iam:GetUser",
            "iam:ListAccessKeys",
            "iam:ListMFADevices",
            "iam:ListSigningCertificates",
        ],
    ),
    ("IAMCreateRootUserPassword", &["iam:CreateLoginProfile", "iam:GetLoginProfile"]),
    (
        "IAMDeleteRootUserCredentials",
        &[
            "iam:DeactivateMFADevice",
            "iam:DeleteAccessKey",
            "iam:DeleteLoginProfile",
            "iam:DeleteSigningCertificate",
            "iam:DeleteVirtualMFADevice",
            "iam:GetAccessKeyLastUsed",
            "iam:GetLoginProfile",
            "iam:GetUser",
            "iam:ListAccessKeys",
            "iam:ListMFADevices",
            "iam:ListSigningCertificates",
        ],
    ),
    (
        "S3UnlockBucketPolicy",
        &["s3:DeleteBucketPolicy", "s3:GetBucketPolicy", "s3:ListAllMyBuckets", "s3:PutBucketPolicy"],
    ),
    (
        "SQSUnlockQueuePolicy",
        &["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListQueues", "sqs:SetQueueAttributes"],
    ),
];

/// What a request asks for.
#[derive(Debug)]
pub struct Target {
    account: AccountId,
    task: &'static [&'static str],
    keys: RequestKeys,
}

impl Handler<Sts> for AssumeRoot {
    const ACCESS: Access = Access { response_elements: true, ..Access::key_use("sts:AssumeRoot") }
        .omitting_response(super::NOT_AUDITED);
    type Target = Target;

    async fn resolve(_: &Sts, cx: &Context, input: &AssumeRootRequest) -> Result<Resolved<Target>, ApiError> {
        if !matches!(cx.caller.principal, Principal::User(_) | Principal::AssumedRole(_)) {
            return Err(error::access_denied("AssumeRoot can be called by users and roles alone."));
        }
        let account = target_account(&input.target_principal)?;
        let policy = input.task_policy_arn.arn.as_deref().unwrap_or_default();
        let task = task(policy).ok_or_else(|| errors::validation("The task policy ARN is not valid."))?;
        let keys = RequestKeys::default().with("sts:taskpolicyarn", Some(policy));
        let root = Principal::Root { account, partition: cx.partition() };
        // Not a question across accounts: root users have no policy of their own, the organization stands for it.
        let check = Check { resource: root.arn(), ..Check::any() };
        Ok(Resolved::new(Target { account, task, keys }, check))
    }

    fn condition<'a>(
        _: &'a Sts,
        _: &'a Context,
        _: &'a AssumeRootRequest,
        target: &'a Target,
        _: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        target.keys.values(key)
    }

    async fn execute(
        sts: &Sts,
        cx: &Context,
        input: &AssumeRootRequest,
        target: &Target,
    ) -> Result<Reply<AssumeRootResponse>, ApiError> {
        is_manager(sts, cx.account(), target.account).await?;
        let seconds =
            input.duration_seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(LONGEST);
        let principal = Principal::Root { account: target.account, partition: cx.partition() };
        let mut grant = SessionGrant::new(principal);
        grant.policies.push(allowing(target.task));
        grant.policy_arns.extend(input.task_policy_arn.arn.clone());
        grant.context.push(("aws:assumedroot".to_owned(), vec!["true".to_owned()]));
        grant.source_identity = cx
            .caller
            .session
            .as_ref()
            .and_then(|session| session.source_identity.as_deref().map(str::to_owned));
        grant.minimum_token_size = super::assume_role::minimum(input.minimum_session_token_size);
        let issued = sts.issue(&grant, cx.time, seconds.clamp(SHORTEST, LONGEST))?;
        Ok(Reply::new(AssumeRootResponse {
            credentials: Some(issued.credentials),
            source_identity: grant.source_identity,
            session_token_utilization: Some(issued.utilization),
            session_token_size: Some(issued.size),
        }))
    }
}

/// The account of an account id or a root user's ARN.
fn target_account(target: &str) -> Result<AccountId, ApiError> {
    let of_arn =
        || target.parse::<Arn>().ok().filter(|arn| arn.service() == "iam" && arn.resource() == "root");
    let account = target.parse().ok().or_else(|| of_arn()?.account().parse().ok());
    account
        .ok_or_else(|| errors::validation("The target principal must be an account id or a root user's ARN."))
}

/// What the task of a policy is; none for any other policy.
fn task(arn: &str) -> Option<&'static [&'static str]> {
    let arn: Arn = arn.parse().ok().filter(|arn: &Arn| arn.service() == "iam" && arn.account() == "aws")?;
    let name = arn.resource().strip_prefix("policy/root-task/")?;
    TASKS.iter().find(|(known, _)| *known == name).map(|(_, actions)| *actions)
}

/// A session policy that allows these actions.
fn allowing(actions: &[&str]) -> String {
    let actions = actions.iter().map(|action| format!("\"{action}\"")).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":[{actions}],"Resource":"*"}}]}}"#
    )
}

/// That `account` manages the organization of `member`, and root sessions are switched on in it.
async fn is_manager(sts: &Sts, account: AccountId, member: AccountId) -> Result<(), ApiError> {
    let organizations = sts.kernel().organizations();
    let membership = match organizations.cached(member) {
        Some(membership) => membership,
        None => organizations.membership(member).await?,
    };
    let managed = membership.organization.as_ref().is_some_and(|own| own.management_account == account);
    if !managed || member == account {
        return Err(error::access_denied(
            "The target principal must be the root user of a member account of the organization that this account manages.",
        ));
    }
    if !sts.directory().root_sessions_enabled(account).await? {
        return Err(error::access_denied("Root sessions are not enabled in the organization."));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use crate::testing::{MEMBER, STRANGER, World, name_and_message};

    const AUDIT: &str = "arn:aws:iam::aws:policy/root-task/IAMAuditRootUserCredentials";

    fn ask(target: &str, policy: &str) -> Value {
        json!({ "TargetPrincipal": target, "TaskPolicyArn": { "arn": policy } })
    }

    #[tokio::test]
    async fn answers() {
        let world = World::new();
        world.know(crate::testing::Known::enable_root_sessions);
        for target in [MEMBER.to_owned(), format!("arn:aws:iam::{MEMBER}:root")] {
            let output = world.call("AssumeRoot", &world.user("alice"), ask(&target, AUDIT)).await.unwrap();
            let session = world.open(&output);
            assert_eq!(*session.caller.arn, *format!("arn:aws:iam::{MEMBER}:root"));
            assert_eq!(session.session.expires.since(world.root().time), Duration::from_secs(900));
            assert_eq!(session.session.policies.len(), 1);
            assert!(session.session.policies[0].poison().is_none());
            assert_eq!(session.session.policy_arns, [AUDIT]);
            assert_eq!(session.session.context, [("aws:assumedroot".to_owned(), vec!["true".to_owned()])]);
            // The session may do its task and nothing else, the root user's as it is.
            let cx = world.of_session(&output);
            let denied = world
                .demands("GetAccessKeyInfo", &cx, json!({ "AccessKeyId": "AKIAIOSFODNN7EXAMPLE" }))
                .await;
            assert_eq!(denied.0, "sts:GetAccessKeyInfo");
        }
    }

    #[tokio::test]
    async fn it_demands_the_permission_on_the_root_user_for_the_task() {
        let world = World::new();
        world.know(crate::testing::Known::enable_root_sessions);
        let root = format!("arn:aws:iam::{MEMBER}:root");
        let demanded = world.demands("AssumeRoot", &world.user("nobody"), ask(MEMBER, AUDIT)).await;
        assert_eq!(demanded, ("sts:AssumeRoot".to_owned(), root.clone()));
        let statement = format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRoot","Resource":"{root}",
                "Condition":{{"StringEquals":{{"sts:TaskPolicyArn":"{AUDIT}"}}}}}}"#
        );
        world.allow("auditor", &statement);
        assert!(world.call("AssumeRoot", &world.user("auditor"), ask(MEMBER, AUDIT)).await.is_ok());
        let unlock = "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy";
        assert!(world.call("AssumeRoot", &world.user("auditor"), ask(MEMBER, unlock)).await.is_err());
    }

    #[tokio::test]
    async fn what_is_wrong_is_refused() {
        let world = World::new();
        let disabled = world.call("AssumeRoot", &world.user("alice"), ask(MEMBER, AUDIT)).await;
        assert!(name_and_message(disabled).1.contains("not enabled"));
        world.know(crate::testing::Known::enable_root_sessions);
        for (cx, input, name) in [
            (world.user("alice"), ask(STRANGER, AUDIT), "AccessDenied"),
            (world.user("alice"), ask("111122223333", AUDIT), "AccessDenied"),
            (world.root(), ask(MEMBER, AUDIT), "AccessDenied"),
            (world.user("alice"), ask("arn:aws:iam::444455556666:user/x", AUDIT), "ValidationException"),
            (
                world.user("alice"),
                ask(MEMBER, "arn:aws:iam::aws:policy/AdministratorAccess"),
                "ValidationException",
            ),
        ] {
            let refused = world.call("AssumeRoot", &cx, input.clone()).await;
            assert_eq!(name_and_message(refused).0, name, "{input}");
        }
    }
}
