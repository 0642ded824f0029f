//! Rotation: which keys rotate, who shares the settings, and how a new material becomes current.
//!
//! Source: KMS Developer Guide, "Rotating AWS KMS keys". Old materials are kept for as long as the key, so that they
//! decrypt for ever.

use std::sync::Arc;
use std::time::Duration;

use garrison_api_kms::errors as api;
use garrison_crypto::keys::{KeyMaterial, KeySpec};
use garrison_crypto::material_id::MaterialId;
use garrison_kernel::{Context, ServiceType as _, errors};
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::Timestamp;

use crate::error;
use crate::model::{
    Key, KeySnapshot, KeyState, Material, MaterialState, MultiRegionRole, Origin, Provenance, Rotation,
    RotationKind,
};
use crate::repo::{self, Due, DueKind};
use crate::resolve::{Accept, KeyTarget};
use crate::service::Kms;

const DAY: Duration = Duration::from_secs(86_400);
/// When nobody chose a period.
pub(crate) const DEFAULT_PERIOD: u16 = 365;

impl Kms {
    /// Finds the caller's own key for `EnableKeyRotation`. An alias is taken beside the identifiers that AWS takes, because
    /// AWS's own examples write one.
    ///
    /// # Errors
    /// As [`Kms::resolve_key`]; `AccessDeniedException` for another account's key.
    pub(crate) async fn resolve_rotated_key(
        &self,
        cx: &Context,
        key_id: &str,
        action: &str,
    ) -> Result<KeyTarget, ApiError> {
        let target = self.resolve_key(cx, key_id, Accept::KeyOrAlias, action).await?;
        if target.key.key.address.account == cx.account() {
            return Ok(target);
        }
        Err(errors::denied_elsewhere(Kms::SCHEMA, &cx.caller.arn, action, &target.key.arn))
    }

    /// The key and its relatives in other regions, which share its rotation.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn family(&self, key: &Arc<KeySnapshot>) -> Result<Vec<Arc<KeySnapshot>>, ApiError> {
        let mut family = vec![Arc::clone(key)];
        family.extend(self.related_keys(key).await?);
        Ok(family)
    }

    /// Makes a new material and says that it is current from `at` on, in changed copies of the keys of one family.
    ///
    /// # Errors
    /// The material could not be made or sealed.
    pub(crate) async fn rotate_generated(
        &self,
        writes: &mut WriteSet,
        family: &mut [Key],
        at: Timestamp,
        kind: RotationKind,
    ) -> Result<(), ApiError> {
        let Some(key_id) = family.first().map(|key| Arc::clone(&key.address.id)) else { return Ok(()) };
        let material: KeyMaterial = self.generate(KeySpec::SymmetricDefault).await?;
        let id = MaterialId::derive(material.secret(), &key_id);
        for key in family {
            self.repo().put_material(writes, &key.address, id, &material)?;
            retire_current(key);
            key.materials.push(Material {
                id,
                state: MaterialState::Current,
                created: at,
                provenance: Provenance::Generated,
                rotated: Some((at, kind)),
            });
        }
        Ok(())
    }
}

fn retire_current(key: &mut Key) {
    for material in &mut key.materials {
        if material.state == MaterialState::Current {
            material.state = MaterialState::NonCurrent;
        }
    }
}

/// The imported material that the next on-demand rotation makes current, when there is one that may be.
pub(crate) fn pending_material(key: &Key) -> Option<MaterialId> {
    let ready =
        |material: &&Material| material.state == MaterialState::PendingRotation && material.is_present();
    key.materials.iter().find(ready).map(|material| material.id)
}

/// Makes an imported material current; a relative that lacks it waits for it.
pub(crate) fn rotate_imported(key: &mut Key, id: MaterialId, at: Timestamp) {
    retire_current(key);
    if let Some(material) = key.material_mut(id) {
        material.state = MaterialState::Current;
        material.rotated = Some((at, RotationKind::OnDemand));
    }
    settle(key);
}

/// Makes the key's state agree with its imported materials: one that became the key's own and is not there keeps the
/// key from use, and its return gives the key back.
pub(crate) fn settle(key: &mut Key) {
    let lacking = lacks_material(key);
    match key.state {
        KeyState::Enabled | KeyState::Disabled if lacking => key.state = KeyState::PendingImport,
        KeyState::PendingImport if !lacking => key.state = KeyState::Enabled,
        _ => {}
    }
}

/// Whether an imported material that the key needs is not there: it never came, was deleted or expired.
fn lacks_material(key: &Key) -> bool {
    let needed = |state| matches!(state, MaterialState::Current | MaterialState::NonCurrent);
    key.origin == Origin::External
        && (key.current_material().is_none()
            || key.materials.iter().any(|material| needed(material.state) && !material.is_present()))
}

/// Refuses keys that have no automatic rotation.
///
/// # Errors
/// `UnsupportedOperationException`.
pub(crate) fn ensure_automatic(key: &KeySnapshot) -> Result<(), ApiError> {
    ensure_symmetric(key)?;
    match key.key.origin {
        Origin::AwsKms => Ok(()),
        origin => Err(error::wrong_origin(&key.arn, origin)),
    }
}

/// Refuses keys that have but one material.
///
/// # Errors
/// `UnsupportedOperationException`.
pub(crate) fn ensure_symmetric(key: &KeySnapshot) -> Result<(), ApiError> {
    match key.key.spec {
        KeySpec::SymmetricDefault => Ok(()),
        spec => Err(api::unsupported_operation_exception(format!(
            "{} has key spec {spec}, which is not valid for this operation.",
            key.arn
        ))),
    }
}

/// Refuses replica keys: the primary key's rotation is theirs.
///
/// # Errors
/// `UnsupportedOperationException`.
pub(crate) fn ensure_not_replica(key: &KeySnapshot) -> Result<(), ApiError> {
    let region = &key.key.address.region;
    match &key.key.multi_region {
        Some(related) if related.role(region) == MultiRegionRole::Replica => {
            Err(api::unsupported_operation_exception(format!(
                "{} is a multi-Region replica key; its rotation is that of the primary key in {}.",
                key.arn, related.primary
            )))
        }
        _ => Ok(()),
    }
}

/// Gives all keys of a family the same rotation, and moves what falls due with the first one's.
pub(crate) fn set(writes: &mut WriteSet, family: &[Arc<KeySnapshot>], rotation: &Rotation) {
    if let Some(own) = family.first() {
        move_due(writes, own, rotation.next);
    }
    for snapshot in family {
        let key = Key { rotation: rotation.clone(), ..snapshot.key.clone() };
        repo::replace_key(writes, snapshot, &key);
    }
}

/// The next automatic rotation falls due at another time, or no longer.
pub(crate) fn move_due(writes: &mut WriteSet, key: &KeySnapshot, next: Option<Timestamp>) {
    let old = key.key.rotation.next;
    let due = |at| Due { at, address: key.key.address.clone(), extra: String::new() };
    if let Some(old) = old.filter(|old| next != Some(*old)) {
        repo::unschedule(writes, DueKind::Rotation, &due(old));
    }
    if let Some(next) = next {
        repo::schedule(writes, DueKind::Rotation, &due(next));
    }
}

/// One period behind a point in time.
pub(crate) fn after(at: Timestamp, period_days: u16) -> Timestamp {
    at + DAY * u32::from(period_days)
}

/// What changes about a key's rotation when it is enabled again: one that fell due meanwhile happens at once.
pub(crate) fn resume(writes: &mut WriteSet, snapshot: &KeySnapshot, key: &mut Key, now: Timestamp) {
    let role = key.multi_region.as_ref().map(|related| related.role(&key.address.region));
    if role == Some(MultiRegionRole::Replica) {
        return;
    }
    key.rotation.next = key.rotation.next.map(|next| next.max(now));
    move_due(writes, snapshot, key.rotation.next);
}
