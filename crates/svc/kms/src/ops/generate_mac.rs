//! `GenerateMac`. Source: KMS API Reference, "GenerateMac".
//!
//! Action `kms:GenerateMac` on the key.

use garrison_api_kms::operations;
use garrison_api_kms::types::{GenerateMacResponse, GrantOperation};
use garrison_crypto::keys::KeyUsage;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Blob};

use crate::condition::{RequestKeys, about_key};
use crate::error;
use crate::grants::GrantUse;
use crate::model::ReadyKey;
use crate::service::Kms;
use crate::use_key::{UseTarget, algorithm, end_dry_run, ensure_usable};

impl Handler<Kms> for operations::GenerateMac {
    const ACCESS: Access = Access::key_use("kms:GenerateMac").omitting_request(&["GrantTokens"]);
    type Target = UseTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<UseTarget>, ApiError> {
        let wanted = GrantUse::new(GrantOperation::GenerateMac, input.grant_tokens.as_deref());
        kms.resolve_use(cx, &input.key_id, Self::ACCESS.action, &wanted).await
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a UseTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let request =
            RequestKeys { mac_algorithm: Some(input.mac_algorithm.as_str()), ..RequestKeys::default() };
        about_key(cx, &target.key, &request, key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &UseTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let key = target.snapshot();
        ensure_usable(key, KeyUsage::GenerateVerifyMac, "GenerateMac")?;
        let (name, spec) = (input.mac_algorithm.as_str(), key.key.spec);
        let algorithm = algorithm(name, spec, spec.mac_algorithms())?;
        let ready = kms.current(key).await?;
        end_dry_run(input.dry_run)?;
        let ReadyKey::Mac(mac) = &*ready else {
            return Err(error::wrong_algorithm(name, spec));
        };
        let tag = mac.mac(algorithm, &input.message).map_err(error::crypto)?;
        Ok(Reply::new(GenerateMacResponse {
            mac: Some(Blob(tag)),
            mac_algorithm: Some(input.mac_algorithm.clone()),
            key_id: Some(key.arn.to_string()),
        }))
    }
}
