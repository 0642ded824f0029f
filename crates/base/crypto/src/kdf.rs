//! The key derivation of SP 800-108 in counter mode with HMAC-SHA256, for outputs of exactly 32 bytes.
//!
//! One output block is one HMAC: `HMAC(key, 00000001 ‖ label ‖ 00 ‖ context ‖ 00000100)`, where the last field is the
//! output length in bits. The HMAC key schedule is computed once, when the key is loaded.

use crate::LockedSecret;
use crate::stack::swept;
use aws_lc_rs::hmac;
use zeroize::Zeroizing;

/// Bytes that one derivation gives: an AES-256 key.
pub const OUTPUT_LEN: usize = 32;

/// A loaded key-derivation key.
///
/// AWS-LC keeps the two hash states inside the HMAC context (which it cleanses when it is dropped), not the key. It is
/// boxed so that moving the value does not leave copies of those states about, and the stack that it was built on is swept.
pub struct DerivationKey(Box<hmac::Key>);

impl DerivationKey {
    /// Loads `key`, which should have 32 bytes.
    pub fn new(key: &LockedSecret) -> Self {
        Self(swept(|| Box::new(hmac::Key::new(hmac::HMAC_SHA256, key.expose()))))
    }

    /// 32 bytes for the purpose named by `label` (which must not contain a zero byte) and the given `context`.
    pub fn derive(&self, label: &[u8], context: &[u8]) -> Zeroizing<[u8; OUTPUT_LEN]> {
        self.first_block(&[label, &[0], context, &256_u32.to_be_bytes()])
    }

    /// The HMAC of the counter 1 and the fixed input, which is not secret.
    fn first_block(&self, fixed_input: &[&[u8]]) -> Zeroizing<[u8; OUTPUT_LEN]> {
        let mut message = Vec::with_capacity(4 + fixed_input.iter().map(|part| part.len()).sum::<usize>());
        message.extend_from_slice(&1_u32.to_be_bytes());
        fixed_input.iter().for_each(|part| message.extend_from_slice(part));
        let mut output = Zeroizing::new([0; OUTPUT_LEN]);
        // Into our buffer, and not as a `Tag`, which would not wipe itself. The buffer has the length of the hash, so this
        // cannot fail; should it after all, nobody may go on with a key of zeros.
        if swept(|| hmac::sign_to_buffer(&self.0, &message, output.as_mut_slice()).is_err()) {
            std::process::abort();
        }
        output
    }
}

impl std::fmt::Debug for DerivationKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DerivationKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::kdf::{KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac};
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// AWS-LC's own SP 800-108 implementation (validated against NIST's vectors), whose `info` is everything after the
        /// counter.
        #[test]
        fn agrees_with_aws_lc(
            key in any::<[u8; 32]>(),
            label in proptest::collection::vec(1_u8.., 0..40),
            context in proptest::collection::vec(any::<u8>(), 0..80),
        ) {
            let loaded = DerivationKey::new(&LockedSecret::copy_of(&key).expect("memory"));
            let info = [&label[..], &[0], &context, &256_u32.to_be_bytes()].concat();
            let mut expected = [0; OUTPUT_LEN];
            let algorithm = get_kbkdf_ctr_hmac_algorithm(KbkdfCtrHmacAlgorithmId::Sha256).expect("known");
            kbkdf_ctr_hmac(algorithm, &key, &info, &mut expected).expect("derived");
            prop_assert_eq!(*loaded.derive(&label, &context), expected);
        }
    }

    /// NIST CAVP, KDF in counter mode, HMAC-SHA256, 32-bit counter before the fixed input: COUNT 10 (256 bits) and the first
    /// block of COUNT 30 (320 bits).
    #[test]
    fn cavp() {
        let cases = [
            (
                "e204d6d466aad507ffaf6d6dab0a5b26152c9e21e764370464e360c8fbc765c6",
                "7b03b98d9f94b899e591f3ef264b71b193fba7043c7e953cde23bc5384bc1a6293580115fae3495fd845dadbd02bd6455cf48d0f62b3\
                 3e62364a3a80",
                "770dfab6a6a4a4bee0257ff335213f78d8287b4fd537d5c1fffa956910e7c779",
            ),
            (
                "c4bedbddb66493e7c7259a3bbbc25f8c7e0ca7fe284d92d431d9cd99a0d214ac",
                "1c69c54766791e315c2cc5c47ecd3ffab87d0d273dd920e70955814c220eacace6a5946542da3dfe24ff626b4897898cafb7db83bdff\
                 3c14fa46fd4b",
                "1da47638d6c9c4d04d74d4640bbd42ab814d9e8cc22f4326695239f96b0693f1",
            ),
        ];
        for (key, fixed_input, expected) in cases {
            let key = DerivationKey::new(&LockedSecret::copy_of(&from_hex(key)).expect("memory"));
            assert_eq!(key.first_block(&[&from_hex(fixed_input)]).as_slice(), from_hex(expected));
        }
    }

    fn from_hex(text: &str) -> Vec<u8> {
        crate::hex::decode(text).expect("hex")
    }

    #[test]
    fn different_labels_and_contexts_give_different_keys() {
        let key = DerivationKey::new(&LockedSecret::copy_of(&[1; 32]).expect("memory"));
        let outputs =
            [key.derive(b"a", b"b"), key.derive(b"ab", b""), key.derive(b"", b"ab"), key.derive(b"a", b"c")];
        for (i, output) in outputs.iter().enumerate() {
            assert!(outputs.iter().skip(i + 1).all(|other| other != output));
        }
    }
}
