//! Points in time as the protocols write them.

use garrison_types::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

/// `2026-01-31T12:00:00.123Z` (RFC 3339, any offset) or `Sat, 31 Jan 2026 12:00:00 GMT` (RFC 7231).
pub(crate) fn from_text(text: &str) -> Option<Timestamp> {
    let time =
        OffsetDateTime::parse(text, &Rfc3339).or_else(|_| OffsetDateTime::parse(text, &Rfc2822)).ok()?;
    let millis = time.unix_timestamp_nanos().div_euclid(1_000_000);
    Some(Timestamp::from_millis(i64::try_from(millis).ok()?))
}

/// Any of the three forms, the seconds as text.
pub(crate) fn from_any(text: &str) -> Option<Timestamp> {
    from_text(text).or_else(|| text.parse().ok().and_then(from_seconds))
}

/// `Sat, 31 Jan 2026 12:00:00 GMT`: RFC 7231 section 7.1.1.1.
pub(crate) fn to_http_date(time: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day, hour, minute, second, _) = time.civil();
    // The epoch was a Thursday.
    let weekday = usize::try_from(time.as_seconds().div_euclid(86_400).rem_euclid(7)).unwrap_or_default();
    let weekday = DAYS.get(weekday).copied().unwrap_or_default();
    let month = MONTHS.get(usize::from(month).saturating_sub(1)).copied().unwrap_or_default();
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
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
            assert_eq!(from_text(iso), Some(time));
        }
        for bad in ["", "2026-01-01", "2026-13-01T00:00:00Z", "x"] {
            assert_eq!(from_text(bad), None);
        }
        for (seconds, text) in
            [(0, "Thu, 01 Jan 1970 00:00:00 GMT"), (1_769_860_800, "Sat, 31 Jan 2026 12:00:00 GMT")]
        {
            assert_eq!(to_http_date(Timestamp::from_seconds(seconds)), text);
            assert_eq!(from_text(text), Some(Timestamp::from_seconds(seconds)));
        }
        for bad in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(from_seconds(bad), None);
        }
    }
}
