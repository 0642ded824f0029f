//! Phases 4 and 5: the body into the operation's input, and the input against the model.

use garrison_kernel::{AnyOperation, AnyStructure, errors};
use garrison_schema::{ApiError, ReadError, validate};
use garrison_wire::Codec;

/// Why the input cannot be used, and the input, when it could be read, for the audit record.
pub(crate) struct Refused {
    pub(crate) error: ApiError,
    pub(crate) input: Option<Box<dyn AnyStructure>>,
}

/// Reads the input of an operation and validates it. `form` is the body, or the URL's query where the parameters
/// stand there.
///
/// # Errors
/// `SerializationException` when the bytes cannot be read, `ValidationException` when they break a constraint.
pub(crate) fn decode(
    operation: &dyn AnyOperation,
    codec: Codec,
    form: &[u8],
) -> Result<Box<dyn AnyStructure>, Refused> {
    let unreadable = |error: ReadError| Refused {
        error: ApiError::new(&errors::SERIALIZATION, error.message),
        input: None,
    };
    let mut reader = codec.reader(form).map_err(unreadable)?;
    let reader = reader.as_reader();
    let input = operation.read(reader).map_err(unreadable)?;
    match validate::validate(input.as_write(), reader.issues()) {
        Ok(()) => Ok(input),
        Err(message) => Err(Refused { error: errors::validation(message), input: Some(input) }),
    }
}
