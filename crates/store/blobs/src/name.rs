//! Names of blobs.

use std::fmt;
use std::str::FromStr;

/// A random name: 16 bytes, written as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobName([u8; 16]);

/// The text is not the name of a blob.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the name of a blob has 32 hexadecimal digits in lower case")]
pub struct NotAName;

impl BlobName {
    /// The name of these bytes, which nobody else has: the caller drew them at random.
    pub const fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// Its bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Display for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BlobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobName({self})")
    }
}

impl FromStr for BlobName {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(NotAName),
        };
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return Err(NotAName) };
        let bytes: Vec<u8> = pairs
            .iter()
            .map(|[high, low]| Ok(digit(*high)? << 4 | digit(*low)?))
            .collect::<Result<_, _>>()?;
        bytes.try_into().map(Self).map_err(|_| NotAName)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let name = BlobName::new(std::array::from_fn(|i| i as u8 * 17));
        assert_eq!(name.to_string(), "00112233445566778899aabbccddeeff");
        assert_eq!(name.to_string().parse(), Ok(name));
        for wrong in ["", "0", "../../../../../../../../../etc/p", "00112233445566778899AABBCCDDEEFF"] {
            assert_eq!(wrong.parse::<BlobName>(), Err(NotAName), "{wrong}");
        }
        assert_eq!("00".repeat(17).parse::<BlobName>(), Err(NotAName));
    }
}
