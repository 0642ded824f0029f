//! Amazon Resource Names.

use std::fmt;
use std::str::FromStr;

/// An ARN split at its first five colons: `arn:partition:service:region:account:resource`.
///
/// Region and account may be empty; the resource may hold colons and slashes. At most 2,048 characters.
/// Source: AWS IAM User Guide, "Amazon Resource Names (ARNs)".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Arn {
    text: String,
    /// Byte offsets just behind the five colons.
    fields: [usize; 5],
}

/// The string is not an ARN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an ARN: it must be arn:partition:service:region:account:resource")]
pub struct InvalidArn(String);

/// The longest ARN that is read, in bytes.
const MAX_LENGTH: usize = 2048;

impl Arn {
    /// The ARN of these parts; the parts are not checked, since they come from typed values.
    pub fn new(partition: &str, service: &str, region: &str, account: &str, resource: &str) -> Self {
        let text = format!("arn:{partition}:{service}:{region}:{account}:{resource}");
        let mut fields = [4; 5];
        let mut end = 4;
        for (slot, part) in fields.iter_mut().skip(1).zip([partition, service, region, account]) {
            end += part.len() + 1;
            *slot = end;
        }
        Self { text, fields }
    }

    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// For example `aws`.
    pub fn partition(&self) -> &str {
        self.field(0)
    }

    /// For example `kms`.
    pub fn service(&self) -> &str {
        self.field(1)
    }

    /// For example `eu-central-1`; empty for global resources.
    pub fn region(&self) -> &str {
        self.field(2)
    }

    /// The owner's account id; empty for resources that have none in their name, such as S3 buckets.
    pub fn account(&self) -> &str {
        self.field(3)
    }

    /// Everything behind the fifth colon, for example `key/1234abcd-…`.
    pub fn resource(&self) -> &str {
        self.field(4)
    }

    /// The resource's id when its type is `kind`: `key/ID` or `key:ID` gives `ID`.
    pub fn resource_id(&self, kind: &str) -> Option<&str> {
        let rest = self.resource().strip_prefix(kind)?;
        rest.strip_prefix('/').or_else(|| rest.strip_prefix(':'))
    }

    fn field(&self, index: usize) -> &str {
        let start = self.fields.get(index).copied().unwrap_or_default();
        let end = self.fields.get(index + 1).map_or(self.text.len(), |next| next - 1);
        self.text.get(start..end).unwrap_or_default()
    }
}

impl FromStr for Arn {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidArn(text.chars().take(256).collect());
        if text.len() > MAX_LENGTH {
            return Err(invalid());
        }
        let mut parts = text.splitn(6, ':');
        let (Some("arn"), Some(partition), Some(service), Some(region), Some(account), Some(resource)) =
            (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(invalid());
        };
        if partition.is_empty() || service.is_empty() || resource.is_empty() {
            return Err(invalid());
        }
        Ok(Self::new(partition, service, region, account, resource))
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_splits_into_its_fields() {
        let arn: Arn = "arn:aws:kms:eu-central-1:111122223333:key/1234:x/y".parse().unwrap();
        assert_eq!(arn.partition(), "aws");
        assert_eq!(arn.service(), "kms");
        assert_eq!(arn.region(), "eu-central-1");
        assert_eq!(arn.account(), "111122223333");
        assert_eq!(arn.resource(), "key/1234:x/y");
        assert_eq!(arn.resource_id("key"), Some("1234:x/y"));
        assert_eq!(arn.resource_id("alias"), None);
    }

    #[test]
    fn region_and_account_may_be_empty() {
        let arn: Arn = "arn:aws:s3:::bucket/a:b".parse().unwrap();
        assert_eq!((arn.region(), arn.account(), arn.resource()), ("", "", "bucket/a:b"));
    }

    #[test]
    fn other_strings_are_not_arns() {
        for bad in [
            "",
            "arn",
            "arn:aws:kms",
            "arn::kms:r:a:x",
            "arn:aws::r:a:x",
            "arn:aws:kms:r:a:",
            "ARN:a:b:c:d:e",
        ] {
            assert!(bad.parse::<Arn>().is_err(), "{bad}");
        }
        assert!(format!("arn:aws:s3:::{}", "x".repeat(2048)).parse::<Arn>().is_err());
    }
}
