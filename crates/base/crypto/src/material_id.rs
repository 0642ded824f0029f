//! The identifier of a symmetric key's material: AWS's `KeyMaterialId`, 64 hexadecimal digits.
//!
//! `HMAC-SHA256(material, label ‖ 00 ‖ key id)`. It is a function of the material and of the KMS key it belongs to, so
//! importing the same material again gives the same identifier, as AWS requires; and because the (256-bit, secret) material
//! is the HMAC key, the identifier tells nothing about it, nor whether two KMS keys share their material. The key id, not
//! the ARN, goes in: related multi-Region keys have one key id, and must be able to decrypt each other's ciphertexts.
//! (The same material is the HMAC key of [`crate::kdf`], whose messages begin with a counter, and so never with this label.)

use crate::LockedSecret;
use aws_lc_rs::hmac;
use std::fmt;

const LABEL: &[u8] = b"garrison key material id v1\0";

/// The identifier of one key material.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MaterialId([u8; 32]);

impl MaterialId {
    /// The identifier of `material` in the KMS key whose key id (a UUID or `mrk-…`, not an ARN) is `key_id`.
    pub fn derive(material: &LockedSecret, key_id: &str) -> Self {
        let key = Box::new(hmac::Key::new(hmac::HMAC_SHA256, material.expose()));
        let mut mac = hmac::Context::with_key(&key);
        mac.update(LABEL);
        mac.update(key_id.as_bytes());
        let mut id = [0; 32];
        id.iter_mut().zip(mac.sign().as_ref()).for_each(|(to, from)| *to = *from);
        Self(id)
    }

    /// The identifier as it stands in a ciphertext blob.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lowercase or uppercase hexadecimal digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        crate::hex::decode(text)?.try_into().ok().map(Self)
    }
}

impl fmt::Display for MaterialId {
    /// 64 lowercase hexadecimal digits, as AWS writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::hex::write(f, &self.0)
    }
}

impl fmt::Debug for MaterialId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MaterialId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_stable_and_separates_keys_and_materials() {
        let a = LockedSecret::copy_of(&[7; 32]).expect("memory");
        let b = LockedSecret::copy_of(&[8; 32]).expect("memory");
        let id = MaterialId::derive(&a, "mrk-1");
        assert_eq!(id, MaterialId::derive(&a, "mrk-1"), "re-importing gives the same id");
        assert_ne!(id, MaterialId::derive(&a, "mrk-2"));
        assert_ne!(id, MaterialId::derive(&b, "mrk-1"));
        assert_eq!(MaterialId::from_hex(&id.to_string()), Some(id));
        assert_eq!(MaterialId::from_hex(&id.to_string().to_uppercase()), Some(id));
    }

    #[test]
    fn rejects_what_is_not_64_digits() {
        for text in
            ["", "00", &"0".repeat(63), &"0".repeat(65), &"0".repeat(66), &"g".repeat(64), &"é".repeat(32)]
        {
            assert_eq!(MaterialId::from_hex(text), None, "{text}");
        }
    }
}
