//! Where records are: the only file that knows store keys.
//!
//! ```text
//! kms / account / region / keys / id                         nothing: what ListKeys pages through
//! kms / account / region / key / id                          the key (policy, tags, materials' states, rotation)
//! kms / account / region / key / id / alias / name           nothing: the key's aliases
//! kms / account / region / key / id / grant / id             a grant
//! kms / account / region / key / id / set / alias | grant    nothing: its revision is the last change of that set
//! kms / account / region / key / id / material / material-id a sealed secret: written once, deleted with erasure
//! kms / account / region / alias / name                      an alias and its target
//! kms / account / region / retirable / principal / key-account / key-id / grant-id
//!                                                            nothing: the grants that a principal may retire
//! kms-material / region / material-id                        whose material it is: finds the key of a ciphertext
//! kms-due / kind / time / account / region / id / extra      what falls due by itself, in the order of time
//! ```
//!
//! A key and everything below it are one snapshot, read by one scan, and dropped when any of it changes.

use std::sync::Arc;

use bytes::Bytes;
use garrison_crypto::blob::SymmetricKey;
use garrison_crypto::keys::{KeyMaterial, KeySpec, MacKey, PrivateKey, PublicKey};
use garrison_crypto::material_id::MaterialId;
use garrison_kernel::{Kernel, Snapshot, errors};
use garrison_policy::CompiledPolicy;
use garrison_schema::ApiError;
use garrison_store::{Entry, Key as StoreKey, KeyRange, Precondition, Revision, Store, WriteSet};
use garrison_types::{AccountId, Region, Timestamp};

use crate::{error, grants};
use crate::model::{Alias, AliasName, Grant, GrantSet, Key, KeyAddress, KeySnapshot, ReadyKey, Provenance};
use crate::records;

/// The most keys, aliases and ciphertext owners that are held in memory, each.
const SNAPSHOT_CAPACITY: usize = 16 * 1024;
/// How many records one scan of the store reads.
const PAGE: usize = 1000;
/// What lies below a key, by kind.
const ALIAS: &str = "alias";
const GRANT: &str = "grant";

/// In `extra`: the rotation was asked for.
pub(crate) const ON_DEMAND: &str = "on-demand";

/// What falls due by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DueKind {
    /// A key's deletion window ends.
    Deletion,
    /// A key's next automatic rotation, or, with [`ON_DEMAND`] in `extra`, one that was asked for.
    Rotation,
    /// An imported material expires; `extra` is its id.
    Expiry,
}

impl DueKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Deletion => "deletion",
            Self::Rotation => "rotation",
            Self::Expiry => "expiry",
        }
    }
}

/// Something that fell due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Due {
    /// When.
    pub at: Timestamp,
    /// Of which key.
    pub address: KeyAddress,
    /// What of it, where the kind needs more than the key.
    pub extra: String,
}

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
            ready: Snapshot::new(kernel.settings().kms_key_cache, |key| at(key, 5, "material").then(|| key.clone())),
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
                        let key = records::decode_key(address.clone(), &entry.value).map_err(error::corrupt)?;
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
    pub(crate) async fn owner(&self, region: &Region, id: MaterialId) -> Result<Option<Arc<KeyAddress>>, ApiError> {
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
                    spec if spec.is_asymmetric() => PrivateKey::load(spec, key.usage, &secret).and_then(|private| {
                        let loaded = PublicKey::load(spec, key.usage, public)?;
                        Ok(ReadyKey::Pair { private, public: loaded, public_der: public.to_vec() })
                    }),
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
        let resealed = sealer.seal(self.kernel.rng(), target.as_bytes(), secret.expose()).map_err(error::crypto)?;
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
            let address =
                KeyAddress { account: parts.next()?.parse().ok()?, region: region.clone(), id: parts.next()?.into() };
            Some((address, parts.next()?.to_owned()))
        };
        page.iter().map(|entry| read(entry).ok_or_else(|| error::corrupt(format!("{:?}", entry.key)))).collect()
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
        let (page, _) = self.scan(&KeyRange::under(&["kms-due", kind.name()]), limit.saturating_add(1)).await?;
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

/// Adds a new key; its material is added apart.
pub(crate) fn create_key(writes: &mut WriteSet, key: &Key) {
    writes.create(key_record(&key.address), records::encode_key(key));
    writes.put(list_record(&key.address), Bytes::new());
}

/// Replaces a key that was read as `snapshot`.
pub(crate) fn replace_key(writes: &mut WriteSet, snapshot: &KeySnapshot, key: &Key) {
    writes.replace(key_record(&key.address), snapshot.revision, records::encode_key(key));
}

/// Demands that the key is still the one that was read, for changes beside its own record.
pub(crate) fn require_key(writes: &mut WriteSet, snapshot: &KeySnapshot) {
    writes.require(key_record(&snapshot.key.address), snapshot.revision);
}

/// Demands that none of the key's aliases came or went since the snapshot was read.
pub(crate) fn require_aliases(writes: &mut WriteSet, snapshot: &KeySnapshot) {
    require_set(writes, &snapshot.key.address, ALIAS, snapshot.alias_set);
}

/// Demands that none of the key's grants came or went since the snapshot was read.
pub(crate) fn require_grants(writes: &mut WriteSet, snapshot: &KeySnapshot) {
    require_set(writes, &snapshot.key.address, GRANT, snapshot.grant_set);
}

/// A snapshot may be held for as long as nothing changes, so it cannot rely on the store's memory of what changed in
/// a range; a record that every change of the set writes says the same for ever.
fn require_set(writes: &mut WriteSet, address: &KeyAddress, kind: &str, read: Option<Revision>) {
    let record = child(address, "set", kind);
    writes.preconditions.push(match read {
        Some(revision) => Precondition::AtRevision(record, revision),
        None => Precondition::Absent(record),
    });
}

/// Notes that a set changes.
fn touch_set(writes: &mut WriteSet, address: &KeyAddress, kind: &str) {
    let record = child(address, "set", kind);
    if !writes.puts.iter().any(|(key, _)| *key == record) {
        writes.put(record, Bytes::new());
    }
}

/// Deletes one of a key's materials for good. The entry that says whose it is stays while the key does, so that
/// its ciphertexts are still known.
pub(crate) fn erase_material(writes: &mut WriteSet, address: &KeyAddress, id: MaterialId) {
    writes.deletes.push(material_record(address, id));
    writes.erase = true;
}

/// Parts a key from a material that never became its own: deletes it for good, and the entry that says whose it is.
pub(crate) fn disown_material(writes: &mut WriteSet, address: &KeyAddress, id: MaterialId) {
    erase_material(writes, address, id);
    writes.deletes.push(owner_record(&address.region, id));
}

/// Deletes a key, its materials, aliases and grants for good.
pub(crate) fn erase_key(writes: &mut WriteSet, snapshot: &KeySnapshot) {
    let address = &snapshot.key.address;
    require_aliases(writes, snapshot);
    require_grants(writes, snapshot);
    writes.delete(key_record(address), snapshot.revision);
    writes.deletes.push(list_record(address));
    for alias in &snapshot.aliases {
        writes.deletes.push(child(address, ALIAS, alias));
        writes.deletes.push(alias_record(address.account, &address.region, alias));
    }
    for grant in &snapshot.grants.grants {
        remove_grant(writes, address, grant);
    }
    writes.deletes.extend([ALIAS, GRANT].map(|kind| child(address, "set", kind)));
    let due = |at, extra| Due { at, address: address.clone(), extra };
    if let Some(next) = snapshot.key.rotation.next {
        unschedule(writes, DueKind::Rotation, &due(next, String::new()));
    }
    if let Some(started) = snapshot.key.rotation.on_demand_started {
        unschedule(writes, DueKind::Rotation, &due(started, ON_DEMAND.to_owned()));
    }
    for material in &snapshot.key.materials {
        if let Provenance::Imported { valid_to: Some(at), .. } = material.provenance {
            unschedule(writes, DueKind::Expiry, &due(at, material.id.to_string()));
        }
        erase_material(writes, address, material.id);
        writes.deletes.push(owner_record(&address.region, material.id));
    }
}

/// Adds an alias that did not exist.
pub(crate) fn create_alias(writes: &mut WriteSet, target: &KeyAddress, alias: &Alias) {
    let record = alias_record(target.account, &target.region, alias.name.as_str());
    writes.create(record, records::encode_alias(alias));
    writes.put(child(target, ALIAS, alias.name.as_str()), Bytes::new());
    touch_set(writes, target, ALIAS);
}

/// Points an alias at another key.
pub(crate) fn move_alias(writes: &mut WriteSet, old: &AliasEntry, from: &KeyAddress, to: &KeyAddress, alias: &Alias) {
    delete_alias(writes, old, from);
    let record = alias_record(to.account, &to.region, alias.name.as_str());
    writes.deletes.retain(|key| *key != record);
    writes.put(record, records::encode_alias(alias));
    let own = child(to, ALIAS, alias.name.as_str());
    writes.deletes.retain(|key| *key != own);
    writes.put(own, Bytes::new());
    touch_set(writes, to, ALIAS);
}

/// Deletes an alias of a key.
pub(crate) fn delete_alias(writes: &mut WriteSet, old: &AliasEntry, target: &KeyAddress) {
    let name = old.alias.name.as_str();
    writes.delete(alias_record(target.account, &target.region, name), old.revision);
    writes.deletes.push(child(target, ALIAS, name));
    touch_set(writes, target, ALIAS);
}

/// Adds or replaces a grant.
pub(crate) fn put_grant(writes: &mut WriteSet, address: &KeyAddress, grant: &Grant) {
    writes.put(child(address, GRANT, &grant.id), records::encode_grant(grant));
    if let Some(record) = retirable_record(address, grant) {
        writes.put(record, Bytes::new());
    }
    touch_set(writes, address, GRANT);
}

/// Deletes a grant.
pub(crate) fn delete_grant(writes: &mut WriteSet, address: &KeyAddress, grant: &Grant) {
    remove_grant(writes, address, grant);
    touch_set(writes, address, GRANT);
}

fn remove_grant(writes: &mut WriteSet, address: &KeyAddress, grant: &Grant) {
    writes.deletes.push(child(address, GRANT, &grant.id));
    writes.deletes.extend(retirable_record(address, grant));
}

/// Notes when something falls due.
pub(crate) fn schedule(writes: &mut WriteSet, kind: DueKind, due: &Due) {
    writes.put(due_record(kind, due), Bytes::new());
}

/// Strikes out what was noted.
pub(crate) fn unschedule(writes: &mut WriteSet, kind: DueKind, due: &Due) {
    writes.deletes.push(due_record(kind, due));
}

fn put_owner(writes: &mut WriteSet, address: &KeyAddress, id: MaterialId) {
    writes.put(owner_record(&address.region, id), records::encode_owner(address));
}

fn components(address: &KeyAddress) -> [&str; 5] {
    ["kms", address.account.as_str(), address.region.as_str(), "key", &address.id]
}

fn key_record(address: &KeyAddress) -> StoreKey {
    StoreKey::of(&components(address))
}

fn list_record(address: &KeyAddress) -> StoreKey {
    StoreKey::of(&["kms", address.account.as_str(), address.region.as_str(), "keys", &address.id])
}

fn child(address: &KeyAddress, kind: &str, name: &str) -> StoreKey {
    let [a, b, c, d, e] = components(address);
    StoreKey::of(&[a, b, c, d, e, kind, name])
}

fn material_record(address: &KeyAddress, id: MaterialId) -> StoreKey {
    child(address, "material", &id.to_string())
}

fn alias_record(account: AccountId, region: &Region, name: &str) -> StoreKey {
    StoreKey::of(&["kms", account.as_str(), region.as_str(), "alias", name])
}

fn owner_record(region: &Region, id: MaterialId) -> StoreKey {
    StoreKey::of(&["kms-material", region.as_str(), &id.to_string()])
}

/// Where a grant stands for its retiring principal: under the account that the principal belongs to, and a service's
/// under the key's.
fn retirable_record(address: &KeyAddress, grant: &Grant) -> Option<StoreKey> {
    let principal = grant.retiring.as_deref()?;
    let account = grants::account_of(principal).unwrap_or(address.account);
    let (account, region) = (account.as_str(), address.region.as_str());
    let key = (address.account.as_str(), &*address.id);
    Some(StoreKey::of(&["kms", account, region, "retirable", principal, key.0, key.1, &grant.id]))
}

fn due_record(kind: DueKind, due: &Due) -> StoreKey {
    let Due { at, address, extra } = due;
    // Nineteen digits hold every i64, so that the order of the texts is the order of the times.
    let at = format!("{:019}", at.as_millis().max(0));
    StoreKey::of(&["kms-due", kind.name(), &at, address.account.as_str(), address.region.as_str(), &address.id, extra])
}

fn parse_due(key: &StoreKey) -> Option<Due> {
    let mut parts = key.components().skip(2);
    let at = Timestamp::from_millis(parts.next()?.parse().ok()?);
    let account = parts.next()?.parse().ok()?;
    let region = parts.next()?.parse().ok()?;
    let id = parts.next()?.into();
    Some(Due { at, address: KeyAddress { account, region, id }, extra: parts.next()?.to_owned() })
}

fn range_after(path: &[&str], after: Option<&str>) -> KeyRange {
    let range = KeyRange::under(path);
    match after {
        None => range,
        Some(after) => {
            let mut components = path.to_vec();
            components.push(after);
            range.after(&StoreKey::of(&components))
        }
    }
}

/// Whether a record of KMS has this component at this place.
fn at(key: &StoreKey, index: usize, component: &str) -> bool {
    let mut parts = key.components();
    match index.checked_sub(1) {
        None => parts.next() == Some(component),
        Some(behind_service) => parts.next() == Some("kms") && parts.nth(behind_service) == Some(component),
    }
}

/// The record of the key that a record at or below it belongs to.
fn key_of_record(key: &StoreKey) -> Option<StoreKey> {
    if !at(key, 3, "key") {
        return None;
    }
    Some(StoreKey::of(&key.components().take(5).collect::<Vec<_>>()))
}
