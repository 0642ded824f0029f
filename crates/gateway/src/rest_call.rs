//! The life of a call to a service whose operations are methods and URIs: its head is judged before its body is asked
//! for, and bodies may stream.

use bytes::Bytes;
use garrison_kernel::{AnyOperation, AnyStructure, Context};
use garrison_schema::{ApiError, ByteStream, Reader as _};
use garrison_sigv4::{Body, SigError};
use garrison_wire::rest::{Refused, RequestBody, RestCodec, RestHead, Routed, Routes};
use http::request::Parts;
use hyper::body::{Body as _, Incoming};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;

use crate::authenticate::decoded_length;
use crate::call::{self, Call, Ids, Outcome, Peer};
use crate::checksum::{Checksums, InHeaders};
use crate::decode::Refused as Undecoded;
use crate::directory::Entry;
use crate::encode::{self, Answer};
use crate::gateway::Gateway;
use crate::head::Head;
use crate::limits::{self, Collected};
use crate::refusals;
use crate::rest::{self, Seen};
use crate::signature_errors::{api_error, family};
use crate::stream_in::{Draining, Expected, Proof, StreamIn};

/// The largest body that is streamed, in bytes. Source: Amazon S3 User Guide, "Uploading objects".
const MAX_STREAM: u64 = 5 << 30;

/// The place in the directory of the service that the request is for, when that is one with routes.
pub(crate) fn service_of(gateway: &Gateway, parts: &Parts) -> Option<usize> {
    // Most requests say at once that they are others.
    if !gateway.directory.has_routes() || parts.headers.contains_key("x-amz-target") {
        return None;
    }
    rest::service_of(&gateway.directory, &Head::new(parts), &gateway.options.hosts)
}

/// Serves one request to the service at this place.
pub(crate) async fn serve(
    gateway: &Gateway,
    parts: &Parts,
    service: usize,
    body: Incoming,
    peer: &Peer,
) -> Answer {
    let head = Head::new(parts);
    let ids = Ids::new(gateway);
    let is_waiting = head.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
    let body = Draining::new(body, is_waiting);
    let Some((service, routes)) = gateway.directory.entry(service).and_then(|e| Some((e, e.routes()?)))
    else {
        let error = garrison_kernel::errors::internal("a service without routes was found by its routes");
        return call::refuse_early(gateway, parts, &error);
    };
    let answer = Rest { gateway, head: &head, peer, ids, service, routes }.serve(body).await;
    call::with_decisions(gateway, ids, answer)
}

/// Refuses a request that the limits stop in the form of the service that it is for, when that is one with routes.
pub(crate) fn refuse_early(gateway: &Gateway, head: &Head<'_>, error: &ApiError, id: &str) -> Option<Answer> {
    let service = rest::service_of(&gateway.directory, head, &gateway.options.hosts)?;
    let service = gateway.directory.entry(service)?;
    let codec = service.routes()?.codec();
    let refused = Refused { request_id: id, resource: head.path(), is_head: head.method() == "HEAD" };
    Some(encode::streamed(codec.encode_error(Some(service.schema), error, &refused), id))
}

struct Rest<'a> {
    gateway: &'a Gateway,
    head: &'a Head<'a>,
    peer: &'a Peer,
    ids: Ids,
    service: &'a Entry,
    routes: &'a Routes,
}

impl Rest<'_> {
    async fn serve(&self, body: Draining<Incoming>) -> Answer {
        let Self { gateway, head, peer, ids, service, routes } = *self;
        let codec = routes.codec();
        let seen = Seen::of(head, codec);
        let headers = seen.headers();
        let bucket = (codec == RestCodec::S3).then(|| rest::bucket_of(head.host(), &gateway.options.hosts));
        let rest_head = RestHead::new(head.method(), head.path(), head.query(), &headers, bucket.flatten());
        let rest_head = match rest_head {
            Ok(rest_head) => rest_head,
            Err(error) => return self.refuse_unknown(codec.unreadable(error), head.path()),
        };
        let routed = match routes.find(&rest_head) {
            Ok(routed) => routed,
            Err(error) => return self.refuse_unknown(error, rest_head.path()),
        };
        let Some(operation) = service.operation(routed.operation) else {
            let error = garrison_kernel::errors::internal("a route leads to no operation");
            return self.refuse_unknown(error, rest_head.path());
        };
        let call = Call { gateway, head, peer, ids, service, operation };
        let request =
            Request { call: &call, codec, rest_head: &rest_head, routed: &routed, headers: &headers };
        let started = Instant::now();
        let outcome = request.run(body).await;
        call.count(&outcome, started);
        let id = encode::request_id(ids.request_id);
        let encoded = match outcome {
            Ok(output) => codec.encode_output(service.schema, operation.schema, output.as_write(), &id),
            Err(error) => {
                codec.encode_error(Some(service.schema), &error, &self.refused(rest_head.path(), &id))
            }
        };
        encode::streamed(encoded, &id)
    }

    fn refuse_unknown(&self, error: ApiError, resource: &str) -> Answer {
        let Self { gateway, head, peer, ids, service, routes } = *self;
        let error = call::refuse_unknown(gateway, head, peer, ids, Some(service.schema), "", error);
        let id = encode::request_id(ids.request_id);
        let refused = self.refused(resource, &id);
        encode::streamed(routes.codec().encode_error(Some(service.schema), &error, &refused), &id)
    }

    fn refused<'r>(&self, resource: &'r str, request_id: &'r str) -> Refused<'r> {
        Refused { request_id, resource, is_head: self.head.method() == "HEAD" }
    }
}

/// A request whose operation is known.
struct Request<'a> {
    call: &'a Call<'a>,
    codec: RestCodec,
    rest_head: &'a RestHead<'a>,
    routed: &'a Routed,
    /// As the operation sees them.
    headers: &'a [(&'a str, &'a [u8])],
}

/// Who calls, the body, and its share of the memory for bodies.
type Prepared = (Context, RequestBody, Option<OwnedSemaphorePermit>);

impl Request<'_> {
    async fn run(&self, body: Draining<Incoming>) -> Outcome {
        let call = self.call;
        let (cx, body, _memory) =
            if self.is_streamed() { self.stream(body).await } else { self.collect(body).await }?;
        let built = call.built(&cx)?;
        let input = self
            .decode(built, body)
            .map_err(|Undecoded { error, input }| call.refuse(&cx, input.as_deref(), error))?;
        built.dispatch(&call.gateway.kernel, &cx, &*input).await
    }

    /// Whether the operation reads its body while it comes in. A signature that covers the body, and does not say what
    /// its hash is, can be verified only when all of it is there.
    fn is_streamed(&self) -> bool {
        let operation = self.call.operation.schema;
        let stated = self.codec == RestCodec::S3
            || operation.unsigned
            || self.call.head.header("x-amz-content-sha256").is_some();
        stated && operation.streaming_input().is_some()
    }

    /// Judges the head, before the body is asked for.
    async fn stream(&self, body: Draining<Incoming>) -> Result<Prepared, ApiError> {
        let call = self.call;
        let (cx, proof) = call.authenticate(Body::Later).await?;
        call.built(&cx)?;
        let expected = self.expected(&body, proof).map_err(|error| call.refuse(&cx, None, error))?;
        let length = expected.length;
        let stream = ByteStream::new(StreamIn::new(body, expected), Some(length));
        Ok((cx, RequestBody::Stream(stream), None))
    }

    fn expected(&self, body: &Draining<Incoming>, proof: Proof) -> Result<Expected, ApiError> {
        let length = match &proof {
            Proof::Chunks(_) => decoded_length(self.call.head, family(self.call.service.schema))?,
            Proof::Nothing | Proof::Sha256(_) => {
                body.size_hint().exact().ok_or_else(refusals::missing_length)?
            }
        };
        if length > MAX_STREAM {
            return Err(refusals::entity_too_large());
        }
        let checksums = self.checksums(InHeaders::Operation)?;
        Ok(Expected { proof, checksums, length, timeout: self.call.gateway.options.limits.body_timeout })
    }

    /// Reads a body that is not streamed.
    async fn collect(&self, body: Draining<Incoming>) -> Result<Prepared, ApiError> {
        let call = self.call;
        let gateway = call.gateway;
        let collected = limits::collect(body, &gateway.options.limits, &gateway.body_memory).await?;
        let Collected { bytes, memory } = collected;
        let (cx, proof) = call.authenticate(Body::Bytes(&bytes)).await?;
        call.built(&cx)?;
        let body = self.verified(proof, bytes).map_err(|error| call.refuse(&cx, None, error))?;
        Ok((cx, RequestBody::Bytes(body), memory))
    }

    fn verified(&self, proof: Proof, body: Bytes) -> Result<Bytes, ApiError> {
        let family = family(self.call.service.schema);
        let is_xml = self.codec != RestCodec::RestJson;
        let (body, trailers) = proof
            .whole(body)
            .map_err(|error| if is_xml { error } else { api_error(&SigError::Mismatch, family) })?;
        let mut checksums = self.checksums(InHeaders::Here)?;
        checksums.update(&body);
        checksums.verify(&trailers)?;
        Ok(body)
    }

    /// What the head says of the body's checksums; only S3 and its control plane have such.
    fn checksums(&self, in_headers: InHeaders) -> Result<Checksums, ApiError> {
        if self.codec == RestCodec::RestJson {
            return Ok(Checksums::default());
        }
        Checksums::of(self.headers, self.call.operation.schema.http.checksum.as_ref(), in_headers)
    }

    fn decode(
        &self,
        built: &dyn AnyOperation,
        body: RequestBody,
    ) -> Result<Box<dyn AnyStructure>, Undecoded> {
        let mut reader = self.codec.reader(self.rest_head, self.routed, body);
        let input = built
            .read(&mut reader)
            .map_err(|error| Undecoded { error: self.codec.unreadable(error), input: None })?;
        match self.codec.check(input.as_write(), reader.issues()) {
            Ok(()) => Ok(input),
            Err(error) => Err(Undecoded { error, input: Some(input) }),
        }
    }
}
