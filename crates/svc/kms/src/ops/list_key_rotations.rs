//! `ListKeyRotations`. Source: KMS API Reference, "ListKeyRotations".
//!
//! Action `kms:ListKeyRotations` on the key, in the caller's own account. Every key state.

use garrison_api_kms::{operations, types};
use garrison_kernel::{Access, Context, Handler, Reply, Resolved};
use garrison_policy::Values;
use garrison_schema::ApiError;

use crate::condition::{self, RequestKeys};
use crate::model::{ImportState, Key, Material, MaterialState, Provenance, RotationKind};
use crate::paging::{PageSize, Paging};
use crate::resolve::KeyTarget;
use crate::rotation;
use crate::service::Kms;

/// Which page of which key's materials.
pub struct Wanted {
    key: KeyTarget,
    paging: Paging,
}

impl Handler<Kms> for operations::ListKeyRotations {
    const ACCESS: Access = Access::read("kms:ListKeyRotations");
    type Target = Wanted;

    async fn resolve(kms: &Kms, cx: &Context, input: &Self::Input) -> Result<Resolved<Wanted>, ApiError> {
        let paging = Paging::new(input.limit, input.marker.as_deref(), PageSize { max: 1000, default: 100 })?;
        let key = kms.resolve_own_key(cx, &input.key_id, Self::ACCESS.action).await?;
        let (check, resource) = (key.key.check(), key.key.audit_resource());
        Ok(Resolved::new(Wanted { key, paging }, check).with_resource(resource))
    }

    fn condition<'a>(
        _kms: &'a Kms,
        cx: &'a Context,
        _input: &'a Self::Input,
        wanted: &'a Wanted,
        _check: usize,
        key: &str,
    ) -> Option<Values<'a>> {
        condition::about_key(cx, &wanted.key, &RequestKeys::default(), key)
    }

    async fn execute(
        _kms: &Kms,
        _cx: &Context,
        input: &Self::Input,
        wanted: &Wanted,
    ) -> Result<Reply<Self::Output>, ApiError> {
        rotation::ensure_symmetric(&wanted.key.key)?;
        let key = &wanted.key.key.key;
        let all = input.include_key_material == Some(types::IncludeKeyMaterial::AllKeyMaterial);
        let listed =
            key.materials.iter().enumerate().filter(|(_, material)| all || material.rotated.is_some());
        // Five digits, so that the order of the texts is the order of the materials.
        let page = wanted.paging.page_of(listed, |(index, _)| format!("{index:05}"));
        let truncated = page.truncated();
        Ok(Reply::new(types::ListKeyRotationsResponse {
            rotations: Some(page.items.iter().map(|(_, material)| entry(key, material)).collect()),
            next_marker: page.next_marker,
            truncated: Some(truncated),
        }))
    }
}

fn entry(key: &Key, material: &Material) -> types::RotationsListEntry {
    let imported = match &material.provenance {
        Provenance::Generated => None,
        Provenance::Imported { state, valid_to, description } => {
            Some((*state, *valid_to, description.clone()))
        }
    };
    let present = imported.as_ref().filter(|(state, ..)| *state == ImportState::Imported);
    types::RotationsListEntry {
        key_id: Some(key.address.id.to_string()),
        key_material_id: Some(material.id.to_string()),
        import_state: imported.as_ref().map(|(state, ..)| match state {
            ImportState::Imported => types::ImportState::Imported,
            ImportState::PendingImport => types::ImportState::PendingImport,
        }),
        key_material_state: Some(match material.state {
            MaterialState::Current => types::KeyMaterialState::Current,
            MaterialState::NonCurrent => types::KeyMaterialState::NonCurrent,
            MaterialState::PendingRotation => types::KeyMaterialState::PendingRotation,
            MaterialState::PendingMultiRegionImportAndRotation => {
                types::KeyMaterialState::PendingMultiRegionImportAndRotation
            }
        }),
        expiration_model: present.map(|(_, valid_to, _)| match valid_to {
            Some(_) => types::ExpirationModelType::KeyMaterialExpires,
            None => types::ExpirationModelType::KeyMaterialDoesNotExpire,
        }),
        valid_to: present.and_then(|(_, valid_to, _)| *valid_to),
        key_material_description: imported.and_then(|(.., description)| description),
        rotation_date: material.rotated.map(|(at, _)| at),
        rotation_type: material.rotated.map(|(_, kind)| match kind {
            RotationKind::Automatic => types::RotationType::Automatic,
            RotationKind::OnDemand => types::RotationType::OnDemand,
        }),
    }
}
