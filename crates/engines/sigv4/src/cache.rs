//! Signing keys of the recent past.

use std::fmt;
use std::hash::BuildHasher;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use foldhash::quality::RandomState;

use crate::SigError;
use crate::key::{SecretAccessKey, SigningKey};
use crate::parse::Authentication;

/// The places that an entry can lie in.
const WAYS: usize = 4;

/// Keeps signing keys, so that a request costs one HMAC instead of five.
///
/// Bounded and thread-safe: a fixed table in which every scope has four places, read without a lock. A full place is
/// overwritten, the oldest day first. An entry is found only with the secret it was derived of, so that a rotated
/// secret never finds its predecessor's key; the entry holds a fingerprint of the secret, not the secret. Keys that
/// are overwritten are zeroized.
pub struct SigningKeyCache {
    sets: Box<[[ArcSwapOption<Entry>; WAYS]]>,
    hasher: RandomState,
}

struct Entry {
    access_key_id: String,
    day: String,
    region: String,
    service: String,
    fingerprint: [u8; 16],
    key: Arc<SigningKey>,
}

impl SigningKeyCache {
    /// A cache of at least `capacity` keys (rounded up to a power of two, at least 4). A key takes about 1 KB.
    pub fn new(capacity: usize) -> Self {
        let sets = capacity.div_ceil(WAYS).max(1).next_power_of_two();
        let empty = || [const { ArcSwapOption::const_empty() }; WAYS];
        Self { sets: (0..sets).map(|_| empty()).collect(), hasher: RandomState::default() }
    }

    /// The signing key of `secret` for the scope of `authentication`, derived when it is not in the cache.
    ///
    /// # Errors
    /// [`SigError::Internal`] when the cryptographic library fails.
    pub fn get_or_derive(
        &self,
        authentication: &Authentication<'_>,
        secret: &SecretAccessKey,
    ) -> Result<Arc<SigningKey>, SigError> {
        let scope = &authentication.scope;
        let id = &*authentication.access_key_id;
        let wanted = |entry: &Entry| {
            entry.fingerprint == secret.fingerprint()
                && entry.access_key_id == id
                && entry.day == scope.day
                && entry.region == scope.region
                && entry.service == scope.service
        };
        let hash = self.hasher.hash_one((id, &*scope.day, &*scope.region, &*scope.service));
        // The number of sets is a power of two, so the mask takes every set alike.
        let index = usize::try_from(hash).unwrap_or(usize::MAX) & (self.sets.len() - 1);
        let set = self.sets.get(index).map(<[_; WAYS]>::as_slice).unwrap_or_default();
        for way in set {
            if let Some(entry) = way.load().as_ref().filter(|entry| wanted(entry)) {
                return Ok(Arc::clone(&entry.key));
            }
        }
        let key = Arc::new(SigningKey::derive(secret, &scope.day, &scope.region, &scope.service)?);
        let entry = Entry {
            access_key_id: id.to_owned(),
            day: scope.day.to_string(),
            region: scope.region.to_string(),
            service: scope.service.to_string(),
            fingerprint: secret.fingerprint(),
            key: Arc::clone(&key),
        };
        if let Some(way) = Self::victim(set, &entry) {
            way.store(Some(Arc::new(entry)));
        }
        Ok(key)
    }

    /// The place for `new`: that of the same scope under another secret, else an empty one, else the oldest day's.
    fn victim<'s>(set: &'s [ArcSwapOption<Entry>], new: &Entry) -> Option<&'s ArcSwapOption<Entry>> {
        set.iter().min_by_key(|way| match way.load().as_ref() {
            Some(old)
                if (&old.access_key_id, &old.day, &old.region, &old.service)
                    == (&new.access_key_id, &new.day, &new.region, &new.service) =>
            {
                (0, String::new())
            }
            None => (1, String::new()),
            Some(old) => (2, old.day.clone()),
        })
    }
}

impl fmt::Debug for SigningKeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKeyCache({} places)", self.sets.len() * WAYS)
    }
}
