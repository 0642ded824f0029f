//! Lists: keys in their order, rolled up at a delimiter.
//!
//! Source: Amazon S3 User Guide, "Listing object keys programmatically", "Organizing objects using prefixes".

use std::collections::VecDeque;

use garrison_api_s3::types::{CommonPrefix, EncodingType};
use garrison_schema::ApiError;
use garrison_store::{Entry, KeyRange};

use crate::error;
use crate::repo::{PAGE, layout};
use crate::service::S3;

/// The most items of a page.
const MAX_ITEMS: i32 = 1000;

/// Where the records lie whose keys begin with a prefix.
type From = fn(&str, &str) -> KeyRange;

/// What is listed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) bucket: &'a str,
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: Option<&'a str>,
    /// Behind this key, or behind everything that was rolled up to it.
    pub(crate) after: &'a str,
}

/// Walks over records in the order of their objects' keys.
pub(crate) struct Walk<'a> {
    s3: &'a S3,
    wanted: Wanted<'a>,
    from: From,
    range: KeyRange,
    page: VecDeque<Entry>,
    exhausted: bool,
}

/// A record, and what its key is rolled up to.
pub(crate) struct Step {
    pub(crate) entry: Entry,
    pub(crate) key: String,
    pub(crate) rolled_up: Option<String>,
}

impl<'a> Walk<'a> {
    /// Over the current versions of objects.
    pub(crate) fn objects(s3: &'a S3, wanted: Wanted<'a>) -> Self {
        Self::new(s3, wanted, layout::objects_from)
    }

    /// Over uploads.
    pub(crate) fn uploads(s3: &'a S3, wanted: Wanted<'a>) -> Self {
        Self::new(s3, wanted, layout::uploads_from)
    }

    fn new(s3: &'a S3, wanted: Wanted<'a>, from: From) -> Self {
        let mut range = from(wanted.bucket, wanted.prefix);
        if !wanted.after.is_empty() {
            let rolled_up = roll_up(&wanted, wanted.after).is_some_and(|prefix| prefix == wanted.after);
            let mut behind = from(wanted.bucket, wanted.after);
            // A component that goes on sorts behind one that ends.
            behind.start.push(1);
            let start = if rolled_up { behind.end } else { behind.start };
            range.start = range.start.max(start);
        }
        Self { s3, wanted, from, range, page: VecDeque::new(), exhausted: false }
    }

    /// The next record.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn next(&mut self) -> Result<Option<Step>, ApiError> {
        if self.page.is_empty() && !self.exhausted && self.range.start < self.range.end {
            let (page, _) = self.s3.repo().scan(&self.range, PAGE).await?;
            self.exhausted = page.len() < PAGE;
            if let Some(last) = page.last() {
                self.range = self.range.after(&last.key);
            }
            self.page = page.into();
        }
        let Some(entry) = self.page.pop_front() else { return Ok(None) };
        let key = layout::key_of(&entry.key);
        let rolled_up = roll_up(&self.wanted, &key).map(str::to_owned);
        Ok(Some(Step { entry, key, rolled_up }))
    }

    /// Leaves out what else begins so.
    pub(crate) fn skip(&mut self, prefix: &str) {
        let end = (self.from)(self.wanted.bucket, prefix).end;
        while self.page.front().is_some_and(|entry| entry.key.as_bytes() < end.as_slice()) {
            self.page.pop_front();
        }
        self.range.start = self.range.start.clone().max(end);
    }
}

/// What a key is rolled up to: it ends with the first delimiter behind the prefix.
fn roll_up<'k>(wanted: &Wanted<'_>, key: &'k str) -> Option<&'k str> {
    let delimiter = wanted.delimiter.filter(|delimiter| !delimiter.is_empty())?;
    let rest = key.strip_prefix(wanted.prefix)?;
    let end = wanted.prefix.len() + rest.find(delimiter)? + delimiter.len();
    key.get(..end)
}

/// How many items a page has at most.
///
/// # Errors
/// `InvalidArgument` for a negative number.
pub(crate) fn limit(wanted: Option<i32>, name: &str) -> Result<(usize, i32), ApiError> {
    let wanted = wanted.unwrap_or(MAX_ITEMS).min(MAX_ITEMS);
    let limit = usize::try_from(wanted);
    let limit = limit.map_err(|_| {
        error::invalid_argument(format!("Argument {name} must be an integer between 0 and 2147483647"))
    })?;
    Ok((limit, wanted))
}

/// How texts of a list are shown.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown(bool);

impl Shown {
    /// As the caller asks for it.
    ///
    /// # Errors
    /// `InvalidArgument` for another encoding than `url`.
    pub(crate) fn new(encoding: Option<&EncodingType>) -> Result<Self, ApiError> {
        match encoding {
            None => Ok(Self(false)),
            Some(EncodingType::Url) => Ok(Self(true)),
            Some(EncodingType::Unknown(_)) => {
                Err(error::invalid_argument("Invalid Encoding Method specified in Request"))
            }
        }
    }

    /// A text.
    pub(crate) fn text(self, text: &str) -> String {
        if self.0 { encoded(text) } else { text.to_owned() }
    }

    /// A text that may be absent.
    pub(crate) fn maybe(self, text: Option<&String>) -> Option<String> {
        text.map(|text| self.text(text))
    }

    /// What keys were rolled up to.
    pub(crate) fn prefixes(self, prefixes: &[String]) -> Option<Vec<CommonPrefix>> {
        let shown = prefixes.iter().map(|prefix| CommonPrefix { prefix: Some(self.text(prefix)) }).collect();
        Some(shown).filter(|shown: &Vec<_>| !shown.is_empty())
    }
}

fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => {
                encoded.push('%');
                encoded.extend([byte >> 4, byte & 15].map(|digit| {
                    char::from_digit(u32::from(digit), 16).unwrap_or_default().to_ascii_uppercase()
                }));
            }
        }
        encoded
    })
}

/// A token that says where a page ended.
pub(crate) fn token(last: &str) -> String {
    base64_simd::STANDARD.encode_to_string(format!("1{last}"))
}

/// Where the page before ended.
///
/// # Errors
/// `InvalidArgument` for what [`token`] did not make.
pub(crate) fn read_token(token: &str) -> Result<String, ApiError> {
    let bytes = base64_simd::STANDARD.decode_to_vec(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    text.and_then(|text| text.strip_prefix('1').map(str::to_owned))
        .ok_or_else(|| error::invalid_argument("The continuation token provided is incorrect"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_encoded_and_tokens_read() {
        assert_eq!(encoded("a/b c+ä\0~"), "a/b%20c%2B%C3%A4%00~");
        assert_eq!(read_token(&token("a/b")).unwrap(), "a/b");
        assert_eq!(read_token("!").unwrap_err().schema.name, "InvalidArgument");
        assert_eq!(read_token("").unwrap_err().schema.name, "InvalidArgument");
    }
}
