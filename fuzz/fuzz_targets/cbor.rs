//! CBOR bodies: reading never panics, and what was read is written and read again as the same.
#![no_main]

use garrison_api_kms::operations::CreateGrant;
use garrison_schema::Operation;
use garrison_schema::validate::validate;
use garrison_wire::{Codec, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Ok((input, issues)) = decode::<CreateGrant>(Codec::RpcV2Cbor, body) else { return };
    let _ = validate(&input, &issues);
    let write = |input: &_| {
        Codec::RpcV2Cbor.encode_output(&garrison_api_kms::SERVICE, CreateGrant::SCHEMA, input, "id").bytes
    };
    let first = write(&input);
    let (again, _) = decode::<CreateGrant>(Codec::RpcV2Cbor, &first).expect("our own CBOR is read");
    assert_eq!(first, write(&again));
});
