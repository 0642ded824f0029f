//! The ciphertext blob parser: no input panics, and what parses has exactly one encoding, so that parsing it and decrypting
//! under a fixed key either fails cleanly or gives back a plaintext of the announced length.
#![no_main]

use garrison_crypto::LockedSecret;
use garrison_crypto::blob::{Blob, SymmetricKey};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(blob) = Blob::parse(bytes) else { return };
    let material = LockedSecret::copy_of(&[7; 32]).expect("memory");
    let key = SymmetricKey::new(blob.material_id(), &material).expect("32 bytes");
    if let Ok(plaintext) = key.decrypt(&blob, &[]) {
        assert_eq!(plaintext.len(), blob.plaintext_len());
    }
});
