//! What botocore sends is read, and what it was seen to read is written (`botocore_bodies.py`).

#![allow(clippy::unwrap_used, reason = "a broken data file fails the test")]

use base64_simd::STANDARD;
use garrison_wire::Codec;
use serde_json::Value;

use crate::{decode, encode};

const CODECS: [(&str, Codec); 3] =
    [("json", Codec::Json11), ("query", Codec::Query), ("smithy-rpc-v2-cbor", Codec::RpcV2Cbor)];

fn cases() -> Vec<Value> {
    serde_json::from_str(include_str!("data/botocore.json")).unwrap()
}

fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode_to_vec(value.as_str().unwrap_or_default()).unwrap()
}

#[test]
fn bodies_of_botocore_are_read() {
    for case in cases() {
        for (name, codec) in CODECS {
            let (value, issues) = decode(codec, &bytes(&case["bodies"][name])).unwrap();
            assert!(issues.missing().is_empty());
            let mut json: Value = serde_json::from_slice(&encode(Codec::Json11, &value).bytes).unwrap();
            text_to_seconds(&mut json);
            assert_eq!(json, case["value"], "{} in {name}", case["name"]);
        }
    }
}

/// The one timestamp that the model wants as text, as the number that the file has.
fn text_to_seconds(json: &mut Value) {
    if let Some(when) = json.get_mut("WhenText") {
        assert_eq!(*when, "2026-01-31T12:00:00.000Z");
        *when = 1_769_860_800.0.into();
    }
    // The file has the model's names.
    if let Some(other) = json.as_object_mut().and_then(|object| object.remove("renamed")) {
        json["Other"] = other;
    }
}

#[test]
fn answers_are_those_that_botocore_read() {
    for case in cases() {
        let (value, _) = decode(Codec::Json11, &bytes(&case["bodies"]["json"])).unwrap();
        let answer = |codec| Value::from(STANDARD.encode_to_string(encode(codec, &value).bytes));
        let answers: serde_json::Map<_, _> =
            CODECS.iter().map(|(name, codec)| ((*name).to_owned(), answer(*codec))).collect();
        println!("{}: {}", case["name"], serde_json::to_string_pretty(&answers).unwrap());
        assert_eq!(Value::from(answers), case["answers"], "let botocore_bodies.py check the new answers");
    }
}
