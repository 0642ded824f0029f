//! Where data keys come from: the root of trust (SSE-S3), or KMS as the caller and through S3 (SSE-KMS).
//!
//! Source: Amazon S3 User Guide, "Protecting data with server-side encryption".

use std::collections::BTreeMap;

use garrison_api_s3::types::ServerSideEncryption;
use garrison_crypto::LockedSecret;
use garrison_kernel::{Context, Via};
use garrison_schema::ApiError;

use crate::error;
use crate::records::{Bytes, Encryption};
use crate::repo::{BucketEntry, layout};
use crate::service::S3;

/// The key of SSE-KMS when nobody names one.
const MANAGED_KEY: &str = "alias/aws/s3";
/// The encryption context's own entry.
const CONTEXT_KEY: &str = "aws:s3:arn";

/// What a request says of encryption.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted<'a> {
    pub(crate) algorithm: Option<&'a ServerSideEncryption>,
    pub(crate) kms_key: Option<&'a str>,
    /// Base64 of a JSON object.
    pub(crate) context: Option<&'a str>,
    pub(crate) bucket_key: Option<bool>,
    /// A key of the caller's own.
    pub(crate) customer: Option<&'a str>,
}

/// How an object is to be encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    S3,
    Kms { key: String, context: BTreeMap<String, String>, bucket_key: bool },
}

/// What holds for a new object: what the request says, else the bucket's default.
///
/// # Errors
/// `InvalidArgument` for what does not go together; `NotImplemented` for SSE-C and DSSE-KMS.
pub(crate) fn plan(bucket: &BucketEntry, key: &str, wanted: &Wanted<'_>) -> Result<Plan, ApiError> {
    if wanted.customer.is_some() {
        return Err(error::not_built("Server-side encryption with customer keys (SSE-C) is not built."));
    }
    let default = &bucket.record.encryption;
    let kms = match wanted.algorithm {
        None if wanted.kms_key.is_some() => {
            return Err(error::invalid_argument(
                "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            ));
        }
        None => default.kms,
        Some(ServerSideEncryption::Aes256) => false,
        Some(ServerSideEncryption::AwsKms) => true,
        Some(ServerSideEncryption::AwsKmsDsse) => {
            return Err(error::not_built("Dual-layer server-side encryption (DSSE-KMS) is not built."));
        }
        Some(_) => return Err(error::invalid_encryption_algorithm()),
    };
    if !kms {
        return match wanted.kms_key {
            None => Ok(Plan::S3),
            Some(_) => Err(error::invalid_argument(
                "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            )),
        };
    }
    let bucket_key = wanted.bucket_key.or(default.bucket_key).unwrap_or(false);
    let mut context = wanted.context.map(parse_context).transpose()?.unwrap_or_default();
    let arn = if bucket_key { bucket.arn.to_string() } else { bucket.object_arn(key) };
    context.insert(CONTEXT_KEY.to_owned(), arn);
    // The bucket's key is for requests that say nothing: those that name the algorithm alone mean the managed key.
    let of_bucket = default.key.as_deref().filter(|_| wanted.algorithm.is_none());
    let key = wanted.kms_key.or(of_bucket).unwrap_or(MANAGED_KEY).to_owned();
    Ok(Plan::Kms { key, context, bucket_key })
}

fn parse_context(text: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let decoded = base64_simd::STANDARD.decode_to_vec(text).ok();
    let context = decoded.and_then(|bytes| serde_json::from_slice::<BTreeMap<String, String>>(&bytes).ok());
    context.filter(|context| !context.contains_key(CONTEXT_KEY)).ok_or_else(|| {
        error::invalid_argument("The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map")
    })
}

impl Encryption {
    /// How answers name it.
    pub(crate) fn algorithm(&self) -> ServerSideEncryption {
        match self {
            Self::S3 { .. } => ServerSideEncryption::Aes256,
            Self::Kms { .. } => ServerSideEncryption::AwsKms,
        }
    }

    /// The ARN of the KMS key.
    pub(crate) fn kms_key(&self) -> Option<String> {
        match self {
            Self::S3 { .. } => None,
            Self::Kms { key, .. } => Some(key.clone()),
        }
    }

    /// Whether the bucket's key was used.
    pub(crate) fn bucket_key(&self) -> Option<bool> {
        match self {
            Self::Kms { bucket_key: true, .. } => Some(true),
            _ => None,
        }
    }
}

impl S3 {
    /// A new data key of 32 bytes for an object.
    ///
    /// # Errors
    /// KMS's, in S3's words.
    pub(crate) async fn new_data_key(
        &self,
        cx: &Context,
        bucket: &BucketEntry,
        key: &str,
        plan: Plan,
    ) -> Result<(LockedSecret, Encryption), ApiError> {
        match plan {
            Plan::S3 => {
                let rng = self.kernel().rng();
                let secret = LockedSecret::random(32, rng).map_err(error::crypto)?;
                let place = place(bucket, key);
                let sealed =
                    self.kernel().sealer().seal(rng, &place, secret.expose()).map_err(error::crypto)?;
                Ok((secret, Encryption::S3 { sealed: Bytes(sealed) }))
            }
            Plan::Kms { key: kms_key, context, bucket_key } => {
                let via = self.through(cx, bucket);
                let made =
                    self.data_keys().generate(&via, &kms_key, context.clone()).await.map_err(worded)?;
                let encryption = Encryption::Kms {
                    key: made.key_arn.to_string(),
                    encrypted: Bytes(made.ciphertext),
                    context,
                    bucket_key,
                };
                Ok((made.plaintext, encryption))
            }
        }
    }

    /// The data key of an object.
    ///
    /// # Errors
    /// KMS's, in S3's words; the record is damaged.
    pub(crate) async fn data_key(
        &self,
        cx: &Context,
        bucket: &BucketEntry,
        key: &str,
        encryption: &Encryption,
    ) -> Result<LockedSecret, ApiError> {
        match encryption {
            Encryption::S3 { sealed } => {
                self.kernel().sealer().open(&place(bucket, key), &sealed.0).map_err(error::corrupt)
            }
            Encryption::Kms { key, encrypted, context, .. } => {
                let via = self.through(cx, bucket);
                self.data_keys().decrypt(&via, key, &encrypted.0, context.clone()).await.map_err(worded)
            }
        }
    }

    /// The caller, through S3.
    fn through(&self, cx: &Context, bucket: &BucketEntry) -> Context {
        let [request_id, event_id] = self.kernel().new_ids();
        let suffix = cx.partition().dns_suffix();
        let endpoint = format!("s3.{}.{suffix}", bucket.record.region);
        let via = Some(Via { principal: "s3.amazonaws.com", endpoint });
        let region = bucket.record.region.parse().unwrap_or_else(|_| cx.region.clone());
        Context { request_id, event_id, region, via, ..cx.clone() }
    }
}

/// What an object's data key is sealed for: all versions of a key share it.
fn place(bucket: &BucketEntry, key: &str) -> Vec<u8> {
    layout::object(&bucket.name, key).as_bytes().to_vec()
}

/// KMS's errors, as S3 answers them.
fn worded(error: ApiError) -> ApiError {
    let make = match error.schema.name {
        "AccessDeniedException" => error::refused,
        "DisabledException" => error::kms_disabled,
        "KMSInvalidStateException" => error::kms_invalid_state,
        "NotFoundException" => error::kms_not_found,
        _ => return error,
    };
    make(error.message)
}
