//! garrison-sigv4 (see ARCHITECTURE.md).
