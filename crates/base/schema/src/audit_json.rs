//! JSON as CloudTrail's records hold it, written straight into a buffer.
//!
//! [`write_structure`] writes inputs and outputs for `requestParameters` and `responseElements`: names begin in
//! lower case, what the model calls sensitive and all blobs are left out, timestamps have the form
//! `Jan 31, 2026, 1:05:09 PM`. [`ObjectWriter`] writes the record around them.
//!
//! Source: AWS CloudTrail User Guide, "CloudTrail record contents"; AWS KMS Developer Guide, "Examples of AWS KMS
//! log entries".

use std::io::Write as _;

use garrison_types::Timestamp;

use crate::shape::{Kind, Member};
use crate::write::{WriteStructure, Writer};

/// How an operation's structures differ in the record from what the model says. Names are the model's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Rules<'a> {
    /// Members that are left out, at any depth.
    pub omit: &'a [&'a str],
    /// Text members of the structure itself that are written with this value when they are not set.
    pub defaults: &'a [(&'a str, &'a str)],
}

/// Writes a structure.
pub fn write_structure(json: &mut Vec<u8>, value: &dyn WriteStructure, rules: Rules<'_>) {
    json.push(b'{');
    let mut writer = AuditWriter { json, rules, first: true, named: true, set: 0 };
    value.write_members(&mut writer);
    for (index, (name, text)) in rules.defaults.iter().enumerate() {
        if writer.set & (1 << index) == 0 {
            writer.name(name);
            write_string(writer.json, text);
        }
    }
    json.push(b'}');
}

/// Writes text as a JSON string.
pub fn write_string(json: &mut Vec<u8>, text: &str) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    json.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = special(rest) {
        let (plain, tail) = rest.split_at(at);
        json.extend_from_slice(plain);
        let Some((special, tail)) = tail.split_first() else { break };
        match special {
            b'"' | b'\\' => json.extend_from_slice(&[b'\\', *special]),
            b'\n' => json.extend_from_slice(b"\\n"),
            b'\r' => json.extend_from_slice(b"\\r"),
            b'\t' => json.extend_from_slice(b"\\t"),
            control => {
                json.extend_from_slice(b"\\u00");
                let digits = [control >> 4, control & 0x0f].map(|n| HEX.get(usize::from(n)).copied());
                json.extend(digits.into_iter().flatten());
            }
        }
        rest = tail;
    }
    json.extend_from_slice(rest);
    json.push(b'"');
}

/// Where the first byte is that JSON writes in another form.
fn special(bytes: &[u8]) -> Option<usize> {
    /// As many bytes as are looked at together, in one vector operation.
    const TOGETHER: usize = 16;
    let is_special = |b: &u8| *b < 0x20 || *b == b'"' || *b == b'\\';
    let plain = bytes
        .chunks_exact(TOGETHER)
        .take_while(|chunk| !chunk.iter().fold(false, |any, b| any | is_special(b)));
    let plain = plain.count() * TOGETHER;
    bytes.get(plain..)?.iter().position(is_special).map(|at| plain + at)
}

/// Writes a JSON object member by member.
pub struct ObjectWriter<'a> {
    json: &'a mut Vec<u8>,
    first: bool,
}

impl<'a> ObjectWriter<'a> {
    /// Begins an object at the end of `json`.
    pub fn open(json: &'a mut Vec<u8>) -> Self {
        json.push(b'{');
        Self { json, first: true }
    }

    /// A text member.
    pub fn string(&mut self, name: &str, value: &str) {
        self.name(name);
        write_string(self.json, value);
    }

    /// A boolean member.
    pub fn boolean(&mut self, name: &str, value: bool) {
        self.raw(name, if value { b"true" } else { b"false" });
    }

    /// A member whose value is JSON already.
    pub fn raw(&mut self, name: &str, json: &[u8]) {
        self.name(name);
        self.json.extend_from_slice(json);
    }

    /// A member that is an object; close it before the next member.
    pub fn object(&mut self, name: &str) -> ObjectWriter<'_> {
        self.name(name);
        ObjectWriter::open(self.json)
    }

    /// A member that is a list of objects; close it before the next member.
    pub fn list(&mut self, name: &str) -> ListWriter<'_> {
        self.name(name);
        self.json.push(b'[');
        ListWriter { json: self.json, first: true }
    }

    /// Ends the object.
    pub fn close(self) {
        self.json.push(b'}');
    }

    fn name(&mut self, name: &str) {
        separate(self.json, &mut self.first);
        write_string(self.json, name);
        self.json.push(b':');
    }
}

/// Writes a JSON list of objects.
pub struct ListWriter<'a> {
    json: &'a mut Vec<u8>,
    first: bool,
}

impl ListWriter<'_> {
    /// The next element; close it before the one after it.
    pub fn object(&mut self) -> ObjectWriter<'_> {
        separate(self.json, &mut self.first);
        ObjectWriter::open(self.json)
    }

    /// Ends the list.
    pub fn close(self) {
        self.json.push(b']');
    }
}

fn separate(json: &mut Vec<u8>, first: &mut bool) {
    if !std::mem::replace(first, false) {
        json.push(b',');
    }
}

struct AuditWriter<'a> {
    json: &'a mut Vec<u8>,
    rules: Rules<'a>,
    first: bool,
    /// Which of the rules' defaults need not be written, a bit for each.
    set: u32,
    /// Inside a structure, where each value has its member's name; in lists there are none, in maps the keys.
    named: bool,
}

impl AuditWriter<'_> {
    /// Writes what precedes a value; false when the value must not be written.
    fn begin(&mut self, member: &'static Member) -> bool {
        let shape = member.shape();
        if shape.sensitive
            || matches!(shape.kind, Kind::Blob)
            || (self.named && self.rules.omit.contains(&member.name))
        {
            return false;
        }
        if self.named {
            if let Some(index) = self.rules.defaults.iter().position(|(name, _)| *name == member.name) {
                self.set |= 1 << index;
            }
            self.name(member.name);
        } else if !matches!(self.json.last(), Some(b':')) {
            separate(self.json, &mut self.first);
        }
        true
    }

    fn name(&mut self, name: &str) {
        separate(self.json, &mut self.first);
        // A name of the models needs no escapes.
        self.json.push(b'"');
        let mut letters = name.bytes();
        self.json.extend(letters.next().map(|initial| initial.to_ascii_lowercase()));
        self.json.extend(letters);
        self.json.extend_from_slice(b"\":");
    }

    fn display(&mut self, member: &'static Member, value: impl std::fmt::Display) {
        if self.begin(member) {
            // Writing into a Vec does not fail.
            let _ = write!(self.json, "{value}");
        }
    }

    fn nested(&mut self, named: bool, brackets: [u8; 2], inner: impl FnOnce(&mut AuditWriter<'_>)) {
        let [open, close] = brackets;
        self.json.push(open);
        let rules = Rules { omit: self.rules.omit, defaults: &[] };
        inner(&mut AuditWriter { json: self.json, rules, first: true, named, set: 0 });
        self.json.push(close);
    }
}

impl Writer for AuditWriter<'_> {
    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.display(member, value);
    }

    fn integer(&mut self, member: &'static Member, value: i32) {
        self.display(member, value);
    }

    fn long(&mut self, member: &'static Member, value: i64) {
        self.display(member, value);
    }

    fn double(&mut self, member: &'static Member, value: f64) {
        if value.is_finite() {
            self.display(member, value);
        }
    }

    fn string(&mut self, member: &'static Member, value: &str) {
        if self.begin(member) {
            write_string(self.json, value);
        }
    }

    fn blob(&mut self, _member: &'static Member, _value: &[u8]) {}

    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        if self.begin(member) {
            write_string(self.json, &us_date(value));
        }
    }

    fn document(&mut self, member: &'static Member, json: &str) {
        if self.begin(member) {
            self.json.extend_from_slice(json.as_bytes());
        }
    }

    fn structure(&mut self, member: &'static Member, value: &dyn WriteStructure) {
        if self.begin(member) {
            self.nested(true, *b"{}", |inner| value.write_members(inner));
        }
    }

    fn list(&mut self, member: &'static Member, _len: usize, items: &mut dyn FnMut(&mut dyn Writer)) {
        if self.begin(member) {
            self.nested(false, *b"[]", |inner| items(inner));
        }
    }

    fn map(&mut self, member: &'static Member, _len: usize, entries: &mut dyn FnMut(&mut dyn Writer)) {
        // Of a map with values that are left out nothing is written: its keys would have no values.
        let whole = match member.shape().kind {
            Kind::Map(key, value) => [key, value].map(Member::shape),
            _ => return,
        };
        if whole.iter().all(|shape| !shape.sensitive && !matches!(shape.kind, Kind::Blob))
            && self.begin(member)
        {
            self.nested(false, *b"{}", |inner| entries(inner));
        }
    }

    fn key(&mut self, key: &str) {
        separate(self.json, &mut self.first);
        write_string(self.json, key);
        self.json.push(b':');
    }
}

/// `Jan 31, 2026, 1:05:09 PM`, in UTC.
fn us_date(time: Timestamp) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day, hour, minute, second, _) = time.civil();
    let month = MONTHS.get(usize::from(month.saturating_sub(1))).unwrap_or(&"");
    let half = if hour < 12 { "AM" } else { "PM" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    format!("{month} {day}, {year}, {hour}:{minute:02}:{second:02} {half}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Shape;

    #[test]
    fn strings_are_escaped() {
        for (text, json) in [("", r#""""#), ("a\"b\\c", r#""a\"b\\c""#), ("é\n\u{1}", "\"é\\n\\u0001\"")] {
            let mut out = Vec::new();
            write_string(&mut out, text);
            assert_eq!(String::from_utf8(out).unwrap(), json);
        }
    }

    #[test]
    fn objects_nest() {
        let mut out = Vec::new();
        let mut object = ObjectWriter::open(&mut out);
        object.string("a", "1");
        object.object("b").close();
        let mut list = object.list("c");
        list.object().close();
        list.object().close();
        list.close();
        object.boolean("d", false);
        object.close();
        assert_eq!(String::from_utf8(out).unwrap(), r#"{"a":"1","b":{},"c":[{},{}],"d":false}"#);
    }

    static TEXT: Shape = Shape::new("Text", Kind::String);
    static SECRET: Shape = Shape::new("Secret", Kind::String).sensitive();
    static BYTES: Shape = Shape::new("Bytes", Kind::Blob);
    static TIME: Shape = Shape::new("Time", Kind::Timestamp);
    static KEY: Member = Member::new("key", 0, || &TEXT);
    static VALUE: Member = Member::new("value", 0, || &TEXT);
    static SECRET_VALUE: Member = Member::new("value", 0, || &SECRET);
    static MAP: Shape = Shape::new("Map", Kind::Map(&KEY, &VALUE));
    static SECRETS: Shape = Shape::new("Secrets", Kind::Map(&KEY, &SECRET_VALUE));
    static ITEM: Member = Member::new("member", 0, || &INNER);
    static LIST: Shape = Shape::new("List", Kind::List(&ITEM));
    static INNER_MEMBERS: [Member; 2] =
        [Member::new("ARN", 0, || &TEXT), Member::new("Secret", 1, || &SECRET)];
    static INNER: Shape = Shape::structure("Inner", &INNER_MEMBERS);
    static MEMBERS: [Member; 6] = [
        Member::new("KeyId", 0, || &TEXT),
        Member::new("Blob", 1, || &BYTES),
        Member::new("CreationDate", 2, || &TIME),
        Member::new("Context", 3, || &MAP),
        Member::new("Secrets", 4, || &SECRETS),
        Member::new("Items", 5, || &LIST),
    ];
    static OUTER: Shape = Shape::structure("Outer", &MEMBERS);

    struct Inner;

    impl WriteStructure for Inner {
        fn shape(&self) -> &'static Shape {
            &INNER
        }

        fn write_members(&self, writer: &mut dyn Writer) {
            writer.string(&INNER_MEMBERS[0], "a:b");
            writer.string(&INNER_MEMBERS[1], "hidden");
        }
    }

    struct Outer;

    impl WriteStructure for Outer {
        fn shape(&self) -> &'static Shape {
            &OUTER
        }

        fn write_members(&self, writer: &mut dyn Writer) {
            writer.string(&MEMBERS[0], "k");
            writer.blob(&MEMBERS[1], b"hidden");
            writer.timestamp(&MEMBERS[2], Timestamp::from_seconds(0));
            writer.map(&MEMBERS[3], 2, &mut |writer| {
                for key in ["B", "a"] {
                    writer.key(key);
                    writer.string(&VALUE, "v:");
                }
            });
            writer.map(&MEMBERS[4], 1, &mut |writer| {
                writer.key("hidden");
                writer.string(&SECRET_VALUE, "hidden");
            });
            writer.list(&MEMBERS[5], 2, &mut |writer| {
                writer.structure(&ITEM, &Inner);
                writer.structure(&ITEM, &Inner);
            });
        }
    }

    #[test]
    fn structures_have_cloudtrails_form_without_secrets() {
        let date = r#""creationDate":"Jan 1, 1970, 12:00:00 AM""#;
        let context = r#""context":{"B":"v:","a":"v:"}"#;
        for (omit, json) in [
            (
                &[][..],
                format!(r#"{{"keyId":"k",{date},{context},"items":[{{"aRN":"a:b"}},{{"aRN":"a:b"}}]}}"#),
            ),
            (&["KeyId", "ARN"][..], format!(r#"{{{date},{context},"items":[{{}},{{}}]}}"#)),
        ] {
            let mut out = Vec::new();
            write_structure(&mut out, &Outer, Rules { omit, ..Rules::default() });
            assert_eq!(String::from_utf8(out).unwrap(), json);
        }
    }

    #[test]
    fn dates_have_cloudtrails_form() {
        for (seconds, text) in [(0, "Jan 1, 1970, 12:00:00 AM"), (1_769_864_709, "Jan 31, 2026, 1:05:09 PM")]
        {
            assert_eq!(us_date(Timestamp::from_seconds(seconds)), text);
        }
    }
}
