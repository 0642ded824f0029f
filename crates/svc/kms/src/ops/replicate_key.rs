//! `ReplicateKey`. Source: KMS API Reference, "ReplicateKey".
//!
//! Actions `kms:ReplicateKey` on the multi-Region primary key, `kms:CreateKey` in the replica's region, and
//! `kms:TagResource` there when there are tags. Condition keys `kms:ReplicaRegion`,
//! `kms:BypassPolicyLockoutSafetyCheck`, `aws:RequestTag/…`, `aws:TagKeys`. Key state `Enabled`.

use std::collections::BTreeMap;
use std::sync::Arc;

use garrison_api_kms::{errors as api, operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::Region;

use crate::condition::{self, RequestKeys};
use crate::model::{ImportState, Key, KeyState, Origin, Provenance, StateRule};
use crate::resolve::{KeyTarget, ensure_state};
use crate::service::Kms;
use crate::{key_policy, metadata, related, repo, tagging};

/// The primary key and the region of its replica to be.
pub struct Wanted {
    primary: KeyTarget,
    region: Region,
    tag_keys: Vec<String>,
}

impl Handler<Kms> for operations::ReplicateKey {
    const ACCESS: Access = Access::write("kms:ReplicateKey");
    type Target = Wanted;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<Wanted>, ApiError> {
        let region = related::region(cx, &input.replica_region, "ReplicaRegion")?;
        let primary = kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?;
        let tags = input.tags.as_deref().unwrap_or_default();
        let tag_keys = tags.iter().map(|tag| tag.tag_key.clone()).collect();
        let (check, resource) = (primary.key.check(), primary.key.audit_resource());
        let resolved = Resolved::new(Wanted { primary, region, tag_keys }, check)
            .and(Check::any().action("kms:CreateKey"))
            .with_resource(resource);
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
        let request = RequestKeys {
            bypass_lockout_check: Some(input.bypass_policy_lockout_safety_check == Some(true)),
            replica_region: Some(&input.replica_region),
            request_tags: input.tags.as_deref().unwrap_or_default(),
            tag_keys: &wanted.tag_keys,
            ..RequestKeys::default()
        };
        condition::about_key(cx, &wanted.primary, &request, key)
    }

    async fn execute(
        kms: &Kms,
        cx: &Context,
        input: &Self::Input,
        wanted: &Wanted,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let primary = &wanted.primary.key;
        let relations = related::of_primary(primary)?;
        ensure_state(primary, StateRule::Enabled)?;
        if relations.regions().any(|region| *region == wanted.region) {
            let message = format!("{} already has a related key in {}.", primary.arn, wanted.region);
            return Err(api::already_exists_exception(message));
        }
        let mut relations = relations.clone();
        relations.replicas.insert(wanted.region.clone());
        let mut replica = replica(cx, input, &primary.key, &wanted.region)?;
        replica.multi_region = Some(relations.clone());

        let mut writes = WriteSet::new();
        if replica.origin == Origin::AwsKms {
            for material in &replica.materials {
                kms.repo()
                    .copy_material(&mut writes, material.id, &primary.key.address, &replica.address)
                    .await?;
            }
        }
        repo::create_key(&mut writes, &replica);
        let mut relatives = kms.related_keys(primary).await?;
        relatives.push(Arc::clone(primary));
        related::relate(&mut writes, &relatives, &relations);
        let output = types::ReplicateKeyResponse {
            replica_key_metadata: Some(metadata::metadata(&replica)),
            replica_policy: Some(replica.policy.to_string()),
            replica_tags: Some(tagging::list(&replica.tags)),
        };
        let resources = vec![replica.address.audit_resource()];
        Ok(Reply { resources, ..Reply::with_writes(output, writes) })
    }
}

/// The replica: the primary's shared properties, and policy, tags and description of its own.
fn replica(
    cx: &Context,
    input: &types::ReplicateKeyRequest,
    primary: &Key,
    region: &Region,
) -> Result<Key, ApiError> {
    let address = primary.address.in_region(region.clone());
    let policy = match &input.policy {
        Some(policy) => {
            let bypass = input.bypass_policy_lockout_safety_check == Some(true);
            key_policy::accept(cx, &address, policy, bypass)?;
            policy.clone()
        }
        None => key_policy::default_policy(region.partition(), address.account),
    };
    let mut tags = BTreeMap::new();
    tagging::add(&mut tags, input.tags.as_deref().unwrap_or_default())?;
    let mut replica = Key {
        address,
        created: cx.time,
        description: input.description.clone().unwrap_or_default(),
        policy: policy.into(),
        tags,
        ..primary.clone()
    };
    if replica.origin == Origin::External {
        // The same material must be imported into every related key.
        replica.state = KeyState::PendingImport;
        for material in &mut replica.materials {
            if let Provenance::Imported { state, valid_to, .. } = &mut material.provenance {
                (*state, *valid_to) = (ImportState::PendingImport, None);
            }
        }
    }
    Ok(replica)
}
