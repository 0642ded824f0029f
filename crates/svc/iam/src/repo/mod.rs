//! Where records are: the only folder that knows store keys. `layout.rs` says where each is, `write.rs` fills write sets.

pub(crate) mod layout;
mod write;

use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;

use garrison_kernel::errors;
use garrison_schema::ApiError;
use garrison_store::{Entry, KeyRange, Revision, Store};
use garrison_types::AccountId;

pub(crate) use write::{create, delete, link, replace, require, require_links, unlink};

use crate::error;
use crate::paging::{Page, Paging};
use crate::records::Record;

/// How many records one scan of the store reads.
const SCAN: usize = 1000;

/// A record as one revision of the store has it.
#[derive(Debug, Clone)]
pub(crate) struct Found<R> {
    /// The record.
    pub(crate) record: R,
    /// The commit that wrote it.
    pub(crate) revision: Revision,
}

impl<R> Deref for Found<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.record
    }
}

/// What stands in a relation to something, as one revision of the store has it.
#[derive(Debug, Clone)]
pub(crate) struct Links {
    /// The names or ids, in order.
    pub(crate) to: Vec<String>,
    /// For [`require_links`].
    pub(crate) revision: Revision,
}

/// Reads records.
pub(crate) struct Repo {
    store: Arc<dyn Store>,
}

impl Repo {
    /// A repository over a store.
    pub(crate) fn new(store: &Arc<dyn Store>) -> Self {
        Self { store: Arc::clone(store) }
    }

    /// The store itself, for what this type does not offer.
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// The entity of this name, in any case.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn get<R: Record>(
        &self,
        account: AccountId,
        name: &str,
    ) -> Result<Option<Found<R>>, ApiError> {
        let found = self.store.get(&layout::entity(account, R::KIND, name)).await;
        found.map_err(|error| errors::store(&error))?.map(read).transpose()
    }

    /// The entity with this unique id.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn by_id<R: Record>(
        &self,
        account: AccountId,
        id: &str,
    ) -> Result<Option<Found<R>>, ApiError> {
        let found = self.store.get(&layout::id(account, R::KIND, id)).await;
        let Some(entry) = found.map_err(|error| errors::store(&error))? else { return Ok(None) };
        let name = std::str::from_utf8(&entry.value).map_err(error::corrupt)?;
        // Between the two reads another entity may have got the name.
        Ok(self.get::<R>(account, name).await?.filter(|found| found.id() == Some(id)))
    }

    /// A page of an account's entities of one kind, in the order of their names, of those that `keep` takes.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn list<R: Record>(
        &self,
        account: AccountId,
        paging: &Paging,
        keep: impl Fn(&R) -> bool,
    ) -> Result<Page<R>, ApiError> {
        let mut range = layout::entities(account, R::KIND, paging.after());
        let mut items = Vec::new();
        loop {
            let (entries, _) = self.scan(&range).await?;
            for entry in &entries {
                let record = R::decode(&entry.value).map_err(error::corrupt)?;
                if keep(&record) {
                    items.push(record);
                }
                if items.len() == paging.wanted() {
                    return Ok(paging.page(items, |record| record.name().to_ascii_lowercase()));
                }
            }
            match entries.last() {
                Some(last) if entries.len() == SCAN => range = range.after(&last.key),
                _ => return Ok(paging.page(items, |record| record.name().to_ascii_lowercase())),
            }
        }
    }

    /// All of an account's entities of one kind, in the order of their names. Quotas bound how many there are.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn all<R: Record>(&self, account: AccountId) -> Result<Vec<Found<R>>, ApiError> {
        self.scan_all(layout::entities(account, R::KIND, None)).await?.into_iter().map(read).collect()
    }

    /// How many entities of a kind an account has, for its quota. Calls that create at the same moment do not see each
    /// other here, and may overshoot a quota together.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn count<R: Record>(&self, account: AccountId) -> Result<usize, ApiError> {
        let range =
            if R::HAS_ID { layout::ids(account, R::KIND) } else { layout::entities(account, R::KIND, None) };
        Ok(self.scan_all(range).await?.len())
    }

    /// Everything that stands in a relation to `from`. Quotas bound how much that is.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn links(
        &self,
        account: AccountId,
        relation: &str,
        from: &str,
    ) -> Result<Links, ApiError> {
        let range = layout::links(account, relation, from);
        let revision = self.store.revision().await.map_err(|error| errors::store(&error))?;
        let entries = self.scan_all(range).await?;
        Ok(Links { to: entries.iter().map(|entry| entry.key.last().to_owned()).collect(), revision })
    }

    /// For everything that something stands in a relation to, how much that is.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn relation_sizes(
        &self,
        account: AccountId,
        relation: &str,
    ) -> Result<HashMap<String, usize>, ApiError> {
        let mut sizes = HashMap::new();
        for entry in self.scan_all(layout::relation(account, relation)).await? {
            if let Some(from) = layout::link_from(&entry.key) {
                *sizes.entry(from.to_owned()).or_default() += 1;
            }
        }
        Ok(sizes)
    }

    async fn scan_all(&self, mut range: KeyRange) -> Result<Vec<Entry>, ApiError> {
        let mut all = Vec::new();
        loop {
            let (mut entries, _) = self.scan(&range).await?;
            let more = entries.last().filter(|_| entries.len() == SCAN).map(|last| range.after(&last.key));
            all.append(&mut entries);
            match more {
                Some(rest) => range = rest,
                None => return Ok(all),
            }
        }
    }

    async fn scan(&self, range: &KeyRange) -> Result<(Vec<Entry>, Revision), ApiError> {
        self.store.scan(range, SCAN).await.map_err(|error| errors::store(&error))
    }
}

fn read<R: Record>(entry: Entry) -> Result<Found<R>, ApiError> {
    let record = R::decode(&entry.value).map_err(error::corrupt)?;
    Ok(Found { record, revision: entry.revision })
}
