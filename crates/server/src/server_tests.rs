//! Starting, ending, starting again.

use std::collections::BTreeMap;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use garrison_store::{AuditAttribute, AuditQuery, Health};
use garrison_types::Timestamp;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::config::{RootOfTrust, Storage, Tls};
use crate::offline::{self, RootKeys};

fn config(home: &Path, development: bool) -> Config {
    Config {
        development,
        storage: Storage::Folder(home.join("data")),
        root: RootOfTrust::KeyFile(None),
        listen: "127.0.0.1:0".to_owned(),
        tls: Tls::Off,
        region: "eu-central-1".parse().unwrap(),
        account: Some("111122223333".parse().unwrap()),
        limits: garrison_gateway::Limits::default(),
        admin_anywhere: false,
        decisions: None,
        kms_max_direct_plaintext: 4096,
        kms_key_cache: 100,
        kms_attestation_roots: Vec::new(),
        preview_s3: true,
        sts_issuers: Vec::new(),
        request_quotas: BTreeMap::new(),
        threads: None,
        strict_memory: false,
    }
}

async fn end(server: Server) {
    server.run(std::future::ready(())).await.unwrap();
}

/// Sends a request to one of the operator's paths; gives the whole answer.
async fn post(address: SocketAddr, path: &str, body: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let request = format!(
        "POST /_garrison/{path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_makes_a_key_and_later_ones_know_it() {
    let home = tempfile::tempdir().unwrap();
    let config = config(home.path(), false);
    let first = Server::open(config.clone()).await.unwrap();
    let issued = first.issued_key().unwrap();
    assert_eq!(issued.account.as_str(), "111122223333");
    let id = issued.id.clone();
    assert_eq!(first.kernel.store().health(), Health::Ok);
    end(first).await;
    let second = Server::open(config.clone()).await.unwrap();
    assert!(second.issued_key().is_none(), "shown once");
    assert!(Server::open(config.clone()).await.is_err(), "the folder is in use");
    end(second).await;
    let keys = RootKeys::open(&config).await.unwrap();
    assert_eq!(keys.list().await.unwrap()[0].id, id);
    let another = keys.create(None).await.unwrap();
    assert_eq!(another.account.as_str(), "111122223333");
    assert_eq!(keys.list().await.unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_to_root_keys_is_in_the_audit_log() {
    let home = tempfile::tempdir().unwrap();
    let config = config(home.path(), false);
    let first = Server::open(config.clone()).await.unwrap();
    let account = first.issued_key().unwrap().account;
    let id = first.issued_key().unwrap().id.clone();
    end(first).await;
    let keys = RootKeys::open(&config).await.unwrap();
    keys.create(None).await.unwrap();
    keys.deactivate(&id).await.unwrap();
    assert!(keys.deactivate("AKIANOBODYSKEY").await.is_err());
    drop(keys);

    let Opened { audit, .. } = storage::open(&config).await.unwrap();
    let query = AuditQuery {
        account,
        region: "us-east-1".parse().unwrap(),
        from: Timestamp::from_seconds(0),
        to: Timestamp::from_seconds(i64::from(u32::MAX)),
        attribute: None,
        limit: 10,
        after: None,
    };
    let page = audit.lookup(&query).await.unwrap();
    let told: Vec<_> = page.records.iter().map(|record| record.event_name.as_str()).collect();
    assert_eq!(told, ["UpdateAccessKey", "CreateAccessKey", "CreateAccessKey"]);
    let of_first = AuditQuery { attribute: Some(AuditAttribute::ResourceName(id.clone())), ..query };
    let page = audit.lookup(&of_first).await.unwrap();
    let json = |at: usize| serde_json::from_slice::<serde_json::Value>(&page.records[at].json).unwrap();
    assert_eq!(page.records.len(), 2);
    assert_eq!(json(0)["serviceEventDetails"]["status"], "Inactive");
    assert_eq!(json(0)["userIdentity"]["invokedBy"], "garrison root-key");
    assert_eq!(json(1)["userIdentity"]["invokedBy"], "garrison serve");
    assert_eq!(json(1)["serviceEventDetails"]["accessKeyId"], id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_opens_with_its_own_root_key_only() {
    let home = tempfile::tempdir().unwrap();
    let config = config(home.path(), false);
    end(Server::open(config.clone()).await.unwrap()).await;
    let key = home.path().join("data.root-key");
    let kept = home.path().join("kept");
    std::fs::rename(&key, &kept).unwrap();
    assert!(
        matches!(Server::open(config.clone()).await, Err(Error::File { .. })),
        "none is made in its place"
    );
    let other = tempfile::tempdir().unwrap();
    end(Server::open(self::config(other.path(), false)).await.unwrap()).await;
    std::fs::copy(other.path().join("data.root-key"), &key).unwrap();
    assert!(matches!(Server::open(config.clone()).await, Err(Error::Sealed(_))));
    std::fs::rename(&kept, &key).unwrap();
    end(Server::open(config).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn time_and_foundation_outlive_a_restart_and_a_reset() {
    let home = tempfile::tempdir().unwrap();
    let config = config(home.path(), true);
    let server = Server::open(config.clone()).await.unwrap();
    assert!(server.issued_key().is_none(), "development mode issues no key");
    let address = server.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async { drop(stopped.await) }));
    let moved = post(address, "clock", r#"{"advance":"30d"}"#).await;
    assert!(moved.contains(r#""offsetSeconds": 2592000"#), "{moved}");
    let emptied = post(address, "reset", "").await;
    assert!(emptied.starts_with("HTTP/1.1 200 "), "{emptied}");
    drop(stop);
    running.await.unwrap().unwrap();
    let again = Server::open(config).await.unwrap();
    let clock = again.kernel.clock();
    let wall = clock.protocol_now();
    assert!(clock.now().since(wall) >= Duration::from_secs(30 * 86_400));
    end(again).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_running_server_is_restored_elsewhere() {
    let home = tempfile::tempdir().unwrap();
    let config = config(home.path(), false);
    let server = Server::open(config.clone()).await.unwrap();
    let id = server.issued_key().unwrap().id.clone();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let socket = home.path().join("data/control.sock");
    let running = tokio::spawn(server.run(async { drop(stopped.await) }));
    while !socket.exists() {
        tokio::task::yield_now().await;
    }
    let to = home.path().join("backup");
    // The client waits as a program of its own would.
    let asked = {
        let (data, to) = (home.path().join("data"), to.clone());
        tokio::task::spawn_blocking(move || control::request_backup(&data, &to)).await.unwrap()
    };
    asked.unwrap().unwrap();
    assert!(offline::backup(&config, &to).await.is_err(), "the folder is not empty any more");
    drop(stop);
    running.await.unwrap().unwrap();
    assert!(!socket.exists());
    let other = tempfile::tempdir().unwrap();
    let elsewhere = self::config(other.path(), false);
    let refused = offline::restore(&elsewhere, &to).await;
    assert!(refused.is_err(), "without the root key the copy is of no use");
    std::fs::copy(home.path().join("data.root-key"), other.path().join("data.root-key")).unwrap();
    assert!(offline::restore(&elsewhere, &to).await.is_err(), "the folder is not empty");
    std::fs::remove_dir_all(other.path().join("data")).unwrap();
    // What a backup's files look like depends on who copied them to and fro.
    std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o755)).unwrap();
    std::fs::set_permissions(to.join("records.db"), std::fs::Permissions::from_mode(0o644)).unwrap();
    offline::restore(&elsewhere, &to).await.unwrap();
    assert_private(&other.path().join("data"));
    assert_eq!(RootKeys::open(&elsewhere).await.unwrap().list().await.unwrap()[0].id, id);
}

/// Nobody but its owner gets at a folder or anything in it.
fn assert_private(path: &Path) {
    let metadata = std::fs::symlink_metadata(path).unwrap();
    assert_eq!(metadata.mode() & 0o077, 0, "{} has the mode {:o}", path.display(), metadata.mode());
    if metadata.is_dir() {
        std::fs::read_dir(path).unwrap().for_each(|entry| assert_private(&entry.unwrap().path()));
    }
}

#[test]
fn a_host_is_told_from_its_port() {
    for (address, host) in [("127.0.0.1:80", "127.0.0.1"), ("[::1]:80", "::1"), ("name:0", "name")] {
        assert_eq!(host_of(address), host);
    }
}
