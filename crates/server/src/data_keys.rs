//! KMS for the services that keep customers' data: each data key is a call of its own, decided and recorded.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use garrison_api_kms::{operations, types};
use garrison_crypto::LockedSecret;
use garrison_kernel::ports::{DataKey, DataKeys};
use garrison_kernel::{Context, dispatch, errors};
use garrison_schema::{ApiError, SensitiveBlob};
use garrison_svc_kms::Kms;

/// KMS's data keys.
pub(crate) struct KmsDataKeys(pub(crate) Arc<Kms>);

#[async_trait]
impl DataKeys for KmsDataKeys {
    async fn generate(
        &self,
        cx: &Context,
        key_id: &str,
        encryption_context: BTreeMap<String, String>,
    ) -> Result<DataKey, ApiError> {
        let input = types::GenerateDataKeyRequest {
            key_id: key_id.to_owned(),
            encryption_context: Some(encryption_context),
            key_spec: Some(types::DataKeySpec::Aes256),
            ..types::GenerateDataKeyRequest::default()
        };
        let made =
            dispatch::run::<_, operations::GenerateDataKey>(self.0.kernel(), &*self.0, cx, &input).await?;
        let (Some(ciphertext), Some(key_arn)) = (made.ciphertext_blob, made.key_id) else {
            return Err(errors::internal("KMS made a data key without a ciphertext"));
        };
        Ok(DataKey { plaintext: secret(made.plaintext)?, ciphertext: ciphertext.0, key_arn: key_arn.into() })
    }

    async fn decrypt(
        &self,
        cx: &Context,
        key_arn: &str,
        ciphertext: &[u8],
        encryption_context: BTreeMap<String, String>,
    ) -> Result<LockedSecret, ApiError> {
        let input = types::DecryptRequest {
            ciphertext_blob: Some(ciphertext.to_vec().into()),
            encryption_context: Some(encryption_context),
            key_id: Some(key_arn.to_owned()),
            ..types::DecryptRequest::default()
        };
        let opened = dispatch::run::<_, operations::Decrypt>(self.0.kernel(), &*self.0, cx, &input).await?;
        secret(opened.plaintext)
    }
}

fn secret(plaintext: Option<SensitiveBlob>) -> Result<LockedSecret, ApiError> {
    let plaintext = plaintext.ok_or_else(|| errors::internal("KMS gave no plaintext"))?;
    LockedSecret::copy_of(&plaintext).map_err(errors::internal)
}
