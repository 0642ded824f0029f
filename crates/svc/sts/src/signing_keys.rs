//! The keys that an account's outbound web identities are signed with: one per algorithm, made when it is first needed,
//! sealed in the store.

use std::sync::Arc;

use garrison_jwt::{SigningAlgorithm, SigningKey};
use garrison_kernel::{Kernel, Snapshot, errors};
use garrison_schema::ApiError;
use garrison_store::{Key, WriteSet};
use garrison_types::AccountId;
use serde::{Deserialize, Serialize};

/// Where they are: `sts web-identity-key ACCOUNT ALGORITHM`.
const PLACE: [&str; 2] = ["sts", "web-identity-key"];
/// Both algorithms.
const ALGORITHMS: [SigningAlgorithm; 2] = [SigningAlgorithm::Es384, SigningAlgorithm::Rs256];
/// The most keys that are held in memory.
const HELD: usize = 256;

/// A key as it is stored: PKCS#8, sealed for its place, in base64.
#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Record {
    #[serde(rename = "1")]
    V1 { id: String, sealed: String },
}

/// The keys of every account.
pub(crate) struct SigningKeys {
    held: Arc<Snapshot<SigningKey>>,
}

impl SigningKeys {
    /// Hears of the store's commits from now on.
    pub(crate) fn new(kernel: &Kernel) -> Self {
        let held = Snapshot::new(HELD, |key| key.is_under(&PLACE).then(|| key.clone()));
        kernel.store().observe(Arc::clone(&held) as _);
        Self { held }
    }

    /// An account's key. One that is not there yet is made, and `writes` create it.
    ///
    /// # Errors
    /// The store's, and a record that does not open.
    pub(crate) async fn get_or_make(
        &self,
        kernel: &Kernel,
        account: AccountId,
        algorithm: SigningAlgorithm,
        writes: &mut WriteSet,
    ) -> Result<Arc<SigningKey>, ApiError> {
        if let Some(key) = self.get(kernel, account, algorithm).await? {
            return Ok(key);
        }
        let made = kernel.blocking(move || SigningKey::generate(algorithm)).await?;
        let der = made.map_err(errors::internal)?;
        let (place, id) = (place(account, algorithm), kernel.new_id().to_string());
        let sealed = kernel.sealer().seal(kernel.rng(), place.as_bytes(), &der).map_err(errors::internal)?;
        let record = Record::V1 { id: id.clone(), sealed: base64_simd::STANDARD.encode_to_string(&sealed) };
        writes.create(place, serde_json::to_vec(&record).map_err(errors::internal)?);
        SigningKey::from_pkcs8(algorithm, id, &der).map(Arc::new).map_err(errors::internal)
    }

    /// An account's public keys, as a JSON Web Key Set.
    ///
    /// # Errors
    /// As [`Self::get_or_make`].
    pub(crate) async fn public(
        &self,
        kernel: &Kernel,
        account: AccountId,
    ) -> Result<serde_json::Value, ApiError> {
        let mut keys = Vec::new();
        for algorithm in ALGORITHMS {
            if let Some(key) = self.get(kernel, account, algorithm).await? {
                keys.push(key.jwk().map_err(errors::internal)?);
            }
        }
        Ok(serde_json::json!({ "keys": keys }))
    }

    /// Forgets every key.
    pub(crate) fn forget(&self) {
        self.held.clear();
    }

    async fn get(
        &self,
        kernel: &Kernel,
        account: AccountId,
        algorithm: SigningAlgorithm,
    ) -> Result<Option<Arc<SigningKey>>, ApiError> {
        let place = place(account, algorithm);
        self.held
            .get(&place, || async {
                let found = kernel.store().get(&place).await.map_err(|error| errors::store(&error))?;
                found.map(|entry| open(kernel, &place, algorithm, &entry.value)).transpose()
            })
            .await
    }
}

fn place(account: AccountId, algorithm: SigningAlgorithm) -> Key {
    let [service, kind] = PLACE;
    Key::of(&[service, kind, account.as_str(), algorithm.name()])
}

fn open(
    kernel: &Kernel,
    place: &Key,
    algorithm: SigningAlgorithm,
    record: &[u8],
) -> Result<SigningKey, ApiError> {
    let Record::V1 { id, sealed } = serde_json::from_slice(record).map_err(errors::internal)?;
    let sealed = base64_simd::STANDARD.decode_to_vec(&sealed).map_err(errors::internal)?;
    let der = kernel.sealer().open(place.as_bytes(), &sealed).map_err(errors::internal)?;
    SigningKey::from_pkcs8(algorithm, id, der.expose()).map_err(errors::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the first release stored stays readable.
    #[test]
    fn records_of_the_first_release_are_read() {
        let Record::V1 { id, sealed } =
            serde_json::from_str(r#"{"version":"1","id":"0f8fad5b","sealed":"AQID"}"#).unwrap();
        assert_eq!((&*id, &*sealed), ("0f8fad5b", "AQID"));
    }
}
