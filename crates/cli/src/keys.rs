//! The one declaration of every configuration key. Flags, environment variables, the configuration file and
//! `docs/operator/configuration.md` are made from it.

/// A configuration key.
pub(crate) struct Key {
    /// The name in the file, for example `kms.max_direct_plaintext`. The flag is `--kms-max-direct-plaintext`, the
    /// environment variable `GARRISON_KMS_MAX_DIRECT_PLAINTEXT`.
    pub(crate) name: &'static str,
    /// What the value is called in help; empty for a switch.
    pub(crate) value: &'static str,
    /// The value when nothing is set; empty for none.
    pub(crate) default: &'static str,
    /// What it does.
    pub(crate) help: &'static str,
    /// Which commands take it.
    pub(crate) scope: Scope,
}

/// Which commands take a key.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All that open the store.
    Store,
    /// `serve` alone.
    Serve,
    /// `serve` alone, and help does not show it: for tests.
    Hidden,
}

impl Key {
    pub(crate) fn flag(&self) -> String {
        self.name.replace(['.', '_'], "-")
    }

    pub(crate) fn variable(&self) -> String {
        format!("GARRISON_{}", self.name.replace('.', "_").to_uppercase())
    }

    pub(crate) const fn is_switch(&self) -> bool {
        self.value.is_empty()
    }
}

const fn key(
    scope: Scope,
    name: &'static str,
    value: &'static str,
    default: &'static str,
    help: &'static str,
) -> Key {
    Key { name, value, default, help, scope }
}

use Scope::{Hidden, Serve, Store};

/// Every key, in the order in which help and documentation show them.
pub(crate) static KEYS: &[Key] = &[
    key(
        Serve,
        "dev",
        "",
        "false",
        "Development mode: access keys that Garrison did not issue are taken, unverified, as root users (twelve digits \
         name the account); the clock can be moved; no TLS is needed. Never where anybody else can connect.",
    ),
    key(
        Store,
        "data_dir",
        "DIR",
        "",
        "The folder with records and audit log. `garrison-data` when nothing is set; in development mode a temporary \
         folder, which is removed at the end.",
    ),
    key(
        Store,
        "store",
        "URL",
        "",
        "A PostgreSQL database instead of the data folder: `postgresql://user:password@host/database`.",
    ),
    key(Serve, "listen", "ADDRESS", "127.0.0.1:4566", "The address to listen on. Port 0 picks a free one."),
    key(
        Serve,
        "port_file",
        "FILE",
        "",
        "Write the port to this file once requests are answered, for programs that start Garrison on port 0.",
    ),
    key(Serve, "region", "REGION", "us-east-1", "The region of requests that name none."),
    key(
        Serve,
        "account",
        "ID",
        "",
        "The twelve digits of the account that the first start makes. Random when nothing is set; without effect later.",
    ),
    key(
        Store,
        "root.key_file",
        "FILE",
        "",
        "The root key, which seals every secret of the store. Made at the first start, mode 0600; it must lie outside \
         the data folder. Beside the data folder, named DIR.root-key, when nothing is set.",
    ),
    key(
        Store,
        "root.passphrase_file",
        "FILE",
        "",
        "Make the root key of a passphrase instead: the first line of this file, mode 0600, outside the data folder.",
    ),
    key(
        Store,
        "root.pkcs11_module",
        "FILE",
        "",
        "Keep the root key in a PKCS#11 token. Not built yet: refused.",
    ),
    key(Store, "root.tpm", "DEVICE", "", "Keep the root key in a TPM. Not built yet: refused."),
    key(Serve, "tls.certificate", "FILE", "", "The certificate chain of the listener, PEM."),
    key(Serve, "tls.key", "FILE", "", "The private key of the certificate, PEM."),
    key(
        Serve,
        "tls.self_signed",
        "",
        "false",
        "Make a certificate at start, for development; the file that clients must trust is printed.",
    ),
    key(
        Serve,
        "no_tls",
        "",
        "false",
        "Serve without TLS: something else encrypts the connections, or they never leave the machine. Outside of \
         development mode TLS is either configured or declined with this.",
    ),
    key(
        Serve,
        "decision_header",
        "",
        "false",
        "Answer every call with the trace of its authorization in the header `x-garrison-decision`, as JSON. It shows \
         callers the policies of others: for debugging only.",
    ),
    key(
        Serve,
        "record_usage",
        "",
        "false",
        "Record which actions each principal uses on which resources; `/_garrison/least-policies` tells the least policy of \
         each that allows them. In development mode only.",
    ),
    key(
        Serve,
        "preview_s3",
        "",
        "false",
        "Serve S3, which is being built: not every operation is there, who may do what is not yet held against AWS's \
         reference, and backups leave objects out. In development mode and with a data folder or a temporary one only.",
    ),
    key(
        Serve,
        "kms.max_direct_plaintext",
        "BYTES",
        "4096",
        "The most bytes that KMS `Encrypt` takes. AWS takes 4096; at most 1048576 here.",
    ),
    key(
        Serve,
        "kms.key_cache",
        "COUNT",
        "4096",
        "The most unwrapped keys that KMS keeps in memory. Each takes a page of locked memory.",
    ),
    key(
        Serve,
        "kms.attestation_root_file",
        "FILE",
        "",
        "The root certificates, PEM, under which KMS accepts attestation documents of enclaves (`Recipient`): AWS's, or \
         those of whoever else attests. It accepts none when nothing is set.",
    ),
    key(
        Serve,
        "sts.issuers",
        "LIST",
        "",
        "Where the hosts of OpenID Connect issuers are that are not found by name, or are on a private network: \
         `HOST=ADDRESS:PORT=CA_FILE`, comma-separated; CA_FILE, PEM, may be left out. Other hosts must have public \
         addresses.",
    ),
    key(
        Serve,
        "request_quotas",
        "LIST",
        "",
        "Requests per second that one account may make, by operation: `kms:Encrypt=100,kms:Sign=20`; in the file a \
         table. Operations that are not named are not limited.",
    ),
    key(Serve, "limits.connections", "COUNT", "10000", "The most connections. Further ones wait."),
    key(
        Serve,
        "limits.requests",
        "COUNT",
        "2000",
        "The most requests that are served at once. Further ones are refused.",
    ),
    key(Serve, "limits.http2_streams", "COUNT", "250", "The most requests at once on one HTTP/2 connection."),
    key(Serve, "limits.body_bytes", "BYTES", "10485760", "The largest request body."),
    key(
        Serve,
        "limits.body_memory",
        "BYTES",
        "268435456",
        "The most memory for request bodies beyond 64 KiB, all requests together.",
    ),
    key(Serve, "limits.header_bytes", "BYTES", "65536", "The largest request head. At least 8192."),
    key(Serve, "limits.headers", "COUNT", "100", "The most headers of a request."),
    key(Serve, "limits.uri_bytes", "BYTES", "16384", "The longest request target."),
    key(
        Serve,
        "limits.header_timeout",
        "SECONDS",
        "20",
        "How long the TLS handshake and a request's head may take.",
    ),
    key(Serve, "limits.body_timeout", "SECONDS", "60", "How long a request's body may take."),
    key(
        Serve,
        "limits.idle_timeout",
        "SECONDS",
        "60",
        "After how long a connection without requests is closed (at most twice that).",
    ),
    key(
        Serve,
        "limits.shutdown_timeout",
        "SECONDS",
        "25",
        "How long requests that were accepted may take to finish once shutdown has begun.",
    ),
    key(
        Serve,
        "admin_anywhere",
        "",
        "false",
        "Health, metrics and the like answer every peer, not only those on this machine.",
    ),
    key(Serve, "log.format", "FORMAT", "human", "`human` or `json`. Logs go to standard error."),
    key(
        Serve,
        "log.filter",
        "FILTER",
        "info",
        "What is logged: a level (error, warn, info, debug, trace), or levels by module as tracing's filters have them.",
    ),
    key(
        Serve,
        "threads",
        "COUNT",
        "",
        "Threads that serve requests. As many as there are processors when nothing is set.",
    ),
    key(
        Serve,
        "strict_memory",
        "",
        "false",
        "Refuse to hold a secret whose memory cannot be locked, instead of holding it in memory that may be swapped out.",
    ),
    key(
        Hidden,
        "pause_after_shutdown",
        "",
        "false",
        "For tests: when everything is closed, print `paused` and wait until standard input ends.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_have_their_forms() {
        for (i, key) in KEYS.iter().enumerate() {
            assert!(KEYS.iter().skip(i + 1).all(|other| other.flag() != key.flag()), "{}", key.name);
            assert!(
                key.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._".contains(&b))
            );
            assert!(key.help.ends_with('.'), "{}", key.name);
            assert_eq!(key.is_switch(), key.default == "false", "{}", key.name);
        }
        let plaintext = KEYS.iter().find(|key| key.name == "kms.max_direct_plaintext").unwrap();
        assert_eq!(plaintext.flag(), "kms-max-direct-plaintext");
        assert_eq!(plaintext.variable(), "GARRISON_KMS_MAX_DIRECT_PLAINTEXT");
    }
}
