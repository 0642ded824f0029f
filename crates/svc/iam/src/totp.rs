//! Time-based one-time passwords: HMAC-SHA-1, 30 seconds, six digits, as authenticator apps have them.
//!
//! Source: RFC 6238, RFC 4226 section 5.3; the `otpauth` address is the form that such apps read.

use aws_lc_rs::hmac;
use garrison_crypto::secret::constant_time_eq;
use garrison_types::Timestamp;

/// Seconds of a time step.
const STEP: i64 = 30;
const DIGITS: usize = 6;

/// The time step of a point in time.
pub(crate) fn step_at(time: Timestamp) -> i64 {
    time.as_seconds().div_euclid(STEP)
}

/// The code of a time step.
pub(crate) fn code(seed: &[u8], step: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, seed);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let offset = usize::from(tag.as_ref().last().copied().unwrap_or_default() & 15);
    let number = tag.as_ref().iter().skip(offset).take(4).fold(0_u32, |n, byte| (n << 8) | u32::from(*byte));
    format!("{:0width$}", (number & 0x7fff_ffff) % 10_u32.pow(6), width = DIGITS)
}

/// The first step of `steps` whose code this is. Every step is looked at, whichever matches.
pub(crate) fn matching_step(seed: &[u8], steps: std::ops::RangeInclusive<i64>, given: &str) -> Option<i64> {
    steps.fold(None, |found, step| {
        let is_it = constant_time_eq(code(seed, step).as_bytes(), given.as_bytes());
        found.or(is_it.then_some(step))
    })
}

/// The second step of the first two that follow each other in `steps` and have these codes.
pub(crate) fn matching_pair(
    seed: &[u8],
    steps: std::ops::RangeInclusive<i64>,
    first: &str,
    second: &str,
) -> Option<i64> {
    let is = |step: i64, given: &str| constant_time_eq(code(seed, step).as_bytes(), given.as_bytes());
    steps.filter(|step| is(*step, first) & is(step + 1, second)).map(|step| step + 1).next()
}

/// The address that an authenticator app reads: of an account's device, with the seed in base32.
pub(crate) fn address(device: &str, account: &str, seed: &str) -> String {
    let label: String = format!("{device}@{account}")
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect();
    format!("otpauth://totp/Amazon%20Web%20Services:{label}?secret={seed}&issuer=Amazon%20Web%20Services")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, SHA-1; the last six of its eight digits.
    #[test]
    fn the_rfcs_codes() {
        for (seconds, expected) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = step_at(Timestamp::from_seconds(seconds));
            assert_eq!(code(b"12345678901234567890", step), expected, "{seconds}");
        }
    }

    #[test]
    fn codes_are_found_in_a_window() {
        let seed = b"12345678901234567890";
        let (one, two) = (code(seed, 100), code(seed, 101));
        assert_eq!(matching_step(seed, 99..=101, &one), Some(100));
        assert_eq!(matching_step(seed, 101..=110, &one), None);
        assert_eq!(matching_pair(seed, 98..=102, &one, &two), Some(101));
        assert_eq!(matching_pair(seed, 98..=102, &two, &one), None);
        assert_eq!(matching_pair(seed, 98..=102, &one, &one), None);
    }

    #[test]
    fn an_address_is_escaped() {
        assert_eq!(
            address("a+b", "acme", "MZXW6"),
            "otpauth://totp/Amazon%20Web%20Services:a%2Bb@acme?secret=MZXW6&issuer=Amazon%20Web%20Services"
        );
    }
}
