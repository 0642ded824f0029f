//! The operations, one file each, and their registration.

use std::sync::Arc;

use garrison_api_kms::Op;
use garrison_kernel::AnyOperation;

use crate::service::Kms;

/// An operation of KMS; none when it is not built yet.
///
/// The match is exhaustive: a new operation of the interface does not build until it stands here.
pub(crate) fn operation(op: Op, kms: &Arc<Kms>) -> Option<Box<dyn AnyOperation>> {
    let _ = kms;
    match op {
        Op::CancelKeyDeletion => None,
        Op::CreateAlias => None,
        Op::CreateGrant => None,
        Op::CreateKey => None,
        Op::Decapsulate => None,
        Op::Decrypt => None,
        Op::DeleteAlias => None,
        Op::DeleteImportedKeyMaterial => None,
        Op::DeriveSharedSecret => None,
        Op::DescribeKey => None,
        Op::DisableKey => None,
        Op::DisableKeyRotation => None,
        Op::EnableKey => None,
        Op::EnableKeyRotation => None,
        Op::Encapsulate => None,
        Op::Encrypt => None,
        Op::GenerateDataKey => None,
        Op::GenerateDataKeyPair => None,
        Op::GenerateDataKeyPairWithoutPlaintext => None,
        Op::GenerateDataKeyWithoutPlaintext => None,
        Op::GenerateMac => None,
        Op::GenerateRandom => None,
        Op::GetKeyLastUsage => None,
        Op::GetKeyPolicy => None,
        Op::GetKeyRotationStatus => None,
        Op::GetParametersForImport => None,
        Op::GetPublicKey => None,
        Op::ImportKeyMaterial => None,
        Op::ListAliases => None,
        Op::ListGrants => None,
        Op::ListKeyPolicies => None,
        Op::ListKeyRotations => None,
        Op::ListKeys => None,
        Op::ListResourceTags => None,
        Op::ListRetirableGrants => None,
        Op::PutKeyPolicy => None,
        Op::ReEncrypt => None,
        Op::ReplicateKey => None,
        Op::RetireGrant => None,
        Op::RevokeGrant => None,
        Op::RotateKeyOnDemand => None,
        Op::ScheduleKeyDeletion => None,
        Op::Sign => None,
        Op::TagResource => None,
        Op::UntagResource => None,
        Op::UpdateAlias => None,
        Op::UpdateKeyDescription => None,
        Op::UpdatePrimaryRegion => None,
        Op::Verify => None,
        Op::VerifyMac => None,
    }
}
