//! Work that waits for the disk for long, off the caller's thread.

use garrison_store::StoreError;
use tokio::sync::oneshot;

/// Runs `work` on a thread of its own. Used for what is rare and slow (audit lookups, backup, reset); point reads
/// stay on the caller's thread, where they take microseconds.
pub(crate) async fn run<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    let (send, receive) = oneshot::channel();
    std::thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || {
            // The caller may have gone away: then nobody wants the answer.
            let _ = send.send(work());
        })
        .map_err(|error| StoreError::Unavailable(format!("cannot start a thread: {error}")))?;
    receive.await.map_err(|_| StoreError::Unavailable(format!("{name} ended without an answer")))?
}
