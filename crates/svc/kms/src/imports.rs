//! Importing key material: what the operations of an import share, and the import token.
//!
//! Source: KMS Developer Guide, "Importing key material". The token holds the private half of the wrapping key, sealed:
//! nothing is stored between the two calls, and nothing of it is left behind.

use std::sync::Arc;
use std::time::Duration;

use garrison_api_kms::errors as api;
use garrison_crypto::LockedSecret;
use garrison_crypto::keys::{KeyMaterial, KeySpec, WrappingAlgorithm};
use garrison_crypto::material_id::MaterialId;
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::Timestamp;
use zeroize::Zeroizing;

use crate::model::{ImportState, Key, KeySnapshot, Material, MaterialState, Origin, Provenance};
use crate::repo::{self, Due, DueKind};
use crate::service::Kms;
use crate::{error, rotation};

/// What a token is sealed for, so that nothing else that is sealed passes for one.
const TOKEN_PLACE: &[u8] = b"kms import token v1";
/// How long a token is good for.
pub(crate) const TOKEN_LIFE: Duration = Duration::from_secs(86_400);
/// The fields of a token in front of the secret; each ends with a newline.
const FIELDS: usize = 4;

/// An import token, open.
pub(crate) struct ImportToken {
    /// The ARN of the key that it is for.
    pub(crate) key: String,
    /// How the material is wrapped.
    pub(crate) algorithm: WrappingAlgorithm,
    /// What kind of key wraps it.
    pub(crate) spec: KeySpec,
    /// Until when it is good.
    pub(crate) valid_to: Timestamp,
    /// The private half of the wrapping key.
    pub(crate) secret: LockedSecret,
}

impl Kms {
    /// Seals a token for the material's way here.
    ///
    /// # Errors
    /// Sealing failed.
    pub(crate) fn seal_import_token(
        &self,
        key: &KeySnapshot,
        algorithm: WrappingAlgorithm,
        wrapping: &KeyMaterial,
        valid_to: Timestamp,
    ) -> Result<Vec<u8>, ApiError> {
        let (spec, millis) = (wrapping.spec(), valid_to.as_millis());
        let header = format!("{}\n{}\n{spec}\n{millis}\n", key.arn, algorithm.name());
        let secret = wrapping.secret().expose();
        // Made at its full size at once: growing would leave a copy behind.
        let mut content = Zeroizing::new(Vec::with_capacity(header.len() + secret.len()));
        content.extend_from_slice(header.as_bytes());
        content.extend_from_slice(secret);
        let kernel = self.kernel();
        kernel.sealer().seal(kernel.rng(), TOKEN_PLACE, &content).map_err(error::crypto)
    }

    /// Opens a token that was made for a key.
    ///
    /// # Errors
    /// `InvalidImportTokenException` when it is not one of ours or another key's; `ExpiredImportTokenException`.
    pub(crate) fn open_import_token(
        &self,
        key: &KeySnapshot,
        token: &[u8],
        now: Timestamp,
    ) -> Result<ImportToken, ApiError> {
        let invalid =
            || api::invalid_import_token_exception("The import token is not valid for this KMS key.");
        let content = self.kernel().sealer().open(TOKEN_PLACE, token).map_err(|_| invalid())?;
        let token = read_token(content.expose()).ok_or_else(invalid)?;
        if token.key != *key.arn {
            return Err(invalid());
        }
        if token.valid_to <= now {
            return Err(api::expired_import_token_exception("The import token has expired."));
        }
        Ok(token)
    }
}

impl Kms {
    /// Deletes an imported material: by itself when it is the key's own for good, and together with its copies in the
    /// replica keys when it only waits for its rotation in the primary key.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn remove_material(
        &self,
        writes: &mut WriteSet,
        snapshot: &Arc<KeySnapshot>,
        id: MaterialId,
    ) -> Result<(), ApiError> {
        let Some(material) = snapshot.key.material(id) else { return Ok(()) };
        if is_permanent(material.state) || is_replica(&snapshot.key) {
            if material.is_present() {
                let mut key = snapshot.key.clone();
                erase(writes, &mut key, material);
                repo::replace_key(writes, snapshot, &key);
            }
            return Ok(());
        }
        for relative in self.family(snapshot).await? {
            if let Some(own) = relative.key.material(id) {
                let mut key = relative.key.clone();
                forget(writes, &mut key, own);
                repo::replace_key(writes, &relative, &key);
            }
        }
        Ok(())
    }
}

fn read_token(content: &[u8]) -> Option<ImportToken> {
    let mut rest = content;
    let mut fields = [""; FIELDS];
    for field in &mut fields {
        let end = rest.iter().position(|b| *b == b'\n')?;
        let (text, behind) = rest.split_at_checked(end)?;
        *field = std::str::from_utf8(text).ok()?;
        rest = behind.strip_prefix(b"\n")?;
    }
    let [key, algorithm, spec, millis] = fields;
    Some(ImportToken {
        key: key.to_owned(),
        algorithm: algorithm.parse().ok()?,
        spec: spec.parse().ok()?,
        valid_to: Timestamp::from_millis(millis.parse().ok()?),
        secret: LockedSecret::copy_of(rest).ok()?,
    })
}

/// Refuses keys whose material is not imported.
///
/// # Errors
/// `UnsupportedOperationException`.
pub(crate) fn ensure_external(key: &KeySnapshot) -> Result<(), ApiError> {
    match key.key.origin {
        Origin::External => Ok(()),
        origin @ Origin::AwsKms => Err(error::wrong_origin(&key.arn, origin)),
    }
}

/// Whether a material is one of a key's own for good: it has been current.
pub(crate) const fn is_permanent(state: MaterialState) -> bool {
    matches!(state, MaterialState::Current | MaterialState::NonCurrent)
}

/// Says when a material expires, and no longer when it did before.
pub(crate) fn set_expiry(writes: &mut WriteSet, key: &Key, material: &Material, valid_to: Option<Timestamp>) {
    let due = |at| Due { at, address: key.address.clone(), extra: material.id.to_string() };
    let old = match &material.provenance {
        Provenance::Imported { valid_to, .. } => *valid_to,
        Provenance::Generated => None,
    };
    if let Some(old) = old.filter(|old| valid_to != Some(*old)) {
        repo::unschedule(writes, DueKind::Expiry, &due(old));
    }
    if let Some(at) = valid_to {
        repo::schedule(writes, DueKind::Expiry, &due(at));
    }
}

/// Deletes an imported material for good; only the same may come again.
fn erase(writes: &mut WriteSet, key: &mut Key, material: &Material) {
    set_expiry(writes, key, material, None);
    repo::erase_material(writes, &key.address, material.id);
    if let Some(own) = key.material_mut(material.id)
        && let Provenance::Imported { state, valid_to, .. } = &mut own.provenance
    {
        (*state, *valid_to) = (ImportState::PendingImport, None);
    }
    rotation::settle(key);
}

/// Deletes an imported material that only waited for its rotation: the key knows it no longer.
fn forget(writes: &mut WriteSet, key: &mut Key, material: &Material) {
    set_expiry(writes, key, material, None);
    repo::disown_material(writes, &key.address, material.id);
    key.materials.retain(|own| own.id != material.id);
}

/// Whether the key is a multi-Region replica key.
pub(crate) fn is_replica(key: &Key) -> bool {
    key.multi_region.as_ref().is_some_and(|related| related.primary != key.address.region)
}
