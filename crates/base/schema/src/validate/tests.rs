//! The messages, as tables.

use super::*;
use crate::{Location, TimestampFormat};

/// A structure whose members are written by a function.
struct Doc(&'static Shape, &'static (dyn Fn(&mut dyn Writer) + Sync));

impl WriteStructure for Doc {
    fn shape(&self) -> &'static Shape {
        self.0
    }

    fn write_members(&self, writer: &mut dyn Writer) {
        self.1(writer);
    }
}

static KEY_ID: Shape = Shape::new("KeyIdType", Kind::String).min(1).max(8);
static NAME: Shape = Shape::new("Name", Kind::String).min(2).max(4).pattern("^[a-z]+$");
static FREE: Shape = Shape::new("Free", Kind::String);
static SPEC: Shape = Shape::new("Spec", Kind::Enum(&["A", "B"]));
static SECRET: Shape = Shape::new("Secret", Kind::String).max(3).sensitive();
static BLOB: Shape = Shape::new("Bytes", Kind::Blob).min(1).max(4);
static DAYS: Shape = Shape::new("Days", Kind::Integer).min(1).max(365);
static RATIO: Shape = Shape::new("Ratio", Kind::Double).min(0).max(1);
static NAME_ITEM: Member = Member::new("member", 0, || &NAME);
static NAMES: Shape = Shape::new("Names", Kind::List(&NAME_ITEM)).max(2);
static BLOB_ITEM: Member = Member::new("member", 0, || &BLOB);
static BLOBS: Shape = Shape::new("Blobs", Kind::List(&BLOB_ITEM)).max(2);
static MAP_KEY: Member = Member::new("key", 0, || &NAME);
static MAP_VALUE: Member = Member::new("value", 0, || &SPEC);
static MAP: Shape = Shape::new("Map", Kind::Map(&MAP_KEY, &MAP_VALUE)).max(2);
static LISTS_VALUE: Member = Member::new("value", 0, || &NAMES);
static LISTS: Shape = Shape::new("Lists", Kind::Map(&MAP_KEY, &LISTS_VALUE));
static TAG_MEMBERS: [Member; 2] =
    [Member::new("TagKey", 0, || &NAME).required(), Member::new("TagValue", 1, || &FREE)];
static TAG: Shape = Shape::structure("Tag", &TAG_MEMBERS);
static TAG_ITEM: Member = Member::new("member", 0, || &TAG);
static TAGS: Shape = Shape::new("Tags", Kind::List(&TAG_ITEM)).max(2);
static TAG_VALUE: Member = Member::new("value", 0, || &TAG);
static TAG_MAP: Shape = Shape::new("TagMap", Kind::Map(&MAP_KEY, &TAG_VALUE));
static MEMBERS: [Member; 13] = [
    Member::new("KeyId", 0, || &KEY_ID).required(),
    Member::new("Name", 1, || &NAME),
    Member::new("Spec", 2, || &SPEC),
    Member::new("Secret", 3, || &SECRET),
    Member::new("Plaintext", 4, || &BLOB),
    Member::new("PendingWindowInDays", 5, || &DAYS),
    Member::new("Ratio", 6, || &RATIO),
    Member::new("Names", 7, || &NAMES),
    Member::new("Blobs", 8, || &BLOBS),
    Member::new("Map", 9, || &MAP),
    Member::new("Tags", 10, || &TAGS),
    Member::new("TagMap", 11, || &TAG_MAP),
    Member::new("Lists", 12, || &LISTS),
];
static INPUT: Shape = Shape::structure("Input", &MEMBERS);

fn names(writer: &mut dyn Writer, member: &'static Member, names: &[&str]) {
    writer.list(member, names.len(), &mut |writer| {
        for name in names {
            writer.string(&NAME_ITEM, name);
        }
    });
}

fn map(writer: &mut dyn Writer, entries: &[(&str, &str)]) {
    writer.map(&MEMBERS[9], entries.len(), &mut |writer| {
        for (key, value) in entries {
            writer.key(key);
            writer.string(&MAP_VALUE, value);
        }
    });
}

fn tags(writer: &mut dyn Writer, keys: &'static [&'static str]) {
    writer.list(&MEMBERS[10], keys.len(), &mut |writer| {
        for key in keys {
            let key: &'static str = key;
            let write = Box::leak(Box::new(move |writer: &mut dyn Writer| {
                writer.string(&TAG_MEMBERS[0], key);
                writer.string(&TAG_MEMBERS[1], "v");
            }));
            writer.structure(&TAG_ITEM, &Doc(&TAG, write));
        }
    });
}

fn check(write: &'static (dyn Fn(&mut dyn Writer) + Sync), expected: &str) {
    let result = validate(&Doc(&INPUT, write), &Issues::default());
    assert_eq!(result.err().unwrap_or_default(), expected);
}

#[test]
fn single_values() {
    check(
        &|w| {
            w.string(&MEMBERS[0], "12345678");
            w.string(&MEMBERS[1], "ab");
            w.string(&MEMBERS[2], "B");
            w.blob(&MEMBERS[4], b"1234");
            w.integer(&MEMBERS[5], 365);
            w.double(&MEMBERS[6], 1.0);
        },
        "",
    );
    // Characters count, not bytes.
    check(&|w| w.string(&MEMBERS[0], "éééééééé"), "");
    check(
        &|w| w.string(&MEMBERS[0], ""),
        "1 validation error detected: Value '' at 'keyId' failed to satisfy constraint: Member must have length \
         greater than or equal to 1",
    );
    check(
        &|w| w.string(&MEMBERS[0], "123456789"),
        "1 validation error detected: Value '123456789' at 'keyId' failed to satisfy constraint: Member must have \
         length less than or equal to 8",
    );
    check(
        &|w| w.string(&MEMBERS[1], "A"),
        "2 validation errors detected: Value 'A' at 'name' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: ^[a-z]+$; Value 'A' at 'name' failed to satisfy constraint: Member must have \
         length greater than or equal to 2",
    );
    check(
        &|w| w.string(&MEMBERS[2], "C"),
        "1 validation error detected: Value 'C' at 'spec' failed to satisfy constraint: Member must satisfy enum \
         value set: [A, B]",
    );
    check(
        &|w| w.integer(&MEMBERS[5], 0),
        "1 validation error detected: Value '0' at 'pendingWindowInDays' failed to satisfy constraint: Member must \
         have value greater than or equal to 1",
    );
    check(
        &|w| w.double(&MEMBERS[6], 1.5),
        "1 validation error detected: Value '1.5' at 'ratio' failed to satisfy constraint: Member must have value \
         less than or equal to 1.0",
    );
}

#[test]
fn secrets_and_bytes_are_not_shown() {
    check(
        &|w| w.string(&MEMBERS[3], "1234"),
        "1 validation error detected: Value at 'secret' failed to satisfy constraint: Member must have length less \
         than or equal to 3",
    );
    check(&|w| w.blob(&MEMBERS[4], b"12345"), &length_violation_message("plaintext", 4));
    check(
        &|w| {
            w.list(&MEMBERS[8], 1, &mut |w| w.blob(&BLOB_ITEM, b""));
        },
        "1 validation error detected: Value at 'blobs' failed to satisfy constraint: Member must satisfy \
         constraint: [Member must have length less than or equal to 4, Member must have length greater than or \
         equal to 1]",
    );
}

#[test]
fn lists_and_maps_of_scalars() {
    check(&|w| names(w, &MEMBERS[7], &["ab", "cd"]), "");
    check(
        &|w| names(w, &MEMBERS[7], &["ab", "cd", "ef"]),
        "1 validation error detected: Value '[ab, cd, ef]' at 'names' failed to satisfy constraint: Member must \
         have length less than or equal to 2",
    );
    check(
        &|w| names(w, &MEMBERS[7], &["a=", "abcde"]),
        "1 validation error detected: Value '[a=, abcde]' at 'names' failed to satisfy constraint: Member must \
         satisfy constraint: [Member must have length less than or equal to 4, Member must have length greater \
         than or equal to 2, Member must satisfy regular expression pattern: ^[a-z]+$]",
    );
    check(
        &|w| map(w, &[("ab", "C"), ("cd", "A")]),
        "1 validation error detected: Value '{ab=C, cd=A}' at 'map' failed to satisfy constraint: Map value must \
         satisfy constraint: [Member must satisfy enum value set: [A, B]]",
    );
    check(
        &|w| map(w, &[("", "A")]),
        "1 validation error detected: Value '{=A}' at 'map' failed to satisfy constraint: Map keys must satisfy \
         constraint: [Member must have length less than or equal to 4, Member must have length greater than or \
         equal to 2, Member must satisfy regular expression pattern: ^[a-z]+$]",
    );
    check(
        &|w| {
            w.map(&MEMBERS[12], 1, &mut |w| {
                w.key("ab");
                names(w, &LISTS_VALUE, &["ab", "ab", "ab"]);
            });
        },
        "1 validation error detected: Value '{ab=[ab, ab, ab]}' at 'lists' failed to satisfy constraint: Map value \
         must satisfy constraint: [Member must have length less than or equal to 2, Member must satisfy \
         constraint: [Member must have length less than or equal to 4, Member must have length greater than or \
         equal to 2, Member must satisfy regular expression pattern: ^[a-z]+$]]",
    );
}

#[test]
fn structures_in_lists_and_maps() {
    check(
        &|w| tags(w, &["ab", "abcde"]),
        "1 validation error detected: Value 'abcde' at 'tags.2.member.tagKey' failed to satisfy constraint: Member \
         must have length less than or equal to 4",
    );
    check(
        &|w| tags(w, &["ab", "cd", "ef"]),
        "1 validation error detected: Value '[Tag(tagKey=ab, tagValue=v), Tag(tagKey=cd, tagValue=v), \
         Tag(tagKey=ef, tagValue=v)]' at 'tags' failed to satisfy constraint: Member must have length less than or \
         equal to 2",
    );
    check(
        &|w| {
            w.map(&MEMBERS[11], 1, &mut |w| {
                w.key("ab");
                w.structure(&TAG_VALUE, &Doc(&TAG, &|w| w.string(&TAG_MEMBERS[0], "abcde")));
            });
        },
        "1 validation error detected: Value 'abcde' at 'tagMap.ab.member.tagKey' failed to satisfy constraint: \
         Member must have length less than or equal to 4",
    );
}

#[test]
fn missing_members_come_first_and_their_defaults_do_not_count() {
    let mut issues = Issues::default();
    issues.note_missing(&INPUT, 0);
    issues.enter(Segment::Member("Tags"));
    issues.enter(Segment::Element(2));
    issues.note_missing(&TAG, 0);
    issues.leave();
    issues.leave();
    let input = Doc(&INPUT, &|w| {
        w.string(&MEMBERS[0], "");
        w.string(&MEMBERS[2], "C");
        tags(w, &["ab", ""]);
    });
    assert_eq!(
        validate(&input, &issues).unwrap_err(),
        "3 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; \
         Value null at 'tags.2.member.tagKey' failed to satisfy constraint: Member must not be null; Value 'C' at \
         'spec' failed to satisfy constraint: Member must satisfy enum value set: [A, B]",
    );
}

#[test]
fn the_number_of_violations_is_bounded() {
    let message = validate(
        &Doc(&INPUT, &|w| {
            for _ in 0..1000 {
                w.string(&MEMBERS[0], "");
            }
        }),
        &Issues::default(),
    )
    .unwrap_err();
    assert!(message.starts_with("50 validation errors detected: "));
}

#[test]
fn builders_set_what_they_say() {
    let member = Member::new("A", 3, || &FREE)
        .wire_name("a")
        .query_name("b")
        .location(Location::Uri("a"))
        .flattened()
        .xml_attribute()
        .timestamp_format(TimestampFormat::HttpDate)
        .idempotency_token();
    assert_eq!((member.index, member.wire(), member.query_name), (3, "a", Some("b")));
    assert_eq!(
        (member.location, member.timestamp_format),
        (Location::Uri("a"), Some(TimestampFormat::HttpDate))
    );
    assert!(member.flattened && member.xml_attribute && member.idempotency_token && !member.required);
    assert!(bad_patterns(&INPUT).is_empty());
}
