//! Which requests the policies of organizations restrict.

use crate::request::Request;

/// The services whose resources resource control policies restrict, by the prefix of their actions, sorted.
///
/// Source: Organizations User Guide, "Resource control policies (RCPs)", "List of AWS services that support RCPs", as of
/// September 2026.
const RCP_SERVICES: [&str; 44] = [
    "aoss",
    "appconfig",
    "appstream",
    "autoscaling",
    "cloudfront",
    "cloudsearch",
    "codebuild",
    "codecommit",
    "codepipeline",
    "cognito-identity",
    "cognito-idp",
    "comprehend",
    "comprehendmedical",
    "cost-optimization-hub",
    "dax",
    "dynamodb",
    "ecr",
    "events",
    "firehose",
    "fis",
    "health",
    "inspector-scan",
    "kendra",
    "kinesisvideo",
    "kms",
    "logs",
    "memorydb",
    "networkmonitor",
    "opensearch",
    "pca-connector-ad",
    "polly",
    "pricing",
    "s3",
    "secretsmanager",
    "signin",
    "sqs",
    "sts",
    "support",
    "textract",
    "timestream-influxdb",
    "transcribe",
    "transfer",
    "translate",
    "wafv2",
];

/// Whether resource control policies restrict `action`, for example `kms:Decrypt`: those of the services that AWS lists,
/// except `kms:RetireGrant`.
///
/// Source: Organizations User Guide, "Resource control policies (RCPs)".
pub fn rcp_applies(action: &str) -> bool {
    let Some((service, name)) = action.split_once(':') else { return false };
    let by_name = |known: &&str| known.bytes().cmp(service.bytes().map(|byte| byte.to_ascii_lowercase()));
    let exempt = service.eq_ignore_ascii_case("kms") && name.eq_ignore_ascii_case("RetireGrant");
    RCP_SERVICES.binary_search_by(by_name).is_ok() && !exempt
}

/// Whether service control policies restrict the principal of `request`.
pub(crate) fn binds_principal(request: &Request<'_>) -> bool {
    request.principal.has_identity() && !request.principal.is_service_linked_role()
}

/// Whether resource control policies restrict `request`.
pub(crate) fn binds_resource(request: &Request<'_>) -> bool {
    rcp_applies(request.action) && !request.principal.is_service_linked_role()
}
