//! Policy types: their quotas and grammar, and the policies that AWS manages.
//!
//! Source: Organizations User Guide, "Quotas and service limits for AWS Organizations" (service control policies as of May
//! 2026), "SCP syntax", "RCP syntax" and the syntax page of each other type.

use garrison_api_organizations::errors as api;
use garrison_api_organizations::types::PolicyType;
use garrison_policy::{DocumentKind, Limits, PolicyDocument};
use garrison_schema::ApiError;

use crate::error::{self, Constraint, Invalid};
use crate::grammar;
use crate::records::{Policy, Tags};

pub(crate) const SERVICE_CONTROL: &str = "SERVICE_CONTROL_POLICY";
pub(crate) const RESOURCE_CONTROL: &str = "RESOURCE_CONTROL_POLICY";
/// The policy that allows everything, on every target where service control policies are enabled.
pub(crate) const FULL_ACCESS: &str = "p-FullAWSAccess";
/// The same for resource control policies; it never comes off.
pub(crate) const FULL_RESOURCE_ACCESS: &str = "p-RCPFullAWSAccess";

/// What a policy of a type is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grammar {
    /// The policy language.
    Authorization(DocumentKind),
    /// JSON with inheritance operators; all of it is below this member, where it is known.
    Management(Option<&'static str>),
}

/// A policy type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PolicyKind {
    /// As the interface writes it.
    pub name: &'static str,
    pub grammar: Grammar,
    /// The longest document, in characters.
    pub characters: usize,
    /// The most policies of the type on one target.
    pub per_target: usize,
    /// The most policies of the type in an organization.
    pub per_organization: usize,
}

const fn management(name: &'static str, member: &'static str) -> PolicyKind {
    PolicyKind {
        name,
        grammar: Grammar::Management(Some(member)),
        characters: 10_000,
        per_target: 10,
        per_organization: 1000,
    }
}

const fn free(name: &'static str) -> PolicyKind {
    PolicyKind { grammar: Grammar::Management(None), ..management(name, "") }
}

/// Every policy type.
pub(crate) static KINDS: [PolicyKind; 15] = [
    PolicyKind {
        name: SERVICE_CONTROL,
        grammar: Grammar::Authorization(DocumentKind::ServiceControl),
        characters: 10_240,
        per_target: 10,
        per_organization: 10_000,
    },
    PolicyKind {
        name: RESOURCE_CONTROL,
        grammar: Grammar::Authorization(DocumentKind::ResourceControl),
        characters: 5120,
        per_target: 5,
        per_organization: 1000,
    },
    management("TAG_POLICY", "tags"),
    management("BACKUP_POLICY", "plans"),
    PolicyKind { characters: 2500, per_target: 5, ..management("AISERVICES_OPT_OUT_POLICY", "services") },
    PolicyKind { per_target: 5, ..management("CHATBOT_POLICY", "chatbot") },
    management("DECLARATIVE_POLICY_EC2", "ec2_attributes"),
    management("SECURITYHUB_POLICY", "securityhub"),
    free("SECURITYHUB_CSPM_POLICY"),
    management("INSPECTOR_POLICY", "inspector"),
    management("UPGRADE_ROLLOUT_POLICY", "upgrade_rollout"),
    management("BEDROCK_POLICY", "bedrock"),
    management("S3_POLICY", "s3_attributes"),
    management("NETWORK_SECURITY_DIRECTOR_POLICY", "network_security_director"),
    free("GUARDDUTY_POLICY"),
];

/// The type of this name.
pub(crate) fn named(name: &str) -> Option<&'static PolicyKind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// The type that a caller named.
///
/// # Errors
/// `InvalidInputException`: there is no such type.
pub(crate) fn kind(wanted: &PolicyType) -> Result<&'static PolicyKind, ApiError> {
    named(wanted.as_str()).ok_or_else(|| {
        error::invalid(Invalid::InvalidEnumPolicyType, "You specified an invalid policy type.")
    })
}

/// A policy that AWS manages.
pub(crate) fn managed(id: &str) -> Option<Policy> {
    let (kind, name, description, content) = match id {
        FULL_ACCESS => (
            SERVICE_CONTROL,
            "FullAWSAccess",
            "Allows access to every operation",
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#,
        ),
        FULL_RESOURCE_ACCESS => (
            RESOURCE_CONTROL,
            "RCPFullAWSAccess",
            "Allows access to every resource",
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#,
        ),
        _ => return None,
    };
    Some(Policy {
        id: id.to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        description: description.to_owned(),
        content: content.to_owned(),
        updated: 0,
        tags: Tags::new(),
    })
}

/// The policy that is on every target as long as a type is enabled, unless it was taken off.
pub(crate) fn default_of(kind: &str) -> Option<&'static str> {
    match kind {
        SERVICE_CONTROL => Some(FULL_ACCESS),
        RESOURCE_CONTROL => Some(FULL_RESOURCE_ACCESS),
        _ => None,
    }
}

/// Whether a document may be stored as a policy of a type.
///
/// # Errors
/// `ConstraintViolationException` when it is too long, `MalformedPolicyDocumentException` when it is not what the type has.
pub(crate) fn check(kind: &PolicyKind, content: &str) -> Result<(), ApiError> {
    if content.chars().count() > kind.characters {
        return Err(error::constraint(
            Constraint::PolicyContentLimitExceeded,
            "You have exceeded the maximum policy size.",
        ));
    }
    let checked = match kind.grammar {
        Grammar::Authorization(document) => PolicyDocument::parse(content.as_bytes(), &Limits::default())
            .and_then(|policy| policy.validate(document))
            .map_err(|error| error.to_string()),
        Grammar::Management(member) => grammar::read(content, member).map(drop),
    };
    checked.map_err(|why| {
        let message =
            "The provided policy document does not meet the requirements of the specified policy type.";
        api::malformed_policy_document_exception(message).with_internal(why)
    })
}

#[cfg(test)]
mod tests {
    use garrison_policy::CompiledPolicy;

    use super::*;

    #[test]
    fn every_type_of_the_interface_is_known() {
        for wanted in PolicyType::ALL {
            assert_eq!(kind(wanted).unwrap().name, wanted.as_str());
        }
        assert_eq!(KINDS.len(), PolicyType::ALL.len());
        assert_eq!(kind(&PolicyType::from("X")).unwrap_err().schema.name, "InvalidInputException");
    }

    #[test]
    fn managed_policies_compile() {
        for id in [FULL_ACCESS, FULL_RESOURCE_ACCESS] {
            let policy = managed(id).unwrap();
            assert!(CompiledPolicy::from_stored(id, policy.content.as_bytes()).poison().is_none());
            assert_eq!(default_of(&policy.kind), Some(id));
        }
        assert!(managed("p-other").is_none());
    }

    #[test]
    fn documents_are_checked_by_their_type() {
        let allow =
            r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
        let principal = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"*"}}"#;
        let tags = r#"{"tags":{"cost":{"tag_key":{"@@assign":"Cost"}}}}"#;
        for (name, content, error) in [
            (SERVICE_CONTROL, allow, None),
            (SERVICE_CONTROL, principal, Some("MalformedPolicyDocumentException")),
            (SERVICE_CONTROL, "{", Some("MalformedPolicyDocumentException")),
            (SERVICE_CONTROL, tags, Some("MalformedPolicyDocumentException")),
            (RESOURCE_CONTROL, principal, None),
            (RESOURCE_CONTROL, allow, Some("MalformedPolicyDocumentException")),
            ("TAG_POLICY", tags, None),
            ("TAG_POLICY", allow, Some("MalformedPolicyDocumentException")),
            ("BACKUP_POLICY", tags, Some("MalformedPolicyDocumentException")),
        ] {
            let found = check(named(name).unwrap(), content).err().map(|error| error.schema.name);
            assert_eq!(found, error, "{name} {content}");
        }
        let long = format!("{allow}{}", " ".repeat(10_240));
        let error = check(named(SERVICE_CONTROL).unwrap(), &long).unwrap_err();
        assert_eq!(error.schema.name, "ConstraintViolationException");
    }
}
