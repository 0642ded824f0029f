//! garrison-kernel (see ARCHITECTURE.md).
