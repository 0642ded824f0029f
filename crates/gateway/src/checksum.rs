//! Checksums of bodies, as S3's clients send them: in headers, or behind the body.
//!
//! Source: Amazon S3 User Guide, "Checking object integrity for data uploads in Amazon S3".

use aws_lc_rs::digest;
use base64_simd::STANDARD;
use garrison_schema::{ApiError, Checksum};
use garrison_sigv4::Trailer;
use md5::{Digest as _, Md5};

use crate::refusals;

/// The prefix of a checksum's header.
const PREFIX: &str = "x-amz-checksum-";
/// Headers with that prefix that say something of an object's checksum, not what a body's is.
const ABOUT: [&str; 3] = ["algorithm", "mode", "type"];

/// The algorithms that are verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Md5,
    Sha1,
    Sha256,
    Sha512,
}

impl Algorithm {
    const ALL: [Self; 7] =
        [Self::Crc32, Self::Crc32c, Self::Crc64Nvme, Self::Md5, Self::Sha1, Self::Sha256, Self::Sha512];

    /// For example `CRC32C`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Crc64Nvme => "CRC64NVME",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha512 => "SHA512",
        }
    }

    const fn len(self) -> usize {
        match self {
            Self::Crc32 | Self::Crc32c => 4,
            Self::Crc64Nvme => 8,
            Self::Md5 => 16,
            Self::Sha1 => 20,
            Self::Sha256 => 32,
            Self::Sha512 => 64,
        }
    }

    /// The algorithm of `x-amz-checksum-…`.
    fn of_header(name: &str) -> Result<Self, ApiError> {
        let short = name.strip_prefix(PREFIX).unwrap_or_default();
        let found = Self::ALL.into_iter().find(|algorithm| algorithm.name().eq_ignore_ascii_case(short));
        found.ok_or_else(|| match short {
            "xxhash64" | "xxhash3" | "xxhash128" => {
                refusals::not_built(format!("Garrison does not have the checksum algorithm {short} yet."))
            }
            _ => refusals::invalid_request(format!("Value for {name} header is invalid.")),
        })
    }

    /// The bytes of a value; Base64 of the right length.
    fn decode(self, value: &str) -> Option<Vec<u8>> {
        STANDARD.decode_to_vec(value).ok().filter(|bytes| bytes.len() == self.len())
    }
}

/// A checksum that is being computed.
enum Running {
    /// With the number of bytes of a value.
    Crc(usize, Box<crc_fast::Digest>),
    Md5(Md5),
    Sha(digest::Context),
}

impl Running {
    fn new(algorithm: Algorithm) -> Self {
        let crc = |kind| Self::Crc(algorithm.len(), Box::new(crc_fast::Digest::new(kind)));
        let sha = |kind| Self::Sha(digest::Context::new(kind));
        match algorithm {
            Algorithm::Crc32 => crc(crc_fast::CrcAlgorithm::Crc32IsoHdlc),
            Algorithm::Crc32c => crc(crc_fast::CrcAlgorithm::Crc32Iscsi),
            Algorithm::Crc64Nvme => crc(crc_fast::CrcAlgorithm::Crc64Nvme),
            Algorithm::Md5 => Self::Md5(Md5::new()),
            Algorithm::Sha1 => sha(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            Algorithm::Sha256 => sha(&digest::SHA256),
            Algorithm::Sha512 => sha(&digest::SHA512),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Crc(_, crc) => crc.update(bytes),
            Self::Md5(md5) => md5.update(bytes),
            Self::Sha(sha) => sha.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Crc(length, crc) => {
                let bytes = crc.finalize().to_be_bytes();
                bytes.get(bytes.len() - length..).unwrap_or_default().to_vec()
            }
            Self::Md5(md5) => md5.finalize().to_vec(),
            Self::Sha(sha) => sha.finish().as_ref().to_vec(),
        }
    }
}

/// What a body's checksum must be.
enum Wanted {
    /// `Content-MD5`.
    Md5(Vec<u8>),
    /// A header.
    Header(Algorithm, Vec<u8>),
    /// What the trailer of this name says.
    Trailer(Algorithm, String),
}

/// Every checksum that a request states of its body.
#[derive(Default)]
pub(crate) struct Checksums(Vec<(Wanted, Running)>);

/// Who verifies the checksums that stand in headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InHeaders {
    /// This module.
    Here,
    /// The operation, whose input has them, and which computes them anyway to keep them.
    Operation,
}

impl Checksums {
    /// Reads the head of a request to an operation with these traits; `header` gives a header's value.
    ///
    /// # Errors
    /// A checksum that is none, or several, or none where the operation demands one.
    pub(crate) fn of(
        headers: &[(&str, &[u8])],
        traits: Option<&Checksum>,
        in_headers: InHeaders,
    ) -> Result<Self, ApiError> {
        let text = |value: &[u8]| String::from_utf8_lossy(value.trim_ascii()).into_owned();
        let find = |name: &str| headers.iter().find(|(own, _)| *own == name).map(|(_, value)| text(value));
        let mut wanted = Vec::new();
        let md5 = find("content-md5");
        if let Some(value) = &md5 {
            let bytes = Algorithm::Md5.decode(value).ok_or_else(refusals::invalid_digest)?;
            if in_headers == InHeaders::Here {
                wanted.push(Wanted::Md5(bytes));
            }
        }
        let Some(traits) =
            traits.filter(|traits| traits.request_algorithm.is_some() || traits.request_required)
        else {
            return Ok(Self::new(wanted));
        };
        let mut stated = None;
        for (name, value) in headers.iter().filter(|(name, _)| is_checksum(name)) {
            let algorithm = Algorithm::of_header(name)?;
            if stated.replace(algorithm).is_some() {
                return Err(refusals::invalid_request(
                    "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
                ));
            }
            let bytes = algorithm.decode(&text(value));
            let bytes = bytes
                .ok_or_else(|| refusals::invalid_request(format!("Value for {name} header is invalid.")))?;
            if in_headers == InHeaders::Here {
                wanted.push(Wanted::Header(algorithm, bytes));
            }
        }
        for name in find("x-amz-trailer").iter().flat_map(|names| names.split(',')) {
            let name = name.trim().to_ascii_lowercase();
            if is_checksum(&name) {
                let algorithm = Algorithm::of_header(&name)?;
                stated = Some(algorithm);
                wanted.push(Wanted::Trailer(algorithm, name));
            }
        }
        match (find("x-amz-sdk-checksum-algorithm"), stated) {
            (Some(named), Some(stated)) if !named.eq_ignore_ascii_case(stated.name()) => {
                return Err(refusals::invalid_request(
                    "Value for x-amz-sdk-checksum-algorithm header is invalid.",
                ));
            }
            (Some(_), None) => {
                return Err(refusals::invalid_request(
                    "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer \
                     headers were found.",
                ));
            }
            (None, None) if traits.request_required && md5.is_none() => {
                return Err(refusals::invalid_request(
                    "Missing required header for this request: Content-MD5 OR x-amz-checksum-*",
                ));
            }
            _ => {}
        }
        Ok(Self::new(wanted))
    }

    fn new(wanted: Vec<Wanted>) -> Self {
        let running = |wanted| {
            let algorithm = match &wanted {
                Wanted::Md5(_) => Algorithm::Md5,
                Wanted::Header(algorithm, _) | Wanted::Trailer(algorithm, _) => *algorithm,
            };
            (wanted, Running::new(algorithm))
        };
        Self(wanted.into_iter().map(running).collect())
    }

    /// More of the body, without its framing.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.iter_mut().for_each(|(_, running)| running.update(bytes));
    }

    /// Compares, at the end of the body.
    ///
    /// # Errors
    /// A checksum is another one, or a trailer that was announced is not there, or one is there that was not.
    pub(crate) fn verify(self, trailers: &[Trailer]) -> Result<(), ApiError> {
        let announced = |trailer: &Trailer| {
            self.0
                .iter()
                .any(|(wanted, _)| matches!(wanted, Wanted::Trailer(_, name) if *name == trailer.name))
        };
        if trailers.iter().any(|trailer| is_checksum(&trailer.name) && !announced(trailer)) {
            return Err(refusals::malformed_trailer());
        }
        for (wanted, running) in self.0 {
            let computed = running.finish();
            match wanted {
                Wanted::Md5(stated) if stated == computed => {}
                Wanted::Md5(_) => return Err(refusals::bad_digest("Content-MD5", "what we received")),
                Wanted::Header(_, stated) if stated == computed => {}
                Wanted::Header(algorithm, _) => return Err(other_checksum(algorithm)),
                Wanted::Trailer(algorithm, name) => {
                    let trailer = trailers.iter().find(|trailer| trailer.name == name);
                    let trailer = trailer.ok_or_else(refusals::malformed_trailer)?;
                    let stated = algorithm.decode(&trailer.value).ok_or_else(|| {
                        refusals::invalid_request(format!("Value for {name} trailing header is invalid."))
                    })?;
                    if stated != computed {
                        return Err(other_checksum(algorithm));
                    }
                }
            }
        }
        Ok(())
    }
}

fn other_checksum(algorithm: Algorithm) -> ApiError {
    refusals::bad_digest(algorithm.name(), "the calculated checksum")
}

fn is_checksum(name: &str) -> bool {
    name.strip_prefix(PREFIX).is_some_and(|short| !ABOUT.contains(&short))
}

/// The algorithm that `x-amz-trailer` announces, when it announces one.
pub(crate) fn announced(trailer: &str) -> Option<&'static str> {
    let names = trailer.split(',').map(|name| name.trim().to_ascii_lowercase());
    names
        .filter(|name| is_checksum(name))
        .find_map(|name| Algorithm::of_header(&name).ok())
        .map(Algorithm::name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOME: Checksum = Checksum {
        request_algorithm: Some("ChecksumAlgorithm"),
        request_required: false,
        validation_mode: None,
        response_algorithms: &[],
    };
    const REQUIRED: Checksum = Checksum { request_required: true, ..SOME };

    fn outcome(
        headers: &[(&str, &str)],
        traits: &Checksum,
        trailers: &[(&str, &str)],
    ) -> Result<(), (&'static str, String)> {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let trailers: Vec<_> = trailers
            .iter()
            .map(|(name, value)| Trailer { name: (*name).to_owned(), value: (*value).to_owned() })
            .collect();
        let result = Checksums::of(&headers, Some(traits), InHeaders::Here).and_then(|mut sums| {
            sums.update(b"1234");
            sums.update(b"56789");
            sums.verify(&trailers)
        });
        result.map_err(|error| (error.schema.name, error.message))
    }

    /// Of the digits 1 to 9: the check values of the catalogue of CRCs, and the others as `openssl dgst` has them.
    const DIGITS: [(&str, &str); 7] = [
        ("x-amz-checksum-crc32", "y/Q5Jg=="),
        ("x-amz-checksum-crc32c", "4waSgw=="),
        ("x-amz-checksum-crc64nvme", "rosUhgp5mIg="),
        ("x-amz-checksum-md5", "JfnnlDI7RTiF9RgfG2JNCw=="),
        ("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
        ("x-amz-checksum-sha256", "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="),
        (
            "x-amz-checksum-sha512",
            "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6z1dPuo/+hQ==",
        ),
    ];

    #[test]
    fn every_algorithm_is_computed_in_header_and_trailer() {
        for (name, value) in DIGITS {
            assert_eq!(outcome(&[(name, value)], &SOME, &[]), Ok(()), "{name}");
            assert_eq!(outcome(&[("x-amz-trailer", name)], &SOME, &[(name, value)]), Ok(()), "{name}");
            let zeros = STANDARD.encode_to_string(vec![0; STANDARD.decode_to_vec(value).unwrap().len()]);
            let (code, message) = outcome(&[(name, &zeros)], &SOME, &[]).unwrap_err();
            assert_eq!(code, "BadDigest");
            assert!(message.ends_with("you specified did not match the calculated checksum."), "{message}");
            assert_eq!(
                outcome(&[("x-amz-trailer", name)], &SOME, &[(name, &zeros)]).unwrap_err().0,
                "BadDigest"
            );
        }
        assert_eq!(outcome(&[("content-md5", DIGITS[3].1)], &SOME, &[]), Ok(()));
        assert_eq!(
            outcome(&[("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==")], &SOME, &[]).unwrap_err().0,
            "BadDigest"
        );
    }

    #[test]
    fn what_cannot_be_verified_is_refused() {
        let (crc32, value) = DIGITS[0];
        for (headers, traits, trailers, code) in [
            (&[("content-md5", "short")][..], &SOME, &[][..], "InvalidDigest"),
            (&[(crc32, "AAAA")], &SOME, &[], "InvalidRequest"),
            (&[(crc32, value), DIGITS[1]], &SOME, &[], "InvalidRequest"),
            (&[("x-amz-checksum-adler", value)], &SOME, &[], "InvalidRequest"),
            (&[("x-amz-checksum-xxhash3", value)], &SOME, &[], "NotImplemented"),
            (&[("x-amz-sdk-checksum-algorithm", "CRC32")], &SOME, &[], "InvalidRequest"),
            (&[(crc32, value), ("x-amz-sdk-checksum-algorithm", "SHA1")], &SOME, &[], "InvalidRequest"),
            (&[], &REQUIRED, &[], "InvalidRequest"),
            (&[("x-amz-trailer", crc32)], &SOME, &[], "MalformedTrailerError"),
            (&[("x-amz-trailer", crc32)], &SOME, &[(crc32, "?")], "InvalidRequest"),
            (&[], &SOME, &[(crc32, value)], "MalformedTrailerError"),
        ] {
            let (own, _) = outcome(headers, traits, trailers).unwrap_err();
            assert_eq!(own, code, "{headers:?} {trailers:?}");
        }
        assert_eq!(outcome(&[("x-amz-checksum-algorithm", "CRC32")], &SOME, &[]), Ok(()));
        assert_eq!(
            outcome(&[(crc32, value), ("x-amz-sdk-checksum-algorithm", "CRC32")], &REQUIRED, &[]),
            Ok(())
        );
        assert_eq!((announced("a, X-Amz-Checksum-CRC32C"), announced("x-amz-meta")), (Some("CRC32C"), None));
    }

    #[test]
    fn an_operation_without_checksums_takes_headers_as_they_are() {
        let headers: [(&str, &[u8]); 1] = [("x-amz-checksum-crc32", b"the object's")];
        assert!(Checksums::of(&headers, None, InHeaders::Here).unwrap().0.is_empty());
        let headers: [(&str, &[u8]); 1] = [("x-amz-checksum-crc32", b"AAAAAA==")];
        assert!(Checksums::of(&headers, Some(&SOME), InHeaders::Operation).unwrap().0.is_empty());
    }
}
