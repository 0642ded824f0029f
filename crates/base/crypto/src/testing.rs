//! For tests only: nothing here is fit for real keys.

use crate::rng::Rng;
use aws_lc_rs::{digest, hmac};
use std::sync::atomic::{AtomicU64, Ordering};

/// A deterministic generator: HMAC-SHA256 of a counter under the seed. Two generators with the same seed give the same
/// bytes for the same sequence of calls. **For tests only**: whoever knows the seed knows every byte.
#[derive(Debug)]
pub struct SeededRng {
    key: hmac::Key,
    counter: AtomicU64,
}

impl SeededRng {
    /// A generator whose output is a function of `seed` alone.
    pub fn new(seed: u64) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, &seed.to_be_bytes()), counter: AtomicU64::new(0) }
    }
}

impl Rng for SeededRng {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(digest::SHA256_OUTPUT_LEN) {
            let count = self.counter.fetch_add(1, Ordering::Relaxed);
            let block = hmac::sign(&self.key, &count.to_be_bytes());
            for (to, from) in chunk.iter_mut().zip(block.as_ref()) {
                *to = *from;
            }
        }
    }
}

/// The bytes of a test vector written as hexadecimal digits; `None` when it is anything else.
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    crate::hex::decode(text)
}
