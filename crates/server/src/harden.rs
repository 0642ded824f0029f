//! What the process gives up and asks for before it has any secret.

use garrison_crypto::secret::SecretMemory;
use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};

/// No core dumps, no debugger of the same user, and memory that is not swapped out where the limits let us.
///
/// `quiet` leaves out the warning about memory that cannot be locked.
pub fn harden(strict_memory: bool, quiet: bool) {
    if let Err(error) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
        tracing::warn!(%error, "cannot forbid core dumps");
    }
    if let Err(error) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        tracing::warn!(%error, "cannot make the process undumpable");
    }
    SecretMemory { strict: strict_memory }.install();
    lock_memory(quiet);
}

/// Locks all memory where that is unlimited; under a limit later allocations would fail for it. Secrets lock their own
/// pages in any case.
fn lock_memory(quiet: bool) {
    let unlimited = getrlimit(Resource::Memlock).current.is_none();
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    let locked = unlimited.then(|| mlockall(flags));
    match locked {
        Some(Ok(())) => tracing::debug!("all memory is locked"),
        Some(Err(error)) if !quiet => {
            tracing::warn!(%error, "memory beside secrets may be swapped out: it cannot be locked");
        }
        None if !quiet => tracing::warn!(
            "memory beside secrets may be swapped out: raise the limit (LimitMEMLOCK=infinity, ulimit -l unlimited)"
        ),
        _ => {}
    }
}
