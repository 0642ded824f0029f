//! Bucket policies: which are accepted.
//!
//! Source: Amazon S3 User Guide, "Policies and permissions in Amazon S3"; Amazon S3 API Reference, "PutBucketPolicy".

use garrison_kernel::Context;
use garrison_policy::{CompiledPolicy, DocumentKind, Limits, PolicyDocument, PolicyError};
use garrison_schema::ApiError;
use serde_json::Value;

use crate::error;
use crate::public::each;
use crate::repo::BucketEntry;
use crate::service::S3;

/// The most bytes of a bucket policy.
const MAX_BYTES: usize = 20 * 1024;

/// Refuses a policy that the bucket cannot have.
///
/// # Errors
/// `MalformedPolicy`.
pub(crate) fn accept(policy: &str, bucket: &BucketEntry) -> Result<(), ApiError> {
    if policy.len() > MAX_BYTES {
        return Err(error::invalid_policy(format!(
            "Policy exceeds the maximum allowed document size of {MAX_BYTES} bytes"
        )));
    }
    if !policy.trim_start().starts_with('{') {
        return Err(error::malformed_policy());
    }
    let limits = Limits { bytes: MAX_BYTES, ..Limits::default() };
    let document = PolicyDocument::parse(policy.as_bytes(), &limits).map_err(|error| malformed(&error))?;
    document.validate(DocumentKind::Resource).map_err(|error| malformed(&error))?;
    if let Some(error) = CompiledPolicy::new("bucket", &document).poison() {
        return Err(malformed(error));
    }
    let parsed: Value = serde_json::from_str(policy).map_err(|_| error::malformed_policy())?;
    let statements = each(parsed.get("Statement").unwrap_or(&Value::Null));
    for statement in statements {
        check_statement(statement, bucket)?;
    }
    Ok(())
}

/// Every statement names resources of this bucket, and actions of S3.
fn check_statement(statement: &Value, bucket: &BucketEntry) -> Result<(), ApiError> {
    let member = |name: &str| each(statement.get(name).unwrap_or(&Value::Null));
    let mut resources = member("Resource").chain(member("NotResource")).filter_map(Value::as_str).peekable();
    if resources.peek().is_none() {
        return Err(error::invalid_policy("Missing required field Resource"));
    }
    let own = |resource: &str| {
        resource
            .strip_prefix(&*bucket.arn)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '*']))
    };
    if !resources.all(own) {
        return Err(error::invalid_policy("Policy has invalid resource"));
    }
    let mut actions = member("Action").chain(member("NotAction")).filter_map(Value::as_str);
    if actions.all(|action| action == "*" || action.to_ascii_lowercase().starts_with("s3:")) {
        Ok(())
    } else {
        Err(error::invalid_policy("Policy has invalid action"))
    }
}

fn malformed(error: &PolicyError) -> ApiError {
    let message = match error {
        PolicyError::Principal(_) => "Invalid principal in policy".to_owned(),
        error => error.to_string(),
    };
    error::invalid_policy(message).with_internal(error)
}

/// Block Public Access keeps a public policy out.
pub(crate) fn blocked(cx: &Context, bucket: &BucketEntry) -> ApiError {
    error::refused(format!(
        "User: {} is not authorized to perform: s3:PutBucketPolicy on resource: \"{}\" because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
        cx.caller.arn, bucket.arn
    ))
}

impl S3 {
    /// Whether Block Public Access, the bucket's or its account's, keeps public policies out.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn blocks_public_policies(&self, bucket: &BucketEntry) -> Result<bool, ApiError> {
        let account = self.repo().account_public_access(bucket.account()).await?;
        Ok(bucket.record.public_access.unwrap_or_default().union(account).block_policy)
    }
}
