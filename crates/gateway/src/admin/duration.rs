//! Durations as people write them: `30d`, `1h30m`.

use std::time::Duration;

/// A hundred years.
const MAX_SECONDS: u64 = 36_525 * 86_400;

/// Reads numbers with the units w, d, h, m and s; `None` for anything else, for nothing and beyond a hundred years.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut seconds = 0_u64;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at_checked(unit_at)?;
        let unit = match tail.bytes().next()? {
            b'w' => 7 * 86_400,
            b'd' => 86_400,
            b'h' => 3600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = tail.get(1..)?;
    }
    (1..=MAX_SECONDS).contains(&seconds).then(|| Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_numbers_with_units() {
        for (text, seconds) in [
            ("30d", Some(2_592_000)),
            ("1s", Some(1)),
            ("1h30m", Some(5400)),
            ("2w", Some(1_209_600)),
            ("36525d", Some(MAX_SECONDS)),
            ("36526d", None),
            ("0s", None),
            ("", None),
            ("30", None),
            ("d", None),
            ("-1d", None),
            ("1y", None),
            ("1 d", None),
            ("99999999999999999999d", None),
            ("9999999999999999999w", None),
            ("1é", None),
        ] {
            assert_eq!(parse(text), seconds.map(Duration::from_secs), "{text}");
        }
    }
}
