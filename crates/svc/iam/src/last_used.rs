//! When roles were last used.
//!
//! Assuming a role must not wait for a write: uses are noted in memory and written together, once a minute.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use garrison_api_iam::types;
use garrison_kernel::{Context, Worker, errors};
use garrison_schema::ApiError;
use garrison_store::{Key, Store, WriteSet};
use garrison_types::{AccountId, Timestamp};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::error;
use crate::records::{Time, from_json, to_json};
use crate::repo::layout;
use crate::service::Iam;

/// The last use of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastUsed {
    /// When.
    pub(crate) at: Timestamp,
    /// The region that was called.
    pub(crate) region: String,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Stored {
    #[serde(rename = "1")]
    V1 { at: Time, region: String },
}

impl LastUsed {
    /// As the interface writes it.
    pub(crate) fn to_api(&self) -> types::RoleLastUsed {
        types::RoleLastUsed { last_used_date: Some(self.at), region: Some(self.region.clone()) }
    }
}

/// The uses of roles.
#[derive(Debug, Default)]
pub(crate) struct RoleUses {
    /// Those that are not written yet, by where they will be.
    waiting: Mutex<HashMap<Key, LastUsed>>,
    /// When they were last written.
    written: Mutex<Option<Timestamp>>,
}

impl RoleUses {
    /// Notes a use of a role.
    pub(crate) fn note(&self, account: AccountId, role_id: &str, cx: &Context) {
        let used = LastUsed { at: cx.time.truncated_to_seconds(), region: cx.region.to_string() };
        self.waiting.lock().insert(layout::role_use(account, role_id), used);
    }

    /// The last use of a role.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn of(
        &self,
        store: &dyn Store,
        account: AccountId,
        role_id: &str,
    ) -> Result<Option<LastUsed>, ApiError> {
        let key = layout::role_use(account, role_id);
        if let Some(waiting) = self.waiting.lock().get(&key) {
            return Ok(Some(waiting.clone()));
        }
        let Some(entry) = store.get(&key).await.map_err(|error| errors::store(&error))? else {
            return Ok(None);
        };
        let Stored::V1 { at, region } = from_json(&entry.value).map_err(error::corrupt)?;
        Ok(Some(LastUsed { at: at.0, region }))
    }

    /// Forgets everything that was not written.
    pub(crate) fn clear(&self) {
        self.waiting.lock().clear();
    }

    /// Forgets a role that is deleted.
    pub(crate) fn forget(&self, account: AccountId, role_id: &str, writes: &mut WriteSet) {
        let key = layout::role_use(account, role_id);
        self.waiting.lock().remove(&key);
        writes.deletes.push(key);
    }

    /// When what waits is to be written; none when nothing waits.
    fn due(&self, now: Timestamp) -> Option<Timestamp> {
        let waits = !self.waiting.lock().is_empty();
        waits.then(|| self.written.lock().map_or(now, |written| written + PAUSE))
    }

    /// Writes what waits.
    ///
    /// # Errors
    /// The store failed: what waited waits on.
    pub(crate) async fn write(&self, store: &dyn Store) -> Result<(), ApiError> {
        let waiting = self.waiting.lock().clone();
        if waiting.is_empty() {
            return Ok(());
        }
        let mut writes = WriteSet::new();
        for (key, LastUsed { at, region }) in &waiting {
            writes.put(key.clone(), to_json(&Stored::V1 { at: Time(*at), region: region.clone() }));
        }
        store.commit(writes).await.map_err(|error| errors::commit(&error))?;
        let mut now = self.waiting.lock();
        now.retain(|key, used| waiting.get(key) != Some(used));
        Ok(())
    }
}

/// The least time between two writes.
const PAUSE: Duration = Duration::from_secs(60);

/// Writes the uses of roles that wait.
pub(crate) struct RoleUseRecorder(pub(crate) Arc<Iam>);

#[async_trait]
impl Worker for RoleUseRecorder {
    fn name(&self) -> &'static str {
        "iam-role-uses"
    }

    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        let uses = self.0.role_uses();
        match uses.due(now) {
            Some(due) if due <= now => {
                uses.write(&**self.0.repo().store()).await?;
                *uses.written.lock() = Some(now);
                Ok(None)
            }
            later => Ok(later),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::World;

    #[tokio::test]
    async fn uses_are_seen_at_once_and_written_later() {
        let world = World::new();
        world.role("App").await;
        let cx = world.root();
        let found = world.call("GetRole", json!({"RoleName": "App"})).await;
        let id = found["Role"]["RoleId"].as_str().unwrap();
        let uses = world.iam.role_uses();
        uses.note(cx.account(), id, &cx);
        let used = json!({"LastUsedDate": cx.time.as_f64(), "Region": cx.region.as_str()});
        let store = world.iam.repo().store();
        for written in [false, true] {
            let role = world.call("GetRole", json!({"RoleName": "App"})).await;
            assert_eq!(role["Role"]["RoleLastUsed"], used);
            assert_eq!(store.get(&layout::role_use(cx.account(), id)).await.unwrap().is_some(), written);
            let next = RoleUseRecorder(Arc::clone(&world.iam)).run_due(cx.time).await.unwrap();
            assert_eq!(next, None, "nothing waits any more");
        }
        uses.note(cx.account(), id, &cx);
        let next = RoleUseRecorder(Arc::clone(&world.iam)).run_due(cx.time).await.unwrap();
        assert_eq!(next, Some(cx.time + PAUSE), "not at once again");
        world.call("DeleteRole", json!({"RoleName": "App"})).await;
        assert_eq!(store.get(&layout::role_use(cx.account(), id)).await.unwrap(), None);
    }
}
