//! Names, paths, ARNs and unique ids.
//!
//! Source: AWS IAM User Guide, "IAM identifiers"; IAM API Reference, patterns of the members.

use garrison_crypto::Rng;
use garrison_kernel::errors;
use garrison_schema::ApiError;
use garrison_types::{AccountId, Partition};

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// How many characters follow the prefix of a unique id.
const ID_CHARACTERS: usize = 17;
/// The longest path.
const MAX_PATH: usize = 512;

/// What a unique id begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum IdPrefix {
    /// A group.
    Group,
    /// An instance profile.
    InstanceProfile,
    /// A managed policy.
    Policy,
    /// A role.
    Role,
    /// A server certificate.
    ServerCertificate,
    /// A service-specific credential.
    ServiceSpecificCredential,
    /// A public key for SSH.
    SshPublicKey,
    /// A user.
    User,
}

impl IdPrefix {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Group => "AGPA",
            Self::InstanceProfile => "AIPA",
            Self::Policy => "ANPA",
            Self::Role => "AROA",
            Self::ServerCertificate => "ASCA",
            Self::ServiceSpecificCredential => "ACCA",
            Self::SshPublicKey => "APKA",
            Self::User => "AIDA",
        }
    }
}

/// A new unique id: the prefix and 85 random bits in base32.
pub(crate) fn unique_id(rng: &dyn Rng, prefix: IdPrefix) -> String {
    format!("{}{}", prefix.as_str(), random_base32(rng, ID_CHARACTERS))
}

/// That many random characters of base32 (RFC 4648, upper case).
pub(crate) fn random_base32(rng: &dyn Rng, characters: usize) -> String {
    let mut bytes = vec![0; characters];
    rng.fill(&mut bytes);
    bytes.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 31))).map(|c| char::from(*c)).collect()
}

/// Bytes in base32 (RFC 4648, upper case, without padding). What is left of the last five bits is zero.
pub(crate) fn base32(bytes: &[u8]) -> String {
    let bit = |at: usize| bytes.get(at / 8).is_some_and(|byte| byte & (0x80 >> (at % 8)) != 0);
    let digit = |first: usize| (0..5).fold(0, |digit, at| digit << 1 | usize::from(bit(first + at)));
    let digits = (0..bytes.len() * 8).step_by(5).filter_map(|first| ALPHABET.get(digit(first)));
    digits.map(|character| char::from(*character)).collect()
}

/// `arn:PARTITION:iam::ACCOUNT:KIND/PATH/NAME`; the path has a slash at both ends.
pub(crate) fn arn(partition: Partition, account: AccountId, kind: &str, path: &str, name: &str) -> String {
    format!("arn:{}:iam::{account}:{kind}{path}{name}", partition.as_str())
}

/// The path that was given, or `/`.
///
/// # Errors
/// `ValidationError`: it does not begin and end with a slash, or has other characters than `!` to `~`.
pub(crate) fn path(given: Option<&str>) -> Result<String, ApiError> {
    let path = given.unwrap_or("/");
    let enclosed = path == "/" || (path.len() > 2 && path.starts_with('/') && path.ends_with('/'));
    if enclosed && path.len() <= MAX_PATH && path.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(path.to_owned());
    }
    Err(errors::validation(
        "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
         characters and/or / characters.",
    ))
}

/// Checks a name of a new entity; `member` is the input's, as messages write it (`userName`).
///
/// # Errors
/// `ValidationError`: it is empty, longer than `max` or has other characters than letters, digits and `+=,.@_-`.
pub(crate) fn check(member: &str, name: &str, max: usize) -> Result<(), ApiError> {
    if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"+=,.@_-".contains(&b)) {
        return Err(errors::validation(format!(
            "The specified value for {member} is invalid. It must contain only alphanumeric characters and/or the \
             following: +=,.@_-"
        )));
    }
    if name.len() > max {
        return Err(errors::validation(format!(
            "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: Member must have \
             length less than or equal to {max}"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use garrison_crypto::testing::SeededRng;

    use super::*;

    #[test]
    fn unique_ids_have_aws_form() {
        let rng = SeededRng::new(1);
        let (one, other) = (unique_id(&rng, IdPrefix::User), unique_id(&rng, IdPrefix::User));
        assert_ne!(one, other);
        assert_eq!(one.len(), 21);
        assert!(one.starts_with("AIDA") && one.bytes().all(|b| ALPHABET.contains(&b)), "{one}");
    }

    #[test]
    fn bytes_are_written_in_base32() {
        for (text, expected) in [("", ""), ("f", "MY"), ("foobar", "MZXW6YTBOI"), ("fooba", "MZXW6YTB")] {
            assert_eq!(base32(text.as_bytes()), expected);
        }
    }

    #[test]
    fn arns_have_paths() {
        let account = "111122223333".parse().unwrap();
        assert_eq!(arn(Partition::Aws, account, "user", "/", "bob"), "arn:aws:iam::111122223333:user/bob");
        let role = arn(Partition::AwsCn, account, "role", "/a/b/", "r");
        assert_eq!(role, "arn:aws-cn:iam::111122223333:role/a/b/r");
    }

    #[test]
    fn paths_are_checked() {
        assert_eq!(path(None).unwrap(), "/");
        let long = format!("/{}/", "a".repeat(511));
        for (given, good) in [
            ("/", true),
            ("/a/", true),
            ("/a/b-c!/", true),
            ("", false),
            ("a/", false),
            ("/a", false),
            ("//", false),
            ("/a b/", false),
            ("/ä/", false),
            (long.as_str(), false),
        ] {
            assert_eq!(path(Some(given)).is_ok(), good, "{given}");
        }
    }

    #[test]
    fn names_are_checked() {
        for (name, good) in
            [("bob", true), ("a+=,.@_-Z9", true), ("", false), ("a b", false), ("a/b", false), ("ä", false)]
        {
            assert_eq!(check("userName", name, 64).is_ok(), good, "{name}");
        }
        assert!(check("userName", &"a".repeat(65), 64).is_err());
    }
}
