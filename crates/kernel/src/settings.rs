//! What an operator may set, as services see it. The command line, the environment and the configuration file
//! are read once, at start-up, from the declaration in `garrison-cli`.

/// Settings that change what services do.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `--dev`: unknown access keys are taken as root users and the clock may be moved.
    pub development: bool,
    /// The region of calls that name none.
    pub default_region: garrison_types::Region,
    /// The most bytes that KMS `Encrypt` takes; 4,096 on AWS.
    pub kms_max_direct_plaintext: usize,
    /// The most unwrapped keys that KMS keeps in locked memory.
    pub kms_key_cache: usize,
    /// The root certificates, in DER, under which KMS accepts attestation documents (`Recipient`). None by default:
    /// then it accepts no document.
    pub kms_attestation_roots: Vec<Vec<u8>>,
    /// Requests per second that one account may make, by `service:Operation` (`kms:Encrypt`); operations that
    /// are not named here are not limited. Empty by default.
    pub request_quotas: std::collections::BTreeMap<String, u32>,
}
