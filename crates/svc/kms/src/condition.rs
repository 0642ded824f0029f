//! Every condition key of KMS's own, in one place.
//!
//! Source: KMS Developer Guide, "Condition keys for AWS KMS"; Service Authorization Reference, "Actions, resources,
//! and condition keys for AWS Key Management Service".

use std::collections::BTreeMap;

use garrison_api_kms::types::Tag;
use garrison_kernel::{Context, Principal};
use garrison_policy::{Value, Values};
use garrison_types::Timestamp;

use crate::model::{AliasName, KeySnapshot};
use crate::resolve::KeyTarget;

/// What a call says of itself beyond the key that it is about. An operation fills in what it has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RequestKeys<'a> {
    /// `kms:BypassPolicyLockoutSafetyCheck`.
    pub bypass_lockout_check: Option<bool>,
    /// `kms:DataKeyPairSpec`.
    pub data_key_pair_spec: Option<&'a str>,
    /// `kms:EncryptionAlgorithm`.
    pub encryption_algorithm: Option<&'a str>,
    /// `kms:EncryptionContext:<key>`.
    pub encryption_context: Option<&'a BTreeMap<String, String>>,
    /// `kms:EncryptionContextKeys`: the keys of the former, held by the operation's target.
    pub encryption_context_keys: &'a [String],
    /// `kms:ExpirationModel`.
    pub expiration_model: Option<&'a str>,
    /// `kms:GrantConstraintSourceArn`.
    pub grant_constraint_source_arn: Option<&'a str>,
    /// `kms:GrantConstraintType`.
    pub grant_constraint_type: Option<&'a str>,
    /// `kms:GranteePrincipal`.
    pub grantee_principal: Option<&'a str>,
    /// `kms:GranteeServicePrincipal`.
    pub grantee_service_principal: Option<&'a str>,
    /// `kms:GrantIsForAWSResource`.
    pub grant_is_for_aws_resource: Option<bool>,
    /// `kms:GrantOperations`, held by the operation's target.
    pub grant_operations: &'a [String],
    /// `kms:KeyAgreementAlgorithm`.
    pub key_agreement_algorithm: Option<&'a str>,
    /// `kms:KeyOrigin`, for a key that does not exist yet.
    pub key_origin: Option<&'a str>,
    /// `kms:KeySpec`, for a key that does not exist yet.
    pub key_spec: Option<&'a str>,
    /// `kms:KeyUsage`, for a key that does not exist yet.
    pub key_usage: Option<&'a str>,
    /// `kms:MacAlgorithm`.
    pub mac_algorithm: Option<&'a str>,
    /// `kms:MessageType`.
    pub message_type: Option<&'a str>,
    /// `kms:MultiRegion`, for a key that does not exist yet.
    pub multi_region: Option<bool>,
    /// `kms:MultiRegionKeyType`, for a key that does not exist yet.
    pub multi_region_key_type: Option<&'a str>,
    /// `kms:PrimaryRegion`.
    pub primary_region: Option<&'a str>,
    /// `kms:RecipientAttestation:ImageSha384` and `kms:RecipientAttestation:PCR<n>`, named without the prefix, in
    /// lower case.
    pub recipient_attestation: &'a [(String, String)],
    /// `kms:ReEncryptOnSameKey`.
    pub re_encrypt_on_same_key: Option<bool>,
    /// `kms:ReplicaRegion`.
    pub replica_region: Option<&'a str>,
    /// `kms:RetiringPrincipal`.
    pub retiring_principal: Option<&'a str>,
    /// `kms:RetiringServicePrincipal`.
    pub retiring_service_principal: Option<&'a str>,
    /// `kms:RotationPeriodInDays`.
    pub rotation_period_in_days: Option<i64>,
    /// `kms:ScheduleKeyDeletionPendingWindowInDays`.
    pub pending_window_in_days: Option<i64>,
    /// `kms:SigningAlgorithm`.
    pub signing_algorithm: Option<&'a str>,
    /// `aws:RequestTag/<key>`.
    pub request_tags: &'a [Tag],
    /// `aws:TagKeys`: the keys of the tags that are put or removed, held by the operation's target or input.
    pub tag_keys: &'a [String],
    /// `kms:ValidTo`.
    pub valid_to: Option<Timestamp>,
    /// `kms:WrappingAlgorithm`.
    pub wrapping_algorithm: Option<&'a str>,
    /// `kms:WrappingKeySpec`.
    pub wrapping_key_spec: Option<&'a str>,
}

/// The value of the condition key `key` (lower case) for a call about a key.
pub(crate) fn about_key<'a>(
    cx: &'a Context,
    target: &'a KeyTarget,
    request: &RequestKeys<'a>,
    key: &str,
) -> Option<Values<'a>> {
    of_request(cx, request, key).or_else(|| of_key(&target.key, target.alias.as_ref(), key))
}

/// The same for a call that is about no key that exists.
pub(crate) fn of_request<'a>(cx: &'a Context, request: &RequestKeys<'a>, key: &str) -> Option<Values<'a>> {
    if let Some(name) = key.strip_prefix("kms:") {
        return of_call(cx, name)
            .or_else(|| of_input(request, name))
            .or_else(|| of_algorithms(request, name));
    }
    if let Some(tag) = key.strip_prefix("aws:requesttag/") {
        let found = request.request_tags.iter().find(|found| found.tag_key.eq_ignore_ascii_case(tag));
        return found.map(|found| found.tag_value.as_str().into());
    }
    (key == "aws:tagkeys").then(|| request.tag_keys.into())
}

/// What the circumstances say.
fn of_call<'a>(cx: &'a Context, name: &str) -> Option<Values<'a>> {
    match name {
        "calleraccount" => match &cx.caller.principal {
            Principal::Anonymous | Principal::Federated(_) => None,
            Principal::Root { account, .. } | Principal::Service { account, .. } => {
                Some(account.as_str().into())
            }
            Principal::User(user) => Some(user.account.as_str().into()),
            Principal::AssumedRole(session) => Some(session.account.as_str().into()),
            Principal::FederatedUser(session) => Some(session.account.as_str().into()),
        },
        "viaservice" => cx.via.as_ref().map(|via| via.endpoint.as_str().into()),
        _ => None,
    }
}

/// What the key says.
fn of_key<'a>(key: &'a KeySnapshot, alias: Option<&'a AliasName>, name: &str) -> Option<Values<'a>> {
    if let Some(tag) = name.strip_prefix("aws:resourcetag/") {
        let found = key.key.tags.iter().find(|(found, _)| found.eq_ignore_ascii_case(tag));
        return found.map(|(_, value)| value.as_str().into());
    }
    let related = key.key.multi_region.as_ref();
    match name.strip_prefix("kms:")? {
        "keyorigin" => Some(key.key.origin.name().into()),
        "keyspec" | "customermasterkeyspec" => Some(key.key.spec.name().into()),
        "keyusage" | "customermasterkeyusage" => Some(key.key.usage.name().into()),
        "multiregion" => Some(related.is_some().into()),
        "multiregionkeytype" => related.map(|related| related.role(&key.key.address.region).name().into()),
        "requestalias" => alias.map(|alias| alias.as_str().into()),
        "resourcealiases" => Some(key.aliases.as_slice().into()),
        _ => None,
    }
}

/// What the input says, algorithms and the encryption context apart.
fn of_input<'a>(request: &RequestKeys<'a>, name: &str) -> Option<Values<'a>> {
    match name {
        "bypasspolicylockoutsafetycheck" => request.bypass_lockout_check.map(Values::from),
        "expirationmodel" => request.expiration_model.map(Values::from),
        "grantconstraintsourcearn" => request.grant_constraint_source_arn.map(Values::from),
        "grantconstrainttype" => request.grant_constraint_type.map(Values::from),
        "granteeprincipal" => request.grantee_principal.map(Values::from),
        "granteeserviceprincipal" => request.grantee_service_principal.map(Values::from),
        "grantisforawsresource" => request.grant_is_for_aws_resource.map(Values::from),
        "grantoperations" => Some(request.grant_operations.into()),
        "keyorigin" => request.key_origin.map(Values::from),
        "keyspec" | "customermasterkeyspec" => request.key_spec.map(Values::from),
        "keyusage" | "customermasterkeyusage" => request.key_usage.map(Values::from),
        "multiregion" => request.multi_region.map(Values::from),
        "multiregionkeytype" => request.multi_region_key_type.map(Values::from),
        "primaryregion" => request.primary_region.map(Values::from),
        "reencryptonsamekey" => request.re_encrypt_on_same_key.map(Values::from),
        "replicaregion" => request.replica_region.map(Values::from),
        "retiringprincipal" => request.retiring_principal.map(Values::from),
        "retiringserviceprincipal" => request.retiring_service_principal.map(Values::from),
        "rotationperiodindays" => request.rotation_period_in_days.map(Values::from),
        "schedulekeydeletionpendingwindowindays" => request.pending_window_in_days.map(Values::from),
        "validto" => request.valid_to.map(|time| Value::Time(time).into()),
        "wrappingalgorithm" => request.wrapping_algorithm.map(Values::from),
        "wrappingkeyspec" => request.wrapping_key_spec.map(Values::from),
        _ => None,
    }
    .filter(|values| !values.is_empty())
}

/// Algorithms, the encryption context and the attestation of cryptographic calls.
fn of_algorithms<'a>(request: &RequestKeys<'a>, name: &str) -> Option<Values<'a>> {
    if let Some(key) = name.strip_prefix("encryptioncontext:") {
        let found = request.encryption_context?.iter().find(|(found, _)| found.eq_ignore_ascii_case(key));
        return found.map(|(_, value)| value.as_str().into());
    }
    if let Some(measurement) = name.strip_prefix("recipientattestation:") {
        let found = request.recipient_attestation.iter().find(|(found, _)| found == measurement);
        return found.map(|(_, value)| value.as_str().into());
    }
    match name {
        "datakeypairspec" => request.data_key_pair_spec.map(Values::from),
        "encryptionalgorithm" => request.encryption_algorithm.map(Values::from),
        "encryptioncontextkeys" => Some(request.encryption_context_keys.into()),
        "keyagreementalgorithm" => request.key_agreement_algorithm.map(Values::from),
        "macalgorithm" => request.mac_algorithm.map(Values::from),
        "messagetype" => request.message_type.map(Values::from),
        "signingalgorithm" => request.signing_algorithm.map(Values::from),
        _ => None,
    }
    .filter(|values| !values.is_empty())
}
