//! garrison-gateway (see ARCHITECTURE.md).
