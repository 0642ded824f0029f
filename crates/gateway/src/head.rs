//! The head of a request as the phases look at it: borrowed, names in lower case.

use garrison_sigv4::Request;
use http::request::Parts;

/// The parts of a request's head.
pub(crate) struct Head<'a> {
    parts: &'a Parts,
    /// All headers in the order they came, `host` among them on HTTP/2 as well.
    headers: Vec<(&'a str, &'a [u8])>,
}

impl<'a> Head<'a> {
    pub(crate) fn new(parts: &'a Parts) -> Self {
        let mut headers: Vec<(&str, &[u8])> = Vec::with_capacity(parts.headers.len() + 1);
        headers.extend(parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())));
        if let Some(authority) = parts.uri.authority()
            && !parts.headers.contains_key(http::header::HOST)
        {
            headers.push(("host", authority.as_str().as_bytes()));
        }
        Self { parts, headers }
    }

    pub(crate) fn method(&self) -> &'a str {
        self.parts.method.as_str()
    }

    /// The path, also of a target in absolute form.
    pub(crate) fn path(&self) -> &'a str {
        self.parts.uri.path()
    }

    pub(crate) fn query(&self) -> &'a str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// All headers in the order they came; names in lower case.
    pub(crate) fn headers(&self) -> &[(&'a str, &'a [u8])] {
        &self.headers
    }

    /// The first value of a header (name in lower case) as text; none when it is absent or not ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&'a str> {
        let value = self.headers.iter().find(|(n, _)| *n == name).map(|(_, value)| *value)?;
        std::str::from_utf8(value).ok().map(str::trim)
    }

    /// Host name and port that the client addressed.
    pub(crate) fn host(&self) -> &'a str {
        self.header("host").unwrap_or_default()
    }

    /// `content-type` without its parameters.
    pub(crate) fn content_type(&self) -> &'a str {
        let value = self.header("content-type").unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim_end()
    }

    /// The request as signatures see it.
    pub(crate) fn to_sign(&self) -> Request<'_> {
        Request { method: self.method(), path: self.path(), query: self.query(), headers: &self.headers }
    }
}
