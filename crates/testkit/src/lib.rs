//! garrison-testkit (see ARCHITECTURE.md).
