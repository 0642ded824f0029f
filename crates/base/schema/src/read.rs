//! Reading: a protocol hands a request's members to generated code, one after the other.

use garrison_types::Timestamp;

use crate::error::ReadError;
use crate::issues::Issues;
use crate::shape::Member;
use crate::stream::ByteStream;
use crate::write::WriteStructure;

/// A structure of a model: generated types implement it.
pub trait Structure: WriteStructure + Default + Send + Sync + Sized + 'static {
    /// Reads one value of this type. A required member that is absent gets its default and is noted in the
    /// reader's [`Issues`], for validation to report together with everything else that is wrong.
    ///
    /// # Errors
    /// The bytes are not a document of the protocol, or a value has another type than the model says.
    fn read(reader: &mut dyn Reader, member: &'static Member) -> Result<Self, ReadError>;
}

/// What [`Reader::structure`] calls for each member that is present and not null.
pub type EachMember<'a> = dyn FnMut(&mut dyn Reader, &'static Member) -> Result<(), ReadError> + 'a;
/// What [`Reader::list`] calls for each element.
pub type EachElement<'a> = dyn FnMut(&mut dyn Reader) -> Result<(), ReadError> + 'a;
/// What [`Reader::map`] calls for each entry, with its key.
pub type EachEntry<'a> = dyn FnMut(&mut dyn Reader, String) -> Result<(), ReadError> + 'a;

/// Implemented once per protocol. Each call reads the value at the current place; `member` says how the model
/// sees that place. Members that the model does not know are skipped; null means absent.
pub trait Reader {
    /// A boolean.
    fn boolean(&mut self, member: &'static Member) -> Result<bool, ReadError>;
    /// A 32-bit integer.
    fn integer(&mut self, member: &'static Member) -> Result<i32, ReadError>;
    /// A 64-bit integer.
    fn long(&mut self, member: &'static Member) -> Result<i64, ReadError>;
    /// A float or double.
    fn double(&mut self, member: &'static Member) -> Result<f64, ReadError>;
    /// Text.
    fn string(&mut self, member: &'static Member) -> Result<String, ReadError>;
    /// Bytes.
    fn blob(&mut self, member: &'static Member) -> Result<Vec<u8>, ReadError>;
    /// Bytes that need not be in memory together.
    fn stream(&mut self, member: &'static Member) -> Result<ByteStream, ReadError> {
        self.blob(member).map(ByteStream::from)
    }
    /// A point in time.
    fn timestamp(&mut self, member: &'static Member) -> Result<Timestamp, ReadError>;
    /// Any JSON value, as its text.
    fn document(&mut self, member: &'static Member) -> Result<String, ReadError>;
    /// A structure: `each` reads each member that is present. The reader keeps [`Issues::enter`] and
    /// [`Issues::leave`] around each call, in lists and maps too.
    fn structure(&mut self, member: &'static Member, each: &mut EachMember<'_>) -> Result<(), ReadError>;
    /// A list.
    fn list(&mut self, member: &'static Member, each: &mut EachElement<'_>) -> Result<(), ReadError>;
    /// A map.
    fn map(&mut self, member: &'static Member, each: &mut EachEntry<'_>) -> Result<(), ReadError>;
    /// Where generated code notes required members that are absent.
    fn issues(&mut self) -> &mut Issues;
}
