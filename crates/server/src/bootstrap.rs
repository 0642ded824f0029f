//! What a store holds before any call: the domain key, the secret of access key ids, the clock's offset.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use garrison_crypto::kdf::DerivationKey;
use garrison_crypto::seal::{DomainKey, Sealer};
use garrison_crypto::{LockedSecret, Rng};
use garrison_kernel::access_key::AccessKeyIds;
use garrison_store::{Key, Store, WriteSet};

use crate::config::RootOfTrust;
use crate::error::Error;
use crate::records::{self, ClockRecord, DomainKeyRecord, SecretRecord};
use crate::root;

/// What was found in the store, or made.
pub(crate) struct Foundation {
    pub(crate) sealer: Arc<Sealer>,
    pub(crate) access_key_ids: Arc<AccessKeyIds>,
    pub(crate) clock_offset: Duration,
    /// The records as they are stored, to be put back after a reset.
    pub(crate) records: Vec<(Key, Vec<u8>)>,
}

/// Opens a store's foundation with the root of trust, or lays it in an empty store.
pub(crate) async fn lay(
    store: &dyn Store,
    root: &RootOfTrust,
    data_dir: Option<&Path>,
    rng: &dyn Rng,
) -> Result<Foundation, Error> {
    let (domain_key, ids_key) = (records::domain_key(), records::access_key_ids());
    let found = store.get(&domain_key).await?;
    let (domain, domain_record) = match found {
        Some(entry) => (open_domain(&entry.value, root, data_dir, rng)?, entry.value.to_vec()),
        None => make_domain(root, data_dir, rng)?,
    };
    let sealer = Arc::new(domain.into_sealer());
    let (secret, ids_record) = match store.get(&ids_key).await? {
        Some(entry) => {
            let SecretRecord::V1 { sealed } = records::read(&ids_key, &entry.value)?;
            (sealer.open(ids_key.as_bytes(), &records::decode(&ids_key, &sealed)?)?, entry.value.to_vec())
        }
        None => {
            let secret = LockedSecret::random(32, rng)?;
            let sealed = records::encode(&sealer.seal(rng, ids_key.as_bytes(), secret.expose())?);
            (secret, records::write(&SecretRecord::V1 { sealed }))
        }
    };
    let records = vec![(domain_key.clone(), domain_record), (ids_key, ids_record)];
    if store.get(&domain_key).await?.is_none() {
        let mut writes = WriteSet::new();
        for (key, record) in &records {
            writes.create(key.clone(), record.clone());
        }
        store.commit(writes).await?;
    }
    Ok(Foundation {
        sealer,
        access_key_ids: Arc::new(AccessKeyIds::new(DerivationKey::new(&secret))),
        clock_offset: clock_offset(store).await?,
        records,
    })
}

fn open_domain(
    record: &[u8],
    root: &RootOfTrust,
    data_dir: Option<&Path>,
    rng: &dyn Rng,
) -> Result<DomainKey, Error> {
    let key = records::domain_key();
    let DomainKeyRecord::V1 { sealed, passphrase_salt } = records::read(&key, record)?;
    let salt = passphrase_salt.map(|salt| records::decode(&key, &salt)).transpose()?;
    let root_key = root::unseal(root, data_dir, salt.as_deref(), false, rng)?;
    root_key.open(key.as_bytes(), &records::decode(&key, &sealed)?).map_err(|_| {
        Error::Sealed("the root key does not open this store: it was sealed with another one".to_owned())
    })
}

fn make_domain(
    root: &RootOfTrust,
    data_dir: Option<&Path>,
    rng: &dyn Rng,
) -> Result<(DomainKey, Vec<u8>), Error> {
    let key = records::domain_key();
    let mut salt = [0; root::SALT_LEN];
    rng.fill(&mut salt);
    let passphrase_salt = matches!(root, RootOfTrust::PassphraseFile(_)).then(|| records::encode(&salt));
    let root_key = root::unseal(root, data_dir, Some(&salt), true, rng)?;
    let domain = DomainKey::generate(rng)?;
    let sealed = records::encode(&root_key.seal(rng, key.as_bytes(), &domain)?);
    Ok((domain, records::write(&DomainKeyRecord::V1 { sealed, passphrase_salt })))
}

async fn clock_offset(store: &dyn Store) -> Result<Duration, Error> {
    let key = records::clock();
    Ok(match store.get(&key).await? {
        Some(entry) => {
            let ClockRecord::V1 { offset_millis } = records::read(&key, &entry.value)?;
            Duration::from_millis(offset_millis)
        }
        None => Duration::ZERO,
    })
}
