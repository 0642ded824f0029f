//! The stored forms, which are also what operations work with: JSON with a version in `v`.
//!
//! A form that has been released is never changed: a new version is added beside it, and the tests keep a sample of each.

use std::collections::BTreeMap;

use garrison_blobs::BlobName;
use garrison_types::{AccountId, Timestamp};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::checksum::Checksum;

/// A stored form with its version.
#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum Stored<T> {
    #[serde(rename = "1")]
    V1(T),
}

/// The stored form of a value.
pub(crate) fn encode<T: Serialize>(value: T) -> Vec<u8> {
    // Serializing to memory fails only for maps whose keys are not text, and there are none.
    serde_json::to_vec(&Stored::V1(value)).unwrap_or_default()
}

/// Reads a stored form.
///
/// # Errors
/// The record is damaged or of a newer version.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(bytes).map(|Stored::V1(value)| value)
}

/// A point in time, stored as milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Time(pub(crate) Timestamp);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0.as_millis())
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        i64::deserialize(deserializer).map(|millis| Self(Timestamp::from_millis(millis)))
    }
}

/// An account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account(pub(crate) AccountId);

impl Serialize for Account {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_str())
    }
}

impl<'de> Deserialize<'de> for Account {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// Bytes, stored as base64.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&base64_simd::STANDARD.encode_to_string(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        base64_simd::STANDARD.decode_to_vec(&text).map(Self).map_err(D::Error::custom)
    }
}

/// The name of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Blob(pub(crate) BlobName);

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(D::Error::custom)
    }
}

/// Names and values.
pub(crate) type Tags = BTreeMap<String, String>;

/// A bucket with all its configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) account: Account,
    pub(crate) region: String,
    pub(crate) partition: String,
    pub(crate) created: Time,
    #[serde(default)]
    pub(crate) ownership: Option<Ownership>,
    #[serde(default)]
    pub(crate) versioning: Versioning,
    #[serde(default)]
    pub(crate) lock: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) policy: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) public_access: Option<PublicAccess>,
    #[serde(default)]
    pub(crate) encryption: DefaultEncryption,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: Tags,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cors: Vec<CorsRule>,
}

/// Who owns what others put into the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Ownership {
    BucketOwnerEnforced,
    BucketOwnerPreferred,
    ObjectWriter,
}

/// Whether versions are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) enum Versioning {
    /// It never was switched on.
    #[default]
    Never,
    Enabled,
    Suspended,
}

/// Block Public Access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct PublicAccess {
    pub(crate) block_acls: bool,
    pub(crate) ignore_acls: bool,
    pub(crate) block_policy: bool,
    pub(crate) restrict_buckets: bool,
}

impl PublicAccess {
    /// What a new bucket has.
    pub(crate) const ALL: Self =
        Self { block_acls: true, ignore_acls: true, block_policy: true, restrict_buckets: true };

    /// What holds when both are in force.
    pub(crate) fn union(self, other: Self) -> Self {
        Self {
            block_acls: self.block_acls || other.block_acls,
            ignore_acls: self.ignore_acls || other.ignore_acls,
            block_policy: self.block_policy || other.block_policy,
            restrict_buckets: self.restrict_buckets || other.restrict_buckets,
        }
    }
}

/// How objects are encrypted whose requests do not say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct DefaultEncryption {
    /// With KMS, instead of SSE-S3.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) kms: bool,
    /// Under this key, instead of the AWS managed one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bucket_key: Option<bool>,
}

/// A rule of CORS.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct CorsRule {
    pub(crate) id: Option<String>,
    pub(crate) headers: Vec<String>,
    pub(crate) methods: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) expose: Vec<String>,
    pub(crate) max_age: Option<i32>,
}

/// A version of an object, or a delete marker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// Orders the versions of a key: later ones have greater numbers.
    pub(crate) sequence: u64,
    /// The version's id; none is the version `null`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) modified: Time,
    /// The object; none is a delete marker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<Object>,
}

impl Version {
    /// The id as callers see it.
    pub(crate) fn shown_id(&self) -> &str {
        self.id.as_deref().unwrap_or(NULL)
    }
}

/// The id of what was written while versions were not kept.
pub(crate) const NULL: &str = "null";

/// What an object is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Object {
    pub(crate) etag: String,
    pub(crate) size: u64,
    pub(crate) about: About,
    pub(crate) checksum: Checksum,
    pub(crate) encryption: Encryption,
    /// In the order of their numbers; an object that was uploaded whole has one.
    pub(crate) parts: Vec<Part>,
    /// It was uploaded in parts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) multipart: bool,
}

/// What the uploader says of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct About {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) storage_class: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) cache_control: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_disposition: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_encoding: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content_language: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) redirect: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) metadata: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tags: Tags,
}

/// Where an object's data key comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Encryption {
    /// SSE-S3: sealed under the root of trust.
    S3 { sealed: Bytes },
    /// SSE-KMS: encrypted under a KMS key.
    Kms {
        key: String,
        encrypted: Bytes,
        /// The encryption context, the object's or bucket's ARN in it.
        context: BTreeMap<String, String>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        bucket_key: bool,
    },
}

/// A part of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    pub(crate) number: u32,
    pub(crate) size: u64,
    pub(crate) checksum: Option<Checksum>,
    /// MD5 in hexadecimal digits.
    pub(crate) etag: String,
    pub(crate) modified: Time,
    pub(crate) body: Body,
}

/// Where the bytes are, sealed in segments under a key derived for `name`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) name: Blob,
    /// The one segment, when there are few bytes; else they are in the blob.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) inline: Option<Bytes>,
}

/// A multipart upload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Upload {
    pub(crate) initiated: Time,
    pub(crate) initiator: String,
    pub(crate) about: About,
    pub(crate) encryption: Encryption,
    /// The algorithm of the checksum and whether it is one of the whole object.
    pub(crate) algorithm: crate::checksum::Algorithm,
    pub(crate) full_object: bool,
    /// The caller asked for the algorithm: each part must come with it.
    pub(crate) asked: bool,
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
