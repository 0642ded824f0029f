//! What organizations mean for accounts, for authorization: read on every call, from memory as a rule.
//!
//! Three snapshots build on each other: compiled policies; the levels of roots and units, which the accounts below share; and
//! what all that comes to for an account. Loading an account touches its own path and nothing else, so that starting costs
//! nothing, however many accounts there are. A change drops what it concerns, bottom up: policies, then levels, then
//! accounts, so that nothing which was made of an older value is kept.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use garrison_kernel::Snapshot;
use garrison_kernel::identity::{Membership, Organization as OrganizationOf, Organizations};
use garrison_policy::{CompiledPolicy, PolicyLevel};
use garrison_schema::ApiError;
use garrison_store::{Key, Observer, Revision, Store};
use garrison_types::AccountId;

use crate::id::{self, Kind};
use crate::policies::{RESOURCE_CONTROL, SERVICE_CONTROL};
use crate::records::Organization;
use crate::repo::Repo;
use crate::repo::layout::{self, ORGANIZATIONS, STANDINGS};
use crate::tree;

/// The most accounts, levels and policies that are held in memory, each.
const CAPACITY: usize = 64 * 1024;

/// Finds what organizations mean for accounts, in the store's records.
pub struct Directory {
    repo: Repo,
    held: Arc<Held>,
}

/// What is held in memory. The store tells it, and not the directory, of commits: the directory has the store, which would
/// never be closed.
struct Held {
    policies: Arc<Snapshot<CompiledPolicy>>,
    levels: Arc<Snapshot<Level>>,
    accounts: Arc<Snapshot<Place>>,
}

/// The policies on a root, unit or account.
struct Level {
    service_control: PolicyLevel,
    resource_control: PolicyLevel,
    /// The ids of all of them.
    policies: Vec<String>,
}

/// An account's membership and what it was made of.
struct Place {
    membership: Arc<Membership>,
    organization: String,
    /// The ids from the root down to the account.
    path: Vec<String>,
    policies: HashSet<String>,
}

impl Directory {
    /// A directory over a store, which tells it of every commit from now on.
    pub fn new(store: &Arc<dyn Store>) -> Arc<Self> {
        let held = Arc::new(Held {
            policies: Snapshot::new(CAPACITY, policy_of),
            levels: Snapshot::new(CAPACITY, level_of),
            accounts: Snapshot::new(CAPACITY, account_of),
        });
        store.observe(Arc::clone(&held) as _);
        Arc::new(Self { repo: Repo::new(Arc::clone(store)), held })
    }

    /// Forgets everything that is held in memory.
    pub fn forget(&self) {
        self.held.policies.clear();
        self.held.levels.clear();
        self.held.accounts.clear();
    }

    async fn load(&self, account: AccountId) -> Result<Place, ApiError> {
        let alone = |membership| Place {
            membership: Arc::new(membership),
            organization: String::new(),
            path: Vec::new(),
            policies: HashSet::new(),
        };
        let Some((standing, _)) = self.repo.standing(account.as_str()).await? else {
            return Ok(alone(Membership::default()));
        };
        // Nobody in a closed account may do anything: a level without a policy allows nothing.
        let barred: Vec<PolicyLevel> = if standing.closed { vec![Arc::default()] } else { Vec::new() };
        let organization = match &standing.organization {
            Some(id) => self.repo.organization(id).await?,
            None => None,
        };
        let member = match &organization {
            Some(organization) => self.repo.account(&organization.id, account.as_str()).await?,
            None => None,
        };
        let (Some(organization), Some(member)) = (organization, member) else {
            return Ok(alone(Membership { service_control: barred, ..Membership::default() }));
        };
        let mut path = self.repo.lineage(&organization.id, &member.parent).await?;
        let mut membership = Membership {
            organization: Some(OrganizationOf {
                id: organization.id.as_str().into(),
                path: tree::path(&organization.id, &path).into(),
                management_account: organization.management.parse().unwrap_or(account),
            }),
            service_control: barred,
            resource_control: Vec::new(),
        };
        path.push(member.id);
        let mut policies = HashSet::new();
        if organization.management != account.as_str() {
            self.bind(&mut membership, &mut policies, &organization, &path).await?;
        }
        Ok(Place { membership: Arc::new(membership), organization: organization.id, path, policies })
    }

    /// Adds the levels of a path.
    async fn bind(
        &self,
        membership: &mut Membership,
        policies: &mut HashSet<String>,
        organization: &Organization,
        path: &[String],
    ) -> Result<(), ApiError> {
        let (by_service, by_resource) = (
            organization.policy_types.contains(SERVICE_CONTROL),
            organization.policy_types.contains(RESOURCE_CONTROL),
        );
        if !by_service && !by_resource {
            return Ok(());
        }
        for target in path {
            let level = self.level(organization, target).await?;
            if by_service {
                membership.service_control.push(Arc::clone(&level.service_control));
            }
            if by_resource {
                membership.resource_control.push(Arc::clone(&level.resource_control));
            }
            policies.extend(level.policies.iter().cloned());
        }
        Ok(())
    }

    /// The policies on a target: shared where it is a root or unit.
    async fn level(&self, organization: &Organization, target: &str) -> Result<Arc<Level>, ApiError> {
        if id::kind(target) == Some(Kind::Account) {
            return Ok(Arc::new(self.load_level(organization, target).await?));
        }
        let key = level_key(&organization.id, target);
        let level =
            self.held.levels.get(&key, || async { self.load_level(organization, target).await.map(Some) });
        match level.await? {
            Some(level) => Ok(level),
            None => Ok(Arc::new(self.load_level(organization, target).await?)),
        }
    }

    async fn load_level(&self, organization: &Organization, target: &str) -> Result<Level, ApiError> {
        let service_control = self.policies_on(organization, target, SERVICE_CONTROL).await?;
        let resource_control = self.policies_on(organization, target, RESOURCE_CONTROL).await?;
        let ids = service_control.iter().chain(&resource_control).map(|(id, _)| id.clone()).collect();
        let level = |policies: Vec<(String, Arc<CompiledPolicy>)>| -> PolicyLevel {
            policies.into_iter().map(|(_, policy)| policy).collect()
        };
        Ok(Level {
            service_control: level(service_control),
            resource_control: level(resource_control),
            policies: ids,
        })
    }

    async fn policies_on(
        &self,
        organization: &Organization,
        target: &str,
        kind: &str,
    ) -> Result<Vec<(String, Arc<CompiledPolicy>)>, ApiError> {
        let mut policies = Vec::new();
        for (id, _) in self.repo.attached(&organization.id, target, kind).await? {
            let compiled = self
                .held
                .policies
                .get(&layout::policy(&organization.id, &id), || async {
                    let policy = self.repo.policy(&organization.id, &id).await?;
                    Ok::<_, ApiError>(policy.map(|policy| {
                        CompiledPolicy::from_stored(policy.arn(organization), policy.content.as_bytes())
                    }))
                })
                .await?;
            // An attachment whose policy is gone can only be half of a change that never was: it denies everything.
            let compiled =
                compiled.unwrap_or_else(|| Arc::new(CompiledPolicy::from_stored(id.as_str(), b"")));
            policies.push((id, compiled));
        }
        Ok(policies)
    }
}

#[async_trait]
impl Organizations for Directory {
    fn cached(&self, account: AccountId) -> Option<Arc<Membership>> {
        let place = self.held.accounts.peek(&layout::standing(account.as_str()))?;
        Some(Arc::clone(&place.membership))
    }

    async fn membership(&self, account: AccountId) -> Result<Arc<Membership>, ApiError> {
        let key = layout::standing(account.as_str());
        let place = self.held.accounts.get(&key, || async { self.load(account).await.map(Some) }).await?;
        Ok(place.map(|place| Arc::clone(&place.membership)).unwrap_or_default())
    }
}

/// What a commit changed, as far as it concerns more than one account.
#[derive(Default)]
struct Changed<'a> {
    organizations: Vec<&'a str>,
    /// Organization and root or unit.
    targets: Vec<(&'a str, &'a str)>,
    /// Organization and policy.
    policies: Vec<(&'a str, &'a str)>,
}

impl<'a> Changed<'a> {
    fn by(keys: &'a [Key]) -> Self {
        let mut changed = Self::default();
        for key in keys {
            let mut parts = key.components();
            if parts.next() != Some(ORGANIZATIONS) {
                continue;
            }
            match (parts.next(), parts.next(), parts.next()) {
                (Some(org), None, _) => changed.organizations.push(org),
                (Some(org), Some("policy"), Some(id)) => changed.policies.push((org, id)),
                (Some(org), Some("unit" | "attached"), Some(target)) => changed.targets.push((org, target)),
                _ => {}
            }
        }
        changed.targets.retain(|(_, target)| id::kind(target) != Some(Kind::Account));
        changed
    }

    fn is_empty(&self) -> bool {
        self.organizations.is_empty() && self.targets.is_empty() && self.policies.is_empty()
    }

    fn concerns(&self, place: &Place) -> bool {
        let here = |org: &str| org == place.organization;
        self.organizations.iter().any(|org| here(org))
            || self.targets.iter().any(|(org, target)| here(org) && place.path.iter().any(|id| id == target))
            || self.policies.iter().any(|(org, policy)| here(org) && place.policies.contains(*policy))
    }
}

impl Observer for Held {
    fn committed(&self, revision: Revision, keys: &[Key]) {
        let changed = Changed::by(keys);
        self.policies.committed(revision, keys);
        self.levels.committed(revision, keys);
        if !changed.policies.is_empty() {
            let ids: Vec<&str> = changed.policies.iter().map(|(_, id)| *id).collect();
            self.levels.forget_where(|level| level.policies.iter().any(|id| ids.contains(&id.as_str())));
        }
        if !changed.is_empty() {
            self.accounts.forget_where(|place| changed.concerns(place));
        }
        self.accounts.committed(revision, keys);
    }
}

fn level_key(org: &str, target: &str) -> Key {
    Key::of(&[ORGANIZATIONS, org, "level", target])
}

fn policy_of(key: &Key) -> Option<Key> {
    let mut parts = key.components();
    (parts.next() == Some(ORGANIZATIONS) && parts.nth(1) == Some("policy")).then(|| key.clone())
}

fn level_of(key: &Key) -> Option<Key> {
    let mut parts = key.components();
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(ORGANIZATIONS), Some(org), Some("unit" | "attached"), Some(target)) => {
            Some(level_key(org, target))
        }
        _ => None,
    }
}

fn account_of(key: &Key) -> Option<Key> {
    let mut parts = key.components();
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(STANDINGS), ..) => Some(key.clone()),
        (Some(ORGANIZATIONS), _, Some("account" | "attached"), Some(account)) => {
            Some(layout::standing(account))
        }
        _ => None,
    }
}

#[cfg(test)]
#[path = "directory_tests.rs"]
mod tests;
