//! Where a key is: keys belong to one account and one region.

use std::sync::Arc;

use garrison_kernel::AuditResource;
use garrison_types::{AccountId, Arn, Region};

/// A key's place and id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct KeyAddress {
    /// The owner.
    pub account: AccountId,
    /// The region; related multi-Region keys have the same id in several.
    pub region: Region,
    /// A UUID, or `mrk-` and 32 hexadecimal digits.
    pub id: Arc<str>,
}

impl KeyAddress {
    /// `arn:aws:kms:<region>:<account>:key/<id>`.
    pub fn arn(&self) -> String {
        self.arn_of(&format!("key/{}", self.id))
    }

    /// The key as audit records name it.
    pub(crate) fn audit_resource(&self) -> AuditResource {
        AuditResource { kind: "AWS::KMS::Key", arn: self.arn().into(), account: self.account }
    }

    /// The ARN of an alias beside this key.
    pub fn alias_arn(&self, alias: &str) -> String {
        self.arn_of(alias)
    }

    /// The address of a related multi-Region key: the same id in another region.
    pub fn in_region(&self, region: Region) -> Self {
        Self { region, ..self.clone() }
    }

    fn arn_of(&self, resource: &str) -> String {
        let partition = self.region.partition().as_str();
        Arn::new(partition, "kms", self.region.as_str(), self.account.as_str(), resource).to_string()
    }
}
