//! Dates as signatures carry them.

use std::fmt;

use garrison_types::Timestamp;

/// A point in time in the form `20150830T123600Z`, whole seconds, with the text that was signed.
///
/// Source: IAM User Guide, "Elements of an AWS API request signature": ISO 8601 basic format in UTC.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct AmzDate {
    text: [u8; 16],
    time: Timestamp,
}

impl AmzDate {
    /// The second that holds `time`.
    pub fn new(time: Timestamp) -> Self {
        let (year, month, day, hour, minute, second, _) = time.civil();
        let written = format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z");
        // A year beyond 9999 does not fit; no clock shows one.
        let text = written.as_bytes().try_into().unwrap_or(*b"99991231T235959Z");
        Self { text, time: time.truncated_to_seconds() }
    }

    /// Reads exactly `YYYYMMDDTHHMMSSZ`; `None` for every other form and for days that do not exist.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text: [u8; 16] = text.try_into().ok()?;
        let [y1, y2, y3, y4, mo1, mo2, d1, d2, b'T', h1, h2, mi1, mi2, s1, s2, b'Z'] = text else {
            return None;
        };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0_i64, |n, d| d.is_ascii_digit().then(|| n * 10 + i64::from(d - b'0')))
        };
        let seconds = unix_seconds([
            number(&[y1, y2, y3, y4])?,
            number(&[mo1, mo2])?,
            number(&[d1, d2])?,
            number(&[h1, h2])?,
            number(&[mi1, mi2])?,
            number(&[s1, s2])?,
        ])?;
        Some(Self { text, time: Timestamp::from_seconds(seconds) })
    }

    /// Reads the value of a `Date` header: `Sun, 30 Aug 2015 12:36:00 GMT` (RFC 9110 §5.6.7; `-0000` for `GMT`) or the
    /// form of `x-amz-date`. The name of the weekday is not checked.
    pub fn parse_http(text: &[u8]) -> Option<Self> {
        if let Some(date) = Self::parse(text) {
            return Some(date);
        }
        let text = std::str::from_utf8(text).ok()?;
        let (_, rest) = text.split_once(", ")?;
        let mut words = rest.split(' ');
        let (day, month, year, clock, zone) =
            (words.next()?, words.next()?, words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !matches!(zone, "GMT" | "UTC" | "+0000" | "-0000") {
            return None;
        }
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month = MONTHS.iter().position(|name| *name == month)? + 1;
        let mut hms = clock.split(':');
        let (hour, minute, second) = (hms.next()?, hms.next()?, hms.next()?);
        let number = |digits: &str, length: usize| {
            (digits.len() == length && digits.bytes().all(|b| b.is_ascii_digit()))
                .then(|| digits.parse::<i64>().ok())
                .flatten()
        };
        if hms.next().is_some() {
            return None;
        }
        let seconds = unix_seconds([
            number(year, 4)?,
            i64::try_from(month).ok()?,
            number(day, 2)?,
            number(hour, 2)?,
            number(minute, 2)?,
            number(second, 2)?,
        ])?;
        Some(Self::new(Timestamp::from_seconds(seconds)))
    }

    /// The point in time.
    pub fn time(&self) -> Timestamp {
        self.time
    }

    /// For example `20150830T123600Z`.
    pub fn as_str(&self) -> &str {
        // ASCII by construction, so the fallback is never taken.
        std::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// The day, for example `20150830`: the first field of the credential scope.
    pub fn day(&self) -> &str {
        self.as_str().get(..8).unwrap_or_default()
    }
}

impl fmt::Display for AmzDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for AmzDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Seconds since the epoch of year, month, day, hour, minute and second in UTC; `None` where there is no such second.
/// Source: H. Hinnant, "chrono-compatible low-level date algorithms".
fn unix_seconds([year, month, day, hour, minute, second]: [i64; 6]) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        1..=12 => 31,
        _ => return None,
    };
    if day < 1 || day > last || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Years start in March here, so that the leap day is the last one of its year.
    let y = year - i64::from(month <= 2);
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    let days = era * 146_097 + doe - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_give_the_same_second() {
        for (basic, http, seconds) in [
            ("20150830T123600Z", "Sun, 30 Aug 2015 12:36:00 GMT", 1_440_938_160),
            ("20130524T000000Z", "Fri, 24 May 2013 00:00:00 GMT", 1_369_353_600),
            ("20240229T235959Z", "Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
            ("19700101T000000Z", "Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("20000301T000000Z", "Wed, 01 Mar 2000 00:00:00 GMT", 951_868_800),
        ] {
            let date = AmzDate::parse(basic.as_bytes()).unwrap();
            assert_eq!(date.time(), Timestamp::from_seconds(seconds), "{basic}");
            assert_eq!(AmzDate::parse_http(http.as_bytes()), Some(date), "{http}");
            assert_eq!(AmzDate::new(Timestamp::from_millis(seconds * 1000 + 999)), date);
            assert_eq!((date.as_str(), date.day()), (basic, basic.split_once("T").unwrap().0));
        }
    }

    #[test]
    fn other_forms_are_refused() {
        for bad in [
            "",
            "20150830",
            "20150830T123600",
            "20150830t123600Z",
            "2015-08-30T12:36:00Z",
            "20150229T000000Z",
            "21000229T000000Z",
            "20151301T000000Z",
            "20150001T000000Z",
            "20150100T000000Z",
            "20150830T240000Z",
            "20150830T126000Z",
            "20150830T123660Z",
            "2015083 T123600Z",
            "20150830T123600Z ",
        ] {
            assert_eq!(AmzDate::parse(bad.as_bytes()), None, "{bad}");
        }
        for bad in [
            "Sun, 30 Aug 2015 12:36:00",
            "Sun, 30 Aug 2015 12:36:00 CET",
            "Sun, 30 Aux 2015 12:36:00 GMT",
            "Sun, 30 Aug 2015 12:36 GMT",
            "Sun, 30 Aug 2015 12:36:00:00 GMT",
            "Sun, 30 Aug 2015 +2:36:00 GMT",
            "Sunday, 30-Aug-15 12:36:00 GMT",
        ] {
            assert_eq!(AmzDate::parse_http(bad.as_bytes()), None, "{bad}");
        }
    }
}
