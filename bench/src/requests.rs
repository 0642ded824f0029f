//! Garrison's requests beside those of bare servers.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::{Value, json};

use crate::Result;
use crate::api::member;
use crate::client::{KMS, signed};
use crate::garrison::Garrison;
use crate::process::Server;
use crate::report::{self, verdict};
use crate::scenario::{Extent, Scenario, measure};

const HELLO: &str = "bare hello";
const BARE: &str = "bare JSON + SigV4 + AES-GCM, 32 B";
const ENCRYPT: &str = "Encrypt 32 B";
/// How many times the bare server's CPU time an Encrypt may cost.
const TARGET: f64 = 1.4;

/// The input of an Encrypt of `len` bytes.
pub(crate) fn encrypt_input(key: &str, len: usize) -> Value {
    json!({"KeyId": key, "Plaintext": base64_simd::STANDARD.encode_to_string(vec![7; len])})
}

/// Measures and reports.
pub(crate) fn report(garrison: &Garrison, itself: &Path, extent: Extent) -> Result<String> {
    let hello = Server::bare(itself, "hello")?;
    let encrypt = Server::bare(itself, "encrypt")?;
    let scenarios = scenarios(garrison, &hello, &encrypt)?;
    let measured = measure(&scenarios, extent)?;
    let named = |name: &str| measured.iter().find(|measured| measured.name == name);
    let (Some(hello), Some(bare), Some(subject)) = (named(HELLO), named(BARE), named(ENCRYPT)) else {
        return Err("a scenario is missing".into());
    };
    let mut text = format!(
        "## CPU time per request\n\n\
         CPU time of the server process for one request in microseconds, user and system: {} requests a round, {} rounds \
         with the servers taking turns, {} connections with one request under way on each. Garrison runs in normal mode: it \
         verifies every signature, evaluates the key's policy, and its audit record is on disk before the answer. The bare \
         servers keep no record and link the same allocator.\n\n\
         | Request | median | user | system | least | most | × bare hello | × bare Encrypt |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|\n",
        extent.requests, extent.rounds, extent.connections
    );
    for row in &measured {
        // Writing into a String does not fail, here and below.
        let _ = writeln!(
            text,
            "{} {:.2} | {:.2} |",
            report::row(row),
            row.times(hello).median,
            row.times(bare).median
        );
    }
    let ratio = subject.times(bare).median;
    let _ = writeln!(
        text,
        "\nThe target, {ENCRYPT} at {TARGET} times the bare server that does JSON, SigV4 and AES-GCM, is {}: {ratio:.2}.\n",
        verdict(ratio <= TARGET)
    );
    let idle = garrison.idle()?;
    let ready = report::millis(&idle);
    let _ = writeln!(
        text,
        "A first start, from exec to ready: {ready} (target 100 ms). Resident memory then: {:.1} MiB (target 40).\n",
        idle.resident_mib
    );
    Ok(text)
}

/// Every scenario, the bare ones first.
fn scenarios<'a>(
    garrison: &'a Garrison,
    hello: &'a Server,
    encrypt: &'a Server,
) -> Result<Vec<Scenario<'a>>> {
    let mut api = garrison.api()?;
    let mut key = |input: Value| -> Result<String> {
        member(&api.json(&garrison.root, KMS, "CreateKey", &input)?, "/KeyMetadata/KeyId")
    };
    let symmetric = key(json!({}))?;
    let p256 = key(json!({"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}))?;
    let rsa = key(json!({"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}))?;
    let input = |len: usize| encrypt_input(&symmetric, len);
    let mut to_decrypt = |len: usize| -> Result<Value> {
        let blob = member(&api.json(&garrison.root, KMS, "Encrypt", &input(len))?, "/CiphertextBlob")?;
        Ok(json!({"CiphertextBlob": blob}))
    };
    let to_sign = |key: &str, algorithm: &str| json!({"KeyId": key, "Message": "bWVzc2FnZQ==", "SigningAlgorithm": algorithm});
    let to = |name: &'static str, server: &'a Server, operation: &str, input: &Value| -> Result<_> {
        let request = signed(server.address, &garrison.root, KMS, operation, &input.to_string())?;
        Ok(Scenario::new(name, server, vec![request]))
    };
    let ours = &garrison.server;
    Ok(vec![
        to(HELLO, hello, "Encrypt", &input(32))?,
        to(BARE, encrypt, "Encrypt", &input(32))?,
        to("bare JSON + SigV4 + AES-GCM, 4 KB", encrypt, "Encrypt", &input(4096))?,
        to(ENCRYPT, ours, "Encrypt", &input(32))?,
        to("Encrypt 4 KB", ours, "Encrypt", &input(4096))?,
        to("Decrypt 32 B", ours, "Decrypt", &to_decrypt(32)?)?,
        to("Decrypt 4 KB", ours, "Decrypt", &to_decrypt(4096)?)?,
        to(
            "GenerateDataKey AES_256",
            ours,
            "GenerateDataKey",
            &json!({"KeyId": symmetric, "KeySpec": "AES_256"}),
        )?,
        to("Sign P-256", ours, "Sign", &to_sign(&p256, "ECDSA_SHA_256"))?,
        to("Sign RSA-2048 PSS", ours, "Sign", &to_sign(&rsa, "RSASSA_PSS_SHA_256"))?,
    ])
}
