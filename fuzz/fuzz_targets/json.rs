//! JSON bodies: reading never panics, and what was read is written and read again as the same.
#![no_main]

use garrison_api_kms::operations::CreateGrant;
use garrison_schema::Operation;
use garrison_schema::validate::validate;
use garrison_wire::{Codec, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Ok((input, issues)) = decode::<CreateGrant>(Codec::Json11, body) else { return };
    let _ = validate(&input, &issues);
    let write = |input: &_| {
        Codec::Json11.encode_output(&garrison_api_kms::SERVICE, CreateGrant::SCHEMA, input, "id").bytes
    };
    let first = write(&input);
    let (again, _) = decode::<CreateGrant>(Codec::Json11, &first).expect("our own JSON is read");
    assert_eq!(first, write(&again));
});
