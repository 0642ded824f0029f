//! Event streams: `application/vnd.amazon.eventstream`.
//!
//! A message is a prelude of two lengths and their checksum, headers, a payload, and a checksum of all that. Sources:
//! Smithy 2.0 specification, "Event stream specification"; Amazon S3 API Reference, "Appendix: SelectObjectContent
//! Response".

mod body;

pub(crate) use body::EventBody;

use garrison_schema::ReadError;
use garrison_types::Timestamp;

/// The longest payload of a message.
const MAX_PAYLOAD: usize = 16 << 20;
/// The longest headers of a message.
const MAX_HEADERS: usize = 128 << 10;
/// Total length, headers' length, checksum of both.
const PRELUDE: usize = 12;
/// What stands around headers and payload.
const FRAME: usize = PRELUDE + 4;

/// A message of an event stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Message {
    /// Its headers in order.
    pub headers: Vec<(String, HeaderValue)>,
    /// Its payload.
    pub payload: Vec<u8>,
}

/// The value of a message's header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HeaderValue {
    /// A boolean.
    Boolean(bool),
    /// 8 bits.
    Byte(i8),
    /// 16 bits.
    Short(i16),
    /// 32 bits.
    Integer(i32),
    /// 64 bits.
    Long(i64),
    /// Bytes, at most 65,535.
    Bytes(Vec<u8>),
    /// Text, at most 65,535 bytes.
    Text(String),
    /// A point in time, in milliseconds.
    Timestamp(Timestamp),
    /// A UUID.
    Uuid([u8; 16]),
}

fn bad(what: &str) -> ReadError {
    ReadError::new(format!("The event stream is malformed: {what}"))
}

impl Message {
    /// The message's bytes.
    ///
    /// # Errors
    /// A name, value, all headers or the payload are longer than a message can hold.
    pub fn encode(&self) -> Result<Vec<u8>, ReadError> {
        let mut headers = Vec::new();
        for (name, value) in &self.headers {
            let length = u8::try_from(name.len()).map_err(|_| bad("a name is too long"))?;
            headers.push(length);
            headers.extend_from_slice(name.as_bytes());
            value.encode(&mut headers)?;
        }
        if headers.len() > MAX_HEADERS || self.payload.len() > MAX_PAYLOAD {
            return Err(bad("a message is too long"));
        }
        let length = |length: usize| u32::try_from(length).map_err(|_| bad("a message is too long"));
        let total = FRAME + headers.len() + self.payload.len();
        let mut bytes = Vec::with_capacity(total);
        bytes.extend_from_slice(&length(total)?.to_be_bytes());
        bytes.extend_from_slice(&length(headers.len())?.to_be_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        bytes.extend_from_slice(&headers);
        bytes.extend_from_slice(&self.payload);
        bytes.extend_from_slice(&crc32fast::hash(&bytes).to_be_bytes());
        Ok(bytes)
    }

    /// The message at the start of the bytes, and how many bytes it has; `None` when not all of it is there yet.
    ///
    /// # Errors
    /// A checksum does not fit, a length is out of bounds, or a header is malformed. A wrong length is refused as soon
    /// as the prelude is there.
    pub fn decode(bytes: &[u8]) -> Result<Option<(Self, usize)>, ReadError> {
        let Some((prelude, _)) = bytes.split_at_checked(PRELUDE) else { return Ok(None) };
        let mut fields = Fields(prelude);
        let (total, headers, checksum) = (fields.length()?, fields.length()?, fields.u32()?);
        let lengths = prelude.get(..8).unwrap_or_default();
        if crc32fast::hash(lengths) != checksum {
            return Err(bad("the checksum of a prelude does not fit"));
        }
        let payload = total.checked_sub(FRAME).and_then(|rest| rest.checked_sub(headers));
        let payload = payload.ok_or_else(|| bad("a length is out of bounds"))?;
        if headers > MAX_HEADERS || payload > MAX_PAYLOAD {
            return Err(bad("a length is out of bounds"));
        }
        let Some(message) = bytes.get(..total) else { return Ok(None) };
        let (content, checksum) = message.split_at_checked(total - 4).unwrap_or_default();
        if crc32fast::hash(content) != Fields(checksum).u32()? {
            return Err(bad("the checksum of a message does not fit"));
        }
        let mut fields = Fields(content.get(PRELUDE..).unwrap_or_default());
        let mut headers_left = Fields(fields.take(headers)?);
        let mut decoded = Self { headers: Vec::new(), payload: fields.0.to_vec() };
        while !headers_left.0.is_empty() {
            let length = usize::from(headers_left.array::<1>()?[0]);
            let name = text(headers_left.take(length)?)?;
            decoded.headers.push((name, HeaderValue::decode(&mut headers_left)?));
        }
        Ok(Some((decoded, total)))
    }
}

impl HeaderValue {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), ReadError> {
        let mut sized = |kind: u8, bytes: &[u8]| {
            let length = u16::try_from(bytes.len()).map_err(|_| bad("a header is too long"))?;
            out.push(kind);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(bytes);
            Ok(())
        };
        match self {
            Self::Bytes(bytes) => return sized(6, bytes),
            Self::Text(text) => return sized(7, text.as_bytes()),
            _ => {}
        }
        let mut fixed = |kind: u8, bytes: &[u8]| {
            out.push(kind);
            out.extend_from_slice(bytes);
        };
        match self {
            Self::Boolean(value) => fixed(u8::from(!*value), &[]),
            Self::Byte(value) => fixed(2, &value.to_be_bytes()),
            Self::Short(value) => fixed(3, &value.to_be_bytes()),
            Self::Integer(value) => fixed(4, &value.to_be_bytes()),
            Self::Long(value) => fixed(5, &value.to_be_bytes()),
            Self::Timestamp(time) => fixed(8, &time.as_millis().to_be_bytes()),
            Self::Uuid(bytes) => fixed(9, bytes),
            Self::Bytes(_) | Self::Text(_) => {}
        }
        Ok(())
    }

    fn decode(fields: &mut Fields<'_>) -> Result<Self, ReadError> {
        let [kind] = fields.array()?;
        Ok(match kind {
            0 | 1 => Self::Boolean(kind == 0),
            2 => Self::Byte(i8::from_be_bytes(fields.array()?)),
            3 => Self::Short(i16::from_be_bytes(fields.array()?)),
            4 => Self::Integer(i32::from_be_bytes(fields.array()?)),
            5 => Self::Long(i64::from_be_bytes(fields.array()?)),
            6 | 7 => {
                let length = usize::from(u16::from_be_bytes(fields.array()?));
                let bytes = fields.take(length)?;
                if kind == 6 { Self::Bytes(bytes.to_vec()) } else { Self::Text(text(bytes)?) }
            }
            8 => Self::Timestamp(Timestamp::from_millis(i64::from_be_bytes(fields.array()?))),
            9 => Self::Uuid(fields.array()?),
            _ => return Err(bad("the type of a header is not known")),
        })
    }
}

fn text(bytes: &[u8]) -> Result<String, ReadError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| bad("a text is not UTF-8"))
}

/// Bytes that are read from the front.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], ReadError> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or_else(|| bad("it is cut short"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ReadError> {
        self.take(N)?.try_into().map_err(|_| bad("it is cut short"))
    }

    fn u32(&mut self) -> Result<u32, ReadError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    fn length(&mut self) -> Result<usize, ReadError> {
        usize::try_from(self.u32()?).map_err(|_| bad("a length is out of bounds"))
    }
}
