//! The last phase: the answer as HTTP carries it.

use bytes::Bytes;
use garrison_types::RequestId;
use garrison_wire::Encoded;
use http::header::{HeaderName, HeaderValue};
use http::{Response, StatusCode};
use http_body_util::Full;
use zeroize::Zeroizing;

/// What goes to hyper, which adds `date` and `content-length`.
pub(crate) type Answer = Response<Full<Bytes>>;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// The id as text: in the header, and in the body where the protocol has it there.
pub(crate) fn request_id(id: RequestId) -> String {
    id.to_string()
}

/// The answer; a body that holds secrets is overwritten once hyper has let go of it.
pub(crate) fn answer(encoded: Encoded, request_id: &str) -> Answer {
    let Encoded { status, headers, bytes, sensitive } = encoded;
    let bytes = if sensitive { Bytes::from_owner(Zeroizing::new(bytes)) } else { Bytes::from(bytes) };
    let mut answer = Response::new(Full::new(bytes));
    // The models hold valid statuses only.
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let map = answer.headers_mut();
    map.reserve(headers.len() + 1);
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    // Hexadecimal digits and hyphens are always valid.
    if let Ok(id) = HeaderValue::from_str(request_id) {
        map.insert(REQUEST_ID, id);
    }
    answer
}
