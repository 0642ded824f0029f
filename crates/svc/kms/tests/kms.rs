//! KMS driven through dispatch, on a store in memory, a clock that stands still and seeded randomness.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "this crate is tests: a failed expectation must panic"
)]

#[path = "../../../engines/attestation/tests/it/support.rs"]
#[expect(dead_code, reason = "the engine's own tests use the rest")]
mod attested;
#[path = "kms/harness.rs"]
mod harness;
#[path = "kms/memory.rs"]
mod memory;

#[path = "kms/aliases.rs"]
mod aliases;
#[path = "kms/authorization.rs"]
mod authorization;
#[path = "kms/cryptography.rs"]
mod cryptography;
#[path = "kms/deletion.rs"]
mod deletion;
#[path = "kms/grants.rs"]
mod grants;
#[path = "kms/imports.rs"]
mod imports;
#[path = "kms/keys.rs"]
mod keys;
#[path = "kms/multi_region.rs"]
mod multi_region;
#[path = "kms/policies.rs"]
mod policies;
#[path = "kms/recipient.rs"]
mod recipient;
#[path = "kms/rotation.rs"]
mod rotation;
#[path = "kms/tags.rs"]
mod tags;
