//! The life of a call: identify → authenticate → decode and validate → dispatch → encode.
//!
//! What is refused on the way is in the audit log, like what dispatch refuses.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use garrison_kernel::{AnyStructure, Caller, Context, Principal, Source, Tls, errors};
use garrison_schema::ApiError;
use garrison_types::{Region, RequestId};
use garrison_wire::{Codec, Encoded};
use http::request::Parts;
use tokio::time::Instant;

use crate::authenticate::{Authenticated, Unauthenticated};
use crate::decode::{Refused, decode};
use crate::directory::Entry;
use crate::encode::{self, Answer};
use crate::gateway::Gateway;
use crate::head::Head;
use crate::identify::{Identified, Unidentified, identify};

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
struct Ids {
    request_id: RequestId,
    event_id: RequestId,
}

/// Serves one request whose body is there.
pub(crate) async fn serve(gateway: &Gateway, parts: &Parts, body: Bytes, peer: &Peer) -> Answer {
    let started = Instant::now();
    let head = Head::new(parts);
    let [request_id, event_id] = gateway.kernel.new_ids();
    let ids = Ids { request_id, event_id };
    let (encoded, id) = match identify(&gateway.directory, &head, &body) {
        Err(unidentified) => refuse_unidentified(gateway, &head, peer, ids, unidentified),
        Ok(identified) => {
            let call = Call { gateway, head: &head, peer, ids, identified: &identified };
            let outcome = call.run(body).await;
            let error = outcome.as_ref().err().map(|error| error.schema.name);
            let id = encode::request_id(request_id);
            let encoded = call.encode(outcome, &id);
            identified.operation.meter.count(error, started.elapsed());
            (encoded, id)
        }
    };
    let mut answer = encode::answer(encoded, &id);
    if let Some(traces) = gateway.kernel.decisions().and_then(|decisions| decisions.take(request_id)) {
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
) -> (Encoded, String) {
    let Unidentified { codec, service, operation, error } = unidentified;
    let schema = service.map(|entry| entry.schema);
    let cx = context(gateway, head, peer, ids, nobody(None), None);
    let event_source = schema.map_or("", |schema| schema.event_source);
    let error = gateway.kernel.refuse(&cx, event_source, &operation, None, error);
    gateway.meters.refused(error.schema.name);
    let id = encode::request_id(ids.request_id);
    (codec.encode_error(schema, &error, &id), id)
}

struct Call<'a> {
    gateway: &'a Gateway,
    head: &'a Head<'a>,
    peer: &'a Peer,
    ids: Ids,
    identified: &'a Identified<'a>,
}

impl Call<'_> {
    async fn run(&self, body: Bytes) -> Result<Box<dyn AnyStructure>, ApiError> {
        let Self { gateway, identified, .. } = self;
        let Identified { service, operation, codec, in_url } = identified;
        let authenticated = gateway
            .authenticator
            .authenticate(
                self.head,
                service.schema,
                operation.schema,
                gateway.kernel.clock().protocol_now(),
                body,
                gateway.options.limits.body_bytes,
            )
            .await;
        let Authenticated { caller, region, body } = match authenticated {
            Ok(authenticated) => authenticated,
            Err(Unauthenticated { error, access_key_id, region }) => {
                let cx = self.context(nobody(access_key_id), region);
                return Err(self.refuse(&cx, None, error));
            }
        };
        let cx = self.context(caller, region);
        let Some(built) = service.built(operation) else {
            return Err(self.refuse(&cx, None, not_built(service, operation.schema.name)));
        };
        let form = if *in_url { self.head.query().as_bytes() } else { &body };
        let input = decode(built, *codec, form)
            .map_err(|Refused { error, input }| self.refuse(&cx, input.as_deref(), error))?;
        built.dispatch(&gateway.kernel, &cx, &*input).await
    }

    fn refuse(&self, cx: &Context, input: Option<&dyn AnyStructure>, error: ApiError) -> ApiError {
        let Identified { service, operation, .. } = self.identified;
        let input = input.map(AnyStructure::as_write);
        self.gateway.kernel.refuse(cx, service.schema.event_source, operation.schema.name, input, error)
    }

    fn encode(&self, outcome: Result<Box<dyn AnyStructure>, ApiError>, id: &str) -> Encoded {
        let Identified { service, operation, codec, .. } = self.identified;
        match outcome {
            Ok(output) => codec.encode_output(service.schema, operation.schema, output.as_write(), id),
            Err(error) => codec.encode_error(Some(service.schema), &error, id),
        }
    }

    fn context(&self, caller: Caller, region: Option<Region>) -> Context {
        let region = region.map(|region| self.identified.service.region(region));
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
    let codec: Codec = crate::identify::codec_of(&Head::new(parts));
    encode::answer(codec.encode_error(None, error, &id), &id)
}
