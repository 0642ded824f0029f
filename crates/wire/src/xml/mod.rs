//! XML, over the model: the bodies of restXml, and the answers of awsQuery.
//!
//! Sources: Smithy 2.0 specification, "AWS restXml protocol", "XML bindings"; XML 1.0.

mod parse;
mod read;
mod write;

pub(crate) use read::XmlReader;
pub(crate) use write::XmlWriter;
