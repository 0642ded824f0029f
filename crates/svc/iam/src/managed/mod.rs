//! AWS managed policies: names, paths and documents. `NOTE.md` says where they are from.
//!
//! They are read from the table in the program when the first is asked for, and compiled each at its first use.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, OnceLock};

use garrison_policy::CompiledPolicy;
use garrison_types::{Partition, Timestamp};

const TABLE: &str = include_str!("policies.tsv");

/// A policy that AWS manages.
#[derive(Debug)]
pub(crate) struct AwsPolicy {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    /// `ANPA…`.
    pub(crate) id: &'static str,
    /// The default version, and the only one.
    pub(crate) version: &'static str,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    /// As it is in the partition `aws`.
    document: &'static str,
    compiled: [OnceLock<Arc<CompiledPolicy>>; 3],
}

/// Every policy, sorted by name.
pub(crate) fn all() -> &'static [AwsPolicy] {
    &ALL.0
}

/// A policy by its name, in any case.
pub(crate) fn by_name(name: &str) -> Option<&'static AwsPolicy> {
    let at = ALL.1.get(&*name.to_ascii_lowercase())?;
    ALL.0.get(*at)
}

/// A policy by the resource of its ARN: `policy/PATH/NAME`.
pub(crate) fn by_resource(resource: &str) -> Option<&'static AwsPolicy> {
    let name = resource.rsplit('/').next()?;
    let policy = by_name(name)?;
    let rest = resource.strip_prefix("policy")?;
    (rest.strip_suffix(policy.name) == Some(policy.path)).then_some(policy)
}

type Table = (Vec<AwsPolicy>, HashMap<String, usize>);

static ALL: LazyLock<Table> = LazyLock::new(|| {
    let policies = TABLE.lines().filter_map(AwsPolicy::read).collect::<Vec<_>>();
    let names = policies.iter().enumerate().map(|(at, policy)| (policy.name.to_ascii_lowercase(), at));
    let names = names.collect();
    (policies, names)
});

impl AwsPolicy {
    fn read(line: &'static str) -> Option<Self> {
        let mut fields = line.split('\t');
        let mut field = || fields.next();
        let (name, path, id, version) = (field()?, field()?, field()?, field()?);
        let mut time = || field()?.parse().ok().map(Timestamp::from_seconds);
        let (created, updated) = (time()?, time()?);
        let document = field()?;
        Some(Self { name, path, id, version, created, updated, document, compiled: Default::default() })
    }

    /// The ARN in a partition.
    pub(crate) fn arn(&self, partition: Partition) -> String {
        format!("arn:{partition}:iam::aws:policy{}{}", self.path, self.name)
    }

    /// The document in a partition: ARNs in it name that one.
    pub(crate) fn document(&self, partition: Partition) -> String {
        match partition {
            Partition::Aws => self.document.to_owned(),
            other => self.document.replace("\"arn:aws:", &format!("\"arn:{other}:")),
        }
    }

    /// The document in a partition, compiled.
    pub(crate) fn compiled(&self, partition: Partition) -> Arc<CompiledPolicy> {
        let compile = || {
            Arc::new(CompiledPolicy::from_stored(self.arn(partition), self.document(partition).as_bytes()))
        };
        let [aws, china, gov_cloud] = &self.compiled;
        let slot = match partition {
            Partition::Aws => aws,
            Partition::AwsCn => china,
            Partition::AwsUsGov => gov_cloud,
        };
        Arc::clone(slot.get_or_init(compile))
    }

    /// Whether only service-linked roles may have it.
    pub(crate) fn is_service_linked(&self) -> bool {
        self.path == "/aws-service-role/"
    }
}

#[cfg(test)]
mod tests {
    use garrison_policy::{DocumentKind, Limits, PolicyDocument};

    use super::*;

    #[test]
    fn every_line_is_a_policy_that_the_engine_understands() {
        assert_eq!(all().len(), TABLE.lines().count());
        assert!(all().is_sorted_by_key(|policy| policy.name));
        for policy in all() {
            assert!(policy.path.starts_with('/') && policy.path.ends_with('/'), "{}", policy.name);
            assert!(policy.id.starts_with("ANPA") && policy.id.len() == 21, "{}", policy.name);
            assert!(policy.version.starts_with('v') && policy.created <= policy.updated, "{}", policy.name);
            let document = PolicyDocument::parse(policy.document.as_bytes(), &Limits::default()).unwrap();
            document
                .validate(DocumentKind::Identity)
                .unwrap_or_else(|error| panic!("{}: {error}", policy.name));
            assert!(policy.compiled(Partition::Aws).poison().is_none(), "{}", policy.name);
        }
        let ids = all().iter().map(|policy| policy.id).collect::<std::collections::HashSet<_>>();
        assert_eq!(ids.len(), all().len());
    }

    #[test]
    fn policies_are_found_by_their_whole_arn_only() {
        for (resource, found) in [
            ("policy/AdministratorAccess", true),
            ("policy/job-function/ViewOnlyAccess", true),
            ("policy/service-role/AWSLambdaBasicExecutionRole", true),
            ("policy/aws-service-role/AmazonGuardDutyServiceRolePolicy", true),
            ("policy/root-task/IAMDeleteRootUserCredentials", true),
            ("policy/ViewOnlyAccess", false),
            ("policy/administratoraccess", false),
            ("policy/job-function/AdministratorAccess", false),
            ("role/AdministratorAccess", false),
            ("policy/", false),
            ("", false),
        ] {
            assert_eq!(by_resource(resource).is_some(), found, "{resource}");
        }
        assert_eq!(by_name("administratoraccess").unwrap().name, "AdministratorAccess");
    }

    #[test]
    fn a_partition_has_documents_of_its_own() {
        let policy = by_name("AWSLambdaRole").unwrap();
        let admin = by_name("IAMUserSSHKeys").unwrap();
        assert_eq!(admin.arn(Partition::AwsCn), "arn:aws-cn:iam::aws:policy/IAMUserSSHKeys");
        assert!(admin.document(Partition::Aws).contains("arn:aws:iam::"));
        assert!(admin.document(Partition::AwsCn).contains("arn:aws-cn:iam::"));
        assert!(!admin.document(Partition::AwsCn).contains("arn:aws:"));
        assert!(Arc::ptr_eq(&policy.compiled(Partition::Aws), &policy.compiled(Partition::Aws)));
    }
}
