//! What services that keep customers' data ask of KMS.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use garrison_crypto::LockedSecret;
use garrison_schema::ApiError;

use crate::context::Context;

/// A data key that KMS made.
pub struct DataKey {
    /// Its 32 bytes.
    pub plaintext: LockedSecret,
    /// The same, encrypted under the KMS key.
    pub ciphertext: Vec<u8>,
    /// The ARN of the KMS key.
    pub key_arn: Arc<str>,
}

/// Data keys under KMS keys. The context is the caller's, with the asking service in `via`: KMS decides for both.
#[async_trait]
pub trait DataKeys: Send + Sync + 'static {
    /// A new data key of 32 bytes under the key of this id, ARN or alias: `GenerateDataKey`.
    ///
    /// # Errors
    /// KMS's own.
    async fn generate(
        &self,
        cx: &Context,
        key_id: &str,
        encryption_context: BTreeMap<String, String>,
    ) -> Result<DataKey, ApiError>;

    /// Opens a data key: `Decrypt`.
    ///
    /// # Errors
    /// KMS's own.
    async fn decrypt(
        &self,
        cx: &Context,
        key_arn: &str,
        ciphertext: &[u8],
        encryption_context: BTreeMap<String, String>,
    ) -> Result<LockedSecret, ApiError>;
}
