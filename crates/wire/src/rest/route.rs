//! From a method, a path and a query string to an operation.
//!
//! Source: Smithy 2.0 specification, "HTTP binding traits", "Specificity routing". Operations that share method and
//! URI (PutObject and UploadPart, GetObject and ListParts) differ in the query parameters and headers that they
//! demand.

use std::cmp::Reverse;

use garrison_schema::{ApiError, ErrorSchema, Location, OperationSchema, ServiceSchema};

use super::RestCodec;
use super::head::RestHead;
use crate::percent;

/// The routes of one service.
#[derive(Debug)]
pub struct Routes {
    codec: RestCodec,
    /// The most specific first.
    paths: Vec<PathRoutes>,
}

/// The operations of one path.
#[derive(Debug)]
struct PathRoutes {
    segments: Vec<Segment>,
    routes: Vec<Route>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    /// This text.
    Literal(&'static str),
    /// Any text that is not empty, up to the next slash.
    Label(&'static str),
    /// Any text that is not empty, slashes and all.
    Greedy(&'static str),
}

#[derive(Debug)]
struct Route {
    operation: &'static OperationSchema,
    built: bool,
    /// The query parameters that the URI has, with their values where it has those.
    query: Vec<(&'static str, Option<&'static str>)>,
}

/// What a request means: an operation, and the values of its URI's labels.
#[derive(Debug, PartialEq, Eq)]
pub struct Routed {
    /// The operation's name.
    pub operation: &'static str,
    /// The labels, decoded, by their names in the model.
    pub labels: Vec<(&'static str, String)>,
}

impl Routes {
    /// The routes of a service; `None` when it speaks neither restJson1 nor restXml. Of two operations that nothing
    /// else tells apart, the one that `is_built` is meant.
    pub fn new(service: &'static ServiceSchema, is_built: impl Fn(&OperationSchema) -> bool) -> Option<Self> {
        let codec = RestCodec::of(service)?;
        let mut paths: Vec<PathRoutes> = Vec::new();
        for operation in service.operations {
            let (segments, query) = template(operation.http_uri);
            let route = Route { operation, built: is_built(operation), query };
            match paths.iter_mut().find(|path| path.segments == segments) {
                Some(path) => path.routes.push(route),
                None => paths.push(PathRoutes { segments, routes: vec![route] }),
            }
        }
        // Literals before labels before greedy ones; of two that begin alike the longer one.
        let rank = |segments: &[Segment]| -> Vec<u8> {
            let ranks = segments.iter().map(|segment| match segment {
                Segment::Literal(_) => 0,
                Segment::Label(_) => 1,
                Segment::Greedy(_) => 2,
            });
            ranks.chain([3]).collect()
        };
        paths.sort_by_key(|path| rank(&path.segments));
        Some(Self { codec, paths })
    }

    /// The protocol of the service.
    pub fn codec(&self) -> RestCodec {
        self.codec
    }

    /// The operation that a request means.
    ///
    /// # Errors
    /// What the caller shall see: no operation has this path, or none has it with this method.
    pub fn find(&self, head: &RestHead<'_>) -> Result<Routed, ApiError> {
        let mut known = false;
        for path in &self.paths {
            let Some(labels) = matches(&path.segments, head.path()) else { continue };
            known = true;
            let fitting = path.routes.iter().filter(|route| route.fits(head));
            if let Some(route) = fitting.min_by_key(|route| route.rank(head)) {
                let decode = |(name, encoded): (&'static str, &str)| {
                    let decoded = percent::decode(encoded.as_bytes(), false)?;
                    Some((name, decoded.into_owned()))
                };
                let labels = labels.into_iter().map(decode).collect::<Option<Vec<_>>>();
                let labels =
                    labels.ok_or_else(|| ApiError::new(&INVALID_URI, "Couldn't parse the specified URI."))?;
                return Ok(Routed { operation: route.operation.name, labels });
            }
        }
        Err(match (self.codec, known) {
            (RestCodec::RestJson, _) => ApiError::new(&UNKNOWN_OPERATION, ""),
            (_, true) => ApiError::new(
                &METHOD_NOT_ALLOWED,
                "The specified method is not allowed against this resource.",
            ),
            (_, false) => ApiError::new(&UNKNOWN_OPERATION, "The requested URI is not known."),
        })
    }
}

impl Route {
    fn fits(&self, head: &RestHead<'_>) -> bool {
        let mut query = self.query.iter();
        self.operation.http_method == head.method()
            && query.all(|(name, value)| match (head.parameter(name), value) {
                (Some(found), Some(value)) => found == *value,
                (found, _) => found.is_some(),
            })
    }

    /// The least is the best: more of the query string in the URI, then less that is missing, then more that is
    /// demanded and there, then what is built.
    fn rank(&self, head: &RestHead<'_>) -> (Reverse<usize>, usize, Reverse<usize>, bool) {
        let selectors = self.operation.http.selectors;
        let is_missing = |selector: &&Location| match selector {
            Location::QueryString(name) => head.parameter(name).is_none(),
            Location::Header(name) => head.header_values(name).next().is_none(),
            _ => false,
        };
        let missing = selectors.iter().filter(is_missing).count();
        (Reverse(self.query.len()), missing, Reverse(selectors.len()), !self.built)
    }
}

/// A URI template, taken apart.
fn template(uri: &'static str) -> (Vec<Segment>, Vec<(&'static str, Option<&'static str>)>) {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let segment = |text: &'static str| match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(label) => label.strip_suffix('+').map_or(Segment::Label(label), Segment::Greedy),
        None => Segment::Literal(text),
    };
    let segments = path.split('/').filter(|text| !text.is_empty()).map(segment).collect();
    // SDKs send `x-id` for the reader of a log; nobody has to.
    let parameters = query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("x-id="));
    let pair = |pair: &'static str| match pair.split_once('=') {
        Some((name, value)) => (name, Some(value).filter(|value| !value.is_empty())),
        None => (pair, None),
    };
    (segments, parameters.map(pair).collect())
}

/// The labels of a path, still encoded, when it fits. One slash may follow the last segment.
fn matches<'p>(segments: &[Segment], path: &'p str) -> Option<Vec<(&'static str, &'p str)>> {
    let mut rest = path.strip_prefix('/').unwrap_or(path);
    let mut labels = Vec::new();
    for (index, segment) in segments.iter().enumerate() {
        let after = segments.len() - index - 1;
        let (text, tail) = match segment {
            Segment::Greedy(_) => {
                // As many slashes from the end as segments follow.
                let cut = rest.rmatch_indices('/').nth(after.checked_sub(1).unwrap_or(usize::MAX));
                match cut.filter(|_| after > 0) {
                    Some((at, _)) => (rest.get(..at)?, rest.get(at + 1..)?),
                    None if after == 0 => (rest, ""),
                    None => return None,
                }
            }
            _ => rest.split_once('/').unwrap_or((rest, "")),
        };
        match segment {
            Segment::Literal(literal) if text != *literal => return None,
            Segment::Literal(_) => {}
            Segment::Label(_) | Segment::Greedy(_) if text.is_empty() => return None,
            Segment::Label(name) | Segment::Greedy(name) => labels.push((*name, text)),
        }
        rest = tail;
    }
    rest.is_empty().then_some(labels)
}

static METHOD_NOT_ALLOWED: ErrorSchema =
    ErrorSchema { name: "MethodNotAllowed", query_code: None, http_status: 405, sender_fault: true };
static INVALID_URI: ErrorSchema =
    ErrorSchema { name: "InvalidURI", query_code: None, http_status: 400, sender_fault: true };
static UNKNOWN_OPERATION: ErrorSchema =
    ErrorSchema { name: "UnknownOperationException", query_code: None, http_status: 404, sender_fault: true };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_and_paths() {
        for (uri, path, expected) in [
            ("/", "/", Some(vec![])),
            ("/", "", Some(vec![])),
            ("/", "/a", None),
            ("/{Bucket}", "/a", Some(vec![("Bucket", "a")])),
            ("/{Bucket}", "/a/", Some(vec![("Bucket", "a")])),
            ("/{Bucket}", "//", None),
            ("/{Bucket}", "/a/b", None),
            ("/{Bucket}/{Key+}", "/a/", None),
            ("/{Bucket}/{Key+}", "/a//b/%2F/", Some(vec![("Bucket", "a"), ("Key", "/b/%2F/")])),
            ("/x/{A}/y", "/x/1/y", Some(vec![("A", "1")])),
            ("/x/{A}/y", "/x/1/z", None),
            ("/x/{A+}/y", "/x/1/2/y", Some(vec![("A", "1/2")])),
            ("/x/{A+}/y/{B}", "/x/1/2/y/3", Some(vec![("A", "1/2"), ("B", "3")])),
            ("/x/{A+}/y", "/x/y", None),
        ] {
            assert_eq!(matches(&template(uri).0, path), expected, "{uri} {path}");
        }
        let (_, query) = template("/{Bucket}?list-type=2&acl&x-id=Any");
        assert_eq!(query, [("list-type", Some("2")), ("acl", None)]);
    }
}
