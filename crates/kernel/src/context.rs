//! Who calls, from where, and on whose behalf.

use std::net::IpAddr;
use std::sync::Arc;

use garrison_types::{AccountId, Partition, Region, RequestId, Timestamp};

/// One call's circumstances: everything that authorization and audit need and that the input does not say.
#[derive(Debug, Clone)]
pub struct Context {
    /// The id that the caller gets back.
    pub request_id: RequestId,
    /// The id of the call's audit record.
    pub event_id: RequestId,
    /// Resource time at the start of the call.
    pub time: Timestamp,
    /// The region that was called.
    pub region: Region,
    /// Who calls.
    pub caller: Caller,
    /// Where the call came from.
    pub source: Source,
    /// The service that calls on the caller's behalf, when one does.
    pub via: Option<Via>,
}

impl Context {
    /// The account that the call is made in.
    pub fn account(&self) -> AccountId {
        self.caller.principal.account()
    }

    /// The partition of the region that was called.
    pub fn partition(&self) -> Partition {
        self.region.partition()
    }
}

/// An authenticated caller.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is.
    pub principal: Principal,
    /// The principal's ARN, made once.
    pub arn: Arc<str>,
    /// The access key that signed, when one did.
    pub access_key_id: Option<Arc<str>>,
}

impl Caller {
    /// The caller who is `principal`.
    pub fn new(principal: Principal, access_key_id: Option<Arc<str>>) -> Self {
        let arn = principal.arn().into();
        Self { principal, arn, access_key_id }
    }
}

/// A principal, as policies and audit records name it.
///
/// Users, roles and sessions join when IAM is built; every `match` on this type will then ask for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The root user of an account.
    Root {
        /// The account.
        account: AccountId,
        /// Its partition.
        partition: Partition,
    },
    /// A service acting for itself, for example a rotation that fell due.
    Service {
        /// For example `kms.amazonaws.com`.
        name: &'static str,
        /// The account whose resource it works on.
        account: AccountId,
    },
    /// Nobody: the request carried no signature.
    Anonymous,
}

impl Principal {
    /// The account that the principal belongs to; all zeros for nobody.
    pub fn account(&self) -> AccountId {
        match self {
            Self::Root { account, .. } | Self::Service { account, .. } => *account,
            Self::Anonymous => AccountId::ZERO,
        }
    }

    /// The ARN, `*` for nobody and the service's name for a service.
    pub fn arn(&self) -> String {
        match self {
            Self::Root { account, partition } => format!("arn:{partition}:iam::{account}:root"),
            Self::Service { name, .. } => (*name).to_owned(),
            Self::Anonymous => "*".to_owned(),
        }
    }

    /// `aws:userid`: the account id for a root user.
    pub fn user_id(&self) -> String {
        match self {
            Self::Root { account, .. } => account.to_string(),
            Self::Service { name, .. } => (*name).to_owned(),
            Self::Anonymous => "anonymous".to_owned(),
        }
    }
}

/// Where a call came from.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The peer's address; none for a service's own call.
    pub ip: Option<IpAddr>,
    /// The `User-Agent` header, at most 1,024 bytes of it.
    pub user_agent: String,
    /// The `Host` header.
    pub host: String,
    /// The connection, when it was encrypted.
    pub tls: Option<Tls>,
}

/// An encrypted connection.
#[derive(Debug, Clone)]
pub struct Tls {
    /// `TLSv1.2` or `TLSv1.3`.
    pub version: &'static str,
    /// The cipher suite's IANA name.
    pub cipher_suite: &'static str,
}

/// A service that calls another on its caller's behalf.
#[derive(Debug, Clone)]
pub struct Via {
    /// The service's principal, for example `s3.amazonaws.com`: `invokedBy` and `aws:CalledVia`.
    pub principal: &'static str,
    /// The endpoint name that `kms:ViaService` carries, for example `s3.eu-central-1.amazonaws.com`.
    pub endpoint: String,
}
