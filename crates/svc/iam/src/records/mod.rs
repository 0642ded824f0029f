//! What is stored, one file per entity.
//!
//! Records are JSON with a `version`. The newest version is the type that operations work with. When its form must
//! change, the old form is kept as a type of its own with its version number and a `From` into the new one: what a
//! release has written is read for ever. Each file's tests hold a record as the first release wrote it.

mod access_key;
mod access_report;
mod account;
mod group;
mod instance_profile;
mod last_use;
mod managed_policy;
mod mfa_device;
mod open_id_provider;
mod policies;
mod role;
mod saml_provider;
mod server_certificate;
mod setting;
mod tags;
mod user;
mod user_credential;

use garrison_kernel::Context;
use garrison_types::Timestamp;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use access_key::{AccessKey, Owner};
pub(crate) use access_report::{AccessReport, EntityUse, ServiceUse};
pub(crate) use account::{AccountSettings, CredentialReport, PasswordPolicy, RootUser};
pub(crate) use group::Group;
pub(crate) use instance_profile::InstanceProfile;
pub(crate) use last_use::LastUse;
pub(crate) use managed_policy::{ManagedPolicy, PolicyVersion};
pub(crate) use mfa_device::{Enabled, MfaDevice};
pub(crate) use open_id_provider::OpenIdProvider;
pub(crate) use policies::Policies;
pub(crate) use role::{DEFAULT_MAX_SESSION, Role, SERVICE_LINKED_PATH};
pub(crate) use saml_provider::{SamlKey, SamlProvider};
pub(crate) use server_certificate::ServerCertificate;
pub(crate) use setting::{DeletionTask, OutboundFederation, RootFeatures};
pub(crate) use tags::Tags;
pub(crate) use user::{Password, User};
pub(crate) use user_credential::{ServiceCredential, SigningCertificate, SshPublicKey, UserCredential};

/// An entity with a name that is unique in its account and kind, whatever its case.
pub trait Record: Clone + Send + Sync + 'static {
    /// The kind, as a component of store keys.
    const KIND: &'static str;
    /// Whether entities of this kind have a unique id.
    const HAS_ID: bool;

    /// The name, in the case that it was given in.
    fn name(&self) -> &str;

    /// The unique id, for example `AIDA…`.
    fn id(&self) -> Option<&str>;

    /// The stored form.
    fn encode(&self) -> Vec<u8>;

    /// Reads any version of the stored form.
    ///
    /// # Errors
    /// It is none.
    fn decode(bytes: &[u8]) -> Result<Self, serde_json::Error>;
}

/// Makes a type that derives `Serialize` and `Deserialize` a [`Record`] that has had one version so far. The fields are
/// those with the name and the unique id.
macro_rules! first_version {
    ($type:ident, $kind:literal, name: $name:ident $(, id: $id:ident)?) => {
        impl $crate::records::Record for $type {
            const KIND: &'static str = $kind;
            const HAS_ID: bool = $crate::records::first_version!(@has_id $($id)?);

            fn name(&self) -> &str {
                &self.$name
            }

            fn id(&self) -> Option<&str> {
                $crate::records::first_version!(@id self $($id)?)
            }

            fn encode(&self) -> Vec<u8> {
                #[derive(serde::Serialize)]
                #[serde(tag = "version")]
                enum Stored<'a> {
                    #[serde(rename = "1")]
                    V1(&'a $type),
                }
                $crate::records::to_json(&Stored::V1(self))
            }

            fn decode(bytes: &[u8]) -> Result<Self, serde_json::Error> {
                #[derive(serde::Deserialize)]
                #[serde(tag = "version")]
                enum Stored {
                    #[serde(rename = "1")]
                    V1($type),
                }
                let Stored::V1(record) = $crate::records::from_json(bytes)?;
                Ok(record)
            }
        }
    };
    (@has_id $id:ident) => { true };
    (@has_id) => { false };
    (@id $self:ident $id:ident) => { Some(&$self.$id) };
    (@id $self:ident) => { None };
}
pub(crate) use first_version;

/// A record's bytes.
pub(crate) fn to_json(record: &impl Serialize) -> Vec<u8> {
    // Records have nothing in them that JSON cannot hold.
    serde_json::to_vec(record).unwrap_or_default()
}

/// A record of its bytes.
///
/// # Errors
/// They are not one.
pub(crate) fn from_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    serde_json::from_slice(bytes)
}

/// A point in time, stored as milliseconds since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "i64", into = "i64")]
pub(crate) struct Time(pub(crate) Timestamp);

impl Time {
    /// When a call was made, in whole seconds: IAM's dates have no fractions.
    pub(crate) fn of(cx: &Context) -> Self {
        Self(cx.time.truncated_to_seconds())
    }
}

impl From<i64> for Time {
    fn from(millis: i64) -> Self {
        Self(Timestamp::from_millis(millis))
    }
}

impl From<Time> for i64 {
    fn from(time: Time) -> Self {
        time.0.as_millis()
    }
}
