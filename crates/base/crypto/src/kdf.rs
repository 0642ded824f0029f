//! The key derivation of SP 800-108 in counter mode with HMAC-SHA256, for outputs of exactly 32 bytes.
//!
//! One output block is one HMAC: `HMAC(key, 00000001 ‖ label ‖ 00 ‖ context ‖ 00000100)`, where the last field is the
//! output length in bits. The HMAC key schedule is computed once, when the key is loaded.

use crate::LockedSecret;
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

/// Bytes that one derivation gives: an AES-256 key.
pub const OUTPUT_LEN: usize = 32;

/// A loaded key-derivation key.
///
/// AWS-LC keeps the two hash states inside the HMAC context (which it cleanses when it is dropped), not the key. It is
/// boxed so that moving the value does not leave copies of those states about.
pub struct DerivationKey(Box<hmac::Key>);

impl DerivationKey {
    /// Loads `key`, which should have 32 bytes.
    pub fn new(key: &LockedSecret) -> Self {
        Self(Box::new(hmac::Key::new(hmac::HMAC_SHA256, key.expose())))
    }

    /// 32 bytes for the purpose named by `label` (which must not contain a zero byte) and the given `context`.
    pub fn derive(&self, label: &[u8], context: &[u8]) -> Zeroizing<[u8; OUTPUT_LEN]> {
        let mut mac = hmac::Context::with_key(&self.0);
        mac.update(&1_u32.to_be_bytes());
        mac.update(label);
        mac.update(&[0]);
        mac.update(context);
        mac.update(&256_u32.to_be_bytes());
        let mut output = Zeroizing::new([0; OUTPUT_LEN]);
        // The tag type does not wipe itself and is `Copy`; it lives in this frame only.
        let tag = mac.sign();
        output.iter_mut().zip(tag.as_ref()).for_each(|(to, from)| *to = *from);
        output
    }
}

impl std::fmt::Debug for DerivationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DerivationKey")
    }
}
