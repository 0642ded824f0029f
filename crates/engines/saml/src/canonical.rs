//! Exclusive canonical XML without comments.
//!
//! Source: W3C "Exclusive XML Canonicalization Version 1.0", section 3; "Canonical XML 1.0", section 2.3.

use std::collections::BTreeMap;

use crate::xml::{Document, Element, ElementId, Node};

/// What an element's canonical form is made with.
pub(crate) struct Canonical<'a> {
    pub(crate) document: &'a Document,
    /// Prefixes that are treated as inclusive canonicalization treats them (`PrefixList`); empty for the default namespace.
    pub(crate) inclusive: &'a [String],
    /// An element that is left out: the signature, by the enveloped transform.
    pub(crate) without: Option<ElementId>,
}

impl Canonical<'_> {
    /// The canonical form of an element and what is in it.
    pub(crate) fn of(&self, id: ElementId) -> String {
        let mut out = String::new();
        self.element(id, &BTreeMap::new(), &mut out);
        out
    }

    /// `rendered`: the namespaces that the output's ancestors declare, by prefix. The depth is bounded by the document's.
    fn element(&self, id: ElementId, rendered: &BTreeMap<String, String>, out: &mut String) {
        let Some(element) = self.document.get(id) else { return };
        let mut rendered = rendered.clone();
        let declared = self.declarations(id, element, &mut rendered);
        let name = qualified(&element.prefix, &element.local);
        out.push('<');
        out.push_str(&name);
        for (prefix, uri) in declared {
            out.push_str(if prefix.is_empty() { " xmlns" } else { " xmlns:" });
            out.push_str(&prefix);
            value(&uri, out);
        }
        let mut attributes: Vec<_> = element.attributes.iter().collect();
        attributes.sort_by(|a, b| (&a.namespace, &a.local).cmp(&(&b.namespace, &b.local)));
        for attribute in attributes {
            out.push(' ');
            out.push_str(&qualified(&attribute.prefix, &attribute.local));
            value(&attribute.value, out);
        }
        out.push('>');
        for node in &element.children {
            match node {
                Node::Text(text) => escape(text, out),
                Node::Element(child) if Some(*child) == self.without => {}
                Node::Element(child) => self.element(*child, &rendered, out),
            }
        }
        out.push_str("</");
        out.push_str(&name);
        out.push('>');
    }

    /// The declarations that are needed here and not above, by prefix.
    fn declarations(
        &self,
        id: ElementId,
        element: &Element,
        rendered: &mut BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let attributes = element.attributes.iter().map(|own| own.prefix.as_str());
        let used = std::iter::once(element.prefix.as_str())
            .chain(attributes.filter(|prefix| !prefix.is_empty()))
            .chain(self.inclusive.iter().map(String::as_str));
        let mut declared = BTreeMap::new();
        for prefix in used.filter(|prefix| *prefix != "xml") {
            let Some(uri) = self.document.namespace_of(id, prefix) else { continue };
            let above = rendered.get(prefix).map_or("", String::as_str);
            if above != uri {
                declared.insert(prefix.to_owned(), uri.to_owned());
                rendered.insert(prefix.to_owned(), uri.to_owned());
            }
        }
        declared
    }
}

fn qualified(prefix: &str, local: &str) -> String {
    if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") }
}

/// The value of an attribute behind its name.
pub(crate) fn value(text: &str, out: &mut String) {
    out.push_str("=\"");
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#x9;"),
            '\n' => out.push_str("&#xA;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
    out.push('"');
}

fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\r' => out.push_str("&#xD;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_have_one_canonical_form() {
        for (text, inclusive, expected) in [
            // Order, quotes, empty elements, references, white space in tags, comments.
            (
                "<?xml version=\"1.0\"?>\n<a  z='1' b = \"&lt;&#9;'\" ><b/><!-- no --><![CDATA[<&]]>&gt;\r\n</a >",
                &[][..],
                "<a b=\"&lt;&#x9;'\" z=\"1\"><b></b>&lt;&amp;&gt;\n</a>",
            ),
            // Only what is used is declared, where it is used, once on the way down.
            (
                r#"<n0:pdu xmlns:n0="http://a" xmlns:un="http://unused"><n1:e xmlns:n1="http://b" n0:x="1"><n1:f/></n1:e></n0:pdu>"#,
                &[],
                r#"<n0:pdu xmlns:n0="http://a"><n1:e xmlns:n1="http://b" n0:x="1"><n1:f></n1:f></n1:e></n0:pdu>"#,
            ),
            // A listed prefix is declared whether it is used or not.
            (
                r#"<a xmlns:xs="http://xs" xmlns="http://d"><b xmlns=""/></a>"#,
                &["xs"],
                r#"<a xmlns="http://d" xmlns:xs="http://xs"><b xmlns=""></b></a>"#,
            ),
            // Attributes are sorted by namespace first, and `xml:` needs no declaration.
            (
                r#"<a xmlns:p="http://2" xmlns:q="http://1" p:a="1" q:b="2" c="3" xml:lang="en"/>"#,
                &[],
                r#"<a xmlns:p="http://2" xmlns:q="http://1" c="3" q:b="2" p:a="1" xml:lang="en"></a>"#,
            ),
        ] {
            let document = Document::parse(text).unwrap();
            let inclusive: Vec<String> = inclusive.iter().map(|prefix| (*prefix).to_owned()).collect();
            let canonical = Canonical { document: &document, inclusive: &inclusive, without: None };
            assert_eq!(canonical.of(document.root().unwrap()), expected);
        }
    }

    /// W3C "Exclusive XML Canonicalization", section 2.2: the same element in two contexts has one form.
    #[test]
    fn an_element_s_form_does_not_depend_on_where_it_stands() {
        let inner = "<n1:elem2 xmlns:n1=\"http://example.net\"\n          xml:lang=\"en\">\n   <n3:stuff xmlns:n3=\"ftp://example.org\"/>\n</n1:elem2>";
        let expected = "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\n   <n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff>\n</n1:elem2>";
        for around in [
            format!("<n0:local xmlns:n0=\"foo:bar\" xmlns:n3=\"ftp://example.org\">{inner}</n0:local>"),
            format!(
                "<n2:pdu xmlns:n1=\"http://example.com\" xmlns:n2=\"http://foo.example\" xml:lang=\"fr\" xml:space=\"retain\">{inner}</n2:pdu>"
            ),
        ] {
            let document = Document::parse(&around).unwrap();
            let element = document.children(document.root().unwrap()).next().unwrap();
            let canonical = Canonical { document: &document, inclusive: &[], without: None };
            assert_eq!(canonical.of(element), expected);
        }
    }
}
