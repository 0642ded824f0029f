//! Phase 3: who sent the request?
//!
//! Signatures are judged in AWS's order: their form, their date and scope, the access key, the signature itself.
//! A key that development mode takes unverified passes all but the last.

use std::str::FromStr;
use std::sync::Arc;

use garrison_kernel::identity::{Credential, CredentialError, Credentials};
use garrison_kernel::{Caller, Principal};
use garrison_schema::{ApiError, OperationSchema, ServiceSchema};
use garrison_sigv4::{
    Authentication, Body, Checked, ChunkedDecoder, ErrorFamily, Expect, Payload, SecretAccessKey, SigError,
    SigningKeyCache, Streaming, Verified,
};
use garrison_types::{Region, Timestamp};

use crate::head::Head;
use crate::refusals;
use crate::rest;
use crate::signature_errors::{api_error, family};
use crate::stream_in::Proof;

/// The most signing keys that are kept: about 1 KB each.
const SIGNING_KEYS: usize = 8192;

/// The longest access key id. Source: IAM API Reference, "AccessKey".
const MAX_ACCESS_KEY_ID: usize = 128;

/// What authentication works with.
pub(crate) struct Authenticator {
    credentials: Arc<dyn Credentials>,
    keys: SigningKeyCache,
}

/// Who sent the request, where to, and what its body must still show.
pub(crate) struct Authenticated {
    pub(crate) caller: Caller,
    /// The region of the signature's scope.
    pub(crate) region: Option<Region>,
    pub(crate) proof: Proof,
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

    /// Finds out who sent the request. `now` is protocol time; `body` is the body, or says that it is still to come.
    pub(crate) async fn authenticate(
        &self,
        head: &Head<'_>,
        service: &'static ServiceSchema,
        operation: &'static OperationSchema,
        now: Timestamp,
        body: Body<'_>,
    ) -> Result<Authenticated, Unauthenticated> {
        if operation.unsigned {
            return Ok(nobody(Proof::Nothing));
        }
        let family = family(service);
        let request = head.to_sign();
        let parsed = Authentication::parse(&request).map_err(|error| api_error(&error, family))?;
        let Some(authentication) = parsed else {
            if !rest::admits_anyone(service) {
                return Err(api_error(&SigError::Missing, family).into());
            }
            return Ok(nobody(proof_of_nobody(head, family)?));
        };
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
        let proof = self.verify(head, &checked, credential.secret.as_deref(), body, family);
        let proof = proof.map_err(&refused)?;
        // The uses of temporary keys are nobody's to ask for.
        if credential.secret.is_some() && credential.caller.session.is_none() {
            self.credentials.used(&id, service.signing_name, checked.region());
        }
        Ok(Authenticated {
            proof,
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

    /// Verifies the signature, when there is a secret to verify it with, and says what is left to verify of the body.
    fn verify(
        &self,
        head: &Head<'_>,
        checked: &Checked<'_>,
        secret: Option<&garrison_crypto::LockedSecret>,
        body: Body<'_>,
        family: ErrorFamily,
    ) -> Result<Proof, ApiError> {
        let refused = |error| api_error(&error, family);
        let Some(secret) = secret else {
            return match checked.authentication().payload {
                Payload::Streaming(form) => {
                    let length = decoded_length(head, family)?;
                    Ok(Proof::Chunks(Box::new(ChunkedDecoder::unverified(form, length))))
                }
                _ => Ok(Proof::Nothing),
            };
        };
        let secret = std::str::from_utf8(secret.expose()).map_err(|_| refused(SigError::Internal))?;
        let secret = SecretAccessKey::new(secret.to_owned());
        let key = self.keys.get_or_derive(checked.authentication(), &secret).map_err(refused)?;
        match checked.verify(body, &key).map_err(refused)? {
            Verified::Complete | Verified::UnsignedBody => Ok(Proof::Nothing),
            Verified::Sha256(stated) => Ok(Proof::Sha256(stated)),
            Verified::Chunked(seed) => {
                let length = decoded_length(head, family)?;
                Ok(Proof::Chunks(Box::new(ChunkedDecoder::new(seed, key, length))))
            }
        }
    }
}

fn nobody(proof: Proof) -> Authenticated {
    Authenticated { caller: Caller::new(Principal::Anonymous, None), region: None, proof }
}

/// What the body of an unsigned request must show. A signature of another kind is not taken for none.
fn proof_of_nobody(head: &Head<'_>, family: ErrorFamily) -> Result<Proof, ApiError> {
    let older = |pair: &str| pair.starts_with("AWSAccessKeyId=") || pair.starts_with("X-Amz-Signature=");
    if head.header("authorization").is_some() || head.query().split('&').any(older) {
        return Err(api_error(&SigError::UnsupportedAlgorithm(String::new()), family));
    }
    let stated = head.header("x-amz-content-sha256").map(|value| Payload::parse(value.as_bytes()));
    match stated {
        Some(None | Some(Payload::Streaming(Streaming::Signed | Streaming::SignedTrailer))) => {
            Err(api_error(&SigError::ContentSha256Invalid, family))
        }
        Some(Some(Payload::Sha256(sha256))) => Ok(Proof::Sha256(sha256)),
        _ if rest::is_chunked(head) => {
            let length = decoded_length(head, family)?;
            Ok(Proof::Chunks(Box::new(ChunkedDecoder::unverified(Streaming::UnsignedTrailer, length))))
        }
        _ => Ok(Proof::Nothing),
    }
}

/// The length of a body without its framing.
pub(crate) fn decoded_length(head: &Head<'_>, family: ErrorFamily) -> Result<u64, ApiError> {
    let length = head.header("x-amz-decoded-content-length").and_then(|text| text.parse().ok());
    length.ok_or_else(|| match family {
        ErrorFamily::S3 => refusals::missing_length(),
        _ => api_error(&SigError::Mismatch, family),
    })
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
