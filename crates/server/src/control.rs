//! The control socket in the data folder: how `garrison backup` asks a running server for a backup.
//!
//! Whoever may open the socket may read the folder, so that it needs no further authentication. One line in, one
//! line out: `backup /absolute/folder` is answered by `ok` or `error: …`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream as BlockingStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use garrison_gateway::ended;
use garrison_store::Store;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::error::Error;

/// The longest line.
const MAX_LINE: u64 = 8192;
/// How long a line may take.
const LINE_TIME: Duration = Duration::from_secs(5);
/// How long a backup may take.
const BACKUP_TIME: Duration = Duration::from_secs(3600);

fn socket(folder: &Path) -> PathBuf {
    folder.join("control.sock")
}

/// Serves the socket until `shutdown` turns true.
pub(crate) async fn serve(folder: PathBuf, store: Arc<dyn Store>, mut shutdown: watch::Receiver<bool>) {
    let path = socket(&folder);
    // One that a killed process left behind; the folder's lock says that nobody else uses it.
    let _ = std::fs::remove_file(&path);
    let listener = match UnixListener::bind(&path) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::warn!(path = %path.display(), %error, "no control socket: backups need the server stopped");
            return;
        }
    };
    if let Err(error) = std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)) {
        tracing::warn!(path = %path.display(), %error, "cannot protect the control socket");
        return;
    }
    loop {
        tokio::select! {
            () = ended(&mut shutdown) => break,
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                // One at a time: nobody needs two backups at once.
                if let Err(error) = answer(stream, &*store).await {
                    tracing::debug!(%error, "the control connection ended early");
                }
            },
        }
    }
    let _ = std::fs::remove_file(&path);
}

async fn answer(stream: UnixStream, store: &dyn Store) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut line = String::new();
    let mut reader = tokio::io::BufReader::new(read.take(MAX_LINE));
    timeout(LINE_TIME, reader.read_line(&mut line)).await??;
    let reply = match line.trim_end_matches('\n').strip_prefix("backup ").map(Path::new) {
        Some(folder) if folder.is_absolute() => match store.backup(folder).await {
            Ok(()) => "ok\n".to_owned(),
            Err(error) => format!("error: {error}\n"),
        },
        _ => "error: the one request is `backup` with an absolute path\n".to_owned(),
    };
    write.write_all(reply.as_bytes()).await
}

/// Asks the server that has the folder open for a backup; `None` when there is no such server.
pub(crate) fn request_backup(folder: &Path, to: &Path) -> Option<Result<(), Error>> {
    let stream = BlockingStream::connect(socket(folder)).ok()?;
    Some(
        converse(&stream, to)
            .unwrap_or_else(|source| Err(Error::System { action: "talk to the running server", source })),
    )
}

fn converse(mut stream: &BlockingStream, to: &Path) -> std::io::Result<Result<(), Error>> {
    stream.set_read_timeout(Some(BACKUP_TIME))?;
    stream.write_all(format!("backup {}\n", to.display()).as_bytes())?;
    let mut reply = String::new();
    BufReader::new(stream).read_line(&mut reply)?;
    Ok(match reply.trim_end() {
        "ok" => Ok(()),
        "" => Err(Error::Failed("the server ended before the backup was done".to_owned())),
        error => Err(Error::Failed(error.trim_start_matches("error: ").to_owned())),
    })
}
