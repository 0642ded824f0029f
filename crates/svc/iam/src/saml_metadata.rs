//! The metadata document of a SAML identity provider, as far as IAM looks at it: that it is one, that it has a key that
//! assertions may be signed with, and until when it holds.
//!
//! Source: "Metadata for the OASIS Security Assertion Markup Language (SAML) V2.0"; IAM API Reference, "CreateSAMLProvider".

use garrison_types::Timestamp;
use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::{NsReader, XmlVersion};

use crate::x509::Certificate;

/// The namespace of the metadata's elements.
const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// That of keys.
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The longest document, in bytes.
const MAX_LENGTH: usize = 10_000_000;
/// How deep elements may be nested.
const MAX_DEPTH: usize = 32;
/// The most elements.
const MAX_ELEMENTS: usize = 200_000;
/// The longest text of a certificate.
const MAX_CERTIFICATE: usize = 64 * 1024;

/// What a metadata document says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SamlMetadata {
    /// The identity provider's name, an URI.
    pub(crate) entity_id: String,
    /// `validUntil` of the entity or of its role, the earlier one.
    pub(crate) valid_until: Option<Timestamp>,
    /// How many certificates its assertions may be signed with.
    pub(crate) signing_certificates: usize,
}

/// A document is none that IAM takes; for the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BadMetadata(pub(crate) &'static str);

/// Reads a metadata document.
///
/// # Errors
/// It is no XML, has a document type, is too big, or does not describe exactly one identity provider with a certificate.
pub(crate) fn parse(text: &str) -> Result<SamlMetadata, BadMetadata> {
    if text.len() > MAX_LENGTH {
        return Err(BadMetadata("it is too long"));
    }
    let mut reader = NsReader::from_str(text);
    let mut scan = Scan::default();
    loop {
        let (namespace, event) = reader.read_resolved_event().map_err(|_| BadMetadata("it is no XML"))?;
        match event {
            Event::Start(element) => scan.open(kind(&namespace, &element), &element)?,
            Event::Empty(element) => {
                scan.open(kind(&namespace, &element), &element)?;
                scan.close()?;
            }
            Event::End(_) => scan.close()?,
            Event::Text(text) => scan.text(&text.xml10_content())?,
            Event::CData(text) => scan.text(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|_| BadMetadata("it is no XML"))?;
                scan.text(character.map(String::from).unwrap_or_default().as_str())?;
            }
            Event::DocType(_) => return Err(BadMetadata("it has a document type")),
            Event::Eof => return scan.finish(),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
}

/// The elements that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Entity,
    IdentityProvider,
    /// Of another role.
    KeyDescriptor,
    Certificate,
    Other,
}

fn kind(namespace: &ResolveResult<'_>, element: &BytesStart<'_>) -> Kind {
    let ResolveResult::Bound(Namespace(namespace)) = namespace else { return Kind::Other };
    match (*namespace, element.local_name().into_inner()) {
        (METADATA, "EntityDescriptor") => Kind::Entity,
        (METADATA, "IDPSSODescriptor") => Kind::IdentityProvider,
        (METADATA, "KeyDescriptor") => Kind::KeyDescriptor,
        (SIGNATURE, "X509Certificate") => Kind::Certificate,
        _ => Kind::Other,
    }
}

/// Where in the document the scan is, and what it has found.
#[derive(Default)]
struct Scan {
    open: Vec<Kind>,
    elements: usize,
    entity_id: Option<String>,
    identity_providers: usize,
    valid_until: Option<Timestamp>,
    /// Whether the key at hand may sign.
    signs: bool,
    certificate: String,
    certificates: usize,
}

impl Scan {
    fn open(&mut self, kind: Kind, element: &BytesStart<'_>) -> Result<(), BadMetadata> {
        self.elements += 1;
        if self.open.len() == MAX_DEPTH || self.elements > MAX_ELEMENTS {
            return Err(BadMetadata("it is too big"));
        }
        match (kind, self.open.last()) {
            (Kind::Entity, None) => {
                self.entity_id = attribute(element, "entityID")?;
                self.expire(attribute(element, "validUntil")?)?;
            }
            (_, None) => return Err(BadMetadata("it is no EntityDescriptor")),
            (Kind::IdentityProvider, Some(Kind::Entity)) => {
                self.identity_providers += 1;
                self.expire(attribute(element, "validUntil")?)?;
            }
            (Kind::KeyDescriptor, Some(Kind::IdentityProvider)) => {
                self.signs = attribute(element, "use")?.is_none_or(|for_what| for_what == "signing");
            }
            (Kind::Certificate, _) => self.certificate.clear(),
            _ => {}
        }
        self.open.push(kind);
        Ok(())
    }

    fn close(&mut self) -> Result<(), BadMetadata> {
        let closed = self.open.pop();
        let of_provider =
            self.open.contains(&Kind::IdentityProvider) && self.open.contains(&Kind::KeyDescriptor);
        if closed == Some(Kind::Certificate) && of_provider && self.signs {
            const UNREADABLE: BadMetadata = BadMetadata("a certificate cannot be read");
            let base64: String = self.certificate.split_ascii_whitespace().collect();
            let der = base64_simd::STANDARD.decode_to_vec(base64).map_err(|_| UNREADABLE)?;
            Certificate::from_der(&der).map_err(|_| UNREADABLE)?;
            self.certificates += 1;
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), BadMetadata> {
        if self.open.last() == Some(&Kind::Certificate) {
            self.certificate.push_str(text);
        }
        if self.certificate.len() > MAX_CERTIFICATE {
            return Err(BadMetadata("a certificate is too long"));
        }
        Ok(())
    }

    fn expire(&mut self, at: Option<String>) -> Result<(), BadMetadata> {
        let Some(text) = at else { return Ok(()) };
        let at = date_time(&text).ok_or(BadMetadata("validUntil is no time"))?;
        self.valid_until = Some(self.valid_until.map_or(at, |known| known.min(at)));
        Ok(())
    }

    fn finish(self) -> Result<SamlMetadata, BadMetadata> {
        let entity_id =
            self.entity_id.filter(|id| !id.is_empty()).ok_or(BadMetadata("it has no entityID"))?;
        if !self.open.is_empty() {
            return Err(BadMetadata("it does not end"));
        }
        if self.identity_providers != 1 {
            return Err(BadMetadata("it does not have exactly one IDPSSODescriptor"));
        }
        if self.certificates == 0 {
            return Err(BadMetadata("it has no certificate for signing"));
        }
        Ok(SamlMetadata { entity_id, valid_until: self.valid_until, signing_certificates: self.certificates })
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Result<Option<String>, BadMetadata> {
    const BAD: BadMetadata = BadMetadata("an attribute cannot be read");
    let Some(attribute) = element.try_get_attribute(name).map_err(|_| BAD)? else { return Ok(None) };
    let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| BAD)?;
    Ok(Some(value.into_owned()))
}

/// `xs:dateTime` in UTC or with an offset.
fn date_time(text: &str) -> Option<Timestamp> {
    let (date, time) = text.trim().split_once('T')?;
    let mut date = date.splitn(3, '-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let zone_at = time.find(['Z', '+', '-']);
    let (clock, zone) = zone_at.and_then(|at| time.split_at_checked(at)).unwrap_or((time, "Z"));
    let clock = clock.split('.').next()?;
    let mut clock = clock.splitn(3, ':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let in_range = (1..=9999).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..=24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..=60).contains(&second);
    if !in_range {
        return None;
    }
    // H. Hinnant, "chrono-compatible low-level date algorithms": days_from_civil.
    let y = if month <= 2 { year - 1 } else { year };
    let (era, shifted) = (y.div_euclid(400), if month > 2 { month - 3 } else { month + 9 });
    let of_year = (153 * shifted + 2) / 5 + day - 1;
    let of_era = y.rem_euclid(400) * 365 + y.rem_euclid(400) / 4 - y.rem_euclid(400) / 100 + of_year;
    let days = era * 146_097 + of_era - 719_468;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    Some(Timestamp::from_seconds(seconds - offset(zone)?))
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let (hours, minutes) = (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?);
    ((0..=14).contains(&hours) && (0..60).contains(&minutes)).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::pem;
    use crate::x509::tests::issue;

    /// A metadata document of an identity provider, at least as long as the model demands.
    pub(crate) fn document(entity_id: &str, attributes: &str) -> String {
        let pem = issue("idp.example.com").certificate;
        let base64 = base64_simd::STANDARD.encode_to_string(&*pem::blocks(&pem).unwrap()[0].der);
        let padding = " ".repeat(600);
        format!(
            r#"<?xml version="1.0"?><!--{padding}--><md:EntityDescriptor xmlns:md="{METADATA}" entityID="{entity_id}"{attributes}>
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="{SIGNATURE}"><ds:X509Data><ds:X509Certificate>
      {base64}&#13;
    </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"#
        )
    }

    #[test]
    fn metadata_is_read() {
        let plain = parse(&document("https://idp.example.com/", "")).unwrap();
        assert_eq!(plain.entity_id, "https://idp.example.com/");
        assert_eq!((plain.valid_until, plain.signing_certificates), (None, 1));
        let dated = parse(&document("x", r#" validUntil="2027-01-15T08:00:00.5Z""#)).unwrap();
        assert_eq!(dated.valid_until, Some(Timestamp::from_seconds(1_800_000_000)));
        let east = parse(&document("x", r#" validUntil="2027-01-15T10:00:00+02:00""#)).unwrap();
        assert_eq!(east.valid_until, dated.valid_until);
        let default_namespace = document("x", "").replace("md:", "").replace("xmlns:md", "xmlns");
        assert!(parse(&default_namespace.replace("xmlns:md=", "xmlns=")).is_ok());
    }

    #[test]
    fn other_documents_are_refused() {
        let good = document("x", "");
        for (from, to) in [
            ("EntityDescriptor", "EntitiesDescriptor"),
            ("IDPSSODescriptor", "SPSSODescriptor"),
            (METADATA, "urn:other"),
            (r#"entityID="x""#, ""),
            (r#"use="signing""#, r#"use="encryption""#),
            ("<?xml version=\"1.0\"?>", "<!DOCTYPE a [<!ENTITY b \"c\">]>"),
            ("</md:EntityDescriptor>", ""),
            ("</md:EntityDescriptor>", "</md:Other>"),
            ("&#13;", "&other;#"),
            ("&#13;", "QUJD"),
            (r#"entityID="x""#, r#"entityID="x" validUntil="soon""#),
            (r#"entityID="x""#, r#"entityID="x" validUntil="2027-13-01T00:00:00Z""#),
        ] {
            assert!(good.contains(from), "{from}");
            assert!(parse(&good.replace(from, to)).is_err(), "{from} -> {to}");
        }
        assert!(parse("").is_err() && parse("x").is_err() && parse("<a/>").is_err());
        let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
        let deep = good
            .replace("&#13;", "")
            .replace("<md:SingleSignOnService", &format!("{deep}<md:SingleSignOnService"));
        assert_eq!(parse(&deep), Err(BadMetadata("it is too big")));
    }

    proptest::proptest! {
        #![proptest_config(proptest::prelude::ProptestConfig::with_cases(128))]
        #[test]
        fn damaged_documents_do_no_harm(at in 0_usize..2600, byte in 0x20_u8..0x7f) {
            let mut bytes = document("x", "").into_bytes();
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            if let Ok(text) = String::from_utf8(bytes) {
                let _ = parse(&text);
            }
        }
    }
}
