//! The codecs from outside, on a model with a member of every kind (`synthetic/`, generated like a service's).

mod botocore;
mod botocore_rest;
mod errors;
mod foreign_bytes;
mod messages;
#[allow(dead_code, unreachable_pub, reason = "generated as a crate's root, of which the tests use a part")]
#[path = "synthetic_rest/lib.rs"]
mod rest;
mod rest_round_trips;
mod rest_routes;
mod round_trips;
#[allow(dead_code, unreachable_pub, reason = "generated as a crate's root, of which the tests use a part")]
#[path = "synthetic/lib.rs"]
mod synthetic;

use garrison_schema::{Issues, Operation, ReadError};
use garrison_wire::{Codec, Encoded};
use synthetic::operations::Check;
use synthetic::types::Everything;
use synthetic::{Op, SERVICE};

/// Reads a body as the input of the synthetic operation.
fn decode(codec: Codec, body: &[u8]) -> Result<(Everything, Issues), ReadError> {
    garrison_wire::decode::<Check>(codec, body)
}

/// Writes the output of the synthetic operation.
fn encode(codec: Codec, value: &Everything) -> Encoded {
    codec.encode_output(&SERVICE, Check::SCHEMA, value, "11111111-2222-3333-4444-555555555555")
}

#[test]
fn generated_operations_know_themselves() {
    for op in Op::ALL {
        assert_eq!(Op::from_name(op.name()), Some(*op));
        assert_eq!(op.schema().name, op.name());
    }
    assert_eq!(Op::from_name("Absent"), None);
    assert_eq!(synthetic::NOT_BUILT, [("Absent", "a manifest must be able to say so")]);
    let all: Vec<&str> = SERVICE.operations.iter().map(|operation| operation.name).collect();
    assert_eq!(all, ["Absent", "Check", "Ping"]);
}

#[test]
fn secrets_are_not_printed_and_mark_the_answer() {
    let plain = Everything { text: Some("shown".to_owned()), ..Everything::default() };
    let secret = Everything {
        secret: Some("hidden".to_owned().into()),
        secret_bytes: Some(b"hidden".to_vec().into()),
        ..plain.clone()
    };
    let printed = format!("{secret:?}");
    assert!(printed.contains("shown") && !printed.contains("hidden"), "{printed}");
    for codec in [Codec::Json10, Codec::Json11, Codec::Query, Codec::RpcV2Cbor] {
        assert!(!encode(codec, &plain).sensitive);
        let encoded = encode(codec, &secret);
        assert!(encoded.sensitive);
        assert!(!format!("{encoded:?}").contains("hidden"));
    }
}
