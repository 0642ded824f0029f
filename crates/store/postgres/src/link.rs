//! A connection that comes back.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use garrison_store::StoreError;
use tokio::sync::{Mutex, Notify};
use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, NoTls, Socket, Statement};

use crate::error::store_error;
use crate::lock;
use crate::tls::Tls;

/// What each session is set to. A server that answers commits before they are durable would break every promise.
const SESSION: &str = "SET synchronous_commit = on; SET statement_timeout = '60s';
    SET idle_in_transaction_session_timeout = '60s'";

/// One connection, made when it is first needed and again after it broke. Callers share it: the protocol
/// answers in order, so that many queries can be under way at once.
pub(crate) struct Link {
    target: Target,
    /// Its sessions take the database for this process alone.
    exclusive: bool,
    session: Mutex<Option<Arc<Session>>>,
    /// Told when a connection ends.
    ended: Arc<Notify>,
}

/// A live connection with its prepared statements.
pub(crate) struct Session {
    pub(crate) client: Client,
    statements: parking_lot::Mutex<Vec<(&'static str, Statement)>>,
}

/// Where to connect to, and how.
#[derive(Clone)]
pub(crate) struct Target {
    config: Config,
    tls: Option<Tls>,
}

impl Target {
    /// Reads a connection string. Beside what the driver knows it may hold libpq's `sslrootcert` and its
    /// `sslmode=verify-full`.
    pub(crate) fn parse(connection: &str) -> Result<Self, StoreError> {
        let (rest, roots) = take_parameter(connection, "sslrootcert");
        let (rest, mode) = take_parameter(&rest, "sslmode");
        // The error says what is wrong with the string and never repeats its values.
        let mut config: Config = rest.parse().map_err(|error: tokio_postgres::Error| {
            let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            StoreError::Unavailable(format!("the connection string is not one: {source}"))
        })?;
        match (mode.as_deref(), &roots) {
            (None | Some("prefer" | "disable"), None) => config.ssl_mode(SslMode::Disable),
            (None | Some("require" | "verify-ca" | "verify-full"), Some(_)) => {
                config.ssl_mode(SslMode::Require)
            }
            (Some(mode), _) => {
                let text = format!("`sslmode={mode}` needs a certificate to trust: add `sslrootcert=FILE`");
                return Err(StoreError::Unavailable(text));
            }
        };
        config.application_name("garrison");
        config.connect_timeout(Duration::from_secs(5));
        // A server that is gone is noticed within this time, also by a connection on which nothing happens.
        config.tcp_user_timeout(Duration::from_secs(15));
        config.keepalives_idle(Duration::from_secs(5));
        config.keepalives_interval(Duration::from_secs(2));
        let tls = roots.map(|roots| Tls::trusting(Path::new(&roots))).transpose()?;
        Ok(Self { config, tls })
    }
}

/// Takes `name=value` out of a connection string of either form; a value ends at a space or `&`.
fn take_parameter(connection: &str, name: &str) -> (String, Option<String>) {
    let is_end = |c: char| c.is_whitespace() || c == '&';
    let starts = connection.match_indices(name).find_map(|(at, _)| {
        let (before, found) = connection.split_at_checked(at)?;
        let value = found.strip_prefix(name)?.strip_prefix('=')?;
        let begins = before.chars().next_back().is_none_or(|c| is_end(c) || c == '?');
        begins.then_some((before, value))
    });
    let Some((before, value)) = starts else { return (connection.to_owned(), None) };
    let (value, after) = value.split_once(is_end).unwrap_or((value, ""));
    (format!("{before}{after}"), Some(value.to_owned()))
}

impl Link {
    pub(crate) fn new(target: &Target) -> Self {
        let ended = Arc::new(Notify::new());
        Self { target: target.clone(), exclusive: false, session: Mutex::new(None), ended }
    }

    /// A link whose sessions take the database for this process alone. Its tables must be there.
    pub(crate) fn exclusive(target: &Target) -> Self {
        Self { exclusive: true, ..Self::new(target) }
    }

    /// The live connection, made anew if there is none.
    pub(crate) async fn session(&self) -> Result<Arc<Session>, StoreError> {
        let mut session = self.session.lock().await;
        if let Some(live) = session.as_ref().filter(|session| !session.client.is_closed()) {
            return Ok(Arc::clone(live));
        }
        let client = self.connect().await?;
        if self.exclusive {
            lock::take(&client).await?;
        }
        let fresh = Arc::new(Session { client, statements: parking_lot::Mutex::default() });
        *session = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// The connection, when there is one.
    pub(crate) async fn live(&self) -> Option<Arc<Session>> {
        self.session.lock().await.clone().filter(|session| !session.client.is_closed())
    }

    /// A connection of the caller's own.
    pub(crate) async fn connect(&self) -> Result<Client, StoreError> {
        let config = &self.target.config;
        let client = match &self.target.tls {
            Some(tls) => start(config, tls.clone(), &self.ended).await?,
            None => start(config, NoTls, &self.ended).await?,
        };
        client.batch_execute(SESSION).await.map_err(store_error)?;
        Ok(client)
    }

    /// Forgets the connection, so that the next call makes a new one: nobody knows what state it is in.
    pub(crate) async fn discard(&self) {
        *self.session.lock().await = None;
    }

    /// Resolves when a connection has ended since this was last asked.
    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }
}

async fn start<T>(config: &Config, tls: T, ended: &Arc<Notify>) -> Result<Client, StoreError>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect(tls).await.map_err(store_error)?;
    let ended = Arc::clone(ended);
    tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::warn!(%error, "the connection to the database ended");
        }
        ended.notify_one();
    });
    Ok(client)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_taken_out_of_either_form() {
        for (connection, rest, value) in [
            ("host=a sslmode=require user=b", "host=a user=b", Some("require")),
            ("sslmode=x", "", Some("x")),
            ("host=a user=b", "host=a user=b", None),
            ("host=mysslmode=x", "host=mysslmode=x", None),
            ("postgresql://u@h/d?sslmode=x&options=y", "postgresql://u@h/d?options=y", Some("x")),
            ("postgresql://u@h/d?options=y&sslmode=x", "postgresql://u@h/d?options=y&", Some("x")),
        ] {
            assert_eq!(take_parameter(connection, "sslmode"), (rest.to_owned(), value.map(str::to_owned)));
        }
    }

    #[test]
    fn encryption_that_was_asked_for_is_never_left_out() {
        for (connection, accepted) in [
            ("host=a user=b", true),
            ("host=a user=b sslmode=disable", true),
            ("host=a user=b sslmode=require", false),
            ("host=a user=b sslmode=verify-full", false),
            ("postgresql://b@a/d?sslmode=verify-ca", false),
            ("host=a user=b sslrootcert=/nowhere.pem", false),
        ] {
            assert_eq!(Target::parse(connection).is_ok(), accepted, "{connection}");
        }
        assert!(Target::parse("postgresql://u@h/d?options=y&sslmode=disable").is_ok());
    }
}
