//! `ReEncrypt`. Source: KMS API Reference, "ReEncrypt".
//!
//! Actions `kms:ReEncryptFrom` on the key that had encrypted and `kms:ReEncryptTo` on the key that will.

use garrison_api_kms::operations;
use garrison_api_kms::types::{EncryptionAlgorithmSpec, GrantOperation, ReEncryptRequest, ReEncryptResponse};
use garrison_crypto::keys::KeyUsage;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::{ApiError, Blob};

use super::decrypt::{DecryptionRequest, ciphertext, decrypt, find_key};
use super::encrypt::encrypt;
use crate::condition::{RequestKeys, about_key};
use crate::grants::GrantUse;
use crate::resolve::Accept;
use crate::service::Kms;
use crate::use_key::{
    SYMMETRIC_DEFAULT, UseTarget, encryption_algorithm, encryption_algorithm_name, end_dry_run, ensure_usable,
};

const FROM: &str = "kms:ReEncryptFrom";
const TO: &str = "kms:ReEncryptTo";

/// The two keys.
#[derive(Debug)]
pub struct Both {
    source: UseTarget,
    destination: UseTarget,
}

impl Handler<Kms> for operations::ReEncrypt {
    const ACCESS: Access = Access::key_use(FROM).omitting_request(&["GrantTokens"]).defaulting_request(&[
        ("SourceEncryptionAlgorithm", SYMMETRIC_DEFAULT),
        ("DestinationEncryptionAlgorithm", SYMMETRIC_DEFAULT),
    ]);
    type Target = Both;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<Both>, ApiError> {
        let tokens = input.grant_tokens.as_deref();
        let source = find_key(kms, cx, &source(input), FROM).await?;
        let destination = kms.resolve_key(cx, &input.destination_key_id, Accept::KeyOrAlias, TO).await?;
        let from = GrantUse::new(GrantOperation::ReEncryptFrom, tokens)
            .with_context(input.source_encryption_context.as_ref());
        let to = GrantUse::new(GrantOperation::ReEncryptTo, tokens)
            .with_context(input.destination_encryption_context.as_ref());
        let checks = [
            kms.check_with_grants(cx, &source, &from)?.action(FROM),
            kms.check_with_grants(cx, &destination, &to)?.action(TO),
        ];
        let resources = vec![source.key.audit_resource(), destination.key.audit_resource()];
        let target = Both { source: UseTarget::new(source), destination: UseTarget::new(destination) };
        Ok(Resolved { target, checks: checks.into(), resources })
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a Both,
        check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let (of, context, algorithm) = if check == 0 {
            (&target.source, &input.source_encryption_context, &input.source_encryption_algorithm)
        } else {
            (
                &target.destination,
                &input.destination_encryption_context,
                &input.destination_encryption_algorithm,
            )
        };
        let context = context.as_ref();
        let request = RequestKeys {
            encryption_algorithm: Some(encryption_algorithm_name(algorithm.as_ref())),
            encryption_context: context,
            encryption_context_keys: of.context_keys(context),
            re_encrypt_on_same_key: Some(target.source.snapshot().arn == target.destination.snapshot().arn),
            ..RequestKeys::default()
        };
        about_key(cx, &of.key, &request, key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &Both,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let (from, to) = (target.source.snapshot(), target.destination.snapshot());
        ensure_usable(from, KeyUsage::EncryptDecrypt, "ReEncrypt")?;
        ensure_usable(to, KeyUsage::EncryptDecrypt, "ReEncrypt")?;
        let source = source(input);
        let source_algorithm = encryption_algorithm(source.algorithm, from.key.spec)?;
        let wanted = encryption_algorithm_name(input.destination_encryption_algorithm.as_ref());
        let algorithm = encryption_algorithm(wanted, to.key.spec)?;
        if source.ciphertext.is_none() {
            end_dry_run(input.dry_run)?;
        }
        let decrypted = decrypt(kms, from, source_algorithm, &source).await?;
        let context = input.destination_encryption_context.as_ref();
        let ciphertext = encrypt(kms, to, algorithm, &decrypted.plaintext, context, input.dry_run).await?;
        let material = to.key.current_material().filter(|_| wanted == SYMMETRIC_DEFAULT);
        Ok(Reply::new(ReEncryptResponse {
            ciphertext_blob: Some(Blob(ciphertext)),
            source_key_id: Some(from.arn.to_string()),
            key_id: Some(to.arn.to_string()),
            source_encryption_algorithm: Some(EncryptionAlgorithmSpec::from(source_algorithm.name())),
            destination_encryption_algorithm: Some(EncryptionAlgorithmSpec::from(algorithm.name())),
            source_key_material_id: decrypted.material.map(|id| id.to_string()),
            destination_key_material_id: material.map(|material| material.id.to_string()),
        }))
    }
}

fn source(input: &ReEncryptRequest) -> DecryptionRequest<'_> {
    let (dry_run, modifiers) = (input.dry_run, input.dry_run_modifiers.as_deref());
    DecryptionRequest {
        ciphertext: ciphertext(input.ciphertext_blob.as_deref(), dry_run, modifiers),
        key_id: input.source_key_id.as_deref(),
        algorithm: encryption_algorithm_name(input.source_encryption_algorithm.as_ref()),
        context: input.source_encryption_context.as_ref(),
    }
}
