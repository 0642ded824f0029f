//! Filling write sets.

use bytes::Bytes;
use garrison_store::WriteSet;
use garrison_types::AccountId;

use super::{Found, Links, layout};
use crate::records::Record;

/// Adds an entity whose name must be free.
pub(crate) fn create<R: Record>(writes: &mut WriteSet, account: AccountId, record: &R) {
    writes.create(layout::entity(account, R::KIND, record.name()), record.encode());
    touch_id(writes, account, record);
}

/// Replaces an entity that was read as `old`. It may have a new name, which then must be free.
pub(crate) fn replace<R: Record>(writes: &mut WriteSet, account: AccountId, old: &Found<R>, new: &R) {
    let from = layout::entity(account, R::KIND, old.name());
    let to = layout::entity(account, R::KIND, new.name());
    if from == to {
        writes.replace(to, old.revision, new.encode());
    } else {
        writes.delete(from, old.revision);
        writes.create(to, new.encode());
    }
    touch_id(writes, account, new);
}

/// Deletes an entity that was read as `old`.
pub(crate) fn delete<R: Record>(writes: &mut WriteSet, account: AccountId, old: &Found<R>) {
    writes.delete(layout::entity(account, R::KIND, old.name()), old.revision);
    if let Some(id) = old.id() {
        writes.deletes.push(layout::id(account, R::KIND, id));
    }
}

/// Demands that an entity is still the one that was read.
pub(crate) fn require<R: Record>(writes: &mut WriteSet, account: AccountId, old: &Found<R>) {
    writes.require(layout::entity(account, R::KIND, old.name()), old.revision);
}

/// Lets `to` stand in a relation to `from`.
pub(crate) fn link(writes: &mut WriteSet, account: AccountId, relation: &str, from: &str, to: &str) {
    writes.put(layout::link(account, relation, from, to), Bytes::new());
}

/// Ends that; no error when it was not so.
pub(crate) fn unlink(writes: &mut WriteSet, account: AccountId, relation: &str, from: &str, to: &str) {
    writes.deletes.push(layout::link(account, relation, from, to));
}

/// Demands that nothing in a relation to `from` has come or gone since it was read: for whoever counted.
pub(crate) fn require_links(
    writes: &mut WriteSet,
    account: AccountId,
    relation: &str,
    from: &str,
    seen: &Links,
) {
    writes.require_range(layout::links(account, relation, from), seen.revision);
}

fn touch_id<R: Record>(writes: &mut WriteSet, account: AccountId, record: &R) {
    if let Some(id) = record.id() {
        writes.put(layout::id(account, R::KIND, id), record.name().to_ascii_lowercase());
    }
}
