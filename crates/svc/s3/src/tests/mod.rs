//! S3 driven through dispatch.

mod buckets;
mod configuration;
mod copies;
mod listing;
mod multipart;
mod objects;
mod versions;
