//! Phase 3: who sent the request?
//!
//! Signatures are judged in AWS's order: their form, their date and scope, the access key, the signature itself.
//! A key that development mode takes unverified passes all but the last.

use std::str::FromStr;
use std::sync::Arc;

use bytes::Bytes;
use garrison_kernel::identity::{Credential, CredentialError, Credentials};
use garrison_kernel::{Caller, Principal};
use garrison_schema::{ApiError, ErrorSchema, OperationSchema, Protocol, ServiceSchema};
use garrison_sigv4::{
    Authentication, Body, Checked, ChunkedDecoder, ErrorFamily, Expect, Payload, SecretAccessKey, SigError,
    SigningKeyCache, Verified,
};
use garrison_types::{Region, Timestamp};

use crate::head::Head;

/// The most signing keys that are kept: about 1 KB each.
const SIGNING_KEYS: usize = 8192;

/// The longest access key id. Source: IAM API Reference, "AccessKey".
const MAX_ACCESS_KEY_ID: usize = 128;

/// What authentication works with.
pub(crate) struct Authenticator {
    credentials: Arc<dyn Credentials>,
    keys: SigningKeyCache,
}

/// Who sent the request, where to, and the body without its framing.
pub(crate) struct Authenticated {
    pub(crate) caller: Caller,
    /// The region of the signature's scope.
    pub(crate) region: Option<Region>,
    pub(crate) body: Bytes,
}

/// A refused request: what it claimed, for the audit record.
pub(crate) struct Unauthenticated {
    pub(crate) error: ApiError,
    pub(crate) access_key_id: Option<Arc<str>>,
    pub(crate) region: Option<Region>,
}

impl From<ApiError> for Unauthenticated {
    fn from(error: ApiError) -> Self {
        Self { error, access_key_id: None, region: None }
    }
}

impl Authenticator {
    pub(crate) fn new(credentials: Arc<dyn Credentials>) -> Self {
        Self { credentials, keys: SigningKeyCache::new(SIGNING_KEYS) }
    }

    /// Finds out who sent the request. `now` is protocol time.
    pub(crate) async fn authenticate(
        &self,
        head: &Head<'_>,
        service: &'static ServiceSchema,
        operation: &'static OperationSchema,
        now: Timestamp,
        body: Bytes,
        max_body: usize,
    ) -> Result<Authenticated, Unauthenticated> {
        if operation.unsigned {
            return Ok(Authenticated { caller: Caller::new(Principal::Anonymous, None), region: None, body });
        }
        let family = family(service);
        let request = head.to_sign();
        let parsed = Authentication::parse(&request).map_err(|error| api_error(&error, family))?;
        let authentication = parsed.ok_or_else(|| api_error(&SigError::Missing, family))?;
        let (id, region) = (authentication.access_key_id.clone(), authentication.scope.region.clone());
        let refused = |error| Unauthenticated {
            error,
            // An access key id of any length can be sent; the audit record holds what a real one could be.
            access_key_id: Some(&*id).filter(|id| id.len() <= MAX_ACCESS_KEY_ID).map(Arc::from),
            region: Region::from_str(&region).ok(),
        };
        let expect = Expect { service: service.signing_name, region: None };
        let checked =
            authentication.check(now, &expect).map_err(|error| refused(api_error(&error, family)))?;
        let credential = self.find(&checked, family).await.map_err(&refused)?;
        let body = self.verify(head, &checked, credential.secret.as_deref(), body, max_body);
        let body = body.map_err(|error| refused(api_error(&error, family)))?;
        // The uses of temporary keys are nobody's to ask for.
        if credential.secret.is_some() && credential.caller.session.is_none() {
            self.credentials.used(&id, service.signing_name, checked.region());
        }
        Ok(Authenticated {
            body,
            caller: in_partition_of(checked.region(), credential.caller),
            region: Some(checked.region().clone()),
        })
    }

    async fn find(&self, checked: &Checked<'_>, family: ErrorFamily) -> Result<Credential, ApiError> {
        let authentication = checked.authentication();
        let token = authentication.session_token.as_deref();
        let found = self.credentials.find(&authentication.access_key_id, token).await?;
        found.map_err(|error| {
            let error = match error {
                CredentialError::Unknown | CredentialError::Inactive => SigError::UnknownAccessKey,
                CredentialError::InvalidToken => SigError::InvalidToken,
                CredentialError::Expired => SigError::ExpiredToken,
            };
            api_error(&error, family)
        })
    }

    /// Verifies the signature, when there is a secret to verify it with, and takes the framing off the body.
    fn verify(
        &self,
        head: &Head<'_>,
        checked: &Checked<'_>,
        secret: Option<&garrison_crypto::LockedSecret>,
        body: Bytes,
        max_body: usize,
    ) -> Result<Bytes, SigError> {
        let Some(secret) = secret else {
            return match checked.authentication().payload {
                // Its framing could be taken off only with the key that signed it.
                Payload::Streaming(_) => Err(SigError::ContentSha256Invalid),
                _ => Ok(body),
            };
        };
        let secret = std::str::from_utf8(secret.expose()).map_err(|_| SigError::Internal)?;
        let secret = SecretAccessKey::new(secret.to_owned());
        let key = self.keys.get_or_derive(checked.authentication(), &secret)?;
        let seed = match checked.verify(Body::Bytes(&body), &key)? {
            Verified::Complete | Verified::UnsignedBody => return Ok(body),
            // Only answered when the body is not at hand.
            Verified::Sha256(_) => return Err(SigError::Internal),
            Verified::Chunked(seed) => seed,
        };
        let length = head.header("x-amz-decoded-content-length").and_then(|text| text.parse::<u64>().ok());
        let length =
            length.filter(|n| usize::try_from(*n).is_ok_and(|n| n <= max_body)).ok_or(SigError::Mismatch)?;
        let mut decoder = ChunkedDecoder::new(seed, key, length);
        let mut plain = Vec::new();
        decoder.push(&body, &mut plain).map_err(|_| SigError::Mismatch)?;
        decoder.finish().map_err(|_| SigError::Mismatch)?;
        Ok(plain.into())
    }
}

/// A root user belongs to the partition of the region that is called.
fn in_partition_of(region: &Region, caller: Caller) -> Caller {
    match caller.principal {
        Principal::Root { account, partition } if partition != region.partition() => {
            let principal = Principal::Root { account, partition: region.partition() };
            // What limits a session limits it in every partition.
            Caller { session: caller.session, ..Caller::new(principal, caller.access_key_id) }
        }
        _ => caller,
    }
}

/// How the service names its errors.
fn family(service: &ServiceSchema) -> ErrorFamily {
    match service.protocols.first() {
        Some(Protocol::Query | Protocol::Ec2) => ErrorFamily::Query,
        // S3, which names its errors in a way of its own, is not here yet.
        Some(Protocol::RestXml) => ErrorFamily::Query,
        Some(Protocol::RestJson) => ErrorFamily::RestJson,
        Some(Protocol::Json10 | Protocol::Json11 | Protocol::RpcV2Cbor) | None => ErrorFamily::Json,
    }
}

const fn schema(name: &'static str, http_status: u16) -> ErrorSchema {
    ErrorSchema { name, query_code: None, http_status, sender_fault: http_status < 500 }
}

/// The errors of all families but S3's, which come with S3.
static SIGNATURE_ERRORS: [ErrorSchema; 17] = [
    schema("ExpiredToken", 403),
    schema("ExpiredTokenException", 400),
    schema("ExpiredTokenException", 403),
    schema("IncompleteSignature", 400),
    schema("IncompleteSignatureException", 400),
    schema("IncompleteSignatureException", 403),
    schema("InvalidClientTokenId", 403),
    schema("InvalidSignatureException", 400),
    schema("InvalidSignatureException", 403),
    schema("MalformedQueryString", 404),
    schema("MissingAuthenticationToken", 403),
    schema("MissingAuthenticationTokenException", 400),
    schema("MissingAuthenticationTokenException", 403),
    schema("SignatureDoesNotMatch", 403),
    schema("UnrecognizedClientException", 400),
    schema("UnrecognizedClientException", 403),
    schema("InternalFailure", 500),
];

fn api_error(error: &SigError, family: ErrorFamily) -> ApiError {
    let (code, status) = (error.code(family), error.status(family));
    let schema = SIGNATURE_ERRORS.iter().find(|schema| schema.name == code && schema.http_status == status);
    match schema {
        Some(schema) => ApiError::new(schema, error.message(family)),
        None => garrison_kernel::errors::internal(format!("no error shape for {code} with status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_error_has_a_shape() {
        let errors = [
            SigError::BothForms,
            SigError::ExpiredToken,
            SigError::HostNotSigned,
            SigError::IncompleteQuery(vec![]),
            SigError::Internal,
            SigError::InvalidToken,
            SigError::MalformedQuery,
            SigError::Mismatch,
            SigError::Missing,
            SigError::TooLong,
            SigError::UnknownAccessKey,
        ];
        for family in [ErrorFamily::Json, ErrorFamily::RestJson, ErrorFamily::Query] {
            for error in &errors {
                let answer = api_error(error, family);
                assert_eq!(answer.schema.name, error.code(family));
                assert_eq!(answer.schema.http_status, error.status(family), "{error:?} {family:?}");
            }
        }
    }
}
