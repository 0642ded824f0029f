//! What a request passes into a session: policies, tags, and their packed size.

use std::collections::HashSet;

use garrison_api_sts::errors as api;
use garrison_api_sts::types::{PolicyDescriptorType, Tag};
use garrison_kernel::errors;
use garrison_kernel::session_token::SessionGrant;
use garrison_policy::{DocumentKind, Limits, PolicyDocument, characters_for_quota};
use garrison_schema::ApiError;
use garrison_types::{AccountId, Arn};

use crate::error;
use crate::service::Sts;

/// The bytes that session policies and session tags may take together, white space of the policy not counted.
const PACKED_LIMIT: usize = 4096;
/// The most managed policies. Source: STS API Reference, "AssumeRole", `PolicyArns`.
const MAX_MANAGED: usize = 10;
/// The most session tags, with those that are inherited.
const MAX_TAGS: usize = 50;

/// Policies and tags for a session.
#[derive(Debug, Clone, Default)]
pub(crate) struct Passed {
    policies: Vec<String>,
    policy_arns: Vec<String>,
    pub(crate) tags: Vec<(String, String)>,
    pub(crate) transitive: Vec<String>,
    /// `PackedPolicySize`: a percentage; none when nothing is passed.
    pub(crate) packed: Option<i32>,
}

impl Passed {
    /// Reads the policies and tags of a request. Of the tags, `inherited` ones come from the calling session and are
    /// transitive.
    ///
    /// # Errors
    /// `MalformedPolicyDocument`, `PackedPolicyTooLarge`, `ValidationError`.
    pub(crate) fn new(
        policy: Option<&str>,
        policy_arns: Option<&[PolicyDescriptorType]>,
        tags: Vec<(String, String)>,
        transitive: &[String],
        inherited: Vec<(String, String)>,
    ) -> Result<Self, ApiError> {
        let policies: Vec<String> = policy.map(str::to_owned).into_iter().collect();
        policies.iter().try_for_each(|policy| check_policy(policy))?;
        let policy_arns: Vec<String> =
            policy_arns.unwrap_or_default().iter().filter_map(|policy| policy.arn.clone()).collect();
        if policy_arns.len() > MAX_MANAGED {
            let message = format!("The request can have no more than {MAX_MANAGED} managed policy ARNs.");
            return Err(errors::validation(message));
        }
        check_tags(&tags, transitive, &inherited)?;
        let mut all = Self { policies, policy_arns, tags, transitive: transitive.to_vec(), packed: None };
        for (key, value) in inherited {
            all.transitive.push(key.clone());
            all.tags.push((key, value));
        }
        if all.tags.len() > MAX_TAGS {
            return Err(errors::validation(format!("A session can have no more than {MAX_TAGS} tags.")));
        }
        all.packed = all.packed_percent()?;
        Ok(all)
    }

    /// That the managed policies exist, in the session's account or as AWS's own.
    ///
    /// # Errors
    /// `ValidationError`, and the store's.
    pub(crate) async fn check_managed(&self, sts: &Sts, account: AccountId) -> Result<(), ApiError> {
        for text in &self.policy_arns {
            let owned = text.parse::<Arn>().is_ok_and(|arn| {
                arn.service() == "iam" && (arn.account() == "aws" || arn.account() == account.as_str())
            });
            if !owned || sts.directory().managed_policy_text(text).await?.is_none() {
                let message = format!("Policy {text} does not exist or is not attachable.");
                return Err(errors::validation(message));
            }
        }
        Ok(())
    }

    /// Puts everything into a session.
    pub(crate) fn fill(&self, grant: &mut SessionGrant) {
        grant.policies.clone_from(&self.policies);
        grant.policy_arns.clone_from(&self.policy_arns);
        grant.tags.clone_from(&self.tags);
        grant.transitive_tags.clone_from(&self.transitive);
    }

    fn packed_percent(&self) -> Result<Option<i32>, ApiError> {
        let policies = self
            .policies
            .iter()
            .map(|text| characters_for_quota(DocumentKind::Identity, text))
            .sum::<usize>();
        let arns = self.policy_arns.iter().map(String::len).sum::<usize>();
        let tags = self.tags.iter().map(|(key, value)| key.len() + value.len() + 2).sum::<usize>();
        let bytes = policies + arns + tags;
        if bytes == 0 {
            return Ok(None);
        }
        let percent = i64::try_from((bytes * 100).div_ceil(PACKED_LIMIT)).unwrap_or(i64::MAX);
        if percent > 100 {
            return Err(error::packed_too_large(percent));
        }
        Ok(i32::try_from(percent).ok())
    }
}

/// A request's tags as pairs.
pub(crate) fn pairs(tags: Option<&[Tag]>) -> Vec<(String, String)> {
    tags.unwrap_or_default().iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect()
}

fn check_policy(text: &str) -> Result<(), ApiError> {
    let parsed = PolicyDocument::parse(text.as_bytes(), &Limits::default());
    parsed
        .and_then(|document| document.validate(DocumentKind::Identity))
        .map_err(|error| api::malformed_policy_document_exception(error.to_string()))
}

fn check_tags(
    tags: &[(String, String)],
    transitive: &[String],
    inherited: &[(String, String)],
) -> Result<(), ApiError> {
    let lower = |key: &String| key.to_lowercase();
    let mut keys = HashSet::new();
    for (key, _) in tags {
        if lower(key).starts_with("aws:") {
            return Err(errors::validation("Tag keys that begin with aws: are reserved for system use."));
        }
        if !keys.insert(lower(key)) {
            return Err(errors::validation(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
    }
    if !transitive.iter().all(|key| keys.contains(&lower(key))) {
        return Err(errors::validation(
            "The specified transitive tag key must be included in the requested tags.",
        ));
    }
    if inherited.iter().any(|(key, _)| keys.contains(&lower(key))) {
        return Err(errors::validation(
            "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from \
             the calling session.",
        ));
    }
    Ok(())
}
