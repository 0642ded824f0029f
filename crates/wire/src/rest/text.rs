//! Values that stand outside of bodies: in labels, query parameters and headers.

use std::borrow::Cow;

use base64_simd::STANDARD;
use garrison_schema::{
    ByteStream, Bytes, EachElement, EachEntry, EachMember, Issues, Kind, Member, ReadError, Reader,
    TimestampFormat, WriteStructure, Writer,
};
use garrison_types::Timestamp;

use crate::timestamp;

/// A value as text.
pub(super) enum Texts<'v> {
    /// One.
    One(Cow<'v, str>),
    /// A list's.
    Many(Vec<Cow<'v, str>>),
    /// A map's, with their keys.
    Entries(Vec<(String, Vec<Cow<'v, str>>)>),
    /// It is the whole body.
    Body(Bytes),
    /// It is the whole body, piece by piece.
    Stream(ByteStream),
}

/// Reads a value that is text.
pub(super) struct TextReader<'v> {
    texts: Texts<'v>,
    issues: Issues,
}

impl<'v> TextReader<'v> {
    /// A reader of the value.
    pub(super) fn new(texts: Texts<'v>) -> Self {
        Self { texts, issues: Issues::default() }
    }

    fn text(&self) -> &str {
        match &self.texts {
            Texts::One(text) => text,
            Texts::Many(_) | Texts::Entries(_) | Texts::Body(_) | Texts::Stream(_) => "",
        }
    }

    fn parsed<T: std::str::FromStr>(&self, member: &'static Member) -> Result<T, ReadError> {
        let wrong = |_| {
            ReadError::in_head(format!("Provided {} not an integer or within integer range", member.wire()))
        };
        self.text().trim().parse().map_err(wrong)
    }
}

fn malformed(member: &'static Member, wanted: &str) -> ReadError {
    ReadError::in_head(format!("{} must be {wanted}", member.wire()))
}

fn decode_base64(member: &'static Member, text: &str) -> Result<Vec<u8>, ReadError> {
    STANDARD.decode_to_vec(text).map_err(|_| malformed(member, "base64"))
}

impl Reader for TextReader<'_> {
    fn boolean(&mut self, member: &'static Member) -> Result<bool, ReadError> {
        match self.text().trim() {
            text if text.eq_ignore_ascii_case("true") => Ok(true),
            text if text.eq_ignore_ascii_case("false") => Ok(false),
            _ => Err(malformed(member, "true or false")),
        }
    }

    fn integer(&mut self, member: &'static Member) -> Result<i32, ReadError> {
        self.parsed(member)
    }

    fn long(&mut self, member: &'static Member) -> Result<i64, ReadError> {
        self.parsed(member)
    }

    fn double(&mut self, member: &'static Member) -> Result<f64, ReadError> {
        self.text().trim().parse().map_err(|_| malformed(member, "a number"))
    }

    fn string(&mut self, member: &'static Member) -> Result<String, ReadError> {
        if let Texts::Body(bytes) = &self.texts {
            let text =
                std::str::from_utf8(bytes).map_err(|_| ReadError::new("The request body is not UTF-8"))?;
            return Ok(text.to_owned());
        }
        if member.json_value {
            let json = decode_base64(member, self.text())?;
            return String::from_utf8(json).map_err(|_| malformed(member, "JSON in base64"));
        }
        Ok(self.text().to_owned())
    }

    fn blob(&mut self, member: &'static Member) -> Result<Vec<u8>, ReadError> {
        match &self.texts {
            Texts::Body(bytes) => Ok(bytes.to_vec()),
            _ => decode_base64(member, self.text()),
        }
    }

    fn stream(&mut self, member: &'static Member) -> Result<ByteStream, ReadError> {
        match &self.texts {
            Texts::Stream(stream) => Ok(stream.clone()),
            _ => self.blob(member).map(ByteStream::from),
        }
    }

    fn timestamp(&mut self, member: &'static Member) -> Result<Timestamp, ReadError> {
        timestamp::from_any(self.text().trim()).ok_or_else(|| malformed(member, "a date and time"))
    }

    fn document(&mut self, member: &'static Member) -> Result<String, ReadError> {
        self.string(member)
    }

    fn structure(&mut self, member: &'static Member, _each: &mut EachMember<'_>) -> Result<(), ReadError> {
        Err(malformed(member, "in the body"))
    }

    fn list(&mut self, _member: &'static Member, each: &mut EachElement<'_>) -> Result<(), ReadError> {
        let texts = match std::mem::replace(&mut self.texts, Texts::Many(Vec::new())) {
            Texts::One(text) => vec![text],
            Texts::Many(texts) => texts,
            Texts::Entries(_) | Texts::Body(_) | Texts::Stream(_) => Vec::new(),
        };
        for text in texts {
            self.texts = Texts::One(text);
            each(self)?;
        }
        Ok(())
    }

    fn map(&mut self, member: &'static Member, each: &mut EachEntry<'_>) -> Result<(), ReadError> {
        let lists =
            matches!(member.shape().kind, Kind::Map(_, value) if matches!(value.shape().kind, Kind::List(_)));
        let Texts::Entries(entries) = std::mem::replace(&mut self.texts, Texts::Many(Vec::new())) else {
            return Err(malformed(member, "a map"));
        };
        for (key, mut texts) in entries {
            self.texts = if lists { Texts::Many(texts) } else { Texts::One(texts.pop().unwrap_or_default()) };
            each(self, key)?;
        }
        Ok(())
    }

    fn issues(&mut self) -> &mut Issues {
        &mut self.issues
    }
}

/// The items of a list in a header: commas separate them, quotes hold them together, and a date has a comma of its
/// own.
pub(super) fn header_items(text: &str, dates: bool) -> Vec<Cow<'_, str>> {
    let mut items = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut item = String::new();
            let mut chars = quoted.char_indices();
            let mut end = quoted.len();
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => {
                        end = at + 1;
                        break;
                    }
                    '\\' => item.extend(chars.next().map(|(_, c)| c)),
                    c => item.push(c),
                }
            }
            items.push(Cow::Owned(item));
            let after = quoted.get(end..).unwrap_or_default();
            rest = after.split_once(',').map_or("", |(_, rest)| rest).trim_start();
            continue;
        }
        let commas = rest.match_indices(',').map(|(at, _)| at);
        let end = if dates { commas.skip(1).step_by(2).next() } else { rest.find(',') };
        let (item, tail) = rest.split_at_checked(end.unwrap_or(rest.len())).unwrap_or_default();
        items.push(Cow::Borrowed(item.trim_end()));
        rest = tail.strip_prefix(',').unwrap_or(tail).trim_start();
    }
    items
}

/// An item of a list in a header: in quotes when it could be taken for more than one.
pub(super) fn header_item<'t>(list: &'static Member, text: &'t str) -> Cow<'t, str> {
    let is_date =
        matches!(list.shape().kind, Kind::List(element) if matches!(element.shape().kind, Kind::Timestamp));
    if is_date || !text.contains([',', '"']) {
        return encoded_word(text);
    }
    Cow::Owned(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// Writes values as text.
#[derive(Default)]
pub(super) struct TextWriter {
    /// The texts of the value, or of a list's items or a map's values.
    pub(super) texts: Vec<String>,
    /// The keys of a map.
    pub(super) keys: Vec<String>,
}

impl TextWriter {
    fn push(&mut self, text: impl Into<String>) {
        self.texts.push(text.into());
    }
}

impl Writer for TextWriter {
    fn boolean(&mut self, _member: &'static Member, value: bool) {
        self.push(if value { "true" } else { "false" });
    }

    fn integer(&mut self, _member: &'static Member, value: i32) {
        self.push(value.to_string());
    }

    fn long(&mut self, _member: &'static Member, value: i64) {
        self.push(value.to_string());
    }

    fn double(&mut self, _member: &'static Member, value: f64) {
        self.push(match value {
            f64::INFINITY => "Infinity".to_owned(),
            f64::NEG_INFINITY => "-Infinity".to_owned(),
            value => value.to_string(),
        });
    }

    fn string(&mut self, member: &'static Member, value: &str) {
        if member.json_value { self.blob(member, value.as_bytes()) } else { self.push(value) }
    }

    fn blob(&mut self, _member: &'static Member, value: &[u8]) {
        self.push(STANDARD.encode_to_string(value));
    }

    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        self.push(match member.timestamp_format {
            Some(TimestampFormat::EpochSeconds) => timestamp::to_seconds(value).to_string(),
            Some(TimestampFormat::DateTime) => value.to_iso8601_millis(),
            Some(TimestampFormat::HttpDate) | None => timestamp::to_http_date(value),
        });
    }

    fn document(&mut self, _member: &'static Member, json: &str) {
        self.push(json);
    }

    fn structure(&mut self, _member: &'static Member, _value: &dyn WriteStructure) {}

    fn list(&mut self, _member: &'static Member, _len: usize, items: &mut dyn FnMut(&mut dyn Writer)) {
        items(self);
    }

    fn map(&mut self, _member: &'static Member, _len: usize, entries: &mut dyn FnMut(&mut dyn Writer)) {
        entries(self);
    }

    fn key(&mut self, key: &str) {
        self.keys.push(key.to_owned());
    }
}

/// A text as a header can hold it: what is not ASCII as an encoded word (RFC 2047), as S3 gives back metadata.
pub(super) fn encoded_word(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("=?UTF-8?B?{}?=", STANDARD.encode_to_string(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_headers() {
        for (text, dates, expected) in [
            ("", false, vec![]),
            ("a", false, vec!["a"]),
            ("a, b ,c", false, vec!["a", "b", "c"]),
            (r#""a,b", c, "d\"e""#, false, vec!["a,b", "c", "d\"e"]),
            (r#""a"#, false, vec!["a"]),
            ("a,,b", false, vec!["a", "", "b"]),
            (
                "Mon, 16 Dec 2019 23:48:18 GMT, Tue, 17 Dec 2019 23:48:18 GMT",
                true,
                vec!["Mon, 16 Dec 2019 23:48:18 GMT", "Tue, 17 Dec 2019 23:48:18 GMT"],
            ),
        ] {
            assert_eq!(header_items(text, dates), expected, "{text}");
        }
    }

    #[test]
    fn texts_beyond_ascii_become_encoded_words() {
        assert_eq!(encoded_word("plain text"), "plain text");
        assert_eq!(encoded_word("\u{e9}"), "=?UTF-8?B?w6k=?=");
    }
}
