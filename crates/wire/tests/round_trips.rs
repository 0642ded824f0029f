//! What one codec writes it reads again, and the codecs agree.

use garrison_types::Timestamp;
use garrison_wire::Codec;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

use crate::synthetic::types::{Choice, Either, Everything, Item};
use crate::{decode, encode};

fn text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..12).prop_map(|chars| chars.into_iter().collect())
}

fn item() -> impl Strategy<Value = Item> {
    (text(), option::of(text())).prop_map(|(name, value)| Item { name, value })
}

fn either() -> impl Strategy<Value = Either> {
    (option::of(text()), option::of(any::<i32>())).prop_map(|(left, right)| Either { left, right })
}

fn choice() -> impl Strategy<Value = Choice> {
    prop_oneof![Just("ONE_FISH"), Just("two-fish"), Just("3"), Just("else")].prop_map(Choice::from)
}

fn finite() -> impl Strategy<Value = f64> {
    prop::num::f64::NORMAL | prop::num::f64::ZERO | prop::num::f64::SUBNORMAL
}

fn time() -> impl Strategy<Value = Timestamp> {
    (-62_135_596_800_000i64..253_402_300_799_000).prop_map(Timestamp::from_millis)
}

prop_compose! {
    fn scalars()(
        text in option::of(text()),
        secret in option::of(text()),
        choice in option::of(choice()),
        flag in option::of(any::<bool>()),
        count in option::of(any::<i32>()),
        big in option::of(any::<i64>()),
        ratio in option::of(finite()),
        bytes in option::of(vec(any::<u8>(), 0..40)),
        secret_bytes in option::of(vec(any::<u8>(), 0..40)),
        when in option::of(time()),
        other in option::of(text()),
    ) -> Everything {
        Everything {
            text, choice, flag, count, big, ratio, other,
            secret: secret.map(Into::into),
            bytes: bytes.map(Into::into),
            secret_bytes: secret_bytes.map(Into::into),
            when, when_text: when, small: ratio,
            ..Everything::default()
        }
    }
}

prop_compose! {
    fn everything()(
        outer in scalars(),
        inner in option::of(scalars()),
        texts in option::of(vec(text(), 0..4)),
        lists in option::of(vec(vec(text(), 0..3), 0..3)),
        items in option::of(vec(item(), 0..3)),
        flat in option::of(vec(text(), 0..3)),
        pairs in option::of(btree_map(text(), any::<i32>(), 0..3)),
        items_by_name in option::of(btree_map(text(), item(), 0..3)),
        flat_pairs in option::of(btree_map(text(), any::<i32>(), 0..3)),
        either in option::of(either()),
    ) -> Everything {
        Everything {
            texts, lists, items, flat, pairs, items_by_name, flat_pairs, either,
            nested: inner.map(Box::new),
            ..outer
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn json_and_cbor_keep_every_value(value in everything()) {
        let json = encode(Codec::Json11, &value).bytes;
        serde_json::from_slice::<serde_json::Value>(&json).expect("another parser reads it too");
        let (from_json, issues) = decode(Codec::Json10, &json).unwrap();
        prop_assert!(issues.missing().is_empty());
        prop_assert_eq!(&encode(Codec::Json11, &from_json).bytes, &json);
        let cbor = encode(Codec::RpcV2Cbor, &from_json).bytes;
        let (from_cbor, issues) = decode(Codec::RpcV2Cbor, &cbor).unwrap();
        prop_assert!(issues.missing().is_empty());
        prop_assert_eq!(&encode(Codec::RpcV2Cbor, &from_cbor).bytes, &cbor);
        prop_assert_eq!(encode(Codec::Json11, &from_cbor).bytes, json);
    }
}
