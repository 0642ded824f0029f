//! garrison-wire (see ARCHITECTURE.md).
