//! The domain: what a KMS key is, free of storage and of the interface's types.

mod address;
mod alias;
mod grant;
mod key;
mod material;
mod multi_region;
mod rotation;
mod state;

pub(crate) use address::KeyAddress;
pub(crate) use alias::{Alias, AliasName, AliasNameError};
pub(crate) use grant::{Grant, GrantConstraints, GrantOperation, GrantSet};
pub(crate) use key::{Key, KeySnapshot, Manager, Origin};
pub(crate) use material::{ImportState, Material, MaterialState, Provenance, ReadyKey, RotationKind};
pub(crate) use multi_region::{MultiRegion, MultiRegionRole};
pub(crate) use rotation::Rotation;
pub(crate) use state::{KeyState, StateRule};
