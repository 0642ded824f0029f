//! Writing the XML of answers.

use garrison_schema::{ApiError, OperationSchema, ServiceSchema, WriteStructure};

use crate::buffer::Buffer;
use crate::xml::XmlWriter;

/// The body of an answer: the result in the operation's response, then the request's id.
pub(crate) fn output_body(
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    output: &dyn WriteStructure,
    request_id: &str,
) -> Buffer {
    let mut writer = XmlWriter::default();
    let response = format!("{}Response", operation.name);
    writer.open_with_namespace(&response, service.xml_namespace);
    match operation.output_member.wire_name {
        Some(result) => writer.element(result, |writer| output.write_members(writer)),
        None => output.write_members(&mut writer),
    }
    writer.element("ResponseMetadata", |writer| writer.text_element("RequestId", request_id));
    writer.close(&response);
    writer.finish()
}

/// The body of an error.
pub(crate) fn error_body(
    service: Option<&'static ServiceSchema>,
    error: &ApiError,
    request_id: &str,
) -> Buffer {
    let mut writer = XmlWriter::default();
    writer.open_with_namespace("ErrorResponse", service.and_then(|service| service.xml_namespace));
    writer.element("Error", |writer| {
        writer.text_element("Type", if error.schema.sender_fault { "Sender" } else { "Receiver" });
        writer.text_element("Code", error.schema.code());
        writer.text_element("Message", &error.message);
        if let Some(members) = &error.members {
            members.write_members(writer);
        }
    });
    writer.text_element("RequestId", request_id);
    writer.close("ErrorResponse");
    writer.finish()
}
