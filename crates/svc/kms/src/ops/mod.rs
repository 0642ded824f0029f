//! The operations, one file each, and their registration.

mod cancel_key_deletion;
mod create_alias;
mod create_key;
mod decapsulate;
mod decrypt;
mod delete_alias;
mod derive_shared_secret;
mod describe_key;
mod disable_key;
mod enable_key;
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
mod get_public_key;
mod list_aliases;
mod list_key_policies;
mod list_keys;
mod list_resource_tags;
mod put_key_policy;
mod re_encrypt;
mod replicate_key;
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
        Op::CreateGrant => None,
        Op::CreateKey => Some(registered::<Kms, api::CreateKey>(kms)),
        Op::Decapsulate => Some(registered::<Kms, api::Decapsulate>(kms)),
        Op::Decrypt => Some(registered::<Kms, api::Decrypt>(kms)),
        Op::DeleteAlias => Some(registered::<Kms, api::DeleteAlias>(kms)),
        Op::DeleteImportedKeyMaterial => None,
        Op::DeriveSharedSecret => Some(registered::<Kms, api::DeriveSharedSecret>(kms)),
        Op::DescribeKey => Some(registered::<Kms, api::DescribeKey>(kms)),
        Op::DisableKey => Some(registered::<Kms, api::DisableKey>(kms)),
        Op::DisableKeyRotation => None,
        Op::EnableKey => Some(registered::<Kms, api::EnableKey>(kms)),
        Op::EnableKeyRotation => None,
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
        Op::GetKeyRotationStatus => None,
        Op::GetParametersForImport => None,
        Op::GetPublicKey => Some(registered::<Kms, api::GetPublicKey>(kms)),
        Op::ImportKeyMaterial => None,
        Op::ListAliases => Some(registered::<Kms, api::ListAliases>(kms)),
        Op::ListGrants => None,
        Op::ListKeyPolicies => Some(registered::<Kms, api::ListKeyPolicies>(kms)),
        Op::ListKeyRotations => None,
        Op::ListKeys => Some(registered::<Kms, api::ListKeys>(kms)),
        Op::ListResourceTags => Some(registered::<Kms, api::ListResourceTags>(kms)),
        Op::ListRetirableGrants => None,
        Op::PutKeyPolicy => Some(registered::<Kms, api::PutKeyPolicy>(kms)),
        Op::ReEncrypt => Some(registered::<Kms, api::ReEncrypt>(kms)),
        Op::ReplicateKey => Some(registered::<Kms, api::ReplicateKey>(kms)),
        Op::RetireGrant => None,
        Op::RevokeGrant => None,
        Op::RotateKeyOnDemand => None,
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
