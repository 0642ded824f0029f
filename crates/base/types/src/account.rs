//! Account ids.

use std::fmt;
use std::str::FromStr;

/// An AWS account id: exactly twelve ASCII digits.
///
/// Source: AWS General Reference, "AWS account identifiers".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

/// The string was not twelve ASCII digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an account id: it must be twelve digits")]
pub struct InvalidAccountId(String);

impl AccountId {
    /// The account that an unverified access key belongs to in development mode when it names none.
    pub const ZERO: Self = Self(*b"000000000000");

    /// The id as text.
    pub fn as_str(&self) -> &str {
        // The bytes are ASCII digits by construction, so the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or("000000000000")
    }

    /// The id as a number, below 10^12: the form that access key ids carry.
    pub fn to_u64(self) -> u64 {
        self.0.iter().fold(0, |n, digit| n * 10 + u64::from(digit - b'0'))
    }

    /// The account whose id is the number `n`, or `None` when it has more than twelve digits.
    pub fn from_u64(n: u64) -> Option<Self> {
        format!("{n:012}").parse().ok()
    }
}

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: [u8; 12] =
            text.as_bytes().try_into().map_err(|_| InvalidAccountId(text.chars().take(64).collect()))?;
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(Self(digits))
        } else {
            Err(InvalidAccountId(text.to_owned()))
        }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_twelve_digits_are_an_account() {
        for bad in ["", "12345678901", "1234567890123", "12345678901a", "１２３４５６７８９０１２"]
        {
            assert!(bad.parse::<AccountId>().is_err(), "{bad}");
        }
        let id: AccountId = "012345678901".parse().unwrap();
        assert_eq!(id.to_string(), "012345678901");
        assert_eq!(AccountId::from_u64(id.to_u64()), Some(id));
        assert_eq!(AccountId::from_u64(1_000_000_000_000), None);
    }
}
