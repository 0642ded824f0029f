//! Periods of time, and the calendar that they divide. All of it is UTC.

use garrison_types::Timestamp;

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A period by which timestamps are rounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    /// Milliseconds, counted from `offset` milliseconds after the epoch.
    Millis { length: i64, offset: i64 },
    /// Calendar months, counted from January of year zero.
    Months(i64),
}

impl Period {
    /// Reads `count` units. AWS caps what is larger than the next unit: `300s` is a minute.
    /// Source: CloudWatch Logs User Guide, `CWL_QuerySyntax-operations-functions`, "Datetime functions".
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a cast of a float saturates, and both ends are capped"
    )]
    pub(crate) fn new(count: f64, unit: &str) -> Option<Self> {
        let count = (count as i64).max(1);
        let millis = |unit: i64, cap: i64| Self::Millis { length: unit * count.min(cap), offset: 0 };
        // A plural has an `s`, if it is of a unit with more than one letter.
        let singular = if unit.len() > 2 { unit.strip_suffix('s').unwrap_or(unit) } else { unit };
        Some(match singular {
            "ms" | "msec" | "millisecond" => millis(1, 1000),
            "s" | "sec" | "second" => millis(SECOND, 60),
            "m" | "min" | "minute" => millis(MINUTE, 60),
            "h" | "hr" | "hour" => millis(HOUR, 24),
            "d" | "day" => millis(DAY, 36_500),
            // The epoch was a Thursday; a week begins on a Monday.
            "w" | "week" => Self::Millis { length: 7 * DAY * count.min(5200), offset: -3 * DAY },
            "mo" | "mon" | "month" => Self::Months(count.min(1200)),
            "q" | "qtr" | "quarter" => Self::Months(3 * count.min(400)),
            "y" | "yr" | "year" => Self::Months(12 * count.min(100)),
            _ => return None,
        })
    }

    /// The last beginning of a period that is not after `millis`.
    pub(crate) fn floor(self, millis: i64) -> i64 {
        match self {
            Self::Millis { length, offset } => {
                millis.saturating_sub(millis.saturating_sub(offset).rem_euclid(length))
            }
            Self::Months(count) => {
                let (year, month, ..) = Timestamp::from_millis(millis).civil();
                let months = year * 12 + i64::from(month) - 1;
                start_of_month(months - months.rem_euclid(count))
            }
        }
    }

    /// The first beginning of a period that is not before `millis`.
    pub(crate) fn ceil(self, millis: i64) -> i64 {
        let floor = self.floor(millis);
        if floor == millis {
            return millis;
        }
        match self {
            Self::Millis { length, .. } => floor.saturating_add(length),
            Self::Months(count) => {
                let (year, month, ..) = Timestamp::from_millis(floor).civil();
                start_of_month(year * 12 + i64::from(month) - 1 + count)
            }
        }
    }
}

/// When a month begins that is counted from January of year zero.
/// Source: H. Hinnant, "chrono-compatible low-level date algorithms".
fn start_of_month(months: i64) -> i64 {
    let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era - 719_468).saturating_mul(DAY)
}

/// `2026-01-31 12:00:00.000`, as results have it.
pub(crate) fn format_time(millis: i64) -> String {
    let (year, month, day, hour, minute, second, milli) = Timestamp::from_millis(millis).civil();
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{milli:03}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_divide_the_calendar() {
        let at = 1_719_835_531_234; // 2024-07-01 12:05:31.234, a Monday
        for (count, unit, floor, ceil) in [
            (5.0, "m", "2024-07-01 12:05:00.000", "2024-07-01 12:10:00.000"),
            (300.0, "s", "2024-07-01 12:05:00.000", "2024-07-01 12:06:00.000"),
            (250.0, "ms", "2024-07-01 12:05:31.000", "2024-07-01 12:05:31.250"),
            (1.0, "hrs", "2024-07-01 12:00:00.000", "2024-07-01 13:00:00.000"),
            (1.0, "day", "2024-07-01 00:00:00.000", "2024-07-02 00:00:00.000"),
            (1.0, "weeks", "2024-07-01 00:00:00.000", "2024-07-08 00:00:00.000"),
            (1.0, "mo", "2024-07-01 00:00:00.000", "2024-08-01 00:00:00.000"),
            (1.0, "quarter", "2024-07-01 00:00:00.000", "2024-10-01 00:00:00.000"),
            (1.0, "y", "2024-01-01 00:00:00.000", "2025-01-01 00:00:00.000"),
        ] {
            let period = Period::new(count, unit).unwrap();
            assert_eq!(format_time(period.floor(at)), floor, "{count}{unit}");
            assert_eq!(format_time(period.ceil(at)), ceil, "{count}{unit}");
            assert_eq!(period.ceil(period.floor(at)), period.floor(at));
        }
        assert_eq!(Period::new(1.0, "fortnight"), None);
        assert_eq!(Period::new(1.0, "m").unwrap().floor(-1), -60_000);
        let century = Period::new(f64::MAX, "y").unwrap();
        assert!(century.floor(i64::MAX) < century.ceil(i64::MAX));
        assert_eq!(century.floor(i64::MIN), i64::MIN);
    }
}
