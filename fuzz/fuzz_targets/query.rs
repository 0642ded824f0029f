//! Forms: reading never panics, and what was read can be written as XML.
#![no_main]

use garrison_api_kms::operations::CreateGrant;
use garrison_schema::Operation;
use garrison_schema::validate::validate;
use garrison_wire::{Codec, decode};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    // No service of the query protocol takes lists and maps yet; the readers know no service.
    let Ok((input, issues)) = decode::<CreateGrant>(Codec::Query, body) else { return };
    let _ = validate(&input, &issues);
    let xml = Codec::Query.encode_output(&garrison_api_kms::SERVICE, CreateGrant::SCHEMA, &input, "id").bytes;
    assert!(std::str::from_utf8(&xml).is_ok());
});
