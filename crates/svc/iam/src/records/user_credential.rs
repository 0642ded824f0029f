//! Credentials of a user beside passwords, access keys and MFA devices. Each is found by its id; the user's record lists
//! the ids.

use serde::{Deserialize, Serialize};

use super::{Record, Time, first_version};

/// A credential that a user's record lists under [`Record::KIND`].
pub(crate) trait UserCredential: Record {
    /// The unique id of the user, `AIDA…`.
    fn user_id(&self) -> &str;
}

macro_rules! of_user {
    ($type:ident) => {
        impl UserCredential for $type {
            fn user_id(&self) -> &str {
                &self.user
            }
        }
    };
}

/// A public key for SSH.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SshPublicKey {
    /// The id, `APKA…`.
    pub(crate) key_id: String,
    /// The unique id of the user.
    pub(crate) user: String,
    /// `ssh-rsa …`, without a comment.
    pub(crate) body: String,
    /// Whether it may be used.
    pub(crate) active: bool,
    /// When it was uploaded.
    pub(crate) uploaded: Time,
}

first_version!(SshPublicKey, "ssh-public-key", name: key_id);
of_user!(SshPublicKey);

/// An X.509 signing certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SigningCertificate {
    /// The id: made of the certificate, so that no two are the same.
    pub(crate) certificate_id: String,
    /// The unique id of the user.
    pub(crate) user: String,
    /// In PEM, as it was given.
    pub(crate) body: String,
    /// Whether it may be used.
    pub(crate) active: bool,
    /// When it was uploaded.
    pub(crate) uploaded: Time,
}

first_version!(SigningCertificate, "signing-certificate", name: certificate_id);
of_user!(SigningCertificate);

/// A credential for one service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceCredential {
    /// The id, `ACCA…`.
    pub(crate) credential_id: String,
    /// The unique id of the user.
    pub(crate) user: String,
    /// The service, for example `codecommit.amazonaws.com`.
    pub(crate) service: String,
    /// The user name, or the alias of an API key.
    pub(crate) login: String,
    /// SHA-256 of the password or API key, in hex. Both have 240 random bits or more, so that guessing is hopeless.
    pub(crate) secret_sha256: String,
    /// Whether it may be used.
    pub(crate) active: bool,
    /// When it was made.
    pub(crate) created: Time,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) expires: Option<Time>,
}

first_version!(ServiceCredential, "service-credential", name: credential_id);
of_user!(ServiceCredential);

#[cfg(test)]
mod tests {
    use super::*;

    fn unchanged<R: UserCredential>(stored: &str) {
        let record = R::decode(stored.as_bytes()).unwrap();
        assert_eq!((record.name(), record.user_id()), ("X", "AIDAX"));
        assert_eq!(record.encode(), stored.as_bytes());
    }

    #[test]
    fn records_of_the_first_release_are_read() {
        unchanged::<SshPublicKey>(
            r#"{"version":"1","key_id":"X","user":"AIDAX","body":"ssh-rsa A","active":true,"uploaded":5}"#,
        );
        unchanged::<SigningCertificate>(
            r#"{"version":"1","certificate_id":"X","user":"AIDAX","body":"b","active":false,"uploaded":5}"#,
        );
        unchanged::<ServiceCredential>(
            r#"{"version":"1","credential_id":"X","user":"AIDAX","service":"s","login":"l","secret_sha256":"00","active":true,"created":5,"expires":6}"#,
        );
    }
}
