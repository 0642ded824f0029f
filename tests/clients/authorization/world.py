"""The world that `test_permissions.py` acts in: an installation in normal mode, made by its root user.

What is made is remembered with its ARN, so that a case's expectation follows from the names in its parameters and from
the resource types that the fixture lists.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property

import totp
from conftest import REGION, Production
from material import certificate, saml_metadata, ssh_public_key
from wrapping import import_material

OTHER_REGION = "eu-west-1"
PATH = "/team/"
PASSWORD = "A first Passw0rd!"
TAGS = [{"Key": "made", "Value": "here"}]


def document(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


HARMLESS = document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})


def trusting(principal: dict, *actions: str) -> str:
    return document({"Effect": "Allow", "Principal": principal, "Action": list(actions or ["sts:AssumeRole"])})


class Account:
    """An account as somebody sees it who may do everything in it."""

    def __init__(self, server: Production, number: str, credentials: dict):
        self.server, self.number, self.credentials = server, number, credentials
        self.clients: dict[tuple[str, str], object] = {}

    def client(self, service: str, region: str = REGION):
        if (service, region) not in self.clients:
            self.clients[service, region] = self.server.client(service, region=region, **self.credentials)
        return self.clients[service, region]

    def arn(self, service: str, resource: str, region: str = "") -> str:
        return f"arn:aws:{service}:{region}:{self.number}:{resource}"

    @cached_property
    def caller(self) -> Caller:
        """The user whose permissions the cases change."""
        return Caller(self, "caller")


class Caller(Account):
    """A user with an access key, a password and one inline policy."""

    def __init__(self, account: Account, name: str):
        iam = account.client("iam")
        self.name, self.iam = name, iam
        self.user_arn = iam.create_user(UserName=name, Path=PATH)["User"]["Arn"]
        iam.create_login_profile(UserName=name, Password=PASSWORD)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        super().__init__(account.server, account.number, {"account": key["AccessKeyId"], "secret": key["SecretAccessKey"]})

    def may(self, *statements: dict) -> None:
        """From now on the user may do this, and nothing else."""
        self.iam.put_user_policy(UserName=self.name, PolicyName="case", PolicyDocument=document(*statements))


class World(Account):
    """The first account and everything in it. Methods named for a thing make a new one and return what names it."""

    def __init__(self, server: Production):
        root = {"account": server.printed("AWS_ACCESS_KEY_ID"), "secret": server.printed("AWS_SECRET_ACCESS_KEY")}
        number = server.client("sts", **root).get_caller_identity()["Account"]
        super().__init__(server, number, root)
        names = ("iam", "kms", "logs", "organizations")
        self.iam, self.kms, self.logs, self.organizations = (self.client(name) for name in names)
        self.arns: dict[str, list[str]] = {}
        self.made: dict[str, object] = {}
        self.count = 0

    # What is remembered.

    def known(self, value: str, *arns: str) -> str:
        """Remembers which resources a parameter's value names."""
        self.arns[value] = [*self.arns.get(value, []), *arns]
        return value

    def arns_in(self, value: object) -> list[str]:
        """The ARNs of the resources that parameters name."""
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return [arn for each in value for arn in self.arns_in(each)]
        if not isinstance(value, str):
            return []
        found = self.arns.get(value, [])
        return [value, *found] if value.startswith("arn:") else found

    def collection(self, service: str, end: str) -> str:
        """The ARN of a collection; IAM's have no Region."""
        return self.arn(service, end, "" if service == "iam" else REGION)

    def name(self, kind: str) -> str:
        self.count += 1
        return f"{kind}-{self.count}"

    def the(self, make: Callable[[World], object]) -> object:
        """The one thing of its kind that cases share which only look at it."""
        if make.__name__ not in self.made:
            self.made[make.__name__] = make(self)
        return self.made[make.__name__]

    # IAM. What does not exist yet has no path: the parameters of these calls name none.

    def future(self, resource_type: str, prefix: str = "") -> str:
        """A name that nothing has."""
        name = self.name("new")
        return self.known(name, self.arn("iam", f"{resource_type}/{prefix}{name}"))

    def user(self) -> str:
        name = self.name("user")
        return self.known(name, self.iam.create_user(UserName=name, Path=PATH)["User"]["Arn"])

    def group(self) -> str:
        name = self.name("group")
        return self.known(name, self.iam.create_group(GroupName=name, Path=PATH)["Group"]["Arn"])

    def role(self, trust: str | None = None) -> str:
        name = self.name("role")
        trust = trust or trusting({"AWS": self.number})
        made = self.iam.create_role(RoleName=name, Path=PATH, AssumeRolePolicyDocument=trust)
        return self.known(name, made["Role"]["Arn"])

    def role_arn(self, trust: str | None = None) -> str:
        return self.arns[self.role(trust)][0]

    def policy(self) -> str:
        """The policy's ARN."""
        return self.iam.create_policy(PolicyName=self.name("policy"), Path=PATH, PolicyDocument=HARMLESS)["Policy"]["Arn"]

    def two_versions(self) -> str:
        """The ARN of a policy whose first version is not the default any more."""
        arn = self.policy()
        self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=HARMLESS, SetAsDefault=True)
        return arn

    def instance_profile(self) -> str:
        name = self.name("profile")
        made = self.iam.create_instance_profile(InstanceProfileName=name, Path=PATH)
        return self.known(name, made["InstanceProfile"]["Arn"])

    def device(self) -> tuple[str, bytes]:
        """The serial number (an ARN) and the seed of a virtual MFA device that nobody has."""
        made = self.iam.create_virtual_mfa_device(VirtualMFADeviceName=self.name("mfa"), Path=PATH)["VirtualMFADevice"]
        return made["SerialNumber"], made["Base32StringSeed"]

    def user_with_device(self) -> tuple[str, str, bytes]:
        """A user, the serial number of their MFA device, and its seed."""
        user, (serial, seed) = self.user(), self.device()
        self.iam.enable_mfa_device(UserName=user, SerialNumber=serial, **totp.codes(seed))
        return user, serial, seed

    def open_id_provider(self) -> str:
        """The provider's ARN."""
        made = self.iam.create_open_id_connect_provider(
            Url=f"https://{self.name('issuer')}.example.com/path", ClientIDList=["client"], ThumbprintList=["0" * 40]
        )
        return made["OpenIDConnectProviderArn"]

    def saml_provider(self) -> str:
        """The provider's ARN."""
        made = self.iam.create_saml_provider(Name=self.name("saml"), SAMLMetadataDocument=saml_metadata())
        return made["SAMLProviderArn"]

    def server_certificate(self) -> str:
        name = self.name("certificate")
        pem, key = certificate()
        made = self.iam.upload_server_certificate(
            ServerCertificateName=name, Path=PATH, CertificateBody=pem, PrivateKey=key
        )
        return self.known(name, made["ServerCertificateMetadata"]["Arn"])

    def access_key(self) -> dict:
        """`UserName` and `AccessKeyId`."""
        user = self.user()
        return {"UserName": user, "AccessKeyId": self.iam.create_access_key(UserName=user)["AccessKey"]["AccessKeyId"]}

    def ssh_key(self) -> dict:
        user = self.user()
        made = self.iam.upload_ssh_public_key(UserName=user, SSHPublicKeyBody=ssh_public_key())["SSHPublicKey"]
        return {"UserName": user, "SSHPublicKeyId": made["SSHPublicKeyId"]}

    def signing_certificate(self) -> dict:
        user = self.user()
        made = self.iam.upload_signing_certificate(UserName=user, CertificateBody=certificate()[0])["Certificate"]
        return {"UserName": user, "CertificateId": made["CertificateId"]}

    def service_credential(self) -> dict:
        user = self.user()
        made = self.iam.create_service_specific_credential(UserName=user, ServiceName="codecommit.amazonaws.com")
        made = made["ServiceSpecificCredential"]
        return {"UserName": user, "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}

    def service_linked_role(self, service: str) -> str:
        role = self.iam.create_service_linked_role(AWSServiceName=service)["Role"]
        return self.known(role["RoleName"], role["Arn"])

    # KMS.

    def key(self, region: str = REGION, **arguments) -> str:
        made = self.client("kms", region).create_key(**arguments)["KeyMetadata"]
        return self.known(made["KeyId"], made["Arn"])

    def alias(self) -> str:
        """An alias; its name stands for itself and for its key."""
        key, name = self.key(), f"alias/{self.name('alias')}"
        self.kms.create_alias(AliasName=name, TargetKeyId=key)
        return self.known(name, self.arn("kms", name, REGION), *self.arns[key])

    def imported_key(self) -> str:
        key = self.key(Origin="EXTERNAL")
        import_material(self.kms, key, b"m" * 32)
        return key

    def grant(self, **more) -> dict:
        """`KeyId` and `GrantId`."""
        key = self.key()
        made = self.kms.create_grant(KeyId=key, GranteePrincipal=self.arn("iam", "root"), Operations=["Decrypt"], **more)
        return {"KeyId": key, "GrantId": made["GrantId"]}

    def ciphertext(self, key: str) -> bytes:
        return self.kms.encrypt(KeyId=key, Plaintext=b"a secret")["CiphertextBlob"]

    # CloudWatch Logs.

    def log_group(self) -> str:
        name = self.name("group")
        self.logs.create_log_group(logGroupName=name)
        return self.known(name, self.arn("logs", f"log-group:{name}", REGION))

    def log_stream(self) -> dict:
        """`logGroupName` and `logStreamName`."""
        group, name = self.log_group(), self.name("stream")
        self.logs.create_log_stream(logGroupName=group, logStreamName=name)
        self.known(name, self.arn("logs", f"log-group:{group}:log-stream:{name}", REGION))
        return {"logGroupName": group, "logStreamName": name}

    def log_query(self) -> dict:
        """What names a query over a group of its own."""
        group = self.log_group()
        made = self.logs.start_query(logGroupName=group, startTime=0, endTime=1, queryString="fields @message")
        return {"queryId": self.known(made["queryId"], *self.arns[group])}

    # Organizations.

    def organization(self) -> dict:
        """The organization of the first account. Made once; its ids are known from then on."""
        return self.the(World.new_organization)

    def new_organization(self) -> dict:
        made = self.organizations.create_organization(FeatureSet="ALL")["Organization"]
        [tree] = self.organizations.list_roots()["Roots"]
        self.known(made["Id"], made["Arn"])
        self.known(tree["Id"], tree["Arn"])
        return {"id": made["Id"], "root": tree["Id"]}

    def web_identities(self, enabled: bool) -> None:
        """Enables or disables outbound web identities, where it is not so already."""
        change = "enable" if enabled else "disable"
        try:
            getattr(self.iam, f"{change}_outbound_web_identity_federation")()
        except self.iam.exceptions.FeatureEnabledException if enabled else self.iam.exceptions.FeatureDisabledException:
            pass

    def unit(self) -> str:
        root = self.organization()["root"]
        made = self.organizations.create_organizational_unit(ParentId=root, Name=self.name("unit"))["OrganizationalUnit"]
        return self.known(made["Id"], made["Arn"])

    def member(self) -> str:
        """The number of a new account in the organization."""
        self.organization()
        name = self.name("account")
        state = self.organizations.create_account(Email=f"{name}@example.com", AccountName=name)["CreateAccountStatus"]
        while state["State"] == "IN_PROGRESS":
            state = self.organizations.describe_create_account_status(CreateAccountRequestId=state["Id"])
            state = state["CreateAccountStatus"]
        assert state["State"] == "SUCCEEDED", state
        number = state["AccountId"]
        return self.known(number, self.organizations.describe_account(AccountId=number)["Account"]["Arn"])

    @cached_property
    def administrator(self) -> Caller:
        """A user of the first account who may do everything: no root user may assume a role."""
        user = Caller(self, "administrator")
        user.may({"Effect": "Allow", "Action": "*", "Resource": "*"})
        return user

    def inside(self, number: str) -> Account:
        """A member account, entered through the role that its creation left there."""
        role = f"arn:aws:iam::{number}:role/OrganizationAccountAccessRole"
        given = self.administrator.client("sts").assume_role(RoleArn=role, RoleSessionName="world")["Credentials"]
        keys = {"account": given["AccessKeyId"], "secret": given["SecretAccessKey"], "token": given["SessionToken"]}
        return Account(self.server, number, keys)

    def standalone(self) -> Account:
        """A new account that has left the organization."""
        number = self.member()
        account = self.inside(number)
        account.caller.may({"Effect": "Allow", "Action": "*", "Resource": "*"})
        self.organizations.remove_account_from_organization(AccountId=number)
        return account

    def invitation(self) -> tuple[Account, str]:
        """An account that is invited, and the id of the handshake."""
        account = self.standalone()
        target = {"Id": account.number, "Type": "ACCOUNT"}
        made = self.organizations.invite_account_to_organization(Target=target)["Handshake"]
        return account, self.known(made["Id"], made["Arn"])

    def organization_policy(self, kind: str = "SERVICE_CONTROL_POLICY", content: str | None = None) -> str:
        """The id of a policy of the organization."""
        self.policy_type(kind)
        content = content or document({"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"})
        made = self.organizations.create_policy(Content=content, Description="", Name=self.name("policy"), Type=kind)
        made = made["Policy"]["PolicySummary"]
        return self.known(made["Id"], made["Arn"])

    def policy_type(self, kind: str, enabled: bool = True) -> None:
        """Enables or disables a type of policy, where it is not so already."""
        root = self.organization()["root"]
        [tree] = self.organizations.list_roots()["Roots"]
        if (kind in {each["Type"] for each in tree["PolicyTypes"]}) != enabled:
            change = "enable_policy_type" if enabled else "disable_policy_type"
            getattr(self.organizations, change)(RootId=root, PolicyType=kind)
