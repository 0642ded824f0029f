//! AWS Signature Version 4: reads, checks, verifies and makes request signatures.
//!
//! Layer L1: no IO, no clock, no randomness; every byte that comes in is foreign. The life of a signature:
//!
//! 1. [`Authentication::parse`] finds it in the header or in the query, or answers `None`.
//! 2. [`Authentication::check`] judges what needs no key: the time window and the credential scope. It comes before
//!    the key is looked up because AWS reports a stale or misdirected signature before an unknown access key.
//! 3. [`SigningKeyCache::get_or_derive`] gives the day's signing key of the secret.
//! 4. [`Checked::verify`] computes the signature, compares it in constant time, and says in [`Verified`] what is left
//!    to check of the body.
//! 5. [`ChunkedDecoder`] takes the framing off `aws-chunked` bodies and verifies the signature of every chunk.
//!
//! Every way to fail is a variant of [`SigError`], which knows the code, status and message that each family of AWS
//! protocols gives it.
//!
//! Sources: AWS IAM User Guide, "AWS Signature Version 4 for API requests"; Amazon S3 API Reference, "Authenticating
//! Requests (AWS Signature Version 4)".

mod cache;
mod canonical;
mod chunked;
mod error;
mod hex;
mod key;
mod parse;
mod query;
mod request;
mod sign;
mod time;
mod verify;

pub use cache::SigningKeyCache;
pub use chunked::{ChunkError, ChunkSeed, ChunkedDecoder, Trailer};
pub use error::{ErrorFamily, ExpiresProblem, ScopeMismatch, SigError, TimeWindow};
pub use key::{SecretAccessKey, SigningKey};
pub use parse::{Authentication, Form, Scope};
pub use request::{Body, Payload, Request, Streaming, sha256};
pub use sign::Signer;
pub use time::AmzDate;
pub use verify::{Checked, Expect, Verified};
