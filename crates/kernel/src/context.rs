//! Who calls, from where, and on whose behalf.

use std::net::IpAddr;

use garrison_types::{AccountId, Partition, Region, RequestId, Timestamp};

use crate::principal::Caller;

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
