//! Bodies in `aws-chunked` framing.
//!
//! Sources: S3 API Reference, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple
//! Chunks" and "… Including Trailing Headers".

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::{constant_time, digest};

use crate::hex;
use crate::key::SigningKey;
use crate::parse::Scope;
use crate::request::{Streaming, sha256};
use crate::time::AmzDate;
use crate::verify::write_string_to_sign;

/// The longest chunk header or trailer line, in bytes.
const MAX_LINE: usize = 1024;
/// All trailer lines together, in bytes.
const MAX_TRAILERS: usize = 8192;
/// Every chunk but the last has at least this many bytes.
const MIN_CHUNK: u64 = 8192;

/// A trailing header: its name in lower case, its value without white space at the ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trailer {
    /// For example `x-amz-checksum-crc32c`.
    pub name: String,
    /// For example `sOO8/Q==`.
    pub value: String,
}

/// What the first chunk's signature is chained to: the request's own signature.
#[derive(Clone)]
pub struct ChunkSeed {
    form: Streaming,
    chunk_prefix: Vec<u8>,
    trailer_prefix: Vec<u8>,
    signature: [u8; 64],
}

impl ChunkSeed {
    pub(crate) fn new(form: Streaming, date: AmzDate, scope: &Scope<'_>, signature: [u8; 64]) -> Self {
        let (mut chunk_prefix, mut trailer_prefix) = (Vec::new(), Vec::new());
        write_string_to_sign(&mut chunk_prefix, "AWS4-HMAC-SHA256-PAYLOAD", &date, scope);
        write_string_to_sign(&mut trailer_prefix, "AWS4-HMAC-SHA256-TRAILER", &date, scope);
        Self { form, chunk_prefix, trailer_prefix, signature }
    }

    /// Which of the framings the body has.
    pub fn form(&self) -> Streaming {
        self.form
    }
}

impl fmt::Debug for ChunkSeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChunkSeed({})", self.form.as_str())
    }
}

/// Why a chunked body is not accepted. The codes are S3's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChunkError {
    /// The body ends too early, or it is longer or shorter than it said.
    Incomplete,
    /// The cryptographic library failed.
    Internal,
    /// A chunk header or what follows a chunk is not as it must be.
    MalformedChunk,
    /// A trailer is not as it must be, or there are too many.
    MalformedTrailer,
    /// A chunk's or the trailer's signature is another one.
    SignatureMismatch,
    /// A chunk that is not the last has less than 8,192 bytes.
    TooSmall,
}

impl ChunkError {
    /// S3's code, for example `SignatureDoesNotMatch`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Incomplete | Self::MalformedChunk => "IncompleteBody",
            Self::Internal => "InternalError",
            Self::MalformedTrailer => "MalformedTrailerError",
            Self::SignatureMismatch => "SignatureDoesNotMatch",
            Self::TooSmall => "InvalidChunkSizeError",
        }
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::Incomplete | Self::MalformedChunk | Self::MalformedTrailer => 400,
            Self::SignatureMismatch | Self::TooSmall => 403,
            Self::Internal => 500,
        }
    }
}

impl fmt::Display for ChunkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Incomplete => {
                "You did not provide the number of bytes specified by the Content-Length HTTP header."
            }
            Self::Internal => "We encountered an internal error. Please try again.",
            Self::MalformedChunk => "The request body is not well-formed aws-chunked data.",
            Self::MalformedTrailer => {
                "The request contained trailing data that was not well-formed or did not conform to our published \
                 schema."
            }
            Self::SignatureMismatch => {
                "The request signature we calculated does not match the signature you provided. Check your key and \
                 signing method."
            }
            Self::TooSmall => "Only the last chunk is allowed to have a size less than 8192 bytes",
        })
    }
}

impl std::error::Error for ChunkError {}

enum State {
    /// In the line that begins a chunk.
    Header,
    /// In a chunk's data; so many bytes are to come.
    Data(u64),
    /// In the line end behind a chunk's data; whether that chunk was the last.
    DataEnd { last: bool },
    /// In the lines behind the last chunk.
    Trailer,
    /// Behind the trailer's signature.
    TrailerEnd,
    /// At the end.
    Done,
    /// Nothing is decoded any more.
    Failed(ChunkError),
}

/// Decodes a body piece by piece, in constant memory, and verifies the signatures in it.
///
/// A piece's bytes come out before the signature of their chunk has been seen: nothing may be done with them that
/// cannot be undone until [`ChunkedDecoder::finish`] has said that the body is whole.
pub struct ChunkedDecoder {
    seed: ChunkSeed,
    /// None when signatures are not looked at.
    key: Option<Arc<SigningKey>>,
    state: State,
    line: Vec<u8>,
    /// The signature that the current chunk states, and the hash of its data so far.
    stated: [u8; 64],
    hash: digest::Context,
    /// Decoded bytes that are still to come after the current chunk.
    remaining: u64,
    last_size: Option<u64>,
    trailers: Vec<Trailer>,
    trailer_bytes: usize,
}

impl ChunkedDecoder {
    /// A decoder of the body of the request that `seed` comes from; `key` is the one that verified the request and
    /// `decoded_length` its `x-amz-decoded-content-length`, in bytes.
    pub fn new(seed: ChunkSeed, key: Arc<SigningKey>, decoded_length: u64) -> Self {
        Self::with_key(seed, Some(key), decoded_length)
    }

    /// A decoder that takes the framing off and looks at no signature: for a request that nobody signed, or whose
    /// signature is not verified either.
    pub fn unverified(form: Streaming, decoded_length: u64) -> Self {
        let seed =
            ChunkSeed { form, chunk_prefix: Vec::new(), trailer_prefix: Vec::new(), signature: [b'0'; 64] };
        Self::with_key(seed, None, decoded_length)
    }

    fn with_key(seed: ChunkSeed, key: Option<Arc<SigningKey>>, decoded_length: u64) -> Self {
        Self {
            seed,
            key,
            state: State::Header,
            line: Vec::new(),
            stated: [0; 64],
            hash: digest::Context::new(&digest::SHA256),
            remaining: decoded_length,
            last_size: None,
            trailers: Vec::new(),
            trailer_bytes: 0,
        }
    }

    /// Takes the next bytes of the body, split anywhere, and appends what they decode to onto `out`.
    ///
    /// # Errors
    /// [`ChunkError`]; the decoder then answers the same to every further call.
    pub fn push(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), ChunkError> {
        let result = self.advance(input, out);
        if let Err(error) = result {
            self.state = State::Failed(error);
        }
        result
    }

    /// Ends the body; answers its trailers.
    ///
    /// # Errors
    /// [`ChunkError::Incomplete`] when the body is not at its end, and what [`Self::push`] failed with.
    pub fn finish(self) -> Result<Vec<Trailer>, ChunkError> {
        match self.state {
            State::Done | State::TrailerEnd if self.remaining == 0 => Ok(self.trailers),
            State::Failed(error) => Err(error),
            _ => Err(ChunkError::Incomplete),
        }
    }

    fn advance(&mut self, mut input: &[u8], out: &mut Vec<u8>) -> Result<(), ChunkError> {
        while !input.is_empty() {
            match self.state {
                State::Data(left) => {
                    let length = usize::try_from(left).unwrap_or(usize::MAX).min(input.len());
                    let (data, rest) = input.split_at_checked(length).ok_or(ChunkError::Internal)?;
                    input = rest;
                    out.extend_from_slice(data);
                    if self.is_verified() {
                        self.hash.update(data);
                    }
                    // `length` is at most `left`.
                    let left = left.saturating_sub(length as u64);
                    self.state = State::Data(left);
                    if left == 0 {
                        self.verify_chunk()?;
                        self.state = State::DataEnd { last: false };
                    }
                }
                State::Failed(error) => return Err(error),
                State::Done => return Err(ChunkError::MalformedChunk),
                _ => {
                    let Some(line) = self.take_line(&mut input)? else { return Ok(()) };
                    self.read_line(&line)?;
                }
            }
        }
        Ok(())
    }

    /// The next line with its line end, once all of it is there.
    fn take_line(&mut self, input: &mut &[u8]) -> Result<Option<Vec<u8>>, ChunkError> {
        let end = input.iter().position(|b| *b == b'\n');
        let (part, rest) =
            input.split_at_checked(end.map_or(input.len(), |at| at + 1)).ok_or(ChunkError::Internal)?;
        if self.line.len() + part.len() > MAX_LINE {
            return Err(ChunkError::MalformedChunk);
        }
        self.line.extend_from_slice(part);
        *input = rest;
        Ok(end.map(|_| std::mem::take(&mut self.line)))
    }

    fn read_line(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        match self.state {
            State::Header => self.read_chunk_header(line),
            State::DataEnd { last } => {
                if line != b"\r\n" {
                    return Err(ChunkError::MalformedChunk);
                }
                self.state = if last { State::Done } else { State::Header };
                Ok(())
            }
            State::Trailer => self.read_trailer(line),
            _ if line.trim_ascii().is_empty() => {
                self.state = State::Done;
                Ok(())
            }
            _ => Err(ChunkError::MalformedTrailer),
        }
    }

    /// `size` in hexadecimal digits; in the signed forms `;chunk-signature=` and the signature follow.
    fn read_chunk_header(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        let line = line.strip_suffix(b"\r\n").and_then(|line| std::str::from_utf8(line).ok());
        let line = line.ok_or(ChunkError::MalformedChunk)?;
        let size = if self.seed.form == Streaming::UnsignedTrailer {
            line
        } else {
            let (size, signature) = line.split_once(";chunk-signature=").ok_or(ChunkError::MalformedChunk)?;
            self.stated = signature.as_bytes().try_into().map_err(|_| ChunkError::MalformedChunk)?;
            size
        };
        if size.is_empty() || size.len() > 16 || !size.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(ChunkError::MalformedChunk);
        }
        let size = u64::from_str_radix(size, 16).map_err(|_| ChunkError::MalformedChunk)?;
        self.remaining = self.remaining.checked_sub(size).ok_or(ChunkError::Incomplete)?;
        self.hash = digest::Context::new(&digest::SHA256);
        if size > 0 {
            if self.last_size.is_some_and(|last| last < MIN_CHUNK) {
                return Err(ChunkError::TooSmall);
            }
            self.last_size = Some(size);
            self.state = State::Data(size);
            return Ok(());
        }
        if self.remaining > 0 {
            return Err(ChunkError::Incomplete);
        }
        self.verify_chunk()?;
        self.state =
            if self.seed.form == Streaming::Signed { State::DataEnd { last: true } } else { State::Trailer };
        Ok(())
    }

    /// Whether the chunks have signatures that count.
    fn is_verified(&self) -> bool {
        self.key.is_some() && self.seed.form != Streaming::UnsignedTrailer
    }

    /// Compares the stated signature of the chunk whose data is complete, and chains the next one to it.
    fn verify_chunk(&mut self) -> Result<(), ChunkError> {
        if !self.is_verified() {
            return Ok(());
        }
        let hash = std::mem::replace(&mut self.hash, digest::Context::new(&digest::SHA256)).finish();
        let hash: [u8; 32] = hash.as_ref().try_into().map_err(|_| ChunkError::Internal)?;
        let mut text = self.seed.chunk_prefix.clone();
        text.extend_from_slice(&self.seed.signature);
        text.push(b'\n');
        text.extend_from_slice(&hex::encode(&sha256(b"")));
        text.push(b'\n');
        text.extend_from_slice(&hex::encode(&hash));
        self.seed.signature = self.compare(&text, &self.stated)?;
        Ok(())
    }

    /// `name:value`, the trailer's signature, or the empty line at the end.
    fn read_trailer(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        self.trailer_bytes += line.len();
        if self.trailer_bytes > MAX_TRAILERS {
            return Err(ChunkError::MalformedTrailer);
        }
        let line = std::str::from_utf8(line.trim_ascii()).map_err(|_| ChunkError::MalformedTrailer)?;
        if line.is_empty() {
            // Some signers put an empty line before the trailer's signature; only it ends a signed trailer.
            if self.seed.form == Streaming::UnsignedTrailer {
                self.state = State::Done;
            }
            return Ok(());
        }
        let (name, value) = line.split_once(':').ok_or(ChunkError::MalformedTrailer)?;
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        if name.is_empty() || !name.bytes().all(token) {
            return Err(ChunkError::MalformedTrailer);
        }
        let trailer = Trailer { name: name.to_ascii_lowercase(), value: value.trim_ascii().to_owned() };
        if trailer.name == "x-amz-trailer-signature" && self.seed.form == Streaming::SignedTrailer {
            self.verify_trailer(trailer.value.as_bytes())?;
            self.state = State::TrailerEnd;
        } else if self.trailers.iter().any(|other| other.name == trailer.name) {
            return Err(ChunkError::MalformedTrailer);
        } else {
            self.trailers.push(trailer);
        }
        Ok(())
    }

    fn verify_trailer(&self, stated: &[u8]) -> Result<(), ChunkError> {
        if self.key.is_none() {
            return Ok(());
        }
        let mut sorted: Vec<&Trailer> = self.trailers.iter().collect();
        sorted.sort_unstable_by_key(|trailer| &trailer.name);
        let canonical: String =
            sorted.iter().flat_map(|trailer| [&*trailer.name, ":", &*trailer.value, "\n"]).collect();
        let mut text = self.seed.trailer_prefix.clone();
        text.extend_from_slice(&self.seed.signature);
        text.push(b'\n');
        text.extend_from_slice(&hex::encode(&sha256(canonical.as_bytes())));
        self.compare(&text, stated).map(drop)
    }

    /// The signature of `text`, when it is `stated`.
    fn compare(&self, text: &[u8], stated: &[u8]) -> Result<[u8; 64], ChunkError> {
        let key = self.key.as_ref().ok_or(ChunkError::Internal)?;
        let signature = hex::encode(&key.sign(text).map_err(|_| ChunkError::Internal)?);
        constant_time::verify_slices_are_equal(&signature, stated)
            .map_err(|_| ChunkError::SignatureMismatch)?;
        Ok(signature)
    }
}

impl fmt::Debug for ChunkedDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChunkedDecoder({:?}, {} bytes to come)", self.seed, self.remaining)
    }
}
