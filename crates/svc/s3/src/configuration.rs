//! A bucket's configuration between requests, records and answers.

use garrison_api_s3::types;
use garrison_schema::ApiError;

use crate::error;
use crate::records::{CorsRule, DefaultEncryption, Ownership, PublicAccess};

/// The most rules of CORS.
const MAX_CORS_RULES: usize = 100;

impl Ownership {
    /// Reads it.
    ///
    /// # Errors
    /// `MalformedXML`.
    pub(crate) fn parse(ownership: &types::ObjectOwnership) -> Result<Self, ApiError> {
        match ownership {
            types::ObjectOwnership::BucketOwnerEnforced => Ok(Self::BucketOwnerEnforced),
            types::ObjectOwnership::BucketOwnerPreferred => Ok(Self::BucketOwnerPreferred),
            types::ObjectOwnership::ObjectWriter => Ok(Self::ObjectWriter),
            types::ObjectOwnership::Unknown(_) => Err(error::malformed_xml()),
        }
    }

    /// Shows it.
    pub(crate) fn shown(self) -> types::ObjectOwnership {
        match self {
            Self::BucketOwnerEnforced => types::ObjectOwnership::BucketOwnerEnforced,
            Self::BucketOwnerPreferred => types::ObjectOwnership::BucketOwnerPreferred,
            Self::ObjectWriter => types::ObjectOwnership::ObjectWriter,
        }
    }
}

impl PublicAccess {
    /// Reads it: what is left out is off.
    pub(crate) fn parse(configuration: &types::PublicAccessBlockConfiguration) -> Self {
        Self {
            block_acls: configuration.block_public_acls == Some(true),
            ignore_acls: configuration.ignore_public_acls == Some(true),
            block_policy: configuration.block_public_policy == Some(true),
            restrict_buckets: configuration.restrict_public_buckets == Some(true),
        }
    }

    /// Shows it.
    pub(crate) fn shown(self) -> types::PublicAccessBlockConfiguration {
        types::PublicAccessBlockConfiguration {
            block_public_acls: Some(self.block_acls),
            ignore_public_acls: Some(self.ignore_acls),
            block_public_policy: Some(self.block_policy),
            restrict_public_buckets: Some(self.restrict_buckets),
        }
    }
}

impl DefaultEncryption {
    /// Reads it.
    ///
    /// # Errors
    /// `MalformedXML`, `InvalidArgument`; `NotImplemented` for DSSE-KMS.
    pub(crate) fn parse(configuration: &types::ServerSideEncryptionConfiguration) -> Result<Self, ApiError> {
        let [rule] = configuration.rules.as_slice() else { return Err(error::malformed_xml()) };
        let Some(default) = &rule.apply_server_side_encryption_by_default else {
            return Ok(Self { bucket_key: rule.bucket_key_enabled, ..Self::default() });
        };
        let key = default.kms_master_key_id.as_deref().map(str::to_owned);
        let kms = match &default.sse_algorithm {
            types::ServerSideEncryption::Aes256 if key.is_some() => {
                return Err(error::invalid_argument(
                    "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
                ));
            }
            types::ServerSideEncryption::Aes256 => false,
            types::ServerSideEncryption::AwsKms => true,
            types::ServerSideEncryption::AwsKmsDsse => {
                return Err(error::not_built("Dual-layer server-side encryption (DSSE-KMS) is not built."));
            }
            _ => return Err(error::malformed_xml()),
        };
        Ok(Self { kms, key, bucket_key: rule.bucket_key_enabled })
    }

    /// Shows it.
    pub(crate) fn shown(&self) -> types::ServerSideEncryptionConfiguration {
        let algorithm =
            if self.kms { types::ServerSideEncryption::AwsKms } else { types::ServerSideEncryption::Aes256 };
        types::ServerSideEncryptionConfiguration {
            rules: vec![types::ServerSideEncryptionRule {
                apply_server_side_encryption_by_default: Some(types::ServerSideEncryptionByDefault {
                    sse_algorithm: algorithm,
                    kms_master_key_id: self.key.clone().map(Into::into),
                }),
                bucket_key_enabled: Some(self.bucket_key.unwrap_or(false)),
                ..types::ServerSideEncryptionRule::default()
            }],
        }
    }
}

/// Reads rules of CORS.
///
/// # Errors
/// `MalformedXML` for none or too many, `InvalidRequest` for what no rule may say.
pub(crate) fn parse_cors(configuration: &types::CORSConfiguration) -> Result<Vec<CorsRule>, ApiError> {
    let rules = &configuration.cors_rules;
    if rules.is_empty() || rules.len() > MAX_CORS_RULES {
        return Err(error::malformed_xml());
    }
    rules.iter().map(parse_cors_rule).collect()
}

fn parse_cors_rule(rule: &types::CORSRule) -> Result<CorsRule, ApiError> {
    if rule.allowed_methods.is_empty() || rule.allowed_origins.is_empty() {
        return Err(error::malformed_xml());
    }
    if let Some(method) = rule
        .allowed_methods
        .iter()
        .find(|method| !["GET", "PUT", "HEAD", "POST", "DELETE"].contains(&method.as_str()))
    {
        let message = format!("Found unsupported HTTP method in CORS config. Unsupported method is {method}");
        return Err(error::invalid_request(message));
    }
    if let Some(origin) = rule.allowed_origins.iter().find(|origin| origin.matches('*').count() > 1) {
        let message = format!("AllowedOrigin \"{origin}\" can not have more than one wildcard.");
        return Err(error::invalid_request(message));
    }
    let headers = rule.allowed_headers.clone().unwrap_or_default();
    if let Some(header) = headers.iter().find(|header| header.matches('*').count() > 1) {
        let message = format!("AllowedHeader \"{header}\" can not have more than one wildcard.");
        return Err(error::invalid_request(message));
    }
    Ok(CorsRule {
        id: rule.id.clone(),
        headers,
        methods: rule.allowed_methods.clone(),
        origins: rule.allowed_origins.clone(),
        expose: rule.expose_headers.clone().unwrap_or_default(),
        max_age: rule.max_age_seconds,
    })
}

/// Shows a rule of CORS.
pub(crate) fn shown_cors(rule: &CorsRule) -> types::CORSRule {
    let list = |list: &Vec<String>| Some(list.clone()).filter(|list| !list.is_empty());
    types::CORSRule {
        id: rule.id.clone(),
        allowed_headers: list(&rule.headers),
        allowed_methods: rule.methods.clone(),
        allowed_origins: rule.origins.clone(),
        expose_headers: list(&rule.expose),
        max_age_seconds: rule.max_age,
    }
}
