//! `KeyMetadata`: a key as CreateKey, DescribeKey and ReplicateKey answer it.

use garrison_api_kms::types;
use garrison_crypto::keys::{KeySpec, KeyUsage};
use garrison_types::Region;

use crate::model::{Key, KeyAddress, KeyState, MultiRegion, Origin, Provenance};

/// The metadata of a key.
pub(crate) fn metadata(key: &Key) -> types::KeyMetadata {
    let current = key.current_material();
    let imported = current.filter(|material| material.is_present()).and_then(|m| match &m.provenance {
        Provenance::Imported { valid_to, .. } => Some(*valid_to),
        Provenance::Generated => None,
    });
    let (deletion_date, pending_window) = match key.state {
        KeyState::PendingDeletion { at, .. } => (Some(at), None),
        KeyState::PendingReplicaDeletion { window_days } => (None, Some(i32::from(window_days))),
        _ => (None, None),
    };
    let algorithms = Algorithms::of(key.spec, key.usage);
    types::KeyMetadata {
        aws_account_id: Some(key.address.account.to_string()),
        key_id: key.address.id.to_string(),
        arn: Some(key.address.arn()),
        creation_date: Some(key.created),
        enabled: Some(key.state == KeyState::Enabled),
        description: Some(key.description.clone()),
        key_usage: Some(key.usage.name().into()),
        key_state: Some(key.state.name().into()),
        deletion_date,
        valid_to: imported.flatten(),
        origin: Some(key.origin.name().into()),
        expiration_model: imported.filter(|_| key.origin == Origin::External).map(
            |valid_to| match valid_to {
                Some(_) => types::ExpirationModelType::KeyMaterialExpires,
                None => types::ExpirationModelType::KeyMaterialDoesNotExpire,
            },
        ),
        key_manager: Some(key.manager.name().into()),
        customer_master_key_spec: Some(key.spec.name().into()),
        key_spec: Some(key.spec.name().into()),
        encryption_algorithms: algorithms.encryption,
        signing_algorithms: algorithms.signing,
        key_agreement_algorithms: algorithms.agreement,
        encapsulation_algorithms: algorithms.encapsulation,
        mac_algorithms: algorithms.mac,
        multi_region: Some(key.multi_region.is_some()),
        multi_region_configuration: key
            .multi_region
            .as_ref()
            .map(|related| configuration(&key.address, related)),
        pending_deletion_window_in_days: pending_window,
        current_key_material_id: current
            .filter(|_| key.spec == KeySpec::SymmetricDefault)
            .map(|m| m.id.to_string()),
        custom_key_store_id: None,
        cloud_hsm_cluster_id: None,
        xks_key_configuration: None,
    }
}

fn configuration(address: &KeyAddress, related: &MultiRegion) -> types::MultiRegionConfiguration {
    let key_in = |region: &Region| types::MultiRegionKey {
        arn: Some(address.in_region(region.clone()).arn()),
        region: Some(region.to_string()),
    };
    types::MultiRegionConfiguration {
        multi_region_key_type: Some(related.role(&address.region).name().into()),
        primary_key: Some(key_in(&related.primary)),
        replica_keys: Some(related.replicas.iter().map(key_in).collect()),
    }
}

/// The algorithms of a kind of key for its usage, as the interface lists them: present only for that usage.
#[derive(Debug, Default)]
pub(crate) struct Algorithms {
    /// `EncryptionAlgorithms`.
    pub(crate) encryption: Option<Vec<types::EncryptionAlgorithmSpec>>,
    /// `SigningAlgorithms`.
    pub(crate) signing: Option<Vec<types::SigningAlgorithmSpec>>,
    /// `MacAlgorithms`.
    pub(crate) mac: Option<Vec<types::MacAlgorithmSpec>>,
    /// `KeyAgreementAlgorithms`.
    pub(crate) agreement: Option<Vec<types::KeyAgreementAlgorithmSpec>>,
    /// `EncapsulationAlgorithms`.
    pub(crate) encapsulation: Option<Vec<types::EncapsulationAlgorithmSpec>>,
}

impl Algorithms {
    /// Those of a key of this kind with this usage.
    pub(crate) fn of(spec: KeySpec, usage: KeyUsage) -> Self {
        let none = Self::default();
        match usage {
            KeyUsage::EncryptDecrypt => Self {
                encryption: Some(spec.encryption_algorithms().iter().map(|a| a.name().into()).collect()),
                ..none
            },
            KeyUsage::SignVerify => Self {
                signing: Some(spec.signing_algorithms().iter().map(|a| a.name().into()).collect()),
                ..none
            },
            KeyUsage::GenerateVerifyMac => {
                Self { mac: Some(spec.mac_algorithms().iter().map(|a| a.name().into()).collect()), ..none }
            }
            KeyUsage::KeyAgreement => {
                let names = spec.key_agreement_algorithms().iter().map(|a| a.name().into()).collect();
                Self { agreement: Some(names), ..none }
            }
            KeyUsage::EncapsulateDecapsulate => {
                let names = spec.encapsulation_algorithms().iter().map(|a| a.name().into()).collect();
                Self { encapsulation: Some(names), ..none }
            }
        }
    }
}
