//! Where records are: the only folder that knows store keys. `layout.rs` says where each is.

pub(crate) mod layout;

use std::sync::Arc;

use garrison_kernel::{Kernel, Snapshot, errors};
use garrison_policy::CompiledPolicy;
use garrison_schema::ApiError;
use garrison_store::{Entry, Key, KeyRange, Revision, Store, WriteSet};
use garrison_types::{AccountId, Timestamp};
use serde::de::DeserializeOwned;

use crate::public;
use crate::records::{self, Bucket, NULL, PublicAccess, Upload, Version};
use crate::version_id;

/// The most buckets that are held in memory, and the most accounts.
const SNAPSHOT_CAPACITY: usize = 16 * 1024;
/// How many records one scan of the store reads.
pub(crate) const PAGE: usize = 1000;

/// A bucket as one revision of the store has it.
#[derive(Debug)]
pub struct BucketEntry {
    pub(crate) name: String,
    pub(crate) arn: Arc<str>,
    pub(crate) record: Bucket,
    pub(crate) revision: Revision,
    /// Its policy, compiled.
    pub(crate) policy: Option<Arc<CompiledPolicy>>,
    /// Its policy is public.
    pub(crate) public: bool,
}

impl BucketEntry {
    /// The account that owns it.
    pub(crate) fn account(&self) -> AccountId {
        self.record.account.0
    }

    /// The ARN of an object in it.
    pub(crate) fn object_arn(&self, key: &str) -> String {
        format!("{}/{key}", self.arn)
    }
}

/// A record as one revision of the store has it.
#[derive(Debug, Clone)]
pub(crate) struct Located<T> {
    pub(crate) key: Key,
    pub(crate) revision: Revision,
    pub(crate) value: T,
}

/// An account's Block Public Access, when it has one.
#[derive(Debug)]
struct AccountEntry(PublicAccess);

/// Reads and caches records.
pub(crate) struct Repo {
    kernel: Arc<Kernel>,
    buckets: Arc<Snapshot<BucketEntry>>,
    accounts: Arc<Snapshot<AccountEntry>>,
}

impl Repo {
    /// A repository over the kernel's store, which tells it of every commit from now on.
    pub(crate) fn new(kernel: &Arc<Kernel>) -> Self {
        let buckets = Snapshot::new(SNAPSHOT_CAPACITY, |key| layout::is_bucket(key).then(|| key.clone()));
        let accounts = Snapshot::new(SNAPSHOT_CAPACITY, |key| layout::is_account(key).then(|| key.clone()));
        kernel.store().observe(Arc::clone(&buckets) as _);
        kernel.store().observe(Arc::clone(&accounts) as _);
        Self { kernel: Arc::clone(kernel), buckets, accounts }
    }

    fn store(&self) -> &dyn Store {
        &**self.kernel.store()
    }

    /// Forgets everything that is held in memory.
    pub(crate) fn forget(&self) {
        self.buckets.clear();
        self.accounts.clear();
    }

    /// The bucket of this name.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn bucket(&self, name: &str) -> Result<Option<Arc<BucketEntry>>, ApiError> {
        let key = layout::bucket(name);
        let load = || async {
            let Some(found) = self.get::<Bucket>(&key).await? else { return Ok(None) };
            let record = found.value;
            let policy = record.policy.as_deref();
            Ok(Some(BucketEntry {
                name: name.to_owned(),
                arn: format!("arn:{}:s3:::{name}", record.partition).into(),
                revision: found.revision,
                public: policy.is_some_and(public::is_public),
                policy: policy.map(|text| Arc::new(CompiledPolicy::from_stored("bucket", text.as_bytes()))),
                record,
            }))
        };
        self.buckets.get(&key, load).await
    }

    /// The Block Public Access of an account.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn account_public_access(&self, account: AccountId) -> Result<PublicAccess, ApiError> {
        let key = layout::account(account);
        let load = || async {
            let found = self.get::<PublicAccess>(&key).await?;
            Ok(Some(AccountEntry(found.map(|found| found.value).unwrap_or_default())))
        };
        Ok(self.accounts.get(&key, load).await?.map(|entry| entry.0).unwrap_or_default())
    }

    /// The names of an account's buckets, in their order, and the revision that they were read at.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn owned(&self, account: AccountId) -> Result<(Vec<String>, Revision), ApiError> {
        let (mut range, mut names) = (layout::all_owned(account), Vec::new());
        loop {
            let (page, revision) = self.scan(&range, PAGE).await?;
            names.extend(page.iter().map(|entry| entry.key.last().to_owned()));
            match page.last() {
                Some(last) if page.len() == PAGE => range = range.after(&last.key),
                _ => return Ok((names, revision)),
            }
        }
    }

    /// The current version of an object.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn current(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<Option<Located<Version>>, ApiError> {
        self.get(&layout::object(bucket, key)).await
    }

    /// The older version of this id.
    ///
    /// # Errors
    /// `InvalidArgument` for what is no id; the store failed.
    pub(crate) async fn older(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
    ) -> Result<Option<Located<Version>>, ApiError> {
        if id == NULL {
            return self.older_null(bucket, key).await;
        }
        let sequence = version_id::sequence(id)?;
        let found = self.get::<Version>(&layout::version(bucket, key, sequence)).await?;
        Ok(found.filter(|found| found.value.id.as_deref() == Some(id)))
    }

    /// The version `null` behind the current one.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn older_null(
        &self,
        bucket: &str,
        key: &str,
    ) -> Result<Option<Located<Version>>, ApiError> {
        self.first_version(bucket, key, |version| version.value.id.is_none()).await
    }

    async fn first_version(
        &self,
        bucket: &str,
        key: &str,
        wanted: impl Fn(&Located<Version>) -> bool,
    ) -> Result<Option<Located<Version>>, ApiError> {
        let mut range = layout::versions(bucket, key);
        loop {
            let (page, more) = self.page::<Version>(&range, PAGE).await?;
            let last = page.last().map(|last| last.key.clone());
            if let Some(found) = page.into_iter().find(&wanted) {
                return Ok(Some(found));
            }
            match last {
                Some(last) if more => range = range.after(&last),
                _ => return Ok(None),
            }
        }
    }

    /// The newest of the older versions of an object that is not `leaving`.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn newest_older(
        &self,
        bucket: &str,
        key: &str,
        leaving: impl Fn(&Key) -> bool,
    ) -> Result<Option<Located<Version>>, ApiError> {
        self.first_version(bucket, key, |version| !leaving(&version.key)).await
    }

    /// A multipart upload.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn upload(
        &self,
        bucket: &str,
        key: &str,
        id: &str,
    ) -> Result<Option<Located<Upload>>, ApiError> {
        self.get(&layout::upload(bucket, key, id)).await
    }

    /// A record.
    ///
    /// # Errors
    /// The store failed, or the record is damaged.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<Located<T>>, ApiError> {
        let entry = self.store().get(key).await.map_err(|error| errors::store(&error))?;
        entry.map(located).transpose()
    }

    /// Whether a record is still there at its revision.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn is_at(&self, key: &Key, revision: Revision) -> Result<bool, ApiError> {
        let entry = self.store().get(key).await.map_err(|error| errors::store(&error))?;
        Ok(entry.is_some_and(|entry| entry.revision == revision))
    }

    /// At most `limit` records of a range, and whether there are more as far as that tells.
    ///
    /// # Errors
    /// The store failed, or a record is damaged.
    pub(crate) async fn page<T: DeserializeOwned>(
        &self,
        range: &KeyRange,
        limit: usize,
    ) -> Result<(Vec<Located<T>>, bool), ApiError> {
        let (page, _) = self.scan(range, limit).await?;
        let more = page.len() == limit;
        Ok((page.into_iter().map(located).collect::<Result<_, _>>()?, more))
    }

    /// Every record of a range.
    ///
    /// # Errors
    /// The store failed, or a record is damaged.
    pub(crate) async fn all<T: DeserializeOwned>(
        &self,
        range: &KeyRange,
    ) -> Result<Vec<Located<T>>, ApiError> {
        let (mut range, mut all) = (range.clone(), Vec::new());
        loop {
            let (page, more) = self.page(&range, PAGE).await?;
            let last = page.last().map(|last: &Located<T>| last.key.clone());
            all.extend(page);
            match last {
                Some(last) if more => range = range.after(&last),
                _ => return Ok(all),
            }
        }
    }

    /// At most `limit` records of a range and the revision that they were read at.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn scan(
        &self,
        range: &KeyRange,
        limit: usize,
    ) -> Result<(Vec<Entry>, Revision), ApiError> {
        self.store().scan(range, limit).await.map_err(|error| errors::store(&error))
    }

    /// Writes at once what no operation's answer depends on.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn commit(&self, writes: WriteSet) -> Result<Revision, ApiError> {
        self.store().commit(writes).await.map_err(|error| errors::commit(&error))
    }
}

fn located<T: DeserializeOwned>(entry: Entry) -> Result<Located<T>, ApiError> {
    let value = records::decode(&entry.value).map_err(crate::error::corrupt)?;
    Ok(Located { key: entry.key, revision: entry.revision, value })
}

/// Replaces a bucket's record.
pub(crate) fn replace_bucket(writes: &mut WriteSet, bucket: &BucketEntry, record: &Bucket) {
    writes.replace(layout::bucket(&bucket.name), bucket.revision, records::encode(record));
}

/// Demands that a bucket is still there as it was read.
pub(crate) fn require_bucket(writes: &mut WriteSet, bucket: &BucketEntry) {
    writes.require(layout::bucket(&bucket.name), bucket.revision);
}

/// Leaves the blobs of what is deleted to the sweep.
pub(crate) fn release<'a>(
    writes: &mut WriteSet,
    now: Timestamp,
    parts: impl IntoIterator<Item = &'a records::Part>,
) {
    for part in parts {
        if part.body.inline.is_none() {
            writes.put(layout::doubtful(now, &part.body.name.0), Vec::new());
        }
    }
}
