//! What secrets leave on the stack.
//!
//! AWS-LC's contexts are values: the safe interface builds them on the stack and moves or clones them from there, and only
//! the last place is cleansed. Hash states of an HMAC key are as good as the key, so whatever makes or clones them runs in
//! [`swept`].

use std::hint::black_box;

/// Deeper than the frames of any work that is swept. An optimized build has a few contexts of about 1 KiB there and AWS-LC's
/// own frames; any other build has a copy of the context for each function that it passes through.
const DEPTH: usize = if cfg!(debug_assertions) { 64 * 1024 } else { 8 * 1024 };

/// Does `work`, then overwrites the part of the stack that it used. Costs about 100 ns in an optimized build.
pub(crate) fn swept<T>(work: impl FnOnce() -> T) -> T {
    let done = below(work);
    sweep();
    done
}

/// A frame of its own, so that nothing of `work` becomes part of the caller's, which the sweep does not reach.
#[inline(never)]
fn below<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[inline(never)]
fn sweep() {
    // What cannot be seen to be unused is really written.
    black_box(&mut [0_u8; DEPTH]);
}
