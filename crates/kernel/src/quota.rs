//! Request quotas: a token bucket for each account and operation that the settings name.

use std::collections::{BTreeMap, HashMap};

use garrison_types::{AccountId, Timestamp};
use parking_lot::Mutex;

/// The buckets. A bucket holds one second's worth of calls.
pub(crate) struct Quotas {
    per_second: BTreeMap<String, u32>,
    buckets: Mutex<HashMap<(AccountId, String), Bucket>>,
}

struct Bucket {
    /// Thousandths of calls.
    tokens: u64,
    filled: Timestamp,
}

impl Quotas {
    pub(crate) fn new(per_second: BTreeMap<String, u32>) -> Self {
        Self { per_second, buckets: Mutex::new(HashMap::new()) }
    }

    /// Whether any operation is limited: lets the hot path skip the rest.
    pub(crate) fn is_off(&self) -> bool {
        self.per_second.is_empty()
    }

    /// Takes one call from the bucket of `operation` (`kms:Encrypt`); false when it is empty.
    pub(crate) fn take(&self, account: AccountId, operation: String, now: Timestamp) -> bool {
        let Some(rate) = self.per_second.get(&operation).map(|rate| u64::from(*rate)) else { return true };
        let full = rate * 1000;
        let mut buckets = self.buckets.lock();
        let bucket = buckets.entry((account, operation)).or_insert(Bucket { tokens: full, filled: now });
        let elapsed = u64::try_from(now.since(bucket.filled).as_millis()).unwrap_or(u64::MAX);
        bucket.tokens = bucket.tokens.saturating_add(elapsed.saturating_mul(rate)).min(full);
        bucket.filled = bucket.filled.max(now);
        match bucket.tokens.checked_sub(1000) {
            Some(rest) => {
                bucket.tokens = rest;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again() {
        let quotas = Quotas::new(BTreeMap::from([("kms:Encrypt".to_owned(), 2)]));
        let take =
            |account, millis| quotas.take(account, "kms:Encrypt".to_owned(), Timestamp::from_millis(millis));
        let other = "111122223333".parse().unwrap();
        assert_eq!([0, 0, 0].map(|at| take(AccountId::ZERO, at)), [true, true, false]);
        assert!(take(other, 0), "another account has a bucket of its own");
        assert!(!take(AccountId::ZERO, 400));
        assert!(take(AccountId::ZERO, 500));
        assert!(!take(AccountId::ZERO, 600));
        assert!(quotas.take(AccountId::ZERO, "kms:Decrypt".to_owned(), Timestamp::from_millis(0)));
    }
}
