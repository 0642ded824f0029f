//! Encoded authorization messages: why a call was denied, sealed, so that only who may decode them reads them.
//!
//! Source: AWS STS API Reference, "DecodeAuthorizationMessage".

use garrison_crypto::seal::Sealer;
use garrison_crypto::{CryptoError, Rng};
use garrison_types::AccountId;

/// The longest encoded message, in characters. Source: `encodedMessageType` of the model.
pub const MAX_ENCODED_LEN: usize = 10_240;

/// Encodes a message (JSON, as AWS's is) for an account's eyes. None when it is too long.
///
/// # Errors
/// Sealing failed.
pub fn encode(
    sealer: &Sealer,
    rng: &dyn Rng,
    account: AccountId,
    message: &str,
) -> Result<Option<String>, CryptoError> {
    let sealed = sealer.seal(rng, &place(account), message.as_bytes())?;
    let encoded = base64_simd::URL_SAFE_NO_PAD.encode_to_string(&sealed);
    Ok((encoded.len() <= MAX_ENCODED_LEN).then_some(encoded))
}

/// The message that was encoded for the account; none for anything else.
pub fn decode(sealer: &Sealer, account: AccountId, encoded: &str) -> Option<String> {
    if encoded.len() > MAX_ENCODED_LEN {
        return None;
    }
    let sealed = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(encoded).ok()?;
    let message = sealer.open(&place(account), &sealed).ok()?;
    String::from_utf8(message.expose().to_vec()).ok()
}

/// What the seal is bound to. No record of the store has such a key.
fn place(account: AccountId) -> Vec<u8> {
    [b"authorization-message\0", account.as_str().as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use garrison_crypto::seal::DomainKey;
    use garrison_crypto::testing::SeededRng;

    use super::*;

    #[test]
    fn only_its_account_decodes_a_message() {
        let rng = SeededRng::new(1);
        let sealer = DomainKey::generate(&rng).unwrap().into_sealer();
        let (own, other) = ("111122223333".parse().unwrap(), "444455556666".parse().unwrap());
        let encoded = encode(&sealer, &rng, own, "{\"allowed\":false}").unwrap().unwrap();
        assert_eq!(decode(&sealer, own, &encoded).as_deref(), Some("{\"allowed\":false}"));
        assert_eq!(decode(&sealer, other, &encoded), None);
        assert_eq!(decode(&sealer, own, encoded.get(1..).unwrap()), None);
        assert_eq!(decode(&sealer, own, &"A".repeat(MAX_ENCODED_LEN + 1)), None);
        assert_eq!(encode(&sealer, &rng, own, &"x".repeat(MAX_ENCODED_LEN)).unwrap(), None);
    }
}
