//! Lists and maps as AWS's messages show them: `[a, b]`, `{k=v}`, `[Tag(tagKey=a, tagValue=b)]`.

use std::fmt::Write as _;

use garrison_types::Timestamp;

use super::push_camel;
use crate::shape::{Kind, Member, Shape};
use crate::write::{WriteStructure, Writer};

/// The items of a list or map; `None` when they are bytes or secret.
pub(super) fn items(shape: &'static Shape, write: &mut dyn FnMut(&mut dyn Writer)) -> Option<String> {
    let hidden =
        |member: &'static Member| member.shape().sensitive || matches!(member.shape().kind, Kind::Blob);
    let (open, close) = match shape.kind {
        Kind::List(element) if !hidden(element) => ('[', ']'),
        Kind::Map(key, value) if !hidden(key) && !hidden(value) => ('{', '}'),
        _ => return None,
    };
    let place = if open == '{' { Place::Entry } else { Place::Item };
    let mut renderer = Renderer { out: String::from(open), place, first: true };
    write(&mut renderer);
    renderer.out.push(close);
    Some(renderer.out)
}

/// What stands around a value.
#[derive(Clone, Copy)]
enum Place {
    /// A structure.
    Member,
    /// A list.
    Item,
    /// A map, in which the key has been written.
    Entry,
}

struct Renderer {
    out: String,
    place: Place,
    first: bool,
}

impl Renderer {
    fn begin(&mut self, member: &'static Member) {
        match self.place {
            Place::Member => {
                self.separate();
                push_camel(&mut self.out, member.name);
                self.out.push('=');
            }
            Place::Item => self.separate(),
            Place::Entry => {}
        }
    }

    fn separate(&mut self) {
        if !std::mem::replace(&mut self.first, false) {
            self.out.push_str(", ");
        }
    }

    fn plain(&mut self, member: &'static Member, value: impl std::fmt::Display) {
        self.begin(member);
        if member.shape().sensitive {
            self.out.push_str("*** Sensitive Data Redacted ***");
        } else {
            // Writing to a string cannot fail.
            let _ = write!(self.out, "{value}");
        }
    }

    fn nested(&mut self, place: Place, brackets: (char, char), write: impl FnOnce(&mut Self)) {
        let outer = (self.place, self.first);
        (self.place, self.first) = (place, true);
        self.out.push(brackets.0);
        write(self);
        self.out.push(brackets.1);
        (self.place, self.first) = outer;
    }
}

impl Writer for Renderer {
    fn boolean(&mut self, member: &'static Member, value: bool) {
        self.plain(member, value);
    }

    fn integer(&mut self, member: &'static Member, value: i32) {
        self.plain(member, value);
    }

    fn long(&mut self, member: &'static Member, value: i64) {
        self.plain(member, value);
    }

    fn double(&mut self, member: &'static Member, value: f64) {
        self.plain(member, value);
    }

    fn string(&mut self, member: &'static Member, value: &str) {
        self.plain(member, value);
    }

    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        self.plain(member, format_args!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", value.len()));
    }

    fn timestamp(&mut self, member: &'static Member, value: Timestamp) {
        self.plain(member, value);
    }

    fn document(&mut self, member: &'static Member, json: &str) {
        self.plain(member, json);
    }

    fn structure(&mut self, member: &'static Member, value: &dyn WriteStructure) {
        self.begin(member);
        self.out.push_str(value.shape().name);
        self.nested(Place::Member, ('(', ')'), |renderer| value.write_members(renderer));
    }

    fn list(&mut self, member: &'static Member, _len: usize, items: &mut dyn FnMut(&mut dyn Writer)) {
        self.begin(member);
        self.nested(Place::Item, ('[', ']'), |renderer| items(renderer));
    }

    fn map(&mut self, member: &'static Member, _len: usize, entries: &mut dyn FnMut(&mut dyn Writer)) {
        self.begin(member);
        self.nested(Place::Entry, ('{', '}'), |renderer| entries(renderer));
    }

    fn key(&mut self, key: &str) {
        self.separate();
        self.out.push_str(key);
        self.out.push('=');
    }
}
