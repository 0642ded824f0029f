//! Records to test with.

use bytes::Bytes;
use garrison_store::{AuditLog, AuditQuery, AuditRecord};
use garrison_types::Timestamp;

/// The account of [`record`].
pub const ACCOUNT: &str = "123456789012";
/// The region of [`record`].
pub const REGION: &str = "eu-central-1";

/// An event id made of a number.
pub fn event_id(n: u64) -> [u8; 16] {
    (u128::from(n) << 64 | 0x6761_7272_6973_6f6e).to_be_bytes()
}

/// Record number `n`, which happened at millisecond `n`.
pub fn record(n: u64) -> AuditRecord {
    AuditRecord {
        event_id: event_id(n),
        time: Timestamp::from_millis(i64::try_from(n).unwrap()),
        account: ACCOUNT.parse().unwrap(),
        region: REGION.parse().unwrap(),
        event_name: format!("Event{}", n % 5),
        event_source: if n.is_multiple_of(2) { "kms.amazonaws.com" } else { "sts.amazonaws.com" }.to_owned(),
        username: (!n.is_multiple_of(3)).then(|| format!("user{}", n % 7)),
        access_key_id: (!n.is_multiple_of(4)).then(|| format!("AKIA{}", n % 11)),
        read_only: n.is_multiple_of(2),
        resources: (0..n % 3)
            .map(|i| (format!("AWS::Test::Kind{i}"), format!("arn:aws:test:::thing/{}", n % 13)))
            .collect(),
        json: Bytes::from(format!(
            "{{\"n\":{n},\"é\":\"{}\"}}",
            "x".repeat(usize::try_from(n % 50).unwrap())
        )),
    }
}

/// Every record of [`record`]'s account and region.
pub fn everything(limit: usize) -> AuditQuery {
    AuditQuery {
        account: ACCOUNT.parse().unwrap(),
        region: REGION.parse().unwrap(),
        from: Timestamp::from_millis(i64::MIN),
        to: Timestamp::from_millis(i64::MAX),
        attribute: None,
        limit,
        after: None,
    }
}

/// Appends a record and waits until it is durable.
pub async fn append(log: &impl AuditLog, record: AuditRecord) {
    log.reserve(record.json.len()).unwrap().append(record).await.unwrap();
}

/// All pages of a query.
pub async fn all_pages(log: &impl AuditLog, mut query: AuditQuery) -> Vec<AuditRecord> {
    let mut records = Vec::new();
    loop {
        let page = log.lookup(&query).await.unwrap();
        assert!(page.records.len() <= query.limit);
        records.extend(page.records);
        match page.next {
            Some(next) => query.after = Some(next),
            None => return records,
        }
    }
}
