//! Checksums of objects: computed while bytes pass, and put together from those of parts.
//!
//! Source: Amazon S3 User Guide, "Checking object integrity in Amazon S3".

use aws_lc_rs::digest;
use crc_fast::{CrcAlgorithm, Digest, checksum_combine};
use garrison_schema::ApiError;
use serde::{Deserialize, Serialize};

use crate::error;

/// The algorithms that are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Algorithm {
    #[serde(rename = "CRC32")]
    Crc32,
    #[serde(rename = "CRC32C")]
    Crc32c,
    #[serde(rename = "CRC64NVME")]
    Crc64Nvme,
    #[serde(rename = "SHA1")]
    Sha1,
    #[serde(rename = "SHA256")]
    Sha256,
}

impl Algorithm {
    /// Every one of them.
    pub(crate) const ALL: [Self; 5] = [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Sha1, Self::Sha256];

    /// Its name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The algorithm of this name.
    ///
    /// # Errors
    /// `NotImplemented` for those that S3 has beside them, `InvalidRequest` for others.
    pub(crate) fn parse(name: &str) -> Result<Self, ApiError> {
        match Self::ALL.into_iter().find(|algorithm| algorithm.name() == name) {
            Some(algorithm) => Ok(algorithm),
            None if ["SHA512", "MD5", "XXHASH64", "XXHASH3", "XXHASH128"].contains(&name) => {
                Err(error::not_built(format!("Checksums of the algorithm {name} are not built.")))
            }
            None => Err(error::invalid_request(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
            )),
        }
    }

    /// How many bytes a value has.
    pub(crate) const fn len(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    const fn crc(self) -> Option<CrcAlgorithm> {
        match self {
            Self::Crc32 => Some(CrcAlgorithm::Crc32IsoHdlc),
            Self::Crc32c => Some(CrcAlgorithm::Crc32Iscsi),
            Self::Crc64Nvme => Some(CrcAlgorithm::Crc64Nvme),
            Self::Sha1 | Self::Sha256 => None,
        }
    }

    /// Whether the checksum of a whole follows from those of its parts.
    pub(crate) const fn combines(self) -> bool {
        self.crc().is_some()
    }
}

/// A checksum as S3 shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checksum {
    pub(crate) algorithm: Algorithm,
    /// Base64; a composite one ends in `-` and the number of parts.
    pub(crate) value: String,
    /// It is made of those of the parts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) composite: bool,
}

impl Checksum {
    /// The value of this algorithm, for one member of an output.
    pub(crate) fn of(&self, algorithm: Algorithm) -> Option<String> {
        (self.algorithm == algorithm).then(|| self.value.clone())
    }
}

/// A checksum that is being computed.
pub(crate) enum Hasher {
    Crc(Algorithm, Box<Digest>),
    Sha(Algorithm, digest::Context),
}

impl Hasher {
    /// Over no bytes yet.
    pub(crate) fn new(algorithm: Algorithm) -> Self {
        let crc = |kind| Self::Crc(algorithm, Box::new(Digest::new(kind)));
        match algorithm {
            Algorithm::Crc32 => crc(CrcAlgorithm::Crc32IsoHdlc),
            Algorithm::Crc32c => crc(CrcAlgorithm::Crc32Iscsi),
            Algorithm::Crc64Nvme => crc(CrcAlgorithm::Crc64Nvme),
            Algorithm::Sha1 => Self::Sha(algorithm, digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY)),
            Algorithm::Sha256 => Self::Sha(algorithm, digest::Context::new(&digest::SHA256)),
        }
    }

    /// Over more bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(_, crc) => crc.update(bytes),
            Self::Sha(_, context) => context.update(bytes),
        }
    }

    /// What it is.
    pub(crate) fn finish(self) -> Checksum {
        let (algorithm, bytes) = match self {
            Self::Crc(algorithm, crc) => (algorithm, shown(algorithm, crc.finalize())),
            Self::Sha(algorithm, context) => (algorithm, context.finish().as_ref().to_vec()),
        };
        Checksum { algorithm, value: base64_simd::STANDARD.encode_to_string(bytes), composite: false }
    }
}

fn shown(algorithm: Algorithm, value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    bytes.get(bytes.len() - algorithm.len()..).unwrap_or_default().to_vec()
}

/// The checksum of parts' checksums: that of their bytes one after the other, `-`, how many there are.
pub(crate) fn composite<'a>(
    algorithm: Algorithm,
    parts: impl Iterator<Item = &'a Checksum>,
) -> Option<Checksum> {
    let (mut hasher, mut count) = (Hasher::new(algorithm), 0);
    for part in parts {
        hasher.update(&bytes_of(part)?);
        count += 1;
    }
    let value = format!("{}-{count}", hasher.finish().value);
    Some(Checksum { algorithm, value, composite: true })
}

/// The checksum of the whole, from those of the parts and their sizes; `None` for algorithms that do not allow it.
pub(crate) fn whole<'a>(
    algorithm: Algorithm,
    parts: impl Iterator<Item = (&'a Checksum, u64)>,
) -> Option<Checksum> {
    let crc = algorithm.crc()?;
    let mut value = Digest::new(crc).finalize();
    for (part, size) in parts {
        let own = bytes_of(part)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        value = checksum_combine(crc, value, own, size);
    }
    let value = base64_simd::STANDARD.encode_to_string(shown(algorithm, value));
    Some(Checksum { algorithm, value, composite: false })
}

fn bytes_of(checksum: &Checksum) -> Option<Vec<u8>> {
    base64_simd::STANDARD.decode_to_vec(&checksum.value).ok()
}

/// Whether a caller's value of an algorithm can be one.
pub(crate) fn is_value(algorithm: Algorithm, value: &str) -> bool {
    base64_simd::STANDARD.decode_to_vec(value).is_ok_and(|bytes| bytes.len() == algorithm.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(algorithm: Algorithm, bytes: &[u8]) -> Checksum {
        let mut hasher = Hasher::new(algorithm);
        let (a, b) = bytes.split_at(bytes.len() / 3);
        hasher.update(a);
        hasher.update(b);
        hasher.finish()
    }

    /// The check values of the catalogues: of the digits 1 to 9.
    #[test]
    fn known_values() {
        for (algorithm, hex) in [
            (Algorithm::Crc32, "cbf43926"),
            (Algorithm::Crc32c, "e3069283"),
            (Algorithm::Crc64Nvme, "ae8b14860a799888"),
            (Algorithm::Sha1, "f7c3bc1d808e04732adf679965ccc34ca7ae3441"),
            (Algorithm::Sha256, "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"),
        ] {
            let bytes = bytes_of(&of(algorithm, b"123456789")).unwrap();
            let shown: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(shown, hex, "{algorithm:?}");
        }
    }

    #[test]
    fn the_whole_follows_from_the_parts() {
        let bytes: Vec<u8> = (0..100_000_u32).map(|i| (i * 7 % 251) as u8).collect();
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            for cut in [0, 1, 50_000, 99_999, 100_000] {
                let (a, b) = bytes.split_at(cut);
                let parts = [(of(algorithm, a), a.len() as u64), (of(algorithm, b), b.len() as u64)];
                let whole = whole(algorithm, parts.iter().map(|(checksum, size)| (checksum, *size)));
                assert_eq!(whole, Some(of(algorithm, &bytes)), "{algorithm:?} {cut}");
            }
        }
        assert_eq!(whole(Algorithm::Sha1, std::iter::empty()), None);
    }

    #[test]
    fn names() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::parse(algorithm.name()).unwrap(), algorithm);
        }
        assert_eq!(Algorithm::parse("XXHASH3").unwrap_err().schema.name, "NotImplemented");
        assert_eq!(Algorithm::parse("ADLER").unwrap_err().schema.name, "InvalidRequest");
    }
}
