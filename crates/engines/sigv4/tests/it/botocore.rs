//! Requests that botocore signed: each verifies, and none does with a byte changed.

use base64_simd::STANDARD;
use garrison_sigv4::{AmzDate, Authentication, Form, Payload, SigError, Signer, SigningKey, Verified};
use serde::Deserialize;

use crate::support::{Sent, at, secret};

#[derive(Deserialize)]
struct Table {
    access_key_id: String,
    secret_access_key: String,
    session_token: String,
    date: String,
    requests: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    service: String,
    region: String,
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: String,
    body_signed: bool,
}

fn table() -> Table {
    serde_json::from_str(include_str!("../../testdata/botocore.json")).unwrap()
}

impl Row {
    fn sent(&self) -> Sent {
        Sent {
            method: self.method.clone(),
            path: self.path.clone(),
            query: self.query.clone(),
            headers: self.headers.iter().map(|(n, v)| (n.clone(), v.as_bytes().to_vec())).collect(),
            body: STANDARD.decode_to_vec(&self.body).unwrap(),
        }
    }
}

#[test]
fn every_request_verifies() {
    let table = table();
    let secret = secret(&table.secret_access_key);
    assert!(table.requests.len() > 60);
    for row in &table.requests {
        let sent = row.sent();
        let verified = sent.verify(&secret, at(&table.date));
        match verified {
            Ok(Verified::Complete) => assert!(row.body_signed, "{}", row.name),
            Ok(Verified::UnsignedBody) => assert!(!row.body_signed, "{}", row.name),
            other => panic!("{}: {other:?}", row.name),
        }
        sent.with(|request| {
            let found = Authentication::parse(request).unwrap().unwrap();
            assert_eq!(found.access_key_id, table.access_key_id, "{}", row.name);
            assert_eq!((&*found.scope.service, &*found.scope.region), (&*row.service, &*row.region));
            assert_eq!(found.date.as_str(), table.date);
            let presigned = found.form == Form::Presigned { expires: Some(3600) };
            assert_eq!(presigned, row.name.starts_with("presigned"), "{}", row.name);
            let token = found.session_token.as_deref();
            assert_eq!(token, row.name.contains("token").then_some(&*table.session_token), "{}", row.name);
        });
    }
}

/// Every byte in turn becomes a letter that it was not, at one place of the request.
#[test]
fn no_request_verifies_with_a_byte_changed() {
    let table = table();
    let secret = secret(&table.secret_access_key);
    let now = at(&table.date);
    let change = |byte: &mut u8| *byte = if *byte == b'q' { b'k' } else { b'q' };
    let mut tried = 0_u32;
    for row in &table.requests {
        let sent = row.sent();
        let mut refuse = |changed: Sent, what: &str, index: usize| {
            tried += 1;
            // Another access key id has another secret, or none.
            let known = |found: &Authentication<'_>| found.access_key_id == table.access_key_id;
            let known = changed.with(|r| Authentication::parse(r).ok().flatten().is_some_and(|a| known(&a)));
            let verified = changed.verify(&secret, now);
            assert!(!known || verified.is_err(), "{}: {what} at {index}: {changed:?}", row.name);
        };
        for (what, part) in [
            ("method", (|s: &mut Sent| &mut s.method) as fn(&mut Sent) -> &mut String),
            ("path", |s| &mut s.path),
            ("query", |s| &mut s.query),
        ] {
            // What stands before `..` in a path that is normalized does not count.
            if what == "path" && row.service != "s3" && row.path.contains("..") {
                continue;
            }
            let text = part(&mut sent.clone()).clone().into_bytes();
            for index in 0..text.len() {
                let mut text = text.clone();
                change(&mut text[index]);
                let Ok(text) = String::from_utf8(text) else { continue };
                let mut changed = sent.clone();
                *part(&mut changed) = text;
                refuse(changed, what, index);
            }
        }
        for (header, (name, value)) in sent.headers.iter().enumerate() {
            if name.eq_ignore_ascii_case("user-agent") {
                continue;
            }
            // Commas and spaces between the parts of this header may stand in any number.
            let free = |byte: u8| name == "Authorization" && matches!(byte, b',' | b' ');
            for index in (0..value.len()).filter(|index| !free(value[*index])) {
                let mut changed = sent.clone();
                change(&mut changed.headers[header].1[index]);
                refuse(changed, name, index);
            }
        }
        if row.body_signed {
            for index in (0..sent.body.len()).step_by(1 + sent.body.len() / 100) {
                let mut changed = sent.clone();
                change(&mut changed.body[index]);
                refuse(changed, "body", index);
            }
            let mut longer = sent.clone();
            longer.body.push(0);
            refuse(longer, "longer body", 0);
        }
    }
    assert!(tried > 20_000, "{tried}");
}

/// Our signer and botocore's say the same.
#[test]
fn our_signatures_are_botocores() {
    let table = table();
    let secret = secret(&table.secret_access_key);
    let date = AmzDate::parse(table.date.as_bytes()).unwrap();
    for row in table.requests.iter().filter(|row| row.name != "kms date header") {
        let mut sent = row.sent();
        let token = row.name.contains("token").then_some(&*table.session_token);
        let key = SigningKey::derive(&secret, date.day(), &row.region, &row.service).unwrap();
        let signer = Signer {
            access_key_id: &table.access_key_id,
            session_token: token,
            region: &row.region,
            service: &row.service,
            date,
            key: &key,
        };
        let payload = if row.body_signed { Payload::of(&sent.body) } else { Payload::Unsigned };
        if row.name.starts_with("presigned") {
            let query = std::mem::take(&mut sent.query);
            let (own, _) = query.split_once("X-Amz-").unwrap();
            sent.query = own.trim_end_matches('&').to_owned();
            let ours = sent.with(|request| signer.presign(request, &payload, 3600).unwrap());
            let sorted = |query: &str| {
                let mut parts: Vec<String> = query.split('&').map(str::to_owned).collect();
                parts.sort();
                parts
            };
            // The order of parameters is free; the signature is among them.
            assert_eq!(sorted(&ours), sorted(&query), "{}", row.name);
        } else {
            let theirs = sent.headers.iter().find(|(n, _)| n == "Authorization").unwrap().1.clone();
            for name in ["Authorization", "X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-SHA256"] {
                sent.remove(name);
            }
            let added = sent.with(|request| signer.sign(request, &payload).unwrap());
            let (_, ours) = added.iter().find(|(name, _)| *name == "authorization").unwrap();
            assert_eq!(ours.as_bytes(), theirs, "{}", row.name);
        }
    }
}

#[test]
fn another_secret_verifies_nothing() {
    let table = table();
    let other = secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEX");
    for row in &table.requests {
        assert_eq!(
            row.sent().verify(&other, at(&table.date)).unwrap_err(),
            SigError::Mismatch,
            "{}",
            row.name
        );
    }
}
