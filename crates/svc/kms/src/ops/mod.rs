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

/// An operation of KMS; none when it is not built yet.
///
/// The match is exhaustive: a new operation of the interface does not build until it stands here.
pub(crate) fn operation(op: Op, kms: &Arc<Kms>) -> Option<Box<dyn AnyOperation>> {
    match op {
        Op::CancelKeyDeletion => Some(registered::<Kms, api::CancelKeyDeletion>(kms)),
        Op::CreateAlias => Some(registered::<Kms, api::CreateAlias>(kms)),
        Op::CreateGrant => Some(registered::<Kms, api::CreateGrant>(kms)),
        Op::CreateKey => Some(registered::<Kms, api::CreateKey>(kms)),
        Op::Decapsulate => Some(registered::<Kms, api::Decapsulate>(kms)),
        Op::Decrypt => Some(registered::<Kms, api::Decrypt>(kms)),
        Op::DeleteAlias => Some(registered::<Kms, api::DeleteAlias>(kms)),
        Op::DeleteImportedKeyMaterial => Some(registered::<Kms, api::DeleteImportedKeyMaterial>(kms)),
        Op::DeriveSharedSecret => Some(registered::<Kms, api::DeriveSharedSecret>(kms)),
        Op::DescribeKey => Some(registered::<Kms, api::DescribeKey>(kms)),
        Op::DisableKey => Some(registered::<Kms, api::DisableKey>(kms)),
        Op::DisableKeyRotation => Some(registered::<Kms, api::DisableKeyRotation>(kms)),
        Op::EnableKey => Some(registered::<Kms, api::EnableKey>(kms)),
        Op::EnableKeyRotation => Some(registered::<Kms, api::EnableKeyRotation>(kms)),
        Op::Encapsulate => Some(registered::<Kms, api::Encapsulate>(kms)),
        Op::Encrypt => Some(registered::<Kms, api::Encrypt>(kms)),
        Op::GenerateDataKey => Some(registered::<Kms, api::GenerateDataKey>(kms)),
        Op::GenerateDataKeyPair => Some(registered::<Kms, api::GenerateDataKeyPair>(kms)),
        Op::GenerateDataKeyPairWithoutPlaintext => Some(registered::<Kms, api::GenerateDataKeyPairWithoutPlaintext>(kms)),
        Op::GenerateDataKeyWithoutPlaintext => Some(registered::<Kms, api::GenerateDataKeyWithoutPlaintext>(kms)),
        Op::GenerateMac => Some(registered::<Kms, api::GenerateMac>(kms)),
        Op::GenerateRandom => Some(registered::<Kms, api::GenerateRandom>(kms)),
        Op::GetKeyLastUsage => Some(registered::<Kms, api::GetKeyLastUsage>(kms)),
        Op::GetKeyPolicy => Some(registered::<Kms, api::GetKeyPolicy>(kms)),
        Op::GetKeyRotationStatus => Some(registered::<Kms, api::GetKeyRotationStatus>(kms)),
        Op::GetParametersForImport => Some(registered::<Kms, api::GetParametersForImport>(kms)),
        Op::GetPublicKey => Some(registered::<Kms, api::GetPublicKey>(kms)),
        Op::ImportKeyMaterial => Some(registered::<Kms, api::ImportKeyMaterial>(kms)),
        Op::ListAliases => Some(registered::<Kms, api::ListAliases>(kms)),
        Op::ListGrants => Some(registered::<Kms, api::ListGrants>(kms)),
        Op::ListKeyPolicies => Some(registered::<Kms, api::ListKeyPolicies>(kms)),
        Op::ListKeyRotations => Some(registered::<Kms, api::ListKeyRotations>(kms)),
        Op::ListKeys => Some(registered::<Kms, api::ListKeys>(kms)),
        Op::ListResourceTags => Some(registered::<Kms, api::ListResourceTags>(kms)),
        Op::ListRetirableGrants => Some(registered::<Kms, api::ListRetirableGrants>(kms)),
        Op::PutKeyPolicy => Some(registered::<Kms, api::PutKeyPolicy>(kms)),
        Op::ReEncrypt => Some(registered::<Kms, api::ReEncrypt>(kms)),
        Op::ReplicateKey => Some(registered::<Kms, api::ReplicateKey>(kms)),
        Op::RetireGrant => Some(registered::<Kms, api::RetireGrant>(kms)),
        Op::RevokeGrant => Some(registered::<Kms, api::RevokeGrant>(kms)),
        Op::RotateKeyOnDemand => Some(registered::<Kms, api::RotateKeyOnDemand>(kms)),
        Op::ScheduleKeyDeletion => Some(registered::<Kms, api::ScheduleKeyDeletion>(kms)),
        Op::Sign => Some(registered::<Kms, api::Sign>(kms)),
        Op::TagResource => Some(registered::<Kms, api::TagResource>(kms)),
        Op::UntagResource => Some(registered::<Kms, api::UntagResource>(kms)),
        Op::UpdateAlias => Some(registered::<Kms, api::UpdateAlias>(kms)),
        Op::UpdateKeyDescription => Some(registered::<Kms, api::UpdateKeyDescription>(kms)),
        Op::UpdatePrimaryRegion => Some(registered::<Kms, api::UpdatePrimaryRegion>(kms)),
        Op::Verify => Some(registered::<Kms, api::Verify>(kms)),
        Op::VerifyMac => Some(registered::<Kms, api::VerifyMac>(kms)),
    }
}
