//! garrison-api-kms (see ARCHITECTURE.md).
