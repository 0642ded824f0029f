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
use crate::repo::{self, Due, DueKind, ON_DEMAND};
use crate::resolve::{KeyTarget, ensure_state};
use crate::service::Kms;
use crate::{error, related};

/// The primary key and the one that takes its place.
pub struct Succession {
    primary: KeyTarget,
    next: KeyTarget,
}

impl Handler<Kms> for operations::UpdatePrimaryRegion {
    const ACCESS: Access = Access::write("kms:UpdatePrimaryRegion");
    type Target = Succession;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<Succession>, ApiError> {
        let region = related::region(cx, &input.primary_region, "PrimaryRegion")?;
        let primary = kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?;
        let address = primary.key.key.address.in_region(region);
        let missing = || error::key_not_found(&address.arn());
        let next = kms.repo().key(&address).await?.ok_or_else(missing)?;
        let checks = (primary.key.check(), next.check());
        let resources = (primary.key.audit_resource(), next.audit_resource());
        let next = KeyTarget { key: next, alias: None };
        let resolved = Resolved::new(Succession { primary, next }, checks.0).and(checks.1);
        Ok(resolved.with_resource(resources.0).with_resource(resources.1))
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
        let about = if check == 0 { &target.primary } else { &target.next };
        condition::about_key(cx, about, &request, key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        _input: &Self::Input,
        target: &Succession,
    ) -> Result<Reply<Unit>, ApiError> {
        let (primary, next) = (&target.primary.key, &target.next.key);
        let mut relations = related::of_primary(primary)?.clone();
        ensure_state(primary, StateRule::Enabled)?;
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
        Ok(Reply::with_writes(Unit, writes))
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
