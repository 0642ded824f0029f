//! What is asked: who wants to do what to which resource, under which circumstances.

use garrison_types::AccountId;

use crate::principal::{Principal, PrincipalKind};
use crate::value::{ConditionKeys, Value, Values};

/// One authorization question: one action on one resource.
///
/// An operation that touches several resources, or needs several actions (`kms:ReEncryptFrom` and
/// `kms:ReEncryptTo`), is allowed when every one of its questions is: each resource has its own policy.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub principal: &'a Principal<'a>,
    /// The IAM action, for example `kms:Decrypt`; its case does not matter.
    pub action: &'a str,
    /// The resource's ARN, or `*` for actions that have no resource, such as `kms:ListKeys`.
    pub resource: &'a str,
    /// The account that owns the resource: decides between same-account and cross-account rules, and answers
    /// `aws:ResourceAccount`. `None` when there is no resource: then the caller's own account is meant.
    pub resource_account: Option<AccountId>,
    /// The other condition keys.
    pub keys: &'a dyn ConditionKeys,
}

impl<'a> Request<'a> {
    /// The values of the condition key whose lower-case name is `key`.
    ///
    /// Keys that describe the principal come from [`Principal`], so that no caller can get them wrong; only tags,
    /// organization and service names that the principal does not have are asked for among the [`keys`](Self::keys).
    /// Source: IAM User Guide, "AWS global condition context keys".
    pub fn condition_key(&'a self, key: &str) -> Option<Values<'a>> {
        // Keys of services are the most frequent.
        let Some(name) = key.strip_prefix("aws:") else {
            return self.keys.get(key).filter(|values| !values.is_empty());
        };
        let values = match name {
            "principalarn" => self.principal.principal_arn().map(Values::from),
            "principalaccount" => account(self.principal.account.as_ref()),
            "principaltype" => self.principal.principal_type().map(Values::from),
            "userid" => (!self.principal.user_id.is_empty()).then(|| self.principal.user_id.into()),
            "username" => self.principal.user_name().map(Values::from),
            // Only requests that are signed with credentials of AWS have it.
            "principalisawsservice" => {
                let signed =
                    !matches!(self.principal.kind, PrincipalKind::Anonymous | PrincipalKind::WebIdentity);
                signed.then(|| (self.principal.kind == PrincipalKind::Service).into())
            }
            "principalservicename" => {
                (self.principal.kind == PrincipalKind::Service).then(|| self.principal.arn.into())
            }
            "resourceaccount" => account(self.resource_account.as_ref()),
            _ => self.described_by_principal(name).or_else(|| self.keys.get(key)),
        };
        values.filter(|values| !values.is_empty())
    }

    fn described_by_principal(&self, name: &str) -> Option<Values<'a>> {
        let Principal { organization, service_names, .. } = *self.principal;
        match name {
            "principalorgid" => organization.map(|organization| organization.id.into()),
            "principalorgpaths" => organization.map(|organization| organization.path.into()),
            "principalservicenameslist" => (!service_names.is_empty()).then(|| service_names.into()),
            _ => self.principal.tag(name.strip_prefix("principaltag/")?).map(Values::from),
        }
    }

    /// Whether the resource belongs to the principal's own account.
    pub(crate) fn same_account(&self) -> bool {
        self.resource_account.is_none() || self.resource_account == self.principal.account
    }
}

fn account(account: Option<&AccountId>) -> Option<Values<'_>> {
    account.map(|id| Values::One(Value::Str(id.as_str())))
}
