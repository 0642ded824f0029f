//! The life of a call: identify → authenticate → decode and validate → dispatch → encode.
//!
//! What is refused on the way is in the audit log, like what dispatch refuses.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use garrison_kernel::{AnyOperation, AnyStructure, Caller, Context, Principal, Source, Tls, errors};
use garrison_schema::{ApiError, ServiceSchema};
use garrison_sigv4::{Body, SigError};
use garrison_types::{Region, RequestId};
use garrison_wire::Codec;
use http::request::Parts;
use tokio::time::Instant;

use crate::authenticate::{Authenticated, Unauthenticated};
use crate::decode::{Refused, decode};
use crate::directory::{Entry, OperationEntry};
use crate::encode::{self, Answer};
use crate::gateway::Gateway;
use crate::head::Head;
use crate::identify::{Identified, Unidentified, identify};
use crate::rest_call;
use crate::signature_errors::{api_error, family};
use crate::stream_in::Proof;

/// The longest `User-Agent` that is kept.
const MAX_USER_AGENT: usize = 1024;
/// The longest `Host` that is kept.
const MAX_HOST: usize = 255;

/// The other end of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    pub(crate) ip: IpAddr,
    pub(crate) tls: Option<Tls>,
}

/// The ids that a call gets when it comes in.
#[derive(Clone, Copy)]
pub(crate) struct Ids {
    pub(crate) request_id: RequestId,
    event_id: RequestId,
}

impl Ids {
    pub(crate) fn new(gateway: &Gateway) -> Self {
        let [request_id, event_id] = gateway.kernel.new_ids();
        Self { request_id, event_id }
    }
}

/// Serves one request whose body is there.
pub(crate) async fn serve(gateway: &Gateway, parts: &Parts, body: Bytes, peer: &Peer) -> Answer {
    let head = Head::new(parts);
    let ids = Ids::new(gateway);
    let id = encode::request_id(ids.request_id);
    let answer = match identify(&gateway.directory, &head, &body) {
        Err(unidentified) => refuse_unidentified(gateway, &head, peer, ids, unidentified, &id),
        Ok(Identified { service, operation, codec, in_url }) => {
            let call = Call { gateway, head: &head, peer, ids, service, operation };
            let started = Instant::now();
            let outcome = call.run(codec, in_url, body).await;
            call.count(&outcome, started);
            match outcome {
                Ok(output) if operation.schema.event_output().is_some() => {
                    let output = output.as_write();
                    encode::streamed(codec.answer(service.schema, operation.schema, output, &id), &id)
                }
                Ok(output) => {
                    let output = output.as_write();
                    encode::answer(codec.encode_output(service.schema, operation.schema, output, &id), &id)
                }
                Err(error) => encode::answer(codec.encode_error(Some(service.schema), &error, &id), &id),
            }
        }
    };
    with_decisions(gateway, ids, answer)
}

/// Adds the traces of the call's decisions, where they are kept.
pub(crate) fn with_decisions(gateway: &Gateway, ids: Ids, mut answer: Answer) -> Answer {
    let decisions = gateway.kernel.decisions();
    if let Some(traces) = decisions.and_then(|decisions| decisions.take(ids.request_id)) {
        encode::add_decisions(&mut answer, traces);
    }
    answer
}

fn refuse_unidentified(
    gateway: &Gateway,
    head: &Head<'_>,
    peer: &Peer,
    ids: Ids,
    unidentified: Unidentified<'_>,
    id: &str,
) -> Answer {
    let Unidentified { codec, service, operation, error } = unidentified;
    let schema = service.map(|entry| entry.schema);
    let error = refuse_unknown(gateway, head, peer, ids, schema, &operation, error);
    encode::answer(codec.encode_error(schema, &error, id), id)
}

/// Refuses a request of which no operation is known: it is in the audit log, and counted.
pub(crate) fn refuse_unknown(
    gateway: &Gateway,
    head: &Head<'_>,
    peer: &Peer,
    ids: Ids,
    service: Option<&'static ServiceSchema>,
    operation: &str,
    error: ApiError,
) -> ApiError {
    let cx = context(gateway, head, peer, ids, nobody(None), None);
    let event_source = service.map_or("", |schema| schema.event_source);
    let error = gateway.kernel.refuse(&cx, event_source, operation, None, error);
    gateway.meters.refused(error.schema.name);
    error
}

/// A request whose operation is known.
pub(crate) struct Call<'a> {
    pub(crate) gateway: &'a Gateway,
    pub(crate) head: &'a Head<'a>,
    pub(crate) peer: &'a Peer,
    pub(crate) ids: Ids,
    pub(crate) service: &'a Entry,
    pub(crate) operation: &'a OperationEntry,
}

/// How a call ended.
pub(crate) type Outcome = Result<Box<dyn AnyStructure>, ApiError>;

impl Call<'_> {
    async fn run(&self, codec: Codec, in_url: bool, body: Bytes) -> Outcome {
        let (cx, proof) = self.authenticate(Body::Bytes(&body)).await?;
        let body = proof.whole(body).map_err(|_| {
            let error = api_error(&SigError::Mismatch, family(self.service.schema));
            self.refuse(&cx, None, error)
        });
        let (body, _) = body?;
        let built = self.built(&cx)?;
        let form = if in_url { self.head.query().as_bytes() } else { &body };
        let input = decode(built, codec, form)
            .map_err(|Refused { error, input }| self.refuse(&cx, input.as_deref(), error))?;
        built.dispatch(&self.gateway.kernel, &cx, &*input).await
    }

    /// Finds out who calls; what its body must still show comes with it.
    pub(crate) async fn authenticate(&self, body: Body<'_>) -> Result<(Context, Proof), ApiError> {
        let Self { gateway, service, operation, .. } = self;
        let now = gateway.kernel.clock().protocol_now();
        let authenticator = &gateway.authenticator;
        let authenticated =
            authenticator.authenticate(self.head, service.schema, operation.schema, now, body).await;
        match authenticated {
            Ok(Authenticated { caller, region, proof }) => Ok((self.context(caller, region), proof)),
            Err(Unauthenticated { error, access_key_id, region }) => {
                let cx = self.context(nobody(access_key_id), region);
                Err(self.refuse(&cx, None, error))
            }
        }
    }

    /// The operation's code.
    pub(crate) fn built(&self, cx: &Context) -> Result<&dyn AnyOperation, ApiError> {
        let built = self.service.built(self.operation);
        built.ok_or_else(|| self.refuse(cx, None, not_built(self.service, self.operation.schema.name)))
    }

    /// Writes a refusal to the audit log.
    pub(crate) fn refuse(&self, cx: &Context, input: Option<&dyn AnyStructure>, error: ApiError) -> ApiError {
        let Self { service, operation, .. } = self;
        let input = input.map(AnyStructure::as_write);
        self.gateway.kernel.refuse(cx, service.schema.event_source, operation.schema.name, input, error)
    }

    /// Counts the call.
    pub(crate) fn count(&self, outcome: &Outcome, started: Instant) {
        let error = outcome.as_ref().err().map(|error| error.schema.name);
        self.operation.meter.count(error, started.elapsed());
    }

    fn context(&self, caller: Caller, region: Option<Region>) -> Context {
        let region = region.map(|region| self.service.region(region));
        context(self.gateway, self.head, self.peer, self.ids, caller, region)
    }
}

fn context(
    gateway: &Gateway,
    head: &Head<'_>,
    peer: &Peer,
    ids: Ids,
    caller: Caller,
    region: Option<Region>,
) -> Context {
    let kernel = &gateway.kernel;
    Context {
        request_id: ids.request_id,
        event_id: ids.event_id,
        time: kernel.clock().now(),
        region: region.unwrap_or_else(|| kernel.settings().default_region.clone()),
        caller,
        source: Source {
            ip: Some(peer.ip),
            user_agent: bounded(head.header("user-agent").unwrap_or_default(), MAX_USER_AGENT),
            host: bounded(head.host(), MAX_HOST),
            tls: peer.tls.clone(),
        },
        via: None,
    }
}

fn nobody(access_key_id: Option<Arc<str>>) -> Caller {
    Caller::new(Principal::Anonymous, access_key_id)
}

fn not_built(service: &Entry, operation: &str) -> ApiError {
    let message =
        format!("Garrison does not have the operation {operation} of {} yet.", service.schema.full_name);
    ApiError::new(&errors::NOT_IMPLEMENTED, message)
}

fn bounded(text: &str, max: usize) -> String {
    text.get(..text.floor_char_boundary(max)).unwrap_or_default().to_owned()
}

/// Refuses a request that the limits stop: nobody is known, no operation, no audit record.
pub(crate) fn refuse_early(gateway: &Gateway, parts: &Parts, error: &ApiError) -> Answer {
    gateway.meters.refused(error.schema.name);
    let id = encode::request_id(gateway.kernel.new_id());
    let head = Head::new(parts);
    if let Some(answer) = rest_call::refuse_early(gateway, &head, error, &id) {
        return answer;
    }
    let codec: Codec = crate::identify::codec_of(&head);
    encode::answer(codec.encode_error(None, error, &id), &id)
}
