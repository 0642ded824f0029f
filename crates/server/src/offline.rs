//! What is done with a store while no server runs on it (a backup: also while one does).

use std::path::{Path, PathBuf};

use garrison_clock::{Clock as _, SystemClock};
use garrison_crypto::SystemRng;
use garrison_store::WriteSet;
use garrison_store_postgres::Postgres;
use garrison_types::AccountId;

use crate::access_keys::{AccessKeys, IssuedKey, ListedKey};
use crate::bootstrap::{self, Foundation};
use crate::config::{Config, Storage};
use crate::control;
use crate::error::Error;
use crate::records::{self, InstallationRecord};
use crate::storage::{self, Opened};

/// Copies records and audit log, consistently, to an empty or absent folder. A server that has the data folder open
/// goes on meanwhile. The root key is not in the copy.
///
/// # Errors
/// The target is not empty or cannot be written; the store cannot be read.
pub async fn backup(config: &Config, to: &Path) -> Result<(), Error> {
    let to = std::path::absolute(to).map_err(Error::file("find", to))?;
    if let Storage::Folder(folder) = &config.storage {
        if !folder.exists() {
            return Err(Error::Config(format!("there is no data folder `{}`", folder.display())));
        }
        if let Some(outcome) = control::request_backup(folder, &to) {
            return outcome;
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
    if !from.join("records.db").exists() {
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

/// Folders and files; anything else in a backup (a socket) is left out.
fn copy_tree(from: &Path, to: &Path) -> Result<(), Error> {
    let mut pending: Vec<(PathBuf, PathBuf)> = vec![(from.to_owned(), to.to_owned())];
    while let Some((from, to)) = pending.pop() {
        std::fs::create_dir_all(&to).map_err(Error::file("make the folder", &to))?;
        for entry in std::fs::read_dir(&from).map_err(Error::file("look into", &from))? {
            let entry = entry.map_err(Error::file("look into", &from))?;
            let kind = entry.file_type().map_err(Error::file("look at", entry.path()))?;
            let target = to.join(entry.file_name());
            if kind.is_dir() {
                pending.push((entry.path(), target));
            } else if kind.is_file() {
                std::fs::copy(entry.path(), &target).map_err(Error::file("write", &target))?;
                let synced = std::fs::File::open(&target).and_then(|file| file.sync_all());
                synced.map_err(Error::file("write", &target))?;
            }
        }
    }
    Ok(())
}

/// Access keys of root users, while no server runs on the store.
pub struct RootKeys {
    access_keys: AccessKeys,
    store: Opened,
    clock: SystemClock,
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
        let access_keys = AccessKeys::new(access_key_ids, opened.store.clone(), sealer, false);
        Ok(Self { access_keys, store: opened, clock: SystemClock::with_offset(clock_offset) })
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
        let mut writes = WriteSet::new();
        let issued = self.access_keys.issue(account, self.clock.now(), &SystemRng, &mut writes)?;
        self.store.store.commit(writes).await?;
        Ok(issued)
    }

    /// Every access key, by id.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn list(&self) -> Result<Vec<ListedKey>, Error> {
        self.access_keys.list().await
    }

    /// Switches an access key off for good.
    ///
    /// # Errors
    /// There is none with this id, or the store refuses.
    pub async fn deactivate(&self, id: &str) -> Result<(), Error> {
        self.access_keys.deactivate(id).await
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
