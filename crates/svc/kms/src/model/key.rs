//! The key itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use garrison_crypto::keys::{KeySpec, KeyUsage};
use garrison_crypto::material_id::MaterialId;
use garrison_kernel::{AuditResource, Check};
use garrison_policy::CompiledPolicy;
use garrison_store::Revision;
use garrison_types::Timestamp;

use super::{AliasName, GrantSet, KeyAddress, KeyState, Material, MaterialState, MultiRegion, Rotation};

/// Where key material comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// `AWS_KMS`: generated here.
    AwsKms,
    /// `EXTERNAL`: imported.
    External,
}

impl Origin {
    /// AWS's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwsKms => "AWS_KMS",
            Self::External => "EXTERNAL",
        }
    }
}

/// Who manages the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// `AWS`: made on first use of `alias/aws/<service>`; customers cannot change it.
    Aws,
    /// `CUSTOMER`.
    Customer,
}

impl Manager {
    /// AWS's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Customer => "CUSTOMER",
        }
    }
}

/// A KMS key: everything that its one record holds. Aliases, grants and sealed material are records of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Where it is.
    pub address: KeyAddress,
    /// When it was made.
    pub created: Timestamp,
    /// Free text, up to 8,192 characters.
    pub description: String,
    /// What kind of key.
    pub spec: KeySpec,
    /// What it is used for.
    pub usage: KeyUsage,
    /// Where its material comes from.
    pub origin: Origin,
    /// Who manages it.
    pub manager: Manager,
    /// What may be done with it now.
    pub state: KeyState,
    /// Its key policy, byte for byte as it was put.
    pub policy: Arc<str>,
    /// Its tags by key.
    pub tags: BTreeMap<String, String>,
    /// Its materials in the order in which they became (or will become) current; none before the first import.
    pub materials: Vec<Material>,
    /// Automatic and on-demand rotation.
    pub rotation: Rotation,
    /// Its relatives in other regions, for a multi-Region key.
    pub multi_region: Option<MultiRegion>,
}

impl Key {
    /// The material that encrypts and signs, if there is one (`CurrentKeyMaterialId`).
    pub fn current_material(&self) -> Option<&Material> {
        self.materials.iter().find(|material| material.state == MaterialState::Current)
    }

    /// The material with this id.
    pub fn material(&self, id: MaterialId) -> Option<&Material> {
        self.materials.iter().find(|material| material.id == id)
    }

    /// The same, to change it.
    pub fn material_mut(&mut self, id: MaterialId) -> Option<&mut Material> {
        self.materials.iter_mut().find(|material| material.id == id)
    }
}

/// A key as one revision of the store has it, ready for use: policy compiled, aliases and grants at hand.
#[derive(Debug)]
pub struct KeySnapshot {
    /// The key.
    pub key: Key,
    /// The commit that wrote the key's own record: what a change must build on.
    pub revision: Revision,
    /// Its ARN.
    pub arn: Arc<str>,
    /// Its policy, compiled.
    pub policy: Arc<CompiledPolicy>,
    /// The names of its aliases, sorted (`kms:ResourceAliases`).
    pub aliases: Vec<String>,
    /// Its grants.
    pub grants: GrantSet,
    /// The last commit that added or removed an alias, if any did: what a change that counted them must build on.
    pub alias_set: Option<Revision>,
    /// The same for grants.
    pub grant_set: Option<Revision>,
}

impl KeySnapshot {
    /// The question whether the caller may do something to this key, by its key policy.
    pub fn check(&self) -> Check {
        Check::resource(Arc::clone(&self.arn), self.key.address.account).key_policy(Arc::clone(&self.policy))
    }

    /// The key as audit records name it.
    pub fn audit_resource(&self) -> AuditResource {
        AuditResource { kind: "AWS::KMS::Key", arn: Arc::clone(&self.arn), account: self.key.address.account }
    }

    /// Whether the key has this alias.
    pub fn has_alias(&self, name: &AliasName) -> bool {
        self.aliases.iter().any(|alias| alias == name.as_str())
    }
}
