//! The store keys of IAM. IAM is global: they have no region.
//!
//! ```text
//! iam / account / KIND / name in lower case        an entity: names are unique whatever their case
//! iam / account / id / KIND / unique id            the entity's name in lower case; written with every change of it, so
//!                                                  that whoever watches this key hears of all of them
//! iam / account / link / RELATION / from / to      nothing: who belongs to what; two directions are two relations
//! iam / account / role-use / unique id             when a role was last used
//! iam / access-key / access key id                 an access key (see `access_keys`)
//! iam / alias / alias                              the account that has this alias
//! ```

use garrison_store::{Key, KeyRange};
use garrison_types::AccountId;

/// The record of an entity.
pub(crate) fn entity(account: AccountId, kind: &str, name: &str) -> Key {
    Key::of(&["iam", account.as_str(), kind, &name.to_ascii_lowercase()])
}

/// The entities of a kind, behind the one of this name.
pub(super) fn entities(account: AccountId, kind: &str, after: Option<&str>) -> KeyRange {
    let range = KeyRange::under(&["iam", account.as_str(), kind]);
    match after {
        Some(after) => range.after(&entity(account, kind, after)),
        None => range,
    }
}

/// Where a unique id leads to a name.
pub(crate) fn id(account: AccountId, kind: &str, id: &str) -> Key {
    Key::of(&["iam", account.as_str(), "id", kind, id])
}

/// The unique ids of a kind.
pub(super) fn ids(account: AccountId, kind: &str) -> KeyRange {
    KeyRange::under(&["iam", account.as_str(), "id", kind])
}

/// That `to` stands in a relation to `from`.
pub(super) fn link(account: AccountId, relation: &str, from: &str, to: &str) -> Key {
    Key::of(&["iam", account.as_str(), "link", relation, from, to])
}

/// Everything that stands in a relation to `from`.
pub(super) fn links(account: AccountId, relation: &str, from: &str) -> KeyRange {
    KeyRange::under(&["iam", account.as_str(), "link", relation, from])
}

/// Whether a key leads from a unique id of this kind to a name.
pub(crate) fn is_id_of(key: &Key, kind: &str) -> bool {
    let mut parts = key.components();
    parts.next() == Some("iam") && parts.nth(1) == Some("id") && parts.next() == Some(kind)
}

/// A relation, whole.
pub(super) fn relation(account: AccountId, relation: &str) -> KeyRange {
    KeyRange::under(&["iam", account.as_str(), "link", relation])
}

/// What the relation of a link's key is to.
pub(super) fn link_from(key: &Key) -> Option<&str> {
    key.components().nth(4)
}

/// When the role with this unique id was last used.
pub(crate) fn role_use(account: AccountId, id: &str) -> Key {
    Key::of(&["iam", account.as_str(), "role-use", id])
}
