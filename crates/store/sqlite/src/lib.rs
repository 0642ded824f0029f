//! garrison-store-sqlite (see ARCHITECTURE.md).
