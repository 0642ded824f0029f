//! When access keys and roles were last used: noted in memory by every use, written in batches.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use garrison_kernel::{Worker, errors};
use garrison_schema::ApiError;
use garrison_store::{Key, Store, WriteSet};
use garrison_types::Timestamp;
use parking_lot::Mutex;

use crate::error;
use crate::records::{LastUse, Time};

/// A use at most so much later than the one that was noted is not noted anew, when it is of the same service and region.
const GRANULARITY: Duration = Duration::from_secs(60);
/// The least time between two writes.
const PAUSE: Duration = Duration::from_secs(60);
/// The most things that are noted between two writes; what is used beyond them meanwhile is not noted.
const MAX_NOTED: usize = 100_000;

/// What is used.
pub(crate) trait Usable: Clone + Eq + Hash + Send + Sync + 'static {
    /// The name of the worker that writes down uses of this kind.
    const RECORDER: &'static str;

    /// A record that is there as long as this is.
    fn record(&self) -> Key;

    /// Where its last use is written: apart from it, which is not to be read anew whenever it was used.
    fn place(&self) -> Key;
}

/// The uses of everything of one kind.
pub(crate) struct Uses<U> {
    store: Arc<dyn Store>,
    state: Mutex<State<U>>,
}

struct State<U> {
    noted: HashMap<U, Noted>,
    written: Option<Timestamp>,
}

impl<U> Default for State<U> {
    fn default() -> Self {
        Self { noted: HashMap::new(), written: None }
    }
}

struct Noted {
    last_use: LastUse,
    /// Whether the store has it.
    written: bool,
}

impl Noted {
    fn new(service: &str, region: &str, now: Timestamp) -> Self {
        let at = Time(now.truncated_to_seconds());
        let last_use = LastUse { at, service: service.to_owned(), region: region.to_owned() };
        Self { last_use, written: false }
    }

    /// Whether a use now need not be noted anew.
    fn covers(&self, service: &str, region: &str, now: Timestamp) -> bool {
        let LastUse { at, service: noted_service, region: noted_region } = &self.last_use;
        noted_service == service && noted_region == region && now < at.0 + GRANULARITY
    }
}

impl<U: Usable> Uses<U> {
    /// None so far.
    pub(crate) fn new(store: &Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { store: Arc::clone(store), state: Mutex::default() })
    }

    /// Notes a use: the service that was called, by its signing name, and the region.
    pub(crate) fn note(&self, used: U, service: &str, region: &str, now: Timestamp) {
        let mut state = self.state.lock();
        let room = state.noted.len() < MAX_NOTED;
        match state.noted.entry(used) {
            Entry::Occupied(old) if old.get().covers(service, region, now) => {}
            Entry::Occupied(mut old) => *old.get_mut() = Noted::new(service, region, now),
            Entry::Vacant(place) if room => drop(place.insert(Noted::new(service, region, now))),
            Entry::Vacant(_) => {}
        }
    }

    /// The last use.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn of(&self, used: &U) -> Result<Option<LastUse>, ApiError> {
        if let Some(noted) = self.state.lock().noted.get(used) {
            return Ok(Some(noted.last_use.clone()));
        }
        let found = self.store.get(&used.place()).await.map_err(|error| errors::store(&error))?;
        found.map(|entry| LastUse::decode(&entry.value).map_err(error::corrupt)).transpose()
    }

    /// Forgets everything that was not written.
    pub(crate) fn clear(&self) {
        *self.state.lock() = State::default();
    }

    /// Writes what was noted since the last time. Called when it is due, and at the end of a shutdown.
    ///
    /// # Errors
    /// The store failed; what was noted is kept.
    pub(crate) async fn write(&self, now: Timestamp) -> Result<(), ApiError> {
        let pending = self.pending();
        if pending.is_empty() {
            return Ok(());
        }
        let mut writes = WriteSet::new();
        for (used, last_use) in &pending {
            // What was deleted meanwhile leaves nothing behind.
            if self.store.get(&used.record()).await.map_err(|error| errors::store(&error))?.is_some() {
                writes.put(used.place(), last_use.clone().encode());
            }
        }
        if !writes.is_empty() {
            self.store.commit(writes).await.map_err(|error| errors::commit(&error))?;
        }
        self.wrote(&pending, now);
        Ok(())
    }

    /// When there is something to write next.
    fn due(&self, now: Timestamp) -> Option<Timestamp> {
        let state = self.state.lock();
        let pending = state.noted.values().any(|noted| !noted.written);
        pending.then(|| state.written.map_or(now, |written| written + PAUSE))
    }

    fn pending(&self) -> Vec<(U, LastUse)> {
        let state = self.state.lock();
        let pending = state.noted.iter().filter(|(_, noted)| !noted.written);
        pending.map(|(used, noted)| (used.clone(), noted.last_use.clone())).collect()
    }

    /// That was written: what has not changed since is remembered for a while only.
    fn wrote(&self, written: &[(U, LastUse)], now: Timestamp) {
        let mut state = self.state.lock();
        state.written = Some(now);
        for (used, last_use) in written {
            if let Some(noted) = state.noted.get_mut(used)
                && noted.last_use == *last_use
            {
                noted.written = true;
            }
        }
        state.noted.retain(|_, noted| !noted.written || now < noted.last_use.at.0 + GRANULARITY);
    }
}

/// Writes down the uses of one kind.
pub(crate) struct UseRecorder<U>(pub(crate) Arc<Uses<U>>);

#[async_trait]
impl<U: Usable> Worker for UseRecorder<U> {
    fn name(&self) -> &'static str {
        U::RECORDER
    }

    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        match self.0.due(now) {
            Some(due) if due <= now => self.0.write(now).await.map(|()| None),
            later => Ok(later),
        }
    }
}

#[cfg(test)]
mod tests {
    use garrison_testkit::TestKernel;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Eq, Hash)]
    struct Thing(&'static str);

    impl Usable for Thing {
        const RECORDER: &'static str = "things";

        fn record(&self) -> Key {
            Key::of(&["thing", self.0])
        }

        fn place(&self) -> Key {
            Key::of(&["thing-used", self.0])
        }
    }

    /// Things on a store that has these.
    async fn world(things: &[Thing]) -> (Arc<Uses<Thing>>, TestKernel) {
        let kernel = TestKernel::new();
        let mut writes = WriteSet::new();
        for thing in things {
            writes.create(thing.record(), Vec::new());
        }
        kernel.kernel.store().commit(writes).await.unwrap();
        (Uses::new(kernel.kernel.store()), kernel)
    }

    #[tokio::test]
    async fn uses_are_seen_at_once_and_written_in_batches() {
        let (uses, _kernel) = world(&[Thing("a")]).await;
        let recorder = UseRecorder(Arc::clone(&uses));
        let start = Timestamp::from_millis(5_000_900);
        let after = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(recorder.run_due(start).await.unwrap(), None);
        assert_eq!(uses.of(&Thing("a")).await.unwrap(), None);

        uses.note(Thing("a"), "kms", "eu-central-1", start);
        let first =
            LastUse { at: Time::from(5_000_000), service: "kms".into(), region: "eu-central-1".into() };
        assert_eq!(uses.of(&Thing("a")).await.unwrap(), Some(first.clone()), "before it is written");
        assert_eq!(recorder.run_due(start).await.unwrap(), None, "written");
        let revision = uses.store.revision().await.unwrap();
        uses.note(Thing("a"), "kms", "eu-central-1", after(59));
        assert_eq!(recorder.run_due(after(59)).await.unwrap(), None, "the same within a minute");
        uses.note(Thing("a"), "sts", "eu-central-1", after(59));
        assert_eq!(recorder.run_due(after(59)).await.unwrap(), Some(after(60)), "not written all the time");
        assert_eq!(uses.store.revision().await.unwrap(), revision);
        assert_eq!(recorder.run_due(after(60)).await.unwrap(), None);
        uses.clear();
        let last = LastUse { at: Time::from(5_059_000), service: "sts".into(), ..first };
        assert_eq!(uses.of(&Thing("a")).await.unwrap(), Some(last));
    }

    #[tokio::test]
    async fn what_is_gone_leaves_nothing_behind() {
        let (uses, _kernel) = world(&[Thing("a")]).await;
        let now = Timestamp::from_seconds(5);
        uses.note(Thing("gone"), "kms", "eu-central-1", now);
        uses.write(now).await.unwrap();
        assert!(uses.store.get(&Thing("gone").place()).await.unwrap().is_none());
        assert_eq!(uses.due(now), None, "and is not tried again");
    }

    #[tokio::test]
    async fn what_is_noted_is_bounded() {
        let (uses, _kernel) = world(&[]).await;
        let now = Timestamp::from_seconds(5);
        let name = |number: usize| Thing(Box::leak(number.to_string().into_boxed_str()));
        for number in 0..=MAX_NOTED {
            uses.note(name(number), "kms", "eu-central-1", now);
        }
        assert!(uses.of(&name(MAX_NOTED - 1)).await.unwrap().is_some());
        assert_eq!(uses.of(&name(MAX_NOTED)).await.unwrap(), None);
    }
}
