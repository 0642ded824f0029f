//! garrison-server (see ARCHITECTURE.md).
