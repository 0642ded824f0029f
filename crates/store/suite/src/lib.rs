//! garrison-store-suite (see ARCHITECTURE.md).
