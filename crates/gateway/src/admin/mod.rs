//! The operator's paths: health, metrics and, in development mode, clock and reset.
//!
//! They answer peers on the loopback interface only, unless configured otherwise, and never a web page: a request
//! with an `Origin` comes from a browser that some site told to send it. Only the documents under `oidc/`, which hold public
//! keys, are for everybody.

mod duration;
mod process;

use std::time::Duration;

use async_trait::async_trait;
use garrison_crypto::secret::SecretMemory;
use garrison_kernel::Decisions;
use garrison_schema::ApiError;
use garrison_types::Timestamp;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;
use serde_json::{Value, json};

use crate::body::AnswerBody;
use crate::call::Peer;
use crate::encode::Answer;
use crate::gateway::Gateway;
use crate::limits;
use crate::meters::{self, Gauge};
use crate::options::Limits;

/// What all of these paths begin with.
pub(crate) const PREFIX: &str = "/_garrison/";

/// The largest body that is read here, in bytes.
const MAX_BODY: usize = 4096;

/// A part of Garrison, and whether it can serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartHealth {
    /// For example `store`.
    pub name: &'static str,
    /// Why it refuses, when it does.
    pub degraded: Option<String>,
}

/// Does what the operator's paths ask for; `garrison-server` implements it.
#[async_trait]
pub trait Operator: Send + Sync + 'static {
    /// The parts that every call needs.
    fn health(&self) -> Vec<PartHealth>;

    /// Numbers for the metrics page beside the front door's own.
    async fn gauges(&self) -> Vec<Gauge>;

    /// Moves resource time and returns once everything that fell due has been done. Gives the new time.
    ///
    /// # Errors
    /// Something that fell due could not be done, or the clock could not be kept.
    async fn advance(&self, by: Duration) -> Result<Timestamp, ApiError>;

    /// Removes everything that calls have made.
    ///
    /// # Errors
    /// The store refuses.
    async fn reset(&self) -> Result<(), ApiError>;

    /// A document that everybody may read, by its path under `oidc/`: what tokens that were issued here are verified with.
    /// None where there is no such.
    ///
    /// # Errors
    /// The store's.
    async fn open_id_document(&self, _path: &str) -> Result<Option<Value>, ApiError> {
        Ok(None)
    }
}

/// Answers a request to one of these paths.
pub(crate) async fn handle(gateway: &Gateway, peer: &Peer, request: Request<Incoming>) -> Answer {
    let public = request.uri().path().strip_prefix(PREFIX).and_then(|path| path.strip_prefix("oidc/"));
    if let (&Method::GET, Some(path)) = (request.method(), public) {
        return open_id(gateway, path).await;
    }
    if !gateway.options.admin_anywhere && !peer.ip.to_canonical().is_loopback() {
        return refusal(
            StatusCode::FORBIDDEN,
            "this path answers loopback peers only (see `admin-anywhere`)",
        );
    }
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().strip_prefix(PREFIX).unwrap_or_default();
    let changes = parts.method == Method::POST;
    match (&parts.method, path) {
        (&Method::GET, "health") => return health(gateway),
        (&Method::GET, "metrics") => return metrics(gateway).await,
        (&Method::GET, "clock") => return clock(gateway),
        (&Method::GET, "least-policies") => return least_policies(gateway),
        (&Method::POST, "clock" | "reset") => {}
        (_, "health" | "metrics" | "clock" | "least-policies" | "reset") => {
            return refusal(StatusCode::METHOD_NOT_ALLOWED, "this path does not take this method");
        }
        _ => {
            return refusal(
                StatusCode::NOT_FOUND,
                "no such path; there are health, metrics, clock, least-policies and reset",
            );
        }
    }
    if changes && !gateway.kernel.settings().development {
        return refusal(StatusCode::FORBIDDEN, "only development mode (`--dev`) does this");
    }
    if parts.headers.contains_key(http::header::ORIGIN) {
        return refusal(StatusCode::FORBIDDEN, "web pages may not do this");
    }
    let limits = Limits { body_bytes: MAX_BODY, ..gateway.options.limits.clone() };
    let body = match limits::collect(body, &limits, &gateway.body_memory).await {
        Ok(collected) => collected.bytes,
        Err(error) => return failure(&error),
    };
    match path {
        "clock" => advance(gateway, &body).await,
        _ => reset(gateway).await,
    }
}

/// The least policy of each principal that allows what it used.
fn least_policies(gateway: &Gateway) -> Answer {
    match gateway.kernel.decisions().and_then(Decisions::least_policies) {
        Some(policies) => answer(StatusCode::OK, &policies),
        None => refusal(StatusCode::NOT_FOUND, "what principals use is not recorded (see `record-usage`)"),
    }
}

fn health(gateway: &Gateway) -> Answer {
    let parts = gateway.operator.health();
    let ready = parts.iter().all(|part| part.degraded.is_none());
    let mut report = json!({
        "status": if ready { "ok" } else { "degraded" },
        "version": env!("CARGO_PKG_VERSION"),
        "mode": if gateway.kernel.settings().development { "development" } else { "normal" },
        "time": gateway.kernel.clock().now().to_string(),
        "services": services(gateway),
        "secretMemory": secret_memory(),
    });
    if let Some(report) = report.as_object_mut() {
        for PartHealth { name, degraded } in parts {
            let part = match degraded {
                None => json!({ "status": "ok" }),
                Some(reason) => json!({ "status": "degraded", "reason": reason }),
            };
            report.insert(name.to_owned(), part);
        }
    }
    answer(if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, &report)
}

fn services(gateway: &Gateway) -> Value {
    let describe = |entry: &crate::directory::Entry| {
        let all = entry.schema.operations;
        let built =
            all.iter().filter_map(|o| entry.operation(o.name)).filter(|o| entry.built(o).is_some()).count();
        (entry.schema.name.to_owned(), json!({ "operations": built, "inModel": all.len() }))
    };
    Value::Object(gateway.directory.entries().iter().map(describe).collect())
}

fn secret_memory() -> Value {
    let stats = SecretMemory::stats();
    json!({
        "strict": stats.policy.strict,
        "lockedPages": stats.locked_pages,
        "lockFailures": stats.lock_failures,
    })
}

async fn metrics(gateway: &Gateway) -> Answer {
    let mut gauges = gateway.operator.gauges().await;
    gauges.extend(process::gauges());
    let page = meters::page(&gateway.meters, gateway.directory.meters(), &gauges);
    let mut answer = Response::new(AnswerBody::full(page));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}

fn clock(gateway: &Gateway) -> Answer {
    answer(StatusCode::OK, &clock_report(gateway))
}

fn clock_report(gateway: &Gateway) -> Value {
    // The wall first: read the other way round, the offset would come out a little short.
    let wall = gateway.kernel.clock().protocol_now();
    let now = gateway.kernel.clock().now();
    json!({ "time": now.to_string(), "offsetSeconds": now.since(wall).as_secs() })
}

async fn open_id(gateway: &Gateway, path: &str) -> Answer {
    match gateway.operator.open_id_document(path).await {
        Ok(Some(document)) => answer(StatusCode::OK, &document),
        Ok(None) => refusal(StatusCode::NOT_FOUND, "no such document"),
        Err(error) => failure(&error),
    }
}

async fn advance(gateway: &Gateway, body: &[u8]) -> Answer {
    let request: Option<Value> = serde_json::from_slice(body).ok();
    let by = request.as_ref().and_then(|r| r.get("advance")?.as_str()).and_then(duration::parse);
    let Some(by) = by else {
        let how = r#"the body must be like {"advance":"30d"}; units are w, d, h, m and s, at most 100 years in all"#;
        return refusal(StatusCode::BAD_REQUEST, how);
    };
    match gateway.operator.advance(by).await {
        Ok(_) => answer(StatusCode::OK, &clock_report(gateway)),
        Err(error) => failure(&error),
    }
}

async fn reset(gateway: &Gateway) -> Answer {
    match gateway.operator.reset().await {
        Ok(()) => answer(StatusCode::OK, &json!({ "status": "ok" })),
        Err(error) => failure(&error),
    }
}

fn failure(error: &ApiError) -> Answer {
    tracing::error!(error = error.schema.name, internal = error.internal, "an operator's request failed");
    let status = StatusCode::from_u16(error.schema.http_status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    refusal(status, &error.message)
}

fn refusal(status: StatusCode, why: &str) -> Answer {
    answer(status, &json!({ "error": why }))
}

fn answer(status: StatusCode, report: &Value) -> Answer {
    let mut answer = Response::new(AnswerBody::full(format!("{report:#}\n")));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}
