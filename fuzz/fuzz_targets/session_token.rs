//! Session tokens: no text opens that was not issued, and no content that was sealed panics.
#![no_main]

use std::sync::{Arc, LazyLock};

use garrison_crypto::LockedSecret;
use garrison_crypto::kdf::DerivationKey;
use garrison_crypto::seal::{DomainKey, Sealer};
use garrison_crypto::testing::SeededRng;
use garrison_kernel::access_key::AccessKeyIds;
use garrison_kernel::session_token::SessionTokens;
use garrison_types::Timestamp;
use libfuzzer_sys::fuzz_target;

const ID: &str = "ASIAFUZZFUZZFUZZFUZZ";
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

static PARTS: LazyLock<(Arc<Sealer>, SessionTokens)> = LazyLock::new(|| {
    let rng = SeededRng::new(1);
    let sealer = Arc::new(DomainKey::generate(&rng).expect("memory").into_sealer());
    let key = DerivationKey::new(&LockedSecret::random(32, &rng).expect("memory"));
    let tokens = SessionTokens::new(Arc::clone(&sealer), Arc::new(AccessKeyIds::new(key)), 4);
    (sealer, tokens)
});

fuzz_target!(|bytes: &[u8]| {
    let (sealer, tokens) = &*PARTS;
    if let Ok(text) = std::str::from_utf8(bytes) {
        assert!(tokens.open(text, ID, NOW).is_err(), "a token was guessed");
        assert!(tokens.open_trade_in(text, NOW).is_err(), "a token was guessed");
    }
    // What only this installation could have sealed, with any content.
    let rng = SeededRng::new(bytes.len() as u64);
    let place = [b"session-token\0", ID.as_bytes()].concat();
    let content = [&[b'x'; 40], bytes].concat();
    if let Ok(sealed) = sealer.seal(&rng, &place, &content) {
        let _ = tokens.open(&base64(&sealed), ID, NOW);
    }
    if let Ok(sealed) = sealer.seal(&rng, b"trade-in-token\0", bytes) {
        let _ = tokens.open_trade_in(&base64(&sealed), NOW);
    }
    tokens.forget();
});

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let value = (word >> (18 - 6 * digit)) & 63;
            text.push(if digit > chunk.len() { '=' } else { char::from(DIGITS[value as usize]) });
        }
    }
    text
}
