//! The ciphertext blob parser: no input panics; what parses either fails to decrypt or gives back a plaintext of the announced
//! length; and a blob that decrypts does not do so under another context, or with any one of its bits changed.
#![no_main]

use garrison_crypto::LockedSecret;
use garrison_crypto::blob::{Blob, SymmetricKey};
use garrison_crypto::context::canonical_context;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let contexts = [Vec::new(), canonical_context([("tenant", "blue")])];
    let opens = contexts.iter().filter(|context| decrypts(bytes, context)).count();
    assert!(opens <= 1, "two contexts open one blob");
    if opens == 1 {
        // Which bit is chosen by what is in the blob, so that a finding repeats.
        let sum = bytes.iter().fold(0_usize, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(*byte)));
        let mut changed = bytes.to_vec();
        changed[sum / 8 % bytes.len()] ^= 1 << (sum % 8);
        assert!(!contexts.iter().any(|context| decrypts(&changed, context)), "a changed blob opens");
    }
});

fn decrypts(bytes: &[u8], context: &[u8]) -> bool {
    let Ok(blob) = Blob::parse(bytes) else { return false };
    let material = LockedSecret::copy_of(&[7; 32]).expect("memory");
    let key = SymmetricKey::new(blob.material_id(), &material).expect("32 bytes");
    let Ok(plaintext) = key.decrypt(&blob, context) else { return false };
    assert_eq!(plaintext.len(), blob.plaintext_len());
    true
}
