//! `ImportKeyMaterial`. Source: KMS API Reference, "ImportKeyMaterial"; KMS Developer Guide, "Importing key material".
//!
//! Action `kms:ImportKeyMaterial` on the key, in the caller's own account. Condition keys `kms:ExpirationModel`,
//! `kms:ValidTo`. Any key state but the deletion ones.

use std::sync::Arc;
use std::time::Duration;

use garrison_api_kms::{errors as api, operations, types};
use garrison_crypto::CryptoError;
use garrison_crypto::import::import;
use garrison_crypto::keys::{KeyMaterial, KeySpec, KeyUsage, PrivateKey};
use garrison_crypto::material_id::MaterialId;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved, errors};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::Timestamp;

use crate::condition::{self, RequestKeys};
use crate::model::{ImportState, Key, KeySnapshot, Material, MaterialState, Provenance, StateRule};
use crate::resolve::{KeyTarget, ensure_state};
use crate::service::Kms;
use crate::{error, imports, repo, rotation};

/// The longest that a material may be imported for.
const MAX_LIFE: Duration = Duration::from_secs(365 * 86_400);

impl Handler<Kms> for operations::ImportKeyMaterial {
    const ACCESS: Access =
        Access::write("kms:ImportKeyMaterial").omitting_request(&["ImportToken", "EncryptedKeyMaterial"]);
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        Ok(kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?.resolved())
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        input: &'a Self::Input,
        target: &'a KeyTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        let model = input.expiration_model.as_ref();
        let request = RequestKeys {
            expiration_model: Some(model.map_or("KEY_MATERIAL_EXPIRES", types::ExpirationModelType::as_str)),
            valid_to: input.valid_to,
            ..RequestKeys::default()
        };
        condition::about_key(cx, target, &request, key)
    }

    async fn execute(
        kms: &Kms,
        cx: &Context,
        input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let snapshot = &target.key;
        imports::ensure_external(snapshot)?;
        ensure_state(snapshot, StateRule::NotPendingDeletion)?;
        let valid_to = expiry(cx.time, input)?;
        let is_new = is_new(&snapshot.key, input)?;
        let material = unwrap(kms, cx, snapshot, input)?;
        let id = MaterialId::derive(material.secret(), &snapshot.key.address.id);
        ensure_expected(&snapshot.key, id, is_new, input)?;

        let mut writes = WriteSet::new();
        kms.repo().put_material(&mut writes, &snapshot.key.address, id, &material)?;
        let snapshots = kms.family(snapshot).await?;
        let mut family: Vec<Key> = snapshots.iter().map(|relative| relative.key.clone()).collect();
        if is_new {
            add(&mut family, id, cx.time);
        }
        if let Some(key) = family.first_mut() {
            store(&mut writes, key, id, valid_to, input.key_material_description.as_deref());
        }
        release(&mut family, id);
        write_changed(&mut writes, &snapshots, &family);
        Ok(Reply::with_writes(
            types::ImportKeyMaterialResponse {
                key_id: Some(snapshot.arn.to_string()),
                key_material_id: (snapshot.key.spec == KeySpec::SymmetricDefault).then(|| id.to_string()),
            },
            writes,
        ))
    }
}

/// Writes the keys of a family that are not what they were.
fn write_changed(writes: &mut WriteSet, snapshots: &[Arc<KeySnapshot>], family: &[Key]) {
    for (index, (old, new)) in snapshots.iter().zip(family).enumerate() {
        // The imported key's record is written in any case: what was decided about it must still hold.
        if index == 0 || old.key != *new {
            repo::replace_key(writes, old, new);
        } else {
            repo::require_key(writes, old);
        }
    }
}

/// When the material expires.
fn expiry(now: Timestamp, input: &types::ImportKeyMaterialRequest) -> Result<Option<Timestamp>, ApiError> {
    let expires = input.expiration_model != Some(types::ExpirationModelType::KeyMaterialDoesNotExpire);
    match (expires, input.valid_to) {
        (true, None) => Err(errors::validation(
            "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
        )),
        (false, Some(_)) => Err(errors::validation(
            "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
        )),
        (true, Some(at)) if at <= now || at > now + MAX_LIFE => {
            Err(errors::validation("The validTo date must be in the future, and at most 365 days from now"))
        }
        (_, valid_to) => Ok(valid_to),
    }
}

/// Whether the material shall be one that the key did not have.
fn is_new(key: &Key, input: &types::ImportKeyMaterialRequest) -> Result<bool, ApiError> {
    let for_symmetric = [
        input.import_type.is_some(),
        input.key_material_description.is_some(),
        input.key_material_id.is_some(),
    ];
    if key.spec != KeySpec::SymmetricDefault && for_symmetric.contains(&true) {
        return Err(errors::validation(
            "ImportType, KeyMaterialDescription and KeyMaterialId are valid only for symmetric encryption KMS keys.",
        ));
    }
    let is_new = match &input.import_type {
        Some(import_type) => *import_type == types::ImportType::NewKeyMaterial,
        None => key.materials.is_empty(),
    };
    if is_new && input.key_material_id.is_some() {
        return Err(errors::validation(
            "KeyMaterialId cannot be specified with ImportType NEW_KEY_MATERIAL.",
        ));
    }
    Ok(is_new)
}

fn unwrap(
    kms: &Kms,
    cx: &Context,
    key: &KeySnapshot,
    input: &types::ImportKeyMaterialRequest,
) -> Result<KeyMaterial, ApiError> {
    let token = kms.open_import_token(key, &input.import_token, cx.time)?;
    let wrapping =
        PrivateKey::load(token.spec, KeyUsage::EncryptDecrypt, &token.secret).map_err(error::crypto)?;
    import(key.key.spec, token.algorithm, &wrapping, &input.encrypted_key_material).map_err(|error| {
        match error {
            CryptoError::InvalidKeyMaterial => {
                incorrect("The key material does not fit the key spec of the KMS key.")
            }
            CryptoError::MemoryLock | CryptoError::Internal => error::crypto(error),
            _ => api::invalid_ciphertext_exception("The encrypted key material cannot be decrypted."),
        }
    })
}

/// Refuses other bytes than those that the key waits for.
fn ensure_expected(
    key: &Key,
    id: MaterialId,
    is_new: bool,
    input: &types::ImportKeyMaterialRequest,
) -> Result<(), ApiError> {
    let known = key.material(id).is_some();
    if !is_new {
        let named = input.key_material_id.as_deref().is_none_or(|wanted| wanted == id.to_string());
        let expected = known && named;
        return if expected {
            Ok(())
        } else {
            Err(incorrect("The key material is not the one that was imported before."))
        };
    }
    if known {
        return Err(incorrect("The key material is already associated with the KMS key."));
    }
    if key.materials.is_empty() {
        return Ok(());
    }
    let arn = key.address.arn();
    if imports::is_replica(key) {
        let message = format!(
            "{arn} is a multi-Region replica key: import new key material into its primary key first."
        );
        return Err(api::unsupported_operation_exception(message));
    }
    if key.spec != KeySpec::SymmetricDefault {
        return Err(incorrect("The key material is not the one that was imported before."));
    }
    if key.materials.iter().any(|material| !imports::is_permanent(material.state)) {
        let message = format!("{arn} already has key material that waits for its rotation.");
        return Err(api::kms_invalid_state_exception(message));
    }
    Ok(())
}

/// A new material takes its place in the key and in its replicas, where it must be imported too.
fn add(family: &mut [Key], id: MaterialId, now: Timestamp) {
    let alone = family.len() == 1;
    for key in family {
        let state = match (key.materials.is_empty(), alone) {
            (true, _) => MaterialState::Current,
            (false, true) => MaterialState::PendingRotation,
            (false, false) => MaterialState::PendingMultiRegionImportAndRotation,
        };
        let provenance =
            Provenance::Imported { state: ImportState::PendingImport, valid_to: None, description: None };
        key.materials.push(Material { id, state, created: now, provenance, rotated: None });
    }
}

/// The material is in the imported key now.
fn store(
    writes: &mut WriteSet,
    key: &mut Key,
    id: MaterialId,
    expires: Option<Timestamp>,
    described: Option<&str>,
) {
    if let Some(material) = key.material(id) {
        imports::set_expiry(writes, key, material, expires);
    }
    if let Some(material) = key.material_mut(id)
        && let Provenance::Imported { state, valid_to, description } = &mut material.provenance
    {
        (*state, *valid_to) = (ImportState::Imported, expires);
        if let Some(text) = described {
            *description = Some(text.to_owned());
        }
    }
    rotation::settle(key);
}

/// Once every related key has the material, it may be rotated to.
fn release(family: &mut [Key], id: MaterialId) {
    let everywhere = family.iter().all(|key| key.material(id).is_some_and(Material::is_present));
    for material in family.iter_mut().filter_map(|key| key.material_mut(id)) {
        if everywhere && material.state == MaterialState::PendingMultiRegionImportAndRotation {
            material.state = MaterialState::PendingRotation;
        }
    }
}

fn incorrect(message: &str) -> ApiError {
    api::incorrect_key_material_exception(message)
}
