//! What every service stands on: the context of a call, dispatch, authorization, audit, snapshots, workers.
//!
//! The life of a call behind the front door is [`dispatch::run`]: resolve → authorize → open audit → execute →
//! close audit. There is no other way to call an operation, so nothing skips authorization or audit.
//!
//! Architecture invariant: nothing here knows HTTP, a protocol, a service or a backend.

pub mod access_key;
pub mod authorization_message;
mod authorize;
pub mod context;
mod decisions;
pub mod dispatch;
pub mod errors;
pub mod identity;
mod journal;
mod kernel;
mod operation;
pub mod ports;
pub mod principal;
mod quota;
mod service;
pub mod session_token;
pub mod settings;
mod snapshot;
mod unwind;
mod user_identity;

pub use context::{Context, Source, Tls, Via};
pub use decisions::{DecisionOptions, Decisions};
pub use journal::ServiceEvent;
pub use kernel::{Kernel, Parts};
pub use operation::{
    Access, AnyOperation, AnyStructure, AuditResource, BoxFuture, Check, Durability, Grant, Handler, Reply,
    Resolved, ServiceType, Shown, registered,
};
pub use principal::{Caller, Principal, Session};
pub use service::{Service, Worker};
pub use settings::Settings;
pub use snapshot::Snapshot;
