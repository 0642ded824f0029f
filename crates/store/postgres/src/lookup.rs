//! Finding audit records, newest first.

use bytes::Bytes;
use garrison_store::{AuditAttribute, AuditPage, AuditQuery, AuditRecord, StoreError};
use garrison_types::Timestamp;
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use crate::audit::decode_resources;
use crate::error::store_error;
use crate::link::Session;

/// No page is longer.
const MAX_PAGE: usize = 1000;

/// The query for a condition. What it searches, `$i`, is the audit table `a` itself or the resources beside it.
macro_rules! select {
    ($from:literal, $i:literal, $condition:literal) => {
        concat!(
            "SELECT a.event_id, a.time, a.sequence, a.event_name, a.event_source, a.username, a.access_key_id, ",
            "a.read_only, a.resources, a.json FROM garrison_audit a ",
            $from,
            concat!(" WHERE ", $i, ".account = $1 AND ", $i, ".region = $2 AND ", $i, ".time >= $3"),
            concat!(" AND ", $i, ".time <= $4 AND (", $i, ".time, ", $i, ".sequence) < ($5, $6) AND "),
            $condition,
            concat!(" ORDER BY ", $i, ".time DESC, ", $i, ".sequence DESC LIMIT $8")
        )
    };
    (own, $condition:literal) => {
        select!("", "a", $condition)
    };
    (resources, $condition:literal) => {
        select!("JOIN garrison_audit_resources i ON i.event_id = a.event_id", "i", $condition)
    };
}

/// A page of records.
pub(crate) async fn page(session: &Session, query: &AuditQuery) -> Result<AuditPage, StoreError> {
    let (time, sequence) = match &query.after {
        Some(cursor) => decode_cursor(cursor).ok_or_else(|| {
            StoreError::Unavailable("the position to go on from is not one of this log's".to_owned())
        })?,
        None => (i64::MAX, i64::MAX),
    };
    let limit = query.limit.clamp(1, MAX_PAGE);
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX) + 1;
    let (text, value) = condition(query.attribute.as_ref());
    let (account, region) = (query.account.as_str().as_bytes(), query.region.as_str().as_bytes());
    let (from, to) = (query.from.as_millis(), query.to.as_millis());
    let parameters: [&(dyn ToSql + Sync); 8] =
        [&account, &region, &from, &to, &time, &sequence, &*value, &one_more];
    let found = async {
        let statement = session.statement(text).await?;
        session.client.query(&statement, &parameters).await
    };
    let rows = found.await.map_err(store_error)?;
    let damaged = || StoreError::Corrupt("an audit record is damaged".to_owned());
    let mut records = Vec::with_capacity(limit);
    let mut last = None;
    for row in rows.iter().take(limit) {
        records.push(record(query, row).ok_or_else(damaged)?);
        last = Some((row.get::<_, i64>(1), row.get::<_, i64>(2)));
    }
    let next = last.filter(|_| rows.len() > limit).map(encode_cursor);
    Ok(AuditPage { records, next })
}

/// The statement for an attribute and what its seventh parameter is.
fn condition(attribute: Option<&AuditAttribute>) -> (&'static str, Box<dyn ToSql + Sync + Send>) {
    let bytes = |text: &str| Box::new(text.as_bytes().to_vec());
    match attribute {
        None => (select!(own, "$7::BOOLEAN"), Box::new(true)),
        Some(AuditAttribute::AccessKeyId(text)) => (select!(own, "a.access_key_id = $7"), bytes(text)),
        Some(AuditAttribute::EventId(id)) => (select!(own, "a.event_id = $7"), Box::new(id.to_vec())),
        Some(AuditAttribute::EventName(text)) => (select!(own, "a.event_name = $7"), bytes(text)),
        Some(AuditAttribute::EventSource(text)) => (select!(own, "a.event_source = $7"), bytes(text)),
        Some(AuditAttribute::ReadOnly(yes)) => (select!(own, "a.read_only = $7"), Box::new(*yes)),
        Some(AuditAttribute::ResourceName(text)) => {
            (select!(resources, "i.is_name AND i.value = $7"), bytes(text))
        }
        Some(AuditAttribute::ResourceType(text)) => {
            (select!(resources, "NOT i.is_name AND i.value = $7"), bytes(text))
        }
        Some(AuditAttribute::Username(text)) => (select!(own, "a.username = $7"), bytes(text)),
    }
}

fn record(query: &AuditQuery, row: &Row) -> Option<AuditRecord> {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
    let optional = |bytes: Option<Vec<u8>>| bytes.map_or(Some(None), |bytes| text(bytes).map(Some));
    Some(AuditRecord {
        event_id: row.get::<_, &[u8]>(0).try_into().ok()?,
        time: Timestamp::from_millis(row.get(1)),
        account: query.account,
        region: query.region.clone(),
        event_name: text(row.get(3))?,
        event_source: text(row.get(4))?,
        username: optional(row.get(5))?,
        access_key_id: optional(row.get(6))?,
        read_only: row.get(7),
        resources: decode_resources(row.get(8))?,
        json: Bytes::from(row.get::<_, Vec<u8>>(9)),
    })
}

fn encode_cursor((time, sequence): (i64, i64)) -> Bytes {
    time.to_be_bytes().into_iter().chain(sequence.to_be_bytes()).collect()
}

fn decode_cursor(bytes: &[u8]) -> Option<(i64, i64)> {
    let (time, sequence) = bytes.split_first_chunk::<8>()?;
    Some((i64::from_be_bytes(*time), i64::from_be_bytes(sequence.try_into().ok()?)))
}
