//! garrison-store (see ARCHITECTURE.md).
