//! One process per database: a lock that the writer's session holds for as long as it lives.
//!
//! It is an advisory lock named after the table of the revision, so that Garrisons in different schemas of one database
//! do not see each other. A server that gives such locks without holding them to it (CockroachDB) does not enforce this.

use garrison_store::StoreError;
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;

use crate::error::store_error;

/// Waits for the lock: a process that was killed may have left a session that the server has not noticed yet.
const TAKE: &str = "SET lock_timeout = '3s';
    SELECT pg_advisory_lock((x'67727364'::bigint << 32) | 'garrison_meta'::regclass::oid::bigint);
    SET lock_timeout = 0";

/// When the machine of the session's process is gone, another process gets the lock after a minute. It must take longer
/// than a process takes to notice that it lost its server ([`crate::link`]).
const KEEPALIVE: &str =
    "SET tcp_keepalives_idle = 20; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 4";

/// Takes the database for this session.
///
/// # Errors
/// Another session holds it.
pub(crate) async fn take(client: &Client) -> Result<(), StoreError> {
    match client.batch_execute(TAKE).await {
        Ok(()) => {}
        Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
            let text = "another Garrison has this database open; one process serves a database: stop that one first, or \
                        give this one another database";
            return Err(StoreError::Unavailable(text.to_owned()));
        }
        Err(error) => return Err(store_error(error)),
    }
    if let Err(error) = client.batch_execute(KEEPALIVE).await {
        tracing::debug!(%error, "the server keeps its own idea of when a client is gone");
    }
    Ok(())
}
