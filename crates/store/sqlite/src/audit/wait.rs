//! Waiting for durability, without a runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use garrison_store::AuditUnavailable;

use super::log::Shared;

/// When a wait that finds the log failing ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum AttemptMade {
    /// As soon as an attempt that held the record has failed.
    Any,
    /// Once the worker has finished so many passes.
    After(u64),
}

/// Resolves once every record up to a sequence number is durable.
pub(crate) struct Durable {
    shared: Arc<Shared>,
    sequence: u64,
    attempt: AttemptMade,
}

impl Durable {
    pub(crate) fn new(shared: Arc<Shared>, sequence: u64, attempt: AttemptMade) -> Self {
        Self { shared, sequence, attempt }
    }
}

impl Future for Durable {
    type Output = Result<(), AuditUnavailable>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut state = self.shared.state.lock();
        let tried = match self.attempt {
            AttemptMade::Any => true,
            AttemptMade::After(passes) => state.passes >= passes,
        };
        if tried && state.durable >= self.sequence {
            return Poll::Ready(Ok(()));
        }
        if tried && state.failed >= self.sequence {
            let reason =
                state.failure.clone().unwrap_or_else(|| "the record could not be written".to_owned());
            return Poll::Ready(Err(AuditUnavailable(reason)));
        }
        // A wait for an attempt must hear of every pass, so it registers below every record.
        let from = if matches!(self.attempt, AttemptMade::After(_)) { 0 } else { self.sequence };
        state.waiters.push((from, context.waker().clone()));
        Poll::Pending
    }
}
