//! Data that earlier releases wrote opens. A folder of `tests/fixtures` is never changed again; a release that
//! changes the format adds one:
//! `cargo test -p garrison-store-sqlite --test sqlite -- --ignored make_the_fixture_of_this_release`.

use std::path::{Path, PathBuf};

use garrison_store::Store;
use garrison_store_sqlite::{Embedded, Options};
use garrison_store_suite::fixture::{check, write};

fn options() -> Options {
    Options { segment_bytes: 64 << 10, ..Options::default() }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn version_1_opens() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("data");
    copy(&fixture("v1"), &folder);
    let store = Embedded::open(&folder, &options()).unwrap();
    check(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes into the source tree: once per format"]
async fn make_the_fixture_of_this_release() {
    let home = tempfile::tempdir().unwrap();
    let store = Embedded::open(home.path(), &options()).unwrap();
    write(&store).await;
    // A backup is a folder without the room that is set aside.
    store.backup(&fixture("v1")).await.unwrap();
}
