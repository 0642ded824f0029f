//! The elements of an XML document.

use std::borrow::Cow;

use garrison_schema::ReadError;

use crate::MAX_DEPTH;

/// The most elements of a document. The greatest requests of S3, the list of 10,000 parts, have fewer than half of it.
const MAX_ELEMENTS: usize = 200_000;
/// The most attributes of an element.
const MAX_ATTRIBUTES: usize = 64;

/// An element's place in its document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ElementId(usize);

/// A document: a tree of elements in one vector.
pub(super) struct Document<'a> {
    elements: Vec<Element<'a>>,
    attributes: Vec<Attribute<'a>>,
}

/// An element. Text counts in elements without elements only.
struct Element<'a> {
    /// The name as it is written.
    name: &'a str,
    text: Cow<'a, str>,
    first_child: Option<ElementId>,
    last_child: Option<ElementId>,
    next_sibling: Option<ElementId>,
}

struct Attribute<'a> {
    of: ElementId,
    name: &'a str,
    value: Cow<'a, str>,
}

/// The name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

fn not_xml(what: &str) -> ReadError {
    ReadError::new(format!("The request body is not an XML document: {what}"))
}

impl<'a> Document<'a> {
    /// Reads a document. Document types, and with them entities, are refused.
    ///
    /// # Errors
    /// It is not well-formed, nests deeper than [`MAX_DEPTH`], or has too many elements or attributes.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let text = std::str::from_utf8(bytes).map_err(|_| not_xml("it is not UTF-8"))?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document = Self { elements: Vec::new(), attributes: Vec::new() };
        let mut parser = Parser { rest: text, document, open: Vec::new() };
        parser.document()?;
        Ok(parser.document)
    }

    /// The outermost element. A document has one.
    pub(super) fn root(&self) -> ElementId {
        ElementId(0)
    }

    fn get(&self, id: ElementId) -> Option<&Element<'a>> {
        self.elements.get(id.0)
    }

    /// The text of an element; empty when there are elements in it.
    pub(super) fn text(&self, id: ElementId) -> &str {
        self.get(id).filter(|element| element.first_child.is_none()).map_or("", |element| &element.text)
    }

    /// The elements right in an element, with their names without prefixes.
    pub(super) fn children(&self, id: ElementId) -> impl Iterator<Item = (ElementId, &'a str)> + '_ {
        let mut next = self.get(id).and_then(|element| element.first_child);
        std::iter::from_fn(move || {
            let id = next?;
            let element = self.get(id)?;
            next = element.next_sibling;
            Some((id, local(element.name)))
        })
    }

    /// The value of an attribute, whatever the prefixes of its name here and there.
    pub(super) fn attribute(&self, of: ElementId, name: &str) -> Option<&str> {
        // They stand in the order of their elements.
        let start = self.attributes.partition_point(|attribute| attribute.of.0 < of.0);
        let own = self.attributes.iter().skip(start).take_while(|attribute| attribute.of == of);
        let mut same = own.filter(|attribute| local(attribute.name) == local(name));
        same.next().map(|attribute| attribute.value.as_ref())
    }
}

struct Parser<'a> {
    rest: &'a str,
    document: Document<'a>,
    open: Vec<ElementId>,
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Result<(), ReadError> {
        while !self.rest.is_empty() {
            if self.take("<!--") {
                self.until("-->")?;
            } else if self.take("<![CDATA[") {
                let text = self.until("]]>")?;
                self.text(lines(text))?;
            } else if self.take("<?") {
                self.until("?>")?;
            } else if self.rest.starts_with("<!") {
                return Err(not_xml("it has a document type"));
            } else if self.take("</") {
                self.close()?;
            } else if self.take("<") {
                self.element()?;
            } else {
                let end = memchr::memchr(b'<', self.rest.as_bytes()).unwrap_or(self.rest.len());
                let (text, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
                self.rest = rest;
                self.text(unescape(text)?)?;
            }
        }
        if self.document.elements.is_empty() || !self.open.is_empty() {
            return Err(not_xml("it ends too early"));
        }
        Ok(())
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn until(&mut self, token: &str) -> Result<&'a str, ReadError> {
        let (before, rest) = self.rest.split_once(token).ok_or_else(|| not_xml("it ends too early"))?;
        self.rest = rest;
        Ok(before)
    }

    fn spaces(&mut self) -> bool {
        let rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        let some = rest.len() < self.rest.len();
        self.rest = rest;
        some
    }

    fn name(&mut self) -> Result<&'a str, ReadError> {
        let is_name = |c: char| c.is_alphanumeric() || matches!(c, ':' | '_' | '-' | '.') || !c.is_ascii();
        let end = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end).unwrap_or_default();
        if name.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '.') || local(name).is_empty() {
            return Err(not_xml("a name is missing"));
        }
        self.rest = rest;
        Ok(name)
    }

    /// Text belongs to the innermost open element; outside of the root there is white space alone.
    fn text(&mut self, text: Cow<'a, str>) -> Result<(), ReadError> {
        let place = self.open.last().and_then(|id| self.document.elements.get_mut(id.0));
        match place {
            None if text.trim().is_empty() => {}
            None => return Err(not_xml("text stands outside of its element")),
            Some(element) if element.text.is_empty() => element.text = text,
            Some(element) => element.text.to_mut().push_str(&text),
        }
        Ok(())
    }

    /// The start of an element, whose `<` has been read.
    fn element(&mut self) -> Result<(), ReadError> {
        let elements = &mut self.document.elements;
        if elements.len() == MAX_ELEMENTS {
            return Err(not_xml("it has too many elements"));
        }
        let id = ElementId(elements.len());
        match self.open.last() {
            None if id.0 > 0 => return Err(not_xml("something follows it")),
            None => {}
            Some(parent) => {
                let before = elements.get_mut(parent.0).and_then(|parent| {
                    parent.first_child.get_or_insert(id);
                    parent.last_child.replace(id)
                });
                if let Some(before) = before.and_then(|before| elements.get_mut(before.0)) {
                    before.next_sibling = Some(id);
                }
            }
        }
        let name = self.name()?;
        self.document.elements.push(Element {
            name,
            text: Cow::Borrowed(""),
            first_child: None,
            last_child: None,
            next_sibling: None,
        });
        self.attributes(id)?;
        if self.take("/>") {
            return Ok(());
        }
        if !self.take(">") {
            return Err(not_xml("a tag does not end"));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(not_xml("it nests too deep"));
        }
        self.open.push(id);
        Ok(())
    }

    fn attributes(&mut self, of: ElementId) -> Result<(), ReadError> {
        for _ in 0..=MAX_ATTRIBUTES {
            let spaced = self.spaces();
            if self.rest.starts_with(['/', '>']) {
                return Ok(());
            }
            if !spaced {
                return Err(not_xml("a tag does not end"));
            }
            let name = self.name()?;
            self.spaces();
            let equals = self.take("=");
            self.spaces();
            let value = if equals && self.take("\"") {
                self.until("\"")?
            } else if equals && self.take("'") {
                self.until("'")?
            } else {
                return Err(not_xml("an attribute has no value"));
            };
            if value.contains('<') {
                return Err(not_xml("an attribute has no value"));
            }
            let value = unescape(value)?;
            self.document.attributes.push(Attribute { of, name, value });
        }
        Err(not_xml("an element has too many attributes"))
    }

    /// The end of an element, whose `</` has been read.
    fn close(&mut self) -> Result<(), ReadError> {
        let name = self.name()?;
        self.spaces();
        let ends = self.take(">");
        let open = self.open.pop().and_then(|id| self.document.elements.get(id.0));
        if !ends || open.is_none_or(|element| element.name != name) {
            return Err(not_xml("an end tag does not fit"));
        }
        Ok(())
    }
}

/// The text with line ends as XML sees them.
fn lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n").into() } else { text.into() }
}

/// The text with its references to characters replaced.
fn unescape(text: &str) -> Result<Cow<'_, str>, ReadError> {
    let text = lines(text);
    if !text.contains('&') {
        return Ok(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some((plain, reference)) = rest.split_once('&') {
        let (name, after) = reference.split_once(';').ok_or_else(|| not_xml("a reference does not end"))?;
        out.push_str(plain);
        out.push(character(name).ok_or_else(|| not_xml("a reference is not known"))?);
        rest = after;
    }
    out.push_str(rest);
    Ok(Cow::Owned(out))
}

/// The character that a reference names.
fn character(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "apos" => '\'',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix('x') {
                Some(hex) if hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
                    u32::from_str_radix(hex, 16).ok()?
                }
                None if number.bytes().all(|b| b.is_ascii_digit()) => number.parse().ok()?,
                _ => return None,
            };
            // XML 1.0 section 2.2.
            let is_character = matches!(code, 0x9 | 0xa | 0xd | 0x20..=0xd7ff | 0xe000..=0xfffd | 0x10000..);
            char::from_u32(code).filter(|_| is_character)?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_texts_and_attributes() {
        let document = Document::parse(
            b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --><a:r xmlns:a='u' n=\"1 &lt; 2\"> <x>1<!-- b -->2</x>\r\n<a:y/><x>&#x41;&#66;&amp;<![CDATA[<&]]></x></a:r>\n",
        )
        .unwrap();
        let root = document.root();
        let children: Vec<_> = document.children(root).map(|(id, name)| (name, document.text(id))).collect();
        assert_eq!(children, [("x", "12"), ("y", ""), ("x", "AB&<&")]);
        assert_eq!(document.text(root), "");
        assert_eq!(document.attribute(root, "n"), Some("1 < 2"));
        assert_eq!(document.attribute(root, "q:n"), Some("1 < 2"));
        assert_eq!(document.attribute(root, "m"), None);
    }

    #[test]
    fn what_is_refused() {
        for (text, message) in [
            ("", "it ends too early"),
            ("<a>", "it ends too early"),
            ("<a></b>", "an end tag does not fit"),
            ("</a>", "an end tag does not fit"),
            ("<a/><b/>", "something follows it"),
            ("<a/>x", "text stands outside of its element"),
            ("x<a/>", "text stands outside of its element"),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "it has a document type"),
            ("<a>&b;</a>", "a reference is not known"),
            ("<a>&#0;</a>", "a reference is not known"),
            ("<a>&#xd800;</a>", "a reference is not known"),
            ("<a>&#+65;</a>", "a reference is not known"),
            ("<a>&amp</a>", "a reference does not end"),
            ("<1/>", "a name is missing"),
            ("< a/>", "a name is missing"),
            ("<a b/>", "an attribute has no value"),
            ("<a b='<'/>", "an attribute has no value"),
            ("<a b='1'c='2'/>", "a tag does not end"),
            ("<a", "a tag does not end"),
        ] {
            let error = Document::parse(text.as_bytes()).err().map(|error| error.message);
            assert_eq!(error.unwrap_or_default(), not_xml(message).message, "{text}");
        }
        assert!(Document::parse(b"<a>\xff</a>").is_err());
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert!(Document::parse(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(Document::parse(nested(MAX_DEPTH + 1).as_bytes()).is_err());
        let wide = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
        assert!(Document::parse(wide(MAX_ELEMENTS - 1).as_bytes()).is_ok());
        assert!(Document::parse(wide(MAX_ELEMENTS).as_bytes()).is_err());
        let attributes = |count: usize| format!("<a{}/>", " b='1'".repeat(count));
        assert!(Document::parse(attributes(MAX_ATTRIBUTES).as_bytes()).is_ok());
        assert!(Document::parse(attributes(MAX_ATTRIBUTES + 1).as_bytes()).is_err());
    }
}
