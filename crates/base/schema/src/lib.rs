//! garrison-schema (see ARCHITECTURE.md).
