//! The operations, one file each, and their registration.

mod cancel_key_deletion;
mod create_alias;
mod create_grant;
mod create_key;
mod decapsulate;
mod decrypt;
mod delete_alias;
mod delete_imported_key_material;
mod derive_shared_secret;
mod describe_key;
mod disable_key;
mod disable_key_rotation;
mod enable_key;
mod enable_key_rotation;
mod encapsulate;
pub(crate) mod encrypt;
mod generate_data_key;
mod generate_data_key_pair;
mod generate_data_key_pair_without_plaintext;
mod generate_data_key_without_plaintext;
mod generate_mac;
mod generate_random;
mod get_key_last_usage;
mod get_key_policy;
mod get_key_rotation_status;
mod get_parameters_for_import;
mod get_public_key;
mod import_key_material;
mod list_aliases;
mod list_grants;
mod list_key_policies;
mod list_key_rotations;
mod list_keys;
mod list_resource_tags;
mod list_retirable_grants;
mod put_key_policy;
mod re_encrypt;
mod replicate_key;
mod retire_grant;
mod revoke_grant;
mod rotate_key_on_demand;
mod schedule_key_deletion;
mod sign;
mod tag_resource;
mod untag_resource;
mod update_alias;
mod update_key_description;
mod update_primary_region;
mod verify;
mod verify_mac;

use std::sync::Arc;

use garrison_api_kms::{Op, operations as api};
use garrison_kernel::{AnyOperation, registered};

use crate::service::Kms;

/// An operation of KMS.
///
/// The match is exhaustive: a new operation of the interface does not build until it stands here.
pub(crate) fn operation(op: Op, kms: &Arc<Kms>) -> Box<dyn AnyOperation> {
    match op {
        Op::CancelKeyDeletion => registered::<Kms, api::CancelKeyDeletion>(kms),
        Op::CreateAlias => registered::<Kms, api::CreateAlias>(kms),
        Op::CreateGrant => registered::<Kms, api::CreateGrant>(kms),
        Op::CreateKey => registered::<Kms, api::CreateKey>(kms),
        Op::Decapsulate => registered::<Kms, api::Decapsulate>(kms),
        Op::Decrypt => registered::<Kms, api::Decrypt>(kms),
        Op::DeleteAlias => registered::<Kms, api::DeleteAlias>(kms),
        Op::DeleteImportedKeyMaterial => registered::<Kms, api::DeleteImportedKeyMaterial>(kms),
        Op::DeriveSharedSecret => registered::<Kms, api::DeriveSharedSecret>(kms),
        Op::DescribeKey => registered::<Kms, api::DescribeKey>(kms),
        Op::DisableKey => registered::<Kms, api::DisableKey>(kms),
        Op::DisableKeyRotation => registered::<Kms, api::DisableKeyRotation>(kms),
        Op::EnableKey => registered::<Kms, api::EnableKey>(kms),
        Op::EnableKeyRotation => registered::<Kms, api::EnableKeyRotation>(kms),
        Op::Encapsulate => registered::<Kms, api::Encapsulate>(kms),
        Op::Encrypt => registered::<Kms, api::Encrypt>(kms),
        Op::GenerateDataKey => registered::<Kms, api::GenerateDataKey>(kms),
        Op::GenerateDataKeyPair => registered::<Kms, api::GenerateDataKeyPair>(kms),
        Op::GenerateDataKeyPairWithoutPlaintext => {
            registered::<Kms, api::GenerateDataKeyPairWithoutPlaintext>(kms)
        }
        Op::GenerateDataKeyWithoutPlaintext => registered::<Kms, api::GenerateDataKeyWithoutPlaintext>(kms),
        Op::GenerateMac => registered::<Kms, api::GenerateMac>(kms),
        Op::GenerateRandom => registered::<Kms, api::GenerateRandom>(kms),
        Op::GetKeyLastUsage => registered::<Kms, api::GetKeyLastUsage>(kms),
        Op::GetKeyPolicy => registered::<Kms, api::GetKeyPolicy>(kms),
        Op::GetKeyRotationStatus => registered::<Kms, api::GetKeyRotationStatus>(kms),
        Op::GetParametersForImport => registered::<Kms, api::GetParametersForImport>(kms),
        Op::GetPublicKey => registered::<Kms, api::GetPublicKey>(kms),
        Op::ImportKeyMaterial => registered::<Kms, api::ImportKeyMaterial>(kms),
        Op::ListAliases => registered::<Kms, api::ListAliases>(kms),
        Op::ListGrants => registered::<Kms, api::ListGrants>(kms),
        Op::ListKeyPolicies => registered::<Kms, api::ListKeyPolicies>(kms),
        Op::ListKeyRotations => registered::<Kms, api::ListKeyRotations>(kms),
        Op::ListKeys => registered::<Kms, api::ListKeys>(kms),
        Op::ListResourceTags => registered::<Kms, api::ListResourceTags>(kms),
        Op::ListRetirableGrants => registered::<Kms, api::ListRetirableGrants>(kms),
        Op::PutKeyPolicy => registered::<Kms, api::PutKeyPolicy>(kms),
        Op::ReEncrypt => registered::<Kms, api::ReEncrypt>(kms),
        Op::ReplicateKey => registered::<Kms, api::ReplicateKey>(kms),
        Op::RetireGrant => registered::<Kms, api::RetireGrant>(kms),
        Op::RevokeGrant => registered::<Kms, api::RevokeGrant>(kms),
        Op::RotateKeyOnDemand => registered::<Kms, api::RotateKeyOnDemand>(kms),
        Op::ScheduleKeyDeletion => registered::<Kms, api::ScheduleKeyDeletion>(kms),
        Op::Sign => registered::<Kms, api::Sign>(kms),
        Op::TagResource => registered::<Kms, api::TagResource>(kms),
        Op::UntagResource => registered::<Kms, api::UntagResource>(kms),
        Op::UpdateAlias => registered::<Kms, api::UpdateAlias>(kms),
        Op::UpdateKeyDescription => registered::<Kms, api::UpdateKeyDescription>(kms),
        Op::UpdatePrimaryRegion => registered::<Kms, api::UpdatePrimaryRegion>(kms),
        Op::Verify => registered::<Kms, api::Verify>(kms),
        Op::VerifyMac => registered::<Kms, api::VerifyMac>(kms),
    }
}
