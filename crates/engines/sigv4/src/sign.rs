//! Making signatures: for the server's own calls and for tests.

use std::borrow::Cow;
use std::fmt;

use crate::SigError;
use crate::canonical::SignedHeaders;
use crate::error::ExpiresProblem;
use crate::key::SigningKey;
use crate::parse::{ALGORITHM, MAX_EXPIRES, Scope};
use crate::query::push_encoded;
use crate::request::{Payload, Request, is_s3};
use crate::time::AmzDate;
use crate::verify;

/// Headers that are not signed because what stands between client and server may change them.
const UNSIGNABLE: [&str; 12] = [
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// Signs requests of one access key to one service in one region. `Debug` hides the key and the token.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// For example `AKIAIOSFODNN7EXAMPLE`.
    pub access_key_id: &'a str,
    /// The session token of temporary credentials.
    pub session_token: Option<&'a str>,
    /// For example `eu-central-1`.
    pub region: &'a str,
    /// For example `kms`.
    pub service: &'a str,
    /// The date of the signature.
    pub date: AmzDate,
    /// The signing key of that day, region and service.
    pub key: &'a SigningKey,
}

impl Signer<'_> {
    /// The headers to add to `request`: `x-amz-date`, `authorization`, and as needed `x-amz-security-token` and
    /// `x-amz-content-sha256`. All of the request's headers are signed but those that proxies change.
    ///
    /// `payload` must not be [`Payload::Unstated`].
    ///
    /// # Errors
    /// [`SigError::HostNotSigned`] when the request has no `host`, [`SigError::ContentSha256Missing`],
    /// [`SigError::MalformedPath`], [`SigError::MalformedQuery`], [`SigError::Internal`].
    pub fn sign(
        &self,
        request: &Request<'_>,
        payload: &Payload,
    ) -> Result<Vec<(&'static str, String)>, SigError> {
        let mut added = vec![("x-amz-date", self.date.as_str().to_owned())];
        if let Some(token) = self.session_token {
            added.push(("x-amz-security-token", token.to_owned()));
        }
        if is_s3(self.service) || !matches!(payload, Payload::Sha256(_)) {
            let mut value = Vec::new();
            payload.write(&mut value).ok_or(SigError::ContentSha256Missing)?;
            added.push(("x-amz-content-sha256", String::from_utf8_lossy(&value).into_owned()));
        }
        let mut headers = request.headers.to_vec();
        headers.extend(added.iter().map(|(name, value)| (*name, value.as_bytes())));
        let request = Request { headers: &headers, ..*request };
        let signed = signable(&headers)?;
        let signature = self.signature(&request, &signed, payload, false)?;
        let authorization = format!(
            "{ALGORITHM} Credential={}, SignedHeaders={}, Signature={signature}",
            self.credential(),
            signed.as_str()
        );
        added.push(("authorization", authorization));
        Ok(added)
    }

    /// The query of `request` with the parameters and signature that let anyone send it within `expires` seconds (1 to
    /// 604,800). For S3 the payload is usually [`Payload::Unsigned`], for other services the body's hash.
    ///
    /// # Errors
    /// As [`Self::sign`], and [`SigError::Expires`].
    pub fn presign(
        &self,
        request: &Request<'_>,
        payload: &Payload,
        expires: u32,
    ) -> Result<String, SigError> {
        match expires {
            0 => return Err(SigError::Expires(ExpiresProblem::TooSmall)),
            1..=MAX_EXPIRES => {}
            _ => return Err(SigError::Expires(ExpiresProblem::TooLarge)),
        }
        let signed = signable(request.headers)?;
        let mut query = request.query.as_bytes().to_vec();
        let expires = expires.to_string();
        let credential = self.credential();
        let mut parameters = vec![
            ("X-Amz-Algorithm", ALGORITHM),
            ("X-Amz-Credential", &credential),
            ("X-Amz-Date", self.date.as_str()),
            ("X-Amz-Expires", &expires),
            ("X-Amz-SignedHeaders", signed.as_str()),
        ];
        parameters.extend(self.session_token.map(|token| ("X-Amz-Security-Token", token)));
        for (name, value) in parameters {
            if !query.is_empty() {
                query.push(b'&');
            }
            query.extend_from_slice(name.as_bytes());
            query.push(b'=');
            value.bytes().for_each(|byte| push_encoded(&mut query, byte));
        }
        let mut query = String::from_utf8_lossy(&query).into_owned();
        let unsigned = Request { query: &query, ..*request };
        let signature = self.signature(&unsigned, &signed, payload, true)?;
        query.push_str("&X-Amz-Signature=");
        query.push_str(&signature);
        Ok(query)
    }

    fn credential(&self) -> String {
        let Self { access_key_id, region, service, date, .. } = self;
        format!("{access_key_id}/{}/{region}/{service}/aws4_request", date.day())
    }

    fn signature(
        &self,
        request: &Request<'_>,
        signed: &SignedHeaders<'_>,
        payload: &Payload,
        presigned: bool,
    ) -> Result<String, SigError> {
        let scope = Scope {
            day: Cow::Borrowed(self.date.day()),
            region: Cow::Borrowed(self.region),
            service: Cow::Borrowed(self.service),
            terminator: Cow::Borrowed("aws4_request"),
        };
        let signature = verify::compute(request, signed, payload, presigned, &self.date, &scope, self.key)?;
        Ok(String::from_utf8_lossy(&signature).into_owned())
    }
}

impl fmt::Debug for Signer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.credential())
    }
}

/// The names of the headers that are signed; `host` must be among them.
fn signable(headers: &[(&str, &[u8])]) -> Result<SignedHeaders<'static>, SigError> {
    let names = headers.iter().map(|(name, _)| *name);
    let signed = SignedHeaders::from_names(
        names.filter(|name| !UNSIGNABLE.iter().any(|unsignable| unsignable.eq_ignore_ascii_case(name))),
    );
    if signed.contains("host") { Ok(signed) } else { Err(SigError::HostNotSigned) }
}
