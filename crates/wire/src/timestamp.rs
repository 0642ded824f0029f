//! Points in time as the protocols write them.

use garrison_types::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// `2026-01-31T12:00:00.123Z` (RFC 3339; any offset).
pub(crate) fn from_rfc3339(text: &str) -> Option<Timestamp> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
    Some(Timestamp::from_millis(i64::try_from(millis).ok()?))
}

/// Seconds since the epoch with a fraction; the nearest millisecond.
pub(crate) fn from_seconds(seconds: f64) -> Option<Timestamp> {
    let millis = (seconds * 1000.0).round();
    // The bound is the greatest power of two that an i64 exceeds: the conversion below is exact.
    #[expect(clippy::cast_possible_truncation, reason = "in range by the check")]
    (millis.abs() < 9_007_199_254_740_992.0).then(|| Timestamp::from_millis(millis as i64))
}

/// `1767225600.123`: the seconds and three decimals.
pub(crate) fn to_seconds(time: Timestamp) -> impl std::fmt::Display {
    struct Seconds(i64);
    impl std::fmt::Display for Seconds {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            let sign = if self.0 < 0 { "-" } else { "" };
            let millis = self.0.unsigned_abs();
            write!(f, "{sign}{}.{:03}", millis / 1000, millis % 1000)
        }
    }
    Seconds(time.as_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_agree() {
        for (millis, seconds, iso) in [
            (0, "0.000", "1970-01-01T00:00:00Z"),
            (1_767_225_600_123, "1767225600.123", "2026-01-01T00:00:00.123Z"),
            (1_767_225_600_120, "1767225600.120", "2026-01-01T01:00:00.12+01:00"),
            (-1, "-0.001", "1969-12-31T23:59:59.999Z"),
        ] {
            let time = Timestamp::from_millis(millis);
            assert_eq!(to_seconds(time).to_string(), seconds);
            assert_eq!(from_seconds(seconds.parse().unwrap()), Some(time));
            assert_eq!(from_rfc3339(iso), Some(time));
        }
        for bad in ["", "2026-01-01", "2026-13-01T00:00:00Z", "x"] {
            assert_eq!(from_rfc3339(bad), None);
        }
        for bad in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(from_seconds(bad), None);
        }
    }
}
