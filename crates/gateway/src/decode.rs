//! Phases 4 and 5: the body into the operation's input, and the input against the model.

use garrison_kernel::{AnyOperation, AnyStructure, errors};
use garrison_schema::{ApiError, validate};
use garrison_wire::Codec;

/// Reads the input of an operation and validates it. `form` is the body, or the URL's query where the parameters
/// stand there.
///
/// # Errors
/// `SerializationException` when the bytes cannot be read, and then no input comes back; `ValidationException` when
/// they break a constraint, with the input for the audit record.
pub(crate) fn decode(
    operation: &dyn AnyOperation,
    codec: Codec,
    form: &[u8],
) -> Result<Box<dyn AnyStructure>, (ApiError, Option<Box<dyn AnyStructure>>)> {
    let unreadable =
        |error: garrison_schema::ReadError| (ApiError::new(&errors::SERIALIZATION, error.message), None);
    let mut reader = codec.reader(form).map_err(unreadable)?;
    let reader = reader.as_reader();
    let input = operation.read(reader).map_err(unreadable)?;
    let broken = validate::validate(input.as_write(), reader.issues());
    match broken {
        Ok(()) => Ok(input),
        Err(message) => Err((errors::validation(message), Some(input))),
    }
}
