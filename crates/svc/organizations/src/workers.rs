//! What falls due by itself: handshakes expire and are forgotten, closed accounts are gone.

use std::sync::Arc;

use async_trait::async_trait;
use garrison_kernel::{Worker, errors};
use garrison_schema::ApiError;
use garrison_store::{CommitError, Key, WriteSet};
use garrison_types::Timestamp;

use crate::records::{HandshakeState, Standing};
use crate::repo::{self, Change, layout};
use crate::service::Organizations;

/// How many deadlines are looked up at once.
const BATCH: usize = 100;
/// How often a record that others change at the same moment is tried again before the next round.
const MAX_ATTEMPTS: usize = 8;

/// The worker.
pub(crate) struct Deadlines {
    service: Arc<Organizations>,
}

/// Something that falls due.
enum Due<'a> {
    Handshake(&'a str),
    /// A closed account of an organization.
    Closure(&'a str, &'a str),
}

impl Deadlines {
    pub(crate) fn new(service: Arc<Organizations>) -> Self {
        Self { service }
    }

    async fn meet(&self, key: &Key, due: &Due<'_>, at: i64) -> Result<(), ApiError> {
        for _ in 0..MAX_ATTEMPTS {
            let mut writes = match due {
                Due::Handshake(id) => self.end_handshake(id, at).await?,
                Due::Closure(org, account) => self.remove_account(org, account).await?,
            };
            // The deadline is met, or was moved by somebody who forgot this record of it.
            if !writes.deletes.contains(key) {
                writes.deletes.push(key.clone());
            }
            match self.service.kernel().store().commit(writes).await {
                Ok(_) => return Ok(()),
                Err(CommitError::Conflict) => {}
                Err(error) => return Err(errors::commit(&error)),
            }
        }
        Err(errors::commit(&CommitError::Conflict))
    }

    /// Expires a living handshake and forgets one that has ended, when that is due at `at`.
    async fn end_handshake(&self, id: &str, at: i64) -> Result<WriteSet, ApiError> {
        let repo = self.service.repo();
        let mut writes = WriteSet::new();
        match repo.handshake(id).await? {
            Some((handshake, was)) if handshake.due == at => {
                if handshake.state.is_alive() {
                    repo.end_handshake(&mut writes, (handshake, was), HandshakeState::Expired, at).await?;
                } else {
                    writes.require(layout::handshake(id), was);
                    repo::forget_handshake(&mut writes, &handshake);
                }
            }
            _ => {}
        }
        Ok(writes)
    }

    /// Takes a closed account out of its organization for good.
    async fn remove_account(&self, org: &str, id: &str) -> Result<WriteSet, ApiError> {
        let repo = self.service.repo();
        let Some(guard) = repo.guard(org).await? else { return Ok(WriteSet::new()) };
        let Some(account) = repo.account(org, id).await? else { return Ok(WriteSet::new()) };
        let (standing, was) = repo.standing_of(id).await?;
        let mut change = Change::of(org, guard);
        repo.leave(&mut change, org, &account).await?;
        change.standing(id, was, &Standing { organization: None, ..standing });
        Ok(change.finish())
    }
}

#[async_trait]
impl Worker for Deadlines {
    fn name(&self) -> &'static str {
        "organizations-deadlines"
    }

    async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
        loop {
            let entries = self.service.repo().due(BATCH).await?;
            if entries.is_empty() {
                return Ok(None);
            }
            for entry in &entries {
                let parts: Vec<&str> = entry.key.components().collect();
                let (at, due) = match parts.as_slice() {
                    [_, at, "handshake", id] => (at, Due::Handshake(id)),
                    [_, at, "closure", org, account] => (at, Due::Closure(org, account)),
                    _ => return Err(errors::internal(format!("no deadline: {:?}", entry.key))),
                };
                let at: i64 = at.parse().map_err(errors::internal)?;
                if at > now.as_millis() {
                    return Ok(Some(Timestamp::from_millis(at)));
                }
                self.meet(&entry.key, &due, at).await?;
            }
        }
    }
}
