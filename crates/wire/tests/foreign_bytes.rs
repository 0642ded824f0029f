//! No bytes make a reader panic, and what is refused is refused for the right reason.

use garrison_wire::{Codec, MAX_DEPTH};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::decode;

const CODECS: [Codec; 3] = [Codec::Json11, Codec::Query, Codec::RpcV2Cbor];

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        for codec in CODECS {
            let _ = decode(codec, &bytes);
        }
    }

    #[test]
    fn arbitrary_tokens_never_panic(tokens in vec(prop::sample::select(vec![
        "{", "}", "[", "]", ",", ":", "\"Nested\"", "\"Items\"", "\"Texts\"", "\"Pairs\"", "\"Count\"", "null", "1", "-",
        "1.5e3", "\"", "\\u", "\\ud800", "true", " ", "Nested.", "Texts.member.1=", "&", "Pairs.entry.1.key=", "%", "=",
    ]), 0..40)) {
        let text = tokens.concat();
        for codec in CODECS {
            let _ = decode(codec, text.as_bytes());
        }
    }

    #[test]
    fn arbitrary_items_never_panic(tokens in vec(prop::sample::select(vec![
        &b"\xbf"[..], b"\xff", b"\xa1", b"\x9f", b"\x81", b"\x65Items", b"\x66Nested", b"\x65Pairs", b"\x65Texts",
        b"\x64When", b"\xc1", b"\xfb", b"\x7f", b"\x61a", b"\x5f", b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", b"\xf6",
    ]), 0..30)) {
        let _ = decode(Codec::RpcV2Cbor, &tokens.concat());
    }
}

/// The error that reading the body gives, or nothing.
fn refusal(codec: Codec, body: &[u8]) -> String {
    decode(codec, body).err().map(|error| error.message).unwrap_or_default()
}

#[test]
fn json_that_is_refused() {
    for (body, message) in [
        (&br#"{"Text":null,"Unknown":[{"a":1.5e3},"\ud83d\ude00"],"Count":1.9,"Count":2}"#[..], ""),
        (b" \t\r\n{ } ", ""),
        (b"", ""),
        (b"[]", "Unrecognized collection type Everything"),
        (b"null", "Unexpected field type"),
        (br#"{"Text":1}"#, "NUMBER_VALUE cannot be converted to String"),
        (br#"{"Text":1.5}"#, "DECIMAL_VALUE cannot be converted to String"),
        (br#"{"Text":true}"#, "TRUE_VALUE cannot be converted to String"),
        (br#"{"Text":{}}"#, "Start of structure or map found where not expected"),
        (br#"{"Text":[]}"#, "Unrecognized collection type String"),
        (br#"{"Count":"1"}"#, "STRING_VALUE cannot be converted to Integer"),
        (br#"{"Count":2147483648}"#, "NUMBER_VALUE cannot be converted to Integer"),
        (br#"{"Big":"1"}"#, "STRING_VALUE cannot be converted to Long"),
        (br#"{"Big":9223372036854775808}"#, "NUMBER_VALUE cannot be converted to Long"),
        (br#"{"Flag":"true"}"#, "Unexpected token received from parser"),
        (br#"{"Flag":1}"#, "NUMBER_VALUE cannot be converted to Boolean"),
        (br#"{"Bytes":1}"#, "only base-64-encoded strings are convertible to bytes"),
        (br#"{"Bytes":"YQ="}"#, "Base64 encoded length is expected a multiple of 4 bytes but found: 3"),
        (br#"{"Bytes":"Y*=="}"#, "Invalid Base64 character detected"),
        (br#"{"When":"yesterday"}"#, "Unable to parse date"),
        (br#"{"Texts":"a"}"#, "Unexpected field type"),
        (br#"{"Texts":{}}"#, "Start of structure or map found where not expected"),
        (br#"{"Nested":1}"#, "Unexpected field type"),
        (br#"{"Pairs":[]}"#, "Unrecognized collection type Pairs"),
        (b"{", "The request body is not a JSON document: a member's name is missing"),
        (br#"{"Text":"a",}"#, "The request body is not a JSON document: a member's name is missing"),
        (br#"{"Text" "a"}"#, "The request body is not a JSON document: a colon is missing"),
        (br#"{"Text":"a" "Count":1}"#, "The request body is not a JSON document: a comma is missing"),
        (b"{} x", "The request body is not a JSON document: something follows it"),
        (b"{\"Text\":\"\xff\"}", "The request body is not a JSON document: it is not UTF-8"),
        (
            b"{\"Text\":\"a\nb\"}",
            "The request body is not a JSON document: a string holds a control character",
        ),
        (br#"{"Text":"a"#, "The request body is not a JSON document: a string does not end"),
        (br#"{"Text":"\ud800"}"#, "The request body is not a JSON document: a surrogate stands alone"),
        (br#"{"Text":"\x"}"#, "The request body is not a JSON document: an escape is not known"),
        (br#"{"Count":01}"#, "The request body is not a JSON document: a number is malformed"),
        (br#"{"Count":1.}"#, "The request body is not a JSON document: a number is malformed"),
    ] {
        assert_eq!(refusal(Codec::Json11, body), message, "{}", String::from_utf8_lossy(body));
    }
}

#[test]
fn forms_that_are_refused() {
    for (body, message) in [
        (&b"Action=Check&Version=1&Text=a+b%20c&Text=last&Texts="[..], ""),
        (b"", ""),
        (b"Text=%f", "The request is not a form: a parameter is malformed"),
        (b"Text=%ff", "The request is not a form: a parameter is malformed"),
        (b"Count=x", "Count must be an integer"),
        (b"Nested.Flag=1", "Nested.Flag must be a boolean"),
        (b"Ratio=x", "Ratio must be a number"),
        (b"Bytes=*", "Bytes must be base64"),
        (b"When=never", "When must be a date and time"),
        (b"Text.x=1", "Text must have a value"),
        (b"Pairs.entry.1.key=a", "Pairs.entry.1.value must have a value"),
        (b"Pairs.entry.1.value=1", "Pairs.entry.1.key must have a value"),
    ] {
        assert_eq!(refusal(Codec::Query, body), message, "{}", String::from_utf8_lossy(body));
    }
    assert_eq!(refusal(Codec::Query, "&a=".repeat(10_001).as_bytes()), "The request has too many parameters");
}

#[test]
fn cbor_that_is_refused() {
    for (body, message) in [
        (&b""[..], ""),
        (b"\xa0", ""),
        (b"\xa2\x64Text\xf6\x01\x82\x01\xc0\x02", ""),
        (b"\xbf\x64Text\x7f\x61a\x61b\xff\xff", ""),
        (b"\xa0\xa0", "The request body is not CBOR: something follows it"),
        (b"\x80", "The value of Everything has the wrong type"),
        (b"\xa1\x65Count\x61a", "The value of Count has the wrong type"),
        (b"\xa1\x65Count\x1a\x80\x00\x00\x00", "The value of Count has the wrong type"),
        (b"\xa1\x64When\x01", "The value of When has the wrong type"),
        (b"\xa1\x64Text\x62\xff\xff", "The request body is not CBOR: a text is not UTF-8"),
        (
            b"\xa1\x64Text\x7b\xff\xff\xff\xff\xff\xff\xff\xff",
            "The request body is not CBOR: it ends too early",
        ),
        (b"\xa1", "The request body is not CBOR: it ends too early"),
        (b"\xa1\x61x\xff", "The request body is not CBOR: a break stands alone"),
    ] {
        assert_eq!(refusal(Codec::RpcV2Cbor, body), message, "{body:x?}");
    }
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| {
        [
            (
                Codec::Json11,
                format!("{}{{}}{}", r#"{"Nested":"#.repeat(depth), "}".repeat(depth)).into_bytes(),
            ),
            (Codec::Json11, format!(r#"{{"x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth)).into_bytes()),
            (Codec::Query, format!("{}Text=a", "Nested.".repeat(depth)).into_bytes()),
            (Codec::RpcV2Cbor, [b"\xa1\x66Nested".repeat(depth), b"\xa0".to_vec()].concat()),
            (Codec::RpcV2Cbor, [b"\xa1\x61x".to_vec(), b"\xc1".repeat(depth), b"\x00".to_vec()].concat()),
        ]
    };
    for (codec, body) in nested(MAX_DEPTH - 1) {
        assert_eq!(refusal(codec, &body), "");
    }
    for (codec, body) in nested(MAX_DEPTH + 1).into_iter().chain(nested(200_000)) {
        assert!(refusal(codec, &body).contains("too deep"));
    }
}
