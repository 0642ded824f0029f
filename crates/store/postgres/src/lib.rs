//! garrison-store-postgres (see ARCHITECTURE.md).
