//! Forms: reading never panics, and what was read can be written as XML.
//!
//! Each input is read as one of an operation with a map, and of one with lists in structures in lists.
#![no_main]

use garrison_api_iam::operations::SimulateCustomPolicy;
use garrison_api_kms::operations::CreateGrant;
use garrison_schema::validate::validate;
use garrison_schema::{Operation, ServiceSchema};
use garrison_wire::{Codec, decode};
use libfuzzer_sys::fuzz_target;

fn check<O: Operation>(service: &'static ServiceSchema, body: &[u8]) {
    let Ok((input, issues)) = decode::<O>(Codec::Query, body) else { return };
    let _ = validate(&input, &issues);
    let xml = Codec::Query.encode_output(service, O::SCHEMA, &input, "id").bytes;
    assert!(std::str::from_utf8(&xml).is_ok());
}

fuzz_target!(|body: &[u8]| {
    check::<CreateGrant>(&garrison_api_kms::SERVICE, body);
    check::<SimulateCustomPolicy>(&garrison_api_iam::SERVICE, body);
});
