//! An answer whose head the model decides, and whose body may be a stream.

use std::borrow::Cow;

use garrison_schema::ByteStream;

use crate::buffer::{Buffer, Encoded};

/// An answer, ready for HTTP: what [`Encoded`] is, with headers from members and with streamed bodies.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers: names in lower case, values of UTF-8 without control characters. `content-length` is among them only
    /// where the model has a member for it.
    pub headers: Vec<(Cow<'static, str>, String)>,
    /// The body.
    pub body: Body,
    /// The body holds secrets: overwrite it when it has been sent.
    pub sensitive: bool,
}

/// The body of an answer.
pub enum Body {
    /// All of it.
    Bytes(Vec<u8>),
    /// Piece by piece; an error in it must break the connection.
    Stream(ByteStream),
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({})", bytes.len()),
            Self::Stream(stream) => stream.fmt(f),
        }
    }
}

impl Answer {
    /// An answer without headers or body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Bytes(Vec::new()), sensitive: false }
    }

    /// Adds a header; control characters become spaces.
    pub(crate) fn header(&mut self, name: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        let mut value: String = value.into();
        if value.contains(char::is_control) {
            value = value.replace(char::is_control, " ");
        }
        self.headers.push((name.into(), value));
    }

    /// The body and its type, unless a member has said which type it is.
    pub(crate) fn set_body(&mut self, body: Buffer, content_type: &'static str) {
        let (bytes, sensitive) = body.into_parts();
        self.body = Body::Bytes(bytes);
        self.sensitive |= sensitive;
        self.default_type(content_type);
    }

    /// Says the type of the body, unless a member has.
    pub(crate) fn default_type(&mut self, content_type: &'static str) {
        if !self.headers.iter().any(|(name, _)| name == "content-type") {
            self.header("content-type", content_type);
        }
    }
}

impl From<Encoded> for Answer {
    fn from(encoded: Encoded) -> Self {
        let Encoded { status, headers, bytes, sensitive } = encoded;
        let headers =
            headers.iter().map(|(name, value)| (Cow::Borrowed(*name), (*value).to_owned())).collect();
        Self { status, headers, body: Body::Bytes(bytes), sensitive }
    }
}
