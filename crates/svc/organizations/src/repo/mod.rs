//! Where records are: the only folder that knows store keys. `layout.rs` says where each is.

mod change;
pub(crate) mod layout;

use std::sync::Arc;

use garrison_kernel::errors;
use garrison_schema::ApiError;
use garrison_store::{Entry, Key, KeyRange, Revision, Store};
use serde::de::DeserializeOwned;

pub(crate) use change::{Change, forget_handshake, next_handshake, put_transfer};

use crate::paging::Paging;
use crate::policies;
use crate::records::{
    self, Account, Attachment, Creation, EmailOwner, Enabled, Handshake, Organization, OrganizationalUnit,
    Policy, ResourcePolicy, Standing, Transfer,
};
use layout::ORGANIZATIONS;

/// How many records one scan of the store reads.
const PAGE: usize = 1000;

/// Reads records.
pub(crate) struct Repo {
    store: Arc<dyn Store>,
}

/// What is in a root or unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ChildKind {
    Account,
    Unit,
}

impl ChildKind {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Unit => "unit",
        }
    }
}

impl Repo {
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store }
    }

    /// The record under a key, with the commit that wrote it.
    ///
    /// # Errors
    /// The store's, as of every function here.
    pub(crate) async fn versioned<T: DeserializeOwned>(
        &self,
        key: &Key,
    ) -> Result<Option<(T, Revision)>, ApiError> {
        let entry = self.store.get(key).await.map_err(|error| errors::store(&error))?;
        entry.map(|entry| Ok((records::read(&entry.value)?, entry.revision))).transpose()
    }

    async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, ApiError> {
        Ok(self.versioned(key).await?.map(|(record, _)| record))
    }

    /// The revision of the last change within an organization; none when there is no such organization.
    pub(crate) async fn guard(&self, org: &str) -> Result<Option<Revision>, ApiError> {
        let entry = self.store.get(&layout::guard(org)).await.map_err(|error| errors::store(&error))?;
        Ok(entry.map(|entry| entry.revision))
    }

    pub(crate) async fn organization(&self, org: &str) -> Result<Option<Organization>, ApiError> {
        self.get(&layout::organization(org)).await
    }

    pub(crate) async fn standing(&self, account: &str) -> Result<Option<(Standing, Revision)>, ApiError> {
        self.versioned(&layout::standing(account)).await
    }

    /// The account with an email.
    pub(crate) async fn account_of_email(&self, email: &str) -> Result<Option<String>, ApiError> {
        let owner: Option<EmailOwner> = self.get(&layout::email(email)).await?;
        Ok(owner.map(|owner| owner.account))
    }

    pub(crate) async fn account(&self, org: &str, id: &str) -> Result<Option<Account>, ApiError> {
        self.get(&layout::account(org, id)).await
    }

    pub(crate) async fn unit(&self, org: &str, id: &str) -> Result<Option<OrganizationalUnit>, ApiError> {
        self.get(&layout::unit(org, id)).await
    }

    /// A policy, those that AWS manages included.
    pub(crate) async fn policy(&self, org: &str, id: &str) -> Result<Option<Policy>, ApiError> {
        match policies::managed(id) {
            Some(managed) => Ok(Some(managed)),
            None => self.get(&layout::policy(org, id)).await,
        }
    }

    pub(crate) async fn attachment(
        &self,
        org: &str,
        target: &str,
        kind: &str,
        policy: &str,
    ) -> Result<Option<Attachment>, ApiError> {
        self.get(&layout::attached(org, target, kind, policy)).await
    }

    pub(crate) async fn creation(&self, org: &str, id: &str) -> Result<Option<Creation>, ApiError> {
        self.get(&layout::creation(org, id)).await
    }

    pub(crate) async fn service(&self, org: &str, principal: &str) -> Result<Option<Enabled>, ApiError> {
        self.get(&layout::service(org, principal)).await
    }

    pub(crate) async fn resource_policy(&self, org: &str) -> Result<Option<ResourcePolicy>, ApiError> {
        self.get(&layout::resource_policy(org)).await
    }

    pub(crate) async fn handshake(&self, id: &str) -> Result<Option<(Handshake, Revision)>, ApiError> {
        self.versioned(&layout::handshake(id)).await
    }

    pub(crate) async fn transfer(&self, id: &str) -> Result<Option<(Transfer, Revision)>, ApiError> {
        self.versioned(&layout::transfer(id)).await
    }

    /// Every record below a path.
    pub(crate) async fn entries(&self, path: &[&str]) -> Result<Vec<Entry>, ApiError> {
        let mut range = KeyRange::under(path);
        let mut entries = Vec::new();
        loop {
            let (page, _) = self.scan(&range, PAGE).await?;
            let full = page.len() == PAGE;
            let last = page.last().map(|entry| range.after(&entry.key));
            entries.extend(page);
            match last {
                Some(rest) if full => range = rest,
                _ => return Ok(entries),
            }
        }
    }

    /// The records below a path and behind the page's start: at most as many as the page needs to know of.
    pub(crate) async fn page(&self, path: &[&str], paging: &Paging) -> Result<Vec<Entry>, ApiError> {
        let range = KeyRange::under(path);
        let range = match paging.after() {
            None => range,
            Some(after) => {
                let mut components = path.to_vec();
                components.extend(after.split('/'));
                range.after(&Key::of(&components))
            }
        };
        Ok(self.scan(&range, paging.wanted()).await?.0)
    }

    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<(Vec<Entry>, Revision), ApiError> {
        self.store.scan(range, limit).await.map_err(|error| errors::store(&error))
    }

    /// The last components of the keys below a path.
    async fn names(&self, path: &[&str]) -> Result<Vec<String>, ApiError> {
        Ok(self.entries(path).await?.iter().map(|entry| entry.key.last().to_owned()).collect())
    }

    /// What is in a root or unit.
    pub(crate) async fn children(
        &self,
        org: &str,
        parent: &str,
        kind: ChildKind,
    ) -> Result<Vec<String>, ApiError> {
        self.names(&[ORGANIZATIONS, org, "child", parent, kind.name()]).await
    }

    /// The policies of a type on a target, each with when it was attached.
    pub(crate) async fn attached(
        &self,
        org: &str,
        target: &str,
        kind: &str,
    ) -> Result<Vec<(String, Attachment)>, ApiError> {
        let entries = self.entries(&[ORGANIZATIONS, org, "attached", target, kind]).await?;
        entries.iter().map(|entry| Ok((entry.key.last().to_owned(), records::read(&entry.value)?))).collect()
    }

    /// Everything on a target: type and policy.
    pub(crate) async fn attachments(
        &self,
        org: &str,
        target: &str,
    ) -> Result<Vec<(String, String)>, ApiError> {
        let entries = self.entries(&[ORGANIZATIONS, org, "attached", target]).await?;
        let pair = |entry: &Entry| {
            let mut parts = entry.key.components().skip(4);
            Some((parts.next()?.to_owned(), parts.next()?.to_owned()))
        };
        Ok(entries.iter().filter_map(pair).collect())
    }

    /// What a policy hangs on.
    pub(crate) async fn targets(&self, org: &str, policy: &str) -> Result<Vec<String>, ApiError> {
        self.names(&[ORGANIZATIONS, org, "target", policy]).await
    }

    pub(crate) async fn accounts(&self, org: &str) -> Result<Vec<Account>, ApiError> {
        decode(&self.entries(&[ORGANIZATIONS, org, "account"]).await?)
    }

    pub(crate) async fn count_accounts(&self, org: &str) -> Result<usize, ApiError> {
        Ok(self.entries(&[ORGANIZATIONS, org, "account"]).await?.len())
    }

    pub(crate) async fn units(&self, org: &str) -> Result<Vec<OrganizationalUnit>, ApiError> {
        decode(&self.entries(&[ORGANIZATIONS, org, "unit"]).await?)
    }

    /// The policies that were made in an organization.
    pub(crate) async fn policies(&self, org: &str) -> Result<Vec<Policy>, ApiError> {
        decode(&self.entries(&[ORGANIZATIONS, org, "policy"]).await?)
    }

    /// The services for which an account administers the organization.
    pub(crate) async fn delegations(
        &self,
        org: &str,
        account: &str,
    ) -> Result<Vec<(String, Enabled)>, ApiError> {
        let entries = self.entries(&[ORGANIZATIONS, org, "delegate", account]).await?;
        entries.iter().map(|entry| Ok((entry.key.last().to_owned(), records::read(&entry.value)?))).collect()
    }

    /// Who administers the organization: account, service and since when.
    pub(crate) async fn delegates(&self, org: &str) -> Result<Vec<(String, String, Enabled)>, ApiError> {
        let entries = self.entries(&[ORGANIZATIONS, org, "delegate"]).await?;
        let mut delegates = Vec::new();
        for entry in &entries {
            let mut parts = entry.key.components().skip(3);
            if let (Some(account), Some(service)) = (parts.next(), parts.next()) {
                delegates.push((account.to_owned(), service.to_owned(), records::read(&entry.value)?));
            }
        }
        Ok(delegates)
    }

    /// The handshakes that an organization sent.
    pub(crate) async fn sent(&self, org: &str) -> Result<Vec<Handshake>, ApiError> {
        self.handshakes(&[ORGANIZATIONS, org, "handshake"]).await
    }

    /// The handshakes that an account or an email was sent.
    pub(crate) async fn received(&self, party: &str) -> Result<Vec<Handshake>, ApiError> {
        self.handshakes(&["organizations-party", &party.to_lowercase()]).await
    }

    async fn handshakes(&self, path: &[&str]) -> Result<Vec<Handshake>, ApiError> {
        let mut handshakes = Vec::new();
        for id in self.names(path).await? {
            handshakes.extend(self.handshake(&id).await?.map(|(handshake, _)| handshake));
        }
        Ok(handshakes)
    }

    /// The transfers of an organization; `direction` is `inbound` or `outbound`.
    pub(crate) async fn transfers(&self, org: &str, direction: &str) -> Result<Vec<Transfer>, ApiError> {
        let mut transfers = Vec::new();
        for id in self.names(&[ORGANIZATIONS, org, direction]).await? {
            transfers.extend(self.transfer(&id).await?.map(|(transfer, _)| transfer));
        }
        Ok(transfers)
    }

    /// What falls due first.
    pub(crate) async fn due(&self, limit: usize) -> Result<Vec<Entry>, ApiError> {
        Ok(self.scan(&KeyRange::under(&[layout::DUE]), limit).await?.0)
    }
}

/// The records of some entries.
///
/// # Errors
/// One of them cannot be read.
pub(crate) fn decode<T: DeserializeOwned>(entries: &[Entry]) -> Result<Vec<T>, ApiError> {
    entries.iter().map(|entry| records::read(&entry.value)).collect()
}
