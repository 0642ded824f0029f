//! `UpdatePrimaryRegion`. Source: KMS API Reference, "UpdatePrimaryRegion".
//!
//! Action `kms:UpdatePrimaryRegion` on the primary key and on the replica key that takes its place. Condition key
//! `kms:PrimaryRegion`. Key state `Enabled`, of both.

use std::sync::Arc;

use garrison_api_kms::{errors as api, operations};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Unit};
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::model::{Key, KeyAddress, StateRule};
use crate::reply::changed;
use crate::repo::{self, Due, DueKind, ON_DEMAND};
use crate::resolve::{KeyTarget, ensure_state};
use crate::service::Kms;
use crate::{error, related};

/// The primary key and the one that takes its place.
pub struct Succession {
    primary: KeyTarget,
    /// None when the region has no such key.
    next: Option<KeyTarget>,
}

impl Handler<Kms> for operations::UpdatePrimaryRegion {
    const ACCESS: Access = Access::write("kms:UpdatePrimaryRegion");
    type Target = Succession;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<Succession>, ApiError> {
        let region = related::region(cx, &input.primary_region, "PrimaryRegion")?;
        let primary = kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?;
        let address = primary.key.key.address.in_region(region);
        let next = kms.repo().key(&address).await?.map(KeyTarget::of);
        let keys = [Some(&primary), next.as_ref()].into_iter().flatten();
        let (checks, resources) =
            keys.map(|target| (target.key.check(), target.key.audit_resource())).unzip();
        Ok(Resolved { target: Succession { primary, next }, checks, resources })
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a Succession,
        check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request = RequestKeys { primary_region: Some(&input.primary_region), ..RequestKeys::default() };
        let about = target.next.as_ref().filter(|_| check == 1).unwrap_or(&target.primary);
        condition::about_key(cx, about, &request, key)
    }

    async fn execute(
        kms: &Kms,
        cx: &Context,
        input: &Self::Input,
        target: &Succession,
    ) -> Result<Reply<Unit>, ApiError> {
        let primary = &target.primary.key;
        let mut relations = related::of_primary(primary)?.clone();
        ensure_state(primary, StateRule::Enabled)?;
        let Some(KeyTarget { key: next, .. }) = &target.next else {
            let region = related::region(cx, &input.primary_region, "PrimaryRegion")?;
            return Err(error::key_not_found(&primary.key.address.in_region(region).arn()));
        };
        ensure_state(next, StateRule::Enabled)?;
        let region = next.key.address.region.clone();
        if !relations.replicas.remove(&region) {
            let message = format!("{} has no replica key in {region}.", primary.arn);
            return Err(api::unsupported_operation_exception(message));
        }
        relations.replicas.insert(std::mem::replace(&mut relations.primary, region));

        let mut writes = WriteSet::new();
        let mut relatives = kms.related_keys(primary).await?;
        relatives.push(Arc::clone(primary));
        related::relate(&mut writes, &relatives, &relations);
        move_rotation(&mut writes, &primary.key, &next.key.address);
        Ok(changed(primary, writes))
    }
}

/// The primary key is the one whose rotation falls due.
fn move_rotation(writes: &mut WriteSet, primary: &Key, next: &KeyAddress) {
    let rotation = &primary.rotation;
    for (at, extra) in [(rotation.next, ""), (rotation.on_demand_started, ON_DEMAND)] {
        let Some(at) = at else { continue };
        let due = |address: &KeyAddress| Due { at, address: address.clone(), extra: extra.to_owned() };
        repo::unschedule(writes, DueKind::Rotation, &due(&primary.address));
        repo::schedule(writes, DueKind::Rotation, &due(next));
    }
}
