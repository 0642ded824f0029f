//! Who may open a data folder, what it holds, and what stays in its files.

use std::path::Path;

use garrison_store::{CommitError, Health, Key, Store, StoreError, WriteSet};
use garrison_store_sqlite::{Embedded, Options};
use garrison_store_suite::samples::{all_pages, append, everything, record};
use garrison_types::Timestamp;

fn options() -> Options {
    Options { segment_bytes: 64 << 10, ..Options::default() }
}

fn refusal(path: &Path) -> String {
    match Embedded::open(path, &options()) {
        Ok(_) => panic!("the folder opened"),
        Err(error) => error.to_string(),
    }
}

/// Every file below a folder with its bytes.
fn files(folder: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            found.push((path, bytes));
        }
    }
    found
}

#[test]
fn a_folder_is_open_once() {
    let home = tempfile::tempdir().unwrap();
    let store = Embedded::open(home.path(), &options()).unwrap();
    assert!(refusal(home.path()).contains("another process has the data folder"));
    drop(store);
    drop(Embedded::open(home.path(), &options()).unwrap());
}

#[test]
fn formats_of_newer_releases_are_refused() {
    let home = tempfile::tempdir().unwrap();
    drop(Embedded::open(home.path(), &options()).unwrap());
    std::fs::write(home.path().join("format"), "garrison data folder, format 2\n").unwrap();
    assert!(refusal(home.path()).contains("made by a newer release"));
    std::fs::write(home.path().join("format"), "something else").unwrap();
    assert!(refusal(home.path()).contains("damaged"));
    std::fs::remove_file(home.path().join("format")).unwrap();
    assert!(refusal(home.path()).contains("no format file"));
    std::fs::write(home.path().join("format"), "garrison data folder, format 1\n").unwrap();
    let database = rusqlite::Connection::open(home.path().join("records.db")).unwrap();
    database.pragma_update(None, "user_version", 2).unwrap();
    drop(database);
    assert!(refusal(home.path()).contains("version 2, made by a newer release"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_owner_may_read_what_is_stored() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("data");
    let store = Embedded::open(&folder, &options()).unwrap();
    let mut writes = WriteSet::new();
    writes.put(Key::of(&["k"]), "v");
    store.commit(writes).await.unwrap();
    for n in 0..400 {
        append(&store, record(n)).await;
    }
    assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
    let all = files(&folder);
    assert!(all.iter().any(|(path, _)| path.extension().is_some_and(|ext| ext == "idx")));
    for (path, _) in all {
        let mode = std::fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erased_value_is_in_no_file() {
    let home = tempfile::tempdir().unwrap();
    let store = Embedded::open(home.path(), &options()).unwrap();
    // A secret that no two records share and that no other byte pattern makes by chance.
    let secret = |n: u32| -> Vec<u8> {
        (0u32..40).flat_map(|i| (n * 1000 + i).wrapping_mul(0x9E37_79B1).to_be_bytes()).collect()
    };
    // Neighbours of many sizes make SQLite split, merge and rearrange pages.
    for n in 0..300u32 {
        let mut writes = WriteSet::new();
        writes.put(Key::of(&["secret", &n.to_string()]), secret(n));
        writes.put(
            Key::of(&["secret", &n.to_string(), "pad"]),
            vec![b'p'; usize::try_from(n * 37 % 1500).unwrap()],
        );
        store.commit(writes).await.unwrap();
    }
    for n in (0..300u32).step_by(3) {
        let mut writes = WriteSet::new();
        writes.deletes.push(Key::of(&["secret", &n.to_string(), "pad"]));
        writes.put(
            Key::of(&["secret", &(n + 1).to_string(), "pad"]),
            vec![b'q'; usize::try_from(n * 91 % 3000).unwrap()],
        );
        store.commit(writes).await.unwrap();
    }
    for n in [7u32, 100, 101, 250] {
        let mut writes = WriteSet { erase: true, ..WriteSet::new() };
        if n == 100 {
            writes.put(Key::of(&["secret", &n.to_string()]), "replaced");
        } else {
            writes.deletes.push(Key::of(&["secret", &n.to_string()]));
        }
        store.commit(writes).await.unwrap();
        let secret = secret(n);
        for (path, bytes) in files(home.path()) {
            let found =
                secret.chunks_exact(32).find(|piece| bytes.windows(32).any(|window| window == *piece));
            assert!(found.is_none(), "a piece of secret {n} is in {}", path.display());
        }
    }
    let kept = store.get(&Key::of(&["secret", "8"])).await.unwrap().unwrap();
    assert_eq!(kept.value, secret(8));
    let somewhere =
        files(home.path()).iter().any(|(_, bytes)| bytes.windows(32).any(|w| w == &secret(8)[..32]));
    assert!(somewhere, "the search would find a secret that is there");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn old_segments_are_pruned_and_the_rest_is_found() {
    let home = tempfile::tempdir().unwrap();
    let options = Options { retention: std::time::Duration::from_millis(1000), ..options() };
    let store = Embedded::open(home.path(), &options).unwrap();
    for n in 0..1500 {
        append(&store, record(n)).await;
    }
    let removed = store.prune(Timestamp::from_millis(2000)).await.unwrap();
    assert!(removed > 0);
    let found = all_pages(&store, everything(500)).await;
    assert!(found.len() < 1500 && found.len() >= 500, "{} left", found.len());
    assert!((1000..1500).all(|n| found.contains(&record(n))), "what is not old is kept");
    assert_eq!(store.prune(Timestamp::from_millis(2000)).await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn damage_in_a_finished_segment_is_told_and_the_rest_is_found() {
    let home = tempfile::tempdir().unwrap();
    let store = Embedded::open(home.path(), &options()).unwrap();
    for n in 0..1000 {
        append(&store, record(n)).await;
    }
    drop(store);
    let first = home.path().join("audit/00000001.seg");
    let mut bytes = std::fs::read(&first).unwrap();
    bytes[1000] ^= 0xff;
    std::fs::write(&first, bytes).unwrap();
    std::fs::remove_file(first.with_extension("idx")).unwrap();
    for start in 0..2 {
        let store = Embedded::open(home.path(), &options()).unwrap();
        let Health::Degraded(reason) = Store::health(&store) else { panic!("damage is not told") };
        assert!(reason.contains("00000001.seg"), "{reason}");
        assert_eq!(all_pages(&store, everything(500)).await.len(), 999 + start);
        append(&store, record(5000 + u64::try_from(start).unwrap())).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_did_not_reach_the_log_is_appended_at_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let copy = tempfile::tempdir().unwrap();
    let store = Embedded::open(&home.path().join("data"), &options()).unwrap();
    let mut writes = WriteSet::new();
    writes.put(Key::of(&["k"]), "v");
    writes.audit.push(record(1));
    store.commit(writes).await.unwrap();
    store.backup(&copy.path().join("data")).await.unwrap();
    // The state after a loss of power between the commit and the log's sync: the change, and an empty log.
    for entry in std::fs::read_dir(copy.path().join("data/audit")).unwrap() {
        std::fs::remove_file(entry.unwrap().path()).unwrap();
    }
    for _ in 0..2 {
        let restored = Embedded::open(&copy.path().join("data"), &options()).unwrap();
        assert_eq!(all_pages(&restored, everything(10)).await, [record(1)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_record_that_is_too_large_is_refused_and_the_log_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let store = Embedded::open(home.path(), &options()).unwrap();
    assert!(garrison_store::AuditLog::reserve(&store, 1 << 20).is_err());
    let mut large = WriteSet::new();
    large.put(Key::of(&["k"]), "v");
    large.audit.push(garrison_store::AuditRecord { json: vec![b'x'; 1 << 20].into(), ..record(1) });
    let refused = store.commit(large).await;
    assert!(matches!(refused, Err(CommitError::Store(StoreError::Unavailable(_)))), "{refused:?}");
    assert_eq!(store.get(&Key::of(&["k"])).await.unwrap(), None);
    append(&store, record(2)).await;
    assert_eq!(all_pages(&store, everything(10)).await, [record(2)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_erasing_commit_waits_for_a_reader_and_others_go_on() {
    let home = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(Embedded::open(home.path(), &options()).unwrap());
    let put = |value: &str| {
        let mut writes = WriteSet::new();
        writes.put(Key::of(&["k"]), value.to_owned());
        writes
    };
    store.commit(put("a secret that is long enough to be found")).await.unwrap();
    // A backup that takes long is such a reader.
    let reader = rusqlite::Connection::open(home.path().join("records.db")).unwrap();
    reader.execute_batch("BEGIN; SELECT * FROM records").unwrap();
    let erasing = {
        let store = std::sync::Arc::clone(&store);
        tokio::spawn(async move { store.commit(WriteSet { erase: true, ..put("public") }).await })
    };
    while store.get(&Key::of(&["k"])).await.unwrap().unwrap().value != "public" {
        tokio::task::yield_now().await;
    }
    store.commit(put("others go on")).await.unwrap();
    assert!(!erasing.is_finished());
    drop(reader);
    erasing.await.unwrap().unwrap();
    for (path, bytes) in files(home.path()) {
        let found = bytes.windows(16).any(|window| window == b"a secret that is");
        assert!(!found, "{}", path.display());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clean_end_leaves_finished_segments_and_late_appends_fail() {
    let home = tempfile::tempdir().unwrap();
    let store = Embedded::open(home.path(), &options()).unwrap();
    append(&store, record(1)).await;
    let late = garrison_store::AuditLog::reserve(&store, 100).unwrap();
    drop(store);
    assert!(late.append(record(2)).await.is_err());
    let indexed = files(home.path()).iter().any(|(path, _)| path.ends_with("audit/00000001.idx"));
    assert!(indexed, "the next start reads the index");
    let store = Embedded::open(home.path(), &options()).unwrap();
    assert_eq!(all_pages(&store, everything(10)).await, [record(1)]);
}
