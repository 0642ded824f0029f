//! garrison-svc-sts (see ARCHITECTURE.md).
