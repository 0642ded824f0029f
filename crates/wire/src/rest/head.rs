//! The head of a request, taken apart once.

use std::borrow::Cow;

use garrison_schema::ReadError;

use crate::percent;

/// The most query parameters of a request.
const MAX_PARAMETERS: usize = 1_000;

/// The head of a request of restJson1 or restXml.
#[derive(Debug)]
pub struct RestHead<'a> {
    method: &'a str,
    path: Cow<'a, str>,
    query: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    headers: &'a [(&'a str, &'a [u8])],
}

impl<'a> RestHead<'a> {
    /// Takes a head apart. `path` and `query` are as they came, still encoded; the names of headers are in lower
    /// case. `bucket` is the bucket that the host names (`bucket.s3.…`), which then stands before the path.
    ///
    /// # Errors
    /// The query string has too many parameters, or is not percent-encoded UTF-8.
    pub fn new(
        method: &'a str,
        path: &'a str,
        query: &'a str,
        headers: &'a [(&'a str, &'a [u8])],
        bucket: Option<&str>,
    ) -> Result<Self, ReadError> {
        let path = match bucket {
            Some(bucket) => Cow::Owned(format!("/{bucket}{path}")),
            None => Cow::Borrowed(path),
        };
        let mut parameters = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            if parameters.len() == MAX_PARAMETERS {
                return Err(ReadError::in_head("The request has too many parameters"));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text: &'a str| {
                percent::decode(text.as_bytes(), true)
                    .ok_or_else(|| ReadError::in_head("The query string is malformed"))
            };
            parameters.push((decode(name)?, decode(value)?));
        }
        Ok(Self { method, path, query: parameters, headers })
    }

    /// The method.
    pub fn method(&self) -> &'a str {
        self.method
    }

    /// The path with the bucket before it, still encoded.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The parameters of the query string, in its order.
    pub fn query(&self) -> &[(Cow<'a, str>, Cow<'a, str>)] {
        &self.query
    }

    /// The first value of a query parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_ref())
    }

    /// The values of a header, each as text: UTF-8, else Latin-1 (RFC 9110 section 5.5).
    pub fn header_values(&self, name: &str) -> impl Iterator<Item = Cow<'a, str>> {
        let same = self.headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name));
        same.map(|(_, value)| text(value))
    }

    /// The headers whose names begin with a prefix, with the rests of their names; equal names are one, their values
    /// with a comma between.
    pub(super) fn headers_with_prefix(&self, prefix: &str) -> Vec<(String, String)> {
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, value) in self.headers {
            let (start, rest) = name.split_at_checked(prefix.len()).unwrap_or_default();
            if !start.eq_ignore_ascii_case(prefix) || rest.is_empty() {
                continue;
            }
            let (rest, value) = (rest.to_ascii_lowercase(), text(value));
            match found.iter_mut().find(|(own, _)| *own == rest) {
                Some((_, before)) => {
                    before.push(',');
                    before.push_str(&value);
                }
                None => found.push((rest, value.into_owned())),
            }
        }
        found
    }
}

fn text(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) => Cow::Borrowed(text.trim_matches([' ', '\t'])),
        Err(_) => Cow::Owned(value.iter().copied().map(char::from).collect()),
    }
}
