//! Reading the audit log for what users and roles called.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use garrison_kernel::{Context, errors};
use garrison_schema::ApiError;
use garrison_store::{AuditAttribute, AuditQuery, AuditRecord};
use garrison_types::{Partition, Region};
use serde::Deserialize;

use super::Member;
use crate::records::Time;
use crate::service::Iam;

/// How far back AWS tells of.
const TRACKED: Duration = Duration::from_secs(400 * 86_400);
/// How many records one look-up gives.
const PAGE: usize = 1000;
/// How many records one report reads, newest first in each region: a bound on the work of one call.
const MAX_RECORDS: usize = 200_000;

/// The regions of each partition. Source: AWS General Reference, "AWS Regions".
const REGIONS: [(Partition, &[&str]); 3] = [
    (
        Partition::Aws,
        &[
            "af-south-1",
            "ap-east-1",
            "ap-east-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-south-1",
            "ap-south-2",
            "ap-southeast-1",
            "ap-southeast-2",
            "ap-southeast-3",
            "ap-southeast-4",
            "ap-southeast-5",
            "ap-southeast-6",
            "ap-southeast-7",
            "ca-central-1",
            "ca-west-1",
            "eu-central-1",
            "eu-central-2",
            "eu-north-1",
            "eu-south-1",
            "eu-south-2",
            "eu-west-1",
            "eu-west-2",
            "eu-west-3",
            "il-central-1",
            "me-central-1",
            "me-south-1",
            "mx-central-1",
            "sa-east-1",
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
        ],
    ),
    (Partition::AwsCn, &["cn-north-1", "cn-northwest-1"]),
    (Partition::AwsUsGov, &["us-gov-east-1", "us-gov-west-1"]),
];

/// The uses of a service by somebody: for each operation the last one.
#[derive(Debug, Default)]
pub(super) struct Use {
    operations: BTreeMap<String, (Time, String)>,
}

impl Use {
    fn note(&mut self, record: &AuditRecord) {
        let new = (Time(record.time), record.region.to_string());
        let known = self.operations.entry(record.event_name.clone()).or_insert_with(|| new.clone());
        if known.0 < new.0 {
            *known = new;
        }
    }

    /// The last of all.
    pub(super) fn last(&self) -> Option<(Time, String)> {
        self.operations.values().max_by_key(|(at, _)| *at).cloned()
    }

    /// Each operation with its last use, by name.
    pub(super) fn operations(&self) -> Vec<(String, Time, String)> {
        self.operations.iter().map(|(name, (at, region))| (name.clone(), *at, region.clone())).collect()
    }
}

/// What some members called, by their ARNs and the services' namespaces. Refused calls count too, as on AWS.
///
/// # Errors
/// The audit log failed.
pub(super) async fn uses(
    iam: &Iam,
    cx: &Context,
    members: &[Member],
) -> Result<HashMap<(String, String), Use>, ApiError> {
    let mut uses: HashMap<(String, String), Use> = HashMap::new();
    let wanted: BTreeSet<&str> = members.iter().map(|member| member.arn.as_str()).collect();
    if wanted.is_empty() {
        return Ok(uses);
    }
    // One user's records are found by its name; sessions of roles have names of their own.
    let attribute = match members {
        [one] if one.kind == "USER" => Some(AuditAttribute::Username(one.name.clone())),
        _ => None,
    };
    let mut left = MAX_RECORDS;
    for region in regions(iam, cx) {
        let mut query = AuditQuery {
            account: cx.account(),
            region,
            from: cx.time - TRACKED,
            to: cx.time,
            attribute: attribute.clone(),
            limit: PAGE,
            after: None,
        };
        while left > 0 {
            let page = iam.kernel().audit().lookup(&query).await.map_err(|error| errors::store(&error))?;
            left = left.saturating_sub(page.records.len());
            for record in &page.records {
                let Some(caller) = caller(record).filter(|arn| wanted.contains(arn.as_str())) else {
                    continue;
                };
                let namespace = record.event_source.split('.').next().unwrap_or_default().to_owned();
                uses.entry((caller, namespace)).or_default().note(record);
            }
            query.after = page.next;
            if query.after.is_none() {
                break;
            }
        }
    }
    Ok(uses)
}

/// The regions that records may be in.
fn regions(iam: &Iam, cx: &Context) -> BTreeSet<Region> {
    let own = [cx.region.clone(), iam.kernel().settings().default_region.clone()];
    let known = REGIONS.iter().filter(|(partition, _)| *partition == cx.partition());
    let known = known.flat_map(|(_, names)| names.iter()).filter_map(|name| name.parse().ok());
    own.into_iter().chain(known).collect()
}

/// `userIdentity` of a record, as far as it says whose call it was.
#[derive(Deserialize)]
struct Recorded {
    #[serde(rename = "userIdentity")]
    user_identity: UserIdentity,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct UserIdentity {
    #[serde(rename = "type")]
    kind: String,
    arn: Option<String>,
    session_context: Option<SessionContext>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SessionContext {
    session_issuer: Option<SessionIssuer>,
}

#[derive(Deserialize)]
struct SessionIssuer {
    arn: Option<String>,
}

/// The ARN of the user or role that called.
fn caller(record: &AuditRecord) -> Option<String> {
    let Recorded { user_identity: identity } = serde_json::from_slice(&record.json).ok()?;
    match identity.kind.as_str() {
        "IAMUser" => identity.arn,
        "AssumedRole" => identity.session_context?.session_issuer?.arn,
        _ => None,
    }
}
