//! What is measured.

use crate::Result;
use crate::client::{Connection, kms_request};
use crate::garrison::Garrison;
use crate::process::{Cpu, Server};

/// One kind of request against one server.
pub(crate) struct Scenario<'a> {
    pub(crate) name: &'static str,
    server: &'a Server,
    request: Vec<u8>,
}

impl Scenario<'_> {
    /// Sends `requests` requests over `connections` connections; gives the server's CPU time for one.
    pub(crate) fn run(&self, requests: u32, connections: u32) -> Result<Cpu> {
        let mut open: Vec<Connection> =
            (0..connections).map(|_| Connection::open(self.server.address)).collect::<Result<_>>()?;
        self.send(&mut open, requests / 10)?;
        let before = self.server.cpu()?;
        self.send(&mut open, requests)?;
        let after = self.server.cpu()?;
        let each = |before: f64, after: f64| (after - before) / f64::from(requests);
        Ok(Cpu { user: each(before.user, after.user), system: each(before.system, after.system) })
    }

    fn send(&self, connections: &mut [Connection], requests: u32) -> Result<()> {
        let each = requests.div_ceil(u32::try_from(connections.len())?);
        std::thread::scope(|scope| {
            let running: Vec<_> = connections
                .iter_mut()
                .map(|connection| {
                    scope.spawn(move || -> Result<()> {
                        for _ in 0..each {
                            let (status, body) = connection.call(&self.request)?;
                            if status != 200 {
                                let body = String::from_utf8_lossy(&body).into_owned();
                                return Err(format!("{}: {status} {body}", self.name).into());
                            }
                        }
                        Ok(())
                    })
                })
                .collect();
            running
                .into_iter()
                .try_for_each(|thread| thread.join().map_err(|_| "a client thread panicked")?)
        })
    }
}

/// Every scenario, the bare ones first.
pub(crate) fn all<'a>(
    garrison: &'a Garrison,
    hello: &'a Server,
    encrypt: &'a Server,
) -> Result<Vec<Scenario<'a>>> {
    let key = |body: &str| garrison.call("CreateKey", body, "/KeyMetadata/KeyId");
    let symmetric = key("{}")?;
    let p256 = key(r#"{"KeySpec":"ECC_NIST_P256","KeyUsage":"SIGN_VERIFY"}"#)?;
    let rsa = key(r#"{"KeySpec":"RSA_2048","KeyUsage":"SIGN_VERIFY"}"#)?;
    let encrypt_body = |len: usize| {
        let plaintext = base64_simd::STANDARD.encode_to_string(vec![7; len]);
        format!(r#"{{"KeyId":"{symmetric}","Plaintext":"{plaintext}"}}"#)
    };
    let decrypt_body = |len: usize| -> Result<String> {
        let blob = garrison.call("Encrypt", &encrypt_body(len), "/CiphertextBlob")?;
        Ok(format!(r#"{{"CiphertextBlob":"{blob}"}}"#))
    };
    let sign_body = |key: &str, algorithm: &str| {
        format!(r#"{{"KeyId":"{key}","Message":"bWVzc2FnZQ==","SigningAlgorithm":"{algorithm}"}}"#)
    };
    let to = |name: &'static str, server: &'a Server, operation: &str, body: &str| -> Result<Scenario<'a>> {
        Ok(Scenario { name, server, request: kms_request(server.address, &garrison.who, operation, body)? })
    };
    let ours = &garrison.server;
    Ok(vec![
        to("bare hello", hello, "Encrypt", &encrypt_body(32))?,
        to("bare JSON + SigV4 + AES-GCM, 32 B", encrypt, "Encrypt", &encrypt_body(32))?,
        to("bare JSON + SigV4 + AES-GCM, 4 KB", encrypt, "Encrypt", &encrypt_body(4096))?,
        to("Encrypt 32 B", ours, "Encrypt", &encrypt_body(32))?,
        to("Encrypt 4 KB", ours, "Encrypt", &encrypt_body(4096))?,
        to("Decrypt 32 B", ours, "Decrypt", &decrypt_body(32)?)?,
        to("Decrypt 4 KB", ours, "Decrypt", &decrypt_body(4096)?)?,
        to(
            "GenerateDataKey AES_256",
            ours,
            "GenerateDataKey",
            &format!(r#"{{"KeyId":"{symmetric}","KeySpec":"AES_256"}}"#),
        )?,
        to("Sign P-256", ours, "Sign", &sign_body(&p256, "ECDSA_SHA_256"))?,
        to("Sign RSA-2048 PSS", ours, "Sign", &sign_body(&rsa, "RSASSA_PSS_SHA_256"))?,
    ])
}
