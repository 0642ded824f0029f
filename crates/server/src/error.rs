//! Why Garrison does not start.

use std::path::PathBuf;

/// Why Garrison does not start, or an offline command fails.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The configuration cannot be right.
    #[error("{0}")]
    Config(String),
    /// What was asked for went wrong.
    #[error("{0}")]
    Failed(String),
    /// A file cannot be read or written.
    #[error("cannot {action} `{path}`: {source}")]
    File {
        /// For example `read the root key`.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The store cannot be opened or fails.
    #[error(transparent)]
    Store(#[from] garrison_store::StoreError),
    /// The root of trust does not open the store.
    #[error("{0}")]
    Sealed(String),
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: {source}")]
    Listen {
        /// The address as configured.
        address: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The certificate or the key cannot be used.
    #[error(transparent)]
    Tls(#[from] garrison_gateway::TlsError),
    /// Something else of the operating system's.
    #[error("cannot {action}: {source}")]
    System {
        /// For example `start threads`.
        action: &'static str,
        /// What the system says.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn file(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { action, path, source }
    }
}

impl From<garrison_crypto::CryptoError> for Error {
    fn from(error: garrison_crypto::CryptoError) -> Self {
        Self::Sealed(error.to_string())
    }
}

impl From<garrison_store::CommitError> for Error {
    fn from(error: garrison_store::CommitError) -> Self {
        match error {
            garrison_store::CommitError::Store(error) => Self::Store(error),
            conflict @ garrison_store::CommitError::Conflict => {
                Self::Failed(format!("another process changes the same store: {conflict}"))
            }
        }
    }
}
