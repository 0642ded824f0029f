//! garrison-api-sts (see ARCHITECTURE.md).
