//! The structure without members: what an operation takes or gives when its model names no shape.

use crate::error::ReadError;
use crate::read::{Reader, Structure};
use crate::shape::{Member, Shape};
use crate::write::{WriteStructure, Writer};

/// The shape of [`Unit`].
pub static UNIT: Shape = Shape::structure("Unit", &[]);

/// The place of a [`Unit`].
pub static UNIT_MEMBER: Member = Member::new("Unit", 0, || &UNIT);

/// Nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unit;

impl WriteStructure for Unit {
    fn shape(&self) -> &'static Shape {
        &UNIT
    }

    fn write_members(&self, _writer: &mut dyn Writer) {}
}

impl Structure for Unit {
    fn read(reader: &mut dyn Reader, member: &'static Member) -> Result<Self, ReadError> {
        reader.structure(member, &mut |_, _| Ok(()))?;
        Ok(Self)
    }
}
