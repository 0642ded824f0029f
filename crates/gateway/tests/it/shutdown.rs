//! The end: what was accepted is finished.

use std::time::Duration;

use garrison_gateway::Limits;
use garrison_store::{AuditAttribute, AuditQuery};
use garrison_testkit::{ACCOUNT, KEY, REGION, Version};
use garrison_types::Timestamp;
use tokio::net::TcpStream;

use crate::fakes::{JSON, World};

const WAIT: &[u8] = br#"{"NextToken":"wait"}"#;

#[tokio::test]
async fn shutdown_finishes_what_was_accepted() {
    for version in [Version::One, Version::Two] {
        let World { mut server, entered, gate } = World::start().await;
        let address = server.address;
        let mut client = server.client(version).await;
        let waiting = tokio::spawn(async move { client.call(KEY, "cloudtrail", &JSON, WAIT).await });
        entered.acquire().await.unwrap().forget();
        let ended = server.stop();
        // The listener closes at once; the call goes on.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        gate.add_permits(1);
        assert_eq!(waiting.await.unwrap().json()["NextToken"], "wait");
        assert_eq!(ended.await.unwrap(), 0);
    }
}

#[tokio::test]
async fn shutdown_does_not_wait_for_ever() {
    let limits = Limits { drain_timeout: Duration::from_millis(50), ..Limits::default() };
    let World { mut server, entered, gate } = World::with(limits, None).await;
    let mut client = server.client(Version::One).await;
    let waiting = tokio::spawn(async move { client.call(KEY, "cloudtrail", &JSON, WAIT).await });
    entered.acquire().await.unwrap().forget();
    assert_eq!(server.stop().await.unwrap(), 1, "one request was cut off");
    waiting.abort();
    drop(gate);
}

#[tokio::test]
async fn a_call_whose_client_is_gone_is_finished_and_audited() {
    let World { mut server, entered, gate } = World::start().await;
    let kernel = server.world.kernel.clone();
    let mut client = server.client(Version::One).await;
    let waiting = tokio::spawn(async move { client.call(KEY, "cloudtrail", &JSON, WAIT).await });
    entered.acquire().await.unwrap().forget();
    waiting.abort();
    assert!(waiting.await.unwrap_err().is_cancelled());
    let ended = server.stop();
    gate.add_permits(1);
    assert_eq!(ended.await.unwrap(), 0);
    let query = AuditQuery {
        account: ACCOUNT.parse().unwrap(),
        region: REGION.parse().unwrap(),
        from: Timestamp::from_seconds(0),
        to: kernel.clock().now(),
        attribute: Some(AuditAttribute::EventName("LookupEvents".to_owned())),
        limit: 10,
        after: None,
    };
    let page = kernel.audit().lookup(&query).await.unwrap();
    assert_eq!(page.records.len(), 1);
}
