//! Making what authorization reads of records.

use std::sync::Arc;

use garrison_kernel::identity::PrincipalPolicies;
use garrison_kernel::ports;
use garrison_kernel::principal::{self, Principal};
use garrison_policy::{CompiledPolicy, IndexedPolicies};
use garrison_schema::ApiError;
use garrison_types::{AccountId, Partition};

use super::Directory;
use crate::records::{Group, Policies, Role, User};

/// A role, as STS needs it.
pub(super) fn role(record: &Role, partition: Partition, account: AccountId) -> ports::Role {
    let arn = record.arn(partition, account);
    ports::Role {
        account,
        name: record.name.as_str().into(),
        id: record.id.as_str().into(),
        trust: Arc::new(CompiledPolicy::from_stored(arn.as_str(), record.trust.as_bytes())),
        arn: arn.into(),
        max_session: u32::try_from(record.max_session).unwrap_or_default(),
        tags: record.tags.0.clone(),
    }
}

impl Directory {
    /// The policies that bind a user, the role of a session, or whoever made a federated session. None for who does not
    /// exist, or is another one of the same name.
    ///
    /// # Errors
    /// The store failed.
    pub(super) async fn compose(&self, principal: &Principal) -> Result<PrincipalPolicies, ApiError> {
        match principal {
            Principal::User(user) => self.of_user(user).await,
            Principal::AssumedRole(session) => self.of_role(session).await,
            Principal::FederatedUser(session) => match &session.issuer {
                Principal::User(user) => self.of_user(user).await,
                _ => Ok(PrincipalPolicies::default()),
            },
            _ => Ok(PrincipalPolicies::default()),
        }
    }

    async fn of_user(&self, user: &principal::User) -> Result<PrincipalPolicies, ApiError> {
        let found = self.repo.get::<User>(user.account, &user.name).await?;
        let Some(found) = found.filter(|found| *found.id == *user.id) else {
            return Ok(PrincipalPolicies::default());
        };
        let mut policies = Vec::new();
        self.add(&mut policies, &found.policies).await?;
        for id in &found.groups {
            if let Some(group) = self.repo.by_id::<Group>(user.account, id).await? {
                self.add(&mut policies, &group.policies).await?;
            }
        }
        Ok(PrincipalPolicies {
            policies: IndexedPolicies::new(policies),
            boundary: self.boundary(found.boundary.as_deref()).await?,
            tags: found.record.tags.0,
        })
    }

    async fn of_role(&self, session: &principal::AssumedRole) -> Result<PrincipalPolicies, ApiError> {
        let held = self.held_role(session.account, &session.role_name).await?;
        let Some(held) = held.filter(|held| *held.record.id == *session.role_id) else {
            return Ok(PrincipalPolicies::default());
        };
        let mut policies = Vec::new();
        self.add(&mut policies, &held.record.policies).await?;
        Ok(PrincipalPolicies {
            policies: IndexedPolicies::new(policies),
            boundary: self.boundary(held.record.boundary.as_deref()).await?,
            tags: held.record.tags.0.clone(),
        })
    }

    /// Adds the inline policies, under their names, and the attached ones, under their ARNs.
    async fn add(&self, all: &mut Vec<Arc<CompiledPolicy>>, policies: &Policies) -> Result<(), ApiError> {
        for (name, document) in &policies.inline {
            all.push(Arc::new(CompiledPolicy::from_stored(name.as_str(), document.as_bytes())));
        }
        for arn in &policies.attached {
            all.push(self.bound(arn).await?);
        }
        Ok(())
    }

    async fn boundary(&self, arn: Option<&str>) -> Result<Option<Arc<CompiledPolicy>>, ApiError> {
        match arn {
            Some(arn) => self.bound(arn).await.map(Some),
            None => Ok(None),
        }
    }

    /// A policy that somebody has. It cannot be deleted; should it not be there all the same, everything is denied, since
    /// nobody can tell what it denied.
    async fn bound(&self, arn: &str) -> Result<Arc<CompiledPolicy>, ApiError> {
        let compiled = self.compiled(arn).await?;
        Ok(compiled.unwrap_or_else(|| Arc::new(CompiledPolicy::from_stored(arn, b""))))
    }
}
