//! Key material: the versions of a key's secret.

use garrison_crypto::blob::SymmetricKey;
use garrison_crypto::keys::{MacKey, PrivateKey, PublicKey};
use garrison_crypto::material_id::MaterialId;
use garrison_types::Timestamp;

/// One of a key's materials; the secret itself is a record of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Material {
    /// AWS's `KeyMaterialId`; also part of every ciphertext.
    pub id: MaterialId,
    /// Its part in the key's history (`KeyMaterialState`).
    pub state: MaterialState,
    /// When it was generated or first imported.
    pub created: Timestamp,
    /// Where it came from.
    pub provenance: Provenance,
    /// How and when it became current; none for the first one.
    pub rotated: Option<(Timestamp, RotationKind)>,
}

impl Material {
    /// Whether the secret is there: always for generated material, and for imported material until it expires or is
    /// deleted.
    pub fn is_present(&self) -> bool {
        match &self.provenance {
            Provenance::Generated => true,
            Provenance::Imported { state, .. } => *state == ImportState::Imported,
        }
    }
}

/// `KeyMaterialState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MaterialState {
    /// `CURRENT`: encrypts.
    Current,
    /// `NON_CURRENT`: decrypts only.
    NonCurrent,
    /// `PENDING_ROTATION`: imported, and becomes current with the next on-demand rotation.
    PendingRotation,
    /// `PENDING_MULTI_REGION_IMPORT_AND_ROTATION`: imported here, not yet in every related key.
    PendingMultiRegionImportAndRotation,
}

/// Where a material came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Provenance {
    /// Generated here.
    Generated,
    /// Imported with `ImportKeyMaterial`.
    Imported {
        /// Whether it is there now.
        state: ImportState,
        /// When it expires (`ValidTo`); none when it does not.
        valid_to: Option<Timestamp>,
        /// `KeyMaterialDescription`.
        description: Option<String>,
    },
}

/// `ImportState`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportState {
    /// `IMPORTED`.
    Imported,
    /// `PENDING_IMPORT`: it was deleted or expired; only the same material may be imported again.
    PendingImport,
}

/// `RotationType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RotationKind {
    /// `AUTOMATIC`.
    Automatic,
    /// `ON_DEMAND`.
    OnDemand,
}

/// A material unsealed and loaded for use. Dropping it wipes it.
#[derive(Debug)]
pub(crate) enum ReadyKey {
    /// `SYMMETRIC_DEFAULT`.
    Symmetric(SymmetricKey),
    /// `HMAC_…`.
    Mac(MacKey),
    /// Every asymmetric specification.
    Pair {
        /// The private half.
        private: PrivateKey,
        /// The public half, loaded.
        public: PublicKey,
        /// The public half as X.509 SubjectPublicKeyInfo in DER.
        public_der: Vec<u8>,
    },
}
