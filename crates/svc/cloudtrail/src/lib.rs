//! garrison-svc-cloudtrail (see ARCHITECTURE.md).
