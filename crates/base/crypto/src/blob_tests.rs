use super::*;
use crate::context::canonical_context;
use crate::testing::SeededRng;
use proptest::prelude::*;

fn key(byte: u8) -> SymmetricKey {
    let material = LockedSecret::copy_of(&[byte; 32]).expect("memory");
    SymmetricKey::new(MaterialId::derive(&material, "1234"), &material).expect("32 bytes")
}

fn encrypt(key: &SymmetricKey, plaintext: &[u8], context: &[u8]) -> Vec<u8> {
    key.encrypt(&SeededRng::new(7), plaintext, context).expect("encrypted")
}

#[test]
fn a_data_key_gives_184_bytes_laid_out_as_in_aws() {
    let blob = encrypt(&key(1), &[0xAA; 32], &canonical_context([]));
    assert_eq!(blob.len(), 184);
    assert_eq!(blob[..5], [0x01, 0x02, 0x02, 0x00, 0x78]);
    assert_eq!(blob[37], 0x01, "a nonce follows");
    // The structure of public samples from the length on, up to the IV and after it.
    assert_eq!(
        blob[54..107],
        [
            0x00, 0x00, 0x00, 0x7E, 0x30, 0x7C, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07,
            0x06, 0xA0, 0x6F, 0x30, 0x6D, 0x02, 0x01, 0x00, 0x30, 0x68, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
            0xF7, 0x0D, 0x01, 0x07, 0x01, 0x30, 0x1E, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
            0x01, 0x2E, 0x30, 0x11, 0x04,
        ]
    );
    assert_eq!(blob[107], 0x0C, "a 12-byte IV");
    assert_eq!(blob[120..125], [0x02, 0x01, 0x10, 0x80, 0x3B]);
    assert_eq!(blob.len() - 125, 0x3B);
}

#[test]
fn sizes_and_round_trips() {
    let key = key(1);
    let context = canonical_context([("k", "v")]);
    // (plaintext, blob): 16 and 32 bytes are AWS's data keys; the others cross the DER length boundaries.
    for (len, expected) in [
        (0, 152),
        (1, 153),
        (16, 168),
        (32, 184),
        (33, 185),
        (35, 187),
        (36, 189),
        (100, 256),
        (4096, 4258),
        (65_400, 65_562),
        (65_536, 65_703),
        (MAX_PLAINTEXT_LEN, MAX_BLOB_LEN),
    ] {
        let plaintext: Vec<u8> = (0..len).map(|i| i as u8).collect();
        let bytes = encrypt(&key, &plaintext, &context);
        assert_eq!(bytes.len(), expected, "plaintext of {len}");
        assert_eq!(bytes.capacity(), bytes.len(), "the plaintext was never moved");
        let blob = Blob::parse(&bytes).expect("parsed");
        assert_eq!(blob.plaintext_len(), len);
        assert_eq!(blob.material_id(), key.material_id());
        assert_eq!(*key.decrypt(&blob, &context).expect("decrypted"), plaintext);
    }
    let too_long = vec![0; MAX_PLAINTEXT_LEN + 1];
    assert_eq!(key.encrypt(&SeededRng::new(1), &too_long, &[]), Err(CryptoError::InvalidLength));
}

#[test]
fn no_flipped_bit_decrypts() {
    let key = key(1);
    let context = canonical_context([("purpose", "test")]);
    for len in [32, 200] {
        let bytes = encrypt(&key, &vec![3; len], &context);
        for bit in 0..bytes.len() * 8 {
            let mut altered = bytes.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            if let Ok(blob) = Blob::parse(&altered) {
                // Also under a key that claims to be the one in the header, as a confused lookup might give.
                let lookup = SymmetricKey { material_id: blob.material_id(), derivation: key_derivation(1) };
                assert_eq!(lookup.decrypt(&blob, &context), Err(CryptoError::InvalidCiphertext), "bit {bit}");
            }
        }
    }
}

fn key_derivation(byte: u8) -> DerivationKey {
    DerivationKey::new(&LockedSecret::copy_of(&[byte; 32]).expect("memory"))
}

#[test]
fn another_key_or_context_does_not_decrypt() {
    let context = canonical_context([("k", "v")]);
    let bytes = encrypt(&key(1), b"secret", &context);
    let blob = Blob::parse(&bytes).expect("parsed");
    assert_eq!(key(2).decrypt(&blob, &context), Err(CryptoError::InvalidCiphertext));
    for other in [canonical_context([]), canonical_context([("k", "V")]), vec![]] {
        assert_eq!(key(1).decrypt(&blob, &other), Err(CryptoError::InvalidCiphertext));
    }
}

#[test]
fn a_plaintext_without_the_frame_is_refused() {
    let key = key(1);
    let mut bytes = encrypt(&key, &[], &[]);
    let blob = Blob::parse(&bytes).expect("parsed");
    let (aad, iv) = (associated_data(blob.header, &[]), *blob.iv);
    let mut unframed = vec![0; FRAME.len()];
    let tag = key
        .record_key(blob.nonce)
        .and_then(|k| {
            Ok(k.seal_in_place_separate_tag(Nonce::assume_unique_for_key(iv), Aad::from(aad), &mut unframed)?)
        })
        .expect("sealed");
    let start = bytes.len() - unframed.len() - TAG_LEN;
    bytes[start..start + FRAME.len()].copy_from_slice(&unframed);
    bytes[start + FRAME.len()..].copy_from_slice(tag.as_ref());
    let blob = Blob::parse(&bytes).expect("parsed");
    assert_eq!(key.decrypt(&blob, &[]), Err(CryptoError::InvalidCiphertext));
}

#[test]
fn malformed_blobs_are_refused_with_the_part_at_fault() {
    let good = encrypt(&key(1), &[5; 32], &[]);
    let with = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        Blob::parse(&bytes).err()
    };
    for (at, value) in [(0, 2), (1, 1), (2, 3), (3, 1), (4, 0x79), (37, 0), (57, 0x7F)] {
        assert_eq!(with(at, value), Some(BlobError::Header), "byte {at}");
    }
    for at in [58, 59, 60, 71, 73, 75, 80, 122, 123, 124] {
        assert_eq!(with(at, 0x01), Some(BlobError::Structure), "byte {at}");
    }
    for len in 0..good.len() {
        assert!(Blob::parse(&good[..len]).is_err(), "cut to {len}");
    }
    let longer = [good.as_slice(), &[0]].concat();
    assert_eq!(Blob::parse(&longer).err(), Some(BlobError::Header));
    assert_eq!(Blob::parse(&vec![0; MAX_BLOB_LEN + 1]).err(), Some(BlobError::TooLong));
}

/// A length in long form where the short form would do is another encoding of the same fields, and so is refused.
#[test]
fn only_the_canonical_encoding_parses() {
    let good = encrypt(&key(1), &[5; 32], &[]);
    let mut bytes = good[..124].to_vec();
    bytes.push(0x81);
    bytes.extend_from_slice(&good[124..]);
    for at in [57, 59, 72, 74, 79] {
        bytes[at] += 1; // every enclosing length
    }
    assert_eq!(Blob::parse(&bytes).err(), Some(BlobError::Structure));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = Blob::parse(&bytes);
    }

    /// Bytes that begin like a blob reach the parser's depths more often than arbitrary ones.
    #[test]
    fn spliced_blobs_never_panic(
        len in 0_usize..300,
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = encrypt(&key(1), &vec![1; len], &[]);
        for (at, value) in edits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        bytes.truncate(cut.index(bytes.len() + 1));
        if let Ok(blob) = Blob::parse(&bytes) {
            let _ = key(1).decrypt(&blob, &[]);
        }
    }

    #[test]
    fn what_is_built_parses_and_decrypts(
        plaintext in proptest::collection::vec(any::<u8>(), 0..600),
        seed in any::<u64>(),
        context in proptest::collection::btree_map("[a-z]{0,4}", ".{0,4}", 0..4),
    ) {
        let key = key(1);
        let context = canonical_context(context.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        let bytes = key.encrypt(&SeededRng::new(seed), &plaintext, &context).expect("encrypted");
        let blob = Blob::parse(&bytes).expect("parsed");
        prop_assert_eq!(&*key.decrypt(&blob, &context).expect("decrypted"), &plaintext);
    }
}
