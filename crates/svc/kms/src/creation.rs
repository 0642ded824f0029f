//! Making keys: for CreateKey and for AWS managed keys.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use garrison_crypto::keys::{KeyMaterial, KeySpec, KeyUsage};
use garrison_crypto::material_id::MaterialId;
use garrison_schema::ApiError;
use garrison_store::WriteSet;
use garrison_types::{AccountId, Region, Timestamp};

use crate::error;
use crate::model::{
    Key, KeyAddress, KeyState, Manager, Material, MaterialState, MultiRegion, Origin, Provenance, Rotation,
};
use crate::service::Kms;

/// What a new key shall be.
pub(crate) struct NewKey {
    /// Where.
    pub(crate) address: KeyAddress,
    /// When.
    pub(crate) created: Timestamp,
    /// Free text.
    pub(crate) description: String,
    /// What kind of key.
    pub(crate) spec: KeySpec,
    /// What it is used for.
    pub(crate) usage: KeyUsage,
    /// Where its material comes from.
    pub(crate) origin: Origin,
    /// Who manages it.
    pub(crate) manager: Manager,
    /// Its policy.
    pub(crate) policy: Arc<str>,
    /// Its tags.
    pub(crate) tags: BTreeMap<String, String>,
    /// Whether it can be replicated to other regions.
    pub(crate) multi_region: bool,
}

impl Kms {
    /// A new key's address: a random UUID, or `mrk-` and 32 hexadecimal digits for a multi-Region key.
    pub(crate) fn new_address(&self, account: AccountId, region: &Region, multi_region: bool) -> KeyAddress {
        let uuid = self.kernel().new_id().to_string();
        let id = if multi_region { format!("mrk-{}", uuid.replace('-', "")) } else { uuid };
        KeyAddress { account, region: region.clone(), id: id.into() }
    }

    /// Makes a key and, unless it will be imported, its material, which is added to a write set; the key's own record
    /// is the caller's to add.
    ///
    /// # Errors
    /// The material could not be generated or sealed.
    pub(crate) async fn create(&self, new: NewKey, writes: &mut WriteSet) -> Result<Key, ApiError> {
        let related = |region: &Region| MultiRegion { primary: region.clone(), replicas: BTreeSet::new() };
        let mut key = Key {
            multi_region: new.multi_region.then(|| related(&new.address.region)),
            address: new.address,
            created: new.created,
            description: new.description,
            spec: new.spec,
            usage: new.usage,
            origin: new.origin,
            manager: new.manager,
            state: KeyState::Enabled,
            policy: new.policy,
            tags: new.tags,
            materials: Vec::new(),
            rotation: Rotation::default(),
        };
        match key.origin {
            Origin::AwsKms => {
                let material = self.generate(key.spec).await?;
                let id = MaterialId::derive(material.secret(), &key.address.id);
                self.repo().put_material(writes, &key.address, id, &material)?;
                key.materials.push(Material {
                    id,
                    state: MaterialState::Current,
                    created: key.created,
                    provenance: Provenance::Generated,
                    rotated: None,
                });
            }
            Origin::External => key.state = KeyState::PendingImport,
        }
        Ok(key)
    }

    /// New key material; what takes long is made on a thread of its own.
    ///
    /// # Errors
    /// Memory could not be locked and the policy is strict.
    pub(crate) async fn generate(&self, spec: KeySpec) -> Result<KeyMaterial, ApiError> {
        let material = if spec.is_asymmetric() {
            let kernel = self.shared_kernel();
            self.kernel().blocking(move || KeyMaterial::generate(spec, kernel.rng())).await?
        } else {
            KeyMaterial::generate(spec, self.kernel().rng())
        };
        material.map_err(error::crypto)
    }
}
