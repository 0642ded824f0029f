//! `GenerateRandom`. Source: KMS API Reference, "GenerateRandom".
//!
//! Action `kms:GenerateRandom` on no resource.

use garrison_api_kms::errors as api;
use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::data_key;
use crate::recipient::{self, Recipient};
use crate::service::Kms;

impl Handler<Kms> for operations::GenerateRandom {
    const ACCESS: Access = Access::key_use("kms:GenerateRandom").omitting_request(&["Recipient"]);
    type Target = Wanted;

    async fn resolve(kms: &Kms, _cx: &Context, input: &Self::Input) -> Result<Resolved<Wanted>, ApiError> {
        if let Some(store) = &input.custom_key_store_id {
            return Err(api::custom_key_store_not_found_exception(format!(
                "Custom key store {store} is not found."
            )));
        }
        let bytes = input.number_of_bytes.and_then(|bytes| usize::try_from(bytes).ok());
        let bytes = bytes.ok_or_else(|| errors::validation("NumberOfBytes is required."))?;
        let recipient = recipient::attest(kms, input.recipient.as_ref()).await?;
        Ok(Resolved::new(Wanted { bytes, recipient }, Check::any()))
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        target: &'a Wanted,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let recipient_attestation = recipient::conditions(target.recipient.as_ref());
        condition::of_request(cx, &RequestKeys { recipient_attestation, ..RequestKeys::default() }, key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        _input: &Self::Input,
        target: &Wanted,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (recipient, bytes) = (target.recipient.as_ref(), data_key::random(kms, target.bytes));
        let (plaintext, ciphertext_for_recipient) = recipient::deliver(kms, recipient, bytes)?;
        let output = types::GenerateRandomResponse { plaintext, ciphertext_for_recipient };
        Ok(recipient::reply(output, recipient))
    }
}

/// What a call wants.
#[derive(Debug)]
pub struct Wanted {
    /// How many bytes.
    bytes: usize,
    /// Who gets them instead of the caller.
    recipient: Option<Recipient>,
}
