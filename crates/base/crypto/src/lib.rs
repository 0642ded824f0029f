//! garrison-crypto (see ARCHITECTURE.md).
