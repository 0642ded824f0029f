//! Tables, and how they come to be.
//!
//! Every text that a caller chose is `BYTEA`: ordered by bytes under any collation, and free to hold any byte.

use garrison_store::StoreError;
use tokio_postgres::Client;

use crate::error::store_error;

/// The newest version of the tables that this code knows.
const NEWEST: i64 = 1;
/// Names the advisory lock under which tables are made.
const LOCK: i64 = 0x6761_7272_6973_6f6e;

const VERSION_1: &str = "
    CREATE TABLE garrison_meta (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
    INSERT INTO garrison_meta (name, value)
        VALUES ('version', 1), ('revision', 0), ('outbox', 0), ('changes_floor', 0);
    CREATE TABLE garrison_records (key BYTEA PRIMARY KEY, value BYTEA NOT NULL, revision BIGINT NOT NULL);
    CREATE TABLE garrison_changes (revision BIGINT NOT NULL, key BYTEA NOT NULL, PRIMARY KEY (revision, key));
    CREATE TABLE garrison_outbox (sequence BIGINT PRIMARY KEY, topic TEXT NOT NULL, payload BYTEA NOT NULL);
    CREATE SEQUENCE garrison_audit_blocks;
    CREATE TABLE garrison_audit (
        event_id BYTEA PRIMARY KEY,
        time BIGINT NOT NULL,
        sequence BIGINT NOT NULL,
        account BYTEA NOT NULL,
        region BYTEA NOT NULL,
        event_name BYTEA NOT NULL,
        event_source BYTEA NOT NULL,
        username BYTEA,
        access_key_id BYTEA,
        read_only BOOLEAN NOT NULL,
        resources BYTEA NOT NULL,
        json BYTEA NOT NULL
    );
    CREATE INDEX garrison_audit_by_time ON garrison_audit (account, region, time, sequence);
    CREATE INDEX garrison_audit_by_name ON garrison_audit (account, region, event_name, time, sequence);
    CREATE INDEX garrison_audit_by_source ON garrison_audit (account, region, event_source, time, sequence);
    CREATE INDEX garrison_audit_by_user ON garrison_audit (account, region, username, time, sequence);
    CREATE INDEX garrison_audit_by_key ON garrison_audit (account, region, access_key_id, time, sequence);
    CREATE TABLE garrison_audit_resources (
        account BYTEA NOT NULL,
        region BYTEA NOT NULL,
        is_name BOOLEAN NOT NULL,
        value BYTEA NOT NULL,
        time BIGINT NOT NULL,
        sequence BIGINT NOT NULL,
        event_id BYTEA NOT NULL,
        PRIMARY KEY (account, region, is_name, value, time, sequence)
    );
";

/// The tables, in the order in which a backup holds them.
pub(crate) const TABLES: [&str; 6] = [
    "garrison_meta",
    "garrison_records",
    "garrison_changes",
    "garrison_outbox",
    "garrison_audit",
    "garrison_audit_resources",
];

/// Makes the tables, or refuses those of a newer release. One node at a time.
pub(crate) async fn prepare(client: &mut Client) -> Result<(), StoreError> {
    client.execute("SELECT pg_advisory_lock($1)", &[&LOCK]).await.map_err(store_error)?;
    let prepared = prepare_locked(client).await;
    // The lock goes with the connection at the latest.
    let _ = client.execute("SELECT pg_advisory_unlock($1)", &[&LOCK]).await;
    prepared
}

async fn prepare_locked(client: &mut Client) -> Result<(), StoreError> {
    let exists = "SELECT count(*) FROM information_schema.tables
        WHERE table_name = 'garrison_meta' AND table_schema = current_schema()";
    let count: i64 = client.query_one(exists, &[]).await.map_err(store_error)?.get(0);
    if count == 0 {
        let transaction = client.transaction().await.map_err(store_error)?;
        transaction.batch_execute(VERSION_1).await.map_err(store_error)?;
        return transaction.commit().await.map_err(store_error);
    }
    let version = "SELECT value FROM garrison_meta WHERE name = 'version'";
    let version: i64 = client.query_one(version, &[]).await.map_err(store_error)?.get(0);
    if version > NEWEST {
        return Err(StoreError::Unavailable(format!(
            "the tables have version {version}, made by a newer release: this one knows versions up to {NEWEST}"
        )));
    }
    Ok(())
}
