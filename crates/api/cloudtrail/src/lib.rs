//! garrison-api-cloudtrail (see ARCHITECTURE.md).
