//! What a response says.

use garrison_types::Timestamp;

use crate::names::{ASSERTION, BEARER, PROTOCOL, SUCCESS};
use crate::signature::verify;
use crate::xml::{Document, ElementId};
use crate::{Encryption, Metadata, SamlError, time};

/// An assertion that the provider signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Who issued it: the provider's entity id.
    pub issuer: String,
    /// When it was issued.
    pub issued: Timestamp,
    /// Whom it is about.
    pub name_id: NameId,
    /// How its bearer shows that it is about them; bearer confirmations alone.
    pub confirmations: Vec<Confirmation>,
    /// Not valid before.
    pub not_before: Option<Timestamp>,
    /// Not valid from then on.
    pub not_on_or_after: Option<Timestamp>,
    /// For whom it is: every list must have one who reads it.
    pub audiences: Vec<Vec<String>>,
    /// Until when the provider's own session lasts.
    pub session_ends: Option<Timestamp>,
    /// Attributes by name, with their values.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// The name of whom an assertion is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameId {
    /// The name.
    pub value: String,
    /// The URI of the name's format.
    pub format: Option<String>,
    /// What domain the name is of.
    pub name_qualifier: Option<String>,
    /// Which service the name is for.
    pub sp_name_qualifier: Option<String>,
}

/// What the bearer of an assertion must show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Where the assertion may be delivered.
    pub recipient: Option<String>,
    /// From when on it may be delivered.
    pub not_before: Option<Timestamp>,
    /// Until when it may be delivered.
    pub not_on_or_after: Option<Timestamp>,
}

const fn wrong(what: &'static str) -> SamlError {
    SamlError::Document(what)
}

impl Assertion {
    /// Reads a response and gives its assertion, which must have been signed, by itself or with the whole response, by one
    /// of the provider's keys, and be issued by it.
    ///
    /// # Errors
    /// The document is no response with exactly one assertion, its status is not success, its signature is wrong, or it is
    /// not encrypted as it must be.
    pub fn verified(
        response: &str,
        provider: &Metadata,
        encryption: &Encryption<'_>,
    ) -> Result<Self, SamlError> {
        let document = Document::parse(response)?;
        let root = document.root().filter(|root| document.is(*root, PROTOCOL, "Response"));
        let root = root.ok_or(wrong("it is no Response"))?;
        let status = document.only(root, PROTOCOL, "Status");
        let status = status.and_then(|status| document.only(status, PROTOCOL, "StatusCode"));
        if status.and_then(|code| document.attribute(code, "Value")) != Some(SUCCESS) {
            return Err(SamlError::Status);
        }
        let whole = verify(&document, root, &provider.keys);
        let all = |name| document.named(root, ASSERTION, name).collect::<Vec<_>>();
        let read = match (all("Assertion").as_slice(), all("EncryptedAssertion").as_slice()) {
            ([_], []) if encryption.required => return Err(wrong("its assertion is not encrypted")),
            ([assertion], []) => {
                signed(&document, *assertion, provider, whole)?;
                Reader { document: &document }.assertion(*assertion)?
            }
            ([], [encrypted]) => {
                let opened = encryption.open(&document, *encrypted)?;
                let assertion = opened.root().and_then(|root| opened.only(root, ASSERTION, "Assertion"));
                let assertion = assertion.ok_or(SamlError::Decryption)?;
                signed(&opened, assertion, provider, whole).map_err(|_| SamlError::Decryption)?;
                Reader { document: &opened }.assertion(assertion)?
            }
            _ => return Err(wrong("it has not exactly one assertion")),
        };
        let issuer = document.only(root, ASSERTION, "Issuer").and_then(|issuer| document.text(issuer));
        if read.issuer != provider.entity_id || issuer.is_some_and(|issuer| issuer != provider.entity_id) {
            return Err(wrong("its issuer is not the provider"));
        }
        Ok(read)
    }

    /// The values of an attribute; empty when there is none.
    pub fn attribute(&self, name: &str) -> &[String] {
        self.attributes.iter().find(|(own, _)| own == name).map_or(&[], |(_, values)| values)
    }
}

/// That an assertion is signed, by itself unless the whole response is.
fn signed(
    document: &Document,
    assertion: ElementId,
    provider: &Metadata,
    whole: Result<(), SamlError>,
) -> Result<(), SamlError> {
    let Err(whole) = whole else { return Ok(()) };
    verify(document, assertion, &provider.keys).map_err(|own| match whole {
        SamlError::Unsupported(what) => SamlError::Unsupported(what),
        _ => own,
    })
}

/// Reads the signed element.
struct Reader<'a> {
    document: &'a Document,
}

impl Reader<'_> {
    fn only(&self, within: ElementId, name: &str) -> Option<ElementId> {
        self.document.only(within, ASSERTION, name)
    }

    fn owned(&self, id: ElementId, attribute: &str) -> Option<String> {
        self.document.attribute(id, attribute).map(str::to_owned)
    }

    /// A time that stands in an attribute, when there is one.
    fn time(&self, id: ElementId, attribute: &str) -> Result<Option<Timestamp>, SamlError> {
        let Some(text) = self.document.attribute(id, attribute) else { return Ok(None) };
        time(text).map(Some).ok_or(wrong("a time is none"))
    }

    fn assertion(&self, id: ElementId) -> Result<Assertion, SamlError> {
        let issuer = self.only(id, "Issuer").and_then(|issuer| self.document.text(issuer));
        let subject = self.only(id, "Subject").ok_or(wrong("Subject is missing"))?;
        let conditions = self.only(id, "Conditions").ok_or(wrong("Conditions is missing"))?;
        let mut session_ends = None;
        for statement in self.document.named(id, ASSERTION, "AuthnStatement") {
            let ends = self.time(statement, "SessionNotOnOrAfter")?;
            session_ends = session_ends.into_iter().chain(ends).min();
        }
        Ok(Assertion {
            issuer: issuer.ok_or(wrong("Issuer is missing"))?,
            issued: self.time(id, "IssueInstant")?.ok_or(wrong("IssueInstant is missing"))?,
            name_id: self.name_id(subject)?,
            confirmations: self.confirmations(subject)?,
            not_before: self.time(conditions, "NotBefore")?,
            not_on_or_after: self.time(conditions, "NotOnOrAfter")?,
            audiences: self
                .document
                .named(conditions, ASSERTION, "AudienceRestriction")
                .map(|restriction| self.texts(restriction, "Audience"))
                .collect(),
            session_ends,
            attributes: self.attributes(id),
        })
    }

    fn name_id(&self, subject: ElementId) -> Result<NameId, SamlError> {
        let id = self.only(subject, "NameID").ok_or(wrong("NameID is missing"))?;
        Ok(NameId {
            value: self.document.text(id).filter(|name| !name.is_empty()).ok_or(wrong("NameID is empty"))?,
            format: self.owned(id, "Format"),
            name_qualifier: self.owned(id, "NameQualifier"),
            sp_name_qualifier: self.owned(id, "SPNameQualifier"),
        })
    }

    fn confirmations(&self, subject: ElementId) -> Result<Vec<Confirmation>, SamlError> {
        let mut found = Vec::new();
        for confirmation in self.document.named(subject, ASSERTION, "SubjectConfirmation") {
            if self.document.attribute(confirmation, "Method") != Some(BEARER) {
                continue;
            }
            if let Some(data) = self.only(confirmation, "SubjectConfirmationData") {
                found.push(Confirmation {
                    recipient: self.owned(data, "Recipient"),
                    not_before: self.time(data, "NotBefore")?,
                    not_on_or_after: self.time(data, "NotOnOrAfter")?,
                });
            }
        }
        Ok(found)
    }

    fn texts(&self, within: ElementId, name: &str) -> Vec<String> {
        self.document.named(within, ASSERTION, name).filter_map(|id| self.document.text(id)).collect()
    }

    /// Attributes by name; the values of one that occurs several times come together.
    fn attributes(&self, assertion: ElementId) -> Vec<(String, Vec<String>)> {
        let mut found: Vec<(String, Vec<String>)> = Vec::new();
        for statement in self.document.named(assertion, ASSERTION, "AttributeStatement") {
            for attribute in self.document.named(statement, ASSERTION, "Attribute") {
                let Some(name) = self.owned(attribute, "Name") else { continue };
                let values = self.texts(attribute, "AttributeValue");
                match found.iter_mut().find(|(own, _)| *own == name) {
                    Some((_, all)) => all.extend(values),
                    None => found.push((name, values)),
                }
            }
        }
        found
    }
}

#[cfg(test)]
#[path = "assertion_tests.rs"]
mod tests;
