//! `DeleteImportedKeyMaterial`. Source: KMS API Reference, "DeleteImportedKeyMaterial"; KMS Developer Guide, "Delete
//! imported key material".
//!
//! Action `kms:DeleteImportedKeyMaterial` on the key, in the caller's own account. Every key state; a material that is
//! not there stays so.

use garrison_api_kms::{errors as api, operations, types};
use garrison_crypto::keys::KeySpec;
use garrison_crypto::material_id::MaterialId;
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

use crate::condition::{self, RequestKeys};
use crate::imports;
use crate::model::{KeySnapshot, Material};
use crate::resolve::KeyTarget;
use crate::service::Kms;

impl Handler<Kms> for operations::DeleteImportedKeyMaterial {
    const ACCESS: Access = Access::write("kms:DeleteImportedKeyMaterial");
    type Target = KeyTarget;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<KeyTarget>, ApiError> {
        Ok(kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?.resolved())
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        target: &'a KeyTarget,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        condition::about_key(cx, target, &RequestKeys::default(), key)
    }

    async fn execute(
        kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        target: &KeyTarget,
    ) -> Result<Reply<Self::Output>, ApiError> {
        let snapshot = &target.key;
        imports::ensure_external(snapshot)?;
        let material = wanted(snapshot, input.key_material_id.as_deref())?;
        let symmetric = snapshot.key.spec == KeySpec::SymmetricDefault;
        let output = types::DeleteImportedKeyMaterialResponse {
            key_id: Some(snapshot.arn.to_string()),
            key_material_id: material.filter(|_| symmetric).map(|material| material.id.to_string()),
        };
        let mut writes = WriteSet::new();
        if let Some(material) = material {
            kms.remove_material(&mut writes, snapshot, material.id).await?;
        }
        Ok(Reply::with_writes(output, writes))
    }
}

/// The material that the input names, or the current one; none when there never was any.
fn wanted<'a>(key: &'a KeySnapshot, id: Option<&str>) -> Result<Option<&'a Material>, ApiError> {
    let Some(text) = id else { return Ok(key.key.current_material()) };
    let found = MaterialId::from_hex(text).and_then(|id| key.key.material(id));
    let missing =
        || api::not_found_exception(format!("Key material {text} is not associated with {}.", key.arn));
    found.map(Some).ok_or_else(missing)
}
