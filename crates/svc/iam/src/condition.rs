//! Every condition key of IAM's own, and those about tags, in one place.
//!
//! Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS Identity and Access
//! Management".

use garrison_api_iam::types::Tag;
use garrison_policy::Values;

use crate::records::Tags;

/// What a call says of itself. An operation fills in what it has.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Keys<'a> {
    /// `iam:AssociatedResourceArn`.
    pub(crate) associated_resource_arn: Option<&'a str>,
    /// `iam:AWSServiceName`.
    pub(crate) aws_service_name: Option<&'a str>,
    /// `iam:FIDO-certification`, `iam:FIDO-FIPS-140-2-certification` and the like, by name in lower case without `iam:`.
    pub(crate) fido: Option<(&'a str, &'a str)>,
    /// `iam:OrganizationsPolicyId`.
    pub(crate) organizations_policy_id: Option<&'a str>,
    /// `iam:PassedToService`.
    pub(crate) passed_to_service: Option<&'a str>,
    /// `iam:PermissionsBoundary`: the ARN that is put, or that the entity has.
    pub(crate) permissions_boundary: Option<&'a str>,
    /// `iam:PolicyARN`.
    pub(crate) policy_arn: Option<&'a str>,
    /// `iam:RegisterSecurityKey`.
    pub(crate) register_security_key: Option<&'a str>,
    /// `iam:ServiceSpecificCredentialAgeDays`.
    pub(crate) credential_age_days: Option<i64>,
    /// `iam:ServiceSpecificCredentialServiceName`.
    pub(crate) credential_service_name: Option<&'a str>,
    /// `aws:RequestTag/<key>`.
    pub(crate) request_tags: Option<&'a [Tag]>,
    /// `aws:TagKeys`: the keys of the tags that are put or removed, held by the operation's target or input.
    pub(crate) tag_keys: &'a [String],
    /// `aws:ResourceTag/<key>` and `iam:ResourceTag/<key>`.
    pub(crate) resource_tags: Option<&'a Tags>,
}

impl<'a> Keys<'a> {
    /// The value of the condition key `key`, in lower case.
    pub(crate) fn get(&self, key: &str) -> Option<Values<'a>> {
        if let Some(tag) = key.strip_prefix("aws:requesttag/") {
            let found = self.request_tags?.iter().find(|found| found.key.eq_ignore_ascii_case(tag));
            return found.map(|found| found.value.as_str().into());
        }
        if let Some(tag) =
            key.strip_prefix("aws:resourcetag/").or_else(|| key.strip_prefix("iam:resourcetag/"))
        {
            return self.resource_tags?.value(tag).map(Values::from);
        }
        if key == "aws:tagkeys" {
            return (!self.tag_keys.is_empty()).then(|| self.tag_keys.into());
        }
        let name = key.strip_prefix("iam:")?;
        let text = match name {
            "associatedresourcearn" => self.associated_resource_arn,
            "awsservicename" => self.aws_service_name,
            "organizationspolicyid" => self.organizations_policy_id,
            "passedtoservice" => self.passed_to_service,
            "permissionsboundary" => self.permissions_boundary,
            "policyarn" => self.policy_arn,
            "registersecuritykey" => self.register_security_key,
            "servicespecificcredentialservicename" => self.credential_service_name,
            "servicespecificcredentialagedays" => return self.credential_age_days.map(Values::from),
            _ => self.fido.filter(|(key, _)| *key == name).map(|(_, value)| value),
        };
        text.map(Values::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_values() {
        let (tags, keys) = ([Tag { key: "Team".into(), value: "a".into() }], ["Team".to_owned()]);
        let owned = Tags(vec![("Stage".to_owned(), "prod".to_owned())]);
        let request = Keys {
            policy_arn: Some("arn:x"),
            request_tags: Some(&tags),
            tag_keys: &keys,
            resource_tags: Some(&owned),
            ..Keys::default()
        };
        for (key, value) in [
            ("iam:policyarn", Some("arn:x")),
            ("iam:permissionsboundary", None),
            ("aws:requesttag/team", Some("a")),
            ("aws:requesttag/stage", None),
            ("aws:tagkeys", Some("Team")),
            ("aws:resourcetag/stage", Some("prod")),
            ("iam:resourcetag/stage", Some("prod")),
            ("kms:viaservice", None),
        ] {
            let found = request.get(key).and_then(|values| values.get(0));
            assert_eq!(found, value.map(garrison_policy::Value::Str), "{key}");
        }
    }
}
