//! Filling write sets.

use bytes::Bytes;
use garrison_crypto::material_id::MaterialId;
use garrison_store::{Precondition, Revision, WriteSet};

use super::AliasEntry;
use super::due::{Due, DueKind, ON_DEMAND};
use super::layout::{
    ALIAS, GRANT, alias_record, child, due_record, key_record, list_record, material_record, owner_record,
    retirable_record,
};
use crate::model::{Alias, Grant, Key, KeyAddress, KeySnapshot, Provenance};
use crate::records;

/// Adds a new key; its material is added apart.
pub(crate) fn create_key(writes: &mut WriteSet, key: &Key) {
    writes.create(key_record(&key.address), records::encode_key(key));
    writes.put(list_record(&key.address), Bytes::new());
}

/// Replaces a key that was read as `snapshot`.
pub(crate) fn replace_key(writes: &mut WriteSet, snapshot: &KeySnapshot, key: &Key) {
    writes.replace(key_record(&key.address), snapshot.revision, records::encode_key(key));
}

/// Demands that the key is still the one that was read, for changes beside its own record.
pub(crate) fn require_key(writes: &mut WriteSet, snapshot: &KeySnapshot) {
    writes.require(key_record(&snapshot.key.address), snapshot.revision);
}

/// Demands that none of the key's aliases came or went since the snapshot was read.
pub(crate) fn require_aliases(writes: &mut WriteSet, snapshot: &KeySnapshot) {
    require_set(writes, &snapshot.key.address, ALIAS, snapshot.alias_set);
}

/// Demands that none of the key's grants came or went since the snapshot was read.
pub(crate) fn require_grants(writes: &mut WriteSet, snapshot: &KeySnapshot) {
    require_set(writes, &snapshot.key.address, GRANT, snapshot.grant_set);
}

/// A snapshot may be held for as long as nothing changes, so it cannot rely on the store's memory of what changed in
/// a range; a record that every change of the set writes says the same for ever.
fn require_set(writes: &mut WriteSet, address: &KeyAddress, kind: &str, read: Option<Revision>) {
    let record = child(address, "set", kind);
    writes.preconditions.push(match read {
        Some(revision) => Precondition::AtRevision(record, revision),
        None => Precondition::Absent(record),
    });
}

/// Notes that a set changes.
fn touch_set(writes: &mut WriteSet, address: &KeyAddress, kind: &str) {
    let record = child(address, "set", kind);
    if !writes.puts.iter().any(|(key, _)| *key == record) {
        writes.put(record, Bytes::new());
    }
}

/// Deletes one of a key's materials for good. The entry that says whose it is stays while the key does, so that
/// its ciphertexts are still known.
pub(crate) fn erase_material(writes: &mut WriteSet, address: &KeyAddress, id: MaterialId) {
    writes.deletes.push(material_record(address, id));
    writes.erase = true;
}

/// Parts a key from a material that never became its own: deletes it for good, and the entry that says whose it is.
pub(crate) fn disown_material(writes: &mut WriteSet, address: &KeyAddress, id: MaterialId) {
    erase_material(writes, address, id);
    writes.deletes.push(owner_record(&address.region, id));
}

/// Deletes a key, its materials, aliases and grants for good.
pub(crate) fn erase_key(writes: &mut WriteSet, snapshot: &KeySnapshot) {
    let address = &snapshot.key.address;
    require_aliases(writes, snapshot);
    require_grants(writes, snapshot);
    writes.delete(key_record(address), snapshot.revision);
    writes.deletes.push(list_record(address));
    for alias in &snapshot.aliases {
        writes.deletes.push(child(address, ALIAS, alias));
        writes.deletes.push(alias_record(address.account, &address.region, alias));
    }
    for grant in &snapshot.grants.grants {
        remove_grant(writes, address, grant);
    }
    writes.deletes.extend([ALIAS, GRANT].map(|kind| child(address, "set", kind)));
    let due = |at, extra| Due { at, address: address.clone(), extra };
    if let Some(next) = snapshot.key.rotation.next {
        unschedule(writes, DueKind::Rotation, &due(next, String::new()));
    }
    if let Some(started) = snapshot.key.rotation.on_demand_started {
        unschedule(writes, DueKind::Rotation, &due(started, ON_DEMAND.to_owned()));
    }
    for material in &snapshot.key.materials {
        if let Provenance::Imported { valid_to: Some(at), .. } = material.provenance {
            unschedule(writes, DueKind::Expiry, &due(at, material.id.to_string()));
        }
        erase_material(writes, address, material.id);
        writes.deletes.push(owner_record(&address.region, material.id));
    }
}

/// Adds an alias that did not exist.
pub(crate) fn create_alias(writes: &mut WriteSet, target: &KeyAddress, alias: &Alias) {
    let record = alias_record(target.account, &target.region, alias.name.as_str());
    writes.create(record, records::encode_alias(alias));
    writes.put(child(target, ALIAS, alias.name.as_str()), Bytes::new());
    touch_set(writes, target, ALIAS);
}

/// Points an alias at another key.
pub(crate) fn move_alias(
    writes: &mut WriteSet,
    old: &AliasEntry,
    from: &KeyAddress,
    to: &KeyAddress,
    alias: &Alias,
) {
    delete_alias(writes, old, from);
    let record = alias_record(to.account, &to.region, alias.name.as_str());
    writes.deletes.retain(|key| *key != record);
    writes.put(record, records::encode_alias(alias));
    let own = child(to, ALIAS, alias.name.as_str());
    writes.deletes.retain(|key| *key != own);
    writes.put(own, Bytes::new());
    touch_set(writes, to, ALIAS);
}

/// Deletes an alias of a key.
pub(crate) fn delete_alias(writes: &mut WriteSet, old: &AliasEntry, target: &KeyAddress) {
    let name = old.alias.name.as_str();
    writes.delete(alias_record(target.account, &target.region, name), old.revision);
    writes.deletes.push(child(target, ALIAS, name));
    touch_set(writes, target, ALIAS);
}

/// Adds or replaces a grant.
pub(crate) fn put_grant(writes: &mut WriteSet, address: &KeyAddress, grant: &Grant) {
    writes.put(child(address, GRANT, &grant.id), records::encode_grant(grant));
    if let Some(record) = retirable_record(address, grant) {
        writes.put(record, Bytes::new());
    }
    touch_set(writes, address, GRANT);
}

/// Deletes a grant.
pub(crate) fn delete_grant(writes: &mut WriteSet, address: &KeyAddress, grant: &Grant) {
    remove_grant(writes, address, grant);
    touch_set(writes, address, GRANT);
}

fn remove_grant(writes: &mut WriteSet, address: &KeyAddress, grant: &Grant) {
    writes.deletes.push(child(address, GRANT, &grant.id));
    writes.deletes.extend(retirable_record(address, grant));
}

/// Notes when something falls due.
pub(crate) fn schedule(writes: &mut WriteSet, kind: DueKind, due: &Due) {
    writes.put(due_record(kind, due), Bytes::new());
}

/// Strikes out what was noted.
pub(crate) fn unschedule(writes: &mut WriteSet, kind: DueKind, due: &Due) {
    writes.deletes.push(due_record(kind, due));
}

pub(super) fn put_owner(writes: &mut WriteSet, address: &KeyAddress, id: MaterialId) {
    writes.put(owner_record(&address.region, id), records::encode_owner(address));
}
