//! Memory for secrets: page-aligned, locked into RAM, never moved, wiped before it is given back.
//!
//! Each secret has pages of its own, so locking costs a system call (about 10 µs with its undoing), and each locked page counts
//! against `RLIMIT_MEMLOCK` and, on Linux, splits the process's mappings (`vm.max_map_count`). Keep a bounded number of them:
//! what is in a cache, not what is in the store.
//!
//! Core dumps: `madvise(MADV_DONTDUMP)` has no safe interface, so this crate leaves dumps to the process: start-up sets
//! `RLIMIT_CORE` to zero and `PR_SET_DUMPABLE` off, which covers AWS-LC's own memory as well.

use crate::CryptoError;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use zeroize::Zeroize as _;

/// The page size that this module lays secrets out for. Where pages are larger, the lock rounds out to whole pages.
pub const PAGE: usize = 4096;

static STRICT: AtomicBool = AtomicBool::new(false);
static LOCKED_PAGES: AtomicU64 = AtomicU64::new(0);
static LOCK_FAILURES: AtomicU64 = AtomicU64::new(0);

/// The process-wide policy for memory that cannot be locked, usually because `RLIMIT_MEMLOCK` is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretMemory {
    /// `true`: a secret whose memory cannot be locked is refused with [`CryptoError::MemoryLock`]. `false` (at start): it is
    /// kept in ordinary memory, still wiped on drop, and counted as a failure.
    pub strict: bool,
}

/// What secret memory looks like now, for health reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretMemoryStats {
    /// The policy in force.
    pub policy: SecretMemory,
    /// Pages of [`PAGE`] bytes that are locked at this moment.
    pub locked_pages: u64,
    /// Secrets, since start, whose memory could not be locked.
    pub lock_failures: u64,
}

impl SecretMemory {
    /// Puts this policy in force for secrets made from now on.
    pub fn install(self) {
        STRICT.store(self.strict, Ordering::Relaxed);
    }

    /// The policy in force and the counters.
    pub fn stats() -> SecretMemoryStats {
        SecretMemoryStats {
            policy: Self { strict: STRICT.load(Ordering::Relaxed) },
            locked_pages: LOCKED_PAGES.load(Ordering::Relaxed),
            lock_failures: LOCK_FAILURES.load(Ordering::Relaxed),
        }
    }
}

#[repr(align(4096))]
struct Page([u8; PAGE]);

/// Where the bytes are. Neither variant ever reallocates.
enum Pages {
    /// The usual case: one page.
    One(Box<Page>),
    /// Larger secrets: an allocation with one page to spare, used from its first page boundary on.
    Many { bytes: Box<[u8]>, start: usize },
}

impl Pages {
    fn zeroed(len: usize) -> Self {
        if len <= PAGE {
            return Self::One(Box::new(Page([0; PAGE])));
        }
        let bytes = vec![0; len.next_multiple_of(PAGE) + PAGE].into_boxed_slice();
        let start = bytes.as_ptr().align_offset(PAGE);
        Self::Many { bytes, start }
    }

    /// The bytes from the first page boundary on.
    fn bytes(&self) -> &[u8] {
        match self {
            Self::One(page) => &page.0,
            Self::Many { bytes, start } => bytes.get(*start..).unwrap_or_default(),
        }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        match self {
            Self::One(page) => &mut page.0,
            Self::Many { bytes, start } => bytes.get_mut(*start..).unwrap_or_default(),
        }
    }
}

/// A secret in locked memory of its own pages: wiped when dropped, hidden from `Debug`, compared in constant time.
pub struct LockedSecret {
    // Declared before `pages`, and so dropped first: the pages are unlocked before they are freed, and after `drop` below
    // has wiped them.
    lock: Option<region::LockGuard>,
    pages: Pages,
    len: usize,
}

impl LockedSecret {
    /// Locked memory of `len` bytes, filled by `fill`, which sees zeros.
    ///
    /// # Errors
    /// [`CryptoError::MemoryLock`] when the pages cannot be locked and the policy is strict.
    pub fn new_with(len: usize, fill: impl FnOnce(&mut [u8])) -> Result<Self, CryptoError> {
        let pages = Pages::zeroed(len);
        let span = len.max(1).next_multiple_of(PAGE);
        let lock = match region::lock(pages.bytes().as_ptr(), span) {
            Ok(guard) => {
                LOCKED_PAGES.fetch_add(page_count(len), Ordering::Relaxed);
                Some(guard)
            }
            Err(_) => {
                LOCK_FAILURES.fetch_add(1, Ordering::Relaxed);
                if STRICT.load(Ordering::Relaxed) {
                    return Err(CryptoError::MemoryLock);
                }
                None
            }
        };
        let mut secret = Self { lock, pages, len };
        fill(secret.expose_mut());
        Ok(secret)
    }

    /// Copies `bytes` into locked memory. Wiping the source is up to the caller.
    ///
    /// # Errors
    /// As [`Self::new_with`].
    pub fn copy_of(bytes: &[u8]) -> Result<Self, CryptoError> {
        Self::new_with(bytes.len(), |to| to.copy_from_slice(bytes))
    }

    /// Locked memory of `len` random bytes.
    ///
    /// # Errors
    /// As [`Self::new_with`].
    pub fn random(len: usize, rng: &dyn crate::Rng) -> Result<Self, CryptoError> {
        Self::new_with(len, |to| rng.fill(to))
    }

    /// The secret itself.
    pub fn expose(&self) -> &[u8] {
        self.pages.bytes().get(..self.len).unwrap_or_default()
    }

    fn expose_mut(&mut self) -> &mut [u8] {
        self.pages.bytes_mut().get_mut(..self.len).unwrap_or_default()
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether the secret has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether the memory is locked into RAM.
    pub fn is_locked(&self) -> bool {
        self.lock.is_some()
    }

    /// A second copy in locked memory of its own.
    ///
    /// # Errors
    /// As [`Self::new_with`].
    pub fn try_clone(&self) -> Result<Self, CryptoError> {
        Self::copy_of(self.expose())
    }

    fn wipe(&mut self) {
        self.expose_mut().zeroize();
    }
}

fn page_count(len: usize) -> u64 {
    u64::try_from(len.max(1).div_ceil(PAGE)).unwrap_or(u64::MAX)
}

impl Drop for LockedSecret {
    fn drop(&mut self) {
        self.wipe();
        if self.lock.is_some() {
            LOCKED_PAGES.fetch_sub(page_count(self.len), Ordering::Relaxed);
        }
    }
}

impl fmt::Debug for LockedSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LockedSecret({} bytes)", self.len)
    }
}

impl PartialEq for LockedSecret {
    /// In constant time for secrets of one length; the length itself is not secret.
    fn eq(&self, other: &Self) -> bool {
        constant_time_eq(self.expose(), other.expose())
    }
}

impl Eq for LockedSecret {}

/// Whether `a` and `b` are equal, in a time that depends on their lengths alone.
pub fn constant_time_eq(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_and_compares_secrets_of_any_length() {
        for len in [0, 1, 32, PAGE - 1, PAGE, PAGE + 1, 3 * PAGE, 65_536] {
            let bytes: Vec<u8> = (0..len).map(|i| (i % 251) as u8).collect();
            let secret = LockedSecret::copy_of(&bytes).expect("not strict");
            assert_eq!(secret.expose(), bytes);
            assert_eq!(secret.expose().as_ptr().align_offset(PAGE), 0, "page aligned at {len}");
            assert_eq!(secret, secret.try_clone().expect("not strict"));
            if len > 0 {
                let mut other = bytes.clone();
                other[len - 1] ^= 1;
                assert_ne!(secret, LockedSecret::copy_of(&other).expect("not strict"));
            }
            assert_eq!(format!("{secret:?}"), format!("LockedSecret({len} bytes)"));
        }
    }

    #[test]
    fn wiping_clears_every_byte() {
        for len in [32, PAGE + 100] {
            let mut secret = LockedSecret::copy_of(&vec![0xA5; len]).expect("not strict");
            secret.wipe(); // what drop calls first; memory that was freed cannot be looked at safely
            assert!(secret.pages.bytes().iter().all(|b| *b == 0));
        }
    }

    // The counters are the process's; nextest runs each test in a process of its own, which makes exact counts safe.
    #[test]
    fn the_counters_follow_the_pages() {
        let before = SecretMemory::stats();
        let secret = LockedSecret::copy_of(&[1; PAGE + 1]).expect("not strict");
        let during = SecretMemory::stats();
        if secret.is_locked() {
            assert_eq!(during.locked_pages, before.locked_pages + 2);
        } else {
            assert_eq!(during.lock_failures, before.lock_failures + 1);
        }
        drop(secret);
        assert_eq!(SecretMemory::stats().locked_pages, before.locked_pages);
    }

    #[test]
    fn a_strict_policy_refuses_memory_that_cannot_be_locked() {
        SecretMemory { strict: true }.install();
        assert!(SecretMemory::stats().policy.strict);
        // Far more than any RLIMIT_MEMLOCK a test runs under, unless it is unlimited.
        let huge = LockedSecret::new_with(1 << 28, |_| ());
        match &huge {
            Ok(secret) => assert!(secret.is_locked()),
            Err(error) => {
                assert_eq!(*error, CryptoError::MemoryLock);
                assert_eq!(SecretMemory::stats().lock_failures, 1);
            }
        }
    }
}
