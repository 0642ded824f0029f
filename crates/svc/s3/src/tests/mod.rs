//! S3 driven through dispatch.

mod buckets;
mod objects;
mod versions;
