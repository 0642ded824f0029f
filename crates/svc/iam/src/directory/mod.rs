//! Who has which policies, as authorization asks it at every call.
//!
//! Nothing is read before somebody asks. What was made of records (policies compiled and indexed) is held in memory and
//! dropped before a commit that touches those records returns: what a call changed binds the next call.
//!
//! ```text
//! accounts    account -> unique id -> policies, boundary, tags     dropped with any change of a user, group, role or policy
//! policies    customer managed policy -> compiled                   dropped with a change of that policy
//! roles       role -> what STS asks                                 dropped with a change of that role
//! ```

mod compose;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use garrison_kernel::identity::{Identities, PrincipalPolicies};
use garrison_kernel::principal::Principal;
use garrison_kernel::{Context, Snapshot};
use garrison_kernel::{errors, ports};
use garrison_policy::{CompiledPolicy, IndexedPolicies};
use garrison_schema::ApiError;
use garrison_store::{Key, Observer, Revision, Store};
use garrison_types::{AccountId, Arn, Partition};
use parking_lot::RwLock;

use crate::last_used::Uses;
use crate::managed;
use crate::managed_policies;
use crate::records::{ManagedPolicy, Record as _, Role};
use crate::repo::{Found, Repo, layout};
use crate::roles::RoleId;

/// The most accounts that are held in memory.
const ACCOUNTS: usize = 8192;
/// The most users and roles of one account that are held in memory; when there are more, all of them make room.
const PRINCIPALS: usize = 16 * 1024;
/// The most customer managed policies, and roles, that are held in memory.
const RECORDS: usize = 64 * 1024;

/// The users and roles of an account that called, by their unique ids.
#[derive(Default)]
struct Account {
    principals: RwLock<HashMap<Arc<str>, Arc<PrincipalPolicies>>>,
}

/// A customer managed policy.
struct HeldPolicy {
    arn: Box<str>,
    compiled: Arc<CompiledPolicy>,
}

/// A role.
struct HeldRole {
    record: Found<Role>,
    /// For STS: made when it first asks.
    role: OnceLock<Arc<ports::Role>>,
}

/// The policies of every principal, over a store.
pub struct Directory {
    repo: Repo,
    accounts: Arc<Snapshot<Account>>,
    policies: Arc<Snapshot<HeldPolicy>>,
    roles: Arc<Snapshot<HeldRole>>,
    none: Arc<PrincipalPolicies>,
    everything: Arc<PrincipalPolicies>,
    role_uses: Arc<Uses<RoleId>>,
}

/// Hears of commits for all the snapshots of a directory.
struct Watch {
    accounts: Arc<Snapshot<Account>>,
    policies: Arc<Snapshot<HeldPolicy>>,
    roles: Arc<Snapshot<HeldRole>>,
}

impl Observer for Watch {
    fn committed(&self, revision: Revision, keys: &[Key]) {
        self.policies.committed(revision, keys);
        self.roles.committed(revision, keys);
        // Last: accounts are made of the others, and must not be made anew of what is old.
        self.accounts.committed(revision, keys);
    }
}

impl Directory {
    /// A directory over a store, which tells it of every commit from now on.
    pub fn new(store: &Arc<dyn Store>) -> Arc<Self> {
        let directory = Self {
            repo: Repo::new(store),
            accounts: Snapshot::new(ACCOUNTS, account_of),
            policies: Snapshot::new(RECORDS, |key| is_entity(key, ManagedPolicy::KIND).then(|| key.clone())),
            roles: Snapshot::new(RECORDS, |key| is_entity(key, Role::KIND).then(|| key.clone())),
            none: Arc::default(),
            everything: Arc::new(everything()),
            role_uses: Uses::new(store),
        };
        store.observe(Arc::new(Watch {
            accounts: Arc::clone(&directory.accounts),
            policies: Arc::clone(&directory.policies),
            roles: Arc::clone(&directory.roles),
        }));
        Arc::new(directory)
    }

    /// Forgets everything that is held in memory: when the store was emptied.
    pub fn forget(&self) {
        self.policies.clear();
        self.roles.clear();
        self.accounts.clear();
        self.role_uses.clear();
    }

    /// Notes that a role was assumed; it was asked for a moment ago.
    pub(crate) fn role_used(&self, account: AccountId, name: &str, cx: &Context) {
        if let Some(held) = self.roles.peek(&layout::entity(account, Role::KIND, name)) {
            let role = RoleId::new(account, &held.record.id);
            // Only STS notes uses: that of a role is its being assumed.
            self.role_uses.note(role, "sts", cx.region.as_str(), cx.time);
        }
    }

    pub(crate) fn role_uses(&self) -> &Arc<Uses<RoleId>> {
        &self.role_uses
    }

    /// A role, as STS needs it. The partition is the same at every call.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn role(
        &self,
        partition: Partition,
        account: AccountId,
        name: &str,
    ) -> Result<Option<Arc<ports::Role>>, ApiError> {
        let Some(held) = self.held_role(account, name).await? else { return Ok(None) };
        let role = held.role.get_or_init(|| Arc::new(compose::role(&held.record, partition, account)));
        Ok(Some(Arc::clone(role)))
    }

    /// The policies of whoever is no user and no role. A root user may do everything without any; what the federated session
    /// that it made may is what it passed to it.
    fn unidentified(&self, principal: &Principal) -> Arc<PrincipalPolicies> {
        Arc::clone(match principal {
            Principal::FederatedUser(_) => &self.everything,
            _ => &self.none,
        })
    }

    async fn held_role(&self, account: AccountId, name: &str) -> Result<Option<Arc<HeldRole>>, ApiError> {
        let key = layout::entity(account, Role::KIND, name);
        self.roles
            .get(&key, || async {
                let found = self.repo.get::<Role>(account, name).await?;
                Ok(found.map(|record| HeldRole { record, role: OnceLock::new() }))
            })
            .await
    }

    /// A managed policy's default version, compiled under its ARN.
    async fn compiled(&self, arn: &str) -> Result<Option<Arc<CompiledPolicy>>, ApiError> {
        let Ok(parsed) = arn.parse::<Arn>() else { return Ok(None) };
        if let Some(policy) = managed::by_resource(parsed.resource()).filter(|_| parsed.account() == "aws") {
            return Ok(Some(policy.compiled(managed_policies::partition_of(arn))));
        }
        let (Ok(account), Some((_, name))) = (parsed.account().parse(), managed_policies::path_and_name(arn))
        else {
            return Ok(None);
        };
        let key = layout::entity(account, ManagedPolicy::KIND, name);
        let held = self
            .policies
            .get(&key, || async {
                let Some(found) = self.repo.get::<ManagedPolicy>(account, name).await? else {
                    return Ok(None);
                };
                let partition = managed_policies::partition_of(arn);
                let arn = found.arn(partition, account);
                let text =
                    found.default_version().map(|version| version.document.as_bytes()).unwrap_or_default();
                let compiled = Arc::new(CompiledPolicy::from_stored(arn.as_str(), text));
                Ok::<_, ApiError>(Some(HeldPolicy { arn: arn.into(), compiled }))
            })
            .await?;
        Ok(held.filter(|held| &*held.arn == arn).map(|held| Arc::clone(&held.compiled)))
    }
}

/// Users and roles by account and unique id; of a federated user, who made the session.
fn identified(principal: &Principal) -> Option<(AccountId, &Arc<str>)> {
    match principal {
        Principal::User(user) => Some((user.account, &user.id)),
        Principal::AssumedRole(session) => Some((session.account, &session.role_id)),
        Principal::FederatedUser(session) => identified(&session.issuer),
        Principal::Root { .. }
        | Principal::Federated(_)
        | Principal::Service { .. }
        | Principal::Anonymous => None,
    }
}

#[async_trait]
impl Identities for Directory {
    fn cached(&self, principal: &Principal) -> Option<Arc<PrincipalPolicies>> {
        let Some((account, id)) = identified(principal) else { return Some(self.unidentified(principal)) };
        let held = self.accounts.peek(&account_key(account))?;
        held.principals.read().get(&**id).map(Arc::clone)
    }

    async fn policies(&self, principal: &Principal) -> Result<Arc<PrincipalPolicies>, ApiError> {
        let Some((account, id)) = identified(principal) else { return Ok(self.unidentified(principal)) };
        let fresh = || async { Ok::<_, ApiError>(Some(Account::default())) };
        // Before anything is read: a commit from here on drops what is put there.
        let held = self.accounts.get(&account_key(account), fresh).await?;
        let held = held.ok_or_else(|| errors::internal("an account without principals"))?;
        if let Some(policies) = held.principals.read().get(&**id) {
            return Ok(Arc::clone(policies));
        }
        let policies = Arc::new(self.compose(principal).await?);
        let mut principals = held.principals.write();
        if principals.len() >= PRINCIPALS {
            principals.clear();
        }
        principals.insert(Arc::clone(id), Arc::clone(&policies));
        Ok(policies)
    }

    async fn managed_policy(&self, arn: &str) -> Result<Option<Arc<CompiledPolicy>>, ApiError> {
        self.compiled(arn).await
    }
}

fn everything() -> PrincipalPolicies {
    let text = br#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let policy = CompiledPolicy::from_stored("the account's root user", text);
    PrincipalPolicies { policies: IndexedPolicies::new(vec![Arc::new(policy)]), ..Default::default() }
}

fn account_key(account: AccountId) -> Key {
    Key::of(&["iam", account.as_str()])
}

/// Which account's principals a record concerns: the kinds that `compose` reads.
fn account_of(key: &Key) -> Option<Key> {
    let mut parts = key.components();
    let (service, account, kind) = (parts.next()?, parts.next()?, parts.next()?);
    let concerned = service == "iam" && matches!(kind, "user" | "group" | "role" | "policy");
    concerned.then(|| Key::of(&[service, account]))
}

fn is_entity(key: &Key, kind: &str) -> bool {
    let mut parts = key.components();
    parts.next() == Some("iam") && parts.nth(1) == Some(kind)
}

#[cfg(test)]
mod tests;
