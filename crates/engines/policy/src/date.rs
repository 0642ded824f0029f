//! Dates of conditions: the W3C profile of ISO 8601, or seconds since the epoch.
//!
//! Source: IAM User Guide, "Date condition operators"; W3C, "Date and Time Formats" (NOTE-datetime).

use garrison_types::Timestamp;

/// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, `YYYY-MM-DDThh:mm[:ss[.s…]]` with `Z` or `±hh:mm`, or whole seconds
/// since the epoch. Four digits are a year.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    if text.len() > 4 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().map(Timestamp::from_seconds);
    }
    let mut reader = Reader(text.as_bytes());
    let year = reader.number(4)?;
    let (mut month, mut day, mut millis) = (1, 1, 0);
    if reader.skip(b'-') {
        month = reader.number(2)?;
        if reader.skip(b'-') {
            day = reader.number(2)?;
            if reader.skip(b'T') {
                millis = reader.time_of_day()?;
            }
        }
    }
    let day_exists = (1..=12).contains(&month) && (1..=days_in_month(year, month)).contains(&day);
    (reader.0.is_empty() && day_exists)
        .then(|| Timestamp::from_millis(days_from_civil(year, month, day) * 86_400_000 + millis))
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since the epoch. Source: H. Hinnant, "chrono-compatible low-level date algorithms".
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let shifted_month = (month + 9) % 12;
    let day_of_year = (153 * shifted_month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    /// Exactly `digits` digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (head, tail) = self.0.split_at_checked(digits)?;
        self.0 = tail;
        head.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
    }

    fn skip(&mut self, wanted: u8) -> bool {
        match self.0.split_first() {
            Some((first, tail)) if *first == wanted => {
                self.0 = tail;
                true
            }
            _ => false,
        }
    }

    /// Time and zone as milliseconds from the day's start in UTC; below zero when the zone is ahead.
    fn time_of_day(&mut self) -> Option<i64> {
        let hour = self.number(2)?;
        let minute = self.skip(b':').then(|| self.number(2))??;
        let (mut second, mut millis) = (0, 0);
        if self.skip(b':') {
            second = self.number(2)?;
            if self.skip(b'.') {
                millis = self.fraction()?;
            }
        }
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        Some(((hour * 60 + minute - self.zone()?) * 60 + second) * 1000 + millis)
    }

    /// One to nine digits behind the point, as milliseconds.
    fn fraction(&mut self) -> Option<i64> {
        let digits = self.0.iter().take_while(|b| b.is_ascii_digit()).count();
        if !(1..=9).contains(&digits) {
            return None;
        }
        let kept = self.number(digits.min(3))?;
        self.number(digits - digits.min(3))?;
        Some(kept * [1, 100, 10, 1].get(digits.min(3)).copied().unwrap_or(1))
    }

    /// Minutes that the zone is ahead of UTC.
    fn zone(&mut self) -> Option<i64> {
        if self.skip(b'Z') {
            return Some(0);
        }
        let sign = if self.skip(b'+') {
            1
        } else if self.skip(b'-') {
            -1
        } else {
            return None;
        };
        let hours = self.number(2)?;
        let minutes = self.skip(b':').then(|| self.number(2))??;
        (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read() {
        for (text, expected) in [
            ("1970", "1970-01-01T00:00:00.000Z"),
            ("2020-02", "2020-02-01T00:00:00.000Z"),
            ("2024-02-29", "2024-02-29T00:00:00.000Z"),
            ("2020-01-01T00:00:01Z", "2020-01-01T00:00:01.000Z"),
            ("2020-01-01T00:30Z", "2020-01-01T00:30:00.000Z"),
            ("2020-01-01T00:00:01.5Z", "2020-01-01T00:00:01.500Z"),
            ("2020-01-01T00:00:01.123456789Z", "2020-01-01T00:00:01.123Z"),
            ("2020-01-01T00:30:00+01:00", "2019-12-31T23:30:00.000Z"),
            ("2019-12-31T19:00:00-05:00", "2020-01-01T00:00:00.000Z"),
            ("1577836800", "2020-01-01T00:00:00.000Z"),
            ("0000000001", "1970-01-01T00:00:01.000Z"),
        ] {
            assert_eq!(parse(text).map(|t| t.to_string()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not_dates() {
        for text in [
            "",
            "20",
            "2020-",
            "2020-13",
            "2021-02-29",
            "2020-01-01T",
            "2020-01-01T00:00:00",
            "2020-01-01T24:00Z",
            "2020-01-01T00:00:00.Z",
            "2020-01-01T00:00:00Z ",
            "2020-01-01 00:00:00Z",
            "-5",
            "99999999999999999999",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
