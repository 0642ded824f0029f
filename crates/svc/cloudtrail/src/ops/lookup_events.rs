//! `LookupEvents`: the calls of the last 90 days in one account and region, newest first.
//!
//! Source: AWS CloudTrail API Reference, "LookupEvents", "LookupAttribute", "Event".

use garrison_api_cloudtrail::errors;
use garrison_api_cloudtrail::operations::LookupEvents;
use garrison_api_cloudtrail::types::{
    Event, LookupAttribute, LookupAttributeKey, LookupEventsRequest, LookupEventsResponse, Resource,
};
use garrison_kernel::{Access, Check, Context, Handler, Reply, Resolved, errors as common};
use garrison_schema::ApiError;
use garrison_store::{AuditAttribute, AuditQuery, AuditRecord};
use garrison_types::{RequestId, Timestamp};
use std::time::Duration;

use crate::service::CloudTrail;
use crate::token;

/// How far back events are found.
const HISTORY: Duration = Duration::from_secs(90 * 86_400);
/// The most events of a page, and how many there are when the caller does not say.
const MAX_RESULTS: i32 = 50;

impl Handler<CloudTrail> for LookupEvents {
    const ACCESS: Access = Access::read("cloudtrail:LookupEvents");
    type Target = ();

    async fn resolve(_: &CloudTrail, _: &Context, _: &LookupEventsRequest) -> Result<Resolved<()>, ApiError> {
        Ok(Resolved::new((), Check::any().unnamed()))
    }

    async fn execute(
        service: &CloudTrail,
        cx: &Context,
        input: &LookupEventsRequest,
        (): &(),
    ) -> Result<Reply<LookupEventsResponse>, ApiError> {
        let (from, to) = time_range(input, cx.time)?;
        let limit = page_size(input)?;
        let attribute = attribute(input)?;
        let query_text = query_text(cx, input);
        let after = match &input.next_token {
            None => None,
            Some(text) => Some(token::read(&query_text, text).ok_or_else(invalid_token)?),
        };
        // There are no Insights events, and no event has an id that is not one.
        if input.event_category.is_some() || matches!(attribute, Wanted::Nothing) {
            return Ok(Reply::new(LookupEventsResponse { events: Some(Vec::new()), next_token: None }));
        }
        let attribute = match attribute {
            Wanted::All | Wanted::Nothing => None,
            Wanted::With(attribute) => Some(attribute),
        };
        let query = AuditQuery {
            account: cx.account(),
            region: cx.region.clone(),
            from,
            to,
            attribute,
            limit,
            after,
        };
        let page = service.kernel().audit().lookup(&query).await.map_err(|error| common::store(&error))?;
        Ok(Reply::new(LookupEventsResponse {
            events: Some(page.records.into_iter().map(event).collect()),
            next_token: page.next.map(|position| token::make(&query_text, &position)),
        }))
    }
}

/// Which events are wanted.
enum Wanted {
    All,
    With(AuditAttribute),
    Nothing,
}

fn time_range(input: &LookupEventsRequest, now: Timestamp) -> Result<(Timestamp, Timestamp), ApiError> {
    let oldest = now - HISTORY;
    let from = input.start_time.unwrap_or(oldest);
    let to = input.end_time.unwrap_or(now);
    if from > to {
        let message = "The start time must be before the end time.";
        return Err(errors::invalid_time_range_exception(message));
    }
    Ok((from.max(oldest), to))
}

fn page_size(input: &LookupEventsRequest) -> Result<usize, ApiError> {
    let wanted = input.max_results.unwrap_or(MAX_RESULTS);
    match usize::try_from(wanted) {
        Ok(size) if (1..=MAX_RESULTS).contains(&wanted) => Ok(size),
        _ => Err(errors::invalid_max_results_exception(format!(
            "MaxResults must be between 1 and {MAX_RESULTS}."
        ))),
    }
}

fn attribute(input: &LookupEventsRequest) -> Result<Wanted, ApiError> {
    let attributes = input.lookup_attributes.as_deref().unwrap_or_default();
    let LookupAttribute { attribute_key, attribute_value } = match attributes {
        [] => return Ok(Wanted::All),
        [one] => one,
        _ => {
            let message = "You can specify only one lookup attribute.";
            return Err(errors::invalid_lookup_attributes_exception(message));
        }
    };
    let value = attribute_value.clone();
    Ok(Wanted::With(match attribute_key {
        LookupAttributeKey::AccessKeyId => AuditAttribute::AccessKeyId(value),
        LookupAttributeKey::EventId => match uuid(&value) {
            Some(id) => AuditAttribute::EventId(id),
            None => return Ok(Wanted::Nothing),
        },
        LookupAttributeKey::EventName => AuditAttribute::EventName(value),
        LookupAttributeKey::EventSource => AuditAttribute::EventSource(value),
        LookupAttributeKey::ReadOnly => match value.as_str() {
            "true" => AuditAttribute::ReadOnly(true),
            "false" => AuditAttribute::ReadOnly(false),
            _ => {
                let message = "The value of the lookup attribute ReadOnly must be true or false.";
                return Err(errors::invalid_lookup_attributes_exception(message));
            }
        },
        LookupAttributeKey::ResourceName => AuditAttribute::ResourceName(value),
        LookupAttributeKey::ResourceType => AuditAttribute::ResourceType(value),
        LookupAttributeKey::Username => AuditAttribute::Username(value),
        LookupAttributeKey::Unknown(key) => {
            let message = format!("`{key}` is not a lookup attribute.");
            return Err(errors::invalid_lookup_attributes_exception(message));
        }
    }))
}

/// What tells one query from another: everything but the page's size and place.
fn query_text(cx: &Context, input: &LookupEventsRequest) -> String {
    let LookupEventsRequest { lookup_attributes, start_time, end_time, event_category, .. } = input;
    let (account, region) = (cx.account(), &cx.region);
    format!("{account} {region} {lookup_attributes:?} {start_time:?} {end_time:?} {event_category:?}")
}

fn invalid_token() -> ApiError {
    errors::invalid_next_token_exception(
        "The token is not valid, or belongs to a lookup with other parameters.",
    )
}

/// The bytes of a UUID in its usual form (RFC 9562 §4), in either case.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let hyphens = text.len() == 36 && text.match_indices('-').map(|(at, _)| at).eq([8, 13, 18, 23]);
    let digits: Vec<u8> =
        text.chars().filter_map(|c| c.to_digit(16)).filter_map(|d| u8::try_from(d).ok()).collect();
    let bytes: Vec<u8> =
        digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte, d| byte << 4 | d)).collect();
    hyphens.then_some(bytes)?.try_into().ok()
}

fn event(record: AuditRecord) -> Event {
    let resource =
        |(kind, name): (String, String)| Resource { resource_type: Some(kind), resource_name: Some(name) };
    Event {
        // Setting the version's bits again changes nothing: every event id has them.
        event_id: Some(RequestId::from_random(record.event_id).to_string()),
        event_name: Some(record.event_name),
        read_only: Some(record.read_only.to_string()),
        access_key_id: record.access_key_id,
        event_time: Some(Timestamp::from_seconds(record.time.as_seconds())),
        event_source: Some(record.event_source),
        username: record.username,
        resources: Some(record.resources.into_iter().map(resource).collect()),
        cloud_trail_event: Some(String::from_utf8_lossy(&record.json).into_owned()),
    }
}
