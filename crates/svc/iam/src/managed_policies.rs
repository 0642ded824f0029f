//! Managed policies, AWS's and customers', by their ARNs.

use garrison_api_iam::{errors as api, types};
use garrison_kernel::{Check, Context, Resolved};
use garrison_policy::{DocumentKind, characters_for_quota};
use garrison_schema::ApiError;
use garrison_types::{AccountId, Arn, Partition};

use crate::condition::Keys;
use crate::documents;
use crate::managed::{self, AwsPolicy};
use crate::quota;
use crate::records::{ManagedPolicy, PolicyVersion, Record as _, Tags};
use crate::repo::{Found, Repo};
use crate::service::Iam;

/// The most versions of a policy.
pub(crate) const MAX_VERSIONS: usize = 5;
/// What stands for the account in the ARNs of AWS's policies.
const AWS: &str = "aws";

/// A managed policy.
#[derive(Debug)]
pub(crate) enum Managed {
    /// One of AWS's.
    Aws(&'static AwsPolicy),
    /// One of the account's own.
    Customer(Box<Found<ManagedPolicy>>),
}

impl Managed {
    /// The unique id.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Aws(policy) => policy.id,
            Self::Customer(policy) => &policy.id,
        }
    }

    /// The default version's document.
    pub(crate) fn text(&self, partition: Partition) -> String {
        match self {
            Self::Aws(policy) => policy.document(partition),
            Self::Customer(policy) => {
                policy.default_version().map(|version| version.document.clone()).unwrap_or_default()
            }
        }
    }
}

/// The partition that an ARN names.
pub(crate) fn partition_of(arn: &str) -> Partition {
    match arn.split(':').nth(1) {
        Some("aws-cn") => Partition::AwsCn,
        Some("aws-us-gov") => Partition::AwsUsGov,
        _ => Partition::Aws,
    }
}

/// The account that may use the managed policy of an ARN as its own; any for AWS's, which is then all zeros.
pub(crate) fn account_of(arn: &str) -> Option<AccountId> {
    match arn.split(':').nth(4)? {
        AWS => Some(AccountId::ZERO),
        account => account.parse().ok(),
    }
}

/// The path and the name in a managed policy's ARN.
pub(crate) fn path_and_name(arn: &str) -> Option<(&str, &str)> {
    let resource = arn.splitn(6, ':').nth(5)?.strip_prefix("policy")?;
    let at = resource.rfind('/')? + 1;
    resource.split_at_checked(at)
}

/// The managed policy of an ARN that `account` may use: AWS's and its own.
///
/// # Errors
/// The store failed.
pub(crate) async fn find(repo: &Repo, account: AccountId, arn: &str) -> Result<Option<Managed>, ApiError> {
    let Ok(arn) = arn.parse::<Arn>() else { return Ok(None) };
    if arn.service() != "iam" || !arn.region().is_empty() {
        return Ok(None);
    }
    if arn.account() == AWS {
        return Ok(managed::by_resource(arn.resource()).map(Managed::Aws));
    }
    let Some((path, name)) = path_and_name(arn.as_str()).filter(|_| arn.account() == account.as_str()) else {
        return Ok(None);
    };
    let found = repo.get::<ManagedPolicy>(account, name).await?;
    // Names are unique whatever their case, ARNs are not the same in another.
    let same = |policy: &Found<ManagedPolicy>| policy.path == path && policy.name == name;
    Ok(found.filter(same).map(|policy| Managed::Customer(Box::new(policy))))
}

/// A managed policy by the ARN that a call gave. Whether it exists is told after authorization.
#[derive(Debug)]
pub struct NamedPolicy {
    pub(crate) arn: String,
    owner: AccountId,
    partition: Partition,
    found: Option<Managed>,
}

impl NamedPolicy {
    /// Looks for it.
    ///
    /// # Errors
    /// `InvalidInput` when `arn` is none of a managed policy; the store failed.
    pub(crate) async fn find(iam: &Iam, cx: &Context, arn: &str) -> Result<Self, ApiError> {
        ensure_policy_arn(arn)?;
        let found = find(iam.repo(), cx.account(), arn).await?;
        // What is AWS's belongs to nobody else: the caller's own policies say whether it may be read.
        let owner = arn.parse::<Arn>().ok().and_then(|arn| arn.account().parse().ok());
        let owner = owner.unwrap_or_else(|| cx.account());
        Ok(Self { arn: arn.to_owned(), owner, partition: partition_of(arn), found })
    }

    /// The same, with the question about it.
    ///
    /// # Errors
    /// As [`NamedPolicy::find`].
    pub(crate) async fn resolve(iam: &Iam, cx: &Context, arn: &str) -> Result<Resolved<Self>, ApiError> {
        let named = Self::find(iam, cx, arn).await?;
        let check = named.check();
        Ok(Resolved::new(named, check))
    }

    /// The question about it.
    pub(crate) fn check(&self) -> Check {
        Check::resource(self.arn.as_str(), self.owner).shown_as(format!("policy {}", self.arn))
    }

    /// The policy.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn get(&self) -> Result<&Managed, ApiError> {
        self.found.as_ref().ok_or_else(|| not_found(&self.arn))
    }

    /// The policy, to be changed.
    ///
    /// # Errors
    /// `NoSuchEntity`; `InvalidInput` for one of AWS's.
    pub(crate) fn customer(&self) -> Result<&Found<ManagedPolicy>, ApiError> {
        match self.get()? {
            Managed::Customer(policy) => Ok(policy),
            Managed::Aws(_) => Err(api::invalid_input_exception(format!(
                "Policy {} is managed by AWS and cannot be changed.",
                self.arn
            ))),
        }
    }

    /// The condition keys that the policy gives.
    pub(crate) fn keys(&self) -> Keys<'_> {
        Keys { resource_tags: self.tags(), ..Keys::default() }
    }

    /// The tags, where there is a customer's policy.
    pub(crate) fn tags(&self) -> Option<&Tags> {
        match &self.found {
            Some(Managed::Customer(policy)) => Some(&policy.tags),
            _ => None,
        }
    }

    /// The partition that its ARN names.
    pub(crate) fn partition(&self) -> Partition {
        self.partition
    }
}

/// `NoSuchEntity`.
pub(crate) fn not_found(arn: &str) -> ApiError {
    api::no_such_entity_exception(format!("Policy {arn} was not found."))
}

/// `NoSuchEntity` about a version.
pub(crate) fn version_not_found(arn: &str, version: &str) -> ApiError {
    api::no_such_entity_exception(format!(
        "Policy {arn} version {version} does not exist or is not attachable."
    ))
}

/// Whether `arn` may be that of a managed policy.
///
/// # Errors
/// `InvalidInput`.
pub(crate) fn ensure_policy_arn(arn: &str) -> Result<(), ApiError> {
    let valid = arn.parse::<Arn>().is_ok_and(|parsed| {
        parsed.service() == "iam"
            && parsed.region().is_empty()
            && (parsed.account() == AWS || parsed.account().parse::<AccountId>().is_ok())
            && path_and_name(arn).is_some_and(|(path, name)| path.starts_with('/') && !name.is_empty())
    });
    if valid { Ok(()) } else { Err(api::invalid_input_exception(format!("ARN {arn} is not valid."))) }
}

/// Checks a document of a managed policy.
///
/// # Errors
/// `MalformedPolicyDocument`, `LimitExceeded`.
pub(crate) fn ensure_document(text: &str) -> Result<(), ApiError> {
    documents::check(DocumentKind::Identity, text)?;
    quota::MANAGED_POLICY_SIZE.ensure(characters_for_quota(DocumentKind::Identity, text))
}

/// A version of a customer's policy as lists show it: without the document.
pub(crate) fn version_to_api(version: &PolicyVersion, is_default: bool) -> types::PolicyVersion {
    types::PolicyVersion {
        document: None,
        version_id: Some(version.id()),
        is_default_version: Some(is_default),
        create_date: Some(version.created.0),
    }
}

/// How often a policy is used.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    /// As a policy of users, groups and roles.
    pub(crate) attached: usize,
    /// As a permissions boundary.
    pub(crate) boundary: usize,
}

/// A customer's policy as the interface writes it.
pub(crate) fn customer_to_api(
    policy: &ManagedPolicy,
    partition: Partition,
    account: AccountId,
    usage: Usage,
) -> types::Policy {
    types::Policy {
        policy_name: Some(policy.name().to_owned()),
        policy_id: Some(policy.id.clone()),
        arn: Some(policy.arn(partition, account)),
        path: Some(policy.path.clone()),
        default_version_id: Some(format!("v{}", policy.default)),
        attachment_count: i32::try_from(usage.attached).ok(),
        permissions_boundary_usage_count: i32::try_from(usage.boundary).ok(),
        is_attachable: Some(true),
        description: None,
        create_date: Some(policy.created.0),
        update_date: Some(policy.updated.0),
        tags: None,
    }
}

/// One of AWS's policies as the interface writes it.
pub(crate) fn aws_to_api(policy: &AwsPolicy, partition: Partition, usage: Usage) -> types::Policy {
    types::Policy {
        policy_name: Some(policy.name.to_owned()),
        policy_id: Some(policy.id.to_owned()),
        arn: Some(policy.arn(partition)),
        path: Some(policy.path.to_owned()),
        default_version_id: Some(policy.version.to_owned()),
        attachment_count: i32::try_from(usage.attached).ok(),
        permissions_boundary_usage_count: i32::try_from(usage.boundary).ok(),
        is_attachable: Some(true),
        description: None,
        create_date: Some(policy.created),
        update_date: Some(policy.updated),
        tags: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_taken_apart() {
        for (arn, expected) in [
            ("arn:aws:iam::aws:policy/AdministratorAccess", Some(("/", "AdministratorAccess"))),
            ("arn:aws:iam::111122223333:policy/a/b/P", Some(("/a/b/", "P"))),
            ("arn:aws:iam::111122223333:policy/", Some(("/", ""))),
            ("arn:aws:iam::111122223333:role/P", None),
            ("arn:aws:iam", None),
        ] {
            assert_eq!(path_and_name(arn), expected, "{arn}");
        }
    }

    #[test]
    fn what_is_no_arn_of_a_policy_is_invalid() {
        for (arn, good) in [
            ("arn:aws:iam::aws:policy/X", true),
            ("arn:aws-cn:iam::111122223333:policy/a/X", true),
            ("arn:aws:iam::111122223333:policy/", false),
            ("arn:aws:iam::111122223333:role/X", false),
            ("arn:aws:iam:eu-central-1:111122223333:policy/X", false),
            ("arn:aws:s3::111122223333:policy/X", false),
            ("arn:aws:iam::bob:policy/X", false),
            ("AdministratorAccess-policy", false),
        ] {
            assert_eq!(ensure_policy_arn(arn).is_ok(), good, "{arn}");
        }
    }
}
