//! The store keys of KMS.
//!
//! ```text
//! kms / account / region / keys / id                         nothing: what ListKeys pages through
//! kms / account / region / key / id                          the key (policy, tags, materials' states, rotation)
//! kms / account / region / key / id / alias / name           nothing: the key's aliases
//! kms / account / region / key / id / grant / id             a grant
//! kms / account / region / key / id / set / alias | grant    nothing: its revision is the last change of that set
//! kms / account / region / key / id / material / material-id a sealed secret: written once, deleted with erasure
//! kms / account / region / alias / name                      an alias and its target
//! kms / account / region / retirable / principal / key-account / key-id / grant-id
//!                                                            nothing: the grants that a principal may retire
//! kms-material / region / material-id                        whose material it is: finds the key of a ciphertext
//! kms-due / kind / time / account / region / id / extra      what falls due by itself, in the order of time
//! ```

use garrison_crypto::material_id::MaterialId;
use garrison_store::{Key as StoreKey, KeyRange};
use garrison_types::{AccountId, Region, Timestamp};

use super::due::{Due, DueKind};
use crate::grants;
use crate::model::{Grant, KeyAddress};

/// What lies below a key, by kind.
pub(super) const ALIAS: &str = "alias";
pub(super) const GRANT: &str = "grant";

pub(super) fn components(address: &KeyAddress) -> [&str; 5] {
    ["kms", address.account.as_str(), address.region.as_str(), "key", &address.id]
}

pub(super) fn key_record(address: &KeyAddress) -> StoreKey {
    StoreKey::of(&components(address))
}

pub(super) fn list_record(address: &KeyAddress) -> StoreKey {
    StoreKey::of(&["kms", address.account.as_str(), address.region.as_str(), "keys", &address.id])
}

pub(super) fn child(address: &KeyAddress, kind: &str, name: &str) -> StoreKey {
    let [a, b, c, d, e] = components(address);
    StoreKey::of(&[a, b, c, d, e, kind, name])
}

pub(super) fn material_record(address: &KeyAddress, id: MaterialId) -> StoreKey {
    child(address, "material", &id.to_string())
}

pub(super) fn alias_record(account: AccountId, region: &Region, name: &str) -> StoreKey {
    StoreKey::of(&["kms", account.as_str(), region.as_str(), "alias", name])
}

pub(super) fn owner_record(region: &Region, id: MaterialId) -> StoreKey {
    StoreKey::of(&["kms-material", region.as_str(), &id.to_string()])
}

/// Where a grant stands for its retiring principal: under the account that the principal belongs to, and a service's
/// under the key's.
pub(super) fn retirable_record(address: &KeyAddress, grant: &Grant) -> Option<StoreKey> {
    let principal = grant.retiring.as_deref()?;
    let account = grants::account_of(principal).unwrap_or(address.account);
    let (account, region) = (account.as_str(), address.region.as_str());
    let key = (address.account.as_str(), &*address.id);
    Some(StoreKey::of(&["kms", account, region, "retirable", principal, key.0, key.1, &grant.id]))
}

pub(super) fn due_record(kind: DueKind, due: &Due) -> StoreKey {
    let Due { at, address, extra } = due;
    // Nineteen digits hold every i64, so that the order of the texts is the order of the times.
    let at = format!("{:019}", at.as_millis().max(0));
    StoreKey::of(&[
        "kms-due",
        kind.name(),
        &at,
        address.account.as_str(),
        address.region.as_str(),
        &address.id,
        extra,
    ])
}

pub(super) fn parse_due(key: &StoreKey) -> Option<Due> {
    let mut parts = key.components().skip(2);
    let at = Timestamp::from_millis(parts.next()?.parse().ok()?);
    let account = parts.next()?.parse().ok()?;
    let region = parts.next()?.parse().ok()?;
    let id = parts.next()?.into();
    Some(Due { at, address: KeyAddress { account, region, id }, extra: parts.next()?.to_owned() })
}

pub(super) fn range_after(path: &[&str], after: Option<&str>) -> KeyRange {
    let range = KeyRange::under(path);
    match after {
        None => range,
        Some(after) => {
            let mut components = path.to_vec();
            components.push(after);
            range.after(&StoreKey::of(&components))
        }
    }
}

/// Whether a record of KMS has this component at this place.
pub(super) fn at(key: &StoreKey, index: usize, component: &str) -> bool {
    let mut parts = key.components();
    match index.checked_sub(1) {
        None => parts.next() == Some(component),
        Some(behind_service) => parts.next() == Some("kms") && parts.nth(behind_service) == Some(component),
    }
}

/// The record of the key that a record at or below it belongs to.
pub(super) fn key_of_record(key: &StoreKey) -> Option<StoreKey> {
    if !at(key, 3, "key") {
        return None;
    }
    Some(StoreKey::of(&key.components().take(5).collect::<Vec<_>>()))
}
