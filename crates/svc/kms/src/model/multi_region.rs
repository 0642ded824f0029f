//! Multi-Region keys: one key id and material in several regions.
//!
//! Source: KMS Developer Guide, "Multi-Region keys in AWS KMS".

use std::collections::BTreeSet;

use garrison_types::Region;

/// `MultiRegionKeyType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MultiRegionRole {
    /// `PRIMARY`: the one that can be replicated, and that carries the shared properties.
    Primary,
    /// `REPLICA`.
    Replica,
}

impl MultiRegionRole {
    /// AWS's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Primary => "PRIMARY",
            Self::Replica => "REPLICA",
        }
    }
}

/// The relatives of a multi-Region key; every related key's record says the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MultiRegion {
    /// Where the primary key is.
    pub primary: Region,
    /// Where the replica keys are.
    pub replicas: BTreeSet<Region>,
}

impl MultiRegion {
    /// What the key in `region` is.
    pub fn role(&self, region: &Region) -> MultiRegionRole {
        if *region == self.primary { MultiRegionRole::Primary } else { MultiRegionRole::Replica }
    }

    /// Every region that has a related key, the primary's first.
    pub fn regions(&self) -> impl Iterator<Item = &Region> {
        std::iter::once(&self.primary).chain(&self.replicas)
    }
}
