//! What several of the tests share.

use std::sync::Arc;

use garrison_sigv4::{
    AmzDate, Authentication, Body, Expect, Request, SecretAccessKey, SigError, SigningKey, Verified,
};
use garrison_types::Timestamp;

/// A request that owns its parts, so that tests can change them.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Sent {
    pub(crate) fn new(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.iter().map(|(n, v)| ((*n).to_owned(), v.as_bytes().to_vec())).collect(),
            body: body.to_vec(),
        }
    }

    /// Calls `act` with the request borrowed.
    pub(crate) fn with<T>(&self, act: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.as_slice())).collect();
        act(&Request { method: &self.method, path: &self.path, query: &self.query, headers: &headers })
    }

    /// All steps at once; the scope may be any that is well-formed.
    pub(crate) fn verify(&self, secret: &SecretAccessKey, now: Timestamp) -> Result<Verified, SigError> {
        self.verify_body(secret, now, Body::Bytes(&self.body)).map(|(verified, _)| verified)
    }

    pub(crate) fn verify_body(
        &self,
        secret: &SecretAccessKey,
        now: Timestamp,
        body: Body<'_>,
    ) -> Result<(Verified, Arc<SigningKey>), SigError> {
        self.with(|request| {
            let authentication = Authentication::parse(request)?.ok_or(SigError::Missing)?;
            let service = authentication.scope.service.to_string();
            let checked = authentication.check(now, &Expect { service: &service, region: None })?;
            let scope = &checked.authentication().scope;
            let key = Arc::new(SigningKey::derive(secret, &scope.day, &scope.region, &scope.service)?);
            Ok((checked.verify(body, &key)?, key))
        })
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.headers.retain(|(n, _)| !n.eq_ignore_ascii_case(name));
    }
}

pub(crate) fn secret(text: &str) -> SecretAccessKey {
    SecretAccessKey::new(text.to_owned())
}

pub(crate) fn at(date: &str) -> Timestamp {
    AmzDate::parse(date.as_bytes()).unwrap().time()
}
