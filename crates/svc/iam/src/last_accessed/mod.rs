//! Which services users and roles last used: from the audit log, as far back as it goes.
//!
//! Source: IAM User Guide, "Refine permissions in AWS using last accessed information".

mod audit;
mod entities;

use std::collections::BTreeSet;
use std::time::Duration;

use garrison_api_iam::errors as api;
use garrison_kernel::Context;
use garrison_schema::ApiError;
use garrison_store::WriteSet;

pub(crate) use entities::{Member, Subject};

use crate::granting;
use crate::records::{AccessReport, EntityUse, ServiceUse, Time};
use crate::repo;
use crate::service::Iam;

/// How long a report can be asked for: AWS's seven days.
const KEPT: Duration = Duration::from_secs(7 * 86_400);

/// Services and their names. The first five are those whose calls Garrison's audit log holds.
const NAMES: [(&str, &str); 24] = [
    ("cloudtrail", "AWS CloudTrail"),
    ("iam", "AWS Identity and Access Management"),
    ("kms", "AWS Key Management Service"),
    ("organizations", "AWS Organizations"),
    ("sts", "AWS Security Token Service"),
    ("access-analyzer", "AWS IAM Access Analyzer"),
    ("acm", "AWS Certificate Manager"),
    ("cloudwatch", "Amazon CloudWatch"),
    ("config", "AWS Config"),
    ("dynamodb", "Amazon DynamoDB"),
    ("ec2", "Amazon EC2"),
    ("ecr", "Amazon Elastic Container Registry"),
    ("events", "Amazon EventBridge"),
    ("guardduty", "Amazon GuardDuty"),
    ("inspector2", "Amazon Inspector2"),
    ("lambda", "AWS Lambda"),
    ("logs", "Amazon CloudWatch Logs"),
    ("rds", "Amazon RDS"),
    ("s3", "Amazon S3"),
    ("secretsmanager", "AWS Secrets Manager"),
    ("securityhub", "AWS Security Hub"),
    ("sns", "Amazon SNS"),
    ("sqs", "Amazon SQS"),
    ("wafv2", "AWS WAF V2"),
];
/// How many of them there are here.
const HERE: usize = 5;

/// The name of a service; its namespace where that is not known.
pub(crate) fn service_name(namespace: &str) -> &str {
    NAMES.iter().find(|(known, _)| *known == namespace).map_or(namespace, |(_, name)| name)
}

/// Makes a report about a subject. Reports that nobody can ask for any more are deleted with it.
///
/// # Errors
/// `NoSuchEntity`; the store or the audit log failed.
pub(crate) async fn generate(
    iam: &Iam,
    cx: &Context,
    subject: &Subject,
    actions: bool,
) -> Result<(AccessReport, WriteSet), ApiError> {
    let texts = subject.texts(iam, cx).await?;
    let members = subject.members(iam, cx).await?;
    let uses = audit::uses(iam, cx, &members).await?;
    let named = texts.iter().flat_map(|text| granting::named_services(text));
    let here = NAMES.iter().take(HERE).map(|(namespace, _)| (*namespace).to_owned());
    let granted = here.filter(|namespace| texts.iter().any(|text| granting::grants(text, namespace)));
    let namespaces: BTreeSet<String> = named.chain(granted).collect();
    let entity = |member: &Member, namespace: &str| {
        let used = uses.get(&(member.arn.clone(), namespace.to_owned()));
        EntityUse {
            kind: member.kind.to_owned(),
            name: member.name.clone(),
            id: member.id.clone(),
            path: member.path.clone(),
            arn: member.arn.clone(),
            last: used.and_then(audit::Use::last),
            operations: used.filter(|_| actions).map(audit::Use::operations).unwrap_or_default(),
        }
    };
    let services = namespaces.into_iter().map(|namespace| ServiceUse {
        entities: members.iter().map(|member| entity(member, &namespace)).collect(),
        namespace,
    });
    let report = AccessReport {
        job_id: iam.kernel().new_id().to_string(),
        actions,
        created: Time(cx.time),
        services: services.collect(),
    };
    let mut writes = WriteSet::new();
    for old in iam.repo().all::<AccessReport>(cx.account()).await? {
        if is_over(cx, &old) {
            repo::delete(&mut writes, cx.account(), &old);
        }
    }
    repo::create(&mut writes, cx.account(), &report);
    Ok((report, writes))
}

fn is_over(cx: &Context, report: &AccessReport) -> bool {
    cx.time > report.created.0 + KEPT
}

/// A report by its job's id.
///
/// # Errors
/// `NoSuchEntity`; the store failed.
pub(crate) async fn report(iam: &Iam, cx: &Context, job_id: &str) -> Result<AccessReport, ApiError> {
    let found = iam.repo().get::<AccessReport>(cx.account(), job_id).await?;
    let found = found.filter(|found| !is_over(cx, found));
    let missing = || api::no_such_entity_exception(format!("The job with id {job_id} cannot be found."));
    found.map(|found| found.record).ok_or_else(missing)
}
