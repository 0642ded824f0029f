//! When access keys were last used: noted in memory by every call, written in batches.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use garrison_kernel::{Worker, errors};
use garrison_schema::ApiError;
use garrison_store::{Key, WriteSet};
use garrison_types::Timestamp;
use parking_lot::Mutex;

use super::AccessKeys;
use crate::error;
use crate::records::{LastUse, Time};

/// A use at most so much later than the one that was noted is not noted anew, when it is of the same service and region.
const GRANULARITY: Duration = Duration::from_secs(60);
/// The least time between two writes.
const PAUSE: Duration = Duration::from_secs(60);
/// The most access keys that are noted between two writes; what others do meanwhile is not noted.
const MAX_NOTED: usize = 100_000;

/// What was noted.
#[derive(Default)]
pub(super) struct Uses {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By access key id.
    noted: HashMap<Box<str>, Noted>,
    written: Option<Timestamp>,
}

struct Noted {
    last_use: LastUse,
    /// Whether the store has it.
    written: bool,
}

impl Noted {
    /// Whether a use now need not be noted anew.
    fn covers(&self, service: &str, region: &str, now: Timestamp) -> bool {
        let LastUse { at, service: noted_service, region: noted_region } = &self.last_use;
        noted_service == service && noted_region == region && now < at.0 + GRANULARITY
    }
}

impl Uses {
    /// Notes that a key was used.
    pub(super) fn note(&self, id: &str, service: &str, region: &str, now: Timestamp) {
        let mut state = self.state.lock();
        let room = state.noted.len() < MAX_NOTED;
        let noted = || Noted { last_use: last_use(service, region, now), written: false };
        match state.noted.get_mut(id) {
            Some(old) if old.covers(service, region, now) => {}
            Some(old) => *old = noted(),
            None if room => drop(state.noted.insert(id.into(), noted())),
            None => {}
        }
    }

    /// Forgets everything that was not written.
    pub(super) fn forget(&self) {
        *self.state.lock() = State::default();
    }

    fn get(&self, id: &str) -> Option<LastUse> {
        self.state.lock().noted.get(id).map(|noted| noted.last_use.clone())
    }

    /// When there is something to write next.
    fn due(&self, now: Timestamp) -> Option<Timestamp> {
        let state = self.state.lock();
        let pending = state.noted.values().any(|noted| !noted.written);
        pending.then(|| state.written.map_or(now, |written| written + PAUSE))
    }

    /// What is to be written.
    fn take(&self) -> Vec<(Box<str>, LastUse)> {
        let state = self.state.lock();
        let pending = state.noted.iter().filter(|(_, noted)| !noted.written);
        pending.map(|(id, noted)| (id.clone(), noted.last_use.clone())).collect()
    }

    /// That was written: what has not changed since is remembered for a while only.
    fn wrote(&self, written: &[(Box<str>, LastUse)], now: Timestamp) {
        let mut state = self.state.lock();
        state.written = Some(now);
        for (id, last_use) in written {
            if let Some(noted) = state.noted.get_mut(id)
                && noted.last_use == *last_use
            {
                noted.written = true;
            }
        }
        state.noted.retain(|_, noted| !noted.written || now < noted.last_use.at.0 + GRANULARITY);
    }
}

fn last_use(service: &str, region: &str, now: Timestamp) -> LastUse {
    LastUse { at: Time(now.truncated_to_seconds()), service: service.to_owned(), region: region.to_owned() }
}

/// Where the last use of a key is: apart from the key, which is not to be read anew whenever it was used.
pub(super) fn record_key(id: &str) -> Key {
    Key::of(&["iam", "access-key-used", id])
}

impl AccessKeys {
    /// When and where a key was last used.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn last_use(&self, id: &str) -> Result<Option<LastUse>, ApiError> {
        if let Some(noted) = self.uses.get(id) {
            return Ok(Some(noted));
        }
        let found = self.parts.store.get(&record_key(id)).await.map_err(|error| errors::store(&error))?;
        found.map(|entry| LastUse::decode(&entry.value).map_err(error::corrupt)).transpose()
    }

    /// Writes what was noted since the last time. Called when it is due, and at the end of a shutdown.
    ///
    /// # Errors
    /// The store failed; what was noted is kept.
    pub async fn write_uses(&self, now: Timestamp) -> Result<(), ApiError> {
        let pending = self.uses.take();
        if pending.is_empty() {
            return Ok(());
        }
        let mut writes = WriteSet::new();
        for (id, last_use) in &pending {
            // A key that was deleted meanwhile leaves nothing behind.
            if self.get(id).await?.is_some() {
                writes.put(record_key(id), last_use.clone().encode());
            }
        }
        if !writes.is_empty() {
            self.parts.store.commit(writes).await.map_err(|error| errors::commit(&error))?;
        }
        self.uses.wrote(&pending, now);
        Ok(())
    }
}

/// Writes down when access keys were used.
pub(crate) struct UseRecorder(pub(crate) Arc<AccessKeys>);

#[async_trait]
impl Worker for UseRecorder {
    fn name(&self) -> &'static str {
        "iam-access-key-use"
    }

    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        match self.0.uses.due(now) {
            Some(due) if due <= now => self.0.write_uses(now).await.map(|()| None),
            later => Ok(later),
        }
    }
}
