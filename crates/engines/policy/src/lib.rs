//! garrison-policy (see ARCHITECTURE.md).
