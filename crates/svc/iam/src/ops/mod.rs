//! The operations, one file each, and their registration.

mod add_client_id_to_open_id_connect_provider;
mod add_role_to_instance_profile;
mod add_user_to_group;
mod attach_group_policy;
mod attach_role_policy;
mod attach_user_policy;
mod change_password;
mod create_access_key;
mod create_account_alias;
mod create_group;
mod create_instance_profile;
mod create_login_profile;
mod create_open_id_connect_provider;
mod create_policy;
mod create_policy_version;
mod create_role;
mod create_saml_provider;
mod create_service_linked_role;
mod create_service_specific_credential;
mod create_user;
mod create_virtual_mfa_device;
mod deactivate_mfa_device;
mod delete_access_key;
mod delete_account_alias;
mod delete_account_password_policy;
mod delete_group;
mod delete_group_policy;
mod delete_instance_profile;
mod delete_login_profile;
mod delete_open_id_connect_provider;
mod delete_policy;
mod delete_policy_version;
mod delete_role;
mod delete_role_permissions_boundary;
mod delete_role_policy;
mod delete_saml_provider;
mod delete_server_certificate;
mod delete_service_linked_role;
mod delete_service_specific_credential;
mod delete_signing_certificate;
mod delete_ssh_public_key;
mod delete_user;
mod delete_user_permissions_boundary;
mod delete_user_policy;
mod delete_virtual_mfa_device;
mod detach_group_policy;
mod detach_role_policy;
mod detach_user_policy;
mod disable_organizations_root_credentials_management;
mod disable_organizations_root_sessions;
mod disable_outbound_web_identity_federation;
mod enable_mfa_device;
mod enable_organizations_root_credentials_management;
mod enable_organizations_root_sessions;
mod enable_outbound_web_identity_federation;
mod generate_credential_report;
mod generate_service_last_accessed_details;
mod get_access_key_last_used;
mod get_account_authorization_details;
mod get_account_password_policy;
mod get_account_properties;
mod get_account_summary;
mod get_context_keys_for_custom_policy;
mod get_context_keys_for_principal_policy;
mod get_credential_report;
mod get_group;
mod get_group_policy;
mod get_instance_profile;
mod get_login_profile;
mod get_mfa_device;
mod get_open_id_connect_provider;
mod get_outbound_web_identity_federation_info;
mod get_policy;
mod get_policy_version;
mod get_role;
mod get_role_policy;
mod get_saml_provider;
mod get_server_certificate;
mod get_service_last_accessed_details;
mod get_service_last_accessed_details_with_entities;
mod get_service_linked_role_deletion_status;
mod get_ssh_public_key;
mod get_user;
mod get_user_policy;
mod list_access_keys;
mod list_account_aliases;
mod list_attached_group_policies;
mod list_attached_role_policies;
mod list_attached_user_policies;
mod list_entities_for_policy;
mod list_group_policies;
mod list_groups;
mod list_groups_for_user;
mod list_instance_profile_tags;
mod list_instance_profiles;
mod list_instance_profiles_for_role;
mod list_mfa_device_tags;
mod list_mfa_devices;
mod list_open_id_connect_provider_tags;
mod list_open_id_connect_providers;
mod list_organizations_features;
mod list_policies;
mod list_policies_granting_service_access;
mod list_policy_tags;
mod list_policy_versions;
mod list_role_policies;
mod list_role_tags;
mod list_roles;
mod list_saml_provider_tags;
mod list_saml_providers;
mod list_server_certificate_tags;
mod list_server_certificates;
mod list_service_specific_credentials;
mod list_signing_certificates;
mod list_ssh_public_keys;
mod list_user_policies;
mod list_user_tags;
mod list_users;
mod list_virtual_mfa_devices;
mod put_group_policy;
mod put_role_permissions_boundary;
mod put_role_policy;
mod put_user_permissions_boundary;
mod put_user_policy;
mod remove_client_id_from_open_id_connect_provider;
mod remove_role_from_instance_profile;
mod remove_user_from_group;
mod reset_service_specific_credential;
mod resync_mfa_device;
mod set_default_policy_version;
mod set_security_token_service_preferences;
mod simulate_custom_policy;
mod simulate_principal_policy;
mod tag_instance_profile;
mod tag_mfa_device;
mod tag_open_id_connect_provider;
mod tag_policy;
mod tag_role;
mod tag_saml_provider;
mod tag_server_certificate;
mod tag_user;
mod untag_instance_profile;
mod untag_mfa_device;
mod untag_open_id_connect_provider;
mod untag_policy;
mod untag_role;
mod untag_saml_provider;
mod untag_server_certificate;
mod untag_user;
mod update_access_key;
mod update_account_password_policy;
mod update_assume_role_policy;
mod update_group;
mod update_login_profile;
mod update_open_id_connect_provider_thumbprint;
mod update_role;
mod update_role_description;
mod update_saml_provider;
mod update_server_certificate;
mod update_service_specific_credential;
mod update_signing_certificate;
mod update_ssh_public_key;
mod update_user;
mod upload_server_certificate;
mod upload_signing_certificate;
mod upload_ssh_public_key;

use std::sync::Arc;

use garrison_api_iam::{Op, operations};
use garrison_kernel::{AnyOperation, registered};

use crate::service::Iam;

/// An operation of the service.
///
/// The match is exhaustive: a new operation of the interface does not build until it stands here.
#[expect(clippy::too_many_lines, reason = "one line for each operation")]
pub(crate) fn operation(op: Op, service: &Arc<Iam>) -> Box<dyn AnyOperation> {
    match op {
        Op::AddClientIDToOpenIDConnectProvider => {
            registered::<_, operations::AddClientIDToOpenIDConnectProvider>(service)
        }
        Op::AddRoleToInstanceProfile => registered::<_, operations::AddRoleToInstanceProfile>(service),
        Op::AddUserToGroup => registered::<_, operations::AddUserToGroup>(service),
        Op::AttachGroupPolicy => registered::<_, operations::AttachGroupPolicy>(service),
        Op::AttachRolePolicy => registered::<_, operations::AttachRolePolicy>(service),
        Op::AttachUserPolicy => registered::<_, operations::AttachUserPolicy>(service),
        Op::ChangePassword => registered::<_, operations::ChangePassword>(service),
        Op::CreateAccessKey => registered::<_, operations::CreateAccessKey>(service),
        Op::CreateAccountAlias => registered::<_, operations::CreateAccountAlias>(service),
        Op::CreateGroup => registered::<_, operations::CreateGroup>(service),
        Op::CreateInstanceProfile => registered::<_, operations::CreateInstanceProfile>(service),
        Op::CreateLoginProfile => registered::<_, operations::CreateLoginProfile>(service),
        Op::CreateOpenIDConnectProvider => registered::<_, operations::CreateOpenIDConnectProvider>(service),
        Op::CreatePolicy => registered::<_, operations::CreatePolicy>(service),
        Op::CreatePolicyVersion => registered::<_, operations::CreatePolicyVersion>(service),
        Op::CreateRole => registered::<_, operations::CreateRole>(service),
        Op::CreateSAMLProvider => registered::<_, operations::CreateSAMLProvider>(service),
        Op::CreateServiceLinkedRole => registered::<_, operations::CreateServiceLinkedRole>(service),
        Op::CreateServiceSpecificCredential => {
            registered::<_, operations::CreateServiceSpecificCredential>(service)
        }
        Op::CreateUser => registered::<_, operations::CreateUser>(service),
        Op::CreateVirtualMFADevice => registered::<_, operations::CreateVirtualMFADevice>(service),
        Op::DeactivateMFADevice => registered::<_, operations::DeactivateMFADevice>(service),
        Op::DeleteAccessKey => registered::<_, operations::DeleteAccessKey>(service),
        Op::DeleteAccountAlias => registered::<_, operations::DeleteAccountAlias>(service),
        Op::DeleteAccountPasswordPolicy => registered::<_, operations::DeleteAccountPasswordPolicy>(service),
        Op::DeleteGroup => registered::<_, operations::DeleteGroup>(service),
        Op::DeleteGroupPolicy => registered::<_, operations::DeleteGroupPolicy>(service),
        Op::DeleteInstanceProfile => registered::<_, operations::DeleteInstanceProfile>(service),
        Op::DeleteLoginProfile => registered::<_, operations::DeleteLoginProfile>(service),
        Op::DeleteOpenIDConnectProvider => registered::<_, operations::DeleteOpenIDConnectProvider>(service),
        Op::DeletePolicy => registered::<_, operations::DeletePolicy>(service),
        Op::DeletePolicyVersion => registered::<_, operations::DeletePolicyVersion>(service),
        Op::DeleteRole => registered::<_, operations::DeleteRole>(service),
        Op::DeleteRolePermissionsBoundary => {
            registered::<_, operations::DeleteRolePermissionsBoundary>(service)
        }
        Op::DeleteRolePolicy => registered::<_, operations::DeleteRolePolicy>(service),
        Op::DeleteSAMLProvider => registered::<_, operations::DeleteSAMLProvider>(service),
        Op::DeleteSSHPublicKey => registered::<_, operations::DeleteSSHPublicKey>(service),
        Op::DeleteServerCertificate => registered::<_, operations::DeleteServerCertificate>(service),
        Op::DeleteServiceLinkedRole => registered::<_, operations::DeleteServiceLinkedRole>(service),
        Op::DeleteServiceSpecificCredential => {
            registered::<_, operations::DeleteServiceSpecificCredential>(service)
        }
        Op::DeleteSigningCertificate => registered::<_, operations::DeleteSigningCertificate>(service),
        Op::DeleteUser => registered::<_, operations::DeleteUser>(service),
        Op::DeleteUserPermissionsBoundary => {
            registered::<_, operations::DeleteUserPermissionsBoundary>(service)
        }
        Op::DeleteUserPolicy => registered::<_, operations::DeleteUserPolicy>(service),
        Op::DeleteVirtualMFADevice => registered::<_, operations::DeleteVirtualMFADevice>(service),
        Op::DetachGroupPolicy => registered::<_, operations::DetachGroupPolicy>(service),
        Op::DetachRolePolicy => registered::<_, operations::DetachRolePolicy>(service),
        Op::DetachUserPolicy => registered::<_, operations::DetachUserPolicy>(service),
        Op::DisableOrganizationsRootCredentialsManagement => {
            registered::<_, operations::DisableOrganizationsRootCredentialsManagement>(service)
        }
        Op::DisableOrganizationsRootSessions => {
            registered::<_, operations::DisableOrganizationsRootSessions>(service)
        }
        Op::DisableOutboundWebIdentityFederation => {
            registered::<_, operations::DisableOutboundWebIdentityFederation>(service)
        }
        Op::EnableMFADevice => registered::<_, operations::EnableMFADevice>(service),
        Op::EnableOrganizationsRootCredentialsManagement => {
            registered::<_, operations::EnableOrganizationsRootCredentialsManagement>(service)
        }
        Op::EnableOrganizationsRootSessions => {
            registered::<_, operations::EnableOrganizationsRootSessions>(service)
        }
        Op::EnableOutboundWebIdentityFederation => {
            registered::<_, operations::EnableOutboundWebIdentityFederation>(service)
        }
        Op::GenerateCredentialReport => registered::<_, operations::GenerateCredentialReport>(service),
        Op::GenerateServiceLastAccessedDetails => {
            registered::<_, operations::GenerateServiceLastAccessedDetails>(service)
        }
        Op::GetAccessKeyLastUsed => registered::<_, operations::GetAccessKeyLastUsed>(service),
        Op::GetAccountAuthorizationDetails => {
            registered::<_, operations::GetAccountAuthorizationDetails>(service)
        }
        Op::GetAccountPasswordPolicy => registered::<_, operations::GetAccountPasswordPolicy>(service),
        Op::GetAccountProperties => registered::<_, operations::GetAccountProperties>(service),
        Op::GetAccountSummary => registered::<_, operations::GetAccountSummary>(service),
        Op::GetContextKeysForCustomPolicy => {
            registered::<_, operations::GetContextKeysForCustomPolicy>(service)
        }
        Op::GetContextKeysForPrincipalPolicy => {
            registered::<_, operations::GetContextKeysForPrincipalPolicy>(service)
        }
        Op::GetCredentialReport => registered::<_, operations::GetCredentialReport>(service),
        Op::GetGroup => registered::<_, operations::GetGroup>(service),
        Op::GetGroupPolicy => registered::<_, operations::GetGroupPolicy>(service),
        Op::GetInstanceProfile => registered::<_, operations::GetInstanceProfile>(service),
        Op::GetLoginProfile => registered::<_, operations::GetLoginProfile>(service),
        Op::GetMFADevice => registered::<_, operations::GetMFADevice>(service),
        Op::GetOpenIDConnectProvider => registered::<_, operations::GetOpenIDConnectProvider>(service),
        Op::GetOutboundWebIdentityFederationInfo => {
            registered::<_, operations::GetOutboundWebIdentityFederationInfo>(service)
        }
        Op::GetPolicy => registered::<_, operations::GetPolicy>(service),
        Op::GetPolicyVersion => registered::<_, operations::GetPolicyVersion>(service),
        Op::GetRole => registered::<_, operations::GetRole>(service),
        Op::GetRolePolicy => registered::<_, operations::GetRolePolicy>(service),
        Op::GetSAMLProvider => registered::<_, operations::GetSAMLProvider>(service),
        Op::GetSSHPublicKey => registered::<_, operations::GetSSHPublicKey>(service),
        Op::GetServerCertificate => registered::<_, operations::GetServerCertificate>(service),
        Op::GetServiceLastAccessedDetails => {
            registered::<_, operations::GetServiceLastAccessedDetails>(service)
        }
        Op::GetServiceLastAccessedDetailsWithEntities => {
            registered::<_, operations::GetServiceLastAccessedDetailsWithEntities>(service)
        }
        Op::GetServiceLinkedRoleDeletionStatus => {
            registered::<_, operations::GetServiceLinkedRoleDeletionStatus>(service)
        }
        Op::GetUser => registered::<_, operations::GetUser>(service),
        Op::GetUserPolicy => registered::<_, operations::GetUserPolicy>(service),
        Op::ListAccessKeys => registered::<_, operations::ListAccessKeys>(service),
        Op::ListAccountAliases => registered::<_, operations::ListAccountAliases>(service),
        Op::ListAttachedGroupPolicies => registered::<_, operations::ListAttachedGroupPolicies>(service),
        Op::ListAttachedRolePolicies => registered::<_, operations::ListAttachedRolePolicies>(service),
        Op::ListAttachedUserPolicies => registered::<_, operations::ListAttachedUserPolicies>(service),
        Op::ListEntitiesForPolicy => registered::<_, operations::ListEntitiesForPolicy>(service),
        Op::ListGroupPolicies => registered::<_, operations::ListGroupPolicies>(service),
        Op::ListGroups => registered::<_, operations::ListGroups>(service),
        Op::ListGroupsForUser => registered::<_, operations::ListGroupsForUser>(service),
        Op::ListInstanceProfileTags => registered::<_, operations::ListInstanceProfileTags>(service),
        Op::ListInstanceProfiles => registered::<_, operations::ListInstanceProfiles>(service),
        Op::ListInstanceProfilesForRole => registered::<_, operations::ListInstanceProfilesForRole>(service),
        Op::ListMFADeviceTags => registered::<_, operations::ListMFADeviceTags>(service),
        Op::ListMFADevices => registered::<_, operations::ListMFADevices>(service),
        Op::ListOpenIDConnectProviderTags => {
            registered::<_, operations::ListOpenIDConnectProviderTags>(service)
        }
        Op::ListOpenIDConnectProviders => registered::<_, operations::ListOpenIDConnectProviders>(service),
        Op::ListOrganizationsFeatures => registered::<_, operations::ListOrganizationsFeatures>(service),
        Op::ListPolicies => registered::<_, operations::ListPolicies>(service),
        Op::ListPoliciesGrantingServiceAccess => {
            registered::<_, operations::ListPoliciesGrantingServiceAccess>(service)
        }
        Op::ListPolicyTags => registered::<_, operations::ListPolicyTags>(service),
        Op::ListPolicyVersions => registered::<_, operations::ListPolicyVersions>(service),
        Op::ListRolePolicies => registered::<_, operations::ListRolePolicies>(service),
        Op::ListRoleTags => registered::<_, operations::ListRoleTags>(service),
        Op::ListRoles => registered::<_, operations::ListRoles>(service),
        Op::ListSAMLProviderTags => registered::<_, operations::ListSAMLProviderTags>(service),
        Op::ListSAMLProviders => registered::<_, operations::ListSAMLProviders>(service),
        Op::ListSSHPublicKeys => registered::<_, operations::ListSSHPublicKeys>(service),
        Op::ListServerCertificateTags => registered::<_, operations::ListServerCertificateTags>(service),
        Op::ListServerCertificates => registered::<_, operations::ListServerCertificates>(service),
        Op::ListServiceSpecificCredentials => {
            registered::<_, operations::ListServiceSpecificCredentials>(service)
        }
        Op::ListSigningCertificates => registered::<_, operations::ListSigningCertificates>(service),
        Op::ListUserPolicies => registered::<_, operations::ListUserPolicies>(service),
        Op::ListUserTags => registered::<_, operations::ListUserTags>(service),
        Op::ListUsers => registered::<_, operations::ListUsers>(service),
        Op::ListVirtualMFADevices => registered::<_, operations::ListVirtualMFADevices>(service),
        Op::PutGroupPolicy => registered::<_, operations::PutGroupPolicy>(service),
        Op::PutRolePermissionsBoundary => registered::<_, operations::PutRolePermissionsBoundary>(service),
        Op::PutRolePolicy => registered::<_, operations::PutRolePolicy>(service),
        Op::PutUserPermissionsBoundary => registered::<_, operations::PutUserPermissionsBoundary>(service),
        Op::PutUserPolicy => registered::<_, operations::PutUserPolicy>(service),
        Op::RemoveClientIDFromOpenIDConnectProvider => {
            registered::<_, operations::RemoveClientIDFromOpenIDConnectProvider>(service)
        }
        Op::RemoveRoleFromInstanceProfile => {
            registered::<_, operations::RemoveRoleFromInstanceProfile>(service)
        }
        Op::RemoveUserFromGroup => registered::<_, operations::RemoveUserFromGroup>(service),
        Op::ResetServiceSpecificCredential => {
            registered::<_, operations::ResetServiceSpecificCredential>(service)
        }
        Op::ResyncMFADevice => registered::<_, operations::ResyncMFADevice>(service),
        Op::SetDefaultPolicyVersion => registered::<_, operations::SetDefaultPolicyVersion>(service),
        Op::SetSecurityTokenServicePreferences => {
            registered::<_, operations::SetSecurityTokenServicePreferences>(service)
        }
        Op::SimulateCustomPolicy => registered::<_, operations::SimulateCustomPolicy>(service),
        Op::SimulatePrincipalPolicy => registered::<_, operations::SimulatePrincipalPolicy>(service),
        Op::TagInstanceProfile => registered::<_, operations::TagInstanceProfile>(service),
        Op::TagMFADevice => registered::<_, operations::TagMFADevice>(service),
        Op::TagOpenIDConnectProvider => registered::<_, operations::TagOpenIDConnectProvider>(service),
        Op::TagPolicy => registered::<_, operations::TagPolicy>(service),
        Op::TagRole => registered::<_, operations::TagRole>(service),
        Op::TagSAMLProvider => registered::<_, operations::TagSAMLProvider>(service),
        Op::TagServerCertificate => registered::<_, operations::TagServerCertificate>(service),
        Op::TagUser => registered::<_, operations::TagUser>(service),
        Op::UntagInstanceProfile => registered::<_, operations::UntagInstanceProfile>(service),
        Op::UntagMFADevice => registered::<_, operations::UntagMFADevice>(service),
        Op::UntagOpenIDConnectProvider => registered::<_, operations::UntagOpenIDConnectProvider>(service),
        Op::UntagPolicy => registered::<_, operations::UntagPolicy>(service),
        Op::UntagRole => registered::<_, operations::UntagRole>(service),
        Op::UntagSAMLProvider => registered::<_, operations::UntagSAMLProvider>(service),
        Op::UntagServerCertificate => registered::<_, operations::UntagServerCertificate>(service),
        Op::UntagUser => registered::<_, operations::UntagUser>(service),
        Op::UpdateAccessKey => registered::<_, operations::UpdateAccessKey>(service),
        Op::UpdateAccountPasswordPolicy => registered::<_, operations::UpdateAccountPasswordPolicy>(service),
        Op::UpdateAssumeRolePolicy => registered::<_, operations::UpdateAssumeRolePolicy>(service),
        Op::UpdateGroup => registered::<_, operations::UpdateGroup>(service),
        Op::UpdateLoginProfile => registered::<_, operations::UpdateLoginProfile>(service),
        Op::UpdateOpenIDConnectProviderThumbprint => {
            registered::<_, operations::UpdateOpenIDConnectProviderThumbprint>(service)
        }
        Op::UpdateRole => registered::<_, operations::UpdateRole>(service),
        Op::UpdateRoleDescription => registered::<_, operations::UpdateRoleDescription>(service),
        Op::UpdateSAMLProvider => registered::<_, operations::UpdateSAMLProvider>(service),
        Op::UpdateSSHPublicKey => registered::<_, operations::UpdateSSHPublicKey>(service),
        Op::UpdateServerCertificate => registered::<_, operations::UpdateServerCertificate>(service),
        Op::UpdateServiceSpecificCredential => {
            registered::<_, operations::UpdateServiceSpecificCredential>(service)
        }
        Op::UpdateSigningCertificate => registered::<_, operations::UpdateSigningCertificate>(service),
        Op::UpdateUser => registered::<_, operations::UpdateUser>(service),
        Op::UploadSSHPublicKey => registered::<_, operations::UploadSSHPublicKey>(service),
        Op::UploadServerCertificate => registered::<_, operations::UploadServerCertificate>(service),
        Op::UploadSigningCertificate => registered::<_, operations::UploadSigningCertificate>(service),
    }
}
