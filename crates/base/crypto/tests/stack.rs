//! Nothing of a key's hash states stays in the process once the key is dropped: not on the stack either, where AWS-LC's
//! interface builds and clones its contexts.
#![cfg(target_os = "linux")]
#![allow(clippy::expect_used, reason = "a failed expectation is a failed test")]

use std::fs::File;
use std::os::unix::fs::FileExt;

use garrison_crypto::LockedSecret;
use garrison_crypto::kdf::DerivationKey;
use garrison_crypto::keys::{KeySpec, MacAlgorithm, MacKey};

/// The first halves of the SHA-256 states of the inner and the outer hash under the key 00 01 … 1f, as they are in memory,
/// each byte changed by [`MASK`]: this file's own constants must not be what is found.
const STATES: [[u8; 16]; 2] = [
    [0xb9, 0xcf, 0x08, 0x28, 0x85, 0xc9, 0xb6, 0xdc, 0xc4, 0xeb, 0x8c, 0x16, 0xab, 0x99, 0x23, 0xc9],
    [0xcd, 0x79, 0xcd, 0x89, 0x21, 0xc5, 0x73, 0xb5, 0xe7, 0xe5, 0x64, 0x01, 0xcf, 0x58, 0x04, 0x56],
];
const MASK: u8 = 0xAA;

fn material() -> LockedSecret {
    LockedSecret::new_with(32, |bytes| bytes.iter_mut().zip(0..).for_each(|(byte, at)| *byte = at))
        .expect("memory")
}

/// How many copies of a state are in memory that the process can write.
fn copies() -> usize {
    let memory = File::open("/proc/self/mem").expect("readable");
    let maps = std::fs::read_to_string("/proc/self/maps").expect("readable");
    let mut block = vec![0; 1 << 16];
    let mut found = 0;
    for line in maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|mode| mode.starts_with("rw")))
    {
        let (start, end) = line.split(' ').next().and_then(|range| range.split_once('-')).expect("a range");
        let number = |hex| u64::from_str_radix(hex, 16).expect("hexadecimal");
        let (mut at, end) = (number(start), number(end));
        while at < end {
            let Ok(count) = memory.read_at(&mut block, at) else { break };
            let read = block.get(..count).unwrap_or_default();
            let is_state = |window: &[u8]| {
                STATES
                    .iter()
                    .any(|state| window.iter().zip(state).all(|(found, masked)| found ^ MASK == *masked))
            };
            // A state is aligned to four bytes at least.
            found += read.windows(16).step_by(4).filter(|window| is_state(window)).count();
            // What was read is a copy itself, and must not be found by the next search.
            block.fill(0);
            // One that lies across two blocks is in neither: overlap them.
            at += (count as u64).saturating_sub(12).max(4);
        }
    }
    found
}

#[test]
fn no_hash_state_outlives_its_key() {
    let mac = MacKey::load(KeySpec::Hmac256, &material()).expect("loaded");
    for _ in 0..3 {
        let made = mac.mac(MacAlgorithm::HmacSha256, b"message").expect("made");
        mac.verify_mac(MacAlgorithm::HmacSha256, b"message", &made).expect("verified");
    }
    assert_ne!(copies(), 0, "the loaded key has its states, and they are found");
    drop(mac);
    assert_eq!(copies(), 0);

    let derivation = DerivationKey::new(&material());
    for _ in 0..3 {
        derivation.derive(b"label", b"context");
    }
    assert_ne!(copies(), 0, "the loaded key has its states, and they are found");
    drop(derivation);
    assert_eq!(copies(), 0);
}
