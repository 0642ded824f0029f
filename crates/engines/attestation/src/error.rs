//! Why a document proves nothing.

/// Why an attestation document is not accepted. The texts are fit for the caller who sent it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AttestationError {
    /// It is not what the specification describes.
    #[error("The attestation document is malformed: {0}.")]
    Malformed(&'static str),
    /// Its certificates do not begin at a root that is trusted here.
    #[error("The certificate chain of the attestation document does not begin at a trusted root.")]
    UntrustedRoot,
    /// One of its certificates is not what it must be, or not signed by the one before.
    #[error("The certificate chain of the attestation document is not valid: {0}.")]
    Certificate(&'static str),
    /// One of its certificates was valid earlier, and so was the document.
    #[error("The attestation document has expired.")]
    Expired,
    /// One of its certificates is valid only later.
    #[error("The attestation document is not valid yet.")]
    NotYetValid,
    /// The document was not signed by its certificate's key, or was changed.
    #[error("The signature of the attestation document is not valid.")]
    Signature,
    /// It has no public key, or one that nothing can be sealed for.
    #[error(
        "The attestation document has no RSA public key of 2048 to 4096 bits, as DER SubjectPublicKeyInfo."
    )]
    PublicKey,
}
