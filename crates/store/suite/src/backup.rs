//! What is promised of backups.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use garrison_store::{Key, KeyRange, Store, StoreError, WriteSet};

use crate::Fixture;
use crate::samples::{all_pages, everything, record};

/// Commits go on while the backup is made. The copy holds every commit up to one point and none behind it, with
/// the audit record of each; it opens and goes on.
pub async fn a_backup_under_load_restores_to_one_point(fixture: &impl Fixture) {
    let store = fixture.open().await;
    let stop = Arc::new(AtomicBool::new(false));
    let before = commit(&*store, 0).await;
    let load = {
        let (store, stop) = (Arc::clone(&store), Arc::clone(&stop));
        tokio::spawn(async move {
            let mut n = 1;
            while !stop.load(Ordering::Relaxed) || n < 20 {
                commit(&*store, n).await;
                n += 1;
            }
            n
        })
    };
    while store.revision().await.unwrap().0 < before + 5 {
        tokio::task::yield_now().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("backup");
    store.backup(&target).await.unwrap();
    stop.store(true, Ordering::Relaxed);
    let total = load.await.unwrap();
    let copy = fixture.restore(&target).await;
    let (found, _) = copy.scan(&KeyRange::under(&["b"]), 10_000).await.unwrap();
    assert!(found.len() >= 6 && found.len() <= usize::try_from(total).unwrap(), "{} of {total}", found.len());
    let names: Vec<String> = (0..found.len()).map(|n| format!("{n:05}")).collect();
    assert_eq!(
        found.iter().map(|e| e.key.last().to_owned()).collect::<Vec<_>>(),
        names,
        "no commit is missing"
    );
    let audited: BTreeSet<_> = all_pages(&*copy, everything(500)).await.iter().map(|r| r.event_id).collect();
    for n in 0..found.len() {
        assert!(audited.contains(&record(u64::try_from(n).unwrap()).event_id), "the record of change {n}");
    }
    assert_eq!(all_pages(&*copy, everything(500)).await.len(), audited.len(), "no record twice");
    let revision = copy.revision().await.unwrap();
    let mut writes = WriteSet::new();
    writes.put(Key::of(&["after"]), "x");
    assert!(copy.commit(writes).await.unwrap() > revision);
    assert_eq!(store.get(&Key::of(&["after"])).await.unwrap(), None, "the original does not see it");
}

async fn commit(store: &impl Store, n: u64) -> u64 {
    let mut writes = WriteSet::new();
    writes.put(Key::of(&["b", &format!("{n:05}")]), vec![0; 500]);
    writes.audit.push(record(n));
    store.commit(writes).await.unwrap().0
}

/// A backup never mixes with what is there.
pub async fn a_backup_goes_to_an_empty_folder_only(fixture: &impl Fixture) {
    let store = fixture.open().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("something"), "x").unwrap();
    assert!(matches!(store.backup(folder.path()).await, Err(StoreError::Unavailable(_))));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
