//! What an account has once.

use garrison_kernel::Context;
use garrison_schema::ApiError;
use garrison_store::{Key, WriteSet};

use crate::records::AccountSettings;
use crate::repo::{self, Found};
use crate::service::Iam;

/// An account's settings, to be changed.
#[derive(Debug)]
pub struct Settings {
    found: Option<Found<AccountSettings>>,
    /// What is set, or the defaults.
    pub(crate) now: AccountSettings,
}

impl Settings {
    /// The settings of the caller's account.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn find(iam: &Iam, cx: &Context) -> Result<Self, ApiError> {
        let found = iam.repo().get::<AccountSettings>(cx.account(), AccountSettings::NAME).await?;
        let now = found.as_ref().map(|found| found.record.clone()).unwrap_or_default();
        Ok(Self { found, now })
    }

    /// Writes other settings.
    pub(crate) fn put(&self, cx: &Context, writes: &mut WriteSet, changed: &AccountSettings) {
        match &self.found {
            Some(old) => repo::replace(writes, cx.account(), old, changed),
            None => repo::create(writes, cx.account(), changed),
        }
    }
}

/// Where an alias leads to its account: no two accounts have the same one.
pub(crate) fn alias_key(alias: &str) -> Key {
    Key::of(&["iam", "alias", alias])
}
