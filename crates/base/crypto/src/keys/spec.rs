//! AWS's names: key specifications, usages and algorithms, and which goes with which.
//!
//! Source: the KMS API model and the developer guide's "Key spec reference". Lists are in the order in which AWS answers
//! them (recorded `DescribeKey` and `CreateKey` examples); for specifications without a recorded example, alphabetical like
//! the recorded ones.

use std::fmt;
use std::str::FromStr;

/// A name that AWS does not have for this kind of thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a name that AWS KMS has for this")]
pub struct UnknownName;

macro_rules! named {
    ($(#[$meta:meta])* $type:ident { $($(#[$doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $type { $($(#[$doc])* $variant,)+ }

        impl $type {
            /// Every value, in the order of AWS's model.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// AWS's name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, UnknownName> {
                Self::ALL.iter().copied().find(|value| value.name() == name).ok_or(UnknownName)
            }
        }
    };
}

named! {
    /// What kind of key a KMS key is (`KeySpec`).
    KeySpec {
        /// RSA with a 2048-bit modulus.
        Rsa2048 = "RSA_2048",
        /// RSA with a 3072-bit modulus.
        Rsa3072 = "RSA_3072",
        /// RSA with a 4096-bit modulus.
        Rsa4096 = "RSA_4096",
        /// The NIST curve P-256 (secp256r1).
        EccNistP256 = "ECC_NIST_P256",
        /// The NIST curve P-384 (secp384r1).
        EccNistP384 = "ECC_NIST_P384",
        /// The NIST curve P-521 (secp521r1).
        EccNistP521 = "ECC_NIST_P521",
        /// The SECG curve secp256k1.
        EccSecgP256k1 = "ECC_SECG_P256K1",
        /// 256-bit AES-GCM.
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        /// A 28-byte HMAC key.
        Hmac224 = "HMAC_224",
        /// A 32-byte HMAC key.
        Hmac256 = "HMAC_256",
        /// A 48-byte HMAC key.
        Hmac384 = "HMAC_384",
        /// A 64-byte HMAC key.
        Hmac512 = "HMAC_512",
        /// The SM2 curve (GB/T 32918), which AWS offers in China.
        Sm2 = "SM2",
        /// ML-DSA-44 (FIPS 204).
        MlDsa44 = "ML_DSA_44",
        /// ML-DSA-65 (FIPS 204).
        MlDsa65 = "ML_DSA_65",
        /// ML-DSA-87 (FIPS 204).
        MlDsa87 = "ML_DSA_87",
        /// Ed25519 (RFC 8032).
        EccNistEdwards25519 = "ECC_NIST_EDWARDS25519",
        /// ML-KEM-512 (FIPS 203).
        MlKem512 = "ML_KEM_512",
        /// ML-KEM-768 (FIPS 203).
        MlKem768 = "ML_KEM_768",
        /// ML-KEM-1024 (FIPS 203).
        MlKem1024 = "ML_KEM_1024",
    }
}

named! {
    /// What a KMS key may be used for (`KeyUsage`): exactly one of these for each key.
    KeyUsage {
        /// Sign and Verify.
        SignVerify = "SIGN_VERIFY",
        /// Encrypt and Decrypt.
        EncryptDecrypt = "ENCRYPT_DECRYPT",
        /// GenerateMac and VerifyMac.
        GenerateVerifyMac = "GENERATE_VERIFY_MAC",
        /// DeriveSharedSecret.
        KeyAgreement = "KEY_AGREEMENT",
        /// Encapsulate and Decapsulate.
        EncapsulateDecapsulate = "ENCAPSULATE_DECAPSULATE",
    }
}

named! {
    /// Encryption algorithms (`EncryptionAlgorithmSpec`).
    EncryptionAlgorithm {
        /// AES-256-GCM with a derived key ([`crate::blob`]).
        SymmetricDefault = "SYMMETRIC_DEFAULT",
        /// RSAES-OAEP with SHA-1 in both places (RFC 8017).
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        /// RSAES-OAEP with SHA-256 in both places (RFC 8017).
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// SM2 public-key encryption with SM3, as ASN.1 (GB/T 32918.4, GM/T 0009).
        Sm2Pke = "SM2PKE",
    }
}

named! {
    /// Signing algorithms (`SigningAlgorithmSpec`).
    SigningAlgorithm {
        /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a 32-byte salt.
        RsassaPssSha256 = "RSASSA_PSS_SHA_256",
        /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a 48-byte salt.
        RsassaPssSha384 = "RSASSA_PSS_SHA_384",
        /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a 64-byte salt.
        RsassaPssSha512 = "RSASSA_PSS_SHA_512",
        /// RSASSA-PKCS1-v1_5 with SHA-256.
        RsassaPkcs1V15Sha256 = "RSASSA_PKCS1_V1_5_SHA_256",
        /// RSASSA-PKCS1-v1_5 with SHA-384.
        RsassaPkcs1V15Sha384 = "RSASSA_PKCS1_V1_5_SHA_384",
        /// RSASSA-PKCS1-v1_5 with SHA-512.
        RsassaPkcs1V15Sha512 = "RSASSA_PKCS1_V1_5_SHA_512",
        /// ECDSA with SHA-256; the signature is DER (X9.62).
        EcdsaSha256 = "ECDSA_SHA_256",
        /// ECDSA with SHA-384; the signature is DER (X9.62).
        EcdsaSha384 = "ECDSA_SHA_384",
        /// ECDSA with SHA-512; the signature is DER (X9.62).
        EcdsaSha512 = "ECDSA_SHA_512",
        /// SM2 signature with SM3 and the distinguishing identifier `1234567812345678`; the signature is DER.
        Sm2Dsa = "SM2DSA",
        /// ML-DSA (FIPS 204) with an empty context, hedged.
        MlDsaShake256 = "ML_DSA_SHAKE_256",
        /// Ed25519 (RFC 8032); messages are `RAW`.
        Ed25519Sha512 = "ED25519_SHA_512",
        /// Ed25519ph (RFC 8032) with an empty context; messages are `DIGEST`, and are hashed once more, as in AWS.
        Ed25519PhSha512 = "ED25519_PH_SHA_512",
    }
}

named! {
    /// Message authentication algorithms (`MacAlgorithmSpec`).
    MacAlgorithm {
        /// HMAC with SHA-224.
        HmacSha224 = "HMAC_SHA_224",
        /// HMAC with SHA-256.
        HmacSha256 = "HMAC_SHA_256",
        /// HMAC with SHA-384.
        HmacSha384 = "HMAC_SHA_384",
        /// HMAC with SHA-512.
        HmacSha512 = "HMAC_SHA_512",
    }
}

named! {
    /// Key agreement algorithms (`KeyAgreementAlgorithmSpec`).
    KeyAgreementAlgorithm {
        /// Cofactor Diffie-Hellman on the key's curve (SP 800-56A); the secret is the x coordinate.
        Ecdh = "ECDH",
    }
}

named! {
    /// Key encapsulation algorithms (`EncapsulationAlgorithmSpec`).
    EncapsulationAlgorithm {
        /// ML-KEM (FIPS 203).
        MlKem = "ML_KEM",
    }
}

named! {
    /// How key material is wrapped for import (`AlgorithmSpec`), without `RSAES_PKCS1_V1_5`, which AWS withdrew in 2023.
    WrappingAlgorithm {
        /// The material itself under RSAES-OAEP with SHA-1.
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1",
        /// The material itself under RSAES-OAEP with SHA-256.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256",
        /// An AES-256 key under RSAES-OAEP with SHA-1, then the material under that key (RFC 5649).
        RsaAesKeyWrapSha1 = "RSA_AES_KEY_WRAP_SHA_1",
        /// An AES-256 key under RSAES-OAEP with SHA-256, then the material under that key (RFC 5649).
        RsaAesKeyWrapSha256 = "RSA_AES_KEY_WRAP_SHA_256",
        /// The material itself under SM2 public-key encryption.
        Sm2Pke = "SM2PKE",
    }
}

named! {
    /// What the message given to Sign and Verify is (`MessageType`).
    MessageType {
        /// The message.
        Raw = "RAW",
        /// Its digest under the algorithm's hash function.
        Digest = "DIGEST",
        /// The 64-byte message representative μ of ML-DSA (FIPS 204, section 6.2).
        ExternalMu = "EXTERNAL_MU",
    }
}

impl KeySpec {
    /// The usages a key of this kind may be created with.
    pub const fn usages(self) -> &'static [KeyUsage] {
        use KeyUsage as U;
        match self {
            Self::SymmetricDefault => &[U::EncryptDecrypt],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[U::EncryptDecrypt, U::SignVerify],
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 => &[U::SignVerify, U::KeyAgreement],
            Self::EccSecgP256k1 | Self::EccNistEdwards25519 => &[U::SignVerify],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[U::SignVerify],
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => &[U::GenerateVerifyMac],
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[U::EncapsulateDecapsulate],
            Self::Sm2 => &[U::EncryptDecrypt, U::SignVerify, U::KeyAgreement],
        }
    }

    /// Whether a key of this kind may have this usage.
    pub fn allows(self, usage: KeyUsage) -> bool {
        self.usages().contains(&usage)
    }

    /// Whether there is a public key.
    pub const fn is_asymmetric(self) -> bool {
        !matches!(
            self,
            Self::SymmetricDefault | Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512
        )
    }

    /// Whether GenerateDataKeyPair offers it (`DataKeyPairSpec`): every asymmetric kind but ML-DSA.
    pub const fn is_data_key_pair(self) -> bool {
        self.is_asymmetric() && !matches!(self, Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87)
    }

    /// The encryption algorithms of a key of this kind with usage `ENCRYPT_DECRYPT`; otherwise none.
    pub const fn encryption_algorithms(self) -> &'static [EncryptionAlgorithm] {
        use EncryptionAlgorithm as A;
        match self {
            Self::SymmetricDefault => &[A::SymmetricDefault],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[A::RsaesOaepSha1, A::RsaesOaepSha256],
            Self::Sm2 => &[A::Sm2Pke],
            _ => &[],
        }
    }

    /// The signing algorithms of a key of this kind with usage `SIGN_VERIFY`; otherwise none.
    pub const fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        use SigningAlgorithm as A;
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                A::RsassaPkcs1V15Sha256,
                A::RsassaPkcs1V15Sha384,
                A::RsassaPkcs1V15Sha512,
                A::RsassaPssSha256,
                A::RsassaPssSha384,
                A::RsassaPssSha512,
            ],
            Self::EccNistP256 | Self::EccSecgP256k1 => &[A::EcdsaSha256],
            Self::EccNistP384 => &[A::EcdsaSha384],
            Self::EccNistP521 => &[A::EcdsaSha512],
            Self::EccNistEdwards25519 => &[A::Ed25519PhSha512, A::Ed25519Sha512],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[A::MlDsaShake256],
            Self::Sm2 => &[A::Sm2Dsa],
            _ => &[],
        }
    }

    /// The message authentication algorithm of an HMAC key; otherwise none.
    pub const fn mac_algorithms(self) -> &'static [MacAlgorithm] {
        match self {
            Self::Hmac224 => &[MacAlgorithm::HmacSha224],
            Self::Hmac256 => &[MacAlgorithm::HmacSha256],
            Self::Hmac384 => &[MacAlgorithm::HmacSha384],
            Self::Hmac512 => &[MacAlgorithm::HmacSha512],
            _ => &[],
        }
    }

    /// The key agreement algorithms of a key of this kind with usage `KEY_AGREEMENT`; otherwise none.
    pub const fn key_agreement_algorithms(self) -> &'static [KeyAgreementAlgorithm] {
        match self {
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 | Self::Sm2 => {
                &[KeyAgreementAlgorithm::Ecdh]
            }
            _ => &[],
        }
    }

    /// The key encapsulation algorithms of a key of this kind with usage `ENCAPSULATE_DECAPSULATE`; otherwise none.
    pub const fn encapsulation_algorithms(self) -> &'static [EncapsulationAlgorithm] {
        match self {
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[EncapsulationAlgorithm::MlKem],
            _ => &[],
        }
    }
}

impl SigningAlgorithm {
    /// The length in bytes that a message of type `DIGEST` must have, if the algorithm takes digests.
    pub const fn digest_len(self) -> Option<usize> {
        match self {
            Self::RsassaPssSha256 | Self::RsassaPkcs1V15Sha256 | Self::EcdsaSha256 | Self::Sm2Dsa => Some(32),
            Self::RsassaPssSha384 | Self::RsassaPkcs1V15Sha384 | Self::EcdsaSha384 => Some(48),
            Self::RsassaPssSha512
            | Self::RsassaPkcs1V15Sha512
            | Self::EcdsaSha512
            | Self::Ed25519PhSha512 => Some(64),
            Self::MlDsaShake256 | Self::Ed25519Sha512 => None,
        }
    }

    /// Whether the algorithm takes messages of this type.
    pub const fn takes(self, message_type: MessageType) -> bool {
        match message_type {
            MessageType::Raw => !matches!(self, Self::Ed25519PhSha512),
            MessageType::Digest => self.digest_len().is_some(),
            MessageType::ExternalMu => matches!(self, Self::MlDsaShake256),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for spec in KeySpec::ALL {
            assert_eq!(spec.to_string().parse(), Ok(*spec));
        }
        for algorithm in SigningAlgorithm::ALL {
            assert_eq!(algorithm.to_string().parse(), Ok(*algorithm));
        }
        assert_eq!("rsa_2048".parse::<KeySpec>(), Err(UnknownName));
        assert_eq!(KeySpec::ALL.len(), 20);
    }

    #[test]
    fn every_usage_of_every_spec_has_an_algorithm() {
        for spec in KeySpec::ALL {
            assert!(!spec.usages().is_empty());
            for usage in KeyUsage::ALL {
                let count = match usage {
                    KeyUsage::EncryptDecrypt => spec.encryption_algorithms().len(),
                    KeyUsage::SignVerify => spec.signing_algorithms().len(),
                    KeyUsage::GenerateVerifyMac => spec.mac_algorithms().len(),
                    KeyUsage::KeyAgreement => spec.key_agreement_algorithms().len(),
                    KeyUsage::EncapsulateDecapsulate => spec.encapsulation_algorithms().len(),
                };
                assert_eq!(spec.allows(*usage), count > 0, "{spec} {usage}");
            }
        }
    }
}
