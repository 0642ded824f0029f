//! The stored forms of the domain, with versions. Only here is serde used.
//!
//! Keys, aliases and grants are JSON with a version in `v`. A material is binary: version 1, the length of the
//! public part (u32, big-endian), the public part, the sealed secret. A form that has been released is never changed:
//! a new version is added beside it, and `testdata/` keeps a sample of each.

use std::collections::{BTreeMap, BTreeSet};

use garrison_crypto::material_id::MaterialId;
use garrison_types::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::{
    Alias, AliasName, Grant, GrantConstraints, GrantOperation, ImportState, Key, KeyAddress, KeyState,
    Manager, Material, MaterialState, MultiRegion, Origin, Provenance, Rotation, RotationKind,
};

/// A record that cannot be read.
pub(crate) type Unreadable = String;

#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum StoredKey {
    #[serde(rename = "1")]
    V1(KeyV1),
}

#[derive(Serialize, Deserialize)]
struct KeyV1 {
    created: i64,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    description: String,
    spec: String,
    usage: String,
    origin: OriginV1,
    manager: ManagerV1,
    state: StateV1,
    policy: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    tags: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    materials: Vec<MaterialV1>,
    #[serde(default)]
    rotation: RotationV1,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    multi_region: Option<MultiRegionV1>,
}

#[derive(Serialize, Deserialize)]
enum OriginV1 {
    AwsKms,
    External,
}

#[derive(Serialize, Deserialize)]
enum ManagerV1 {
    Aws,
    Customer,
}

#[derive(Serialize, Deserialize)]
enum StateV1 {
    Enabled,
    Disabled,
    PendingImport,
    PendingDeletion { at: i64, window_days: u8 },
    PendingReplicaDeletion { window_days: u8 },
}

#[derive(Serialize, Deserialize)]
struct MaterialV1 {
    id: String,
    state: MaterialStateV1,
    created: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    import: Option<ImportV1>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rotated: Option<(i64, RotationKindV1)>,
}

#[derive(Serialize, Deserialize)]
struct ImportV1 {
    present: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    valid_to: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

#[derive(Serialize, Deserialize)]
enum MaterialStateV1 {
    Current,
    NonCurrent,
    PendingRotation,
    PendingMultiRegionImportAndRotation,
}

#[derive(Serialize, Deserialize)]
enum RotationKindV1 {
    Automatic,
    OnDemand,
}

#[derive(Serialize, Deserialize, Default)]
struct RotationV1 {
    enabled: bool,
    period_days: Option<u16>,
    next: Option<i64>,
    on_demand_count: u8,
    on_demand_started: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct MultiRegionV1 {
    primary: String,
    replicas: BTreeSet<String>,
}

/// The stored form of a key.
pub(crate) fn encode_key(key: &Key) -> Vec<u8> {
    let stored = StoredKey::V1(KeyV1 {
        created: key.created.as_millis(),
        description: key.description.clone(),
        spec: key.spec.name().to_owned(),
        usage: key.usage.name().to_owned(),
        origin: match key.origin {
            Origin::AwsKms => OriginV1::AwsKms,
            Origin::External => OriginV1::External,
        },
        manager: match key.manager {
            Manager::Aws => ManagerV1::Aws,
            Manager::Customer => ManagerV1::Customer,
        },
        state: encode_state(key.state),
        policy: key.policy.to_string(),
        tags: key.tags.clone(),
        materials: key.materials.iter().map(encode_material).collect(),
        rotation: RotationV1 {
            enabled: key.rotation.enabled,
            period_days: key.rotation.period_days,
            next: key.rotation.next.map(Timestamp::as_millis),
            on_demand_count: key.rotation.on_demand_count,
            on_demand_started: key.rotation.on_demand_started.map(Timestamp::as_millis),
        },
        multi_region: key.multi_region.as_ref().map(|related| MultiRegionV1 {
            primary: related.primary.to_string(),
            replicas: related.replicas.iter().map(ToString::to_string).collect(),
        }),
    });
    json(&stored)
}

/// Reads the stored form of the key at `address`.
///
/// # Errors
/// The record is damaged or of a newer version.
pub(crate) fn decode_key(address: KeyAddress, bytes: &[u8]) -> Result<Key, Unreadable> {
    let StoredKey::V1(stored) = parse(bytes)?;
    Ok(Key {
        address,
        created: Timestamp::from_millis(stored.created),
        description: stored.description,
        spec: stored.spec.parse().map_err(|_| format!("key spec `{}`", stored.spec))?,
        usage: stored.usage.parse().map_err(|_| format!("key usage `{}`", stored.usage))?,
        origin: match stored.origin {
            OriginV1::AwsKms => Origin::AwsKms,
            OriginV1::External => Origin::External,
        },
        manager: match stored.manager {
            ManagerV1::Aws => Manager::Aws,
            ManagerV1::Customer => Manager::Customer,
        },
        state: decode_state(&stored.state),
        policy: stored.policy.into(),
        tags: stored.tags,
        materials: stored.materials.into_iter().map(decode_material).collect::<Result<_, _>>()?,
        rotation: Rotation {
            enabled: stored.rotation.enabled,
            period_days: stored.rotation.period_days,
            next: stored.rotation.next.map(Timestamp::from_millis),
            on_demand_count: stored.rotation.on_demand_count,
            on_demand_started: stored.rotation.on_demand_started.map(Timestamp::from_millis),
        },
        multi_region: stored.multi_region.map(decode_multi_region).transpose()?,
    })
}

fn encode_state(state: KeyState) -> StateV1 {
    match state {
        KeyState::Enabled => StateV1::Enabled,
        KeyState::Disabled => StateV1::Disabled,
        KeyState::PendingImport => StateV1::PendingImport,
        KeyState::PendingDeletion { at, window_days } => {
            StateV1::PendingDeletion { at: at.as_millis(), window_days }
        }
        KeyState::PendingReplicaDeletion { window_days } => StateV1::PendingReplicaDeletion { window_days },
    }
}

fn decode_state(state: &StateV1) -> KeyState {
    match *state {
        StateV1::Enabled => KeyState::Enabled,
        StateV1::Disabled => KeyState::Disabled,
        StateV1::PendingImport => KeyState::PendingImport,
        StateV1::PendingDeletion { at, window_days } => {
            KeyState::PendingDeletion { at: Timestamp::from_millis(at), window_days }
        }
        StateV1::PendingReplicaDeletion { window_days } => KeyState::PendingReplicaDeletion { window_days },
    }
}

fn encode_material(material: &Material) -> MaterialV1 {
    MaterialV1 {
        id: material.id.to_string(),
        state: match material.state {
            MaterialState::Current => MaterialStateV1::Current,
            MaterialState::NonCurrent => MaterialStateV1::NonCurrent,
            MaterialState::PendingRotation => MaterialStateV1::PendingRotation,
            MaterialState::PendingMultiRegionImportAndRotation => {
                MaterialStateV1::PendingMultiRegionImportAndRotation
            }
        },
        created: material.created.as_millis(),
        import: match &material.provenance {
            Provenance::Generated => None,
            Provenance::Imported { state, valid_to, description } => Some(ImportV1 {
                present: *state == ImportState::Imported,
                valid_to: valid_to.map(Timestamp::as_millis),
                description: description.clone(),
            }),
        },
        rotated: material.rotated.map(|(at, kind)| {
            let kind = match kind {
                RotationKind::Automatic => RotationKindV1::Automatic,
                RotationKind::OnDemand => RotationKindV1::OnDemand,
            };
            (at.as_millis(), kind)
        }),
    }
}

fn decode_material(stored: MaterialV1) -> Result<Material, Unreadable> {
    Ok(Material {
        id: MaterialId::from_hex(&stored.id).ok_or("key material id")?,
        state: match stored.state {
            MaterialStateV1::Current => MaterialState::Current,
            MaterialStateV1::NonCurrent => MaterialState::NonCurrent,
            MaterialStateV1::PendingRotation => MaterialState::PendingRotation,
            MaterialStateV1::PendingMultiRegionImportAndRotation => {
                MaterialState::PendingMultiRegionImportAndRotation
            }
        },
        created: Timestamp::from_millis(stored.created),
        provenance: match stored.import {
            None => Provenance::Generated,
            Some(import) => Provenance::Imported {
                state: if import.present { ImportState::Imported } else { ImportState::PendingImport },
                valid_to: import.valid_to.map(Timestamp::from_millis),
                description: import.description,
            },
        },
        rotated: stored.rotated.map(|(at, kind)| {
            let kind = match kind {
                RotationKindV1::Automatic => RotationKind::Automatic,
                RotationKindV1::OnDemand => RotationKind::OnDemand,
            };
            (Timestamp::from_millis(at), kind)
        }),
    })
}

fn decode_multi_region(stored: MultiRegionV1) -> Result<MultiRegion, Unreadable> {
    let region = |text: String| text.parse().map_err(|_| format!("region `{text}`"));
    Ok(MultiRegion {
        primary: region(stored.primary)?,
        replicas: stored.replicas.into_iter().map(region).collect::<Result<_, _>>()?,
    })
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum StoredAlias {
    #[serde(rename = "1")]
    V1 { target: String, created: i64, updated: i64 },
}

/// The stored form of an alias.
pub(crate) fn encode_alias(alias: &Alias) -> Vec<u8> {
    json(&StoredAlias::V1 {
        target: alias.target.to_string(),
        created: alias.created.as_millis(),
        updated: alias.updated.as_millis(),
    })
}

/// Reads the stored form of the alias `name`.
///
/// # Errors
/// The record is damaged or of a newer version.
pub(crate) fn decode_alias(name: &str, bytes: &[u8]) -> Result<Alias, Unreadable> {
    let StoredAlias::V1 { target, created, updated } = parse(bytes)?;
    Ok(Alias {
        name: AliasName::parse(name).map_err(|_| format!("alias name `{name}`"))?,
        target: target.into(),
        created: Timestamp::from_millis(created),
        updated: Timestamp::from_millis(updated),
    })
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum StoredGrant {
    #[serde(rename = "1")]
    V1(GrantV1),
}

#[derive(Serialize, Deserialize)]
struct GrantV1 {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    created: i64,
    grantee: String,
    #[serde(default)]
    grantee_is_service: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    retiring: Option<String>,
    #[serde(default)]
    retiring_is_service: bool,
    issuing_account: String,
    operations: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    context_subset: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    context_equals: Option<BTreeMap<String, String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source_arn: Option<String>,
}

/// The stored form of a grant.
pub(crate) fn encode_grant(grant: &Grant) -> Vec<u8> {
    json(&StoredGrant::V1(GrantV1 {
        name: grant.name.clone(),
        created: grant.created.as_millis(),
        grantee: grant.grantee.to_string(),
        grantee_is_service: grant.grantee_is_service,
        retiring: grant.retiring.as_deref().map(str::to_owned),
        retiring_is_service: grant.retiring_is_service,
        issuing_account: grant.issuing_account.to_string(),
        operations: grant.operations.iter().map(ToString::to_string).collect(),
        context_subset: grant.constraints.context_subset.clone(),
        context_equals: grant.constraints.context_equals.clone(),
        source_arn: grant.constraints.source_arn.clone(),
    }))
}

/// Reads the stored form of the grant `id`.
///
/// # Errors
/// The record is damaged or of a newer version.
pub(crate) fn decode_grant(id: &str, bytes: &[u8]) -> Result<Grant, Unreadable> {
    let StoredGrant::V1(stored) = parse(bytes)?;
    Ok(Grant {
        id: id.into(),
        name: stored.name,
        created: Timestamp::from_millis(stored.created),
        grantee: stored.grantee.into(),
        grantee_is_service: stored.grantee_is_service,
        retiring: stored.retiring.map(Into::into),
        retiring_is_service: stored.retiring_is_service,
        issuing_account: account(&stored.issuing_account)?,
        operations: stored.operations.into_iter().map(GrantOperation::from).collect(),
        constraints: GrantConstraints {
            context_subset: stored.context_subset,
            context_equals: stored.context_equals,
            source_arn: stored.source_arn,
        },
    })
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "v")]
enum StoredOwner {
    #[serde(rename = "1")]
    V1 { account: String, key: String },
}

/// The stored form of the entry that says whose material it is.
pub(crate) fn encode_owner(owner: &KeyAddress) -> Vec<u8> {
    json(&StoredOwner::V1 { account: owner.account.to_string(), key: owner.id.to_string() })
}

/// Reads whose material it is; the region is the caller's.
///
/// # Errors
/// The record is damaged or of a newer version.
pub(crate) fn decode_owner(region: &garrison_types::Region, bytes: &[u8]) -> Result<KeyAddress, Unreadable> {
    let StoredOwner::V1 { account: id, key } = parse(bytes)?;
    Ok(KeyAddress { account: account(&id)?, region: region.clone(), id: key.into() })
}

const MATERIAL_V1: u8 = 1;

/// The stored form of a material: its public part and its sealed secret.
pub(crate) fn encode_sealed(public: Option<&[u8]>, sealed: &[u8]) -> Vec<u8> {
    let public = public.unwrap_or_default();
    let mut bytes = Vec::with_capacity(5 + public.len() + sealed.len());
    bytes.push(MATERIAL_V1);
    bytes.extend_from_slice(&u32::try_from(public.len()).unwrap_or(u32::MAX).to_be_bytes());
    bytes.extend_from_slice(public);
    bytes.extend_from_slice(sealed);
    bytes
}

/// Splits the stored form of a material into its public part (empty for symmetric keys) and its sealed secret.
///
/// # Errors
/// The record is damaged or of a newer version.
pub(crate) fn decode_sealed(bytes: &[u8]) -> Result<(&[u8], &[u8]), Unreadable> {
    let split = || {
        let (length, rest) = bytes.strip_prefix(&[MATERIAL_V1])?.split_first_chunk::<4>()?;
        rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
    };
    split().ok_or_else(|| "key material".to_owned())
}

fn account(text: &str) -> Result<AccountId, Unreadable> {
    text.parse().map_err(|_| format!("account `{text}`"))
}

fn json(value: &impl Serialize) -> Vec<u8> {
    // These types hold nothing that JSON cannot: serialization cannot fail.
    serde_json::to_vec(value).unwrap_or_default()
}

fn parse<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, Unreadable> {
    serde_json::from_slice(bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
#[path = "records_tests.rs"]
mod tests;
