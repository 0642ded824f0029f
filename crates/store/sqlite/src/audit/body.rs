//! An audit record as bytes: the stored form, version 1.
//!
//! ```text
//! u8 version · u8 flags · [u8; 16] event id · i64 time · [u8; 12] account · text region · text event name ·
//! text event source · text user name · text access key · u32 n · n × (text type · text name) · bytes json
//! ```
//! Numbers are little-endian; a text is a u32 length and UTF-8.

use bytes::Bytes;
use garrison_store::AuditRecord;
use garrison_types::Timestamp;

const VERSION: u8 = 1;
const READ_ONLY: u8 = 1;
const HAS_USER: u8 = 2;
const HAS_KEY: u8 = 4;
/// No record has more resources; a stored count above it is damage.
const MAX_RESOURCES: u32 = 100_000;

/// The record's stored form.
pub(crate) fn encode(record: &AuditRecord) -> Vec<u8> {
    let mut out = Vec::with_capacity(encoded_len(record));
    let flag = |set: bool, bit: u8| if set { bit } else { 0 };
    out.push(VERSION);
    out.push(
        flag(record.read_only, READ_ONLY)
            | flag(record.username.is_some(), HAS_USER)
            | flag(record.access_key_id.is_some(), HAS_KEY),
    );
    out.extend_from_slice(&record.event_id);
    out.extend_from_slice(&record.time.as_millis().to_le_bytes());
    out.extend_from_slice(record.account.as_str().as_bytes());
    let mut put = |bytes: &[u8]| {
        out.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(bytes);
    };
    put(record.region.as_str().as_bytes());
    put(record.event_name.as_bytes());
    put(record.event_source.as_bytes());
    put(record.username.as_deref().unwrap_or_default().as_bytes());
    put(record.access_key_id.as_deref().unwrap_or_default().as_bytes());
    put(&record.json);
    out.extend_from_slice(&u32::try_from(record.resources.len()).unwrap_or(u32::MAX).to_le_bytes());
    for text in record.resources.iter().flat_map(|(kind, name)| [kind, name]) {
        out.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
        out.extend_from_slice(text.as_bytes());
    }
    out
}

/// How many bytes [`encode`] makes of a record.
pub(crate) fn encoded_len(record: &AuditRecord) -> usize {
    let texts = [&record.event_name, &record.event_source].iter().map(|t| t.len()).sum::<usize>()
        + record.username.as_ref().map_or(0, String::len)
        + record.access_key_id.as_ref().map_or(0, String::len)
        + record.region.as_str().len();
    let resources = record.resources.iter().map(|(kind, name)| kind.len() + name.len() + 8).sum::<usize>();
    2 + 16 + 8 + 12 + 5 * 4 + texts + 4 + record.json.len() + 4 + resources
}

/// The record of a stored form, or `None` when the bytes are not one.
pub(crate) fn decode(bytes: &[u8]) -> Option<AuditRecord> {
    let mut input = Input(bytes);
    if input.byte()? != VERSION {
        return None;
    }
    let flags = input.byte()?;
    let event_id = input.array::<16>()?;
    let time = Timestamp::from_millis(i64::from_le_bytes(input.array::<8>()?));
    let account = std::str::from_utf8(&input.array::<12>()?).ok()?.parse().ok()?;
    let region = input.text()?.parse().ok()?;
    let event_name = input.text()?.to_owned();
    let event_source = input.text()?.to_owned();
    let username = input.text()?;
    let username = (flags & HAS_USER != 0).then(|| username.to_owned());
    let access_key_id = input.text()?;
    let access_key_id = (flags & HAS_KEY != 0).then(|| access_key_id.to_owned());
    let json = Bytes::copy_from_slice(input.slice()?);
    let count = input.u32()?;
    if count > MAX_RESOURCES {
        return None;
    }
    let mut resources = Vec::new();
    for _ in 0..count {
        resources.push((input.text()?.to_owned(), input.text()?.to_owned()));
    }
    let read_only = flags & READ_ONLY != 0;
    input.0.is_empty().then_some(AuditRecord {
        event_id,
        time,
        account,
        region,
        event_name,
        event_source,
        username,
        access_key_id,
        read_only,
        resources,
        json,
    })
}

/// Bytes that are still to be read.
struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn slice(&mut self) -> Option<&'a [u8]> {
        let n = usize::try_from(self.u32()?).ok()?;
        self.take(n)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.slice()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> AuditRecord {
        AuditRecord {
            event_id: [7; 16],
            time: Timestamp::from_millis(-5),
            account: "123456789012".parse().unwrap(),
            region: "eu-central-1".parse().unwrap(),
            event_name: "Decrypt".into(),
            event_source: "kms.amazonaws.com".into(),
            username: Some(String::new()),
            access_key_id: None,
            read_only: true,
            resources: vec![("AWS::KMS::Key".into(), "arn:aws:kms:é".into())],
            json: Bytes::from_static(b"{}"),
        }
    }

    #[test]
    fn a_record_survives_its_stored_form() {
        let record = sample();
        let bytes = encode(&record);
        assert_eq!(bytes.len(), encoded_len(&record));
        assert_eq!(decode(&bytes), Some(record));
        for cut in 0..bytes.len() {
            assert_eq!(decode(&bytes[..cut]), None, "cut at {cut}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = decode(&bytes);
        }

        #[test]
        fn a_flipped_byte_never_panics(at in 0usize..100, flip in 1u8..) {
            let mut bytes = encode(&sample());
            let at = at % bytes.len();
            bytes[at] ^= flip;
            let _ = decode(&bytes);
        }
    }
}
