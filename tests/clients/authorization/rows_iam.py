"""What each operation of IAM is called with. Members that a row leaves out come from `MEMBERS`."""

from __future__ import annotations

import totp
from material import certificate, saml_metadata, ssh_public_key
from rows import Row
from world import HARMLESS, PASSWORD, TAGS, World, document, trusting

SERVICE_LINKED = {"made": "autoscaling.amazonaws.com", "deleted": "backup.amazonaws.com"}

MEMBERS = {
    "UserName": lambda w: w.the(World.user),
    "GroupName": lambda w: w.the(World.group),
    "RoleName": lambda w: w.the(World.role),
    "InstanceProfileName": lambda w: w.the(World.instance_profile),
    "PolicyArn": lambda w: w.the(World.policy),
    "OpenIDConnectProviderArn": lambda w: w.the(World.open_id_provider),
    "SAMLProviderArn": lambda w: w.the(World.saml_provider),
    "ServerCertificateName": lambda w: w.the(World.server_certificate),
    "SerialNumber": lambda w: w.the(World.device)[0],
    "PolicyName": lambda w: "inline",
    "PolicyDocument": lambda w: HARMLESS,
    "PermissionsBoundary": lambda w: w.the(World.policy),
    "AssumeRolePolicyDocument": lambda w: trusting({"AWS": w.number}),
    "Tags": lambda w: TAGS,
    "TagKeys": lambda w: ["made"],
    "ClientID": lambda w: "another-client",
    "ThumbprintList": lambda w: ["1" * 40],
    "Status": lambda w: "Inactive",
    "Description": lambda w: "described",
    "VersionId": lambda w: "v1",
    "ServiceNamespaces": lambda w: ["s3"],
    "ServiceNamespace": lambda w: "s3",
    "PolicyInputList": lambda w: [HARMLESS],
    "ActionNames": lambda w: ["s3:GetObject"],
    "PolicySourceArn": lambda w: w.arns[w.the(World.user)][0],
    "Encoding": lambda w: "SSH",
}


def with_inline(kind: str):
    """Something with an inline policy."""

    def make(w: World) -> dict:
        member, name = f"{kind.capitalize()}Name", getattr(w, kind)()
        put = getattr(w.iam, f"put_{kind}_policy")
        put(**{member: name}, PolicyName="inline", PolicyDocument=HARMLESS)
        return {member: name}

    return make


def with_attached(kind: str):
    """Something with a managed policy."""

    def make(w: World) -> dict:
        named = {f"{kind.capitalize()}Name": getattr(w, kind)(), "PolicyArn": w.policy()}
        getattr(w.iam, f"attach_{kind}_policy")(**named)
        return named

    return make


def with_boundary(kind: str):
    """Something with a permissions boundary."""

    def make(w: World) -> dict:
        named = {f"{kind.capitalize()}Name": getattr(w, kind)()}
        getattr(w.iam, f"put_{kind}_permissions_boundary")(**named, PermissionsBoundary=w.policy())
        return named

    return make


def of(member: str, make):
    """A new thing, under the name of a member."""
    return lambda w: {member: make(w)}


def profile_with_role(w: World) -> dict:
    named = {"InstanceProfileName": w.instance_profile(), "RoleName": w.role()}
    w.iam.add_role_to_instance_profile(**named)
    return named


def profile_and_role(w: World) -> Row:
    profile, role = w.instance_profile(), w.role()
    about = {"iam:AddRoleToInstanceProfile": w.arns[profile], "iam:PassRole": w.arns[role]}
    return Row({"InstanceProfileName": profile, "RoleName": role}, about)


def member_of_group(w: World) -> dict:
    named = {"GroupName": w.group(), "UserName": w.user()}
    w.iam.add_user_to_group(**named)
    return named


def login_profile(w: World) -> dict:
    user = w.user()
    w.iam.create_login_profile(UserName=user, Password=PASSWORD)
    return {"UserName": user}


def own_password(w: World) -> Row:
    arguments = {"OldPassword": PASSWORD, "NewPassword": "An0ther passw0rd!"}
    return Row(arguments, {"iam:ChangePassword": [w.caller.user_arn]})


def new_open_id_provider(w: World) -> Row:
    host = f"{w.name('issuer')}.example.com"
    arguments = {"Url": f"https://{host}/path", "ClientIDList": ["client"], "ThumbprintList": ["0" * 40]}
    return Row(arguments, {"iam:CreateOpenIDConnectProvider": [w.arn("iam", f"oidc-provider/{host}/path")]})


def client_of_provider(w: World) -> dict:
    return {"OpenIDConnectProviderArn": w.open_id_provider(), "ClientID": "client"}


def new_service_linked_role(w: World) -> Row:
    service = SERVICE_LINKED["made"]
    role = w.arn("iam", f"role/aws-service-role/{service}/AWSServiceRoleForAutoScaling")
    return Row({"AWSServiceName": service}, {"iam:CreateServiceLinkedRole": [role]})


def deletion_of_role(w: World) -> Row:
    name = w.service_linked_role(SERVICE_LINKED["deleted"])
    task = w.iam.delete_service_linked_role(RoleName=name)["DeletionTaskId"]
    return Row({"DeletionTaskId": task}, {"iam:GetServiceLinkedRoleDeletionStatus": w.arns[name]})


def device_to_enable(w: World) -> dict:
    serial, seed = w.device()
    return {"UserName": w.user(), "SerialNumber": serial, **totp.codes(seed)}


def device_to_resync(w: World) -> dict:
    user, serial, seed = w.user_with_device()
    return {"UserName": user, "SerialNumber": serial, **totp.codes(seed, ahead=2)}


def enabled_device(w: World) -> dict:
    user, serial, _ = w.user_with_device()
    return {"UserName": user, "SerialNumber": serial}


def new_server_certificate(w: World) -> dict:
    pem, key = certificate()
    return {"ServerCertificateName": w.future("server-certificate"), "CertificateBody": pem, "PrivateKey": key}


def last_use_of_key(w: World) -> Row:
    made = w.access_key()
    return Row({"AccessKeyId": made["AccessKeyId"]}, {"iam:GetAccessKeyLastUsed": w.arns[made["UserName"]]})


def alias_of_account(w: World) -> dict:
    alias = w.name("garrison-account")
    w.iam.create_account_alias(AccountAlias=alias)
    return {"AccountAlias": alias}


def password_policy(w: World) -> dict:
    w.iam.update_account_password_policy(MinimumPasswordLength=10)
    return {}


def credential_report(w: World) -> dict:
    w.iam.generate_credential_report()
    return {}


def last_accessed(w: World) -> dict:
    user = w.arns[w.the(World.user)][0]
    return {"JobId": w.iam.generate_service_last_accessed_details(Arn=user)["JobId"]}


def root_access(w: World) -> dict:
    """The organization lets IAM in, as centralized root access demands."""
    w.organization()
    w.organizations.enable_aws_service_access(ServicePrincipal="iam.amazonaws.com")
    return {}


def root_credentials(w: World) -> dict:
    root_access(w)
    w.iam.enable_organizations_root_credentials_management()
    return {}


def root_sessions(w: World) -> dict:
    root_access(w)
    w.iam.enable_organizations_root_sessions()
    return {}


def web_identities(enabled: bool):
    def make(w: World) -> dict:
        w.web_identities(enabled)
        return {}

    return make


def moved(resource_type: str, make, member: str):
    """Something that gets another path. Who moves it needs the permission on what it was and on what it becomes."""

    def row(w: World) -> dict:
        name = make(w)
        w.known(name, w.arn("iam", f"{resource_type}/moved/{name}"))
        return {member: name, "NewPath": "/moved/"}

    return row


def tagged(kind, member: str):
    """Something with the tag that goes."""

    def make(w: World) -> dict:
        name = kind(w)
        name = name[0] if isinstance(name, tuple) else name
        what = kind.__name__
        tag = {"device": "mfa_device", "open_id_provider": "open_id_connect_provider"}.get(what, what)
        getattr(w.iam, f"tag_{tag}")(**{member: name}, Tags=TAGS)
        return {member: name}

    return make


ROWS = {
    "AddRoleToInstanceProfile": profile_and_role,
    "ChangePassword": own_password,
    "CreateAccessKey": of("UserName", World.user),
    "CreateAccountAlias": lambda w: {"AccountAlias": w.name("garrison-account")},
    "CreateGroup": lambda w: {"GroupName": w.future("group")},
    "CreateInstanceProfile": lambda w: {"InstanceProfileName": w.future("instance-profile")},
    "CreateLoginProfile": lambda w: {"UserName": w.user(), "Password": PASSWORD},
    "CreateOpenIDConnectProvider": new_open_id_provider,
    "CreatePolicy": lambda w: {"PolicyName": w.future("policy")},
    "CreatePolicyVersion": of("PolicyArn", World.policy),
    "CreateRole": lambda w: {"RoleName": w.future("role")},
    "CreateSAMLProvider": lambda w: {"Name": w.future("saml-provider"), "SAMLMetadataDocument": saml_metadata()},
    "CreateServiceLinkedRole": new_service_linked_role,
    "CreateServiceSpecificCredential": lambda w: {"UserName": w.user(), "ServiceName": "codecommit.amazonaws.com"},
    "CreateUser": lambda w: {"UserName": w.future("user")},
    "CreateVirtualMFADevice": lambda w: {"VirtualMFADeviceName": w.future("mfa")},
    "DeactivateMFADevice": enabled_device,
    "DeleteAccessKey": World.access_key,
    "DeleteAccountAlias": alias_of_account,
    "DeleteAccountPasswordPolicy": password_policy,
    "DeleteGroup": of("GroupName", World.group),
    "DeleteGroupPolicy": with_inline("group"),
    "DeleteInstanceProfile": of("InstanceProfileName", World.instance_profile),
    "DeleteLoginProfile": login_profile,
    "DeleteOpenIDConnectProvider": of("OpenIDConnectProviderArn", World.open_id_provider),
    "DeletePolicy": of("PolicyArn", World.policy),
    "DeletePolicyVersion": of("PolicyArn", World.two_versions),
    "DeleteRole": of("RoleName", World.role),
    "DeleteRolePermissionsBoundary": with_boundary("role"),
    "DeleteRolePolicy": with_inline("role"),
    "DeleteSAMLProvider": of("SAMLProviderArn", World.saml_provider),
    "DeleteSSHPublicKey": World.ssh_key,
    "DeleteServerCertificate": of("ServerCertificateName", World.server_certificate),
    "DeleteServiceLinkedRole": lambda w: {"RoleName": w.service_linked_role(SERVICE_LINKED["deleted"])},
    "DeleteServiceSpecificCredential": World.service_credential,
    "DeleteSigningCertificate": World.signing_certificate,
    "DeleteUser": of("UserName", World.user),
    "DeleteUserPermissionsBoundary": with_boundary("user"),
    "DeleteUserPolicy": with_inline("user"),
    "DeleteVirtualMFADevice": lambda w: {"SerialNumber": w.device()[0]},
    "DetachGroupPolicy": with_attached("group"),
    "DetachRolePolicy": with_attached("role"),
    "DetachUserPolicy": with_attached("user"),
    "DisableOrganizationsRootCredentialsManagement": root_credentials,
    "DisableOrganizationsRootSessions": root_sessions,
    "DisableOutboundWebIdentityFederation": web_identities(True),
    "EnableMFADevice": device_to_enable,
    "EnableOrganizationsRootCredentialsManagement": root_access,
    "EnableOutboundWebIdentityFederation": web_identities(False),
    "GetOutboundWebIdentityFederationInfo": web_identities(True),
    "EnableOrganizationsRootSessions": root_access,
    "GenerateServiceLastAccessedDetails": lambda w: {"Arn": w.arns[w.the(World.user)][0]},
    "GetAccessKeyLastUsed": last_use_of_key,
    "GetCredentialReport": credential_report,
    "GetGroupPolicy": with_inline("group"),
    "GetLoginProfile": login_profile,
    "GetMFADevice": enabled_device,
    "GetAccountPasswordPolicy": password_policy,
    "GetRolePolicy": with_inline("role"),
    "GetSSHPublicKey": World.ssh_key,
    "GetServiceLastAccessedDetails": last_accessed,
    "GetServiceLastAccessedDetailsWithEntities": last_accessed,
    "GetServiceLinkedRoleDeletionStatus": deletion_of_role,
    "GetUser": of("UserName", World.user),
    "GetUserPolicy": with_inline("user"),
    "ListAccessKeys": of("UserName", World.user),
    "ListMFADevices": of("UserName", World.user),
    "ListPoliciesGrantingServiceAccess": lambda w: {"Arn": w.arns[w.the(World.user)][0]},
    "ListOrganizationsFeatures": root_credentials,
    "ListSSHPublicKeys": of("UserName", World.user),
    "ListServiceSpecificCredentials": of("UserName", World.user),
    "ListSigningCertificates": of("UserName", World.user),
    "RemoveClientIDFromOpenIDConnectProvider": client_of_provider,
    "RemoveRoleFromInstanceProfile": profile_with_role,
    "RemoveUserFromGroup": member_of_group,
    "ResetServiceSpecificCredential": World.service_credential,
    "ResyncMFADevice": device_to_resync,
    "SetDefaultPolicyVersion": of("PolicyArn", World.two_versions),
    "SetSecurityTokenServicePreferences": lambda w: {"GlobalEndpointTokenVersion": "v2Token"},
    "UntagInstanceProfile": tagged(World.instance_profile, "InstanceProfileName"),
    "UntagMFADevice": tagged(World.device, "SerialNumber"),
    "UntagOpenIDConnectProvider": tagged(World.open_id_provider, "OpenIDConnectProviderArn"),
    "UntagPolicy": tagged(World.policy, "PolicyArn"),
    "UntagRole": tagged(World.role, "RoleName"),
    "UntagSAMLProvider": tagged(World.saml_provider, "SAMLProviderArn"),
    "UntagServerCertificate": tagged(World.server_certificate, "ServerCertificateName"),
    "UntagUser": tagged(World.user, "UserName"),
    "UpdateAccessKey": World.access_key,
    "UpdateAccountPasswordPolicy": lambda w: {"MinimumPasswordLength": 9},
    "UpdateAssumeRolePolicy": lambda w: {"RoleName": w.role(), "PolicyDocument": trusting({"AWS": w.number})},
    "UpdateGroup": moved("group", World.group, "GroupName"),
    "UpdateLoginProfile": lambda w: {**login_profile(w), "Password": "An0ther passw0rd!"},
    "UpdateRole": lambda w: {"RoleName": w.role(), "MaxSessionDuration": 7200},
    "UpdateSAMLProvider": lambda w: {"SAMLMetadataDocument": saml_metadata()},
    "UpdateSSHPublicKey": World.ssh_key,
    "UpdateServerCertificate": moved("server-certificate", World.server_certificate, "ServerCertificateName"),
    "UpdateServiceSpecificCredential": World.service_credential,
    "UpdateSigningCertificate": World.signing_certificate,
    "UpdateUser": moved("user", World.user, "UserName"),
    "UploadSSHPublicKey": lambda w: {"UserName": w.user(), "SSHPublicKeyBody": ssh_public_key()},
    "UploadServerCertificate": new_server_certificate,
    "UploadSigningCertificate": lambda w: {"UserName": w.user(), "CertificateBody": certificate()[0]},
}
