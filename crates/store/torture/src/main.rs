//! The worker that gets killed. It never ends by itself, except with status 3 when its store fails.
//!
//! `garrison-store-torture sqlite DIR SYNC|- SEED ROUND`, `garrison-store-torture postgres CONNECTION - SEED ROUND`
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "this program is a test's: what must not fail may end it"
)]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use garrison_store::{AuditLog, OutboxEvent, Store, WriteSet};
use garrison_store_postgres::Postgres;
use garrison_store_sqlite::{Embedded, Options, SyncKind};
use garrison_store_torture::{Random, SLOTS, TASKS, append_record, change_record, reached, slot};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [backend, place, sync, seed, round] = arguments.as_slice() else {
        std::process::exit(2);
    };
    let (seed, round) = (seed.parse().expect("a seed"), round.parse().expect("a round"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        if backend == "sqlite" {
            let skip_sync = SyncKind::ALL.into_iter().find(|kind| format!("{kind:?}") == *sync);
            let options = Options { segment_bytes: 64 << 10, skip_sync, ..Options::default() };
            work(Embedded::open(Path::new(place), &options).expect("the store opens"), seed, round).await;
        } else {
            let options = garrison_store_postgres::Options { connection: place.clone(), readers: 1 };
            work(Postgres::connect(&options).await.expect("the store opens"), seed, round).await;
        }
    });
    std::process::exit(3);
}

/// Runs every task; returns when one of them meets an error.
async fn work(store: impl Store + AuditLog, seed: u64, round: u64) {
    let store = Arc::new(store);
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..TASKS {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let random = Random::new(seed ^ task << 32);
            // An error is what a store answers whose server was killed.
            let _ = one_task(&*store, random, round, task).await;
        });
    }
    tasks.join_next().await;
}

async fn one_task(
    store: &(impl Store + AuditLog),
    mut random: Random,
    round: u64,
    task: u64,
) -> Result<(), String> {
    let (mut changes, mut appends) = (reached(store, task).await?, 0);
    loop {
        if random.below(3) > 0 {
            appends += 1;
            let record = append_record(round, task, appends);
            let room = store.reserve(record.json.len()).map_err(|error| error.to_string())?;
            room.append(record).await.map_err(|error| error.to_string())?;
            say(&format!("a {task} {appends}"));
        } else {
            changes += 1;
            store.commit(change(&mut random, task, changes)).await.map_err(|error| error.to_string())?;
            say(&format!("c {task} {changes}"));
        }
    }
}

fn change(random: &mut Random, task: u64, n: u64) -> WriteSet {
    let mut writes = WriteSet::new();
    for at in 0..SLOTS {
        let mut value = n.to_le_bytes().to_vec();
        value.resize(8 + usize::try_from(random.below(3000)).unwrap(), u8::try_from(n % 251).unwrap());
        writes.put(slot(task, at), value);
    }
    writes.erase = random.below(20) == 0;
    writes.outbox.push(OutboxEvent { topic: task.to_string(), payload: n.to_string().into_bytes().into() });
    writes.audit.push(change_record(task, n));
    writes
}

/// One line, in one write: the parent sees it whole or not at all.
fn say(line: &str) {
    let mut output = std::io::stdout().lock();
    output.write_all(format!("{line}\n").as_bytes()).expect("the parent listens");
    output.flush().expect("the parent listens");
}
