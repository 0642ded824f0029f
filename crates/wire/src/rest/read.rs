//! Reading a request of restJson1 or restXml: its labels, query string, headers and body into one input.

use std::borrow::Cow;

use garrison_schema::{
    ByteStream, Bytes, EachElement, EachEntry, EachMember, Issues, Kind, Location, Member, ReadError, Reader,
    Segment, TimestampFormat,
};
use garrison_types::Timestamp;

use super::RestCodec;
use super::head::RestHead;
use super::route::Routed;
use super::text::{TextReader, Texts, header_items};
use crate::json::JsonReader;
use crate::xml::XmlReader;

/// The body of a request.
#[derive(Debug)]
pub enum RequestBody {
    /// All of it.
    Bytes(Bytes),
    /// Piece by piece, for an operation that has a [`garrison_schema::OperationSchema::streaming_input`].
    Stream(ByteStream),
}

/// Reads a request. Members that are not in it are absent; what the model does not know is skipped.
pub struct RestReader<'a> {
    codec: RestCodec,
    head: &'a RestHead<'a>,
    labels: &'a [(&'static str, String)],
    body: RequestBody,
    issues: Issues,
}

impl<'a> RestReader<'a> {
    /// A reader of the request that was routed.
    pub(super) fn new(
        codec: RestCodec,
        head: &'a RestHead<'a>,
        routed: &'a Routed,
        body: RequestBody,
    ) -> Self {
        Self { codec, head, labels: &routed.labels, body, issues: Issues::default() }
    }

    /// The value of a member that stands outside of the body, when it is in the request.
    fn texts(&self, member: &'static Member, members: &'static [Member]) -> Option<Texts<'a>> {
        let kind = &member.shape().kind;
        let texts = match member.location {
            Location::Uri(name) => {
                let (_, text) = self.labels.iter().find(|(own, _)| *own == name)?;
                Texts::One(Cow::Borrowed(text))
            }
            Location::QueryString(_) if matches!(kind, Kind::Map(..)) => self.other_parameters(members)?,
            Location::QueryString(name) => {
                let mut found = self.head.query().iter().filter(|(own, _)| own == name);
                if matches!(kind, Kind::List(_)) {
                    let values: Vec<_> = found.map(|(_, value)| Cow::Borrowed(value.as_ref())).collect();
                    Texts::Many(Some(values).filter(|values| !values.is_empty())?)
                } else {
                    Texts::One(Cow::Borrowed(found.next()?.1.as_ref()))
                }
            }
            Location::Header(name) => {
                let mut found = self.head.header_values(name).peekable();
                found.peek()?;
                match kind {
                    Kind::List(element) => {
                        let dates = matches!(element.shape().kind, Kind::Timestamp)
                            && matches!(element.timestamp_format, None | Some(TimestampFormat::HttpDate));
                        let items = |text: Cow<'a, str>| match text {
                            Cow::Borrowed(text) => header_items(text, dates),
                            Cow::Owned(text) => header_items(&text, dates)
                                .into_iter()
                                .map(|i| Cow::Owned(i.into_owned()))
                                .collect(),
                        };
                        Texts::Many(found.flat_map(items).collect())
                    }
                    _ => Texts::One(found.next()?),
                }
            }
            Location::HeaderPrefix(prefix) => {
                let found = self.head.headers_with_prefix(prefix);
                let entries: Vec<_> =
                    found.into_iter().map(|(name, text)| (name, vec![Cow::Owned(text)])).collect();
                Texts::Entries(Some(entries).filter(|entries| !entries.is_empty())?)
            }
            _ => return None,
        };
        let is_text = matches!(kind, Kind::String | Kind::Enum(_) | Kind::List(_) | Kind::Map(..));
        // `?max-keys=` gives no number.
        Some(texts).filter(|texts| is_text || !matches!(texts, Texts::One(text) if text.is_empty()))
    }

    /// The query parameters that no other member takes.
    fn other_parameters(&self, members: &'static [Member]) -> Option<Texts<'a>> {
        let mut entries: Vec<(String, Vec<Cow<'a, str>>)> = Vec::new();
        let is_taken = |name: &str| {
            members.iter().any(|member| {
                matches!(member.location, Location::QueryString(own) if own == name)
                    && !matches!(member.shape().kind, Kind::Map(..))
            })
        };
        for (name, value) in self.head.query().iter().filter(|(name, _)| !is_taken(name)) {
            let value = Cow::Borrowed(value.as_ref());
            match entries.iter_mut().find(|(own, _)| own == name) {
                Some((_, values)) => values.push(value),
                None => entries.push((name.to_string(), vec![value])),
            }
        }
        Some(Texts::Entries(Some(entries).filter(|entries| !entries.is_empty())?))
    }

    /// The member that is the whole body.
    fn payload(&mut self, member: &'static Member, each: &mut EachMember<'_>) -> Result<(), ReadError> {
        if member.streaming {
            let body = std::mem::replace(&mut self.body, RequestBody::Bytes(Bytes::new()));
            let stream = match body {
                RequestBody::Bytes(bytes) => ByteStream::from(bytes),
                RequestBody::Stream(stream) => stream,
            };
            return each(&mut TextReader::new(Texts::Stream(stream)), member);
        }
        let bytes = self.bytes()?;
        match member.shape().kind {
            _ if bytes.is_empty() => Ok(()),
            Kind::Blob | Kind::String | Kind::Enum(_) => {
                each(&mut TextReader::new(Texts::Body(bytes)), member)
            }
            _ => self.with_document(&bytes, true, &mut |reader| each(reader, member)),
        }
    }

    fn bytes(&self) -> Result<Bytes, ReadError> {
        match &self.body {
            RequestBody::Bytes(bytes) => Ok(bytes.clone()),
            RequestBody::Stream(_) => Err(ReadError::new("The operation takes no streamed body")),
        }
    }

    /// Hands the reader of the body's document to `read`.
    fn with_document(
        &mut self,
        bytes: &[u8],
        payload: bool,
        read: &mut dyn FnMut(&mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        let mut inner: Box<dyn Reader + '_> = match (self.codec, payload) {
            (RestCodec::RestJson, true) => Box::new(JsonReader::new(bytes)?),
            (RestCodec::RestJson, false) => Box::new(JsonReader::of_rest(bytes)?),
            (RestCodec::RestXml | RestCodec::S3, payload) => Box::new(XmlReader::new(bytes, payload)?),
        };
        std::mem::swap(&mut self.issues, inner.issues());
        let result = read(inner.as_mut());
        std::mem::swap(&mut self.issues, inner.issues());
        result
    }

    /// A request is read as a structure alone.
    fn misplaced<T>(member: &'static Member) -> Result<T, ReadError> {
        Err(ReadError::new(format!("{} is no structure", member.name)))
    }
}

impl Reader for RestReader<'_> {
    fn structure(&mut self, member: &'static Member, each: &mut EachMember<'_>) -> Result<(), ReadError> {
        let input = member;
        let members = input.shape().members();
        let mut in_body = false;
        for member in members {
            match member.location {
                Location::Body => in_body = true,
                Location::Payload => {
                    self.issues.enter(Segment::Member(member.name));
                    let result = self.payload(member, each);
                    self.issues.leave();
                    result?;
                }
                _ => {
                    if let Some(texts) = self.texts(member, members) {
                        each(&mut TextReader::new(texts), member)?;
                    }
                }
            }
        }
        if !in_body {
            return Ok(());
        }
        let bytes = self.bytes()?;
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        self.with_document(&bytes, false, &mut |reader| reader.structure(input, each))
    }

    fn boolean(&mut self, member: &'static Member) -> Result<bool, ReadError> {
        Self::misplaced(member)
    }

    fn integer(&mut self, member: &'static Member) -> Result<i32, ReadError> {
        Self::misplaced(member)
    }

    fn long(&mut self, member: &'static Member) -> Result<i64, ReadError> {
        Self::misplaced(member)
    }

    fn double(&mut self, member: &'static Member) -> Result<f64, ReadError> {
        Self::misplaced(member)
    }

    fn string(&mut self, member: &'static Member) -> Result<String, ReadError> {
        Self::misplaced(member)
    }

    fn blob(&mut self, member: &'static Member) -> Result<Vec<u8>, ReadError> {
        Self::misplaced(member)
    }

    fn timestamp(&mut self, member: &'static Member) -> Result<Timestamp, ReadError> {
        Self::misplaced(member)
    }

    fn document(&mut self, member: &'static Member) -> Result<String, ReadError> {
        Self::misplaced(member)
    }

    fn list(&mut self, member: &'static Member, _each: &mut EachElement<'_>) -> Result<(), ReadError> {
        Self::misplaced(member)
    }

    fn map(&mut self, member: &'static Member, _each: &mut EachEntry<'_>) -> Result<(), ReadError> {
        Self::misplaced(member)
    }

    fn issues(&mut self) -> &mut Issues {
        &mut self.issues
    }
}
