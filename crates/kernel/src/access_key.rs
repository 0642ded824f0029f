//! Access key ids: made so that Garrison knows its own by their form.
//!
//! An id is a prefix of four letters and sixteen characters of base32 (RFC 4648 alphabet), 80 bits in all: one
//! zero bit and the 40-bit account number, as AWS's ids carry it, then 19 random bits and 20 check bits keyed by
//! a secret of this installation. An id with good check bits was issued here, so that an unknown one of that
//! form is refused even in development mode, where any other id is taken unverified.
//!
//! Source of the prefixes: AWS IAM User Guide, "IAM identifiers" (`AKIA` access key, `ASIA` temporary).

use garrison_crypto::kdf::DerivationKey;
use garrison_types::AccountId;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const CHECK_BITS: u32 = 20;
const RANDOM_BITS: u32 = 19;

/// What kind of credential an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessKeyKind {
    /// A long-term key: `AKIA`.
    LongTerm,
    /// A session's key: `ASIA`.
    Temporary,
}

impl AccessKeyKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::LongTerm => "AKIA",
            Self::Temporary => "ASIA",
        }
    }
}

/// Makes and recognises ids with the installation's key.
pub struct AccessKeyIds {
    key: DerivationKey,
}

impl AccessKeyIds {
    /// With the secret that the check bits are keyed by.
    pub fn new(key: DerivationKey) -> Self {
        Self { key }
    }

    /// The id for `account` with 19 bits of `random`.
    pub fn issue(&self, kind: AccessKeyKind, account: AccountId, random: u32) -> String {
        let payload =
            (u128::from(account.to_u64()) << RANDOM_BITS) | u128::from(random & ((1 << RANDOM_BITS) - 1));
        let bits = (payload << CHECK_BITS) | self.check(kind.prefix(), payload);
        let mut id = kind.prefix().to_owned();
        id.extend((0..16).rev().filter_map(|i| {
            let digit = usize::try_from((bits >> (5 * i)) & 31).ok()?;
            ALPHABET.get(digit).map(|c| char::from(*c))
        }));
        id
    }

    /// The account of an id that was issued here; none for any other string.
    pub fn recognise(&self, id: &str) -> Option<AccountId> {
        let kind = [AccessKeyKind::LongTerm, AccessKeyKind::Temporary]
            .into_iter()
            .find(|k| id.starts_with(k.prefix()))?;
        let digits = id.strip_prefix(kind.prefix()).filter(|digits| digits.len() == 16)?;
        let bits = digits.bytes().try_fold(0_u128, |bits, digit| {
            let value = ALPHABET.iter().position(|c| *c == digit)?;
            Some((bits << 5) | u128::try_from(value).ok()?)
        })?;
        let payload = bits >> CHECK_BITS;
        let expected = self.check(kind.prefix(), payload);
        if bits & ((1 << CHECK_BITS) - 1) != expected {
            return None;
        }
        AccountId::from_u64(u64::try_from(payload >> RANDOM_BITS).ok()?)
    }

    fn check(&self, prefix: &str, payload: u128) -> u128 {
        let mut id = prefix.as_bytes().to_vec();
        id.extend(payload.to_be_bytes());
        let tag = self.key.derive(b"access-key-id", &id);
        tag.iter().take(4).fold(0_u128, |n, byte| (n << 8) | u128::from(*byte)) & ((1 << CHECK_BITS) - 1)
    }
}

#[cfg(test)]
mod tests {
    use garrison_crypto::LockedSecret;

    use super::*;

    fn ids(secret: u8) -> AccessKeyIds {
        AccessKeyIds::new(DerivationKey::new(&LockedSecret::copy_of(&[secret; 32]).unwrap()))
    }

    #[test]
    fn an_issued_id_is_recognised_and_others_are_not() {
        let installed = ids(7);
        let account: AccountId = "123456789012".parse().unwrap();
        for kind in [AccessKeyKind::LongTerm, AccessKeyKind::Temporary] {
            let id = installed.issue(kind, account, 0x0007_ffff);
            assert_eq!(id.len(), 20);
            assert!(id.starts_with(kind.prefix()));
            assert_eq!(installed.recognise(&id), Some(account));
            assert_eq!(ids(8).recognise(&id), None, "another installation's");
            let mut other = id.into_bytes();
            let last = other.last_mut().unwrap();
            *last = if *last == b'A' { b'B' } else { b'A' };
            assert_eq!(installed.recognise(std::str::from_utf8(&other).unwrap()), None);
        }
        for foreign in ["", "test", "AKIA", "AKIAIOSFODNN7EXAMPLE", "123456789012", "AKIAaaaaaaaaaaaaaaaa"] {
            assert_eq!(installed.recognise(foreign), None, "{foreign}");
        }
    }
}
