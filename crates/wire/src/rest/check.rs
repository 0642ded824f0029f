//! What a readable request may still lack.

use garrison_schema::{
    ApiError, ErrorSchema, Issues, Kind, Location, Member, Segment, WriteStructure, Writer, validate,
};
use garrison_types::Timestamp;

use super::RestCodec;
use super::error::{INVALID_ARGUMENT, malformed_xml};

impl RestCodec {
    /// Checks an input against the model, as the service does: restJson1 with a `ValidationException` like the other
    /// JSON protocols; S3 and its control plane take a body that lacks an element, or has an enum's unknown value,
    /// for malformed XML, and leave the values of headers to each operation.
    ///
    /// # Errors
    /// What the caller shall see.
    pub fn check(self, input: &dyn WriteStructure, issues: &Issues) -> Result<(), ApiError> {
        if self == Self::RestJson {
            return validate::validate(input, issues).map_err(|message| ApiError::new(&VALIDATION, message));
        }
        for path in issues.missing() {
            let Some(Segment::Member(outermost)) = path.first() else { continue };
            let member = input.shape().members().iter().find(|member| member.name == *outermost);
            return Err(match member.map(|member| (member.location, member.wire())) {
                Some((Location::Header(_) | Location::QueryString(_) | Location::Uri(_), wire)) => {
                    ApiError::new(&INVALID_ARGUMENT, format!("Missing required parameter: {wire}"))
                }
                // A body that is absent altogether.
                Some((Location::Payload, _)) if path.len() == 1 => {
                    ApiError::new(&MISSING_BODY, "Request body is empty")
                }
                _ => malformed_xml(),
            });
        }
        let mut values = UnknownValues { top: true, found: false };
        input.write_members(&mut values);
        if values.found { Err(malformed_xml()) } else { Ok(()) }
    }
}

static VALIDATION: ErrorSchema =
    ErrorSchema { name: "ValidationException", query_code: None, http_status: 400, sender_fault: true };
static MISSING_BODY: ErrorSchema =
    ErrorSchema { name: "MissingRequestBodyError", query_code: None, http_status: 400, sender_fault: true };

/// Looks for values in the body that their enums do not have.
struct UnknownValues {
    /// Among the input's own members, of which those outside of the body do not count.
    top: bool,
    found: bool,
}

impl UnknownValues {
    fn within(&mut self, member: &'static Member, look: impl FnOnce(&mut Self)) {
        let outer = self.top;
        if outer && !matches!(member.location, Location::Body | Location::Payload) {
            return;
        }
        self.top = false;
        look(self);
        self.top = outer;
    }
}

impl Writer for UnknownValues {
    fn boolean(&mut self, _member: &'static Member, _value: bool) {}
    fn integer(&mut self, _member: &'static Member, _value: i32) {}
    fn long(&mut self, _member: &'static Member, _value: i64) {}
    fn double(&mut self, _member: &'static Member, _value: f64) {}
    fn string(&mut self, member: &'static Member, value: &str) {
        // A location that is none has an error of its own.
        if let Kind::Enum(values) = member.shape().kind
            && member.shape().name != "BucketLocationConstraint"
        {
            self.within(member, |values_| values_.found |= !values.contains(&value));
        }
    }
    fn blob(&mut self, _member: &'static Member, _value: &[u8]) {}
    fn timestamp(&mut self, _member: &'static Member, _value: Timestamp) {}
    fn document(&mut self, _member: &'static Member, _json: &str) {}
    fn structure(&mut self, member: &'static Member, value: &dyn WriteStructure) {
        self.within(member, |values| value.write_members(values));
    }
    fn list(&mut self, member: &'static Member, _len: usize, items: &mut dyn FnMut(&mut dyn Writer)) {
        self.within(member, |values| items(values));
    }
    fn map(&mut self, member: &'static Member, _len: usize, entries: &mut dyn FnMut(&mut dyn Writer)) {
        self.within(member, |values| entries(values));
    }
    fn key(&mut self, _key: &str) {}
}
