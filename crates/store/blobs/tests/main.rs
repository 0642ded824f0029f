//! What every store of blobs promises, shown on a folder.

use std::fs;

use bytes::Bytes;
use garrison_blobs::{BlobError, BlobName, Blobs, LocalBlobs};
use garrison_store::Health;
use proptest::prelude::*;

fn name(byte: u8) -> BlobName {
    BlobName::new([byte; 16])
}

async fn write(blobs: &LocalBlobs, name: BlobName, pieces: &[&[u8]]) -> Result<u64, BlobError> {
    let mut writer = blobs.create(&name).await?;
    for piece in pieces {
        writer.write(Bytes::copy_from_slice(piece)).await?;
    }
    writer.finish().await
}

#[tokio::test]
async fn a_blob_is_read_by_range() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = LocalBlobs::open(folder.path()).unwrap();
    assert_eq!(write(&blobs, name(1), &[b"hello", b" ", b"world"]).await, Ok(11));
    for (range, expected) in [(0..11, "hello world"), (4..7, "o w"), (11..11, ""), (0..0, "")] {
        assert_eq!(blobs.read(&name(1), range).await.unwrap(), expected);
    }
    assert_eq!(write(&blobs, name(2), &[]).await, Ok(0));
    assert_eq!(blobs.read(&name(2), 0..0).await.unwrap(), "");
}

#[tokio::test]
async fn what_is_not_there_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = LocalBlobs::open(folder.path()).unwrap();
    assert_eq!(blobs.read(&name(1), 0..1).await, Err(BlobError::Missing(name(1))));
    write(&blobs, name(1), &[b"abc"]).await.unwrap();
    assert_eq!(blobs.read(&name(1), 2..4).await, Err(BlobError::Missing(name(1))));
    blobs.delete(&name(1)).await.unwrap();
    blobs.delete(&name(1)).await.unwrap();
    assert_eq!(blobs.read(&name(1), 0..3).await, Err(BlobError::Missing(name(1))));
}

#[tokio::test]
async fn an_unfinished_blob_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = LocalBlobs::open(folder.path()).unwrap();
    let mut writer = blobs.create(&name(1)).await.unwrap();
    writer.write(Bytes::from_static(b"half")).await.unwrap();
    assert_eq!(blobs.read(&name(1), 0..4).await, Err(BlobError::Missing(name(1))));
    drop(writer);
    assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
    // As after a kill: nothing ran that could tidy up.
    fs::write(folder.path().join("new/left"), b"over").unwrap();
    let blobs = LocalBlobs::open(folder.path()).unwrap();
    assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 0);
    write(&blobs, name(1), &[b"whole"]).await.unwrap();
    assert_eq!(blobs.read(&name(1), 0..5).await.unwrap(), "whole");
}

#[tokio::test]
async fn a_name_is_written_once() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = LocalBlobs::open(folder.path()).unwrap();
    let first = blobs.create(&name(1)).await.unwrap();
    assert!(matches!(blobs.create(&name(1)).await.err(), Some(BlobError::Unavailable(_))));
    drop(first);
}

#[tokio::test]
async fn a_reset_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let blobs = LocalBlobs::open(folder.path()).unwrap();
    write(&blobs, name(1), &[b"abc"]).await.unwrap();
    blobs.reset().await.unwrap();
    assert_eq!(blobs.read(&name(1), 0..3).await, Err(BlobError::Missing(name(1))));
    write(&blobs, name(1), &[b"anew"]).await.unwrap();
    assert_eq!(blobs.health(), Health::Ok);
    fs::remove_dir_all(folder.path()).unwrap();
    assert!(matches!(blobs.health(), Health::Degraded(_)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_range_is_what_was_written(
        pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..2000), 0..6),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let blobs = LocalBlobs::open(folder.path()).unwrap();
            let whole = pieces.concat();
            let slices: Vec<&[u8]> = pieces.iter().map(Vec::as_slice).collect();
            assert_eq!(write(&blobs, name(7), &slices).await, Ok(whole.len() as u64));
            let (a, b) = (from.index(whole.len() + 1), to.index(whole.len() + 1));
            let (a, b) = (a.min(b), a.max(b));
            let read = blobs.read(&name(7), a as u64..b as u64).await.unwrap();
            assert_eq!(read, whole[a..b]);
        });
    }
}
