//! Access keys: who signs with one, and when one was last used.
//!
//! Two snapshots answer for a signature: one of the keys, one of the users who own them. A change of either is seen by
//! the next call.

use std::sync::Arc;

use async_trait::async_trait;
use garrison_api_iam::errors as api;
use garrison_api_iam::types::StatusType;
use garrison_clock::Clock;
use garrison_crypto::seal::Sealer;
use garrison_crypto::{CryptoError, LockedSecret, Rng};
use garrison_kernel::access_key::{AccessKeyIds, AccessKeyKind};
use garrison_kernel::identity::{Credential, CredentialError, Credentials};
use garrison_kernel::session_token::SessionTokens;
use garrison_kernel::{Caller, Principal, Snapshot, errors};
use garrison_schema::ApiError;
use garrison_store::{CommitError, Entry, Key, KeyRange, Revision, Store, StoreError, WriteSet};
use garrison_types::{AccountId, Partition, Region, Timestamp};
use zeroize::Zeroizing;

use crate::last_used::{Usable, Uses};
use crate::records::{AccessKey, LastUse, Owner, Record as _, Time, User};
use crate::repo::{Found, Repo, layout};
use crate::subject::Subject;

/// The most access keys whose secrets are held in memory; each takes a page of locked memory.
const CACHED_KEYS: usize = 1024;
/// The most owners that are held in memory.
const CACHED_USERS: usize = 1024;
/// How many records one scan of the store reads.
const SCAN: usize = 1000;
/// So many first characters of an id are the same for all keys of an account: the prefix and eight characters, which hold
/// 39 of the account number's 40 bits.
const COMMON_CHARACTERS: usize = 12;
/// Access keys lie under this path, by id.
const ACCESS_KEYS: [&str; 2] = ["iam", "access-key"];

/// What access keys work with.
pub struct AccessKeyParts {
    /// Makes and recognises ids.
    pub ids: Arc<AccessKeyIds>,
    /// Where they are.
    pub store: Arc<dyn Store>,
    /// Seals their secrets.
    pub sealer: Arc<Sealer>,
    /// Opens session tokens; without it every token is refused.
    pub tokens: Option<Arc<SessionTokens>>,
    /// When sessions end, and when keys are used.
    pub clock: Arc<dyn Clock>,
    /// Whether an id that was not issued here is taken, unverified, as a root user's.
    pub development: bool,
}

/// Access keys in the store, session tokens, and how development mode takes other ids.
pub struct AccessKeys {
    parts: AccessKeyParts,
    repo: Repo,
    keys: Arc<Snapshot<Loaded>>,
    users: Arc<Snapshot<Principal>>,
    uses: Arc<Uses<KeyId>>,
}

/// An access key by its id, as what is used.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct KeyId(Box<str>);

impl Usable for KeyId {
    const RECORDER: &'static str = "iam-access-key-use";

    fn record(&self) -> Key {
        record_key(&self.0)
    }

    fn place(&self) -> Key {
        Key::of(&["iam", "access-key-used", &self.0])
    }
}

/// An access key, ready for use.
struct Loaded {
    active: bool,
    signer: Signer,
    secret: Arc<LockedSecret>,
}

enum Signer {
    /// A root user.
    Root(Caller),
    /// A user, who is looked up each time: the name may change and the user may go.
    User { account: AccountId, id: String, access_key_id: Arc<str> },
}

/// An access key that was just made. The secret is shown once and kept only sealed.
pub struct IssuedKey {
    /// For example `AKIA…`.
    pub id: String,
    /// Forty characters.
    pub secret: Zeroizing<String>,
    /// The account that it belongs to.
    pub account: AccountId,
}

/// A root user's access key as it is listed.
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
    /// Access keys over a store, which tells of every commit from now on.
    pub fn new(parts: AccessKeyParts) -> Arc<Self> {
        let keys = Snapshot::new(CACHED_KEYS, |key| key.is_under(&ACCESS_KEYS).then(|| key.clone()));
        let users = Snapshot::new(CACHED_USERS, |key| layout::is_id_of(key, User::KIND).then(|| key.clone()));
        parts.store.observe(Arc::clone(&keys) as _);
        parts.store.observe(Arc::clone(&users) as _);
        Arc::new(Self { repo: Repo::new(&parts.store), uses: Uses::new(&parts.store), parts, keys, users })
    }

    /// A new access key of an account's root user, and the record that `writes` then creates.
    ///
    /// # Errors
    /// Sealing the secret failed.
    pub fn issue(
        &self,
        account: AccountId,
        now: Timestamp,
        rng: &dyn Rng,
        writes: &mut WriteSet,
    ) -> Result<IssuedKey, CryptoError> {
        self.issue_to(Owner::Root, account, now, rng, writes)
    }

    /// A new access key of `owner`.
    ///
    /// # Errors
    /// Sealing the secret failed.
    pub(crate) fn issue_to(
        &self,
        owner: Owner,
        account: AccountId,
        now: Timestamp,
        rng: &dyn Rng,
        writes: &mut WriteSet,
    ) -> Result<IssuedKey, CryptoError> {
        let (mut random, mut bytes) = ([0; 4], Zeroizing::new([0; 30]));
        rng.fill(&mut random);
        rng.fill(&mut *bytes);
        let id = self.parts.ids.issue(AccessKeyKind::LongTerm, account, u32::from_be_bytes(random));
        let secret = Zeroizing::new(base64_simd::STANDARD.encode_to_string(bytes.as_slice()));
        let place = record_key(&id);
        let sealed = self.parts.sealer.seal(rng, place.as_bytes(), secret.as_bytes())?;
        writes.create(
            place,
            AccessKey::new(account, owner, Time(now.truncated_to_seconds()), &sealed).encode(),
        );
        Ok(IssuedKey { id, secret, account })
    }

    /// Every root user's access key, by id.
    ///
    /// # Errors
    /// The store failed.
    pub async fn list(&self) -> Result<Vec<ListedKey>, StoreError> {
        let found = self.scan(KeyRange::under(&ACCESS_KEYS)).await?;
        let roots = found.into_iter().filter(|(_, key)| key.owner == Owner::Root);
        Ok(roots
            .map(|(id, key)| ListedKey {
                id,
                account: key.account,
                active: key.active,
                created: key.created.0,
            })
            .collect())
    }

    /// Switches an access key off; false when there is none with this id.
    ///
    /// # Errors
    /// The store failed, or somebody else changed the key meanwhile.
    pub async fn deactivate(&self, id: &str) -> Result<bool, CommitError> {
        let Some(found) = self.load_record(&record_key(id)).await? else { return Ok(false) };
        let mut writes = WriteSet::new();
        set_active(&mut writes, id, &found, false);
        self.parts.store.commit(writes).await?;
        Ok(true)
    }

    /// The account of an id that was issued here, of a key or of a session.
    pub fn account_of(&self, access_key_id: &str) -> Option<AccountId> {
        self.parts.ids.recognise(access_key_id)
    }

    /// Forgets every secret, at the end of a shutdown and when the store was emptied.
    pub fn forget(&self) {
        self.keys.clear();
        self.users.clear();
        self.uses.clear();
        if let Some(tokens) = &self.parts.tokens {
            tokens.forget();
        }
    }

    /// When and where a key was last used.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn last_use(&self, id: &str) -> Result<Option<LastUse>, ApiError> {
        self.uses.of(&KeyId(id.into())).await
    }

    pub(crate) fn uses(&self) -> &Arc<Uses<KeyId>> {
        &self.uses
    }

    /// The access key with this id.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn get(&self, id: &str) -> Result<Option<Found<AccessKey>>, ApiError> {
        self.load_record(&record_key(id)).await.map_err(|error| errors::store(&error))
    }

    /// The ids of the access keys of an account's root user, with the keys.
    ///
    /// # Errors
    /// The store failed.
    pub(crate) async fn of_root(&self, account: AccountId) -> Result<Vec<(String, AccessKey)>, ApiError> {
        let any = self.parts.ids.issue(AccessKeyKind::LongTerm, account, 0);
        let common: String = any.chars().take(COMMON_CHARACTERS).collect();
        let start = record_key(&common).as_bytes().to_vec();
        // No character of an id comes behind this one.
        let end = record_key(&format!("{common}~")).as_bytes().to_vec();
        let mut found = self.scan(KeyRange { start, end }).await.map_err(|error| errors::store(&error))?;
        found.retain(|(_, key)| key.account == account.as_str() && key.owner == Owner::Root);
        found.sort_by_key(|(_, key)| key.created);
        Ok(found)
    }

    async fn scan(&self, mut range: KeyRange) -> Result<Vec<(String, AccessKey)>, StoreError> {
        let mut all = Vec::new();
        loop {
            let (entries, _) = self.parts.store.scan(&range, SCAN).await?;
            for entry in &entries {
                all.push((entry.key.last().to_owned(), read(entry)?));
            }
            match entries.last() {
                Some(last) if entries.len() == SCAN => range = range.after(&last.key),
                _ => return Ok(all),
            }
        }
    }

    async fn load_record(&self, place: &Key) -> Result<Option<Found<AccessKey>>, StoreError> {
        let Some(entry) = self.parts.store.get(place).await? else { return Ok(None) };
        Ok(Some(Found { record: read(&entry)?, revision: entry.revision }))
    }

    async fn load(&self, place: &Key) -> Result<Option<Loaded>, StoreError> {
        let Some(Found { record, .. }) = self.load_record(place).await? else { return Ok(None) };
        let corrupt = |what: &str| StoreError::Corrupt(format!("the record {place:?}: {what}"));
        let sealed = record.sealed_secret().ok_or_else(|| corrupt("no base64"))?;
        let opened = self.parts.sealer.open(place.as_bytes(), &sealed);
        let secret = Arc::new(opened.map_err(|error| corrupt(&error.to_string()))?);
        let access_key_id: Arc<str> = place.last().into();
        let account = record.account.parse().map_err(|_| corrupt("no account id"))?;
        let signer = match record.owner {
            Owner::Root => {
                let principal = Principal::Root { account, partition: Partition::Aws };
                Signer::Root(Caller::new(principal, Some(access_key_id)))
            }
            Owner::User(id) => Signer::User { account, id, access_key_id },
        };
        Ok(Some(Loaded { active: record.active, signer, secret }))
    }

    /// Who signs with a key; none when its user is gone.
    async fn caller(&self, signer: &Signer) -> Result<Option<Caller>, ApiError> {
        match signer {
            Signer::Root(caller) => Ok(Some(caller.clone())),
            Signer::User { account, id, access_key_id } => {
                let load = || async {
                    let user = self.repo.by_id::<User>(*account, id).await?;
                    Ok::<_, ApiError>(user.map(|user| user.principal(Partition::Aws, *account)))
                };
                let principal = self.users.get(&layout::id(*account, User::KIND, id), load).await?;
                let caller = |principal: Arc<Principal>| {
                    Caller::new((*principal).clone(), Some(Arc::clone(access_key_id)))
                };
                Ok(principal.map(caller))
            }
        }
    }

    fn open_session(&self, access_key_id: &str, token: &str) -> Result<Credential, CredentialError> {
        let tokens = self.parts.tokens.as_ref().ok_or(CredentialError::InvalidToken)?;
        let opened = tokens.open(token, access_key_id, self.parts.clock.now())?;
        Ok(Credential { caller: opened.caller.clone(), secret: Some(Arc::clone(&opened.secret)) })
    }
}

#[async_trait]
impl Credentials for AccessKeys {
    async fn find(
        &self,
        access_key_id: &str,
        session_token: Option<&str>,
    ) -> Result<Result<Credential, CredentialError>, ApiError> {
        let place = record_key(access_key_id);
        let issued_here = || self.parts.ids.recognise(access_key_id).is_some();
        let loaded = match (session_token, self.keys.peek(&place)) {
            (Some(token), None) if issued_here() => return Ok(self.open_session(access_key_id, token)),
            // A long-term key has no token.
            (Some(_), _) => return Ok(Err(CredentialError::InvalidToken)),
            (None, Some(loaded)) => Some(loaded),
            (None, None) if issued_here() => {
                let loaded = self.keys.get(&place, || self.load(&place)).await;
                loaded.map_err(|error| errors::store(&error))?
            }
            (None, None) if self.parts.development => return Ok(Ok(unverified(access_key_id))),
            (None, None) => None,
        };
        let Some(loaded) = loaded else { return Ok(Err(CredentialError::Unknown)) };
        if !loaded.active {
            return Ok(Err(CredentialError::Inactive));
        }
        let Some(caller) = self.caller(&loaded.signer).await? else {
            return Ok(Err(CredentialError::Unknown));
        };
        Ok(Ok(Credential { caller, secret: Some(Arc::clone(&loaded.secret)) }))
    }

    fn used(&self, access_key_id: &str, service: &str, region: &Region) {
        self.uses.note(KeyId(access_key_id.into()), service, region.as_str(), self.parts.clock.now());
    }
}

/// The key that a call names, when it is that of whom the call is about.
///
/// # Errors
/// `NoSuchEntity`: of the user, or of the key.
pub(crate) fn of_subject<'a>(
    subject: &Subject,
    id: &str,
    key: Option<&'a Found<AccessKey>>,
) -> Result<&'a Found<AccessKey>, ApiError> {
    let is_theirs = |key: &Found<AccessKey>| match (&key.owner, subject) {
        (Owner::Root, Subject::Root { account, .. }) => Ok(key.account == account.as_str()),
        (Owner::User(id), Subject::User(user)) => Ok(user.get()?.id == *id),
        (Owner::Root, Subject::User(user)) => user.get().map(|_| false),
        (Owner::User(_), Subject::Root { .. }) => Ok(false),
    };
    match key {
        Some(key) if is_theirs(key)? => Ok(key),
        Some(_) => Err(not_found(id)),
        None => subject.name().and(Err(not_found(id))),
    }
}

/// `NoSuchEntity`.
pub(crate) fn not_found(id: &str) -> ApiError {
    api::no_such_entity_exception(format!("The Access Key with id {id} cannot be found."))
}

/// The status as the interface writes it.
pub(crate) fn status(key: &AccessKey) -> StatusType {
    if key.active { StatusType::Active } else { StatusType::Inactive }
}

/// Switches a key on or off.
pub(crate) fn set_active(writes: &mut WriteSet, id: &str, found: &Found<AccessKey>, active: bool) {
    let mut changed = found.record.clone();
    changed.active = active;
    writes.replace(record_key(id), found.revision, changed.encode());
}

/// Deletes a key for good.
pub(crate) fn delete(writes: &mut WriteSet, id: &str, revision: Revision) {
    writes.delete(record_key(id), revision);
    writes.deletes.push(KeyId(id.into()).place());
    writes.erase = true;
}

fn record_key(id: &str) -> Key {
    let [service, kind] = ACCESS_KEYS;
    Key::of(&[service, kind, id])
}

fn read(entry: &Entry) -> Result<AccessKey, StoreError> {
    AccessKey::decode(&entry.value)
        .map_err(|error| StoreError::Corrupt(format!("the record {:?}: {error}", entry.key)))
}

/// Development mode: any id that was not issued here is the root user of the account that it names.
fn unverified(access_key_id: &str) -> Credential {
    let account = access_key_id.parse().unwrap_or(AccountId::ZERO);
    let principal = Principal::Root { account, partition: Partition::Aws };
    Credential { caller: Caller::new(principal, Some(access_key_id.into())), secret: None }
}

#[cfg(test)]
mod tests;
