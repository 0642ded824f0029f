//! The last phase: the answer as HTTP carries it.

use bytes::Bytes;
use garrison_types::RequestId;
use garrison_wire::{Body, Encoded};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Response, StatusCode};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::body::AnswerBody;

/// What goes to hyper, which adds `date` and `content-length`.
pub(crate) type Answer = Response<AnswerBody>;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const S3_REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");

/// The trace of a call's decisions, for debugging policies.
const DECISION: HeaderName = HeaderName::from_static("x-garrison-decision");
/// The longest trace that clients are sent whole: many of them refuse answers with longer headers.
const MAX_DECISION: usize = 6 << 10;

/// Adds the traces of the call's decisions as a header: a JSON list in ASCII. Where it would be too long, only what was
/// decided and why remains of each.
pub(crate) fn add_decisions(answer: &mut Answer, mut traces: Vec<Value>) {
    let mut text = ascii(&traces);
    if text.len() > MAX_DECISION {
        for trace in traces.iter_mut().filter_map(Value::as_object_mut) {
            trace.remove("policies");
        }
        text = ascii(&traces);
    }
    if let Ok(value) = HeaderValue::from_str(&text) {
        answer.headers_mut().insert(DECISION, value);
    }
}

/// JSON with everything beyond ASCII escaped.
fn ascii(values: &[Value]) -> String {
    // Every value can be written: the keys of an object are texts.
    let json = serde_json::to_string(values).unwrap_or_default();
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            let mut units = [0; 2];
            text.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

/// The id as text: in the header, and in the body where the protocol has it there.
pub(crate) fn request_id(id: RequestId) -> String {
    id.to_string()
}

/// The answer; a body that holds secrets is overwritten once hyper has let go of it.
pub(crate) fn answer(encoded: Encoded, request_id: &str) -> Answer {
    let Encoded { status, headers, bytes, sensitive } = encoded;
    let mut answer = begin(status, full(bytes, sensitive));
    let map = answer.headers_mut();
    map.reserve(headers.len() + 1);
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    add_id(map, request_id);
    answer
}

/// The same of an answer that has headers from members, or a streamed body. S3's ids are among its headers.
pub(crate) fn streamed(encoded: garrison_wire::Answer, request_id: &str) -> Answer {
    let garrison_wire::Answer { status, headers, body, sensitive } = encoded;
    let stated = headers.iter().find(|(name, _)| name == "content-length");
    let stated = stated.and_then(|(_, value)| value.parse().ok());
    let body = match body {
        Body::Bytes(bytes) => full(bytes, sensitive),
        Body::Stream(stream) => {
            let length = stated.or(stream.length());
            stream.take().map_or_else(|| full(Vec::new(), false), |bytes| AnswerBody::stream(bytes, length))
        }
    };
    let mut answer = begin(status, body);
    let map = answer.headers_mut();
    map.reserve(headers.len() + 1);
    for (name, value) in headers {
        // What callers have put into metadata may be no header.
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
        {
            map.append(name, value);
        }
    }
    if !map.contains_key(S3_REQUEST_ID) {
        add_id(map, request_id);
    }
    answer
}

fn full(bytes: Vec<u8>, sensitive: bool) -> AnswerBody {
    AnswerBody::full(if sensitive { Bytes::from_owner(Zeroizing::new(bytes)) } else { Bytes::from(bytes) })
}

fn begin(status: u16, body: AnswerBody) -> Answer {
    let mut answer = Response::new(body);
    // The models hold valid statuses only.
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer
}

fn add_id(headers: &mut HeaderMap, request_id: &str) {
    // Hexadecimal digits and hyphens are always valid.
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn long_traces_lose_their_policies_and_stay_ascii() {
        let short = json!({"decision": "Allow", "policies": [{"policy": "é\u{1f600}"}]});
        let mut answer = Response::new(AnswerBody::full(Bytes::new()));
        add_decisions(&mut answer, vec![short.clone()]);
        let value = answer.headers()[&DECISION].to_str().unwrap();
        assert_eq!(serde_json::from_str::<Value>(value).unwrap(), json!([short]));
        let long = json!({"decision": "Allow", "policies": ["x".repeat(MAX_DECISION)]});
        add_decisions(&mut answer, vec![long]);
        assert_eq!(answer.headers()[&DECISION].to_str().unwrap(), r#"[{"decision":"Allow"}]"#);
    }
}
