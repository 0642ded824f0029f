//! What is done with a store while no server runs on it (a backup: also while one does).

use std::fs::{DirBuilder, File};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use garrison_clock::{Clock as _, SystemClock};
use garrison_crypto::SystemRng;
use garrison_store::{AuditUnavailable, WriteSet};
use garrison_store_postgres::Postgres;
use garrison_svc_iam::{AccessKeyParts, AccessKeys, IssuedKey, ListedKey};
use garrison_types::AccountId;

use crate::bootstrap::{self, Foundation};
use crate::config::{Config, Storage};
use crate::control;
use crate::error::Error;
use crate::key_events::KeyEvent;
use crate::records::{self, InstallationRecord};
use crate::storage::{self, Opened};

/// Copies records and audit log, consistently, to an empty or absent folder. A server that has the data folder open
/// goes on meanwhile. The root key is not in the copy.
///
/// # Errors
/// The target is not empty or cannot be written; the store cannot be read.
pub async fn backup(config: &Config, to: &Path) -> Result<(), Error> {
    let to = std::path::absolute(to).map_err(Error::file("find", to))?;
    match &config.storage {
        Storage::Temporary => {}
        Storage::Folder(folder) => {
            if !folder.exists() {
                return Err(Error::Config(format!("there is no data folder `{}`", folder.display())));
            }
            if let Some(outcome) = control::request_backup(folder, &to) {
                return outcome;
            }
        }
        Storage::Postgres(connection) => {
            return Ok(Postgres::copy(&storage::postgres_options(connection), &to).await?);
        }
    }
    let Opened { store, .. } = storage::open(config).await?;
    Ok(store.backup(&to).await?)
}

/// Puts a backup into an empty or absent data folder, or an empty database, and checks that the root key opens it.
///
/// # Errors
/// The target is not empty; the backup is not whole; the root key is another one (the data is in place then).
pub async fn restore(config: &Config, from: &Path) -> Result<(), Error> {
    match &config.storage {
        Storage::Temporary => {
            return Err(Error::Config("a temporary folder cannot be restored to".to_owned()));
        }
        Storage::Folder(folder) => copy_folder(from, folder)?,
        Storage::Postgres(connection) => {
            drop(Postgres::restore(&storage::postgres_options(connection), from).await?);
        }
    }
    let Opened { store, folder, .. } = storage::open(config).await?;
    let key = records::domain_key();
    if store.get(&key).await?.is_none() {
        return Err(Error::Config(format!("`{}` is not a backup: it holds no key", from.display())));
    }
    bootstrap::lay(&*store, &config.root, folder.as_deref(), &SystemRng).await.map(drop)
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    if !from.join(RECORDS).exists() || !from.join(FORMAT).exists() {
        return Err(Error::Config(format!("`{}` is not a backup of a data folder", from.display())));
    }
    let occupied = match std::fs::read_dir(to) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
        Err(error) => return Err(Error::file("look into", to)(error)),
    };
    if occupied {
        return Err(Error::Config(format!(
            "`{}` is not empty: a backup is restored to a folder of its own",
            to.display()
        )));
    }
    copy_tree(from, to)
}

/// The file that says which format a data folder has, and the one whose presence asks for it.
const FORMAT: &str = "format";
const RECORDS: &str = "records.db";

/// Folders and files; anything else in a backup (a socket) is left out. Only their owner gets at the copies, and all of it
/// is durable at the end.
///
/// The records come first and the format last: a copy that was cut short has the one without the other, and no server
/// takes it for a data folder.
fn copy_tree(from: &Path, to: &Path) -> Result<(), Error> {
    make_folder(to)?;
    copy_file(&from.join(RECORDS), &to.join(RECORDS))?;
    let mut pending: Vec<(PathBuf, PathBuf)> = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = pending.pop() {
        make_folder(&to)?;
        for entry in std::fs::read_dir(&from).map_err(Error::file("look into", &from))? {
            let entry = entry.map_err(Error::file("look into", &from))?;
            let kind = entry.file_type().map_err(Error::file("look at", entry.path()))?;
            let target = to.join(entry.file_name());
            if kind.is_dir() {
                pending.push((entry.path(), target));
            } else if kind.is_file() && entry.file_name() != FORMAT && !target.exists() {
                copy_file(&entry.path(), &target)?;
            }
        }
        sync_folder(&to)?;
    }
    copy_file(&from.join(FORMAT), &to.join(FORMAT))?;
    sync_folder(to)
}

/// Makes a folder that only its owner enters, with those above it, and makes their names durable.
fn make_folder(path: &Path) -> Result<(), Error> {
    let absent: Vec<&Path> = path.ancestors().take_while(|folder| !folder.exists()).collect();
    let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
    made.map_err(Error::file("make the folder", path))?;
    for folder in absent {
        // The parent of a relative path's first part is the empty path: the current folder.
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        sync_folder(parent.unwrap_or(Path::new(".")))?;
    }
    Ok(())
}

fn sync_folder(path: &Path) -> Result<(), Error> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(Error::file("sync the folder", path))
}

/// Copies a file, durably, to one that only its owner reads.
fn copy_file(from: &Path, to: &Path) -> Result<(), Error> {
    let mut source = File::open(from).map_err(Error::file("read", from))?;
    let mut write = || {
        let mut copy = File::options().write(true).create_new(true).mode(0o600).open(to)?;
        std::io::copy(&mut source, &mut copy)?;
        copy.sync_all()
    };
    write().map_err(Error::file("write", to))
}

/// How the audit log names whoever made or switched off a key here.
const COMMAND: &str = "garrison root-key";

/// Access keys of root users, while no server runs on the store.
pub struct RootKeys {
    access_keys: Arc<AccessKeys>,
    store: Opened,
    clock: Arc<SystemClock>,
}

impl RootKeys {
    /// Opens the store.
    ///
    /// # Errors
    /// A server has it open, or the root of trust does not open it.
    pub async fn open(config: &Config) -> Result<Self, Error> {
        let opened = storage::open(config).await?;
        let Foundation { sealer, access_key_ids, clock_offset, .. } =
            bootstrap::lay(&*opened.store, &config.root, opened.folder.as_deref(), &SystemRng).await?;
        let clock = Arc::new(SystemClock::with_offset(clock_offset));
        let access_keys = AccessKeys::new(AccessKeyParts {
            ids: access_key_ids,
            store: opened.store.clone(),
            sealer,
            tokens: None,
            clock: Arc::clone(&clock) as _,
            development: false,
        });
        Ok(Self { access_keys, store: opened, clock })
    }

    /// Makes an access key, of the first account when `account` is not given.
    ///
    /// # Errors
    /// There is no first account yet, or the store refuses.
    pub async fn create(&self, account: Option<AccountId>) -> Result<IssuedKey, Error> {
        let account = match account {
            Some(account) => account,
            None => self.first_account().await?,
        };
        let (now, mut writes) = (self.clock.now(), WriteSet::new());
        let issued = self.access_keys.issue(account, now, &SystemRng, &mut writes)?;
        writes.audit.push(KeyEvent::Created.record(account, &issued.id, COMMAND, now, &SystemRng)?);
        self.store.store.commit(writes).await?;
        Ok(issued)
    }

    /// Every access key, by id.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn list(&self) -> Result<Vec<ListedKey>, Error> {
        Ok(self.access_keys.list().await?)
    }

    /// Switches an access key off for good.
    ///
    /// # Errors
    /// There is none with this id, or the store refuses.
    pub async fn deactivate(&self, id: &str) -> Result<(), Error> {
        let listed = self.list().await?.into_iter().find(|key| key.id == id);
        let none = || Error::Config(format!("there is no access key `{id}`"));
        let account = listed.and_then(|key| key.account.parse().ok()).ok_or_else(none)?;
        let record = KeyEvent::Deactivated.record(account, id, COMMAND, self.clock.now(), &SystemRng)?;
        let unwritable = |error: AuditUnavailable| Error::Failed(error.to_string());
        // Room first: nothing is switched off without a record.
        let room = self.store.audit.reserve(record.json.len()).map_err(unwritable)?;
        if !self.access_keys.deactivate(id).await? {
            return Err(none());
        }
        room.append(record).await.map_err(unwritable)
    }

    async fn first_account(&self) -> Result<AccountId, Error> {
        let key = records::installation();
        let none = || Error::Config("there is no account yet; say which with `--account`".to_owned());
        let entry = self.store.store.get(&key).await?.ok_or_else(none)?;
        let InstallationRecord::V1 { account, .. } = records::read(&key, &entry.value)?;
        account
            .parse()
            .map_err(|_| Error::Config("the first account's record holds no account id".to_owned()))
    }
}
