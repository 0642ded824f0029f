//! Tags.

/// A key and a value that a caller put on a resource.
///
/// Source: AWS General Reference, "Tagging AWS resources": keys of 1 to 128 and values of 0 to 256 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag {
    /// Case-sensitive and unique within a resource.
    pub key: String,
    /// May be empty.
    pub value: String,
}
