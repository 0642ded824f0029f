//! Service-linked roles: which service has which role.
//!
//! Source: the pages of each service about its service-linked role, and the AWS Managed Policy Reference. The services are
//! those that Garrison has or works with.

use garrison_store::WriteSet;
use garrison_types::{AccountId, Partition};

use crate::attachments::Holder as _;
use crate::managed;
use crate::records::{Role, SERVICE_LINKED_PATH};
use crate::repo::{self, Found};

/// A service and its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ServiceLinked {
    /// The principal that may assume the role.
    pub(crate) principal: &'static str,
    /// The role's name, without a suffix.
    pub(crate) role_name: &'static str,
    /// The AWS managed policy under `/aws-service-role/` that the role has.
    policy: &'static str,
    /// Whether an account may have several of the roles, told apart by a suffix.
    pub(crate) takes_suffix: bool,
}

impl ServiceLinked {
    const fn new(principal: &'static str, role_name: &'static str, policy: &'static str) -> Self {
        Self { principal, role_name, policy, takes_suffix: false }
    }

    const fn with_suffix(self) -> Self {
        Self { takes_suffix: true, ..self }
    }

    /// The path of the role: `/aws-service-role/PRINCIPAL/`.
    pub(crate) fn path(&self) -> String {
        format!("/aws-service-role/{}/", self.principal)
    }

    /// The ARN of the policy that the role has.
    pub(crate) fn policy_arn(&self, partition: Partition) -> String {
        format!("arn:{}:iam::aws:policy/aws-service-role/{}", partition.as_str(), self.policy)
    }

    /// The role's trust policy.
    pub(crate) fn trust_policy(&self) -> String {
        let principal = self.principal;
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"{principal}"}},"Action":"sts:AssumeRole"}}]}}"#
        )
    }
}

/// The principal of the service that a role's path links it to.
pub(crate) fn principal_of(path: &str) -> Option<&str> {
    path.strip_prefix(SERVICE_LINKED_PATH)?.strip_suffix('/')
}

/// Deletes a service-linked role, whose policies are all AWS's.
pub(crate) fn delete(writes: &mut WriteSet, account: AccountId, role: &Found<Role>) {
    for arn in &role.policies.attached {
        let resource = arn.splitn(6, ':').nth(5).unwrap_or_default();
        if let Some(policy) = managed::by_resource(resource) {
            repo::unlink(writes, account, Role::ATTACHED, policy.id, &role.id);
        }
    }
    repo::delete(writes, account, role);
}

/// The role of a service, by its principal.
pub(crate) fn by_principal(principal: &str) -> Option<&'static ServiceLinked> {
    SERVICES.iter().find(|service| service.principal == principal)
}

/// Every service, sorted by its principal.
static SERVICES: [ServiceLinked; 51] = {
    use ServiceLinked as S;
    [
        S::new(
            "access-analyzer.amazonaws.com",
            "AWSServiceRoleForAccessAnalyzer",
            "AccessAnalyzerServiceRolePolicy",
        ),
        S::new(
            "acm.amazonaws.com",
            "AWSServiceRoleForCertificateManager",
            "CertificateManagerServiceRolePolicy",
        ),
        S::new(
            "agentless.inspector2.amazonaws.com",
            "AWSServiceRoleForAmazonInspector2Agentless",
            "AmazonInspector2AgentlessServiceRolePolicy",
        ),
        S::new(
            "apidestinations.events.amazonaws.com",
            "AWSServiceRoleForAmazonEventBridgeApiDestinations",
            "AmazonEventBridgeApiDestinationsServiceRolePolicy",
        ),
        S::new("artifact.amazonaws.com", "AWSServiceRoleForArtifact", "AWSArtifactServiceRolePolicy"),
        S::new(
            "auditmanager.amazonaws.com",
            "AWSServiceRoleForAuditManager",
            "AWSAuditManagerServiceRolePolicy",
        ),
        S::new("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling", "AutoScalingServiceRolePolicy")
            .with_suffix(),
        S::new(
            "backup.amazonaws.com",
            "AWSServiceRoleForBackup",
            "AWSBackupServiceLinkedRolePolicyForBackup",
        ),
        S::new(
            "cks.kms.amazonaws.com",
            "AWSServiceRoleForKeyManagementServiceCustomKeyStores",
            "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy",
        ),
        S::new("cloudhsm.amazonaws.com", "AWSServiceRoleForCloudHSM", "CloudHSMServiceRolePolicy"),
        S::new("cloudtrail.amazonaws.com", "AWSServiceRoleForCloudTrail", "CloudTrailServiceRolePolicy"),
        S::new(
            "cognito-idp.amazonaws.com",
            "AWSServiceRoleForAmazonCognitoIdp",
            "AmazonCognitoIdpServiceRolePolicy",
        ),
        S::new(
            "config-conforms.amazonaws.com",
            "AWSServiceRoleForConfigConforms",
            "ConfigConformsServiceRolePolicy",
        ),
        S::new(
            "config-multiaccountsetup.amazonaws.com",
            "AWSServiceRoleForConfigMultiAccountSetup",
            "AWSConfigMultiAccountSetupPolicy",
        ),
        S::new("config.amazonaws.com", "AWSServiceRoleForConfig", "AWSConfigServiceRolePolicy"),
        S::new(
            "detective.amazonaws.com",
            "AWSServiceRoleForDetective",
            "AmazonDetectiveServiceLinkedRolePolicy",
        ),
        S::new("ecs.amazonaws.com", "AWSServiceRoleForECS", "AmazonECSServiceRolePolicy"),
        S::new(
            "elasticfilesystem.amazonaws.com",
            "AWSServiceRoleForAmazonElasticFileSystem",
            "AmazonElasticFileSystemServiceRolePolicy",
        ),
        S::new(
            "elasticloadbalancing.amazonaws.com",
            "AWSServiceRoleForElasticLoadBalancing",
            "AWSElasticLoadBalancingServiceRolePolicy",
        ),
        S::new(
            "email.cognito-idp.amazonaws.com",
            "AWSServiceRoleForAmazonCognitoIdpEmailService",
            "AmazonCognitoIdpEmailServiceRolePolicy",
        ),
        S::new(
            "es.amazonaws.com",
            "AWSServiceRoleForAmazonElasticsearchService",
            "AmazonElasticsearchServiceRolePolicy",
        ),
        S::new(
            "events.amazonaws.com",
            "AWSServiceRoleForCloudWatchEvents",
            "CloudWatchEventsServiceRolePolicy",
        ),
        S::new("fms.amazonaws.com", "AWSServiceRoleForFMS", "FMSServiceRolePolicy"),
        S::new(
            "guardduty.amazonaws.com",
            "AWSServiceRoleForAmazonGuardDuty",
            "AmazonGuardDutyServiceRolePolicy",
        ),
        S::new(
            "health.amazonaws.com",
            "AWSServiceRoleForHealth_Organizations",
            "Health_OrganizationsServiceRolePolicy",
        ),
        S::new(
            "inspector.amazonaws.com",
            "AWSServiceRoleForAmazonInspector",
            "AmazonInspectorServiceRolePolicy",
        ),
        S::new(
            "inspector2.amazonaws.com",
            "AWSServiceRoleForAmazonInspector2",
            "AmazonInspector2ServiceRolePolicy",
        ),
        S::new("lambda.amazonaws.com", "AWSServiceRoleForLambda", "AWSLambdaServiceRolePolicy"),
        S::new("macie.amazonaws.com", "AWSServiceRoleForAmazonMacie", "AmazonMacieServiceRolePolicy"),
        S::new(
            "malware-protection.guardduty.amazonaws.com",
            "AWSServiceRoleForAmazonGuardDutyMalwareProtection",
            "AmazonGuardDutyMalwareProtectionServiceRolePolicy",
        ),
        S::new(
            "mrk.kms.amazonaws.com",
            "AWSServiceRoleForKeyManagementServiceMultiRegionKeys",
            "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy",
        ),
        S::new(
            "network-firewall.amazonaws.com",
            "AWSServiceRoleForNetworkFirewall",
            "AWSNetworkFirewallServiceRolePolicy",
        ),
        S::new(
            "organizations.amazonaws.com",
            "AWSServiceRoleForOrganizations",
            "AWSOrganizationsServiceTrustPolicy",
        ),
        S::new(
            "ram.amazonaws.com",
            "AWSServiceRoleForResourceAccessManager",
            "AWSResourceAccessManagerServiceRolePolicy",
        ),
        S::new("rds.amazonaws.com", "AWSServiceRoleForRDS", "AmazonRDSServiceRolePolicy"),
        S::new(
            "remediation.config.amazonaws.com",
            "AWSServiceRoleForConfigRemediation",
            "AWSConfigRemediationServiceRolePolicy",
        ),
        S::new("replicator.lambda.amazonaws.com", "AWSServiceRoleForLambdaReplicator", "AWSLambdaReplicator"),
        S::new(
            "resource-groups.amazonaws.com",
            "AWSServiceRoleForResourceGroups",
            "ResourceGroupsServiceRolePolicy",
        ),
        S::new(
            "resource-management.securitylake.amazonaws.com",
            "AWSServiceRoleForSecurityLakeResourceManagement",
            "SecurityLakeResourceManagementServiceRolePolicy",
        ),
        S::new(
            "rolesanywhere.amazonaws.com",
            "AWSServiceRoleForRolesAnywhere",
            "AWSRolesAnywhereServicePolicy",
        ),
        S::new(
            "schemas.amazonaws.com",
            "AWSServiceRoleForSchemas",
            "AmazonEventBridgeSchemasServiceRolePolicy",
        ),
        S::new(
            "securityhub.amazonaws.com",
            "AWSServiceRoleForSecurityHub",
            "AWSSecurityHubServiceRolePolicy",
        ),
        S::new(
            "securitylake.amazonaws.com",
            "AWSServiceRoleForSecurityLake",
            "SecurityLakeServiceLinkedRole",
        ),
        S::new("shield.amazonaws.com", "AWSServiceRoleForAWSShield", "AWSShieldServiceRolePolicy"),
        S::new("spot.amazonaws.com", "AWSServiceRoleForEC2Spot", "AWSEC2SpotServiceRolePolicy"),
        S::new("ssm.amazonaws.com", "AWSServiceRoleForAmazonSSM", "AmazonSSMServiceRolePolicy"),
        S::new("sso.amazonaws.com", "AWSServiceRoleForSSO", "AWSSSOServiceRolePolicy"),
        S::new(
            "trustedadvisor.amazonaws.com",
            "AWSServiceRoleForTrustedAdvisor",
            "AWSTrustedAdvisorServiceRolePolicy",
        ),
        S::new(
            "waf-regional.amazonaws.com",
            "AWSServiceRoleForWAFRegionalLogging",
            "WAFRegionalLoggingServiceRolePolicy",
        ),
        S::new("waf.amazonaws.com", "AWSServiceRoleForWAFLogging", "WAFLoggingServiceRolePolicy"),
        S::new("wafv2.amazonaws.com", "AWSServiceRoleForWAFV2Logging", "WAFV2LoggingServiceRolePolicy"),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_has_its_policy() {
        assert!(SERVICES.is_sorted_by(|one, other| one.principal < other.principal));
        for service in &SERVICES {
            let policy = managed::by_name(service.policy).unwrap_or_else(|| panic!("{}", service.policy));
            assert_eq!((policy.name, policy.path), (service.policy, "/aws-service-role/"));
            assert!(service.role_name.starts_with("AWSServiceRoleFor"), "{}", service.role_name);
            assert!(service.role_name.len() <= 64);
            serde_json::from_str::<serde_json::Value>(&service.trust_policy()).unwrap();
        }
        let kms = by_principal("mrk.kms.amazonaws.com").unwrap();
        assert_eq!(kms.path(), "/aws-service-role/mrk.kms.amazonaws.com/");
        assert_eq!(by_principal("kms"), None);
    }
}
