//! A connection that comes back.

use std::sync::Arc;
use std::time::Duration;

use garrison_store::StoreError;
use tokio::sync::Mutex;
use tokio_postgres::{Client, Config, NoTls, Statement};

use crate::error::store_error;

/// What each session is set to. A server that answers commits before they are durable would break every promise.
const SESSION: &str = "SET synchronous_commit = on; SET statement_timeout = '60s';
    SET idle_in_transaction_session_timeout = '60s'";

/// One connection, made when it is first needed and again after it broke. Callers share it: the protocol
/// answers in order, so that many queries can be under way at once.
pub(crate) struct Link {
    config: Config,
    session: Mutex<Option<Arc<Session>>>,
}

/// A live connection with its prepared statements.
pub(crate) struct Session {
    pub(crate) client: Client,
    statements: parking_lot::Mutex<Vec<(&'static str, Statement)>>,
}

impl Link {
    pub(crate) fn new(config: &Config) -> Self {
        let mut config = config.clone();
        config.application_name("garrison");
        config.connect_timeout(Duration::from_secs(5));
        config.tcp_user_timeout(Duration::from_secs(15));
        Self { config, session: Mutex::new(None) }
    }

    /// The live connection, made anew if there is none.
    pub(crate) async fn session(&self) -> Result<Arc<Session>, StoreError> {
        let mut session = self.session.lock().await;
        if let Some(live) = session.as_ref().filter(|session| !session.client.is_closed()) {
            return Ok(Arc::clone(live));
        }
        let fresh =
            Arc::new(Session { client: self.connect().await?, statements: parking_lot::Mutex::default() });
        *session = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// A connection of the caller's own.
    pub(crate) async fn connect(&self) -> Result<Client, StoreError> {
        let (client, connection) = self.config.connect(NoTls).await.map_err(store_error)?;
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::warn!(%error, "the connection to the database ended");
            }
        });
        client.batch_execute(SESSION).await.map_err(store_error)?;
        Ok(client)
    }

    /// Forgets the connection, so that the next call makes a new one: nobody knows what state it is in.
    pub(crate) async fn discard(&self) {
        *self.session.lock().await = None;
    }
}

impl Session {
    /// The statement for a text, prepared once per connection.
    pub(crate) async fn statement(&self, text: &'static str) -> Result<Statement, tokio_postgres::Error> {
        let known = self.statements.lock().iter().find(|(known, _)| *known == text).map(|(_, s)| s.clone());
        if let Some(statement) = known {
            return Ok(statement);
        }
        let statement = self.client.prepare(text).await?;
        self.statements.lock().push((text, statement.clone()));
        Ok(statement)
    }
}
