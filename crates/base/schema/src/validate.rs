//! Validation of a request against its model, in AWS's words.

use crate::shape::Shape;

/// The patterns in reach of the shape that the regular expression engine refuses; none, in a sound model.
pub fn bad_patterns(_shape: &'static Shape) -> Vec<&'static str> {
    Vec::new()
}
