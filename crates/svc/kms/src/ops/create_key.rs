//! `CreateKey`. Source: KMS API Reference, "CreateKey".
//!
//! Action `kms:CreateKey` on no resource; with tags also `kms:TagResource`. Condition keys: the properties of the key to
//! be, `kms:BypassPolicyLockoutSafetyCheck`, `aws:RequestTag/…`, `aws:TagKeys`.

use std::collections::BTreeMap;

use garrison_api_kms::{errors as api, operations, types};
use garrison_crypto::keys::{KeySpec, KeyUsage};
use garrison_kernel::{Access, AuditResource, Check, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::creation::NewKey;
use crate::model::{Manager, Origin};
use crate::service::Kms;
use crate::{key_policy, metadata, repo, tagging};

/// The input, read and checked.
pub struct Wanted {
    spec: KeySpec,
    usage: KeyUsage,
    origin: Origin,
    tag_keys: Vec<String>,
}

impl Handler<Kms> for operations::CreateKey {
    const ACCESS: Access = Access::write("kms:CreateKey");
    type Target = Wanted;

    async fn resolve(_kms: &Kms, _cx: &Context, input: &Self::Input) -> Result<Resolved<Wanted>, ApiError> {
        let (spec, usage) = spec_and_usage(input)?;
        let tags = input.tags.as_deref().unwrap_or_default();
        let tag_keys = tags.iter().map(|tag| tag.tag_key.clone()).collect();
        let resolved = Resolved::new(Wanted { spec, usage, origin: origin(input)?, tag_keys }, Check::any());
        Ok(if tags.is_empty() {
            resolved
        } else {
            resolved.and(Check::any().unnamed().action("kms:TagResource"))
        })
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        wanted: &'a Wanted,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let multi_region = input.multi_region == Some(true);
        let request = RequestKeys {
            bypass_lockout_check: Some(input.bypass_policy_lockout_safety_check == Some(true)),
            key_origin: Some(wanted.origin.name()),
            key_spec: Some(wanted.spec.name()),
            key_usage: Some(wanted.usage.name()),
            multi_region: Some(multi_region),
            multi_region_key_type: multi_region.then_some("PRIMARY"),
            request_tags: input.tags.as_deref().unwrap_or_default(),
            tag_keys: &wanted.tag_keys,
            ..RequestKeys::default()
        };
        condition::of_request(cx, &request, key)
    }

    async fn execute(
        kms: &Kms,
        cx: &Context,
        input: &Self::Input,
        wanted: &Wanted,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let multi_region = input.multi_region == Some(true);
        let address = kms.new_address(cx.account(), &cx.region, multi_region);
        let policy = match &input.policy {
            Some(policy) => {
                let bypass = input.bypass_policy_lockout_safety_check == Some(true);
                key_policy::accept(cx, &address, policy, bypass)?;
                policy.clone()
            }
            None => key_policy::default_policy(cx.partition(), cx.account()),
        };
        let mut tags = BTreeMap::new();
        tagging::add(&mut tags, input.tags.as_deref().unwrap_or_default())?;
        let new = NewKey {
            address,
            created: cx.time,
            description: input.description.clone().unwrap_or_default(),
            spec: wanted.spec,
            usage: wanted.usage,
            origin: wanted.origin,
            manager: Manager::Customer,
            policy: policy.into(),
            tags,
            multi_region,
        };
        let mut writes = WriteSet::new();
        let key = kms.create(new, &mut writes).await?;
        repo::create_key(&mut writes, &key);
        let output = types::CreateKeyResponse { key_metadata: Some(metadata::metadata(&key)) };
        let resources: Vec<AuditResource> = vec![key.address.audit_resource()];
        Ok(Reply { resources, ..Reply::with_writes(output, writes) })
    }
}

fn spec_and_usage(input: &types::CreateKeyRequest) -> Result<(KeySpec, KeyUsage), ApiError> {
    let name = match (&input.key_spec, &input.customer_master_key_spec) {
        (Some(_), Some(_)) => {
            return Err(errors::validation(
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is \
                 deprecated.",
            ));
        }
        (Some(spec), None) => spec.as_str(),
        (None, Some(spec)) => spec.as_str(),
        (None, None) => KeySpec::SymmetricDefault.name(),
    };
    // The model's constraints were checked before: names that are not its own do not come here.
    let unknown = |what: &str| errors::validation(format!("Unknown {what}."));
    let spec: KeySpec = name.parse().map_err(|_| unknown("KeySpec"))?;
    let usage = match &input.key_usage {
        Some(usage) => usage.as_str().parse().map_err(|_| unknown("KeyUsage"))?,
        None if spec == KeySpec::SymmetricDefault => KeyUsage::EncryptDecrypt,
        None => {
            return Err(errors::validation(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
            ));
        }
    };
    if !spec.allows(usage) {
        return Err(errors::validation(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
    }
    Ok((spec, usage))
}

fn origin(input: &types::CreateKeyRequest) -> Result<Origin, ApiError> {
    let origin = input.origin.clone().unwrap_or(types::OriginType::AwsKms);
    let in_key_store = matches!(origin, types::OriginType::AwsCloudhsm | types::OriginType::ExternalKeyStore);
    if input.xks_key_id.is_some() && origin != types::OriginType::ExternalKeyStore {
        return Err(errors::validation(format!("XksKeyId is not valid with Origin {origin}.")));
    }
    match (&input.custom_key_store_id, in_key_store) {
        (Some(id), true) => Err(api::custom_key_store_not_found_exception(format!(
            "Custom key store `{id}` is not found: custom key stores are not built in Garrison."
        ))),
        (None, true) => {
            Err(errors::validation(format!("You must specify a CustomKeyStoreId with Origin {origin}.")))
        }
        (Some(_), false) => {
            Err(errors::validation(format!("CustomKeyStoreId is not valid with Origin {origin}.")))
        }
        (None, false) if origin == types::OriginType::External => Ok(Origin::External),
        (None, false) => Ok(Origin::AwsKms),
    }
}
