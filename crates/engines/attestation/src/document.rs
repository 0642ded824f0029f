//! The signed document and its payload, with the limits of AWS's specification.

use std::collections::BTreeMap;

use garrison_types::Timestamp;

use crate::AttestationError;
use crate::cbor::{Item, Reader, Remaining, push_bytes_head};

/// The largest signed document, in bytes: what the KMS API takes.
pub const MAX_DOCUMENT: usize = 262_144;
const MAX_PAYLOAD: usize = 16_384;
const MAX_CERTIFICATE: usize = 1024;
const MAX_PUBLIC_KEY: usize = 1024;
/// `user_data` and `nonce`: 512 where the specification checks, 1,024 in its grammar. They are not used here.
const MAX_USER_DATA: usize = 1024;
/// Register indexes are below this.
const MAX_PCRS: u8 = 32;
const COSE_SIGN1: u64 = 18;
/// The protected header of every document: algorithm (1) is ES384 (-35, RFC 9053).
const PROTECTED: &[u8] = &[0xA1, 0x01, 0x38, 0x22];
/// An ES384 signature: r and s, 48 bytes each.
const SIGNATURE: usize = 96;

/// What an attestation document is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// A Nitro enclave (`pcrs`).
    NitroEnclave,
    /// An EC2 instance with a TPM (`nitrotpm_pcrs`).
    NitroTpm,
}

/// A COSE_Sign1 object.
pub(crate) struct Signed<'a> {
    pub(crate) payload: &'a [u8],
    pub(crate) signature: &'a [u8],
}

impl<'a> Signed<'a> {
    pub(crate) fn parse(document: &'a [u8]) -> Result<Self, AttestationError> {
        if document.len() > MAX_DOCUMENT {
            return Err(AttestationError::Malformed("too long"));
        }
        let mut reader = Reader::new(document);
        let mut head = reader.item()?;
        if head == Item::Tag(COSE_SIGN1) {
            head = reader.item()?;
        }
        let Item::Array(mut rest) = head else { return Err(NOT_SIGN1) };
        if !reader.more(&mut rest) || reader.item()? != Item::Bytes(PROTECTED) {
            return Err(AttestationError::Malformed("its protected header is not that of ES384 alone"));
        }
        // Nobody signs the unprotected header, so it has to be empty.
        let Item::Map(mut unprotected) = entry(&mut reader, &mut rest)? else { return Err(NOT_SIGN1) };
        if reader.more(&mut unprotected) {
            return Err(AttestationError::Malformed("its unprotected header is not empty"));
        }
        let Item::Bytes(payload) = entry(&mut reader, &mut rest)? else { return Err(NOT_SIGN1) };
        let Item::Bytes(signature) = entry(&mut reader, &mut rest)? else { return Err(NOT_SIGN1) };
        if reader.more(&mut rest) {
            return Err(NOT_SIGN1);
        }
        reader.end()?;
        within(payload, 1, MAX_PAYLOAD, "its payload's length")?;
        within(signature, SIGNATURE, SIGNATURE, "its signature's length")?;
        Ok(Self { payload, signature })
    }

    /// `Sig_structure` of RFC 9052, section 4.4: what the signature is over.
    pub(crate) fn to_be_signed(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.payload.len() + 32);
        out.extend(b"\x84\x6ASignature1");
        push_bytes_head(&mut out, PROTECTED.len());
        out.extend(PROTECTED);
        push_bytes_head(&mut out, 0);
        push_bytes_head(&mut out, self.payload.len());
        out.extend(self.payload);
        out
    }
}

const NOT_SIGN1: AttestationError = AttestationError::Malformed("not a COSE_Sign1 object");

fn entry<'a>(reader: &mut Reader<'a>, remaining: &mut Remaining) -> Result<Item<'a>, AttestationError> {
    if reader.more(remaining) { reader.item() } else { Err(NOT_SIGN1) }
}

/// What the document says, before anything is known of its signature.
pub(crate) struct Payload<'a> {
    pub(crate) platform: Platform,
    pub(crate) module_id: &'a str,
    pub(crate) timestamp: Timestamp,
    pub(crate) pcrs: BTreeMap<u8, &'a [u8]>,
    pub(crate) certificate: &'a [u8],
    pub(crate) cabundle: Vec<&'a [u8]>,
    pub(crate) public_key: Option<&'a [u8]>,
}

/// The members as they come; each at most once.
#[derive(Default)]
struct Members<'a> {
    module_id: Option<&'a str>,
    digest: Option<&'a str>,
    timestamp: Option<Timestamp>,
    pcrs: Option<(Platform, BTreeMap<u8, &'a [u8]>)>,
    certificate: Option<&'a [u8]>,
    cabundle: Option<Vec<&'a [u8]>>,
    public_key: Option<Option<&'a [u8]>>,
    user_data: Option<Option<&'a [u8]>>,
    nonce: Option<Option<&'a [u8]>>,
}

impl<'a> Payload<'a> {
    pub(crate) fn parse(payload: &'a [u8]) -> Result<Self, AttestationError> {
        let mut reader = Reader::new(payload);
        let Item::Map(mut remaining) = reader.item()? else {
            return Err(AttestationError::Malformed("its payload is not a map"));
        };
        let mut members = Members::default();
        while reader.more(&mut remaining) {
            let Item::Text(name) = reader.item()? else {
                return Err(AttestationError::Malformed("a member's name is not text"));
            };
            members.read(name, &mut reader)?;
        }
        reader.end()?;
        members.finish()
    }
}

impl<'a> Members<'a> {
    fn read(&mut self, name: &str, reader: &mut Reader<'a>) -> Result<(), AttestationError> {
        match name {
            "module_id" => set(&mut self.module_id, text(reader.item()?)?),
            "digest" => set(&mut self.digest, text(reader.item()?)?),
            "timestamp" => set(&mut self.timestamp, timestamp(reader.item()?)?),
            "pcrs" => set(&mut self.pcrs, (Platform::NitroEnclave, registers(reader)?)),
            "nitrotpm_pcrs" => set(&mut self.pcrs, (Platform::NitroTpm, registers(reader)?)),
            "certificate" => set(&mut self.certificate, certificate(reader.item()?)?),
            "cabundle" => set(&mut self.cabundle, bundle(reader)?),
            "public_key" => set(&mut self.public_key, optional(reader.item()?, 1, MAX_PUBLIC_KEY)?),
            "user_data" => set(&mut self.user_data, optional(reader.item()?, 0, MAX_USER_DATA)?),
            "nonce" => set(&mut self.nonce, optional(reader.item()?, 0, MAX_USER_DATA)?),
            _ => Err(AttestationError::Malformed("a member that is not specified")),
        }
    }

    fn finish(self) -> Result<Payload<'a>, AttestationError> {
        const MISSING: AttestationError = AttestationError::Malformed("a mandatory member is missing");
        let module_id = self.module_id.ok_or(MISSING)?;
        within(module_id.as_bytes(), 1, MAX_PAYLOAD, "its module id is empty")?;
        if self.digest.ok_or(MISSING)? != "SHA384" {
            return Err(AttestationError::Malformed("its digest is not SHA384"));
        }
        let (platform, pcrs) = self.pcrs.ok_or(MISSING)?;
        Ok(Payload {
            platform,
            module_id,
            timestamp: self.timestamp.ok_or(MISSING)?,
            pcrs,
            certificate: self.certificate.ok_or(MISSING)?,
            cabundle: self.cabundle.ok_or(MISSING)?,
            public_key: self.public_key.flatten(),
        })
    }
}

fn set<T>(slot: &mut Option<T>, value: T) -> Result<(), AttestationError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(AttestationError::Malformed("a member occurs twice")),
    }
}

fn within(bytes: &[u8], least: usize, most: usize, what: &'static str) -> Result<(), AttestationError> {
    if (least..=most).contains(&bytes.len()) { Ok(()) } else { Err(AttestationError::Malformed(what)) }
}

fn text(item: Item<'_>) -> Result<&str, AttestationError> {
    match item {
        Item::Text(text) => Ok(text),
        _ => Err(AttestationError::Malformed("a member is not text")),
    }
}

/// Milliseconds since 1970, greater than zero.
fn timestamp(item: Item<'_>) -> Result<Timestamp, AttestationError> {
    let millis = match item {
        Item::Unsigned(millis) => i64::try_from(millis).ok().filter(|millis| *millis > 0),
        _ => None,
    };
    millis
        .map(Timestamp::from_millis)
        .ok_or(AttestationError::Malformed("its timestamp is not a positive number"))
}

fn certificate(item: Item<'_>) -> Result<&[u8], AttestationError> {
    let Item::Bytes(bytes) = item else {
        return Err(AttestationError::Malformed("a certificate is not bytes"));
    };
    within(bytes, 1, MAX_CERTIFICATE, "a certificate's length")?;
    Ok(bytes)
}

fn bundle<'a>(reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, AttestationError> {
    let Item::Array(mut remaining) = reader.item()? else {
        return Err(AttestationError::Malformed("its CA bundle is not an array"));
    };
    let mut bundle = Vec::new();
    while reader.more(&mut remaining) {
        bundle.push(certificate(reader.item()?)?);
    }
    if bundle.is_empty() { Err(AttestationError::Malformed("its CA bundle is empty")) } else { Ok(bundle) }
}

fn registers<'a>(reader: &mut Reader<'a>) -> Result<BTreeMap<u8, &'a [u8]>, AttestationError> {
    let Item::Map(mut remaining) = reader.item()? else {
        return Err(AttestationError::Malformed("its registers are not a map"));
    };
    let mut registers = BTreeMap::new();
    while reader.more(&mut remaining) {
        let index = match reader.item()? {
            Item::Unsigned(index) => u8::try_from(index).ok().filter(|index| *index < MAX_PCRS),
            _ => None,
        };
        let index = index.ok_or(AttestationError::Malformed("a register's index"))?;
        let Item::Bytes(value) = reader.item()? else {
            return Err(AttestationError::Malformed("a register is not bytes"));
        };
        if ![32, 48, 64].contains(&value.len()) {
            return Err(AttestationError::Malformed("a register's length"));
        }
        if registers.insert(index, value).is_some() {
            return Err(AttestationError::Malformed("a register occurs twice"));
        }
    }
    if registers.is_empty() { Err(AttestationError::Malformed("it has no registers")) } else { Ok(registers) }
}

/// An optional member. The specification wants it left out; the Nitro hypervisor writes null.
fn optional(item: Item<'_>, least: usize, most: usize) -> Result<Option<&[u8]>, AttestationError> {
    match item {
        Item::Null => Ok(None),
        Item::Bytes(bytes) => {
            within(bytes, least, most, "the length of an optional member")?;
            Ok(Some(bytes))
        }
        _ => Err(AttestationError::Malformed("an optional member is not bytes")),
    }
}
