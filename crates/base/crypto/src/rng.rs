//! Randomness as a parameter.

use std::convert::Infallible;

/// A source of cryptographically strong random bytes.
pub trait Rng: Send + Sync {
    /// Fills `out` with random bytes.
    fn fill(&self, out: &mut [u8]);
}

/// AWS-LC's generator: CTR-DRBG (SP 800-90A), seeded from the operating system, one state per thread.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, out: &mut [u8]) {
        // AWS-LC aborts the process when the operating system gives it no entropy, so an error has no further meaning
        // here; should one come after all, no caller may ever go on with bytes that were not filled.
        if aws_lc_rs::rand::fill(out).is_err() {
            std::process::abort();
        }
    }
}

/// Lets an [`Rng`] drive the crates that take a `rand_core` generator.
pub(crate) struct Adapter<'a>(pub(crate) &'a dyn Rng);

impl rand_core::TryRng for Adapter<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.0.fill(out);
        Ok(())
    }
}

impl rand_core::TryCryptoRng for Adapter<'_> {}
