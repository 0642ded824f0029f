//! What falls due by itself: runs it in time, and when the clock is moved.

use std::sync::Arc;
use std::time::Duration;

use garrison_clock::Clock;
use garrison_gateway::ended;
use garrison_kernel::{Worker, errors};
use garrison_schema::ApiError;
use garrison_store::{Key, Observer, Revision};
use garrison_types::Timestamp;
use tokio::sync::{Mutex, Notify, watch};
use tokio::time::sleep;

/// The longest sleep: a due time that nobody told of is late by this much at most.
const LONGEST: Duration = Duration::from_secs(3600);
/// After a commit so much time passes before due times are looked at again, however many commits there are.
const PAUSE: Duration = Duration::from_secs(1);
/// After a failure.
const RETRY: Duration = Duration::from_secs(30);
/// The most due times that one move of the clock passes through.
const MAX_STEPS: usize = 100_000;

/// Runs the workers of every service.
pub(crate) struct WorkerRunner {
    workers: Vec<Arc<dyn Worker>>,
    clock: Arc<dyn Clock>,
    /// Told of commits.
    wake: Arc<Notify>,
    /// One at a time.
    running: Mutex<()>,
}

/// Tells the runner that something was committed, which may be due.
pub(crate) struct CommitBell(Arc<Notify>);

impl Observer for CommitBell {
    fn committed(&self, _revision: Revision, _keys: &[Key]) {
        self.0.notify_one();
    }
}

impl WorkerRunner {
    pub(crate) fn new(workers: Vec<Arc<dyn Worker>>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { workers, clock, wake: Arc::new(Notify::new()), running: Mutex::new(()) })
    }

    /// What to register with the store.
    pub(crate) fn bell(&self) -> Arc<CommitBell> {
        Arc::new(CommitBell(Arc::clone(&self.wake)))
    }

    /// Runs what is due, as it falls due, until `shutdown` turns true.
    pub(crate) async fn run(self: Arc<Self>, mut shutdown: watch::Receiver<bool>) {
        loop {
            let turn = {
                let _running = self.running.lock().await;
                self.turn().await
            };
            let wait = match turn {
                Ok(None) => LONGEST,
                Ok(Some(due)) => due.since(self.clock.now()).clamp(PAUSE, LONGEST),
                Err(_) => RETRY,
            };
            let rest = async {
                tokio::select! {
                    () = sleep(wait) => {}
                    () = self.wake.notified() => sleep(PAUSE).await,
                }
            };
            tokio::select! {
                () = ended(&mut shutdown) => return,
                () = rest => {}
            }
        }
    }

    /// Moves resource time by `by`, from one due time to the next, so that everything happens at its own time. Gives
    /// the new time.
    ///
    /// # Errors
    /// A worker failed: the clock then stands where it failed.
    pub(crate) async fn advance(&self, by: Duration) -> Result<Timestamp, ApiError> {
        let _running = self.running.lock().await;
        let (mut remaining, mut stuck) = (by, 0);
        for _ in 0..MAX_STEPS {
            let next = self.turn().await?;
            let now = self.clock.now();
            let step = match next {
                // What is due is done at once as a rule; something else may have fallen due meanwhile.
                Some(due) if due <= now && stuck < 10 => {
                    stuck += 1;
                    continue;
                }
                Some(due) if due > now => remaining.min(due.since(now)),
                _ => remaining,
            };
            if step.is_zero() {
                return Ok(now);
            }
            stuck = 0;
            remaining = remaining.saturating_sub(step);
            self.clock.advance(step);
        }
        Err(errors::internal("too much fell due in one move of the clock"))
    }

    /// Runs every worker once; the earliest time at which something falls due next.
    async fn turn(&self) -> Result<Option<Timestamp>, ApiError> {
        let now = self.clock.now();
        let mut earliest = None;
        let mut failed = Ok(());
        for worker in &self.workers {
            match worker.run_due(now).await {
                Ok(None) => {}
                Ok(Some(due)) => earliest = Some(earliest.map_or(due, |other: Timestamp| other.min(due))),
                Err(error) => {
                    tracing::error!(
                        worker = worker.name(),
                        error = %error,
                        internal = error.internal,
                        "what fell due could not be done"
                    );
                    failed = Err(error);
                }
            }
        }
        failed.map(|()| earliest)
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use garrison_clock::ManualClock;
    use parking_lot::Mutex as SyncMutex;

    use super::*;

    /// Due every so many seconds; notes when it ran.
    struct Every {
        seconds: i64,
        ran: SyncMutex<Vec<i64>>,
    }

    impl Every {
        fn new(seconds: i64) -> Arc<Self> {
            Arc::new(Self { seconds, ran: SyncMutex::new(Vec::new()) })
        }
    }

    #[async_trait]
    impl Worker for Every {
        fn name(&self) -> &'static str {
            "every"
        }

        async fn run_due(&self, now: Timestamp) -> Result<Option<Timestamp>, ApiError> {
            let now = now.as_seconds();
            let mut ran = self.ran.lock();
            if now % self.seconds == 0 && ran.last() != Some(&now) {
                ran.push(now);
            }
            Ok(Some(Timestamp::from_seconds((now / self.seconds + 1) * self.seconds)))
        }
    }

    #[tokio::test]
    async fn a_move_of_the_clock_passes_through_every_due_time() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(1)));
        let (tens, fifteens) = (Every::new(10), Every::new(15));
        let runner =
            WorkerRunner::new(vec![Arc::clone(&tens) as _, Arc::clone(&fifteens) as _], clock.clone());
        let now = runner.advance(Duration::from_secs(39)).await.unwrap();
        assert_eq!(now, Timestamp::from_seconds(40));
        assert_eq!(*tens.ran.lock(), [10, 20, 30, 40]);
        assert_eq!(*fifteens.ran.lock(), [15, 30]);
        assert_eq!(clock.now(), now);
    }

    struct Broken;

    #[async_trait]
    impl Worker for Broken {
        fn name(&self) -> &'static str {
            "broken"
        }

        async fn run_due(&self, _: Timestamp) -> Result<Option<Timestamp>, ApiError> {
            Err(errors::internal("broken"))
        }
    }

    #[tokio::test]
    async fn a_failure_is_told_and_holds_up_nobody_else() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_seconds(10)));
        let tens = Every::new(10);
        let runner = WorkerRunner::new(vec![Arc::new(Broken), Arc::clone(&tens) as _], clock);
        assert!(runner.advance(Duration::from_secs(1)).await.is_err());
        assert_eq!(*tens.ran.lock(), [10]);
    }
}
