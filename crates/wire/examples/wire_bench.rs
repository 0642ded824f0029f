//! What reading and validating an Encrypt request costs: `cargo run --release -p garrison-wire --example wire_bench`.

use std::hint::black_box;
use std::time::Duration;

use base64_simd::STANDARD;
use garrison_api_kms::SERVICE;
use garrison_api_kms::operations::Encrypt;
use garrison_api_kms::types::EncryptResponse;
use garrison_schema::validate::validate;
use garrison_schema::{Operation, audit_json};
use garrison_wire::{Codec, decode};

/// The least time of one call over many short rounds: what else runs on the machine does not count.
fn measure(name: &str, mut call: impl FnMut()) {
    const CALLS: u32 = 1_000;
    let mut best = Duration::MAX;
    for _ in 0..300 {
        #[expect(clippy::disallowed_methods, reason = "a benchmark measures the wall clock")]
        let start = std::time::Instant::now();
        for _ in 0..CALLS {
            call();
        }
        best = best.min(start.elapsed() / CALLS);
    }
    #[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
    {
        println!("{name:<44} {:>7} ns", best.as_nanos());
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    for size in [32, 4096] {
        let plaintext = STANDARD.encode_to_string(vec![7; size]);
        let body = format!(
            r#"{{"KeyId":"{key}","Plaintext":"{plaintext}","EncryptionContext":{{"tenant":"t-42","purpose":"bench"}}}}"#
        );
        let body = body.as_bytes();
        let (input, issues) = decode::<Encrypt>(Codec::Json11, body)?;
        measure(&format!("decode, {size} B of plaintext"), || {
            black_box(decode::<Encrypt>(Codec::Json11, black_box(body)).is_ok());
        });
        measure(&format!("validate, {size} B"), || {
            black_box(validate(black_box(&input), &issues).is_ok());
        });
        measure(&format!("requestParameters, {size} B"), || {
            let mut json = Vec::with_capacity(512);
            audit_json::write_structure(&mut json, black_box(&input), audit_json::Rules::default());
            black_box(json);
        });
        let output = EncryptResponse {
            ciphertext_blob: Some(vec![7; size + 120].into()),
            key_id: Some(key.to_owned()),
            ..EncryptResponse::default()
        };
        measure(&format!("encode the answer, {size} B"), || {
            black_box(Codec::Json11.encode_output(&SERVICE, Encrypt::SCHEMA, black_box(&output), "id"));
        });
    }
    Ok(())
}
