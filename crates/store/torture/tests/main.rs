//! Kills and losses of power. The first tier runs a few rounds; `GARRISON_KILLS` asks for more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a failed expectation must panic; tests are configured by their environment"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use garrison_store_postgres::Postgres;
use garrison_store_sqlite::{Embedded, Options, SyncKind};
use garrison_store_suite::postgres::Cluster;
use garrison_store_torture::powerloss::PowerLoss;
use garrison_store_torture::{Disk, rounds};

const WORKER: &str = env!("CARGO_BIN_EXE_garrison-store-torture");
const SEED: u64 = 20_260_101;

fn round_count(first_tier: u64) -> u64 {
    std::env::var("GARRISON_KILLS").map_or(first_tier, |rounds| rounds.parse().unwrap())
}

/// Says how much was tried, and that it was not too little.
#[expect(clippy::print_stdout, reason = "the soak reports the figure")]
fn acknowledged(count: u64, least: u64) {
    println!("{count} acknowledgements");
    assert!(count > least, "only {count} acknowledgements");
}

fn open(folder: &Path) -> Result<Embedded, String> {
    let options = Options { segment_bytes: 64 << 10, ..Options::default() };
    let store = Embedded::open(folder, &options).map_err(|error| error.to_string())?;
    match garrison_store::Store::health(&store) {
        garrison_store::Health::Ok => Ok(store),
        garrison_store::Health::Degraded(reason) => Err(reason),
    }
}

fn arguments(folder: &Path, skip: Option<SyncKind>) -> Vec<String> {
    let skip = skip.map_or("-".to_owned(), |kind| format!("{kind:?}"));
    vec!["sqlite".to_owned(), folder.display().to_string(), skip]
}

/// The process dies, the kernel lives: every byte written survives.
struct KilledProcess(PathBuf);

impl Disk for KilledProcess {
    type Backend = Embedded;

    fn prepare(&mut self, _: &mut Command) {}

    fn crash(&mut self) {}

    async fn open(&mut self) -> Result<Embedded, String> {
        open(&self.0)
    }
}

/// The power goes: only what was synced survives.
struct LostPower(PowerLoss, PathBuf);

impl Disk for LostPower {
    type Backend = Embedded;

    fn prepare(&mut self, command: &mut Command) {
        self.0.attach(command);
    }

    fn crash(&mut self) {
        self.0.restore();
    }

    async fn open(&mut self) -> Result<Embedded, String> {
        open(&self.1)
    }
}

/// Client and server die, in turn.
struct KilledServer(Cluster, u32);

impl Disk for KilledServer {
    type Backend = Postgres;

    fn prepare(&mut self, _: &mut Command) {}

    fn crash(&mut self) {
        self.1 += 1;
        if self.1.is_multiple_of(2) {
            self.0.kill();
            self.0.boot();
        }
    }

    async fn open(&mut self) -> Result<Postgres, String> {
        let options = garrison_store_postgres::Options { connection: self.0.connection(), readers: 1 };
        Postgres::connect(&options).await.map_err(|error| error.to_string())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_what_it_acknowledged_when_it_is_killed() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("data");
    let mut disk = KilledProcess(folder.clone());
    let count = rounds(WORKER, &arguments(&folder, None), &mut disk, SEED, round_count(10)).await.unwrap();
    acknowledged(count, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_keeps_what_it_acknowledged_when_the_power_goes() {
    let (home, mut disk) = powered();
    let arguments = arguments(&home.path().join("data"), None);
    let count = rounds(WORKER, &arguments, &mut disk, SEED, round_count(10)).await.unwrap();
    acknowledged(count, 100);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sqlite_without_one_of_its_syncs_is_caught() {
    for kind in SyncKind::ALL {
        let (home, mut disk) = powered();
        let arguments = arguments(&home.path().join("data"), Some(kind));
        let outcome = rounds(WORKER, &arguments, &mut disk, SEED, 20).await;
        println!("without {kind:?}: {outcome:?}");
        assert!(outcome.is_err(), "the loss of power does not show that {kind:?} is left out");
    }
}

fn powered() -> (tempfile::TempDir, LostPower) {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("data");
    std::fs::create_dir(&folder).unwrap();
    let power = PowerLoss::of(&folder);
    (home, LostPower(power, folder))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_keeps_what_it_acknowledged_when_client_or_server_is_killed() {
    let Some(cluster) = Cluster::start(true) else { return };
    let arguments = ["postgres".to_owned(), cluster.connection(), "-".to_owned()];
    let mut disk = KilledServer(cluster, 0);
    let count = rounds(WORKER, &arguments, &mut disk, SEED, round_count(6)).await.unwrap();
    acknowledged(count, 50);
}
