//! The role that is to be assumed.

use std::sync::Arc;

use garrison_kernel::ports::Role;
use garrison_kernel::{AuditResource, Caller, Check, errors};
use garrison_policy::CompiledPolicy;
use garrison_schema::ApiError;
use garrison_types::{AccountId, Arn};

use crate::error;
use crate::passed::Passed;
use crate::service::Sts;

/// What trusts nobody with anything: stands for the trust policy of a role that does not exist, so that the denial is in the
/// same words.
const TRUSTS_NOBODY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"none:None"}}"#;
/// The longest session of a role that another role's session assumes, in seconds: role chaining.
const LONGEST_CHAINED: u32 = 3600;
/// A session's length when none is asked for, in seconds.
const DEFAULT_SESSION: u32 = 3600;

/// A role by its ARN, whether it exists or not.
#[derive(Debug, Clone)]
pub(crate) struct RoleTarget {
    pub(crate) arn: Arc<str>,
    pub(crate) account: AccountId,
    role: Option<Arc<Role>>,
}

impl RoleTarget {
    /// Looks a role up.
    ///
    /// # Errors
    /// `ValidationError` for what is no role's ARN, and the store's.
    pub(crate) async fn find(sts: &Sts, arn: &str) -> Result<Self, ApiError> {
        let invalid = || errors::validation("Request ARN is invalid");
        let parsed: Arn = arn.parse().map_err(|_| invalid())?;
        if parsed.service() != "iam" || !parsed.region().is_empty() {
            return Err(invalid());
        }
        let account: AccountId = parsed.account().parse().map_err(|_| invalid())?;
        let path = parsed.resource().strip_prefix("role/").ok_or_else(invalid)?;
        let name = path.rsplit('/').next().filter(|name| !name.is_empty()).ok_or_else(invalid)?;
        let role = sts.directory().role(account, name).await?;
        // The same name under another path is another ARN.
        let role = role.filter(|role| *role.arn == *arn);
        Ok(Self { arn: arn.into(), account, role })
    }

    /// The question whether the caller may do something to the role.
    pub(crate) fn check(&self, action: &'static str) -> Check {
        let trust = self.role.as_ref().map(|role| Arc::clone(&role.trust));
        let trust = trust
            .unwrap_or_else(|| Arc::new(CompiledPolicy::from_stored(&*self.arn, TRUSTS_NOBODY.as_bytes())));
        Check::resource(Arc::clone(&self.arn), self.account).action(action).trust_policy(trust)
    }

    /// The questions whether somebody whom a provider vouches for may assume the role, with tags and a source identity.
    pub(crate) fn checks(
        &self,
        action: &'static str,
        passed: &Passed,
        source_identity: bool,
        caller: &Caller,
    ) -> Vec<Check> {
        let tags = (!passed.tags.is_empty()).then_some("sts:TagSession");
        let identity = source_identity.then_some("sts:SetSourceIdentity");
        let actions = [Some(action), tags, identity];
        actions.into_iter().flatten().map(|action| self.check(action).asked_by(caller.clone())).collect()
    }

    /// The role, which exists where its trust policy allowed something.
    ///
    /// # Errors
    /// `AccessDenied`.
    pub(crate) fn role(&self) -> Result<&Arc<Role>, ApiError> {
        self.role.as_ref().ok_or_else(|| error::access_denied("The role does not exist."))
    }

    /// The role in the audit record.
    pub(crate) fn audited(&self) -> AuditResource {
        AuditResource { kind: "AWS::IAM::Role", arn: Arc::clone(&self.arn), account: self.account }
    }
}

/// How long a session of `role` lasts, in seconds, when `requested` is asked for; `chained` where a session of another
/// role asks.
///
/// # Errors
/// `ValidationError` for longer than the role, or role chaining, admits.
pub(crate) fn session_seconds(role: &Role, requested: Option<i32>, chained: bool) -> Result<u32, ApiError> {
    let requested = requested.and_then(|seconds| u32::try_from(seconds).ok());
    if chained && requested.is_some_and(|seconds| seconds > LONGEST_CHAINED) {
        return Err(errors::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        ));
    }
    match requested {
        Some(seconds) if seconds > role.max_session => Err(errors::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )),
        Some(seconds) => Ok(seconds),
        None => Ok(DEFAULT_SESSION.min(role.max_session)),
    }
}
