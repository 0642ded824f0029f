//! A small tree of XML: what SAML needs, and no more.

use crate::{MAX_DOCUMENT_LEN, SamlError, canonical, names};

/// The deepest nesting.
const MAX_DEPTH: usize = 64;
/// The most elements.
const MAX_ELEMENTS: usize = 50_000;
/// The most attributes and namespace declarations of one element.
const MAX_ATTRIBUTES: usize = 64;

/// The most namespace declarations around one place: each name with a prefix is looked up among them.
const MAX_NAMESPACES: usize = 64;

/// An element's place in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ElementId(usize);

/// A document.
#[derive(Debug)]
pub(crate) struct Document {
    elements: Vec<Element>,
}

/// An element.
#[derive(Debug)]
pub(crate) struct Element {
    pub(crate) parent: Option<ElementId>,
    pub(crate) prefix: String,
    pub(crate) local: String,
    /// Its namespace; empty for none.
    pub(crate) namespace: String,
    /// Namespaces that it declares, by prefix; the default one has an empty prefix.
    pub(crate) declared: Vec<(String, String)>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) children: Vec<Node>,
}

/// An attribute.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) prefix: String,
    pub(crate) local: String,
    pub(crate) namespace: String,
    pub(crate) value: String,
}

/// What stands in an element. Comments are left out, as canonical XML leaves them out: the text before and after one is one
/// text.
#[derive(Debug)]
pub(crate) enum Node {
    Element(ElementId),
    Text(String),
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// [`SamlError::Xml`].
    pub(crate) fn parse(text: &str) -> Result<Self, SamlError> {
        if text.len() > MAX_DOCUMENT_LEN {
            return Err(SamlError::Xml("it is too long"));
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n").replace('\r', "\n");
        let mut parser = Parser { rest: &text, elements: Vec::new(), open: Vec::new() };
        parser.document()?;
        Ok(Self { elements: parser.elements })
    }

    /// Reads elements as if they stood in `around`, an element of another document: its namespaces are declared at the
    /// root, which is none of them.
    ///
    /// # Errors
    /// [`SamlError::Xml`].
    pub(crate) fn parse_in(text: &str, outer: &Self, around: ElementId) -> Result<Self, SamlError> {
        let mut declared: Vec<&(String, String)> = Vec::new();
        let mut place = Some(around);
        while let Some(element) = place.and_then(|id| outer.get(id)) {
            for namespace in &element.declared {
                if !declared.iter().any(|(inner, _)| *inner == namespace.0) {
                    declared.push(namespace);
                }
            }
            place = element.parent;
        }
        let mut whole = String::from("<in");
        for (prefix, uri) in declared {
            whole.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
            whole.push_str(prefix);
            canonical::value(uri, &mut whole);
        }
        Self::parse(&format!("{whole}>{text}</in>"))
    }

    /// The outermost element.
    pub(crate) fn root(&self) -> Option<ElementId> {
        (!self.elements.is_empty()).then_some(ElementId(0))
    }

    /// An element. The ids are this document's own.
    pub(crate) fn get(&self, id: ElementId) -> Option<&Element> {
        self.elements.get(id.0)
    }

    /// Whether an element has this name.
    pub(crate) fn is(&self, id: ElementId, namespace: &str, local: &str) -> bool {
        self.get(id).is_some_and(|element| element.namespace == namespace && element.local == local)
    }

    /// The elements right in an element.
    pub(crate) fn children(&self, id: ElementId) -> impl Iterator<Item = ElementId> + '_ {
        self.get(id).into_iter().flat_map(|element| &element.children).filter_map(|node| match node {
            Node::Element(child) => Some(*child),
            Node::Text(_) => None,
        })
    }

    /// The elements of a name right in an element.
    pub(crate) fn named<'a>(
        &'a self,
        id: ElementId,
        namespace: &'a str,
        local: &'a str,
    ) -> impl Iterator<Item = ElementId> + 'a {
        self.children(id).filter(move |child| self.is(*child, namespace, local))
    }

    /// The one element of a name right in an element; none when there is none or more than one.
    pub(crate) fn only(&self, id: ElementId, namespace: &str, local: &str) -> Option<ElementId> {
        let mut found = self.named(id, namespace, local);
        let first = found.next();
        if found.next().is_some() { None } else { first }
    }

    /// An attribute without a namespace.
    pub(crate) fn attribute(&self, id: ElementId, local: &str) -> Option<&str> {
        let attributes = &self.get(id)?.attributes;
        let found = attributes.iter().find(|own| own.prefix.is_empty() && own.local == local);
        found.map(|own| own.value.as_str())
    }

    /// The text of an element, without white space around it; none when there is an element in it.
    pub(crate) fn text(&self, id: ElementId) -> Option<String> {
        let mut text = String::new();
        for node in &self.get(id)?.children {
            match node {
                Node::Text(part) => text.push_str(part),
                Node::Element(_) => return None,
            }
        }
        Some(text.trim().to_owned())
    }

    /// Every element with an attribute `ID` of this value.
    pub(crate) fn with_id<'a>(&'a self, id: &'a str) -> impl Iterator<Item = ElementId> + 'a {
        let numbered = self.elements.iter().enumerate().map(|(index, _)| ElementId(index));
        numbered.filter(move |element| self.attribute(*element, "ID") == Some(id))
    }

    /// The namespace that a prefix means at an element; empty for none.
    pub(crate) fn namespace_of(&self, at: ElementId, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some(names::XML);
        }
        let mut place = Some(at);
        while let Some(id) = place {
            let element = self.get(id)?;
            if let Some((_, uri)) = element.declared.iter().find(|(own, _)| own == prefix) {
                return Some(uri);
            }
            place = element.parent;
        }
        prefix.is_empty().then_some("")
    }
}

struct Parser<'a> {
    rest: &'a str,
    elements: Vec<Element>,
    open: Vec<ElementId>,
}

const fn bad(what: &'static str) -> SamlError {
    SamlError::Xml(what)
}

impl<'a> Parser<'a> {
    fn document(&mut self) -> Result<(), SamlError> {
        if self.take("<?xml") {
            self.until("?>")?;
        }
        while !self.rest.is_empty() {
            if self.take("<!--") {
                self.comment()?;
            } else if self.take("<![CDATA[") {
                let text = self.until("]]>")?;
                self.text(text)?;
            } else if self.rest.starts_with("<!") || self.rest.starts_with("<?") {
                return Err(bad("document types and processing instructions are not taken"));
            } else if self.take("</") {
                self.close()?;
            } else if self.take("<") {
                self.element()?;
            } else {
                let end = self.rest.find('<').unwrap_or(self.rest.len());
                let (text, rest) = self.rest.split_at_checked(end).ok_or(bad("it ends too early"))?;
                self.rest = rest;
                if text.contains("]]>") {
                    return Err(bad("`]]>` in text"));
                }
                let text = unescape(text)?;
                self.text(&text)?;
            }
        }
        if self.elements.is_empty() || !self.open.is_empty() { Err(bad("it ends too early")) } else { Ok(()) }
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn until(&mut self, token: &str) -> Result<&'a str, SamlError> {
        let (before, rest) = self.rest.split_once(token).ok_or(bad("it ends too early"))?;
        self.rest = rest;
        Ok(before)
    }

    fn comment(&mut self) -> Result<(), SamlError> {
        let comment = self.until("-->")?;
        if comment.contains("--") { Err(bad("`--` in a comment")) } else { Ok(()) }
    }

    /// Text belongs to the innermost open element; outside of the root there is white space alone.
    fn text(&mut self, text: &str) -> Result<(), SamlError> {
        if !text.chars().all(is_character) {
            return Err(bad("a character that XML does not have"));
        }
        let Some(place) = self.open.last().and_then(|id| self.elements.get_mut(id.0)) else {
            return if text.chars().all(is_space) {
                Ok(())
            } else {
                Err(bad("text outside of the root element"))
            };
        };
        match place.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => place.children.push(Node::Text(text.to_owned())),
        }
        Ok(())
    }

    fn spaces(&mut self) -> bool {
        let rest = self.rest.trim_start_matches(is_space);
        let some = rest.len() < self.rest.len();
        self.rest = rest;
        some
    }

    /// A name with or without a prefix.
    fn name(&mut self) -> Result<(String, String), SamlError> {
        let end = self.rest.find(|c| !is_name(c) && c != ':').unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at_checked(end).ok_or(bad("a name is missing"))?;
        self.rest = rest;
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let good =
            |part: &str| part.starts_with(|c: char| is_name(c) && !c.is_ascii_digit() && !"-.".contains(c));
        if !good(local) || local.contains(':') || (name.contains(':') && !good(prefix)) {
            return Err(bad("a name is none"));
        }
        Ok((prefix.to_owned(), local.to_owned()))
    }

    fn close(&mut self) -> Result<(), SamlError> {
        let (prefix, local) = self.name()?;
        self.spaces();
        let open = self.open.pop().and_then(|id| self.elements.get(id.0));
        let matches = open.is_some_and(|element| element.prefix == prefix && element.local == local);
        if matches && self.take(">") { Ok(()) } else { Err(bad("an end tag without its start")) }
    }

    fn element(&mut self) -> Result<(), SamlError> {
        if self.open.is_empty() && !self.elements.is_empty() {
            return Err(bad("it has two root elements"));
        }
        if self.open.len() >= MAX_DEPTH || self.elements.len() >= MAX_ELEMENTS {
            return Err(bad("it has too many elements"));
        }
        let (prefix, local) = self.name()?;
        let (declared, plain, empty) = self.attributes()?;
        let around = self.open.iter().filter_map(|id| self.elements.get(id.0));
        if around.map(|element| element.declared.len()).sum::<usize>() + declared.len() > MAX_NAMESPACES {
            return Err(bad("it has too many namespaces"));
        }
        let id = ElementId(self.elements.len());
        let parent = self.open.last().copied();
        self.elements.push(Element {
            parent,
            prefix,
            local,
            namespace: String::new(),
            declared,
            attributes: plain,
            children: Vec::new(),
        });
        self.resolve(id)?;
        if let Some(parent) = parent.and_then(|parent| self.elements.get_mut(parent.0)) {
            parent.children.push(Node::Element(id));
        }
        if !empty {
            self.open.push(id);
        }
        Ok(())
    }

    /// Declarations and attributes up to the end of the tag, and whether the element is empty.
    #[allow(clippy::type_complexity, reason = "the three parts of a tag, taken apart where it is called")]
    fn attributes(&mut self) -> Result<(Vec<(String, String)>, Vec<Attribute>, bool), SamlError> {
        let (mut declared, mut plain) = (Vec::<(String, String)>::new(), Vec::<Attribute>::new());
        loop {
            let spaced = self.spaces();
            if self.take("/>") {
                return Ok((declared, plain, true));
            }
            if self.take(">") {
                return Ok((declared, plain, false));
            }
            if !spaced || declared.len() + plain.len() >= MAX_ATTRIBUTES {
                return Err(bad("a tag is malformed"));
            }
            let (prefix, local) = self.name()?;
            self.spaces();
            if !self.take("=") {
                return Err(bad("a tag is malformed"));
            }
            self.spaces();
            let value = self.value()?;
            let declares = if prefix == "xmlns" {
                Some(local.clone())
            } else if prefix.is_empty() && local == "xmlns" {
                Some(String::new())
            } else {
                None
            };
            match declares {
                Some(declares) => {
                    let reserved = declares == "xml" || declares == "xmlns" || value == names::XML;
                    let twice = declared.iter().any(|(own, _)| *own == declares);
                    if reserved || twice || (value.is_empty() && !declares.is_empty()) {
                        return Err(bad("a namespace declaration is none"));
                    }
                    declared.push((declares, value));
                }
                None => plain.push(Attribute { prefix, local, namespace: String::new(), value }),
            }
        }
    }

    fn value(&mut self) -> Result<String, SamlError> {
        let quote = if self.take("\"") {
            "\""
        } else if self.take("'") {
            "'"
        } else {
            ""
        };
        if quote.is_empty() {
            return Err(bad("a tag is malformed"));
        }
        let raw = self.until(quote)?;
        if raw.contains('<') {
            return Err(bad("`<` in an attribute"));
        }
        // Attribute values are normalized: white space that is not written as a reference is a space.
        let value = unescape(&raw.replace(['\t', '\n'], " "))?;
        if value.chars().all(is_character) {
            Ok(value)
        } else {
            Err(bad("a character that XML does not have"))
        }
    }

    /// Gives an element and its attributes their namespaces.
    fn resolve(&mut self, id: ElementId) -> Result<(), SamlError> {
        let elements = std::mem::take(&mut self.elements);
        let mut document = Document { elements };
        let element = document.get(id).ok_or(bad("it ends too early"))?;
        let of = |prefix: &str| document.namespace_of(id, prefix).map(str::to_owned);
        let own = of(&element.prefix).ok_or(bad("a prefix is not declared"))?;
        let mut namespaces = Vec::with_capacity(element.attributes.len());
        for attribute in &element.attributes {
            let namespace =
                if attribute.prefix.is_empty() { Some(String::new()) } else { of(&attribute.prefix) };
            let namespace = namespace.ok_or(bad("a prefix is not declared"))?;
            let same =
                |(other, seen): (&Attribute, &String)| other.local == attribute.local && *seen == namespace;
            if element.attributes.iter().zip(&namespaces).any(same) {
                return Err(bad("an attribute occurs twice"));
            }
            namespaces.push(namespace);
        }
        if let Some(element) = document.elements.get_mut(id.0) {
            element.namespace = own;
            for (attribute, namespace) in element.attributes.iter_mut().zip(namespaces) {
                attribute.namespace = namespace;
            }
        }
        self.elements = document.elements;
        Ok(())
    }
}

/// Text with its references replaced.
fn unescape(text: &str) -> Result<String, SamlError> {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        plain.push_str(before);
        let (name, after) = after.split_once(';').ok_or(bad("a reference is malformed"))?;
        plain.push(reference(name).ok_or(bad("a reference is not taken"))?);
        rest = after;
    }
    plain.push_str(rest);
    Ok(plain)
}

fn reference(name: &str) -> Option<char> {
    let number = |digits: &str, radix| {
        let plain = !digits.is_empty() && digits.len() <= 8 && digits.chars().all(|c| c.is_digit(radix));
        plain.then(|| u32::from_str_radix(digits, radix).ok()).flatten().and_then(char::from_u32)
    };
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match (name.strip_prefix("#x"), name.strip_prefix('#')) {
            (Some(hex), _) => number(hex, 16),
            (None, Some(decimal)) => number(decimal, 10),
            (None, None) => None,
        },
    }
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

/// What a name may have in it, but for the colon: ASCII as XML has it, and every other letter or digit.
fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '\u{b7}')
}

/// Source: XML 1.0, production 2.
const fn is_character(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..='\u{10ffff}')
}
