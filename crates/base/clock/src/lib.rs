//! The clock, as a parameter.
//!
//! Two kinds of time (DESIGN: modes): *protocol time* is the wall clock and judges signatures, tokens and
//! certificates; *resource time* is the wall clock plus an offset that development mode may move, and dates
//! resources, condition keys and events. Nothing else in Garrison asks the operating system for the time.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use garrison_types::Timestamp;

/// Tells the time. One per process, handed to everything that needs it.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock: for signatures, presigned URLs, tokens and certificates.
    fn protocol_now(&self) -> Timestamp;

    /// The wall clock plus the offset: for resources, condition keys and events.
    fn now(&self) -> Timestamp;

    /// Moves resource time forward by `by`; time never moves back. Returns the new resource time.
    fn advance(&self, by: Duration) -> Timestamp;
}

/// The operating system's clock with a movable offset for resource time.
#[derive(Debug, Default)]
pub struct SystemClock {
    offset_millis: AtomicI64,
}

impl SystemClock {
    /// A clock whose resource time starts `offset` ahead of the wall clock (the offset kept from an earlier run).
    pub fn with_offset(offset: Duration) -> Self {
        Self { offset_millis: AtomicI64::new(i64::try_from(offset.as_millis()).unwrap_or(i64::MAX)) }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system")]
    fn protocol_now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }

    fn now(&self) -> Timestamp {
        let now = self.protocol_now().as_millis();
        Timestamp::from_millis(now.saturating_add(self.offset_millis.load(Ordering::Relaxed)))
    }

    fn advance(&self, by: Duration) -> Timestamp {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        let add = |offset: i64| Some(offset.saturating_add(millis));
        // The closure always returns a value, so the update cannot fail.
        let _ = self.offset_millis.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
        self.now()
    }
}

/// A clock that stands still until it is moved: for tests.
#[derive(Debug)]
pub struct ManualClock {
    protocol_millis: AtomicI64,
    offset_millis: AtomicI64,
}

impl ManualClock {
    /// A clock that shows `at` as both kinds of time.
    pub fn new(at: Timestamp) -> Self {
        Self { protocol_millis: AtomicI64::new(at.as_millis()), offset_millis: AtomicI64::new(0) }
    }

    /// Moves both kinds of time forward.
    pub fn tick(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.protocol_millis.fetch_add(millis, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn protocol_now(&self) -> Timestamp {
        Timestamp::from_millis(self.protocol_millis.load(Ordering::Relaxed))
    }

    fn now(&self) -> Timestamp {
        let offset = self.offset_millis.load(Ordering::Relaxed);
        Timestamp::from_millis(self.protocol_now().as_millis().saturating_add(offset))
    }

    fn advance(&self, by: Duration) -> Timestamp {
        self.offset_millis.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
        self.now()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_moves_resource_time_only() {
        let clock = ManualClock::new(Timestamp::from_seconds(100));
        assert_eq!(clock.advance(Duration::from_secs(30)), Timestamp::from_seconds(130));
        assert_eq!(clock.protocol_now(), Timestamp::from_seconds(100));
        clock.tick(Duration::from_secs(1));
        assert_eq!(clock.now(), Timestamp::from_seconds(131));
    }

    #[test]
    fn the_system_clock_keeps_its_offset() {
        let clock = SystemClock::with_offset(Duration::from_secs(3600));
        let lead = clock.now().since(clock.protocol_now());
        assert!(lead >= Duration::from_secs(3599));
    }
}
