//! The operations, one file each, and their registration.

mod accept_handshake;
mod attach_policy;
mod cancel_handshake;
mod close_account;
mod create_account;
mod create_gov_cloud_account;
mod create_organization;
mod create_organizational_unit;
mod create_policy;
mod decline_handshake;
mod delete_organization;
mod delete_organizational_unit;
mod delete_policy;
mod delete_resource_policy;
mod deregister_delegated_administrator;
mod describe_account;
mod describe_create_account_status;
mod describe_effective_policy;
mod describe_handshake;
mod describe_organization;
mod describe_organizational_unit;
mod describe_policy;
mod describe_resource_policy;
mod describe_responsibility_transfer;
mod detach_policy;
mod disable_aws_service_access;
mod disable_policy_type;
mod enable_all_features;
mod enable_aws_service_access;
mod enable_policy_type;
mod invite_account_to_organization;
mod invite_organization_to_transfer_responsibility;
mod leave_organization;
mod list_accounts;
mod list_accounts_for_parent;
mod list_accounts_with_invalid_effective_policy;
mod list_aws_service_access_for_organization;
mod list_children;
mod list_create_account_status;
mod list_delegated_administrators;
mod list_delegated_services_for_account;
mod list_effective_policy_validation_errors;
mod list_handshakes_for_account;
mod list_handshakes_for_organization;
mod list_inbound_responsibility_transfers;
mod list_organizational_units_for_parent;
mod list_outbound_responsibility_transfers;
mod list_parents;
mod list_policies;
mod list_policies_for_target;
mod list_roots;
mod list_tags_for_resource;
mod list_targets_for_policy;
mod move_account;
mod put_resource_policy;
mod register_delegated_administrator;
mod remove_account_from_organization;
mod tag_resource;
mod terminate_responsibility_transfer;
mod untag_resource;
mod update_organizational_unit;
mod update_policy;
mod update_responsibility_transfer;

use std::sync::Arc;

use garrison_api_organizations::{Op, operations};
use garrison_kernel::{AnyOperation, registered};

use crate::act::handlers;
use crate::service::Organizations;

handlers! {
    AcceptHandshake,
    AttachPolicy,
    CancelHandshake,
    CloseAccount,
    CreateAccount,
    CreateGovCloudAccount,
    CreateOrganization,
    CreateOrganizationalUnit,
    CreatePolicy,
    DeclineHandshake,
    DeleteOrganization,
    DeleteOrganizationalUnit,
    DeletePolicy,
    DeleteResourcePolicy,
    DeregisterDelegatedAdministrator,
    DescribeAccount,
    DescribeCreateAccountStatus,
    DescribeEffectivePolicy,
    DescribeHandshake,
    DescribeOrganization,
    DescribeOrganizationalUnit,
    DescribePolicy,
    DescribeResourcePolicy,
    DescribeResponsibilityTransfer,
    DetachPolicy,
    DisableAWSServiceAccess,
    DisablePolicyType,
    EnableAWSServiceAccess,
    EnableAllFeatures,
    EnablePolicyType,
    InviteAccountToOrganization,
    InviteOrganizationToTransferResponsibility,
    LeaveOrganization,
    ListAWSServiceAccessForOrganization,
    ListAccounts,
    ListAccountsForParent,
    ListAccountsWithInvalidEffectivePolicy,
    ListChildren,
    ListCreateAccountStatus,
    ListDelegatedAdministrators,
    ListDelegatedServicesForAccount,
    ListEffectivePolicyValidationErrors,
    ListHandshakesForAccount,
    ListHandshakesForOrganization,
    ListInboundResponsibilityTransfers,
    ListOrganizationalUnitsForParent,
    ListOutboundResponsibilityTransfers,
    ListParents,
    ListPolicies,
    ListPoliciesForTarget,
    ListRoots,
    ListTagsForResource,
    ListTargetsForPolicy,
    MoveAccount,
    PutResourcePolicy,
    RegisterDelegatedAdministrator,
    RemoveAccountFromOrganization,
    TagResource,
    TerminateResponsibilityTransfer,
    UntagResource,
    UpdateOrganizationalUnit,
    UpdatePolicy,
    UpdateResponsibilityTransfer,
}

/// An operation of the service.
///
/// The match is exhaustive: a new operation of the interface does not build until it stands here.
pub(crate) fn operation(op: Op, service: &Arc<Organizations>) -> Box<dyn AnyOperation> {
    match op {
        Op::AcceptHandshake => registered::<_, operations::AcceptHandshake>(service),
        Op::AttachPolicy => registered::<_, operations::AttachPolicy>(service),
        Op::CancelHandshake => registered::<_, operations::CancelHandshake>(service),
        Op::CloseAccount => registered::<_, operations::CloseAccount>(service),
        Op::CreateAccount => registered::<_, operations::CreateAccount>(service),
        Op::CreateGovCloudAccount => registered::<_, operations::CreateGovCloudAccount>(service),
        Op::CreateOrganization => registered::<_, operations::CreateOrganization>(service),
        Op::CreateOrganizationalUnit => registered::<_, operations::CreateOrganizationalUnit>(service),
        Op::CreatePolicy => registered::<_, operations::CreatePolicy>(service),
        Op::DeclineHandshake => registered::<_, operations::DeclineHandshake>(service),
        Op::DeleteOrganization => registered::<_, operations::DeleteOrganization>(service),
        Op::DeleteOrganizationalUnit => registered::<_, operations::DeleteOrganizationalUnit>(service),
        Op::DeletePolicy => registered::<_, operations::DeletePolicy>(service),
        Op::DeleteResourcePolicy => registered::<_, operations::DeleteResourcePolicy>(service),
        Op::DeregisterDelegatedAdministrator => {
            registered::<_, operations::DeregisterDelegatedAdministrator>(service)
        }
        Op::DescribeAccount => registered::<_, operations::DescribeAccount>(service),
        Op::DescribeCreateAccountStatus => registered::<_, operations::DescribeCreateAccountStatus>(service),
        Op::DescribeEffectivePolicy => registered::<_, operations::DescribeEffectivePolicy>(service),
        Op::DescribeHandshake => registered::<_, operations::DescribeHandshake>(service),
        Op::DescribeOrganization => registered::<_, operations::DescribeOrganization>(service),
        Op::DescribeOrganizationalUnit => registered::<_, operations::DescribeOrganizationalUnit>(service),
        Op::DescribePolicy => registered::<_, operations::DescribePolicy>(service),
        Op::DescribeResourcePolicy => registered::<_, operations::DescribeResourcePolicy>(service),
        Op::DescribeResponsibilityTransfer => {
            registered::<_, operations::DescribeResponsibilityTransfer>(service)
        }
        Op::DetachPolicy => registered::<_, operations::DetachPolicy>(service),
        Op::DisableAWSServiceAccess => registered::<_, operations::DisableAWSServiceAccess>(service),
        Op::DisablePolicyType => registered::<_, operations::DisablePolicyType>(service),
        Op::EnableAWSServiceAccess => registered::<_, operations::EnableAWSServiceAccess>(service),
        Op::EnableAllFeatures => registered::<_, operations::EnableAllFeatures>(service),
        Op::EnablePolicyType => registered::<_, operations::EnablePolicyType>(service),
        Op::InviteAccountToOrganization => registered::<_, operations::InviteAccountToOrganization>(service),
        Op::InviteOrganizationToTransferResponsibility => {
            registered::<_, operations::InviteOrganizationToTransferResponsibility>(service)
        }
        Op::LeaveOrganization => registered::<_, operations::LeaveOrganization>(service),
        Op::ListAWSServiceAccessForOrganization => {
            registered::<_, operations::ListAWSServiceAccessForOrganization>(service)
        }
        Op::ListAccounts => registered::<_, operations::ListAccounts>(service),
        Op::ListAccountsForParent => registered::<_, operations::ListAccountsForParent>(service),
        Op::ListAccountsWithInvalidEffectivePolicy => {
            registered::<_, operations::ListAccountsWithInvalidEffectivePolicy>(service)
        }
        Op::ListChildren => registered::<_, operations::ListChildren>(service),
        Op::ListCreateAccountStatus => registered::<_, operations::ListCreateAccountStatus>(service),
        Op::ListDelegatedAdministrators => registered::<_, operations::ListDelegatedAdministrators>(service),
        Op::ListDelegatedServicesForAccount => {
            registered::<_, operations::ListDelegatedServicesForAccount>(service)
        }
        Op::ListEffectivePolicyValidationErrors => {
            registered::<_, operations::ListEffectivePolicyValidationErrors>(service)
        }
        Op::ListHandshakesForAccount => registered::<_, operations::ListHandshakesForAccount>(service),
        Op::ListHandshakesForOrganization => {
            registered::<_, operations::ListHandshakesForOrganization>(service)
        }
        Op::ListInboundResponsibilityTransfers => {
            registered::<_, operations::ListInboundResponsibilityTransfers>(service)
        }
        Op::ListOrganizationalUnitsForParent => {
            registered::<_, operations::ListOrganizationalUnitsForParent>(service)
        }
        Op::ListOutboundResponsibilityTransfers => {
            registered::<_, operations::ListOutboundResponsibilityTransfers>(service)
        }
        Op::ListParents => registered::<_, operations::ListParents>(service),
        Op::ListPolicies => registered::<_, operations::ListPolicies>(service),
        Op::ListPoliciesForTarget => registered::<_, operations::ListPoliciesForTarget>(service),
        Op::ListRoots => registered::<_, operations::ListRoots>(service),
        Op::ListTagsForResource => registered::<_, operations::ListTagsForResource>(service),
        Op::ListTargetsForPolicy => registered::<_, operations::ListTargetsForPolicy>(service),
        Op::MoveAccount => registered::<_, operations::MoveAccount>(service),
        Op::PutResourcePolicy => registered::<_, operations::PutResourcePolicy>(service),
        Op::RegisterDelegatedAdministrator => {
            registered::<_, operations::RegisterDelegatedAdministrator>(service)
        }
        Op::RemoveAccountFromOrganization => {
            registered::<_, operations::RemoveAccountFromOrganization>(service)
        }
        Op::TagResource => registered::<_, operations::TagResource>(service),
        Op::TerminateResponsibilityTransfer => {
            registered::<_, operations::TerminateResponsibilityTransfer>(service)
        }
        Op::UntagResource => registered::<_, operations::UntagResource>(service),
        Op::UpdateOrganizationalUnit => registered::<_, operations::UpdateOrganizationalUnit>(service),
        Op::UpdatePolicy => registered::<_, operations::UpdatePolicy>(service),
        Op::UpdateResponsibilityTransfer => {
            registered::<_, operations::UpdateResponsibilityTransfer>(service)
        }
    }
}
