//! The store keys of S3.
//!
//! ```text
//! s3 / bucket / name                       a bucket with all its configuration
//! s3 / owned / account / name              nothing: what ListBuckets pages through
//! s3 / account / account                   the account's Block Public Access
//! s3 / object / bucket / key               the current version of an object
//! s3 / version / bucket / key / order      its older versions, newest first
//! s3 / upload / bucket / key / id          a multipart upload
//! s3 / part / id / number                  one of its parts
//! s3 / doubtful / time / blob              a blob that is nobody's yet, or nobody's any more
//! s3 / doomed / blob                       a blob that is being deleted
//! ```
//!
//! Objects' keys may hold any character, and components of the store's keys none that is NUL: it is written as 01 01, and
//! 01 as 01 02, which keeps the order.

use garrison_blobs::BlobName;
use garrison_store::{Key, KeyRange};
use garrison_types::{AccountId, Timestamp};

const ROOT: &str = "s3";

pub(crate) fn bucket(name: &str) -> Key {
    Key::of(&[ROOT, "bucket", name])
}

/// Whether a record is a bucket.
pub(crate) fn is_bucket(key: &Key) -> bool {
    key.is_under(&[ROOT, "bucket"])
}

pub(crate) fn owned(account: AccountId, name: &str) -> Key {
    Key::of(&[ROOT, "owned", account.as_str(), name])
}

pub(crate) fn all_owned(account: AccountId) -> KeyRange {
    KeyRange::under(&[ROOT, "owned", account.as_str()])
}

pub(crate) fn account(account: AccountId) -> Key {
    Key::of(&[ROOT, "account", account.as_str()])
}

/// Whether a record is an account's.
pub(crate) fn is_account(key: &Key) -> bool {
    key.is_under(&[ROOT, "account"])
}

pub(crate) fn object(bucket: &str, key: &str) -> Key {
    Key::of(&[ROOT, "object", bucket, &escaped(key)])
}

/// Every object of a bucket.
pub(crate) fn objects(bucket: &str) -> KeyRange {
    KeyRange::under(&[ROOT, "object", bucket])
}

/// The objects whose keys begin so.
pub(crate) fn objects_from(bucket: &str, prefix: &str) -> KeyRange {
    beginning(&object(bucket, prefix))
}

pub(crate) fn version(bucket: &str, key: &str, sequence: u64) -> Key {
    Key::of(&[ROOT, "version", bucket, &escaped(key), &format!("{:016x}", u64::MAX - sequence)])
}

/// The older versions of an object.
pub(crate) fn versions(bucket: &str, key: &str) -> KeyRange {
    KeyRange::under(&[ROOT, "version", bucket, &escaped(key)])
}

pub(crate) fn upload(bucket: &str, key: &str, id: &str) -> Key {
    Key::of(&[ROOT, "upload", bucket, &escaped(key), id])
}

/// The uploads of an object.
pub(crate) fn uploads_of(bucket: &str, key: &str) -> KeyRange {
    KeyRange::under(&[ROOT, "upload", bucket, &escaped(key)])
}

/// Every upload of a bucket.
pub(crate) fn uploads(bucket: &str) -> KeyRange {
    KeyRange::under(&[ROOT, "upload", bucket])
}

/// The uploads of objects whose keys begin so.
pub(crate) fn uploads_from(bucket: &str, prefix: &str) -> KeyRange {
    beginning(&Key::of(&[ROOT, "upload", bucket, &escaped(prefix)]))
}

pub(crate) fn part(upload: &str, number: u32) -> Key {
    Key::of(&[ROOT, "part", upload, &format!("{number:05}")])
}

/// The parts of an upload.
pub(crate) fn parts(upload: &str) -> KeyRange {
    KeyRange::under(&[ROOT, "part", upload])
}

pub(crate) fn doubtful(time: Timestamp, blob: &BlobName) -> Key {
    // Nineteen digits hold every i64, so that the order of the texts is the order of the times.
    Key::of(&[ROOT, "doubtful", &format!("{:019}", time.as_millis().max(0)), &blob.to_string()])
}

/// Every doubtful blob, the longest in doubt first.
pub(crate) fn all_doubtful() -> KeyRange {
    KeyRange::under(&[ROOT, "doubtful"])
}

/// Since when a blob is doubtful, and which.
pub(crate) fn parse_doubtful(key: &Key) -> Option<(Timestamp, BlobName)> {
    let mut parts = key.components().skip(2);
    let time = Timestamp::from_millis(parts.next()?.parse().ok()?);
    Some((time, parts.next()?.parse().ok()?))
}

pub(crate) fn doomed(blob: &BlobName) -> Key {
    Key::of(&[ROOT, "doomed", &blob.to_string()])
}

/// Every blob that is being deleted.
pub(crate) fn all_doomed() -> KeyRange {
    KeyRange::under(&[ROOT, "doomed"])
}

/// The object's key in a record of an object, a version or an upload.
pub(crate) fn key_of(record: &Key) -> String {
    unescaped(record.components().nth(3).unwrap_or_default())
}

/// The records whose keys begin as this one does.
fn beginning(key: &Key) -> KeyRange {
    let start = key.as_bytes().to_vec();
    let mut end = start.clone();
    // Keys are UTF-8: no byte of theirs is 255.
    if let Some(last) = end.last_mut() {
        *last = last.saturating_add(1);
    }
    KeyRange { start, end }
}

fn escaped(key: &str) -> String {
    if key.contains(['\0', '\u{1}']) {
        key.replace('\u{1}', "\u{1}\u{2}").replace('\0', "\u{1}\u{1}")
    } else {
        key.to_owned()
    }
}

fn unescaped(component: &str) -> String {
    let mut key = String::with_capacity(component.len());
    let mut characters = component.chars();
    while let Some(character) = characters.next() {
        key.push(match character {
            '\u{1}' if characters.next() == Some('\u{1}') => '\0',
            other => other,
        });
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_survives_in_its_order() {
        let mut keys = ["", "\0", "\0\0", "\0\u{1}", "\u{1}", "\u{1}\0", "\u{2}", "a", "a\0b", "a/b", "ä"];
        keys.sort_unstable();
        let records: Vec<Key> = keys.iter().map(|key| object("bucket", key)).collect();
        assert!(records.is_sorted());
        assert!(records.iter().map(key_of).eq(keys.iter().map(|key| (*key).to_owned())));
    }

    #[test]
    fn a_prefix_holds_the_keys_that_begin_so() {
        let range = objects_from("bucket", "a/");
        for (key, inside) in [("a/", true), ("a/b", true), ("a", false), ("a0", false), ("b", false)] {
            assert_eq!(range.contains(&object("bucket", key)), inside, "{key}");
        }
        assert!(!objects_from("bucket", "").contains(&object("bucket2", "x")));
        assert!(objects_from("bucket", "").contains(&object("bucket", "x")));
    }

    #[test]
    fn newer_versions_come_first() {
        assert!(version("b", "k", 5) < version("b", "k", 4));
        let blob = BlobName::new([7; 16]);
        let time = Timestamp::from_seconds(5);
        assert_eq!(parse_doubtful(&doubtful(time, &blob)), Some((time, blob)));
    }
}
