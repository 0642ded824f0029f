//! Read-through snapshots of stored records: what hot paths read instead of the store.
//!
//! Invariant: a value that [`Snapshot::get`] returns is the newest committed one. The store calls
//! [`Observer::committed`] before a commit returns, so a value is dropped before anybody can have seen its
//! successor; a load that was under way meanwhile is not kept.

use std::collections::HashMap;
use std::future::Future;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use garrison_store::{Key, Observer, Revision};
use parking_lot::RwLock;

/// The most shards: fewer where fewer values are held.
const MAX_SHARDS: usize = 64;

/// A bounded map from keys to values made of the records under them.
pub struct Snapshot<T> {
    shards: Vec<RwLock<Shard<T>>>,
    hasher: RandomState,
    /// The most values that one shard holds; when it is full an arbitrary one makes room.
    shard_capacity: usize,
    /// Which of a commit's keys concern this snapshot, and under which key it holds what was made of them.
    owner_of: fn(&Key) -> Option<Key>,
}

struct Shard<T> {
    values: HashMap<Key, Arc<T>, RandomState>,
    /// Counts the invalidations of this shard.
    epoch: u64,
}

impl<T: Send + Sync + 'static> Snapshot<T> {
    /// A snapshot of at most `capacity` values, at least one. A value may be made of several records: `owner_of` maps
    /// the key of any of them to the key that the value is held under.
    pub fn new(capacity: usize, owner_of: fn(&Key) -> Option<Key>) -> Arc<Self> {
        let capacity = capacity.max(1);
        let count = capacity.min(MAX_SHARDS);
        let shards = (0..count)
            .map(|_| RwLock::new(Shard { values: HashMap::with_hasher(RandomState::default()), epoch: 0 }))
            .collect();
        Arc::new(Self { shards, hasher: RandomState::default(), shard_capacity: capacity / count, owner_of })
    }

    /// The value under a key: from memory, or made by `load` from the store. `load` gives `None` for what does
    /// not exist, and that is not kept.
    ///
    /// # Errors
    /// What `load` answers.
    pub async fn get<E, F>(&self, key: &Key, load: impl FnOnce() -> F) -> Result<Option<Arc<T>>, E>
    where
        F: Future<Output = Result<Option<T>, E>>,
    {
        let Some(shard) = self.shard(key) else { return Ok(load().await?.map(Arc::new)) };
        let epoch = {
            let shard = shard.read();
            if let Some(value) = shard.values.get(key) {
                return Ok(Some(Arc::clone(value)));
            }
            shard.epoch
        };
        let Some(value) = load().await?.map(Arc::new) else { return Ok(None) };
        let mut shard = shard.write();
        if shard.epoch == epoch {
            if shard.values.len() >= self.shard_capacity {
                let evicted = shard.values.keys().next().cloned();
                evicted.and_then(|key| shard.values.remove(&key));
            }
            shard.values.insert(key.clone(), Arc::clone(&value));
        }
        Ok(Some(value))
    }

    /// The value under a key when it is in memory.
    pub fn peek(&self, key: &Key) -> Option<Arc<T>> {
        self.shard(key)?.read().values.get(key).map(Arc::clone)
    }

    /// Forgets everything.
    pub fn clear(&self) {
        for shard in &self.shards {
            let mut shard = shard.write();
            shard.epoch += 1;
            shard.values.clear();
        }
    }

    /// Forgets the values that are `stale`, for values that are made of records which do not tell their keys. A load that
    /// is under way is not kept.
    pub fn forget_where(&self, stale: impl Fn(&T) -> bool) {
        for shard in &self.shards {
            let mut shard = shard.write();
            shard.epoch += 1;
            shard.values.retain(|_, value| !stale(value));
        }
    }

    fn shard(&self, key: &Key) -> Option<&RwLock<Shard<T>>> {
        let place = self.hasher.hash_one(key).checked_rem(self.shards.len() as u64)?;
        self.shards.get(usize::try_from(place).ok()?)
    }
}

impl<T: Send + Sync + 'static> Observer for Snapshot<T> {
    fn committed(&self, _revision: Revision, keys: &[Key]) {
        for owner in keys.iter().filter_map(self.owner_of) {
            if let Some(shard) = self.shard(&owner) {
                let mut shard = shard.write();
                shard.epoch += 1;
                shard.values.remove(&owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    fn snapshot(capacity: usize) -> Arc<Snapshot<u32>> {
        Snapshot::new(capacity, |key| Some(key.clone()))
    }

    async fn load(snapshot: &Snapshot<u32>, key: &Key, value: u32) -> u32 {
        *snapshot.get(key, || async { Ok::<_, Infallible>(Some(value)) }).await.unwrap().unwrap()
    }

    #[tokio::test]
    async fn a_commit_drops_what_it_touched() {
        let (snapshot, key, other) = (snapshot(100), Key::of(&["a"]), Key::of(&["b"]));
        assert_eq!(load(&snapshot, &key, 1).await, 1);
        assert_eq!(load(&snapshot, &other, 5).await, 5);
        assert_eq!(load(&snapshot, &key, 2).await, 1);
        snapshot.committed(Revision(1), std::slice::from_ref(&key));
        assert_eq!(load(&snapshot, &key, 2).await, 2);
        assert_eq!(load(&snapshot, &other, 6).await, 5);
    }

    #[tokio::test]
    async fn a_load_that_a_commit_overtook_is_not_kept() {
        let (snapshot, key) = (snapshot(100), Key::of(&["a"]));
        let stale = snapshot
            .get(&key, || async {
                snapshot.committed(Revision(1), std::slice::from_ref(&key));
                Ok::<_, Infallible>(Some(1))
            })
            .await;
        assert_eq!(stale.unwrap().as_deref(), Some(&1));
        assert_eq!(load(&snapshot, &key, 2).await, 2);
    }

    #[tokio::test]
    async fn stale_values_are_forgotten_and_not_brought_back_by_a_load_under_way() {
        let (snapshot, key, other) = (snapshot(100), Key::of(&["a"]), Key::of(&["b"]));
        assert_eq!((load(&snapshot, &key, 1).await, load(&snapshot, &other, 2).await), (1, 2));
        snapshot.forget_where(|value| *value == 1);
        assert_eq!((snapshot.peek(&key), snapshot.peek(&other).as_deref()), (None, Some(&2)));
        let overtaken = snapshot
            .get(&key, || async {
                snapshot.forget_where(|_| false);
                Ok::<_, Infallible>(Some(3))
            })
            .await;
        assert_eq!(overtaken.unwrap().as_deref(), Some(&3));
        assert_eq!(snapshot.peek(&key), None);
    }

    #[tokio::test]
    async fn it_stays_bounded() {
        for (capacity, most) in [(0, 1), (1, 1), (2, 2), (63, 63), (64, 64), (100, 100), (200, 200)] {
            let snapshot = snapshot(capacity);
            for i in 0..1000 {
                let key = Key::of(&[&i.to_string()]);
                load(&snapshot, &key, i).await;
                assert_eq!(snapshot.peek(&key).as_deref(), Some(&i), "the newest one is kept");
            }
            let held: usize = snapshot.shards.iter().map(|s| s.read().values.len()).sum();
            assert!((1..=most).contains(&held), "{held} of {most}");
        }
    }
}
