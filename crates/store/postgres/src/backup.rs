//! A copy of every table, as one transaction sees them, in PostgreSQL's own binary copy format.
//!
//! `DIR/format`, and `DIR/<table>.copy` for each table. (`pg_dump` serves as well; this one needs no tools.)

use std::fs::{self, DirBuilder, File};
use std::io::{Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use garrison_store::StoreError;
use tokio_postgres::Client;

use crate::audit::BLOCK;
use crate::error::store_error;
use crate::schema::TABLES;

const FORMAT: &str = "garrison PostgreSQL backup, format 1\n";

fn io(error: std::io::Error, what: &str) -> StoreError {
    let text = format!("cannot {what} the backup: {error}");
    if error.kind() == std::io::ErrorKind::StorageFull {
        StoreError::Full(text)
    } else {
        StoreError::Unavailable(text)
    }
}

/// Writes the copy to an empty or absent folder.
pub(crate) async fn write(client: &mut Client, folder: &Path) -> Result<(), StoreError> {
    let failed = |error| io(error, "write");
    DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
    if fs::read_dir(folder).map_err(failed)?.next().is_some() {
        let message =
            format!("the folder {} is not empty: a backup goes to a folder of its own", folder.display());
        return Err(StoreError::Unavailable(message));
    }
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0";
    client.batch_execute(begin).await.map_err(store_error)?;
    for table in TABLES {
        let copy =
            client.copy_out(&format!("COPY {table} TO STDOUT (FORMAT binary)")).await.map_err(store_error)?;
        let mut copy = std::pin::pin!(copy);
        let path = folder.join(format!("{table}.copy"));
        let mut file = private(&path).map_err(failed)?;
        while let Some(bytes) = copy.next().await {
            file.write_all(&bytes.map_err(store_error)?).map_err(failed)?;
        }
        // The one step that may wait for the disk for long.
        let synced = tokio::task::spawn_blocking(move || file.sync_all()).await;
        synced.map_err(|_| StoreError::Unavailable("the backup was given up".to_owned()))?.map_err(failed)?;
    }
    client.batch_execute("COMMIT").await.map_err(store_error)?;
    let format = private(&folder.join("format")).and_then(|mut file| {
        file.write_all(FORMAT.as_bytes())?;
        file.sync_all()
    });
    format.map_err(failed)?;
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed)
}

/// A new file that only its owner reads.
fn private(path: &Path) -> std::io::Result<File> {
    File::options().write(true).create_new(true).mode(0o600).open(path)
}

/// Fills the tables, which must hold nothing yet, from a copy.
pub(crate) async fn read(client: &mut Client, folder: &Path) -> Result<(), StoreError> {
    let failed = |error| io(error, "read");
    if fs::read_to_string(folder.join("format")).map_err(failed)? != FORMAT {
        return Err(StoreError::Corrupt(format!("{} is no whole backup of this kind", folder.display())));
    }
    let transaction = client.transaction().await.map_err(store_error)?;
    let used = "SELECT value FROM garrison_meta WHERE name = 'revision'";
    let revision: i64 = transaction.query_one(used, &[]).await.map_err(store_error)?.get(0);
    if revision != 0 {
        return Err(StoreError::Unavailable("a backup is restored into an empty database".to_owned()));
    }
    transaction.batch_execute("DELETE FROM garrison_meta").await.map_err(store_error)?;
    for table in TABLES {
        let copy = format!("COPY {table} FROM STDIN (FORMAT binary)");
        let sink = transaction.copy_in::<_, Bytes>(&copy).await.map_err(store_error)?;
        let mut sink = Box::pin(sink);
        let mut file = File::open(folder.join(format!("{table}.copy"))).map_err(failed)?;
        let mut buffer = vec![0; 1 << 16];
        loop {
            let n = file.read(&mut buffer).map_err(failed)?;
            if n == 0 {
                break;
            }
            let bytes = Bytes::copy_from_slice(buffer.get(..n).unwrap_or_default());
            sink.send(bytes).await.map_err(store_error)?;
        }
        sink.as_mut().finish().await.map_err(store_error)?;
    }
    // Sequence numbers go on behind those that the copy holds.
    let go_on = "SELECT setval('garrison_audit_blocks',
        (SELECT COALESCE(MAX(sequence), 0) / $1 + 1 FROM garrison_audit))";
    transaction.execute(go_on, &[&BLOCK]).await.map_err(store_error)?;
    transaction.commit().await.map_err(store_error)
}
