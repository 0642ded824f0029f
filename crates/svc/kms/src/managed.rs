//! AWS managed keys: `alias/aws/<service>`, made when they are first named.
//!
//! Nobody can change or delete them because their policy lets nobody: customers may look at them, and use them only
//! through the service. Source: KMS Developer Guide, "AWS managed keys"; the Amazon EBS User Guide shows the policy.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use garrison_api_kms::SERVICE;
use garrison_crypto::keys::{KeySpec, KeyUsage};
use garrison_kernel::{Context, ServiceEvent, errors};
use garrison_schema::ApiError;
use garrison_store::{CommitError, WriteSet};

use crate::creation::NewKey;
use crate::model::{Alias, AliasName, Manager, Origin, Rotation};
use crate::repo::{self, Due, DueKind};
use crate::service::Kms;

/// AWS rotates its managed keys every year.
const ROTATION_DAYS: u16 = 365;
const DAY: Duration = Duration::from_secs(86_400);

/// The services that have a managed key: the name in the alias, and the endpoint name of `kms:ViaService`.
const SERVICES: &[(&str, &str)] = &[
    ("acm", "acm"),
    ("backup", "backup"),
    ("cloudtrail", "cloudtrail"),
    ("codecommit", "codecommit"),
    ("connect", "connect"),
    ("dms", "dms"),
    ("dynamodb", "dynamodb"),
    ("ebs", "ec2"),
    ("ecr", "ecr"),
    ("elasticfilesystem", "elasticfilesystem"),
    ("es", "es"),
    ("fsx", "fsx"),
    ("glue", "glue"),
    ("kafka", "kafka"),
    ("kinesis", "kinesis"),
    ("kinesisvideo", "kinesisvideo"),
    ("lambda", "lambda"),
    ("rds", "rds"),
    ("redshift", "redshift"),
    ("s3", "s3"),
    ("secretsmanager", "secretsmanager"),
    ("sns", "sns"),
    ("sqs", "sqs"),
    ("ssm", "ssm"),
    ("workspaces", "workspaces"),
    ("xray", "xray"),
];

impl Kms {
    /// Makes the managed key of an alias in the caller's account, if AWS has one of that name, and says its id.
    ///
    /// This happens while a call is resolved, as on AWS: the key is there before anybody asks who may use it, and a
    /// call that is then refused has seen nothing but a name that everybody knows.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn create_managed_key(
        &self,
        cx: &Context,
        name: &AliasName,
    ) -> Result<Option<Arc<str>>, ApiError> {
        let Some((service, endpoint)) =
            SERVICES.iter().find(|(service, _)| name.managed_service() == Some(service))
        else {
            return Ok(None);
        };
        let new = NewKey {
            address: self.new_address(cx.account(), &cx.region, false),
            created: cx.time,
            description: format!("Default key that protects my {service} data when no other key is defined"),
            spec: KeySpec::SymmetricDefault,
            usage: KeyUsage::EncryptDecrypt,
            origin: Origin::AwsKms,
            manager: Manager::Aws,
            policy: policy(cx, service, endpoint).into(),
            tags: BTreeMap::new(),
            multi_region: false,
        };
        let mut writes = WriteSet::new();
        let mut key = self.create(new, &mut writes).await?;
        let next = key.created + DAY * u32::from(ROTATION_DAYS);
        key.rotation = Rotation {
            enabled: true,
            period_days: Some(ROTATION_DAYS),
            next: Some(next),
            ..Rotation::default()
        };
        repo::create_key(&mut writes, &key);
        let due = Due { at: next, address: key.address.clone(), extra: String::new() };
        repo::schedule(&mut writes, DueKind::Rotation, &due);
        let target = Arc::clone(&key.address.id);
        let alias = Alias { name: name.clone(), target, created: cx.time, updated: cx.time };
        repo::create_alias(&mut writes, &key.address, &alias);
        let event = ServiceEvent {
            event_source: SERVICE.event_source,
            event_name: "CreateKey",
            resources: vec![key.address.audit_resource()],
            details: None,
        };
        writes.audit.extend(event.record(self.kernel(), &cx.region));
        match self.kernel().store().commit(writes).await {
            Ok(_) => Ok(Some(alias.target)),
            // Another call made it at the same moment.
            Err(CommitError::Conflict) => {
                let entry = self.repo().alias(cx.account(), &cx.region, name).await?;
                Ok(entry.map(|entry| Arc::clone(&entry.alias.target)))
            }
            Err(error) => Err(errors::commit(&error)),
        }
    }
}

fn policy(cx: &Context, service: &str, endpoint: &str) -> String {
    let (account, partition, region) = (cx.account(), cx.partition(), &cx.region);
    let suffix = partition.dns_suffix();
    format!(
        r#"{{
  "Version" : "2012-10-17",
  "Id" : "auto-{service}-1",
  "Statement" : [ {{
    "Sid" : "Allow access through {service} for all principals in the account that are authorized to use {service}",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "*"
    }},
    "Action" : [ "kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey" ],
    "Resource" : "*",
    "Condition" : {{
      "StringEquals" : {{
        "kms:CallerAccount" : "{account}",
        "kms:ViaService" : "{endpoint}.{region}.{suffix}"
      }}
    }}
  }}, {{
    "Sid" : "Allow direct access to key metadata to the account",
    "Effect" : "Allow",
    "Principal" : {{
      "AWS" : "arn:{partition}:iam::{account}:root"
    }},
    "Action" : [ "kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant" ],
    "Resource" : "*"
  }} ]
}}"#
    )
}
