//! Passwords: what they must be like, and how they are kept.
//!
//! A hash is `pbkdf2-sha512$ITERATIONS$SALT$HASH`, salt and hash in base64. Source of the iterations: OWASP Password
//! Storage Cheat Sheet.

use std::num::NonZeroU32;

use aws_lc_rs::pbkdf2;
use base64_simd::STANDARD;
use garrison_api_iam::errors as api;
use garrison_kernel::Kernel;
use garrison_schema::ApiError;
use zeroize::Zeroizing;

use crate::records::{Password, PasswordPolicy, Time, User};
use crate::repo::Found;
use crate::subject::{ROOT_NAME, Subject};

const SCHEME: &str = "pbkdf2-sha512";
const ITERATIONS: u32 = 210_000;
const SALT: usize = 16;
const HASH: usize = 64;
/// The most former passwords that are kept: the greatest reuse prevention counts the current one too.
const MAX_FORMER: usize = 24;
/// What counts as a symbol. Source: IAM User Guide, "Set an account password policy for IAM users".
const SYMBOLS: &str = "!@#$%^&*()_+-=[]{}|'";
/// Without a password policy: so many characters at least.
const DEFAULT_LENGTH: usize = 8;
/// Without a password policy: so many kinds of characters at least.
const DEFAULT_KINDS: usize = 3;

/// The user whom a call is about, and the password.
///
/// # Errors
/// `NoSuchEntity`: of the user, or of the password; the root user has none here.
pub(crate) fn of(subject: &Subject) -> Result<(&Found<User>, &Password), ApiError> {
    let Subject::User(user) = subject else { return Err(not_found(ROOT_NAME)) };
    let user = user.get()?;
    Ok((user, user.password.as_ref().ok_or_else(|| not_found(&user.name))?))
}

/// `NoSuchEntity` of a login profile.
pub(crate) fn not_found(user: &str) -> ApiError {
    api::no_such_entity_exception(format!("Login Profile for User {user} cannot be found."))
}

/// Whether a password is what an account's policy demands, or the default one.
///
/// # Errors
/// `PasswordPolicyViolation`.
pub(crate) fn check(policy: Option<&PasswordPolicy>, password: &str) -> Result<(), ApiError> {
    let kinds = [
        ("uppercase letter", password.chars().any(|c| c.is_ascii_uppercase())),
        ("lowercase letter", password.chars().any(|c| c.is_ascii_lowercase())),
        ("number", password.chars().any(|c| c.is_ascii_digit())),
        ("symbol", password.chars().any(|c| SYMBOLS.contains(c))),
    ];
    let length = policy.map_or(DEFAULT_LENGTH, |policy| policy.minimum_length);
    if password.chars().count() < length {
        return violation(format!("Password should have a minimum length of {length}"));
    }
    let Some(policy) = policy else {
        return match kinds.iter().filter(|(_, present)| *present).count() {
            count if count >= DEFAULT_KINDS => Ok(()),
            _ => violation(
                "Password must have at least three of: uppercase letters, lowercase letters, numbers, symbols"
                    .to_owned(),
            ),
        };
    };
    let demanded = [policy.uppercase, policy.lowercase, policy.numbers, policy.symbols];
    match kinds.iter().zip(demanded).find(|((_, present), demanded)| *demanded && !present) {
        Some(((kind, _), _)) => violation(format!("Password should have at least one {kind}")),
        None => Ok(()),
    }
}

fn violation<T>(message: String) -> Result<T, ApiError> {
    Err(api::password_policy_violation_exception(message))
}

/// A first password.
///
/// # Errors
/// `PasswordPolicyViolation`.
pub(crate) async fn first(
    kernel: &Kernel,
    policy: Option<&PasswordPolicy>,
    text: &str,
    reset_required: bool,
    now: Time,
) -> Result<Password, ApiError> {
    check(policy, text)?;
    let hash = hash(kernel, text).await?;
    Ok(Password { hash, created: now, changed: now, reset_required, former: Vec::new() })
}

/// Another password instead of `old`.
///
/// # Errors
/// `PasswordPolicyViolation`: also for one that was in use before, as far back as the policy looks.
pub(crate) async fn change(
    kernel: &Kernel,
    policy: Option<&PasswordPolicy>,
    old: &Password,
    text: &str,
    reset_required: bool,
    now: Time,
) -> Result<Password, ApiError> {
    check(policy, text)?;
    let remembered = policy.and_then(|policy| policy.reuse_prevention).unwrap_or_default();
    let used = std::iter::once(&old.hash).chain(&old.former).take(remembered).cloned().collect();
    if verify_any(kernel, text, used).await? {
        return violation(format!("Password must not be one of the last {remembered} passwords"));
    }
    let former = std::iter::once(&old.hash).chain(&old.former).take(MAX_FORMER).cloned().collect();
    let hash = hash(kernel, text).await?;
    Ok(Password { hash, created: old.created, changed: now, reset_required, former })
}

/// Whether this is the password.
///
/// # Errors
/// Hashing failed.
pub(crate) async fn is(kernel: &Kernel, password: &Password, text: &str) -> Result<bool, ApiError> {
    verify_any(kernel, text, vec![password.hash.clone()]).await
}

async fn hash(kernel: &Kernel, text: &str) -> Result<String, ApiError> {
    let (rng, text) = (kernel.shared_rng(), Zeroizing::new(text.to_owned()));
    kernel
        .blocking(move || {
            let (mut salt, mut hash) = ([0; SALT], Zeroizing::new([0; HASH]));
            rng.fill(&mut salt);
            let iterations = NonZeroU32::new(ITERATIONS).unwrap_or(NonZeroU32::MIN);
            pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, iterations, &salt, text.as_bytes(), &mut *hash);
            let (salt, hash) = (STANDARD.encode_to_string(salt), STANDARD.encode_to_string(hash.as_slice()));
            format!("{SCHEME}${ITERATIONS}${salt}${hash}")
        })
        .await
}

async fn verify_any(kernel: &Kernel, text: &str, hashes: Vec<String>) -> Result<bool, ApiError> {
    let text = Zeroizing::new(text.to_owned());
    kernel.blocking(move || hashes.iter().any(|hash| verify(hash, &text).unwrap_or_default())).await
}

/// None when the hash is not one of ours.
fn verify(stored: &str, text: &str) -> Option<bool> {
    let mut parts = stored.split('$');
    if parts.next()? != SCHEME {
        return None;
    }
    let iterations = NonZeroU32::new(parts.next()?.parse().ok()?)?;
    let salt = STANDARD.decode_to_vec(parts.next()?).ok()?;
    let hash = STANDARD.decode_to_vec(parts.next()?).ok()?;
    Some(pbkdf2::verify(pbkdf2::PBKDF2_HMAC_SHA512, iterations, &salt, text.as_bytes(), &hash).is_ok())
}

#[cfg(test)]
mod tests {
    use garrison_testkit::TestKernel;

    use super::*;

    fn policy() -> PasswordPolicy {
        PasswordPolicy {
            minimum_length: 10,
            symbols: false,
            numbers: false,
            uppercase: false,
            lowercase: false,
            users_may_change: false,
            max_age_days: None,
            reuse_prevention: None,
            hard_expiry: None,
        }
    }

    #[test]
    fn passwords_are_what_the_policy_demands() {
        let symbols = PasswordPolicy { symbols: true, ..policy() };
        let numbers = PasswordPolicy { numbers: true, ..policy() };
        let uppercase = PasswordPolicy { uppercase: true, ..policy() };
        let lowercase = PasswordPolicy { lowercase: true, ..policy() };
        for (policy, password, good) in [
            (None, "Ab345678", true),
            (None, "Ab34567", false),
            (None, "abcdefg1", false),
            (None, "abcdef1!", true),
            (Some(&policy()), "aaaaaaaaaa", true),
            (Some(&policy()), "äaaaaaaaaa", true),
            (Some(&policy()), "aaaaaaaaa", false),
            (Some(&symbols), "aaaaaaaaaa", false),
            (Some(&symbols), "aaaaaaaaa'", true),
            (Some(&numbers), "aaaaaaaaaa", false),
            (Some(&numbers), "aaaaaaaaa0", true),
            (Some(&uppercase), "aaaaaaaaaÄ", false),
            (Some(&uppercase), "aaaaaaaaaA", true),
            (Some(&lowercase), "AAAAAAAAAA", false),
            (Some(&lowercase), "AAAAAAAAAa", true),
        ] {
            assert_eq!(check(policy, password).is_ok(), good, "{password} {policy:?}");
        }
    }

    #[tokio::test]
    async fn hashes_verify_and_former_passwords_are_refused() {
        let test = TestKernel::new();
        let (kernel, now) = (&*test.kernel, Time::from(5));
        let policy = PasswordPolicy { reuse_prevention: Some(2), ..policy() };
        let first = first(kernel, Some(&policy), "password-1", false, now).await.unwrap();
        assert!(first.hash.starts_with("pbkdf2-sha512$210000$") && !first.hash.contains("password"));
        assert!(is(kernel, &first, "password-1").await.unwrap());
        assert!(!is(kernel, &first, "password-2").await.unwrap());
        let change =
            async |old: &Password, text: &str| change(kernel, Some(&policy), old, text, false, now).await;
        let error = change(&first, "password-1").await.unwrap_err();
        assert_eq!(error.schema.name, "PasswordPolicyViolationException");
        let second = change(&first, "password-2").await.unwrap();
        assert!(change(&second, "password-1").await.is_err());
        let third = change(&second, "password-3").await.unwrap();
        assert_eq!(third.former.len(), 2);
        assert!(change(&third, "password-1").await.is_ok(), "two are remembered, the current one among them");
        assert_eq!(verify("md5$1$$", "x"), None);
    }
}
