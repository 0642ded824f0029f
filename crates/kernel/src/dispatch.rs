//! The life of a call behind the front door, free of HTTP: resolve → authorize → open audit → execute → close
//! audit. The only way to call an operation, for the gateway and for other services alike.

use garrison_schema::ApiError;
use garrison_store::CommitError;

use crate::authorize::{Asker, Bounds, authorize};
use crate::context::Context;
use crate::errors;
use crate::journal::Journal;
use crate::kernel::Kernel;
use crate::operation::{Durability, Handler, Reply, Resolved, ServiceType};
use crate::unwind::catch_unwind;

/// How often a call that lost a race for the same records starts anew before it gives up.
const MAX_ATTEMPTS: usize = 16;

/// Calls an operation of a service whose types are known: ports use it directly, the gateway through
/// [`crate::AnyOperation::dispatch`].
///
/// # Errors
/// What the caller shall see. Refusals are in the audit log when this returns, as are successes.
pub async fn run<S: ServiceType, O: Handler<S>>(
    kernel: &Kernel,
    service: &S,
    cx: &Context,
    input: &O::Input,
) -> Result<O::Output, ApiError> {
    let mut journal = Journal::new(kernel, cx, S::SCHEMA, O::SCHEMA, O::ACCESS, input);
    if !kernel.count_call(cx, S::SCHEMA, O::SCHEMA) {
        return Err(journal.close_refused(ApiError::new(&errors::THROTTLING, S::THROTTLED)));
    }
    if let Err(error) = S::admit(&cx.caller) {
        return Err(journal.close_refused(error));
    }
    for _ in 0..MAX_ATTEMPTS {
        let attempt = catch_unwind(attempt::<S, O>(kernel, service, cx, input, &mut journal)).await;
        match attempt {
            Ok(Ok(Some(output))) => return Ok(output),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => return Err(journal.close_refused(error)),
            Err(panic) => return Err(journal.close_refused(errors::internal(panic))),
        }
    }
    Err(journal.close_refused(errors::commit(&CommitError::Conflict)))
}

/// One attempt: `None` when other changes overtook it and it should start anew.
async fn attempt<S: ServiceType, O: Handler<S>>(
    kernel: &Kernel,
    service: &S,
    cx: &Context,
    input: &O::Input,
    journal: &mut Journal<'_>,
) -> Result<Option<O::Output>, ApiError> {
    let Resolved { target, checks, resources } = O::resolve(service, cx, input).await?;
    journal.set_resources(resources);
    if let Some(caller) = checks.first().and_then(|check| check.caller.as_ref()) {
        journal.set_caller(caller);
    }
    // Most questions of a call are its caller's own.
    let mut own = None;
    for (index, check) in checks.iter().enumerate() {
        let asker = match &check.caller {
            Some(caller) => &Asker::gather(kernel, caller).await?,
            None => match &own {
                Some(own) => own,
                None => own.insert(Asker::gather(kernel, &cx.caller).await?),
            },
        };
        let bounds = Bounds::gather(kernel, cx, check, asker).await?;
        let condition = |key: &str| O::condition(service, cx, input, &target, index, key);
        authorize(
            kernel,
            S::SCHEMA,
            cx,
            check.action.unwrap_or(O::ACCESS.action),
            check,
            &bounds,
            &condition,
        )?;
    }
    journal.open()?;
    let reply = O::execute(service, cx, input, &target).await?;
    let Reply { output, mut writes, resources, additional_event_data, response_elements } = reply;
    journal.add(resources, additional_event_data, response_elements);
    if writes.is_empty() {
        let durable = journal.close(&output)?;
        if O::ACCESS.durability == Durability::BeforeAnswer || !O::ACCESS.read_only {
            durable.await.map_err(|error| errors::audit(&error))?;
        }
        return Ok(Some(output));
    }
    writes.audit.extend(journal.records(Ok(&output)));
    match kernel.store().commit(writes).await {
        Ok(_) => Ok(Some(output)),
        Err(CommitError::Conflict) => Ok(None),
        Err(error) => Err(errors::commit(&error)),
    }
}
