//! Where records are: the only folder that knows store keys. `layout.rs` says where each is.
//!
//! A key and everything below it are one snapshot, read by one scan, and dropped when any of it changes.

mod due;
mod layout;
mod write;

use std::sync::Arc;

use garrison_crypto::blob::SymmetricKey;
use garrison_crypto::keys::{KeyMaterial, KeySpec, MacKey, PrivateKey, PublicKey};
use garrison_crypto::material_id::MaterialId;
use garrison_kernel::{Kernel, Snapshot, errors};
use garrison_policy::CompiledPolicy;
use garrison_schema::ApiError;
use garrison_store::{Entry, Key as StoreKey, KeyRange, Revision, Store, WriteSet};
use garrison_types::{AccountId, Region, Timestamp};

pub(crate) use due::{Due, DueKind, ON_DEMAND};
pub(crate) use write::{
    create_alias, create_key, delete_alias, delete_grant, disown_material, erase_key, erase_material,
    move_alias, put_grant, replace_key, require_aliases, require_grants, require_key, schedule, unschedule,
};

use layout::{
    ALIAS, GRANT, alias_record, at, components, key_of_record, key_record, material_record, owner_record,
    parse_due, range_after,
};
use write::put_owner;

use crate::error;
use crate::model::{Alias, AliasName, GrantSet, Key, KeyAddress, KeySnapshot, ReadyKey};
use crate::records;

/// The most keys, aliases and ciphertext owners that are held in memory, each.
const SNAPSHOT_CAPACITY: usize = 16 * 1024;
/// How many records one scan of the store reads.
const PAGE: usize = 1000;

/// An alias as one revision of the store has it.
#[derive(Debug)]
pub(crate) struct AliasEntry {
    /// The alias.
    pub alias: Alias,
    /// The commit that wrote it.
    pub revision: Revision,
}

/// Reads and caches records, and fills write sets.
pub(crate) struct Repo {
    kernel: Arc<Kernel>,
    keys: Arc<Snapshot<KeySnapshot>>,
    aliases: Arc<Snapshot<AliasEntry>>,
    owners: Arc<Snapshot<KeyAddress>>,
    ready: Arc<Snapshot<ReadyKey>>,
}

impl Repo {
    /// A repository over the kernel's store, which tells it of every commit from now on.
    pub(crate) fn new(kernel: &Arc<Kernel>) -> Self {
        let repo = Self {
            kernel: Arc::clone(kernel),
            keys: Snapshot::new(SNAPSHOT_CAPACITY, key_of_record),
            aliases: Snapshot::new(SNAPSHOT_CAPACITY, |key| at(key, 3, "alias").then(|| key.clone())),
            owners: Snapshot::new(SNAPSHOT_CAPACITY, |key| at(key, 0, "kms-material").then(|| key.clone())),
            ready: Snapshot::new(kernel.settings().kms_key_cache, |key| {
                at(key, 5, "material").then(|| key.clone())
            }),
        };
        let store = kernel.store();
        store.observe(Arc::clone(&repo.keys) as _);
        store.observe(Arc::clone(&repo.aliases) as _);
        store.observe(Arc::clone(&repo.owners) as _);
        store.observe(Arc::clone(&repo.ready) as _);
        repo
    }

    fn store(&self) -> &dyn Store {
        &**self.kernel.store()
    }

    /// Forgets everything that is held in memory.
    pub(crate) fn forget(&self) {
        self.ready.clear();
        self.keys.clear();
        self.aliases.clear();
        self.owners.clear();
    }

    /// The key at an address.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn key(&self, address: &KeyAddress) -> Result<Option<Arc<KeySnapshot>>, ApiError> {
        self.keys.get(&key_record(address), || self.load_key(address)).await
    }

    async fn load_key(&self, address: &KeyAddress) -> Result<Option<KeySnapshot>, ApiError> {
        let record = key_record(address);
        let mut range =
            KeyRange { start: record.as_bytes().to_vec(), end: KeyRange::under(&components(address)).end };
        let mut own: Option<(Key, Revision)> = None;
        let (mut aliases, mut grants) = (Vec::new(), Vec::new());
        let (mut alias_set, mut grant_set) = (None, None);
        loop {
            let (page, _) = self.scan(&range, PAGE).await?;
            for entry in &page {
                let mut parts = entry.key.components().skip(5);
                match (parts.next(), parts.next()) {
                    (None, _) => {
                        let key =
                            records::decode_key(address.clone(), &entry.value).map_err(error::corrupt)?;
                        own = Some((key, entry.revision));
                    }
                    (Some("set"), Some(ALIAS)) => alias_set = Some(entry.revision),
                    (Some("set"), Some(GRANT)) => grant_set = Some(entry.revision),
                    (Some(ALIAS), Some(name)) => aliases.push(name.to_owned()),
                    (Some(GRANT), Some(id)) => {
                        grants.push(records::decode_grant(id, &entry.value).map_err(error::corrupt)?);
                    }
                    _ => {}
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => range = range.after(&last.key),
                _ => break,
            }
        }
        Ok(own.map(|(key, revision)| KeySnapshot {
            arn: key.address.arn().into(),
            policy: Arc::new(CompiledPolicy::from_stored("default", key.policy.as_bytes())),
            key,
            revision,
            aliases,
            grants: GrantSet { grants },
            alias_set,
            grant_set,
        }))
    }

    /// The alias of this name.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn alias(
        &self,
        account: AccountId,
        region: &Region,
        name: &AliasName,
    ) -> Result<Option<Arc<AliasEntry>>, ApiError> {
        let record = alias_record(account, region, name.as_str());
        self.aliases
            .get(&record, || async {
                let Some(entry) = self.get(&record).await? else { return Ok(None) };
                let alias = records::decode_alias(name.as_str(), &entry.value).map_err(error::corrupt)?;
                Ok(Some(AliasEntry { alias, revision: entry.revision }))
            })
            .await
    }

    /// The key that a material of this id belongs to, in a region.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn owner(
        &self,
        region: &Region,
        id: MaterialId,
    ) -> Result<Option<Arc<KeyAddress>>, ApiError> {
        let record = owner_record(region, id);
        self.owners
            .get(&record, || async {
                let Some(entry) = self.get(&record).await? else { return Ok(None) };
                records::decode_owner(region, &entry.value).map(Some).map_err(error::corrupt)
            })
            .await
    }

    /// A key's material, unsealed and loaded; none when the material was deleted.
    ///
    /// The sealed record is read from the store when the material is not in memory, so that nothing that was
    /// deleted comes back through an older snapshot of its key.
    ///
    /// # Errors
    /// The store failed, or what it holds does not open.
    pub(crate) async fn ready(&self, key: &Key, id: MaterialId) -> Result<Option<Arc<ReadyKey>>, ApiError> {
        let record = material_record(&key.address, id);
        self.ready
            .get(&record, || async {
                let Some(entry) = self.get(&record).await? else { return Ok(None) };
                let (public, sealed) = records::decode_sealed(&entry.value).map_err(error::corrupt)?;
                let secret = self.kernel.sealer().open(record.as_bytes(), sealed).map_err(error::corrupt)?;
                let ready = match key.spec {
                    KeySpec::SymmetricDefault => SymmetricKey::new(id, &secret).map(ReadyKey::Symmetric),
                    spec if spec.is_asymmetric() => {
                        PrivateKey::load(spec, key.usage, &secret).and_then(|private| {
                            let loaded = PublicKey::load(spec, key.usage, public)?;
                            Ok(ReadyKey::Pair { private, public: loaded, public_der: public.to_vec() })
                        })
                    }
                    spec => MacKey::load(spec, &secret).map(ReadyKey::Mac),
                };
                ready.map(Some).map_err(error::crypto)
            })
            .await
    }

    /// A key's material as it was generated or imported, for copying it to a related key.
    ///
    /// # Errors
    /// The store failed, or what it holds does not open.
    pub(crate) async fn copy_material(
        &self,
        writes: &mut WriteSet,
        id: MaterialId,
        from: &KeyAddress,
        to: &KeyAddress,
    ) -> Result<bool, ApiError> {
        let (source, target) = (material_record(from, id), material_record(to, id));
        let Some(entry) = self.get(&source).await? else { return Ok(false) };
        let (public, sealed) = records::decode_sealed(&entry.value).map_err(error::corrupt)?;
        let sealer = self.kernel.sealer();
        let secret = sealer.open(source.as_bytes(), sealed).map_err(error::corrupt)?;
        let resealed =
            sealer.seal(self.kernel.rng(), target.as_bytes(), secret.expose()).map_err(error::crypto)?;
        writes.require(source, entry.revision);
        let public = (!public.is_empty()).then_some(public);
        writes.put(target, records::encode_sealed(public, &resealed));
        put_owner(writes, to, id);
        Ok(true)
    }

    /// At most `limit` ids of keys behind `after`, in the order of their ids.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn list_keys(
        &self,
        account: AccountId,
        region: &Region,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<String>, ApiError> {
        let path = ["kms", account.as_str(), region.as_str(), "keys"];
        let range = range_after(&path, after);
        let (page, _) = self.scan(&range, limit).await?;
        Ok(page.iter().map(|entry| entry.key.last().to_owned()).collect())
    }

    /// At most `limit` aliases behind `after`, in the order of their names.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn list_aliases(
        &self,
        account: AccountId,
        region: &Region,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Alias>, ApiError> {
        let path = ["kms", account.as_str(), region.as_str(), "alias"];
        let range = range_after(&path, after);
        let (page, _) = self.scan(&range, limit).await?;
        page.iter().map(|e| records::decode_alias(e.key.last(), &e.value).map_err(error::corrupt)).collect()
    }

    /// At most `limit` grants behind `after` (key account, key id and grant id, joined by `/`) that a principal of an
    /// account may retire: the keys and the grants' ids.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn retirable(
        &self,
        account: AccountId,
        region: &Region,
        principal: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(KeyAddress, String)>, ApiError> {
        let path = ["kms", account.as_str(), region.as_str(), "retirable", principal];
        let mut range = KeyRange::under(&path);
        if let Some(after) = after {
            let last: Vec<&str> = path.into_iter().chain(after.split('/')).collect();
            range = range.after(&StoreKey::of(&last));
        }
        let (page, _) = self.scan(&range, limit).await?;
        let read = |entry: &Entry| {
            let mut parts = entry.key.components().skip(path.len());
            let address = KeyAddress {
                account: parts.next()?.parse().ok()?,
                region: region.clone(),
                id: parts.next()?.into(),
            };
            Some((address, parts.next()?.to_owned()))
        };
        page.iter()
            .map(|entry| read(entry).ok_or_else(|| error::corrupt(format!("{:?}", entry.key))))
            .collect()
    }

    /// At most `limit` things of a kind that fell due up to `now`, and when the first one behind them does.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn due(
        &self,
        kind: DueKind,
        now: Timestamp,
        limit: usize,
    ) -> Result<(Vec<Due>, Option<Timestamp>), ApiError> {
        let (page, _) =
            self.scan(&KeyRange::under(&["kms-due", kind.name()]), limit.saturating_add(1)).await?;
        let mut due = Vec::new();
        for entry in &page {
            let item = parse_due(&entry.key).ok_or_else(|| error::corrupt(format!("{:?}", entry.key)))?;
            if item.at > now || due.len() == limit {
                return Ok((due, Some(item.at)));
            }
            due.push(item);
        }
        Ok((due, None))
    }

    async fn get(&self, key: &StoreKey) -> Result<Option<Entry>, ApiError> {
        self.store().get(key).await.map_err(|error| errors::store(&error))
    }

    async fn scan(&self, range: &KeyRange, limit: usize) -> Result<(Vec<Entry>, Revision), ApiError> {
        self.store().scan(range, limit).await.map_err(|error| errors::store(&error))
    }

    /// Seals a material and adds it, and the entry that says whose it is. A material that was deleted may come
    /// again, byte for byte the same.
    ///
    /// # Errors
    /// Sealing failed.
    pub(crate) fn put_material(
        &self,
        writes: &mut WriteSet,
        address: &KeyAddress,
        id: MaterialId,
        material: &KeyMaterial,
    ) -> Result<(), ApiError> {
        let record = material_record(address, id);
        let sealed = self
            .kernel
            .sealer()
            .seal(self.kernel.rng(), record.as_bytes(), material.secret().expose())
            .map_err(error::crypto)?;
        writes.put(record, records::encode_sealed(material.public_key_der(), &sealed));
        put_owner(writes, address, id);
        Ok(())
    }
}
