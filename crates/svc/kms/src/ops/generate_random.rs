//! `GenerateRandom`. Source: KMS API Reference, "GenerateRandom".
//!
//! Action `kms:GenerateRandom` on no resource.

use garrison_api_kms::errors as api;
use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::{ApiError, SensitiveBlob};

use crate::condition::{self, RequestKeys};
use crate::data_key;
use crate::recipient;
use crate::service::Kms;

impl Handler<Kms> for operations::GenerateRandom {
    const ACCESS: Access = Access::key_use("kms:GenerateRandom").omitting_request(&["Recipient"]);
    /// How many bytes.
    type Target = usize;

    async fn resolve(_kms: &Kms, _cx: &Context, input: &Self::Input) -> Result<Resolved<usize>, ApiError> {
        recipient::refuse(input.recipient.as_ref())?;
        if let Some(store) = &input.custom_key_store_id {
            return Err(api::custom_key_store_not_found_exception(format!(
                "Custom key store {store} is not found."
            )));
        }
        let bytes = input.number_of_bytes.and_then(|bytes| usize::try_from(bytes).ok());
        let bytes = bytes.ok_or_else(|| errors::validation("NumberOfBytes is required."))?;
        Ok(Resolved::new(bytes, Check::any()))
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        _target: &'a usize,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        condition::of_request(cx, &RequestKeys::default(), key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        _input: &Self::Input,
        bytes: &usize,
    ) -> Result<Reply<Self::Output>, ApiError> {
        Ok(Reply::new(types::GenerateRandomResponse {
            plaintext: Some(SensitiveBlob::from(data_key::random(kms, *bytes))),
            ciphertext_for_recipient: None,
        }))
    }
}
