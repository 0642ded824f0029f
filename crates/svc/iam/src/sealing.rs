//! Secrets in records: sealed for the place that they belong to, in base64.

use base64_simd::STANDARD;
use garrison_crypto::{CryptoError, LockedSecret};
use garrison_kernel::{Kernel, errors};
use garrison_schema::ApiError;

/// Seals a secret. It opens only under the same `place`.
///
/// # Errors
/// Sealing failed.
pub(crate) fn seal(kernel: &Kernel, place: &str, secret: &[u8]) -> Result<String, ApiError> {
    let sealed = kernel.sealer().seal(kernel.rng(), place.as_bytes(), secret).map_err(errors::internal)?;
    Ok(STANDARD.encode_to_string(sealed))
}

/// Opens what [`seal`] made.
///
/// # Errors
/// It was not sealed for this place, or was changed.
pub(crate) fn open(kernel: &Kernel, place: &str, sealed: &str) -> Result<LockedSecret, CryptoError> {
    let sealed = STANDARD.decode_to_vec(sealed).map_err(|_| CryptoError::Internal)?;
    kernel.sealer().open(place.as_bytes(), &sealed)
}

#[cfg(test)]
mod tests {
    use garrison_testkit::TestKernel;

    use super::*;

    #[test]
    fn secrets_open_at_their_own_place() {
        let test = TestKernel::new();
        let sealed = seal(&test.kernel, "iam/a/b", b"secret").unwrap();
        assert_eq!(open(&test.kernel, "iam/a/b", &sealed).unwrap().expose(), b"secret");
        assert!(open(&test.kernel, "iam/a/c", &sealed).is_err());
        assert!(open(&test.kernel, "iam/a/b", "#").is_err());
    }
}
