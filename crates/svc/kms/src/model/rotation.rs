//! Rotation of a key's material.
//!
//! Source: KMS Developer Guide, "Rotating AWS KMS keys".

use garrison_types::Timestamp;

/// A key's rotation settings and history counters. For a multi-Region key they are the primary's, and every
/// related key's record says the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rotation {
    /// Whether automatic rotation is on.
    pub enabled: bool,
    /// 90 to 2,560 days; 365 when nobody chose. Kept while rotation is off.
    pub period_days: Option<u16>,
    /// When the next automatic rotation falls due, while it is on.
    pub next: Option<Timestamp>,
    /// How many on-demand rotations there were, of 25 in a key's life.
    pub on_demand_count: u8,
    /// An on-demand rotation that is not complete (`OnDemandRotationStartDate`).
    pub on_demand_started: Option<Timestamp>,
}
