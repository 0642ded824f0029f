//! A panic in a handler is that call's failure, not the process's.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind as catch};
use std::pin::pin;
use std::task::Poll;

/// Polls a future to its end; a panic on the way becomes its message.
///
/// What the future borrowed may be half changed after a panic: callers use it only to close the audit record.
pub(crate) async fn catch_unwind<F: Future>(future: F) -> Result<F::Output, String> {
    let mut future = pin!(future);
    std::future::poll_fn(|task| match catch(AssertUnwindSafe(|| future.as_mut().poll(task))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => Poll::Ready(Err(message(panic.as_ref()))),
    })
    .await
}

fn message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    format!("a handler panicked: {}", text.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_becomes_its_message() {
        let failed = catch_unwind(async { panic!("boom") }).await;
        assert_eq!(failed, Err::<(), _>("a handler panicked: boom".to_owned()));
        assert_eq!(catch_unwind(async { 7 }).await, Ok(7));
    }
}
