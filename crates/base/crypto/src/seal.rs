//! The root of trust: which key protects the keys in the store.
//!
//! [`RootKey`] → [`DomainKey`] → records. The root key, 32 bytes unsealed at start-up, seals one random domain key per
//! domain; the domain key seals every other secret. Rotating the root means sealing the domain keys again, nothing else.
//!
//! A sealed record is `01 ‖ 16-byte nonce ‖ ciphertext ‖ 16-byte tag`: AES-256-GCM under a key derived for this record
//! alone ([`crate::kdf`], context = nonce), therefore with an all-zero IV, and with `01 ‖ store key` authenticated, so that a
//! record does not open at another place in the store than its own.

use crate::kdf::DerivationKey;
use crate::{CryptoError, LockedSecret, Rng};
use aws_lc_rs::aead::{self, Aad, LessSafeKey, Nonce, UnboundKey};

const VERSION: u8 = 1;
const NONCE_LEN: usize = 16;
const TAG_LEN: usize = 16;
/// How much longer a sealed record is than its secret.
pub const OVERHEAD: usize = 1 + NONCE_LEN + TAG_LEN;
/// The longest secret that is sealed or opened: a bound for what the store may hold, far above any key.
pub const MAX_SECRET_LEN: usize = 1 << 20;

/// Seals small secrets for the store, and opens them.
#[derive(Debug)]
pub struct Sealer {
    derivation: DerivationKey,
    label: &'static [u8],
}

impl Sealer {
    fn new(key: &LockedSecret, label: &'static [u8]) -> Result<Self, CryptoError> {
        if key.len() != 32 {
            return Err(CryptoError::InvalidKeyMaterial);
        }
        Ok(Self { derivation: DerivationKey::new(key), label })
    }

    /// Seals `secret` for the place `store_key` in the store. The result is [`OVERHEAD`] bytes longer than the secret.
    ///
    /// # Errors
    /// [`CryptoError::InvalidLength`] beyond [`MAX_SECRET_LEN`].
    pub fn seal(&self, rng: &dyn Rng, store_key: &[u8], secret: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if secret.len() > MAX_SECRET_LEN {
            return Err(CryptoError::InvalidLength);
        }
        let mut nonce = [0; NONCE_LEN];
        rng.fill(&mut nonce);
        let mut sealed = vec![0; secret.len() + OVERHEAD];
        let (head, body) = sealed.split_at_mut_checked(1 + NONCE_LEN).ok_or(CryptoError::Internal)?;
        head.iter_mut().zip([VERSION].iter().chain(&nonce)).for_each(|(to, from)| *to = *from);
        let (ciphertext, tag) = body.split_at_mut_checked(secret.len()).ok_or(CryptoError::Internal)?;
        self.record_key(&nonce)?.seal_out_of_place_scatter(
            zero_iv(),
            aad(store_key),
            secret,
            ciphertext,
            &[],
            tag,
        )?;
        Ok(sealed)
    }

    /// Opens what [`Self::seal`] made for the same `store_key`, into locked memory.
    ///
    /// # Errors
    /// [`CryptoError::InvalidSealedRecord`] for anything else; [`CryptoError::MemoryLock`] as [`LockedSecret::new_with`].
    pub fn open(&self, store_key: &[u8], sealed: &[u8]) -> Result<LockedSecret, CryptoError> {
        let (nonce, ciphertext, tag) = split(sealed).ok_or(CryptoError::InvalidSealedRecord)?;
        let key = self.record_key(nonce)?;
        let mut outcome = Ok(());
        let secret = LockedSecret::new_with(ciphertext.len(), |plaintext| {
            outcome = key.open_separate_gather(zero_iv(), aad(store_key), ciphertext, tag, plaintext);
        })?;
        outcome.map_err(|_| CryptoError::InvalidSealedRecord)?;
        Ok(secret)
    }

    fn record_key(&self, nonce: &[u8; NONCE_LEN]) -> Result<LessSafeKey, CryptoError> {
        let key = self.derivation.derive(self.label, nonce);
        Ok(LessSafeKey::new(UnboundKey::new(&aead::AES_256_GCM, key.as_slice())?))
    }
}

fn split(sealed: &[u8]) -> Option<(&[u8; NONCE_LEN], &[u8], &[u8; TAG_LEN])> {
    let (nonce, rest) = sealed.strip_prefix(&[VERSION])?.split_first_chunk()?;
    let (ciphertext, tag) = rest.split_last_chunk()?;
    (ciphertext.len() <= MAX_SECRET_LEN).then_some((nonce, ciphertext, tag))
}

/// Each record key encrypts one record only.
fn zero_iv() -> Nonce {
    Nonce::assume_unique_for_key([0; aead::NONCE_LEN])
}

fn aad(store_key: &[u8]) -> Aad<Vec<u8>> {
    let mut bytes = Vec::with_capacity(1 + store_key.len());
    bytes.push(VERSION);
    bytes.extend_from_slice(store_key);
    Aad::from(bytes)
}

/// The key at the top: everything in the store opens from here. It seals domain keys and nothing else.
#[derive(Debug)]
pub struct RootKey(Sealer);

impl RootKey {
    /// Takes the 32 bytes that the unsealing at start-up gave.
    ///
    /// # Errors
    /// [`CryptoError::InvalidKeyMaterial`] when there are not 32 bytes.
    pub fn new(secret: &LockedSecret) -> Result<Self, CryptoError> {
        Sealer::new(secret, b"garrison root v1").map(Self)
    }

    /// Seals a domain key for the place `store_key` in the store.
    ///
    /// # Errors
    /// As [`Sealer::seal`].
    pub fn seal(&self, rng: &dyn Rng, store_key: &[u8], key: &DomainKey) -> Result<Vec<u8>, CryptoError> {
        self.0.seal(rng, store_key, key.secret.expose())
    }

    /// Opens a domain key sealed for the same `store_key`.
    ///
    /// # Errors
    /// As [`Sealer::open`].
    pub fn open(&self, store_key: &[u8], sealed: &[u8]) -> Result<DomainKey, CryptoError> {
        DomainKey::new(self.0.open(store_key, sealed)?).map_err(|error| match error {
            CryptoError::InvalidKeyMaterial => CryptoError::InvalidSealedRecord,
            other => other,
        })
    }
}

/// A random key, sealed by the root key, that seals the records of one domain (an installation, a tenant).
#[derive(Debug)]
pub struct DomainKey {
    secret: LockedSecret,
    sealer: Sealer,
}

impl DomainKey {
    /// A new random domain key.
    ///
    /// # Errors
    /// [`CryptoError::MemoryLock`] as [`LockedSecret::new_with`].
    pub fn generate(rng: &dyn Rng) -> Result<Self, CryptoError> {
        Self::new(LockedSecret::random(32, rng)?)
    }

    fn new(secret: LockedSecret) -> Result<Self, CryptoError> {
        let sealer = Sealer::new(&secret, b"garrison domain v1")?;
        Ok(Self { secret, sealer })
    }

    /// What seals and opens the domain's records.
    pub fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// The same for good, when the domain key itself need not be sealed again.
    pub fn into_sealer(self) -> Sealer {
        self.sealer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::SeededRng;

    fn root(byte: u8) -> RootKey {
        RootKey::new(&LockedSecret::copy_of(&[byte; 32]).expect("memory")).expect("32 bytes")
    }

    #[test]
    fn opens_only_at_its_own_place() {
        let rng = SeededRng::new(1);
        let domain = DomainKey::generate(&rng).expect("memory");
        let sealer = domain.sealer();
        for len in [0, 1, 32, 5000] {
            let secret = vec![9; len];
            let sealed = sealer.seal(&rng, b"kms/key/1", &secret).expect("sealed");
            assert_eq!(sealed.len(), len + OVERHEAD);
            assert_eq!(sealer.open(b"kms/key/1", &sealed).expect("opened").expose(), secret);
            assert_eq!(sealer.open(b"kms/key/2", &sealed).err(), Some(CryptoError::InvalidSealedRecord));
        }
    }

    #[test]
    fn no_altered_record_opens() {
        let rng = SeededRng::new(2);
        let domain = DomainKey::generate(&rng).expect("memory");
        let sealed = domain.sealer().seal(&rng, b"k", b"secret").expect("sealed");
        for bit in 0..sealed.len() * 8 {
            let mut altered = sealed.clone();
            altered[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                domain.sealer().open(b"k", &altered).err(),
                Some(CryptoError::InvalidSealedRecord),
                "bit {bit}"
            );
        }
        for len in 0..sealed.len() {
            assert!(domain.sealer().open(b"k", &sealed[..len]).is_err(), "cut to {len}");
        }
    }

    #[test]
    fn rewrapping_keeps_the_records() {
        let rng = SeededRng::new(3);
        let (old, new) = (root(1), root(2));
        let domain = DomainKey::generate(&rng).expect("memory");
        let record = domain.sealer().seal(&rng, b"k", b"secret").expect("sealed");
        let wrapped = old.seal(&rng, b"domain", &domain).expect("sealed");
        assert!(new.open(b"domain", &wrapped).is_err());
        let rewrapped =
            new.seal(&rng, b"domain", &old.open(b"domain", &wrapped).expect("opened")).expect("sealed");
        let again = new.open(b"domain", &rewrapped).expect("opened");
        assert_eq!(again.sealer().open(b"k", &record).expect("opened").expose(), b"secret");
    }

    #[test]
    fn two_seals_of_one_secret_differ() {
        let rng = SeededRng::new(4);
        let domain = DomainKey::generate(&rng).expect("memory");
        let seal = || domain.sealer().seal(&rng, b"k", b"secret").expect("sealed");
        assert_ne!(seal(), seal());
    }
}
