//! Access keys: their records, and who signs with one.

use std::sync::Arc;

use async_trait::async_trait;
use garrison_crypto::seal::Sealer;
use garrison_crypto::{LockedSecret, Rng};
use garrison_kernel::access_key::{AccessKeyIds, AccessKeyKind};
use garrison_kernel::identity::{Credential, CredentialError, Credentials};
use garrison_kernel::{Caller, Principal, Snapshot, errors};
use garrison_schema::ApiError;
use garrison_store::{Key, KeyRange, Store, StoreError, WriteSet};
use garrison_types::{AccountId, Partition, Timestamp};
use zeroize::Zeroizing;

use crate::error::Error;
use crate::records::{self, ACCESS_KEYS, AccessKeyRecord};

/// The most access keys whose secrets are held in memory; each takes a page of locked memory.
const CACHED: usize = 256;
/// The most access keys that are listed.
const MAX_LISTED: usize = 1000;

/// Access keys in the store, and how development mode takes others.
pub(crate) struct AccessKeys {
    ids: AccessKeyIds,
    store: Arc<dyn Store>,
    sealer: Arc<Sealer>,
    snapshot: Arc<Snapshot<Loaded>>,
    development: bool,
}

/// An access key, ready for use.
struct Loaded {
    active: bool,
    caller: Caller,
    secret: Arc<LockedSecret>,
}

/// An access key that was just made. The secret is shown once and kept only sealed.
pub struct IssuedKey {
    /// For example `AKIA…`.
    pub id: String,
    /// Forty characters.
    pub secret: Zeroizing<String>,
    /// The account whose root user it is.
    pub account: AccountId,
}

/// An access key as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedKey {
    /// For example `AKIA…`.
    pub id: String,
    /// The account whose root user it is.
    pub account: String,
    /// Whether it is accepted.
    pub active: bool,
    /// When it was made.
    pub created: Timestamp,
}

impl AccessKeys {
    pub(crate) fn new(
        ids: AccessKeyIds,
        store: Arc<dyn Store>,
        sealer: Arc<Sealer>,
        development: bool,
    ) -> Self {
        let snapshot = Snapshot::new(CACHED, |key| key.is_under(&ACCESS_KEYS).then(|| key.clone()));
        store.observe(Arc::clone(&snapshot) as _);
        Self { ids, store, sealer, snapshot, development }
    }

    /// A new access key of an account's root user, and the record that `writes` then creates.
    pub(crate) fn issue(
        &self,
        account: AccountId,
        now: Timestamp,
        rng: &dyn Rng,
        writes: &mut WriteSet,
    ) -> Result<IssuedKey, Error> {
        let (mut random, mut bytes) = ([0; 4], Zeroizing::new([0; 30]));
        rng.fill(&mut random);
        rng.fill(&mut *bytes);
        let id = self.ids.issue(AccessKeyKind::LongTerm, account, u32::from_be_bytes(random));
        let secret = Zeroizing::new(base64_simd::STANDARD.encode_to_string(bytes.as_slice()));
        let key = records::access_key(&id);
        let sealed_secret = records::encode(&self.sealer.seal(rng, key.as_bytes(), secret.as_bytes())?);
        let record = AccessKeyRecord::V1 {
            account: account.to_string(),
            active: true,
            created: now.as_millis(),
            sealed_secret,
        };
        writes.create(key, records::write(&record));
        Ok(IssuedKey { id, secret, account })
    }

    /// Every access key, by id.
    pub(crate) async fn list(&self) -> Result<Vec<ListedKey>, Error> {
        let (entries, _) = self.store.scan(&KeyRange::under(&ACCESS_KEYS), MAX_LISTED).await?;
        let listed = entries.iter().map(|entry| {
            let AccessKeyRecord::V1 { account, active, created, .. } =
                records::read(&entry.key, &entry.value)?;
            Ok(ListedKey {
                id: entry.key.last().to_owned(),
                account,
                active,
                created: Timestamp::from_millis(created),
            })
        });
        listed.collect()
    }

    /// Switches an access key off.
    pub(crate) async fn deactivate(&self, id: &str) -> Result<(), Error> {
        let key = records::access_key(id);
        let found = self.store.get(&key).await?;
        let entry = found.ok_or_else(|| Error::Config(format!("there is no access key `{id}`")))?;
        let mut record: AccessKeyRecord = records::read(&key, &entry.value)?;
        let AccessKeyRecord::V1 { active, .. } = &mut record;
        *active = false;
        let mut writes = WriteSet::new();
        writes.replace(key, entry.revision, records::write(&record));
        self.store.commit(writes).await?;
        Ok(())
    }

    /// Forgets every secret, at the end of a shutdown.
    pub(crate) fn forget(&self) {
        self.snapshot.clear();
    }

    async fn load(&self, key: &Key) -> Result<Option<Loaded>, StoreError> {
        let Some(entry) = self.store.get(key).await? else { return Ok(None) };
        let AccessKeyRecord::V1 { account, active, sealed_secret, .. } = records::read(key, &entry.value)?;
        let corrupt = |what: &str| StoreError::Corrupt(format!("the record {key:?}: {what}"));
        let account = account.parse().map_err(|_| corrupt("no account id"))?;
        let sealed = records::decode(key, &sealed_secret)?;
        let secret =
            self.sealer.open(key.as_bytes(), &sealed).map_err(|error| corrupt(&error.to_string()))?;
        let principal = Principal::Root { account, partition: Partition::Aws };
        let caller = Caller::new(principal, Some(key.last().into()));
        Ok(Some(Loaded { active, caller, secret: Arc::new(secret) }))
    }
}

#[async_trait]
impl Credentials for AccessKeys {
    async fn find(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
    ) -> Result<Result<Credential, CredentialError>, ApiError> {
        let key = records::access_key(access_key_id);
        let loaded = match self.snapshot.peek(&key) {
            Some(loaded) => Some(loaded),
            None if self.ids.recognise(access_key_id).is_some() => {
                let loaded = self.snapshot.get(&key, || self.load(&key)).await;
                loaded.map_err(|error| errors::store(&error))?
            }
            None if self.development => return Ok(unverified(access_key_id, session_token)),
            None => None,
        };
        let Some(loaded) = loaded else { return Ok(Err(CredentialError::Unknown)) };
        Ok(match session_token {
            // No sessions are issued, so that no token is one.
            Some(_) => Err(CredentialError::InvalidToken),
            None if !loaded.active => Err(CredentialError::Inactive),
            None => {
                Ok(Credential { caller: loaded.caller.clone(), secret: Some(Arc::clone(&loaded.secret)) })
            }
        })
    }
}

/// Development mode: any id that was not issued here is the root user of the account that it names.
fn unverified(access_key_id: &str, session_token: Option<&str>) -> Result<Credential, CredentialError> {
    if session_token.is_some() {
        return Err(CredentialError::InvalidToken);
    }
    let account = access_key_id.parse().unwrap_or(AccountId::ZERO);
    let principal = Principal::Root { account, partition: Partition::Aws };
    Ok(Credential { caller: Caller::new(principal, Some(access_key_id.into())), secret: None })
}

#[cfg(test)]
#[path = "access_keys_tests.rs"]
mod tests;
