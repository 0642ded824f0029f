//! What an operator chooses, checked and typed. `garrison-cli` makes it from flags, environment and file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use garrison_gateway::Limits;
use garrison_kernel::DecisionOptions;
use garrison_svc_sts::IssuerHost;
use garrison_types::{AccountId, Region};

/// Everything that can be chosen.
#[derive(Debug, Clone)]
pub struct Config {
    /// Development mode.
    pub development: bool,
    /// Where records and audit log are.
    pub storage: Storage,
    /// Where the root of trust comes from.
    pub root: RootOfTrust,
    /// The address to listen on, for example `127.0.0.1:4566`; a host name is resolved, port 0 picks a free one.
    pub listen: String,
    /// How connections are encrypted.
    pub tls: Tls,
    /// The region of calls that name none, and of the lines to paste.
    pub region: Region,
    /// The first account's id; picked at random when there is none.
    pub account: Option<AccountId>,
    /// Bounds on requests and connections.
    pub limits: Limits,
    /// The operator's paths answer peers beyond the loopback interface as well.
    pub admin_anywhere: bool,
    /// What is kept of authorization's decisions, for debugging policies; nothing as a rule.
    pub decisions: Option<DecisionOptions>,
    /// The most bytes that KMS `Encrypt` takes.
    pub kms_max_direct_plaintext: usize,
    /// The most unwrapped keys that KMS keeps in memory.
    pub kms_key_cache: usize,
    /// The root certificates, in DER, under which KMS accepts attestation documents.
    pub kms_attestation_roots: Vec<Vec<u8>>,
    /// Where the hosts of identity providers' issuers are, when names do not say.
    pub sts_issuers: Vec<IssuerHost>,
    /// S3, which is being built, is served.
    pub preview_s3: bool,
    /// Requests per second and account, by `service:Operation`.
    pub request_quotas: BTreeMap<String, u32>,
    /// Threads that serve requests; as many as there are processors when there is none.
    pub threads: Option<usize>,
    /// Secrets whose memory cannot be locked are refused, not kept in ordinary memory.
    pub strict_memory: bool,
}

/// Where records and audit log are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Storage {
    /// A temporary folder, removed at the end: development mode without a data folder.
    Temporary,
    /// A folder.
    Folder(PathBuf),
    /// A PostgreSQL database.
    Postgres(String),
}

/// Where the root of trust comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RootOfTrust {
    /// A key file; beside the data folder, named after it, when there is no path.
    KeyFile(Option<PathBuf>),
    /// A passphrase, the first line of this file.
    PassphraseFile(PathBuf),
}

/// How connections are encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// They are not: explicitly declined, or development mode.
    Off,
    /// With this certificate chain and private key, both PEM files.
    Files {
        /// The certificate chain.
        certificate: PathBuf,
        /// The private key.
        key: PathBuf,
    },
    /// With a certificate that is made at start: for development.
    SelfSigned,
}
