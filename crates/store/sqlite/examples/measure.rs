//! Measures what the design relies on: the cost of an append, of a commit, of a read, and of a lookup among a
//! million records. `cargo run --release -p garrison-store-sqlite --example measure [RECORDS]`
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a measurement prints, takes the time, and may end when something fails"
)]

use std::sync::Arc;
use std::time::Instant;

use garrison_store::{AuditAttribute, AuditLog, AuditQuery, Key, Store, WriteSet};
use garrison_store_sqlite::{Embedded, Options};
use garrison_store_suite::samples::{everything, record};

/// Processor time of this process so far, in seconds.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields.get(11).unwrap().parse::<f64>().unwrap() + fields.get(12).unwrap().parse::<f64>().unwrap())
        / 100.0
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let total: u64 = std::env::args().nth(1).map_or(1_000_000, |n| n.parse().unwrap());
    let home = tempfile::tempdir().unwrap();
    for (name, options) in [("development", Options::development()), ("production", Options::default())] {
        let fresh = tempfile::tempdir().unwrap();
        let started = Instant::now();
        let store = Embedded::open(fresh.path(), &options).unwrap();
        println!("open a new folder for {name}: {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
        drop(store);
    }
    let store = Arc::new(Embedded::open(home.path(), &Options::default()).unwrap());

    let (started, used) = (Instant::now(), cpu());
    let tasks: Vec<_> = (0..64u64)
        .map(|task| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for n in (task..total).step_by(64) {
                    let mut record = record(n);
                    record.json = vec![b'x'; 1000].into();
                    store.reserve(2000).unwrap().append(record).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let each = |seconds: f64, n: u64| seconds * 1e6 / n as f64;
    println!(
        "append, 64 at a time, each awaited: {:.2} CPU-us, {:.2} us each (the record's making included)",
        each(cpu() - used, total),
        each(started.elapsed().as_secs_f64(), total)
    );

    for (name, attribute) in [
        ("nothing", None),
        ("an event id", Some(AuditAttribute::EventId(record(17).event_id))),
        ("an event name", Some(AuditAttribute::EventName("Event3".into()))),
        ("an event name that never was", Some(AuditAttribute::EventName("Never".into()))),
        ("a resource name", Some(AuditAttribute::ResourceName("arn:aws:test:::thing/4".into()))),
        ("a resource that never was", Some(AuditAttribute::ResourceName("arn:never".into()))),
    ] {
        let query = AuditQuery { attribute, ..everything(50) };
        let started = Instant::now();
        let page = store.lookup(&query).await.unwrap();
        println!(
            "lookup by {name}: {} found, {:.1} ms",
            page.records.len(),
            started.elapsed().as_secs_f64() * 1e3
        );
    }
    let started = Instant::now();
    drop(Arc::into_inner(store));
    println!("close: {:.1} ms", started.elapsed().as_secs_f64() * 1e3);
    let started = Instant::now();
    let store = Arc::new(Embedded::open(home.path(), &Options::default()).unwrap());
    println!("open: {:.1} ms", started.elapsed().as_secs_f64() * 1e3);

    let commits = 20_000u64;
    let (started, used) = (Instant::now(), cpu());
    let tasks: Vec<_> = (0..32u64)
        .map(|task| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for n in (task..commits).step_by(32) {
                    let mut writes = WriteSet::new();
                    writes.put(Key::of(&["m", &n.to_string()]), vec![1; 1000]);
                    writes.audit.push(record(total + n));
                    store.commit(writes).await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    println!(
        "commit with its audit record, 32 at a time: {:.1} CPU-us, {:.1} us each",
        each(cpu() - used, commits),
        each(started.elapsed().as_secs_f64(), commits)
    );

    let reads = 200_000u64;
    let (started, used) = (Instant::now(), cpu());
    for n in 0..reads {
        store.get(&Key::of(&["m", &(n * 7919 % commits).to_string()])).await.unwrap().unwrap();
    }
    println!(
        "get: {:.2} CPU-us, {:.2} us each",
        each(cpu() - used, reads),
        each(started.elapsed().as_secs_f64(), reads)
    );
}
