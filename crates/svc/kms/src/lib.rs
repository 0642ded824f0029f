//! garrison-svc-kms (see ARCHITECTURE.md).
