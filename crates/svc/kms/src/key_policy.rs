//! Key policies: the default one, what is accepted, and the lockout safety check.
//!
//! Source: KMS Developer Guide, "Key policies in AWS KMS" and "Default key policy"; KMS API Reference, "PutKeyPolicy".

use garrison_api_kms::errors as api;
use garrison_kernel::{Context, Principal};
use garrison_policy::{
    CompiledPolicy, ConditionKeys, DocumentKind, Limits, PolicyDocument, PolicyError, Request, Values,
    key_policy_admits,
};
use garrison_schema::ApiError;
use garrison_types::{AccountId, Partition};

use crate::condition::{self, RequestKeys};
use crate::model::KeyAddress;

/// The one name that a key policy has.
pub(crate) const NAME: &str = "default";
/// The most bytes of a key policy (KMS Developer Guide, "Resource quotas").
const MAX_BYTES: usize = 32 * 1024;

/// The policy of a key that was created without one: everything to the account, which may delegate it.
pub(crate) fn default_policy(partition: Partition, account: AccountId) -> String {
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {{
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : "kms:*",
    "Resource" : "*"
  }} ]
}}"#
    )
}

/// Refuses names of policies other than `default`.
///
/// # Errors
/// `NotFoundException`.
pub(crate) fn check_name(name: Option<&str>) -> Result<(), ApiError> {
    match name {
        None | Some(NAME) => Ok(()),
        Some(_) => Err(api::not_found_exception("No such policy exists")),
    }
}

/// Refuses a policy that a key cannot have, or that would lock the caller out of changing it.
///
/// # Errors
/// `LimitExceededException` for one that is too large; `MalformedPolicyDocumentException`.
pub(crate) fn accept(
    cx: &Context,
    key: &KeyAddress,
    policy: &str,
    bypass_lockout_check: bool,
) -> Result<(), ApiError> {
    if policy.len() > MAX_BYTES {
        return Err(api::limit_exceeded_exception(format!(
            "The key policy is larger than {MAX_BYTES} bytes."
        )));
    }
    let limits = Limits { bytes: MAX_BYTES, ..Limits::default() };
    let document = PolicyDocument::parse(policy.as_bytes(), &limits).map_err(|error| malformed(&error))?;
    document.validate(DocumentKind::Key).map_err(|error| malformed(&error))?;
    let compiled = CompiledPolicy::new(NAME, &document);
    if let Some(error) = compiled.poison() {
        return Err(malformed(error));
    }
    if bypass_lockout_check || lets_the_caller_update(cx, key, &compiled) {
        return Ok(());
    }
    Err(api::malformed_policy_document_exception(
        "The new key policy will not allow you to update the key policy in the future.",
    ))
}

fn malformed(error: &PolicyError) -> ApiError {
    let message = match error {
        PolicyError::Principal(_) => {
            "Policy contains a statement with one or more invalid principals.".to_owned()
        }
        error => error.to_string(),
    };
    api::malformed_policy_document_exception(message).with_internal(error)
}

fn lets_the_caller_update(cx: &Context, key: &KeyAddress, policy: &CompiledPolicy) -> bool {
    if cx.caller.principal == Principal::Anonymous {
        return false;
    }
    let principal = cx.caller.engine_principal();
    let arn = key.arn();
    let request = Request {
        principal: &principal,
        action: "kms:PutKeyPolicy",
        resource: &arn,
        resource_account: Some(key.account),
        keys: &CallKeys(cx),
    };
    key_policy_admits(policy, &request)
}

/// What is known of a later call by the same caller: who it is and how it comes.
struct CallKeys<'a>(&'a Context);

impl ConditionKeys for CallKeys<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        condition::of_request(self.0, &RequestKeys::default(), key)
    }
}
