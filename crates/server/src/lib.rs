//! Garrison as one process: opens the store and the root of trust, wires kernel, services and front door, runs what
//! falls due.
//!
//! Architecture invariant: this is the only crate that names backends and more than one service.

mod bootstrap;
mod config;
mod control;
mod data_keys;
mod error;
mod harden;
mod key_events;
mod offline;
mod operator;
mod prune;
mod records;
mod root;
mod server;
mod storage;
mod tls;
mod workers;

pub use config::{Config, RootOfTrust, Storage, Tls};
pub use error::Error;
pub use garrison_gateway::Limits;
pub use garrison_kernel::DecisionOptions;
pub use garrison_svc_iam::{IssuedKey, ListedKey};
pub use garrison_svc_sts::IssuerHost;
pub use harden::harden;
pub use offline::{RootKeys, backup, restore};
pub use server::Server;
