//! A full disk: a small tmpfs, mounted in a namespace of a child process of its own.

use std::path::Path;
use std::process::Command;

use garrison_store::{AuditLog, CommitError, Health, Key, KeyRange, Store, StoreError, WriteSet};
use garrison_store_sqlite::{Embedded, Options};
use garrison_store_suite::samples::{all_pages, append, everything, record};

fn options() -> Options {
    Options { segment_bytes: 256 << 10, ..Options::default() }
}

/// Runs the ignored test `name` of this binary with a tmpfs of so many KiB on the folder `FULL_FOLDER`.
fn in_tmpfs(name: &str, kilobytes: u32) {
    let folder = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size={kilobytes}k tmpfs \"$FULL_FOLDER\"");
    let unshare = |script: &str| {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount", "sh", "-c", script]);
        command.env("FULL_FOLDER", folder.path());
        command
    };
    let possible = unshare(&mount).output();
    if !possible.as_ref().is_ok_and(|output| output.status.success()) {
        let required = std::env::var_os("GARRISON_REQUIRE_TMPFS").is_some();
        assert!(!required, "no tmpfs in a namespace: {possible:?}");
        eprintln!("SKIPPED: this machine lets nobody mount a tmpfs in a user namespace: {possible:?}");
        return;
    }
    let this = std::env::current_exe().unwrap();
    let run = format!("{mount} && exec \"{}\" --exact full::{name} --ignored --nocapture", this.display());
    let output = unshare(&run).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn a_full_disk_refuses_audit_records_and_service_resumes() {
    in_tmpfs("inner_audit", 6 << 10);
}

#[test]
fn a_full_disk_refuses_commits_and_service_resumes() {
    in_tmpfs("inner_commits", 6 << 10);
}

#[test]
fn a_full_folder_opens_again() {
    in_tmpfs("inner_reopen", 6 << 10);
}

fn folder() -> std::path::PathBuf {
    std::path::PathBuf::from(std::env::var_os("FULL_FOLDER").expect("run by the test above"))
}

/// Fills the file system to the last byte; returns the file that does.
fn fill(folder: &Path) -> std::path::PathBuf {
    use std::io::Write;
    let path = folder.join("filler");
    let mut file = std::fs::File::create(&path).unwrap();
    while file.write_all(&[1; 4096]).is_ok() {}
    path
}

/// Appends until the log refuses; returns how many it took.
async fn append_until_refused(store: &Embedded, from: u64) -> (u64, String) {
    for n in from.. {
        match store.reserve(1000) {
            Ok(room) => room.append(record(n)).await.expect("reserved room is there"),
            Err(refused) => return (n, refused.to_string()),
        }
    }
    panic!("the disk is never full")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run in a tmpfs by the test above"]
async fn inner_audit() {
    let folder = folder();
    let store = Embedded::open(&folder.join("data"), &options()).unwrap();
    append(&store, record(0)).await;
    let filler = fill(&folder);
    let (taken, reason) = append_until_refused(&store, 1).await;
    assert!(reason.contains("no space left on device"), "{reason}");
    assert!(taken > 500, "the room that was set aside is used first: {taken}");
    assert!(matches!(AuditLog::health(&store), Health::Degraded(reason) if reason.contains("no space left")));
    // A change is refused as well: its record would have no room.
    let mut writes = WriteSet::new();
    writes.put(Key::of(&["k"]), "v");
    writes.audit.push(record(1_000_000));
    let refused = store.commit(writes.clone()).await;
    assert!(matches!(&refused, Err(CommitError::Store(StoreError::Full(_)))), "{refused:?}");
    assert_eq!(all_pages(&store, everything(500)).await.len() as u64, taken, "reading goes on");
    std::fs::remove_file(filler).unwrap();
    while store.reserve(1000).is_err() {
        tokio::task::yield_now().await;
    }
    assert_eq!(AuditLog::health(&store), Health::Ok);
    store.commit(writes).await.unwrap();
    append(&store, record(taken)).await;
    drop(store);
    let store = Embedded::open(&folder.join("data"), &options()).unwrap();
    assert_eq!(
        all_pages(&store, everything(500)).await.len() as u64,
        taken + 2,
        "nothing acknowledged is lost"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run in a tmpfs by the test above"]
async fn inner_commits() {
    let folder = folder();
    let store = Embedded::open(&folder.join("data"), &options()).unwrap();
    let put = |n: u32| {
        let mut writes = WriteSet::new();
        writes.put(Key::of(&["f", &format!("{n:05}")]), vec![7; 3000]);
        writes
    };
    store.commit(put(0)).await.unwrap();
    let filler = fill(&folder);
    let mut refused = 1;
    let error = loop {
        match store.commit(put(refused)).await {
            Ok(_) => refused += 1,
            Err(error) => break error,
        }
        assert!(refused < 100_000);
    };
    assert!(matches!(&error, CommitError::Store(StoreError::Full(_))), "{error:?}");
    assert!(error.to_string().contains("no space left on device"), "{error}");
    assert!(matches!(Store::health(&store), Health::Degraded(_)));
    let range = KeyRange::under(&["f"]);
    assert_eq!(store.scan(&range, 10_000).await.unwrap().0.len(), usize::try_from(refused).unwrap());
    std::fs::remove_file(filler).unwrap();
    while Store::health(&store) != Health::Ok {
        tokio::task::yield_now().await;
    }
    store.commit(put(refused)).await.unwrap();
    drop(store);
    let store = Embedded::open(&folder.join("data"), &options()).unwrap();
    assert_eq!(store.scan(&range, 10_000).await.unwrap().0.len(), usize::try_from(refused + 1).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run in a tmpfs by the test above"]
async fn inner_reopen() {
    let folder = folder();
    let store = Embedded::open(&folder.join("data"), &options()).unwrap();
    let mut writes = WriteSet::new();
    writes.put(Key::of(&["k"]), "v");
    writes.audit.push(record(0));
    store.commit(writes).await.unwrap();
    fill(&folder);
    append_until_refused(&store, 1).await;
    drop(store);
    fill(&folder);
    let store = Embedded::open(&folder.join("data"), &options()).unwrap();
    assert_eq!(store.get(&Key::of(&["k"])).await.unwrap().unwrap().value.as_ref(), b"v");
    assert!(!all_pages(&store, everything(10)).await.is_empty());
}
